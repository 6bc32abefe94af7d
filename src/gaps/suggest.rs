//! For each object a statement of pgTAP that tests it.
//!
//! Each is of a form that pgTAP 1.2 and 1.3 read alike, and passes on the database that the catalog was read from.

use crate::schema::catalog::{Constraint, FunctionKind, PrivilegeKind, RelationKind, TypeKind};
use crate::schema::kind::Kind;
use crate::schema::lookup::Lookup;
use crate::schema::objects::{At, Object};
use crate::schema::path::SearchPath;

use super::granted::held;

/// PostgreSQL cuts longer names, and pgTAP passes type names as names.
const LONGEST_NAME: usize = 63;

/// A statement that tests `object`; `None` where pgTAP has nothing that passes.
pub fn suggestion(lookup: &Lookup, object: &Object) -> Option<String> {
    let schema = literal(object.schema.unwrap_or(""));
    let name = literal(object.name);
    let relation = object.relation.map(literal).unwrap_or_default();
    let says = says(object);
    let call = match object.kind {
        Kind::Schema => format!("has_schema({name}, {says})"),
        Kind::Table => format!("has_table({schema}, {name}, {says})"),
        Kind::View => format!("has_view({schema}, {name}, {says})"),
        Kind::MaterializedView => format!("has_materialized_view({schema}, {name}, {says})"),
        Kind::ForeignTable => format!("has_foreign_table({schema}, {name}, {says})"),
        Kind::Sequence => format!("has_sequence({schema}, {name}, {says})"),
        Kind::Column => format!("has_column({schema}, {relation}, {name}, {says})"),
        Kind::Trigger => format!("has_trigger({schema}, {relation}, {name}, {says})"),
        Kind::Rule => format!("has_rule({schema}, {relation}, {name}, {says})"),
        Kind::Index => format!("has_index({schema}, {relation}, {name}, {says})"),
        Kind::Domain => format!("has_domain({schema}, {name}, {says})"),
        Kind::Extension => format!("has_extension({name}, {says})"),
        Kind::Role => format!("has_role({name}, {says})"),
        Kind::Function => function(lookup, object, &says)?,
        Kind::Policy => policy(lookup, object, &says)?,
        Kind::RowSecurity => row_security(object, &says),
        Kind::PrimaryKey | Kind::Unique | Kind::Check | Kind::ForeignKey => constraint(lookup, object, &says)?,
        Kind::Enum => labels(lookup, object, &says)?,
        Kind::Type => a_type(lookup, object, &says)?,
        Kind::Partition => partition(lookup, object, &says)?,
        Kind::Privilege => privilege(lookup, object, &says)?,
    };
    Some(format!("SELECT {call};"))
}

/// A string constant: with `standard_conforming_strings` on, as it is unless somebody turns it off, a quote is all
/// that means something in it.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name in double quotes.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// An array of names.
fn array<'n>(items: impl IntoIterator<Item = &'n str>) -> String {
    let items: Vec<String> = items.into_iter().map(literal).collect();
    format!("ARRAY[{}]::name[]", items.join(", "))
}

fn array_of(items: &[String]) -> String {
    array(items.iter().map(String::as_str))
}

/// The description: one line, without what a reader of TAP takes for a directive.
fn says(object: &Object) -> String {
    let plain: String = object
        .display
        .chars()
        .map(|c| if c.is_control() || c == '#' { ' ' } else { c })
        .collect();
    let name = plain.trim();
    literal(&match object.kind {
        Kind::RowSecurity => format!("{name} has row security"),
        Kind::Partition => format!("{name} is a partition"),
        Kind::Privilege => format!("Granted: {name}"),
        kind => format!("{} {name} exists", capitalised(kind.people())),
    })
}

fn capitalised(noun: &str) -> String {
    let mut chars = noun.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

fn function(lookup: &Lookup, object: &Object, says: &str) -> Option<String> {
    let found = lookup.catalog.functions.get(object.at as usize)?;
    let test = match found.kind {
        FunctionKind::Function => "has_function",
        FunctionKind::Procedure => "is_procedure",
        FunctionKind::Aggregate => "is_aggregate",
        FunctionKind::Window => "is_window",
    };
    let (schema, name) = (literal(&found.schema), literal(&found.name));
    // Without them all functions of the name are meant.
    let arguments = match found.arguments.iter().all(|a| a.len() <= LONGEST_NAME) {
        true => format!("{}, ", array_of(&found.arguments)),
        false => String::new(),
    };
    Some(format!("{test}({schema}, {name}, {arguments}{says})"))
}

fn policy(lookup: &Lookup, object: &Object, says: &str) -> Option<String> {
    let found = lookup.catalog.policies.get(object.at as usize)?;
    let [schema, relation, name, command] =
        [&found.schema, &found.relation, &found.name, &found.command].map(|text| literal(text));
    Some(format!(
        "policy_cmd_is({schema}, {relation}, {name}, {command}, {says})"
    ))
}

/// pgTAP has no assertion for it.
fn row_security(object: &Object, says: &str) -> String {
    let name = format!("{}.{}", quoted(object.schema.unwrap_or("")), quoted(object.name));
    let query = format!(
        "SELECT relrowsecurity FROM pg_catalog.pg_class WHERE oid = {}::regclass",
        literal(&name)
    );
    format!("is(({query}), true, {says})")
}

fn constraint(lookup: &Lookup, object: &Object, says: &str) -> Option<String> {
    let found = lookup.catalog.constraints.get(object.at as usize)?;
    let place = format!("{}, {}", literal(&found.schema), literal(&found.relation));
    let columns = array_of(&found.columns);
    let (by_columns, by_table) = match object.kind {
        Kind::PrimaryKey => ("col_is_pk", "has_pk"),
        Kind::Unique => ("col_is_unique", "has_unique"),
        Kind::Check => ("col_has_check", "has_check"),
        _ => return Some(foreign_key(lookup, found, &place, &columns, says)),
    };
    Some(match found.columns.is_empty() {
        true => format!("{by_table}({place}, {says})"),
        false => format!("{by_columns}({place}, {columns}, {says})"),
    })
}

/// pgTAP does not find keys to partitioned tables, and of several keys on the same columns `fk_ok` takes any.
fn foreign_key(lookup: &Lookup, found: &Constraint, place: &str, columns: &str, says: &str) -> String {
    let whole = format!("has_fk({place}, {says})");
    let Some(to) = &found.references else { return whole };
    let target = relation(lookup, &to.schema, &to.relation).and_then(|at| lookup.catalog.relations.get(at as usize));
    if target.is_none_or(|r| r.kind == RelationKind::PartitionedTable || r.partition_of.is_some()) {
        return whole;
    }
    let own = relation(lookup, &found.schema, &found.relation);
    let keys = own.into_iter().flat_map(|at| lookup.parts_of(at, Kind::ForeignKey));
    if keys.filter(|(_, key)| key.columns == found.columns).count() > 1 {
        return format!("col_is_fk({place}, {columns}, {says})");
    }
    let (schema, relation, keys) = (literal(&to.schema), literal(&to.relation), array_of(&to.columns));
    format!("fk_ok({place}, {columns}, {schema}, {relation}, {keys}, {says})")
}

fn relation(lookup: &Lookup, schema: &str, name: &str) -> Option<At> {
    lookup.relation(Some(schema.as_bytes()), name.as_bytes(), &SearchPath::default())
}

fn labels(lookup: &Lookup, object: &Object, says: &str) -> Option<String> {
    let found = lookup.catalog.types.get(object.at as usize)?;
    let (schema, name) = (literal(&found.schema), literal(&found.name));
    Some(match found.labels.is_empty() {
        true => format!("has_enum({schema}, {name}, {says})"),
        false => format!("enum_has_labels({schema}, {name}, {}, {says})", array_of(&found.labels)),
    })
}

/// pgTAP 1.2 does not count range types among types; it knows their owners.
fn a_type(lookup: &Lookup, object: &Object, says: &str) -> Option<String> {
    let (schema, name) = (literal(object.schema?), literal(object.name));
    let is = |t: &&crate::schema::catalog::Type| Some(t.schema.as_str()) == object.schema && t.name == object.name;
    Some(match lookup.catalog.types.get(object.at as usize).filter(is) {
        Some(range) if range.kind == TypeKind::Range => {
            format!("type_owner_is({schema}, {name}, {}, {says})", literal(&range.owner))
        }
        Some(_) => format!("has_type({schema}, {name}, {says})"),
        None => format!("has_composite({schema}, {name}, {says})"),
    })
}

fn partition(lookup: &Lookup, object: &Object, says: &str) -> Option<String> {
    let found = lookup.catalog.relations.get(object.at as usize)?;
    let parent = found.partition_of.as_ref()?;
    let [schema, name, parent_schema, parent] =
        [&found.schema, &found.name, &parent.schema, &parent.name].map(|text| literal(text));
    Some(format!(
        "is_partition_of({schema}, {name}, {parent_schema}, {parent}, {says})"
    ))
}

/// The privileges that pgTAP asks for, in its order.
fn known_privileges(kind: PrivilegeKind) -> &'static [&'static str] {
    match kind {
        PrivilegeKind::Schema => &["CREATE", "USAGE"],
        PrivilegeKind::Table => &[
            "DELETE",
            "INSERT",
            "REFERENCES",
            "SELECT",
            "TRIGGER",
            "TRUNCATE",
            "UPDATE",
        ],
        PrivilegeKind::Sequence => &["SELECT", "UPDATE", "USAGE"],
        PrivilegeKind::Function => &["EXECUTE"],
    }
}

fn privilege(lookup: &Lookup, object: &Object, says: &str) -> Option<String> {
    let found = lookup.catalog.privileges.get(object.at as usize)?;
    let held = held(lookup, found);
    let asked: Vec<&str> = known_privileges(found.kind)
        .iter()
        .filter(|p| held.has(p))
        .copied()
        .collect();
    let (schema, role, list) = (literal(&found.schema), literal(&found.role), array(asked));
    let name = literal(found.name.as_deref().unwrap_or(""));
    Some(match found.kind {
        PrivilegeKind::Schema => format!("schema_privs_are({schema}, {role}, {list}, {says})"),
        PrivilegeKind::Table => format!("table_privs_are({schema}, {name}, {role}, {list}, {says})"),
        PrivilegeKind::Sequence => format!("sequence_privs_are({schema}, {name}, {role}, {list}, {says})"),
        PrivilegeKind::Function => {
            let types = found.arguments.as_ref()?;
            // pgTAP takes them as names.
            if types.iter().any(|t| t.len() > LONGEST_NAME) {
                return None;
            }
            format!(
                "function_privs_are({schema}, {name}, {}, {role}, {list}, {says})",
                array_of(types)
            )
        }
    })
}
