//! The catalog as it is written: one list for each kind of object.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::error::CatalogError;

/// The format's name.
pub const FORMAT: &str = "pgtap-scanner-catalog";
/// The version of the format that this package reads.
pub const VERSION: u64 = 1;

/// What every catalog begins with.
#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    format: String,
    #[serde(default)]
    version: u64,
}

/// The schema of a database. Every list is in the order of the text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Catalog {
    /// The server it was read from.
    pub server: Server,
    /// The database's own search path.
    pub search_path: Vec<String>,
    /// pgTAP, where it is installed.
    pub pgtap: Option<PgTap>,
    /// Schemas.
    #[serde(deserialize_with = "list")]
    pub schemas: Vec<Schema>,
    /// Tables, views and whatever else stands in `pg_class` with columns.
    #[serde(deserialize_with = "list")]
    pub relations: Vec<Relation>,
    /// Functions, procedures, aggregates, window functions.
    #[serde(deserialize_with = "list")]
    pub functions: Vec<Function>,
    /// Triggers, without the system's own.
    #[serde(deserialize_with = "list")]
    pub triggers: Vec<Trigger>,
    /// Policies of row security.
    #[serde(deserialize_with = "list")]
    pub policies: Vec<Policy>,
    /// Indexes.
    #[serde(deserialize_with = "list")]
    pub indexes: Vec<Index>,
    /// Constraints of relations.
    #[serde(deserialize_with = "list")]
    pub constraints: Vec<Constraint>,
    /// Types that are no relations' rows.
    #[serde(deserialize_with = "list")]
    pub types: Vec<Type>,
    /// Rules, without those that make views.
    #[serde(deserialize_with = "list")]
    pub rules: Vec<Rule>,
    /// Extensions.
    #[serde(deserialize_with = "list")]
    pub extensions: Vec<Extension>,
    /// Roles that something here names.
    #[serde(deserialize_with = "list")]
    pub roles: Vec<Role>,
    /// Explicit grants to others than the owner.
    #[serde(deserialize_with = "list")]
    pub privileges: Vec<Privilege>,
    /// Where migrations make the objects.
    #[serde(default, deserialize_with = "list")]
    pub origins: Vec<Origin>,
}

impl Catalog {
    /// Reads a catalog; an error names the list, the element and the field.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let header: Header = serde_json::from_str(text).map_err(CatalogError::Shape)?;
        if header.format != FORMAT {
            return Err(CatalogError::Format(header.format));
        }
        if header.version != VERSION {
            return Err(CatalogError::Version(header.version));
        }
        serde_json::from_str(text).map_err(CatalogError::Shape)
    }
}

/// An element of one of the lists.
trait Listed: DeserializeOwned {
    /// The list's name.
    const LIST: &'static str;
}

/// Reads a list; an error says which element it is about.
fn list<'de, D: Deserializer<'de>, T: Listed>(from: D) -> Result<Vec<T>, D::Error> {
    struct Elements<T>(PhantomData<T>);

    impl<'de, T: Listed> Visitor<'de> for Elements<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            write!(f, "an array for '{}'", T::LIST)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Vec<T>, A::Error> {
            let mut found = Vec::new();
            loop {
                match from.next_element() {
                    Ok(Some(element)) => found.push(element),
                    Ok(None) => return Ok(found),
                    Err(error) => {
                        let at = found.len();
                        return Err(A::Error::custom(format_args!("{}[{at}]: {error}", T::LIST)));
                    }
                }
            }
        }
    }

    from.deserialize_seq(Elements(PhantomData))
}

/// Declares the elements of a list: their fields are named as in the text.
macro_rules! listed {
    ($($(#[$doc:meta])* $list:literal $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Deserialize)]
            #[serde(rename_all = "camelCase")]
            pub struct $name {
                $($(#[$field_doc])* pub $field: $type,)*
            }

            impl Listed for $name {
                const LIST: &'static str = $list;
            }
        )*
    };
}

listed! {
    /// A schema.
    "schemas" Schema {
        /// Its name.
        name: String,
        /// The role that owns it.
        owner: String,
    }

    /// A relation.
    "relations" Relation {
        /// Its schema.
        schema: String,
        /// Its name.
        name: String,
        /// What it is.
        kind: RelationKind,
        /// The role that owns it.
        owner: String,
        /// Row security is on.
        row_security: bool,
        /// What it is a partition of.
        partition_of: Option<Named>,
        /// Its columns.
        columns: Vec<Column>,
    }

    /// A function, procedure, aggregate or window function.
    "functions" Function {
        /// Its schema.
        schema: String,
        /// Its name.
        name: String,
        /// What it is.
        kind: FunctionKind,
        /// The types of its input arguments.
        arguments: Vec<String>,
        /// The role that owns it.
        owner: String,
    }

    /// A trigger.
    "triggers" Trigger {
        /// The schema of its relation.
        schema: String,
        /// Its relation.
        relation: String,
        /// Its name.
        name: String,
        /// A partition has it from its parent.
        #[serde(default)]
        inherited: bool,
    }

    /// A policy.
    "policies" Policy {
        /// The schema of its relation.
        schema: String,
        /// Its relation.
        relation: String,
        /// Its name.
        name: String,
        /// `all`, `select`, `insert`, `update` or `delete`.
        command: String,
    }

    /// An index.
    "indexes" Index {
        /// Its schema.
        schema: String,
        /// Its relation.
        relation: String,
        /// Its name.
        name: String,
        /// Columns and expressions.
        columns: Vec<String>,
        /// A partition has it from its parent.
        #[serde(default)]
        inherited: bool,
    }

    /// A constraint of a relation.
    "constraints" Constraint {
        /// The schema of its relation.
        schema: String,
        /// Its relation.
        relation: String,
        /// Its name.
        name: String,
        /// What it is.
        #[serde(rename = "type")]
        kind: ConstraintKind,
        /// Its columns.
        columns: Vec<String>,
        /// What a foreign key refers to.
        references: Option<References>,
        /// A partition has it from its parent.
        #[serde(default)]
        inherited: bool,
    }

    /// A domain, enum, range or base type.
    "types" Type {
        /// Its schema.
        schema: String,
        /// Its name.
        name: String,
        /// What it is.
        kind: TypeKind,
        /// The role that owns it.
        owner: String,
        /// The labels of an enum, in order.
        labels: Vec<String>,
    }

    /// A rule.
    "rules" Rule {
        /// The schema of its relation.
        schema: String,
        /// Its relation.
        relation: String,
        /// Its name.
        name: String,
    }

    /// An extension.
    "extensions" Extension {
        /// Its name.
        name: String,
        /// The schema of its objects.
        schema: String,
    }

    /// A role.
    "roles" Role {
        /// Its name.
        name: String,
        /// It may do everything.
        superuser: bool,
        /// The roles that it is a member of.
        member_of: Vec<String>,
    }

    /// What a role is granted on an object.
    "privileges" Privilege {
        /// What the object is.
        kind: PrivilegeKind,
        /// The schema, or that of the object.
        schema: String,
        /// The object; `None` for a schema.
        name: Option<String>,
        /// The argument types of a function.
        arguments: Option<Vec<String>>,
        /// The role; `public` is everybody.
        role: String,
        /// `SELECT`, `INSERT` and so on.
        privileges: Vec<String>,
    }

    /// Where a migration makes an object.
    "origins" Origin {
        /// The kind, as the coverage calls it.
        kind: String,
        /// Its schema.
        schema: Option<String>,
        /// The relation that it belongs to.
        relation: Option<String>,
        /// Its name.
        name: String,
        /// The argument types of a function.
        #[serde(default)]
        arguments: Option<Vec<String>>,
        /// The migration.
        file: String,
        /// The first line of the statement.
        line: u32,
    }
}

/// The server that a catalog was read from.
#[derive(Debug, Deserialize)]
pub struct Server {
    /// Its version as people write it: `15.20`.
    pub text: String,
}

/// Where pgTAP is.
#[derive(Debug, Deserialize)]
pub struct PgTap {
    /// The schema of its functions.
    pub schema: String,
}

/// An object by schema and name.
#[derive(Debug, Deserialize)]
pub struct Named {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
}

/// A column.
#[derive(Debug, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
}

/// The other side of a foreign key.
#[derive(Debug, Deserialize)]
pub struct References {
    /// The schema of its relation.
    pub schema: String,
    /// Its relation.
    pub relation: String,
    /// The columns, as many as the key has.
    pub columns: Vec<String>,
}

/// Declares an enum that is written in lower case with underscores.
macro_rules! spelled {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $people:literal,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
            #[serde(rename_all = "snake_case")]
            pub enum $name {
                $(#[doc = concat!("A ", $people, ".")] $variant,)*
            }

            impl $name {
                /// What people call it.
                pub fn people(self) -> &'static str {
                    match self { $(Self::$variant => $people,)* }
                }
            }
        )*
    };
}

spelled! {
    /// What a relation is.
    RelationKind {
        Table = "table",
        PartitionedTable = "partitioned table",
        View = "view",
        MaterializedView = "materialized view",
        ForeignTable = "foreign table",
        Sequence = "sequence",
        Composite = "composite type",
    }

    /// What a function is.
    FunctionKind {
        Function = "function",
        Procedure = "procedure",
        Aggregate = "aggregate",
        Window = "window function",
    }

    /// What a constraint is.
    ConstraintKind {
        PrimaryKey = "primary key",
        ForeignKey = "foreign key",
        Unique = "unique constraint",
        Check = "check constraint",
        Exclusion = "exclusion constraint",
    }

    /// What a type is.
    TypeKind {
        Domain = "domain",
        Enum = "enum",
        Range = "range type",
        Base = "base type",
    }

    /// What a privilege is on.
    PrivilegeKind {
        Schema = "schema",
        Table = "table",
        Sequence = "sequence",
        Function = "function",
    }
}

#[cfg(test)]
#[path = "catalog_tests.rs"]
mod tests;
