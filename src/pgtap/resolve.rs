//! PostgreSQL's choice among the overloads of a pgTAP function.
//!
//! The steps are PostgreSQL's: exact match; drop what implicit casts cannot reach; most exact matches; most
//! preferred types; literals take the string category and its preferred type; if all typed arguments share one
//! type, try it for the literals. Where two overloads have one signature and the function decides at run time
//! which reading applies, the first of the two is returned (`Function::other_reading` gives the second).

use super::call::{Call, Pool, members, parameter_at};
use super::catalog::{FnId, Overload, OverloadOrigin, Role, Since, SqlType};

pub use super::arg_type::ArgType;

/// The outcome of overload resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// The index of the chosen overload in `Function::overloads`.
    Chosen(usize),
    /// No overload accepts these arguments (error 42883).
    None,
    /// Several do and none is better (error 42725).
    Ambiguous,
    /// The choice depends on the types of untyped arguments, and the readings differ.
    Uncertain,
}

/// Why PostgreSQL refuses a call although it could choose an overload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Every polymorphic argument is a bare literal, so its type stays open: `is('a', 'b')` (error 42804).
    Undetermined,
    /// A VARIADIC polymorphic parameter would have to be an array of arrays (error 42704).
    ArrayOfArrays,
}

/// Chooses as the newest pgTAP does.
pub fn resolve(function: FnId, args: &[ArgType]) -> Resolution {
    resolve_at(function, args, Since::LATEST)
}

/// Chooses as this version of pgTAP does. Overloads that are not pgTAP's are asked only when none of its own fits.
pub fn resolve_at(function: FnId, args: &[ArgType], version: Since) -> Resolution {
    Call::new(function, args, &[]).resolve_at(version)
}

/// Chooses for a call that may name its arguments: `names` is parallel to `args`. A name that no overload has,
/// a parameter given twice or an unnamed argument behind a named one gives `None`.
/// `Function::parameter` says which position a name stands for in the chosen overload.
pub fn resolve_named(function: FnId, args: &[ArgType], names: &[Option<&[u8]>]) -> Resolution {
    Call::new(function, args, names).resolve_at(Since::LATEST)
}

/// Chooses among the readings in which no argument is a description, whether or not PostgreSQL has them.
/// Labels need it where a caller took the last argument for a name and PostgreSQL does not.
pub fn resolve_undescribed(function: FnId, args: &[ArgType]) -> Resolution {
    // A description that may be left out is one only where it is given.
    let described = |o: &Overload| o.is_described() && args.len() == o.roles.len();
    Call::new(function, args, &[]).resolve_untyped(&|o| !described(o))
}

/// Whether PostgreSQL refuses a positional call after it has chosen this overload.
pub fn refusal(overload: &Overload, args: &[ArgType]) -> Option<Refusal> {
    let polymorphic = |parameter| matches!(parameter, SqlType::AnyElement | SqlType::AnyArray);
    let taken = |i| parameter_at(overload, i).is_some_and(polymorphic);
    let arguments = || args.iter().enumerate();
    let passed = || arguments().filter(|&(i, _)| taken(i)).map(|(_, &arg)| arg);
    let spread = overload.variadic && overload.types.last() == Some(&SqlType::AnyArray);
    if passed().next().is_some() && passed().all(|arg| arg == ArgType::Unknown) {
        Some(Refusal::Undetermined)
    } else if spread && passed().any(|arg| arg.element().is_some()) {
        Some(Refusal::ArrayOfArrays)
    } else {
        None
    }
}

/// The types to try for an untyped argument: those between which signatures of object assertions differ.
const FILLS: [ArgType; 4] = [
    ArgType::Name,
    ArgType::Text,
    ArgType::TextArray,
    ArgType::NameArray,
];
/// Above this many untyped arguments they are all given the same type.
const MOST_COMBINED: usize = 3;
/// Calls up to this length are resolved without allocation.
const INLINE: usize = 16;

impl Call<'_> {
    fn resolve_at(&self, version: Since) -> Resolution {
        let own =
            self.resolve_untyped(&|o| o.origin == OverloadOrigin::PgTap && o.since <= version);
        if own != Resolution::None {
            return own;
        }
        self.resolve_untyped(&|o| o.origin == OverloadOrigin::NotPgTap)
    }

    /// Tries the possible types of untyped arguments; certain only if all that resolve agree in their roles.
    fn resolve_untyped(&self, pool: Pool) -> Resolution {
        let untyped = self
            .args
            .iter()
            .filter(|&&arg| arg == ArgType::Untyped)
            .count();
        if untyped == 0 {
            return self.choose(pool);
        }
        let mut inline = [ArgType::Unknown; INLINE];
        if let Some(filled) = inline.get_mut(..self.args.len()) {
            return self.guess(untyped, filled, pool);
        }
        self.guess(untyped, &mut vec![ArgType::Unknown; self.args.len()], pool)
    }

    fn guess(&self, untyped: usize, filled: &mut [ArgType], pool: Pool) -> Resolution {
        let mut found = Resolution::None;
        for round in rounds(untyped) {
            fill(filled, self.args, round);
            found = self.agree(found, self.with_args(filled).choose(pool));
            if found == Resolution::Uncertain {
                return found;
            }
        }
        if found == Resolution::None {
            self.only_reading(pool)
        } else {
            found
        }
    }

    /// No name or text fits, as in `ok(finished)` or `is(total, 3)`: the argument has some other type, which may
    /// be any. Only a single reading is certain then.
    fn only_reading(&self, pool: Pool) -> Resolution {
        let readings = members(self.viable(pool)).map(Resolution::Chosen);
        readings.fold(Resolution::None, |found, next| self.agree(found, next))
    }

    /// Joins the outcomes for two guesses at untyped arguments. A guess that does not resolve proves nothing.
    fn agree(&self, found: Resolution, next: Resolution) -> Resolution {
        match (found, next) {
            (Resolution::Chosen(a), Resolution::Chosen(b)) if self.roles(a) == self.roles(b) => {
                found
            }
            (Resolution::Chosen(_), Resolution::Chosen(_)) => Resolution::Uncertain,
            (Resolution::Chosen(_) | Resolution::Uncertain, _) | (_, Resolution::None) => found,
            _ => next,
        }
    }

    fn roles(&self, overload: usize) -> Option<&'static [Role]> {
        self.function.overloads.get(overload).map(|o| o.roles)
    }
}

/// The guesses to make: for each untyped argument, two bits that select its type.
fn rounds(untyped: usize) -> impl Iterator<Item = u64> {
    // All the same type: the two bits of the guess, repeated.
    let uniform = (0..4).map(|guess| guess * (u64::MAX / 3));
    let combined = if (2..=MOST_COMBINED).contains(&untyped) {
        1 << (2 * untyped)
    } else {
        0
    };
    uniform.chain(0..combined)
}

fn fill(filled: &mut [ArgType], args: &[ArgType], round: u64) {
    let mut bits = round;
    for (to, &arg) in filled.iter_mut().zip(args) {
        *to = arg;
        if arg == ArgType::Untyped {
            // Two bits select one of four.
            *to = FILLS[(bits & 3) as usize];
            // Rotating keeps a uniform guess uniform however many arguments there are.
            bits = bits.rotate_right(2);
        }
    }
}
