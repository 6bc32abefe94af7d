//! Calls of functions that nobody knows, with a name close to one of pgTAP's.

use crate::edit_distance::within;
use crate::pgtap::catalog::{FnId, Origin};
use crate::pgtap::statement::{OtherCall, Statement};

use super::finding::{Draft, Fix, Unless};
use super::here::{Here, shown};
use super::rules::UNKNOWN_FUNCTION;

/// Shorter names are close to too many others.
const SHORTEST: usize = 5;
/// From this length on two letters may differ.
const LONG: usize = 9;

/// The functions of the statement that look like misspelled ones.
pub fn check(here: &Here) -> Vec<Draft> {
    here.statement
        .other_calls()
        .filter_map(|call| draft(here, &call))
        .collect()
}

fn draft(here: &Here, call: &OtherCall) -> Option<Draft> {
    let name = call.name.to_ascii_lowercase();
    let foreign = call.schema.as_ref().is_some_and(|s| !here.statement.holds_pgtap(s));
    if foreign || Statement::is_builtin(&name) {
        return None;
    }
    let nearest = nearest(&name)?;
    let fix = here.bytes(call.at, call.at + 1).map(|bytes| Fix {
        from: bytes.start,
        to: bytes.end,
        text: nearest.to_owned(),
        certain: false,
    });
    let message = format!(
        "there is no function {} in pgTAP; the nearest name is {nearest}",
        shown(&call.name)
    );
    let help = format!(
        "Write {nearest}, or scan the file that creates {}, too.",
        shown(&call.name)
    );
    Some(Draft {
        unless: Some(Unless::Created(name)),
        ..Draft::new(&UNKNOWN_FUNCTION, here.spot(call.at, call.at + 1), message, help).fixed(fix)
    })
}

/// pgTAP's function with the nearest name, when it is near enough for a slip of the pen.
fn nearest(name: &[u8]) -> Option<&'static str> {
    if name.len() < SHORTEST {
        return None;
    }
    let most = if name.len() < LONG { 1 } else { 2 };
    let own = FnId::all().map(FnId::function).filter(|f| f.own == Origin::PgTap);
    own.filter(|f| f.name.len() >= SHORTEST)
        .filter_map(|f| Some((within(name, f.name.as_bytes(), most)?, f.name)))
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_have_a_nearest_name() {
        for (name, known) in [
            ("has_tabel", "has_table"),
            ("hast_table", "has_table"),
            ("col_is_uniqe", "col_is_unique"),
            ("results_equals", "results_eq"),
            ("throw_ok", "throws_ok"),
        ] {
            let found = nearest(name.as_bytes());
            assert_eq!(found, (name != "results_equals").then_some(known), "{name}");
        }
    }

    #[test]
    fn other_names_have_none() {
        for name in [
            "now",
            "lower",
            "is_admin",
            "total_of",
            "has_privilege",
            "count",
            "tests.create_user",
            "oks",
        ] {
            assert_eq!(nearest(name.as_bytes()), None, "{name}");
        }
    }
}
