//! The kinds of objects that coverage has rows for.

/// Declares the kinds in the order of the report, each with its name there and what people call one of them.
macro_rules! kinds {
    ($($variant:ident = $name:literal, $people:literal;)*) => {
        /// What a row of the coverage is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Kind {
            $(#[doc = concat!("A ", $people, ".")] $variant,)*
        }

        impl Kind {
            /// All of them, in the order of the report.
            pub const ALL: &[Kind] = &[$(Kind::$variant,)*];

            /// Its name in the report.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What people call one of them.
            pub fn people(self) -> &'static str {
                match self { $(Self::$variant => $people,)* }
            }
        }
    };
}

kinds! {
    Schema = "schemas", "schema";
    Table = "tables", "table";
    Column = "columns", "column";
    View = "views", "view";
    MaterializedView = "materializedViews", "materialized view";
    ForeignTable = "foreignTables", "foreign table";
    Sequence = "sequences", "sequence";
    Function = "functions", "function";
    Trigger = "triggers", "trigger";
    Policy = "policies", "policy";
    RowSecurity = "rls", "row security";
    Index = "indexes", "index";
    PrimaryKey = "primaryKeys", "primary key";
    ForeignKey = "foreignKeys", "foreign key";
    Unique = "uniqueConstraints", "unique constraint";
    Check = "checks", "check constraint";
    Type = "types", "type";
    Domain = "domains", "domain";
    Enum = "enums", "enum";
    Rule = "rules", "rule";
    Extension = "extensions", "extension";
    Role = "roles", "role";
    Privilege = "privileges", "privilege";
    Partition = "partitions", "partition";
}
