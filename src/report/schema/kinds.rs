//! The words for kinds of objects.

/// Each kind as the coverage names it, and in words: one, several.
const WORDS: [(&str, &str, &str); 24] = [
    ("schemas", "schema", "schemas"),
    ("tables", "table", "tables"),
    ("columns", "column", "columns"),
    ("views", "view", "views"),
    ("materializedViews", "materialized view", "materialized views"),
    ("foreignTables", "foreign table", "foreign tables"),
    ("sequences", "sequence", "sequences"),
    ("functions", "function", "functions"),
    ("triggers", "trigger", "triggers"),
    ("policies", "policy", "policies"),
    ("rls", "row level security", "row level security"),
    ("indexes", "index", "indexes"),
    ("primaryKeys", "primary key", "primary keys"),
    ("foreignKeys", "foreign key", "foreign keys"),
    ("uniqueConstraints", "unique constraint", "unique constraints"),
    ("checks", "check", "checks"),
    ("types", "type", "types"),
    ("domains", "domain", "domains"),
    ("enums", "enum", "enums"),
    ("rules", "rule", "rules"),
    ("extensions", "extension", "extensions"),
    ("roles", "role", "roles"),
    ("privileges", "privilege", "privileges"),
    ("partitions", "partition", "partitions"),
];

/// The words for one and for several, by key.
pub fn all() -> impl Iterator<Item = (&'static str, [&'static str; 2])> {
    WORDS.iter().map(|(key, one, several)| (*key, [*one, *several]))
}

/// A known kind in words, for that many objects.
pub fn known(kind: &str, many: usize) -> Option<&'static str> {
    let (_, one, several) = WORDS.iter().find(|(key, _, _)| *key == kind)?;
    Some(if many == 1 { one } else { several })
}

/// The kind in words, for several objects; an unknown one as it is.
pub fn several(kind: &str) -> &str {
    known(kind, 2).unwrap_or(kind)
}

/// The kind in words, for one object; an unknown one as it is.
pub fn one(kind: &str) -> &str {
    known(kind, 1).unwrap_or(kind)
}
