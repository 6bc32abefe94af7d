//! The kinds of objects that coverage is counted for.

/// What a coverage entry is about; one map of the coverage database each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Area {
    Schemas,
    Tables,
    Columns,
    Functions,
    Policies,
    Indexes,
    Triggers,
    Views,
    MaterializedViews,
    ForeignTables,
    Sequences,
    Relations,
    Composites,
    Types,
    Domains,
    Enums,
    Rules,
    Partitions,
    Inheritance,
    PrimaryKeys,
    ForeignKeys,
    Checks,
    Roles,
    Extensions,
    Languages,
    Operators,
    OperatorClasses,
    Casts,
    Tablespaces,
    Databases,
    ForeignDataWrappers,
    ForeignServers,
}

/// All areas, in the order of their maps.
pub const AREAS: [(Area, &str); 32] = [
    (Area::Schemas, "schemas"),
    (Area::Tables, "tables"),
    (Area::Columns, "columns"),
    (Area::Functions, "functions"),
    (Area::Policies, "policies"),
    (Area::Indexes, "indexes"),
    (Area::Triggers, "triggers"),
    (Area::Views, "views"),
    (Area::MaterializedViews, "materializedViews"),
    (Area::ForeignTables, "foreignTables"),
    (Area::Sequences, "sequences"),
    (Area::Relations, "relations"),
    (Area::Composites, "composites"),
    (Area::Types, "types"),
    (Area::Domains, "domains"),
    (Area::Enums, "enums"),
    (Area::Rules, "rules"),
    (Area::Partitions, "partitions"),
    (Area::Inheritance, "inheritance"),
    (Area::PrimaryKeys, "primaryKeys"),
    (Area::ForeignKeys, "foreignKeys"),
    (Area::Checks, "checks"),
    (Area::Roles, "roles"),
    (Area::Extensions, "extensions"),
    (Area::Languages, "languages"),
    (Area::Operators, "operators"),
    (Area::OperatorClasses, "operatorClasses"),
    (Area::Casts, "casts"),
    (Area::Tablespaces, "tablespaces"),
    (Area::Databases, "databases"),
    (Area::ForeignDataWrappers, "foreignDataWrappers"),
    (Area::ForeignServers, "foreignServers"),
];

impl Area {
    /// The name of its map.
    pub fn as_str(self) -> &'static str {
        AREAS.get(self as usize).map_or("", |(_, name)| *name)
    }

    /// The area whose map is called `name`.
    pub fn from_map(name: &str) -> Option<Self> {
        AREAS.iter().find(|(_, n)| *n == name).map(|(area, _)| *area)
    }

    /// The area of an object kind of the catalogue.
    pub fn of_kind(kind: &str) -> Option<Self> {
        Some(match kind {
            "schema" => Area::Schemas,
            "table" => Area::Tables,
            "column" => Area::Columns,
            "function" => Area::Functions,
            "policy" => Area::Policies,
            "index" | "unique_constraint" => Area::Indexes,
            "trigger" => Area::Triggers,
            "view" => Area::Views,
            "materialized_view" => Area::MaterializedViews,
            "foreign_table" => Area::ForeignTables,
            "sequence" => Area::Sequences,
            "relation" => Area::Relations,
            "composite" => Area::Composites,
            "type" => Area::Types,
            "domain" => Area::Domains,
            "enum" => Area::Enums,
            "rule" => Area::Rules,
            "partition" => Area::Partitions,
            "inheritance" => Area::Inheritance,
            "primary_key" => Area::PrimaryKeys,
            "foreign_key" => Area::ForeignKeys,
            "check_constraint" => Area::Checks,
            "role" | "user" | "group" => Area::Roles,
            "extension" => Area::Extensions,
            "language" => Area::Languages,
            "operator" => Area::Operators,
            "opclass" => Area::OperatorClasses,
            "cast" => Area::Casts,
            "tablespace" => Area::Tablespaces,
            "database" => Area::Databases,
            "fdw" => Area::ForeignDataWrappers,
            "foreign_server" => Area::ForeignServers,
            _ => return None,
        })
    }

    /// Whether a call that names no schema is labelled `public.…`, as callers of the drop-in class expect.
    pub fn assumes_public(self) -> bool {
        matches!(
            self,
            Area::Tables
                | Area::Triggers
                | Area::Views
                | Area::MaterializedViews
                | Area::ForeignTables
                | Area::Sequences
                | Area::Relations
                | Area::Composites
                | Area::Types
                | Area::Domains
                | Area::Enums
                | Area::Rules
                | Area::Partitions
                | Area::Inheritance
                | Area::PrimaryKeys
                | Area::Checks
        )
    }

    /// How many assertions make an object's coverage complete (for percentages).
    pub fn expected(self) -> u32 {
        match self {
            Area::Tables => 8,
            Area::Functions => 6,
            Area::Columns | Area::Triggers => 4,
            Area::Schemas => 2,
            _ => 3,
        }
    }

    /// Fewer assertions than this are partial coverage.
    pub fn sufficient(self) -> u32 {
        if matches!(self, Area::Tables | Area::Functions) {
            2
        } else {
            1
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_area_stands_at_its_own_place() {
        for (at, (area, name)) in AREAS.iter().enumerate() {
            assert_eq!(*area as usize, at);
            assert_eq!(Area::from_map(name), Some(*area));
        }
    }
}
