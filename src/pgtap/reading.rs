//! What one call of an object assertion tests: PostgreSQL's reading, and the label callers index by.

use std::borrow::Cow;
use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::area::Area;
use super::arg_type::ArgType;
use super::catalog::{self, FnId, Function, Origin, OverloadOrigin, Since};
use super::given::{Content, Given};
use super::prose::is_prose;
use super::resolve::{Resolution, refusal, resolve, resolve_at, resolve_named};
use super::shape::{self, Pointer, Shape};

/// The parts of a name, outermost first.
pub type Parts<'a> = [Option<Cow<'a, [u8]>>; 3];

/// An object by area and parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// What kind of object.
    pub area: Area,
    /// Its name.
    pub parts: Parts<'a>,
}

impl Named<'_> {
    /// The same without borrowing.
    pub fn into_owned(self) -> Named<'static> {
        Named {
            area: self.area,
            parts: self.parts.map(|part| part.map(|p| Cow::Owned(p.into_owned()))),
        }
    }
}

/// How a call is read.
#[derive(Debug, Default)]
pub struct Reading<'a> {
    /// The overload PostgreSQL chooses, where that can be known.
    pub chosen: Option<usize>,
    /// The overload whose roles the label follows.
    pub labelled: Option<usize>,
    /// The label's object.
    pub label: Option<Named<'a>>,
    /// The label names another object than PostgreSQL tests.
    pub misread: bool,
    /// A name is computed; the label holds its fixed part.
    pub dynamic: bool,
    /// The label stands for a list: `credits` holds the objects themselves.
    pub list: bool,
    /// What is covered beside the label: the members of a list, its parent, secondary targets.
    pub credits: Vec<Named<'a>>,
}

/// Tells schemas from tables where pgTAP decides at run time.
pub trait Schemas {
    /// Whether `name` is known to be a schema.
    fn is_schema(&self, name: &[u8]) -> bool;
}

/// PostgreSQL's overload of a call, and the one that its label follows.
type Decision = (Option<u8>, Option<u8>);

/// What was decided for earlier calls: most calls of a suite are alike.
#[derive(Default)]
pub struct Choices {
    /// PostgreSQL's overload by function and argument types.
    chosen: RefCell<FxHashMap<(u16, u64), Option<u8>>>,
    /// By function and [`key`], where no text decides.
    decided: RefCell<FxHashMap<(u16, u128), Decision>>,
}

/// Five bits a type fit this many arguments into a key.
const MOST_KEYED: usize = 12;

impl Choices {
    fn choose(&self, id: FnId, types: &[ArgType]) -> Option<usize> {
        let resolved = || accepted(id, types, resolve(id, types)).map(|at| at as u8);
        if types.len() > MOST_KEYED {
            return resolved().map(usize::from);
        }
        // The leading 1 keeps calls of different length apart.
        let key = types.iter().fold(1u64, |key, ty| key << 5 | *ty as u64);
        let mut known = self.chosen.borrow_mut();
        known
            .entry((id.index() as u16, key))
            .or_insert_with(resolved)
            .map(usize::from)
    }
}

/// The chosen overload, unless PostgreSQL refuses the call after the choice.
fn accepted(id: FnId, types: &[ArgType], resolution: Resolution) -> Option<usize> {
    let Resolution::Chosen(at) = resolution else {
        return None;
    };
    let overload = id.function().overloads.get(at)?;
    refusal(overload, types).is_none().then_some(at)
}

/// The overload whose reading this version of pgTAP runs, if PostgreSQL runs the call at all.
pub(super) fn chosen_at(id: FnId, given: &[Given], schemas: &dyn Schemas, version: Since) -> Option<usize> {
    let types: Vec<ArgType> = given.iter().map(|g| g.ty).collect();
    let resolution = if is_named(given) {
        let names: Vec<_> = given.iter().map(|g| g.name.as_deref()).collect();
        resolve_named(id, &types, &names)
    } else {
        resolve_at(id, &types, version)
    };
    let (at, function) = (accepted(id, &types, resolution)?, id.function());
    let decides = function.overloads.get(at)?.runtime_dispatch;
    Some(if decides {
        dispatch(id, function, at, given, schemas)
    } else {
        at
    })
}

fn is_named(given: &[Given]) -> bool {
    given.iter().any(|g| g.name.is_some())
}

/// All of the arguments that decides how a call is read, where what their texts say does not: a byte each.
fn key(given: &[Given]) -> Option<u128> {
    const MOST: usize = 15;
    let last = given.last()?;
    let prose = matches!(&last.content, Content::Text(text) if is_prose(text));
    let kind = |content: &Content| match content {
        Content::Text(text) if text.first() == Some(&b'{') => 1,
        Content::Text(_) => 0,
        Content::Null => 2,
        Content::List(_) => 3,
        Content::Pattern(_) | Content::Parameter(_) => 4,
    };
    let byte = |g: &Given| (g.ty as u128) << 3 | kind(&g.content);
    let key = given.iter().fold(2 | u128::from(prose), |key, g| key << 8 | byte(g));
    // Names decide, too, and are rare.
    (given.len() <= MOST && !is_named(given)).then_some(key)
}

/// Reads the call of `id` with `given`; named arguments stand in the order of the parameters.
pub fn read<'a>(id: FnId, given: &'a [Given<'a>], schemas: &dyn Schemas, choices: &Choices) -> Reading<'a> {
    let decide = || decide(id, given, schemas, choices);
    let (chosen, labelled) = match key(given).filter(|_| !shape::traits_of(id).by_text) {
        Some(key) => {
            let known = choices.decided.borrow().get(&(id.index() as u16, key)).copied();
            known.unwrap_or_else(|| {
                let decision = decide();
                choices.decided.borrow_mut().insert((id.index() as u16, key), decision);
                decision
            })
        }
        None => decide(),
    };
    let (chosen, labelled) = (chosen.map(usize::from), labelled.map(usize::from));
    let mut reading = Reading {
        chosen,
        labelled,
        ..Reading::default()
    };
    let Some(shape) = labelled.and_then(|at| shape::of(id, at)) else {
        return reading;
    };
    let object = (labelled != chosen)
        .then(|| chosen.and_then(|at| shape::of(id, at)))
        .flatten();
    fill(&mut reading, id, shape, given);
    if let (Some(label), Some(other)) = (&reading.label, object) {
        let object = named(id, &other.target, given);
        reading.misread = object.is_none_or(|object| object != *label);
    }
    reading
}

fn decide(id: FnId, given: &[Given], schemas: &dyn Schemas, choices: &Choices) -> Decision {
    let function = id.function();
    let chosen = choose(id, function, given, schemas, choices);
    let labelled = label_overload(id, function, given, chosen);
    // What is not pgTAP's own has no reading of PostgreSQL's that could differ from the caller's.
    let chosen = if function.own == Origin::Extra {
        labelled
    } else {
        chosen
    };
    (chosen.map(|at| at as u8), labelled.map(|at| at as u8))
}

/// PostgreSQL's choice; where one signature has two readings, the one that pgTAP takes at run time.
fn choose(id: FnId, function: &Function, given: &[Given], schemas: &dyn Schemas, choices: &Choices) -> Option<usize> {
    let mut types = [ArgType::Untyped; 16];
    let count = given.len().min(types.len());
    for (slot, argument) in types.iter_mut().zip(given) {
        *slot = argument.ty;
    }
    let types = types.get(..count)?;
    let at = if is_named(given) {
        let names: Vec<_> = given.iter().take(count).map(|g| g.name.as_deref()).collect();
        accepted(id, types, resolve_named(id, types, &names))?
    } else {
        choices.choose(id, types)?
    };
    let overload = function.overloads.get(at)?;
    if !overload.runtime_dispatch {
        return Some(at);
    }
    Some(dispatch(id, function, at, given, schemas))
}

/// pgTAP asks the catalogue whether argument 1 is a schema, or the text whether it holds a parenthesis.
fn dispatch(id: FnId, function: &Function, at: usize, given: &[Given], schemas: &dyn Schemas) -> usize {
    let Some(overload) = function.overloads.get(at) else {
        return at;
    };
    let text = |i: usize| given.get(i).and_then(|g| g.content.text()).unwrap_or(&[]);
    let schema_first = schemas.is_schema(text(0));
    let expression = text(2).contains(&b'(');
    let alternatives = function
        .overloads
        .iter()
        .enumerate()
        .filter(|(_, o)| o.runtime_dispatch && o.types == overload.types);
    for (other, candidate) in alternatives {
        let leads = shape::of(id, other).is_some_and(|s| s.target.schema == Some(0));
        let last = candidate.roles.last().map_or("", |r| r.as_str());
        let second = candidate.roles.get(1).map_or("", |r| r.as_str());
        let fits = match last {
            // throws_ok takes five bytes for an error code.
            _ if matches!(second, "errcode" | "errmsg") => (second == "errcode") == (text(1).len() == 5),
            "expression" => expression,
            _ if candidate.roles.len() == 3 && overload.roles.iter().any(|r| r.as_str() == "expression") => !expression,
            _ if function
                .overloads
                .iter()
                .any(|o| o.types == overload.types && o.roles[0] != candidate.roles[0]) =>
            {
                leads == schema_first
            }
            "desc" => !expression,
            _ => true,
        };
        if fits {
            return other;
        }
    }
    at
}

/// Whether callers of the drop-in class read the call in another way than PostgreSQL: all literals are bare and
/// the last one, which PostgreSQL takes for a description, does not read as prose.
fn doubtful(shape: &Shape, given: &[Given]) -> bool {
    let literal = |g: &Given| g.is_constant() && !matches!(g.content, Content::List(_));
    shape.desc == given.len().checked_sub(1)
        && shape.desc.is_some()
        && !is_named(given)
        && given.iter().filter(|g| literal(g)).all(Given::is_bare)
        && matches!(given.last().map(|g| &g.content), Some(Content::Text(text)) if !is_prose(text))
        && given.last().is_some_and(|g| g.is_bare())
}

fn label_overload(id: FnId, function: &Function, given: &[Given], chosen: Option<usize>) -> Option<usize> {
    match chosen.and_then(|at| shape::of(id, at)) {
        Some(shape) if !doubtful(shape, given) => chosen,
        Some(_) => candidate(id, function, given, true).or(chosen),
        None => {
            let prose = matches!(given.last().map(|g| &g.content), Some(Content::Text(text)) if is_prose(text));
            candidate(id, function, given, !prose).or_else(|| candidate(id, function, given, prose))
        }
    }
}

/// The reading that names the most: without the description (`bare`) each argument but it must have a role.
fn candidate(id: FnId, function: &Function, given: &[Given], bare: bool) -> Option<usize> {
    let fits = |at: &usize| {
        let (Some(overload), Some(shape)) = (function.overloads.get(*at), shape::of(id, *at)) else {
            return false;
        };
        let roles = overload.roles.len() - usize::from(bare && shape.desc.is_some());
        roles == given.len()
            && (bare || shape.desc.is_some())
            && arrays_fit(overload, given)
            && events_fit(overload, given)
    };
    let rank = |at: &usize| {
        let only = function
            .overloads
            .get(*at)
            .is_some_and(|o| o.origin == OverloadOrigin::LabelOnly);
        let schema = shape::of(id, *at).is_some_and(|s| s.target.schema.is_some());
        (only, schema)
    };
    // The first of the best: `max_by_key` would take the last.
    (0..function.overloads.len()).rev().filter(fits).max_by_key(rank)
}

/// Array roles take arrays and `{…}` literals, and nothing else does.
fn arrays_fit(overload: &catalog::Overload, given: &[Given]) -> bool {
    overload
        .roles
        .iter()
        .zip(given)
        .all(|(role, argument)| match &argument.content {
            Content::List(_) => role.is_array(),
            Content::Text(text) => !role.is_array() || text.starts_with(b"{"),
            _ => true,
        })
}

/// An event or level role takes only what reads as one.
fn events_fit(overload: &catalog::Overload, given: &[Given]) -> bool {
    overload
        .roles
        .iter()
        .zip(given)
        .all(|(role, argument)| match (role.as_str(), &argument.content) {
            ("event" | "level", Content::Text(text)) => {
                let text = String::from_utf8_lossy(text).to_ascii_lowercase();
                ["insert", "update", "delete", "truncate", "select", "row", "statement"]
                    .iter()
                    .any(|w| text.contains(w))
            }
            _ => true,
        })
}

fn text<'a>(given: &'a [Given<'a>], at: Option<usize>) -> Option<Cow<'a, [u8]>> {
    given.get(at?)?.content.text().map(Cow::Borrowed)
}

fn is_dynamic(pointer: &Pointer, given: &[Given]) -> bool {
    let at = |i: Option<usize>| i.and_then(|i| given.get(i)).is_some_and(|g| !g.is_constant());
    at(pointer.schema) || at(pointer.list) || pointer.names.iter().any(|n| at(*n))
}

fn fill<'a>(reading: &mut Reading<'a>, id: FnId, shape: &Shape, given: &'a [Given<'a>]) {
    reading.label = named(id, &shape.target, given);
    reading.dynamic = is_dynamic(&shape.target, given);
    let Some(area) = shape::area(id) else { return };
    if let Some(items) = list_of(&shape.target, given) {
        reading.list = true;
        let constant = items.iter().filter(|c| c.is_constant()).filter_map(Content::text);
        reading
            .credits
            .extend(constant.map(|item| member(area, &shape.target, given, item)));
        if shape::traits_of(id).list {
            reading.credits.extend(parent(area, &shape.target, given));
        }
    }
    if let Some((area, pointer)) = &shape.secondary
        && !is_dynamic(pointer, given)
    {
        match list_of(pointer, given) {
            Some(items) => {
                let texts = items.iter().filter_map(Content::text);
                reading
                    .credits
                    .extend(texts.map(|item| member(*area, pointer, given, item)));
            }
            None => reading.credits.push(scalar(*area, pointer, given)),
        }
    }
}

fn list_of<'a>(pointer: &Pointer, given: &'a [Given<'a>]) -> Option<&'a [Content<'a>]> {
    match &given.get(pointer.list?)?.content {
        Content::List(items) => Some(items),
        _ => None,
    }
}

/// The label: schema, names, and for the columns of a constraint their list.
fn named<'a>(id: FnId, pointer: &Pointer, given: &'a [Given<'a>]) -> Option<Named<'a>> {
    let area = shape::area(id)?;
    let mut found = match area {
        Area::Operators | Area::Casts => spelled(area, id.function(), pointer, given),
        _ => scalar(area, pointer, given),
    };
    if pointer.list.is_some() && !(shape::traits_of(id).list && found.parts[0].is_some()) {
        let joined = match list_of(pointer, given) {
            Some(items) => join(items),
            None => text(given, pointer.list)?.into_owned(),
        };
        push(&mut found.parts, Cow::Owned(joined));
    }
    found.parts[0].is_some().then_some(found)
}

fn join(items: &[Content]) -> Vec<u8> {
    let texts: Vec<&[u8]> = items.iter().filter_map(Content::text).collect();
    texts.join(&b","[..])
}

fn push<'a>(parts: &mut Parts<'a>, part: Cow<'a, [u8]>) {
    if let Some(slot) = parts.iter_mut().find(|slot| slot.is_none()) {
        *slot = Some(part);
    }
}

/// Schema and names as they stand; `public` where the family's labels assume it.
fn scalar<'a>(area: Area, pointer: &Pointer, given: &'a [Given<'a>]) -> Named<'a> {
    let mut parts = Parts::default();
    if let Some(schema) = text(given, pointer.schema) {
        push(&mut parts, schema);
    } else if assumes_public(area, pointer.names.iter().flatten().count(), pointer) {
        push(&mut parts, Cow::Borrowed(b"public"));
    }
    for at in pointer.names.iter().flatten() {
        if let Some(name) = text(given, Some(*at)) {
            push(&mut parts, name);
        }
    }
    Named { area, parts }
}

fn assumes_public(area: Area, names: usize, pointer: &Pointer) -> bool {
    let whole_schema = names == 0 && pointer.list.is_some() && holds_schema(area);
    whole_schema
        || (names > 0 && (area.assumes_public() || (area == Area::ForeignKeys && names == 1 && pointer.list.is_none())))
}

/// Whether objects of the area live in a schema.
fn holds_schema(area: Area) -> bool {
    area.assumes_public()
        || matches!(
            area,
            Area::Functions | Area::Operators | Area::OperatorClasses | Area::Extensions
        )
}

/// One member of a list.
fn member<'a>(area: Area, pointer: &Pointer, given: &'a [Given<'a>], item: &'a [u8]) -> Named<'a> {
    let mut alone = *pointer;
    alone.list = None;
    if area == Area::Partitions {
        // Partitions are listed by names of their own, with a schema where the search path needs one.
        alone.names = Default::default();
        alone.schema = alone.schema.filter(|_| !item.contains(&b'.'));
        if item.contains(&b'.') {
            return Named {
                area,
                parts: [Some(Cow::Borrowed(item)), None, None],
            };
        }
    }
    let mut found = scalar(area, &alone, given);
    if found.parts[0].is_none() && area.assumes_public() {
        push(&mut found.parts, Cow::Borrowed(b"public"));
    }
    push(&mut found.parts, Cow::Borrowed(item));
    found
}

/// What an exhaustive list is a list of: a relation's or a schema's.
fn parent<'a>(area: Area, pointer: &Pointer, given: &'a [Given<'a>]) -> Option<Named<'a>> {
    if pointer.names[0].is_some() {
        return Some(scalar(Area::Tables, pointer, given));
    }
    let schema = text(given, pointer.schema).or_else(|| holds_schema(area).then_some(Cow::Borrowed(&b"public"[..])))?;
    Some(Named {
        area: Area::Schemas,
        parts: [Some(schema), None, None],
    })
}

/// `schema.op(left,right)` with NONE for a missing side, and `source AS target`.
fn spelled<'a>(area: Area, function: &Function, pointer: &Pointer, given: &'a [Given<'a>]) -> Named<'a> {
    let mut parts = Parts::default();
    if let Some(schema) = text(given, pointer.schema) {
        push(&mut parts, schema);
    }
    let names: Vec<_> = pointer.names.iter().filter_map(|at| text(given, *at)).collect();
    let spelled: Vec<u8> = match (area, function.name, names.as_slice()) {
        (Area::Casts, _, [source, target]) => [source, &b" AS "[..], target].concat(),
        (_, name, [op, right]) if name.ends_with("leftop") => [op, &b"(NONE,"[..], right, b")"].concat(),
        (_, name, [left, op]) if name.ends_with("rightop") => [op, &b"("[..], left, b",NONE)"].concat(),
        (_, _, [left, op, right]) => [op, &b"("[..], left, b",", right, b")"].concat(),
        (_, _, names) => names.join(&b","[..]),
    };
    if !spelled.is_empty() {
        push(&mut parts, Cow::Owned(spelled));
    }
    Named { area, parts }
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
