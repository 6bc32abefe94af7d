//! The static type of an argument, and PostgreSQL's rules for passing it to a parameter.

use super::catalog::SqlType;

/// What can be known about the type of an argument without a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum ArgType {
    /// A bare literal or NULL: PostgreSQL itself has not chosen a type yet.
    Unknown,
    /// A column, variable or call: it has a type, but the text does not tell which.
    Untyped,
    /// `name`
    Name,
    /// `text`
    Text,
    /// `varchar`
    Varchar,
    /// `char(n)`
    Bpchar,
    /// `name[]`
    NameArray,
    /// `text[]`
    TextArray,
    /// `varchar[]`
    VarcharArray,
    /// `int4[]`
    Int4Array,
    /// `int4`
    Int4,
    /// `numeric`
    Numeric,
    /// `oid`
    Oid,
    /// `regtype`
    Regtype,
    /// `bool`
    Bool,
    /// `refcursor`
    Refcursor,
    /// A row.
    Record,
    /// A type with no implicit cast to any of these, such as `bigint` or `jsonb`: only `anyelement` takes it.
    /// Two of them count as the same type.
    Other,
    /// An array of such a type: `anyelement` and `anyarray` take it.
    OtherArray,
}

/// PostgreSQL's type categories, as far as signatures of pgTAP distinguish them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    Text,
    Array,
    Number,
    Boolean,
    User,
    Pseudo,
}

impl ArgType {
    /// The same type as a parameter type; none where there is no such parameter or no type.
    pub const fn sql(self) -> Option<SqlType> {
        Some(match self {
            ArgType::Name => SqlType::Name,
            ArgType::Text => SqlType::Text,
            ArgType::Varchar => SqlType::Varchar,
            ArgType::Bpchar => SqlType::Bpchar,
            ArgType::NameArray => SqlType::NameArray,
            ArgType::TextArray => SqlType::TextArray,
            ArgType::VarcharArray => SqlType::VarcharArray,
            ArgType::Int4Array => SqlType::Int4Array,
            ArgType::Int4 => SqlType::Int4,
            ArgType::Numeric => SqlType::Numeric,
            ArgType::Oid => SqlType::Oid,
            ArgType::Regtype => SqlType::Regtype,
            ArgType::Bool => SqlType::Bool,
            ArgType::Refcursor => SqlType::Refcursor,
            ArgType::Record => SqlType::Record,
            ArgType::Unknown | ArgType::Untyped | ArgType::Other | ArgType::OtherArray => {
                return None;
            }
        })
    }

    /// Whether the type is still open: it can be passed to any parameter.
    pub(super) const fn is_open(self) -> bool {
        matches!(self, ArgType::Unknown | ArgType::Untyped)
    }

    /// The element type when this is an array.
    pub const fn element(self) -> Option<ArgType> {
        match self {
            ArgType::NameArray => Some(ArgType::Name),
            ArgType::TextArray => Some(ArgType::Text),
            ArgType::VarcharArray => Some(ArgType::Varchar),
            ArgType::Int4Array => Some(ArgType::Int4),
            ArgType::OtherArray => Some(ArgType::Other),
            _ => None,
        }
    }

    /// Whether PostgreSQL passes it to a parameter of this type, which is not polymorphic, without a written cast.
    pub(super) fn casts_to(self, parameter: SqlType) -> bool {
        if self.is_open() || self.is(parameter) {
            return true;
        }
        let elements = self.element().and_then(ArgType::sql).zip(element(parameter));
        match (self.sql(), elements) {
            (Some(from), None) => implicit(from, parameter),
            (_, Some((from, to))) => implicit(from, to),
            (None, None) => false,
        }
    }

    /// Whether it has exactly this type.
    pub(super) fn is(self, parameter: SqlType) -> bool {
        self.sql() == Some(parameter)
    }

    /// Whether the parameter is of the preferred type of this argument's category.
    pub(super) fn prefers(self, parameter: SqlType) -> bool {
        let own = self.sql().map(category);
        is_preferred(parameter) && own == Some(category(parameter))
    }
}

/// The category of a parameter type.
pub(super) const fn category(parameter: SqlType) -> Category {
    match parameter {
        SqlType::Name | SqlType::Text | SqlType::Varchar | SqlType::Bpchar => Category::Text,
        SqlType::NameArray | SqlType::TextArray | SqlType::VarcharArray | SqlType::Int4Array => Category::Array,
        SqlType::Int4 | SqlType::Numeric | SqlType::Oid | SqlType::Regtype => Category::Number,
        SqlType::Bool => Category::Boolean,
        SqlType::Refcursor => Category::User,
        SqlType::AnyElement | SqlType::AnyArray | SqlType::Record => Category::Pseudo,
    }
}

/// Whether PostgreSQL prefers this type inside its category.
pub(super) const fn is_preferred(parameter: SqlType) -> bool {
    matches!(parameter, SqlType::Text | SqlType::Oid | SqlType::Bool)
}

/// The element type of an array parameter; VARIADIC parameters take their arguments as this.
pub(super) const fn element(parameter: SqlType) -> Option<SqlType> {
    match parameter {
        SqlType::NameArray => Some(SqlType::Name),
        SqlType::TextArray => Some(SqlType::Text),
        SqlType::VarcharArray => Some(SqlType::Varchar),
        SqlType::Int4Array => Some(SqlType::Int4),
        SqlType::AnyArray => Some(SqlType::AnyElement),
        _ => None,
    }
}

/// The implicit casts between the types that signatures use.
const fn implicit(from: SqlType, to: SqlType) -> bool {
    use SqlType::{Bpchar, Int4, Name, Numeric, Oid, Regtype, Text, Varchar};
    matches!(
        (from, to),
        (Text | Varchar | Bpchar, Name)
            | (Name | Varchar | Bpchar, Text)
            | (Text | Bpchar, Varchar)
            | (Text | Varchar, Bpchar)
            | (Int4, Numeric | Oid | Regtype)
            | (Oid, Regtype)
            | (Regtype, Oid)
    )
}
