//! The same assertion twice in a straight line.

use rustc_hash::FxHashMap;

use crate::pgtap::catalog::{FnId, Group, Origin};
use crate::pgtap::found::Context;
use crate::pgtap::shape;
use crate::pgtap::statement::{Called, Statement};
use crate::sql::keyword::Keyword;

use super::finding::Draft;
use super::here::Here;
use super::rules::DUPLICATE_ASSERTION;

/// The assertions since something could have changed what they find: where each stands.
#[derive(Default)]
pub struct Straight {
    seen: FxHashMap<Vec<u8>, u32>,
}

impl Straight {
    /// The assertions of a statement that were made before.
    pub fn check(&mut self, here: &Here) -> Vec<Draft> {
        if here.statement.context != Context::Script {
            return Vec::new();
        }
        if may_change(here) {
            self.seen.clear();
            return Vec::new();
        }
        here.calls.iter().filter_map(|call| self.again(here, call)).collect()
    }

    fn again(&mut self, here: &Here, call: &Called) -> Option<Draft> {
        let object = call.assertion && call.entry().is_some_and(|f| f.group == Group::Object);
        let alone = !call.conditional && !call.rows && !call.open && call.wrapper.is_none() && call.depth == 0;
        if !object || !alone || !call.given.iter().all(|g| g.is_constant()) {
            return None;
        }
        let key = format!("{} {:?}", call.id, call.given).into_bytes();
        let line = here.statement.line(call.name);
        let first = self.seen.insert(key, line)?;
        let message = format!("the same assertion stands in line {first}, and nothing in between changes its result");
        Some(Draft::new(
            &DUPLICATE_ASSERTION,
            here.call(call),
            message,
            "Remove one, or change what it tests.",
        ))
    }
}

/// Whether the statement may change what assertions find: anything but a SELECT of pgTAP's own functions that run no SQL.
fn may_change(here: &Here) -> bool {
    let foreign = |call: &Called| !call.function.is_some_and(is_quiet);
    let first = here.statement.view.keyword(0);
    first != Keyword::Select || here.calls.iter().any(foreign) || calls_others(here.statement)
}

fn is_quiet(id: FnId) -> bool {
    let function = id.function();
    let runs = matches!(function.name, "runtests" | "do_tap");
    function.own == Origin::PgTap && shape::traits_of(id).sql == 0 && !runs
}

fn calls_others(statement: &Statement) -> bool {
    statement
        .other_calls()
        .any(|call| call.schema.is_some() || !Statement::is_builtin(&call.name))
        || statement.other_calls().any(|call| call.name.as_ref() == b"set_config")
}
