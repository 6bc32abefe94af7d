//! The statements of a text, one after the other.

use crate::pgtap::view::View;
use crate::sql::lexer::Mode;
use crate::sql::statement::{Aside, Statements};
use crate::sql::token::Token;

struct Silent;

impl Aside for Silent {
    fn comment(&mut self, _: &Token) {}
    fn meta(&mut self, _: &Token) {}
    fn open(&mut self, _: &Token) {}
}

/// Hands each statement of `text` to `visit`; what stands beside statements is passed over.
pub fn each(text: &[u8], mode: Mode, visit: &mut dyn FnMut(&View)) {
    let mut statements = Statements::new(text, mode);
    let mut tokens = Vec::new();
    while statements.next_into(&mut tokens, &mut Silent).is_some() {
        visit(&View {
            source: text,
            tokens: &tokens,
            closing: &[],
        });
    }
}
