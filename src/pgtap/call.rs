//! One call: which overloads take its arguments, and which of them PostgreSQL prefers.

use super::arg_type::{ArgType, Category, category, element, is_preferred};
use super::catalog::{FnId, Function, Overload, SqlType};
use super::resolve::Resolution;

/// Which overloads may be chosen at all.
pub(super) type Pool<'p> = &'p dyn Fn(&Overload) -> bool;

/// The overloads still in the running, a bit each.
type Candidates = u32;

/// The overloads of a set, in the order of the catalogue.
pub(super) fn members(set: Candidates) -> impl Iterator<Item = usize> {
    (0..Candidates::BITS as usize).filter(move |&i| set >> i & 1 == 1)
}

/// The type of the parameter that takes a positional argument; a VARIADIC one is spread.
pub(super) fn parameter_at(overload: &Overload, position: usize) -> Option<SqlType> {
    let last = overload.types.len().checked_sub(1)?;
    if overload.variadic && position >= last {
        return overload.types.last().copied().and_then(element);
    }
    overload.types.get(position).copied()
}

/// A call of a catalogued function; `names` is empty or parallel to `args`.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) function: &'static Function,
    pub(super) args: &'a [ArgType],
    names: &'a [Option<&'a [u8]>],
}

impl<'a> Call<'a> {
    pub(super) fn new(function: FnId, args: &'a [ArgType], names: &'a [Option<&'a [u8]>]) -> Self {
        Call {
            function: function.function(),
            args,
            names,
        }
    }

    /// The same call with other types.
    pub(super) fn with_args<'b>(&'b self, args: &'b [ArgType]) -> Call<'b> {
        Call { args, ..*self }
    }

    /// PostgreSQL's choice among the overloads of the pool.
    pub(super) fn choose(&self, pool: Pool) -> Resolution {
        let viable = self.viable(pool);
        let exact = members(viable).find(|&o| self.is_exact(o));
        match exact.map_or_else(|| self.narrow(viable), |o| 1 << o) {
            0 => Resolution::None,
            rest if rest.is_power_of_two() => {
                self.unless_twin(rest.trailing_zeros() as usize, pool)
            }
            _ => Resolution::Ambiguous,
        }
    }

    /// The overloads that implicit casts can reach, one for each signature.
    pub(super) fn viable(&self, pool: Pool) -> Candidates {
        let distinct = self.distinct(self.fitting(pool));
        self.keep(distinct, |o| self.reaches(o, |arg| arg))
    }

    /// With named notation two overloads can take the same types in the order of the call: PostgreSQL gives up
    /// on such a pair. By position the only pairs are the two readings of one signature.
    fn unless_twin(&self, chosen: usize, pool: Pool) -> Resolution {
        let twin = |o| o != chosen && self.same_parameters(o, chosen);
        if self.is_named() && members(self.fitting(pool)).any(twin) {
            return Resolution::Ambiguous;
        }
        Resolution::Chosen(chosen)
    }

    fn is_named(&self) -> bool {
        self.names.iter().any(Option::is_some)
    }

    /// The overloads of the pool that take this number of arguments and these names.
    fn fitting(&self, pool: Pool) -> Candidates {
        let fits = |(_, o): &(usize, &Overload)| pool(o) && self.fits(o);
        let overloads = self.function.overloads.iter().enumerate();
        overloads.filter(fits).fold(0, |set, (i, _)| set | 1 << i)
    }

    fn fits(&self, overload: &Overload) -> bool {
        let (given, declared) = (self.args.len(), overload.types.len());
        if self.is_named() {
            return given <= declared && self.names_fit(overload);
        }
        let least = declared.saturating_sub(usize::from(overload.optional));
        if overload.variadic {
            given >= declared
        } else {
            (least..=declared).contains(&given)
        }
    }

    /// Whether every argument finds a parameter of its own and only optional ones are left.
    fn names_fit(&self, overload: &Overload) -> bool {
        let (mut taken, mut named) = (0_u32, false);
        for i in 0..self.args.len() {
            let name = self.name(i);
            let position = name.map_or(Some(i), |n| self.function.parameter(overload, n));
            let Some(bit) = position.map(|p| 1 << p) else {
                return false;
            };
            if taken & bit != 0 || (named && name.is_none()) {
                return false;
            }
            (taken, named) = (taken | bit, name.is_some());
        }
        let required = overload
            .types
            .len()
            .saturating_sub(usize::from(overload.optional));
        taken.trailing_ones() as usize >= required
    }

    fn name(&self, arg: usize) -> Option<&'a [u8]> {
        self.names.get(arg).copied().flatten()
    }

    /// The type of the parameter that takes the argument at this place of the call.
    fn parameter(&self, overload: usize, arg: usize) -> Option<SqlType> {
        let overload = self.function.overloads.get(overload)?;
        let position = self
            .name(arg)
            .map_or(Some(arg), |n| self.function.parameter(overload, n))?;
        parameter_at(overload, position)
    }

    /// Each argument with the type of its parameter.
    fn parameters(&self, overload: usize) -> impl Iterator<Item = (ArgType, SqlType)> {
        let args = self.args.iter().enumerate();
        args.filter_map(move |(i, &arg)| Some((arg, self.parameter(overload, i)?)))
    }

    fn same_parameters(&self, a: usize, b: usize) -> bool {
        self.parameters(a).eq(self.parameters(b))
    }

    fn keep(&self, set: Candidates, wanted: impl Fn(usize) -> bool) -> Candidates {
        members(set)
            .filter(|&o| wanted(o))
            .fold(0, |kept, o| kept | 1 << o)
    }

    /// One overload for each list of parameter types: not the VARIADIC one, else the first.
    fn distinct(&self, set: Candidates) -> Candidates {
        let spread = |o: usize| self.function.overloads.get(o).is_some_and(|o| o.variadic);
        let shadows = |a: usize, b: usize| {
            if spread(a) == spread(b) {
                a < b
            } else {
                spread(b)
            }
        };
        self.keep(set, |b| {
            !members(set).any(|a| a != b && shadows(a, b) && self.same_parameters(a, b))
        })
    }

    fn is_exact(&self, overload: usize) -> bool {
        self.parameters(overload)
            .all(|(arg, parameter)| arg.is(parameter))
    }

    /// Whether implicit casts lead from the arguments, each seen through `view`, to the parameters. All `anyelement`
    /// arguments must have one type. A second `anyarray`, or both of them, occurs in no signature (a test holds it).
    fn reaches(&self, overload: usize, view: impl Fn(ArgType) -> ArgType) -> bool {
        let mut single = None;
        self.parameters(overload).all(|(arg, parameter)| {
            let arg = view(arg);
            match parameter {
                SqlType::AnyElement => arg.is_open() || *single.get_or_insert(arg) == arg,
                SqlType::AnyArray => arg.is_open() || arg.element().is_some(),
                _ => arg.casts_to(parameter),
            }
        })
    }

    /// PostgreSQL's preferences in order, each applied to what the one before it left.
    fn narrow(&self, set: Candidates) -> Candidates {
        let steps: [fn(&Self, Candidates) -> Candidates; 4] = [
            Self::most_exact,
            Self::most_preferred,
            Self::literal_categories,
            Self::one_known_type,
        ];
        let mut rest = set;
        for step in steps {
            if rest.count_ones() <= 1 {
                break;
            }
            rest = step(self, rest);
        }
        rest
    }

    fn most_exact(&self, set: Candidates) -> Candidates {
        self.best(set, |arg, parameter| arg.is(parameter))
    }

    fn most_preferred(&self, set: Candidates) -> Candidates {
        self.best(set, |arg, parameter| {
            arg.is(parameter) || arg.prefers(parameter)
        })
    }

    /// The candidates with the most arguments that pass a test; a literal never passes.
    fn best(&self, set: Candidates, good: impl Fn(ArgType, SqlType) -> bool) -> Candidates {
        let score = |o| {
            self.parameters(o)
                .filter(|&(arg, parameter)| good(arg, parameter))
                .count()
        };
        let most = members(set).map(score).max().unwrap_or(0);
        self.keep(set, |o| score(o) == most)
    }

    /// Each literal takes a category: string if any candidate offers it, else the one that all offer, and the
    /// preferred type of it if any candidate has that. No change when there is no common one or nothing would be left.
    fn literal_categories(&self, set: Candidates) -> Candidates {
        let mut rest = set;
        for (i, _) in self
            .args
            .iter()
            .enumerate()
            .filter(|(_, arg)| arg.is_open())
        {
            let Some((wanted, preferred)) = self.literal_category(set, i) else {
                return set;
            };
            let suits = |p| category(p) == wanted && (!preferred || is_preferred(p));
            rest = self.keep(rest, |o| self.parameter(o, i).is_some_and(suits));
        }
        if rest == 0 { set } else { rest }
    }

    /// The category that one literal takes, and whether some candidate has the preferred type of it there.
    fn literal_category(&self, set: Candidates, arg: usize) -> Option<(Category, bool)> {
        let offered = || members(set).filter_map(|o| self.parameter(o, arg));
        let first = category(offered().next()?);
        let wanted = if offered().any(|p| category(p) == Category::Text) {
            Category::Text
        } else {
            first
        };
        let common = wanted == Category::Text || offered().all(|p| category(p) == wanted);
        let preferred = offered().any(|p| category(p) == wanted && is_preferred(p));
        common.then_some((wanted, preferred))
    }

    /// If the typed arguments all have one type, the literals may have it, too, when just one candidate takes that.
    fn one_known_type(&self, set: Candidates) -> Candidates {
        let mut typed = self.args.iter().copied().filter(|arg| !arg.is_open());
        let Some(known) = typed.next().filter(|&first| typed.all(|arg| arg == first)) else {
            return set;
        };
        let taking = self.keep(set, |o| self.reaches(o, |_| known));
        if taking.count_ones() == 1 {
            taking
        } else {
            set
        }
    }
}
