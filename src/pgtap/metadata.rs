//! What callers of the drop-in class read beside the label, by role.

use std::borrow::Cow;

use serde::Serialize;

use super::assertion::lossy;
use super::catalog::Overload;
use super::given::{Content, Given};

/// A call's arguments by role.
pub struct Roles<'a> {
    overload: &'a Overload,
    given: &'a [Given<'a>],
    texts: &'a [Cow<'a, [u8]>],
}

impl<'a> Roles<'a> {
    /// The arguments `given` of a call read as `overload`.
    pub fn new(overload: &'a Overload, given: &'a [Given<'a>], texts: &'a [Cow<'a, [u8]>]) -> Self {
        Self { overload, given, texts }
    }

    fn at(&self, role: &str) -> Option<usize> {
        self.overload.roles.iter().position(|r| r.as_str() == role)
    }

    /// The text of the argument with this role; for what is computed its source.
    pub fn text(&self, role: &str) -> Option<String> {
        let at = self.at(role)?;
        match &self.given.get(at)?.content {
            Content::Text(text) => Some(lossy(text)),
            Content::Null => None,
            _ => self.texts.get(at).map(|t| lossy(t)),
        }
    }

    /// The elements of the array with this role.
    pub fn list(&self, role: &str) -> Option<Vec<String>> {
        let at = self.at(role)?;
        match &self.given.get(at)?.content {
            Content::List(items) => Some(items.iter().filter_map(Content::text).map(lossy).collect()),
            Content::Text(text) => {
                let inner = text
                    .strip_prefix(b"{")
                    .and_then(|t| t.strip_suffix(b"}"))
                    .unwrap_or(text);
                Some(
                    inner
                        .split(|b| *b == b',')
                        .map(|item| lossy(item.trim_ascii()))
                        .filter(|i| !i.is_empty())
                        .collect(),
                )
            }
            _ => None,
        }
    }
}

/// Of an assertion about a function; only the keys that apply.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct FunctionMetadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_security_definer: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volatility: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privileges: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

impl FunctionMetadata {
    /// What the call of `function` says.
    pub fn new(function: &str, roles: &Roles) -> Self {
        Self {
            schema: roles.text("schema"),
            name: roles.text("function"),
            parameters: roles.list("args[]"),
            return_type: roles.text("type"),
            language: roles.text("language"),
            is_security_definer: match function {
                "is_definer" => Some(true),
                "isnt_definer" => Some(false),
                _ => None,
            },
            volatility: roles.text("volatility"),
            role: roles.text("role"),
            privileges: roles.list("privileges[]"),
            owner: roles.text("owner"),
        }
    }
}

/// Of an assertion about policies or row level security.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct PolicyMetadata {
    /// `public` when the call names none.
    pub schema: String,
    pub table_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl PolicyMetadata {
    /// What the call says.
    pub fn new(roles: &Roles) -> Self {
        Self {
            schema: roles.text("schema").unwrap_or_else(|| "public".to_owned()),
            table_name: roles.text("table").unwrap_or_default(),
            policy_name: roles.text("policy"),
            command: roles.text("command"),
            roles: roles.list("roles[]"),
            policies: roles.list("policies[]"),
            description: roles.text("desc"),
        }
    }
}

/// Of an assertion about tables; stands directly on the assertion, whose `description` is beside it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct TableMetadata {
    /// `public` when the call names none.
    pub schema: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privileges: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_list: Option<Vec<String>>,
}

impl TableMetadata {
    /// What the call says.
    pub fn new(roles: &Roles) -> Self {
        Self {
            schema: roles.text("schema").unwrap_or_else(|| "public".to_owned()),
            table_name: roles.text("table"),
            owner: roles.text("owner"),
            role: roles.text("role"),
            privileges: roles.list("privileges[]"),
            table_list: roles.list("tables[]"),
        }
    }
}
