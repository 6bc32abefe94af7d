//! `EXECUTE 'SELECT …'` in a body of PL/pgSQL: the constant text is SQL of the test.

use crate::sql::keyword::Keyword;
use crate::sql::lexer::Mode;
use crate::sql::token::Kind;

use super::found::Sink;
use super::reader::{MAX_BODIES, Reader, Text};
use super::routine::Routine;
use super::view::View;

/// Reads the constant texts that the statement executes. `branch` tells that it stands in a branch or a loop.
pub(super) fn texts(reader: &mut Reader, text: &mut Text, view: &View, branch: bool, sink: &mut dyn Sink) {
    if text.mode != Mode::Body || text.depth >= MAX_BODIES {
        return;
    }
    for at in 0..view.tokens.len() {
        let constant = view.keyword(at) == Keyword::Execute && view.kind(at + 1).is_string();
        // `'SELECT ' || x` is put together at run time.
        if constant && view.kind(at + 2) != Kind::Operator {
            one(reader, text, view, (at + 1, branch), sink);
        }
    }
}

fn one(reader: &mut Reader, text: &mut Text, view: &View, (at, branch): (usize, bool), sink: &mut dyn Sink) {
    let line = text.lines.at(view.token(at).start as usize);
    let source = view.string(at);
    // Parameters of the function are no names there: PL/pgSQL passes values by USING.
    let routine = text.routine.map(|outer| Routine {
        schema: outer.schema.clone(),
        name: outer.name.clone(),
        ..Routine::default()
    });
    let mut inner = Text::new(&source, Mode::Body, line);
    inner.depth = text.depth + 1;
    inner.commented = text.commented;
    inner.context = text.context;
    inner.routine = routine.as_ref();
    if branch {
        reader.script.branches.push(line);
    }
    reader.statements(&mut inner, sink);
    if branch {
        reader.script.branches.pop();
    }
    text.inexact |= inner.inexact;
    text.body.append(&mut inner.body);
}
