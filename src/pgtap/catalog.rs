//! The catalogue of pgTAP's functions: what each overload takes, tests and proves.
//!
//! The table itself is generated from `catalog.tsv` (pgTAP 1.3.5) and `catalog_extra.tsv` (what suites use
//! beside it) by `scripts/generate-catalog.mjs`. It is static: nothing is built when the program starts.

use super::catalog_table::{FOLD, FUNCTIONS, LENGTHS, MULTIPLIER, SHIFT, SLOTS};

/// Declares an enum whose values have a spelling in the catalogue.
macro_rules! spelled {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// The spelling in the catalogue.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }
        }
    };
}
pub(super) use spelled;

pub use super::catalog_table::{Aspect, ObjectKind, Role};

spelled! {
    /// The declared type of a parameter: every type that a pgTAP signature uses.
    SqlType {
        Name = "name",
        Text = "text",
        Varchar = "varchar",
        Bpchar = "bpchar",
        NameArray = "name[]",
        TextArray = "text[]",
        VarcharArray = "varchar[]",
        Int4Array = "int4[]",
        Int4 = "int4",
        Numeric = "numeric",
        Oid = "oid",
        Regtype = "regtype",
        Bool = "bool",
        Refcursor = "refcursor",
        AnyElement = "anyelement",
        AnyArray = "anyarray",
        Record = "record",
    }
}

impl Role {
    /// Whether the argument is a list of such things (`columns[]`).
    pub fn is_array(self) -> bool {
        self.as_str().ends_with("[]")
    }
}

/// What a function is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Tests an object of the database.
    Object,
    /// Tests a value, a query or an error.
    Value,
    /// Plans, skips, wraps or runs tests; tests nothing itself.
    Control,
}

/// What a passing assertion says about its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Polarity {
    /// The object exists and has the property.
    Positive,
    /// The object does not exist, so the assertion must never count as a test of an existing object.
    Absence,
    /// The object exists and lacks a property: this does test the object.
    NegativeProperty,
    /// The function has no object.
    None,
}

/// Whose a function is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// pgTAP's own.
    PgTap,
    /// Not pgTAP's, but suites and helper libraries use it.
    Extra,
}

/// Whose an overload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OverloadOrigin {
    /// pgTAP's own signature.
    PgTap,
    /// Not pgTAP's; chosen only when no signature of pgTAP fits.
    NotPgTap,
    /// No such signature exists: only labels follow it, never what PostgreSQL is said to test.
    LabelOnly,
}

/// The version of pgTAP that brought an overload, and so a version to resolve for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Since {
    /// 1.2 or earlier, and everything that is not pgTAP's.
    V1_2,
    /// 1.3.0
    V1_3_0,
    /// 1.3.1
    V1_3_1,
    /// 1.3.4
    V1_3_4,
}

impl Since {
    /// The newest version that added overloads; 1.3.5 has the same ones.
    pub const LATEST: Since = Since::V1_3_4;
}

/// A set of argument positions of one overload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Positions(u8);

impl Positions {
    /// Whether no argument is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the argument at this position is in the set.
    pub const fn contains(self, position: usize) -> bool {
        position < 8 && self.0 >> position & 1 == 1
    }

    /// The positions in ascending order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..8).filter(move |&position| self.contains(position))
    }
}

/// One signature of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overload {
    /// What each argument is.
    pub roles: &'static [Role],
    /// The declared type of each argument; a VARIADIC one is the array.
    pub types: &'static [SqlType],
    /// How many trailing arguments may be left out.
    pub optional: u8,
    /// Whether the last argument is VARIADIC.
    pub variadic: bool,
    /// Whether its parameters have names, so that a call may use them.
    pub named: bool,
    /// The version that brought it.
    pub since: Since,
    /// Whose it is.
    pub origin: OverloadOrigin,
    /// The arguments that name what is tested.
    pub target_roles: Positions,
    /// The arguments that name a second object, such as the referenced side of a foreign key.
    pub secondary_roles: Positions,
    /// The arguments that hold the expected value.
    pub expected_roles: Positions,
    /// Whether another overload has the same types and the call decides at run time which of the two is meant.
    pub runtime_dispatch: bool,
}

// The generated table is written with these; each flag stands only where it differs from the rule.
impl Overload {
    pub(super) const fn new(roles: &'static [Role], types: &'static [SqlType]) -> Self {
        let none = Positions(0);
        Overload {
            roles,
            types,
            optional: 0,
            variadic: false,
            named: false,
            since: Since::V1_2,
            origin: OverloadOrigin::PgTap,
            target_roles: none,
            secondary_roles: none,
            expected_roles: none,
            runtime_dispatch: false,
        }
    }

    pub(super) const fn covers(mut self, target: u8, secondary: u8, expected: u8) -> Self {
        self.target_roles = Positions(target);
        self.secondary_roles = Positions(secondary);
        self.expected_roles = Positions(expected);
        self
    }

    pub(super) const fn optional(mut self, count: u8) -> Self {
        self.optional = count;
        self
    }

    pub(super) const fn variadic(mut self) -> Self {
        self.variadic = true;
        self
    }

    pub(super) const fn named(mut self) -> Self {
        self.named = true;
        self
    }

    pub(super) const fn since(mut self, version: Since) -> Self {
        self.since = version;
        self
    }

    pub(super) const fn runtime_dispatch(mut self) -> Self {
        self.runtime_dispatch = true;
        self
    }

    pub(super) const fn not_pgtap(mut self) -> Self {
        self.origin = OverloadOrigin::NotPgTap;
        self
    }

    pub(super) const fn label_only(mut self) -> Self {
        self.origin = OverloadOrigin::LabelOnly;
        self
    }
}

impl Overload {
    /// The position of the first argument with this role.
    pub fn position(&self, role: Role) -> Option<usize> {
        self.roles.iter().position(|&r| r == role)
    }

    /// Whether the last argument is the description.
    pub fn is_described(&self) -> bool {
        self.roles.last() == Some(&Role::Desc)
    }
}

/// A function and all its overloads. Kind, polarity and aspect are the same for all of them:
/// the generator refuses a catalogue in which they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// The name in lower case, without schema.
    pub name: &'static str,
    /// What it is for.
    pub group: Group,
    /// The kind of object that it tests.
    pub kind: ObjectKind,
    /// What passing means.
    pub polarity: Polarity,
    /// The side of the object that it tests.
    pub aspect: Aspect,
    /// Whose it is; a function of pgTAP may have overloads that are not.
    pub own: Origin,
    /// For the few functions whose parameters have names: the name of each role.
    pub parameter_names: &'static [(Role, &'static str)],
    /// The signatures, at most 32.
    pub overloads: &'static [Overload],
}

impl Function {
    /// The other reading of a runtime-dispatch overload: the same types with other roles.
    pub fn other_reading(&self, overload: usize) -> Option<usize> {
        let chosen = self.overloads.get(overload).filter(|o| o.runtime_dispatch)?;
        let twin = |o: &Overload| o.runtime_dispatch && o.types == chosen.types;
        (0..self.overloads.len()).find(|&i| i != overload && self.overloads.get(i).is_some_and(twin))
    }

    /// The position of a named parameter, where this overload has one of that name. The name is as PostgreSQL
    /// folds it: in lower case unless it was quoted.
    pub fn parameter(&self, overload: &Overload, name: &[u8]) -> Option<usize> {
        let named = |&&(_, n): &&(Role, &str)| n.as_bytes() == name;
        if !overload.named {
            return None;
        }
        let (role, _) = self.parameter_names.iter().find(named)?;
        overload.position(*role)
    }
}

/// A function of the catalogue. Only `lookup`, `all` and `from_index` make one, so the index is always valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FnId(u16);

impl FnId {
    /// Every function, in the order of the catalogue.
    pub fn all() -> impl Iterator<Item = FnId> {
        (0..FUNCTIONS.len() as u16).map(FnId)
    }

    /// The function at this position of the catalogue.
    pub fn from_index(index: usize) -> Option<FnId> {
        (index < FUNCTIONS.len()).then_some(FnId(index as u16))
    }

    /// What the catalogue says about it.
    pub fn function(self) -> &'static Function {
        // In bounds: its makers check the index against FUNCTIONS.
        &FUNCTIONS[usize::from(self.0)]
    }

    /// Its position in the catalogue, for tables indexed by function.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Finds a function by its unqualified name in any ASCII case. A quoted name is case-sensitive in SQL:
/// the caller must not ask for one that holds capitals.
pub fn lookup(name: &[u8]) -> Option<FnId> {
    let letter = (name.first()? | 0x20).wrapping_sub(b'a');
    let lengths = *LENGTHS.get(usize::from(letter))?;
    // Most identifiers end here: no function has this first letter and this length.
    if name.len() > 31 || lengths >> name.len() & 1 == 0 {
        return None;
    }
    let slot = fold(name)?.wrapping_mul(MULTIPLIER) >> SHIFT;
    // An empty slot holds 255, which is no function.
    let id = *SLOTS.get(slot as usize)?;
    let function = FUNCTIONS.get(usize::from(id))?;
    // Nearly all are written in lower case.
    let found = function.name.as_bytes() == name || function.name.as_bytes().eq_ignore_ascii_case(name);
    found.then_some(FnId(u16::from(id)))
}

/// Both ends of the name, lower-cased by setting bit 5 (which is exact for letters; the comparison
/// afterwards settles the rest). Two loads instead of a loop over the bytes.
fn fold(name: &[u8]) -> Option<u32> {
    const LOWER: u64 = 0x2020_2020_2020_2020;
    let (head, tail) = if let (Some(head), Some(tail)) = (name.first_chunk(), name.last_chunk()) {
        (u64::from_le_bytes(*head), u64::from_le_bytes(*tail))
    } else if let (Some(head), Some(tail)) = (name.first_chunk(), name.last_chunk()) {
        (u32::from_le_bytes(*head).into(), u32::from_le_bytes(*tail).into())
    } else {
        let (head, tail) = (name.first_chunk()?, name.last_chunk()?);
        (u16::from_le_bytes(*head).into(), u16::from_le_bytes(*tail).into())
    };
    let turned = (tail | LOWER).rotate_left(name.len() as u32 % 32);
    let mixed = (head | LOWER).wrapping_mul(FOLD) ^ turned;
    Some((mixed.wrapping_mul(FOLD) >> 32) as u32)
}
