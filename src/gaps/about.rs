//! What each function of the catalogue is about, as a schema has it.

use std::sync::LazyLock;

use crate::pgtap::catalog::{FnId, Function, Polarity};
use crate::pgtap::suite::Configured;
use crate::schema::catalog::{PrivilegeKind, RelationKind};
use crate::schema::kind::Kind;

/// What an assertion looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A schema.
    Schema,
    /// A relation of these kinds.
    Relation(Relations),
    /// A column.
    Column,
    /// A trigger, policy or rule.
    Part(Kind),
    /// An index by name.
    Index,
    /// An index by columns.
    Indexed,
    /// A constraint by table, or by table and columns.
    Constraint(Kind),
    /// The columns of a constraint that is not there.
    Unconstrained,
    /// A function.
    Function,
    /// A type of these kinds.
    Typed(&'static [Kind]),
    /// A role.
    Role,
    /// An extension.
    Extension,
    /// A partition.
    Partition,
    /// Two relations.
    Relatives,
    /// Row security of a table, or of all tables of a schema.
    RowSecurity,
}

/// The kinds of relations that an assertion takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Relations {
    Any,
    Table,
    Partitioned,
    View,
    MaterializedView,
    ForeignTable,
    Sequence,
    Composite,
}

impl Relations {
    /// Whether it takes a relation of this kind.
    pub fn takes(self, kind: RelationKind) -> bool {
        use RelationKind as Is;
        match self {
            Self::Any => true,
            Self::Table => matches!(kind, Is::Table | Is::PartitionedTable),
            Self::Partitioned => kind == Is::PartitionedTable,
            Self::View => kind == Is::View,
            Self::MaterializedView => kind == Is::MaterializedView,
            Self::ForeignTable => kind == Is::ForeignTable,
            Self::Sequence => kind == Is::Sequence,
            Self::Composite => kind == Is::Composite,
        }
    }

    /// What people call one of them, and the kind of its row.
    pub fn people(self) -> (&'static str, Kind) {
        match self {
            Self::Any => ("relation", Kind::Table),
            Self::Table => ("table", Kind::Table),
            Self::Partitioned => ("partitioned table", Kind::Table),
            Self::View => ("view", Kind::View),
            Self::MaterializedView => ("materialized view", Kind::MaterializedView),
            Self::ForeignTable => ("foreign table", Kind::ForeignTable),
            Self::Sequence => ("sequence", Kind::Sequence),
            Self::Composite => ("composite type", Kind::Type),
        }
    }
}

static ALL: LazyLock<Vec<Option<About>>> = LazyLock::new(|| FnId::all().map(|id| about(id.function())).collect());

/// What a passing assertion of `id` shows to be there; `None` when that is nothing a schema has.
pub fn of(id: FnId) -> Option<About> {
    ALL.get(id.index()).copied().flatten()
}

fn about(function: &Function) -> Option<About> {
    match function.polarity {
        Polarity::Positive => of_kind(function.kind.as_str(), function.name),
        Polarity::NegativeProperty => Some(lacking(of_kind(function.kind.as_str(), function.name)?, function.name)),
        Polarity::Absence | Polarity::None => None,
    }
}

/// What lacks a constraint or partitions is the table or column.
fn lacking(about: About, name: &str) -> About {
    match about {
        About::Constraint(_) if name.starts_with("col_") => About::Unconstrained,
        About::Constraint(_) | About::Relation(Relations::Partitioned) => About::Relation(Relations::Any),
        other => other,
    }
}

/// Whether the name, with or without a schema, is of a function that tests row security.
pub fn is_row_security(name: &[u8]) -> bool {
    let own = name.rsplit(|b| *b == b'.').next().unwrap_or(name);
    let holds = |word: &[u8]| own.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    holds(b"rls") || holds(b"row_security")
}

fn of_kind(kind: &str, name: &str) -> Option<About> {
    if matches!(kind, "table" | "schema" | "policy") && is_row_security(name.as_bytes()) {
        return Some(About::RowSecurity);
    }
    Some(match kind {
        "schema" => About::Schema,
        // Privileges on tables are those on any relation.
        "table" if name == "table_privs_are" => About::Relation(Relations::Any),
        "column" if name == "any_column_privs_are" => About::Relation(Relations::Any),
        "relation" => About::Relation(Relations::Any),
        "table" => About::Relation(Relations::Table),
        "view" => About::Relation(Relations::View),
        "materialized_view" => About::Relation(Relations::MaterializedView),
        "foreign_table" => About::Relation(Relations::ForeignTable),
        "sequence" => About::Relation(Relations::Sequence),
        "composite" => About::Relation(Relations::Composite),
        "column" => About::Column,
        "trigger" => About::Part(Kind::Trigger),
        "policy" => About::Part(Kind::Policy),
        "rule" => About::Part(Kind::Rule),
        "index" if name == "is_indexed" => About::Indexed,
        "index" => About::Index,
        "primary_key" => About::Constraint(Kind::PrimaryKey),
        "foreign_key" => About::Constraint(Kind::ForeignKey),
        "unique_constraint" => About::Constraint(Kind::Unique),
        "check_constraint" => About::Constraint(Kind::Check),
        "function" => About::Function,
        "type" => About::Typed(&[Kind::Type, Kind::Domain, Kind::Enum]),
        "domain" => About::Typed(&[Kind::Domain]),
        "enum" => About::Typed(&[Kind::Enum]),
        "role" | "user" | "group" => About::Role,
        "extension" => About::Extension,
        "partition" if name.ends_with("partitioned") => About::Relation(Relations::Partitioned),
        "partition" => About::Partition,
        "inheritance" if name.ends_with("inherited_tables") => About::Relation(Relations::Any),
        "inheritance" => About::Relatives,
        _ => return None,
    })
}

/// What an assertion of the user's own is about.
pub fn of_configured(configured: &Configured) -> Option<About> {
    of_kind(&configured.kind, &configured.name)
}

/// On what the function checks privileges.
pub fn privileges_of(function: &Function) -> Option<PrivilegeKind> {
    Some(match function.name {
        "schema_privs_are" => PrivilegeKind::Schema,
        "table_privs_are" => PrivilegeKind::Table,
        "sequence_privs_are" => PrivilegeKind::Sequence,
        "function_privs_are" => PrivilegeKind::Function,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pgtap::catalog::Group;

    /// Every assertion about an object either has something to look at or is known to have nothing.
    #[test]
    fn every_object_assertion_is_placed() {
        const NOTHING: [&str; 8] = [
            "tablespace",
            "language",
            "opclass",
            "cast",
            "operator",
            "database",
            "fdw",
            "foreign_server",
        ];
        let mut placed = 0;
        for function in FnId::all().map(FnId::function).filter(|f| f.group == Group::Object) {
            let kind = function.kind.as_str();
            let expected = function.polarity != Polarity::Absence && !NOTHING.contains(&kind);
            assert_eq!(about(function).is_some(), expected, "{} {kind}", function.name);
            placed += usize::from(expected);
        }
        assert!(placed > 100, "{placed}");
    }

    #[test]
    fn what_denies_a_property_is_about_what_lacks_it() {
        let of = |name: &str| of(crate::pgtap::catalog::lookup(name.as_bytes()).unwrap());
        assert_eq!(of("hasnt_pk"), Some(About::Relation(Relations::Any)));
        assert_eq!(of("col_isnt_fk"), Some(About::Unconstrained));
        assert_eq!(of("isnt_partitioned"), Some(About::Relation(Relations::Any)));
        assert_eq!(of("isnt_definer"), Some(About::Function));
        assert_eq!(of("hasnt_table"), None);
        assert_eq!(of("is_rls_enabled"), Some(About::RowSecurity));
    }
}
