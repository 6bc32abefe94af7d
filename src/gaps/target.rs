//! What one call names: words by what they stand for.

use crate::pgtap::catalog::{FnId, Overload};
use crate::pgtap::given::{Content, Given, array_literal};
use crate::pgtap::reading::Reading;
use crate::pgtap::shape::{self, Pointer};
use crate::pgtap::suite::{CONFIGURED, Configured, Suite};
use crate::schema::catalog::PrivilegeKind;

use super::about::{self, About};
use super::glob::Word;

/// The names in a call.
#[derive(Debug, Default)]
pub struct Names<'a> {
    /// The schema, where the call names one.
    pub schema: Option<Word<'a>>,
    /// The names behind the schema, outermost first.
    pub names: Vec<Word<'a>>,
    /// The members of a list, or the columns of a constraint.
    pub list: Option<Vec<Word<'a>>>,
    /// The argument types of a function.
    pub signature: Option<Vec<String>>,
}

/// What a call is about and what it names.
#[derive(Debug)]
pub struct Target<'a> {
    /// What it looks at.
    pub about: About,
    /// What it tests.
    pub own: Names<'a>,
    /// What it tests beside that.
    pub second: Option<Names<'a>>,
    /// The list is an exhaustive one.
    pub exhaustive: bool,
    /// It tests what a role may do.
    pub privileges: Option<(PrivilegeKind, Word<'a>)>,
}

/// What PostgreSQL will test, where that is known and is something a schema may have.
pub fn of<'a>(
    suite: &Suite,
    id: u32,
    given: &'a [Given<'a>],
    reading: &Reading,
    arrays: &'a Arrays,
) -> Option<Target<'a>> {
    if id >= CONFIGURED {
        return configured(suite.configured(id)?, given);
    }
    let function = FnId::from_index(id as usize)?;
    let (about, chosen) = (about::of(function)?, reading.chosen?);
    let shape = shape::of(function, chosen)?;
    let overload = function.function().overloads.get(chosen)?;
    Some(Target {
        about,
        own: names(&shape.target, given, arrays)?,
        second: shape
            .secondary
            .as_ref()
            .and_then(|(_, pointer)| names(pointer, given, arrays)),
        exhaustive: shape::traits_of(function).list,
        privileges: privileges(function, overload, given),
    })
}

/// The elements of array constants that stand in quotes: `'{a,b}'`. By argument.
#[derive(Debug, Default)]
pub struct Arrays(Vec<Option<Vec<Content<'static>>>>);

impl Arrays {
    /// Those among the arguments of a call.
    pub fn among(given: &[Given]) -> Self {
        let array = |g: &Given| match &g.content {
            Content::Text(text) if text.first() == Some(&b'{') => array_literal(text),
            _ => None,
        };
        Self(given.iter().map(array).collect())
    }

    fn elements<'a>(&'a self, given: &'a [Given<'a>], at: usize) -> Option<&'a [Content<'a>]> {
        match &given.get(at)?.content {
            Content::List(items) => Some(items),
            _ => self.0.get(at)?.as_deref(),
        }
    }
}

fn word<'a>(content: &'a Content<'a>) -> Option<Word<'a>> {
    Some(Word {
        text: content.text()?,
        exact: content.is_constant(),
    })
}

fn names<'a>(pointer: &Pointer, given: &'a [Given<'a>], arrays: &'a Arrays) -> Option<Names<'a>> {
    let at = |i: usize| given.get(i).and_then(|g| word(&g.content));
    let mut found = Names::default();
    if let Some(i) = pointer.schema {
        found.schema = Some(at(i)?);
    }
    for i in pointer.names.iter().flatten() {
        found.names.push(at(*i)?);
    }
    if let Some(i) = pointer.list {
        let elements = arrays.elements(given, i)?;
        found.list = Some(elements.iter().filter_map(word).collect());
    }
    if let Some(i) = pointer.signature {
        let text = |c: &Content| c.text().map(|t| String::from_utf8_lossy(t).into_owned());
        // Computed argument types: any overload may be meant.
        let elements = arrays
            .elements(given, i)
            .filter(|all| all.iter().all(Content::is_constant));
        found.signature = elements.map(|all| all.iter().filter_map(text).collect());
    }
    Some(found)
}

fn privileges<'a>(function: FnId, overload: &Overload, given: &'a [Given<'a>]) -> Option<(PrivilegeKind, Word<'a>)> {
    let kind = about::privileges_of(function.function())?;
    let at = overload.roles.iter().position(|role| role.as_str() == "role")?;
    Some((kind, word(&given.get(at)?.content)?))
}

/// Roles of a configured assertion that name no part of the object.
const ASIDE: [&str; 3] = ["desc", "description", "-"];

/// A call of the user's own assertion, by the roles that its configuration gives.
fn configured<'a>(configured: &Configured, given: &'a [Given<'a>]) -> Option<Target<'a>> {
    let about = about::of_configured(configured)?;
    let mut own = Names::default();
    for (role, argument) in configured.roles.iter().zip(given) {
        match role.as_str() {
            role if ASIDE.contains(&role) => {}
            "schema" => own.schema = Some(word(&argument.content)?),
            _ => own.names.push(word(&argument.content)?),
        }
    }
    let whole_schema = own.names.is_empty() && own.schema.is_some();
    let about = match about {
        About::RowSecurity => about,
        _ if whole_schema => About::Schema,
        _ => about,
    };
    Some(Target {
        about,
        own,
        second: None,
        exhaustive: false,
        privileges: None,
    })
}
