//! Which arguments of an overload name the object, worked out once per overload from its roles.

use std::sync::LazyLock;

use super::area::Area;
use super::catalog::{FnId, Function, Overload};

/// Where an overload's arguments stand. Positions are argument positions.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// The description, always the last argument.
    pub desc: Option<usize>,
    /// What it tests.
    pub target: Pointer,
    /// What it tests beside that: the other side of a foreign key, the function of a trigger.
    pub secondary: Option<(Area, Pointer)>,
}

/// The arguments that name one object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pointer {
    /// The schema.
    pub schema: Option<usize>,
    /// The names behind the schema, outermost first.
    pub names: [Option<usize>; 3],
    /// An array of names: members of an exhaustive list, or the columns of a constraint.
    pub list: Option<usize>,
    /// The argument types of a function.
    pub signature: Option<usize>,
}

/// What is the same for all overloads of a function.
#[derive(Debug)]
pub struct Traits {
    /// The area that its label belongs to.
    pub area: Option<Area>,
    /// Its array argument is an exhaustive list of objects.
    pub list: bool,
    /// The arguments that hold SQL or name a prepared statement, as bits.
    pub sql: u8,
    /// Which overload a call is read by may depend on what its texts say, not on their types alone.
    pub by_text: bool,
    /// Its overloads' shapes.
    shapes: Vec<Shape>,
}

static TRAITS: LazyLock<Vec<Traits>> = LazyLock::new(|| FnId::all().map(|id| traits(id.function())).collect());

fn traits(function: &Function) -> Traits {
    let area = area_of(function);
    let carries = |at: usize| {
        let role = |o: &Overload| o.roles.get(at).is_some_and(|r| matches!(r.as_str(), "sql" | "cursor"));
        function.overloads.iter().any(role)
    };
    Traits {
        area,
        list: function.name.ends_with("s_are") && function.aspect.as_str() == "exact_set" || function.name == "can",
        sql: (0..8).filter(|at| carries(*at)).fold(0, |bits, at| bits | 1 << at),
        by_text: function.overloads.iter().any(by_text),
        shapes: function.overloads.iter().map(|o| shape(function, area, o)).collect(),
    }
}

fn by_text(overload: &Overload) -> bool {
    overload.runtime_dispatch || overload.roles.iter().any(|r| matches!(r.as_str(), "event" | "level"))
}

fn area_of(function: &Function) -> Option<Area> {
    if function.name == "is_rls_enabled" {
        return Some(Area::Policies);
    }
    let constraint = matches!(
        function.kind.as_str(),
        "primary_key" | "foreign_key" | "unique_constraint" | "check_constraint"
    );
    if constraint && function.name.starts_with("col_") {
        return Some(Area::Columns);
    }
    Area::of_kind(function.kind.as_str())
}

/// What is the same for all overloads of `id`.
pub fn traits_of(id: FnId) -> &'static Traits {
    // In bounds: the table has an entry for each function of the catalogue.
    &TRAITS[id.index()]
}

/// The area that the function's label belongs to.
pub fn area(id: FnId) -> Option<Area> {
    traits_of(id).area
}

/// The shape of an overload of `id`.
pub fn of(id: FnId, overload: usize) -> Option<&'static Shape> {
    traits_of(id).shapes.get(overload)
}

fn is_schema(role: &str) -> bool {
    role == "schema" || (role.ends_with("_schema") && role != "type_schema")
}

fn shape(function: &Function, area: Option<Area>, overload: &Overload) -> Shape {
    let desc = overload.is_described().then(|| overload.roles.len() - 1);
    let mut target = Pointer::default();
    let mut second = Pointer::default();
    for at in overload.target_roles.iter() {
        let role = overload.roles[at].as_str();
        if area == Some(Area::Inheritance) && target.names[0].is_some() {
            add(&mut second, role, at, None);
        } else {
            add(&mut target, role, at, area);
        }
    }
    for at in overload.secondary_roles.iter() {
        add(&mut second, overload.roles[at].as_str(), at, None);
    }
    Shape {
        desc,
        target,
        secondary: (second != Pointer::default()).then(|| (secondary_area(function), second)),
    }
}

fn secondary_area(function: &Function) -> Area {
    match function.kind.as_str() {
        "trigger" | "cast" => Area::Functions,
        "foreign_key" => Area::Columns,
        _ => Area::Tables,
    }
}

fn add(pointer: &mut Pointer, role: &str, at: usize, area: Option<Area>) {
    if role == "args[]" {
        pointer.signature = Some(at);
    } else if role.ends_with("[]") {
        // The columns of an index are a property of it, not what names it.
        if area != Some(Area::Indexes) || role == "indexes[]" || pointer.names[1].is_none() {
            pointer.list = Some(at);
        }
    } else if is_schema(role) {
        pointer.schema = pointer.schema.or(Some(at));
    } else if area == Some(Area::Indexes) && role != "index" && role != "table" && pointer.names[1].is_some() {
        // has_index(table, index, column): the column is a property, too.
    } else if let Some(slot) = pointer.names.iter_mut().find(|slot| slot.is_none()) {
        *slot = Some(at);
    }
}
