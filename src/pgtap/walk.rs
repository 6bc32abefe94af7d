//! Walks one statement's tokens and finds its calls.
//!
//! A stack of open brackets, no recursion: depth costs memory, never the call stack.

use crate::sql::keyword::Keyword;
use crate::sql::lexer::Mode;
use crate::sql::token::{Kind, Token};

use super::view::UNMATCHED;
use super::walk_words::{AGGREGATES, SETS, SPECIAL_FROM, is_callable, leads_expression};
pub use super::walked::{Call, Callee, Lookup, Scope, Use};

/// Brackets deeper than this are counted, but calls inside them are not read. PostgreSQL refuses
/// far less (`max_stack_depth`).
pub const MAX_DEPTH: usize = 1 << 16;

/// What the walk found; reused from statement to statement.
#[derive(Default)]
pub struct Walked {
    /// The calls looked for, in the order of their names.
    pub calls: Vec<Call>,
    /// Argument ranges (token indexes) of all calls.
    pub spans: Vec<(u32, u32)>,
    /// The statement's SELECTs; the first stands for the statement itself.
    pub scopes: Vec<Scope>,
    /// Functions and relations it names.
    pub uses: Vec<Use>,
    /// For each opening bracket its closing one.
    pub closing: Vec<u32>,
    /// An argument of a call looked for calls a function that returns many rows: the call runs once for each.
    pub many_rows: bool,
    /// The first bracket that was never closed.
    pub unclosed: Option<usize>,
    /// The first bracket beyond [`MAX_DEPTH`].
    pub too_deep: Option<usize>,
    frames: Vec<Frame>,
    pending: Vec<(u32, u32)>,
    /// CASE, IF, LOOP and BEGIN that are open. Kept over the statements of a PL/pgSQL body.
    blocks: Vec<Keyword>,
    /// How many of them are branches or loops.
    branches: usize,
}

#[derive(Clone, Copy)]
struct Frame {
    open: usize,
    call: Option<usize>,
    pending: usize,
    argument: usize,
    /// The current argument so far is just this call.
    direct: Option<usize>,
    scope: usize,
    owns_scope: bool,
    in_from: bool,
    /// `extract(… FROM …)` and its like: this FROM names no relation.
    special_from: bool,
    /// How many calls looked for it lies in.
    calls: u32,
}

impl Walked {
    /// Forgets open blocks: a new statement of a script, or a new body, begins.
    pub fn forget_blocks(&mut self) {
        self.blocks.clear();
        self.branches = 0;
    }

    /// Whether any branch or loop is open.
    pub fn in_branch(&self) -> bool {
        self.branches > 0
    }

    /// Gives back what an unusually long statement made it allocate.
    pub fn shrink(&mut self) {
        const KEPT: usize = 1 << 12;
        self.clear(0);
        self.calls.shrink_to(KEPT);
        self.spans.shrink_to(KEPT);
        self.scopes.shrink_to(KEPT);
        self.uses.shrink_to(KEPT);
        self.closing.shrink_to(KEPT);
        self.frames.shrink_to(KEPT);
        self.pending.shrink_to(KEPT);
        self.blocks.shrink_to(KEPT);
    }

    /// Forgets the last statement; open blocks stay.
    fn clear(&mut self, tokens: usize) {
        self.calls.clear();
        self.spans.clear();
        self.scopes.clear();
        self.scopes.push(Scope::default());
        self.uses.clear();
        self.closing.clear();
        self.closing.resize(tokens, UNMATCHED);
        self.unclosed = None;
        self.many_rows = false;
        self.too_deep = None;
        self.frames.clear();
        self.pending.clear();
        self.frames.push(Frame {
            open: 0,
            call: None,
            pending: 0,
            argument: 0,
            direct: None,
            scope: 0,
            owns_scope: true,
            in_from: false,
            special_from: false,
            calls: 0,
        });
    }
}

/// Finds what `tokens` call and name.
pub fn walk(source: &[u8], tokens: &[Token], mode: Mode, lookup: &dyn Lookup, out: &mut Walked) {
    out.clear(tokens.len());
    let mut walker = Walker {
        source,
        tokens,
        mode,
        lookup,
        out,
        overflow: 0,
    };
    for at in 0..tokens.len() {
        walker.step(at);
    }
    walker.finish();
}

/// Where it indexes: `at` is a place in `tokens`, as `walk` counts it; `frames` is never empty, for the statement's own
/// frame is not popped; the calls and scopes that frames name were pushed before the frame, and nothing is removed from
/// either before `finish`; `closing` is as long as `tokens`, and `open` is the place of a token.
struct Walker<'a, 'o> {
    source: &'a [u8],
    tokens: &'a [Token],
    mode: Mode,
    lookup: &'a dyn Lookup,
    out: &'o mut Walked,
    overflow: usize,
}

impl Walker<'_, '_> {
    #[inline]
    fn kind(&self, at: usize) -> Kind {
        crate::work::add(1);
        self.tokens.get(at).map_or(Kind::Semicolon, |t| t.kind)
    }

    /// The innermost open bracket. The statement's own frame is never popped.
    #[inline]
    fn top(&mut self) -> &mut Frame {
        let last = self.out.frames.len() - 1;
        &mut self.out.frames[last]
    }

    #[inline]
    fn step(&mut self, at: usize) {
        crate::work::add(1);
        match self.tokens[at].kind {
            Kind::LParen => self.open(at),
            Kind::LBracket => self.push(at, None, false),
            Kind::RParen | Kind::RBracket => self.close(at),
            Kind::Comma => self.comma(at),
            Kind::Word if self.tokens[at].keyword != Keyword::None => self.keyword(at),
            Kind::Semicolon => self.top().direct = None,
            _ => {}
        }
    }

    fn comma(&mut self, at: usize) {
        if self.overflow > 0 {
            return;
        }
        self.end_argument(at);
        let frame = self.top();
        frame.argument = at + 1;
        if frame.in_from {
            self.relation(at + 1);
        }
    }

    fn end_argument(&mut self, at: usize) {
        let frame = *self.top();
        if frame.call.is_some() && self.overflow == 0 {
            self.out.pending.push((frame.argument as u32, at as u32));
        }
        self.settle_direct(at);
    }

    /// The argument that ends at `at` was just one call: its caller wraps it.
    fn settle_direct(&mut self, at: usize) {
        let frame = *self.top();
        self.top().direct = None;
        let (Some(inner), Some(outer)) = (frame.direct, frame.call) else {
            return;
        };
        let behind = self.out.calls[inner].outer + 1;
        if !self.out.calls[outer].may_wrap {
            return;
        }
        if behind == at {
            let id = self.out.calls[outer].id;
            self.out.calls[inner].wrapper = Some(id);
            self.out.calls[outer].wraps = true;
        }
    }

    fn push(&mut self, at: usize, call: Option<usize>, special_from: bool) {
        if self.out.frames.len() > MAX_DEPTH {
            self.out.too_deep.get_or_insert(at);
            self.overflow += 1;
            return;
        }
        let Frame { scope, calls, .. } = *self.top();
        let frame = Frame {
            calls: calls + u32::from(call.is_some()),
            open: at,
            call,
            pending: self.out.pending.len(),
            argument: at + 1,
            direct: None,
            scope,
            owns_scope: false,
            in_from: false,
            special_from,
        };
        self.out.frames.push(frame);
    }

    fn close(&mut self, at: usize) {
        if self.overflow > 0 {
            self.overflow -= 1;
            return;
        }
        // `[ … )`: such a bracket was never closed; the parenthesis closes what lies around it. A loop, for there may
        // be more of them than the call stack has room for.
        while self.kind(at) == Kind::RParen && self.out.frames.len() > 1 {
            let open = self.top().open;
            if self.kind(open) != Kind::LBracket {
                break;
            }
            self.out.unclosed.get_or_insert(open);
            self.pop(at, true);
        }
        if self.out.frames.len() > 1 {
            self.pop(at, false);
        }
    }

    fn pop(&mut self, at: usize, open: bool) {
        let frame = *self.top();
        self.out.closing[frame.open] = at as u32;
        if frame.call.is_some() && (at > frame.open + 1) {
            self.end_argument(at);
        }
        if let Some(index) = frame.call {
            let spans = self.out.spans.len();
            let pending = self.out.pending.drain(frame.pending..);
            self.out.spans.extend(pending);
            let call = &mut self.out.calls[index];
            (call.spans, call.arity) = (spans, self.out.spans.len() - spans);
            (call.close, call.open) = (at, open);
        }
        self.out.pending.truncate(frame.pending);
        self.out.frames.pop();
        self.pass_direct(frame, at);
    }

    /// The closed call, or the call alone in the closed parentheses, may be all of its argument.
    fn pass_direct(&mut self, frame: Frame, at: usize) {
        let (index, first) = match (frame.call, frame.direct) {
            (Some(index), _) if self.out.calls[index].assertion => (index, self.out.calls[index].first),
            (None, Some(index))
                if self.kind(frame.open) == Kind::LParen
                    && frame.argument == frame.open + 1
                    && self.out.calls[index].outer + 1 == at =>
            {
                (index, frame.open)
            }
            _ => return,
        };
        self.out.calls[index].outer = at;
        let parent = self.top();
        if parent.argument == first {
            parent.direct = Some(index);
        }
    }

    /// A parenthesis: of a call that is looked for, of another call, or none.
    fn open(&mut self, at: usize) {
        let Some(name) = at.checked_sub(1).map(|i| self.tokens[i]) else {
            return self.push(at, None, false);
        };
        if !name.kind.is_name() || !is_callable(name.keyword) {
            return self.push(at, None, false);
        }
        let qualified = at >= 3 && self.kind(at - 2) == Kind::Dot && self.tokens[at - 3].kind.is_name();
        let first = if qualified { at - 3 } else { at - 1 };
        if !self.allows_call(first) {
            return self.push(at, None, false);
        }
        let schema = qualified.then(|| &self.tokens[at - 3]);
        let callee = self
            .lookup
            .callee(schema.map(|t| (t, t.text(self.source))), &name, self.source);
        match callee {
            Callee::Known { id, assertion, wraps } => self.open_call(at, first, id, assertion, wraps),
            Callee::Other => self.open_other(at, qualified),
        }
    }

    fn open_call(&mut self, at: usize, first: usize, id: u32, assertion: bool, may_wrap: bool) {
        let conditional = self.out.in_branch();
        let frame = *self.top();
        let index = self.out.calls.len();
        if self.out.frames.len() > MAX_DEPTH {
            return self.push(at, None, false);
        }
        self.out.calls.push(Call {
            id,
            assertion,
            first,
            name: at - 1,
            close: self.tokens.len(),
            outer: 0,
            spans: 0,
            arity: 0,
            wrapper: None,
            may_wrap,
            wraps: false,
            conditional,
            depth: frame.calls,
            scope: frame.scope,
            in_list: self.out.scopes[frame.scope].from.is_none(),
            open: true,
        });
        self.push(at, Some(index), false);
    }

    fn open_other(&mut self, at: usize, qualified: bool) {
        let text = self.tokens[at - 1].text(self.source);
        let is = |list: &[&str]| !qualified && list.iter().any(|n| text.eq_ignore_ascii_case(n.as_bytes()));
        let special = is(SPECIAL_FROM);
        if !special {
            let Frame { scope, calls, .. } = *self.top();
            self.out.many_rows |= calls > 0 && is(SETS);
            if is(AGGREGATES) {
                self.out.scopes[scope].aggregated = true;
            }
            self.out.uses.push(Use {
                name: at - 1,
                schema: qualified.then(|| at - 3),
                function: true,
            });
        }
        self.push(at, None, special);
    }

    /// Whether a name at `first` with a parenthesis behind it can be a call there.
    fn allows_call(&self, first: usize) -> bool {
        let Some(before) = first.checked_sub(1).map(|i| &self.tokens[i]) else {
            return false;
        };
        match before.kind {
            Kind::LParen | Kind::LBracket | Kind::Comma | Kind::Operator | Kind::Arrow | Kind::Assign | Kind::Colon => {
                true
            }
            Kind::Word => match before.keyword {
                Keyword::None => before.text(self.source).eq_ignore_ascii_case(b"elseif"),
                word => leads_expression(word),
            },
            _ => false,
        }
    }

    fn keyword(&mut self, at: usize) {
        let word = self.tokens[at].keyword;
        match word {
            Keyword::Select => self.select(),
            Keyword::From => self.from(at),
            Keyword::Join | Keyword::Copy | Keyword::Truncate => self.relation(at + 1),
            Keyword::Into if self.before(at) == Keyword::Insert => self.relation(at + 1),
            Keyword::Into if self.before(at) == Keyword::Merge => {
                // Its USING names a relation as that of DELETE does.
                self.top().in_from = true;
                self.relation(at + 1);
            }
            Keyword::Update if self.leads(at) => self.relation(at + 1),
            Keyword::Using if self.top().in_from => self.relation(at + 1),
            Keyword::Group => {
                let scope = self.top().scope;
                self.out.scopes[scope].grouped = true;
                self.top().in_from = false;
            }
            Keyword::Where
            | Keyword::Order
            | Keyword::Having
            | Keyword::Limit
            | Keyword::Union
            | Keyword::Intersect
            | Keyword::Except
            | Keyword::On
            | Keyword::Set
            | Keyword::Values
            | Keyword::Returning
            | Keyword::Loop => {
                self.top().in_from = false;
                self.block(at);
            }
            _ => self.block(at),
        }
    }

    fn before(&self, at: usize) -> Keyword {
        at.checked_sub(1).map_or(Keyword::None, |i| self.tokens[i].keyword)
    }

    /// Whether the word at `at` begins a statement (`FOR UPDATE` and `DO UPDATE` do not).
    fn leads(&self, at: usize) -> bool {
        at == 0
            || self.kind(at - 1) == Kind::LParen
            || matches!(
                self.before(at),
                Keyword::Begin | Keyword::Then | Keyword::Else | Keyword::Loop | Keyword::As
            )
    }

    fn select(&mut self) {
        let scope = self.out.scopes.len();
        self.out.scopes.push(Scope::default());
        let frame = self.top();
        (frame.scope, frame.owns_scope, frame.in_from) = (scope, true, false);
    }

    fn from(&mut self, at: usize) {
        let frame = *self.top();
        if frame.special_from || self.before(at) == Keyword::Distinct {
            return;
        }
        if frame.owns_scope {
            let scope = &mut self.out.scopes[frame.scope];
            scope.from = scope.from.or(Some(at + 1));
        }
        self.top().in_from = true;
        self.relation(at + 1);
    }

    /// Notes the relation that a FROM item, `INTO` or the like names.
    fn relation(&mut self, mut at: usize) {
        while matches!(
            self.tokens.get(at).map(|t| t.keyword),
            Some(Keyword::Only | Keyword::Table | Keyword::Lateral)
        ) {
            at += 1;
        }
        let Some(token) = self.tokens.get(at) else { return };
        if !token.kind.is_name() || token.keyword != Keyword::None {
            return;
        }
        let qualified = self.kind(at + 1) == Kind::Dot && self.tokens.get(at + 2).is_some_and(|t| t.kind.is_name());
        let last = if qualified { at + 2 } else { at };
        let inserts = at >= 1 && self.before(at) == Keyword::Into || self.before(at) == Keyword::Copy;
        if self.kind(last + 1) == Kind::LParen && !inserts {
            return;
        }
        self.out.uses.push(Use {
            name: last,
            schema: qualified.then_some(at),
            function: false,
        });
    }

    /// Follows CASE, IF, LOOP and BEGIN to their END.
    fn block(&mut self, at: usize) {
        let word = self.tokens[at].keyword;
        let ends = self.before(at) == Keyword::End;
        match word {
            Keyword::Case if !ends => self.enter(word),
            Keyword::End if self.mode == Mode::Body || self.out.blocks.last() == Some(&Keyword::Case) => {
                let branch = self.out.blocks.pop().is_some_and(|block| block != Keyword::Begin);
                self.out.branches -= usize::from(branch);
            }
            Keyword::If | Keyword::Loop | Keyword::Begin if self.mode == Mode::Body && !ends && !self.exists(at) => {
                self.enter(word);
            }
            _ => {}
        }
    }

    fn enter(&mut self, block: Keyword) {
        self.out.blocks.push(block);
        self.out.branches += usize::from(block != Keyword::Begin);
    }

    /// `IF EXISTS` and `IF NOT EXISTS` of DDL.
    fn exists(&self, at: usize) -> bool {
        let word = |i: usize| self.tokens.get(i).map_or(Keyword::None, |t| t.keyword);
        let ddl = at > 0
            && self.tokens[at - 1].kind == Kind::Word
            && !matches!(
                self.before(at),
                Keyword::Begin | Keyword::Then | Keyword::Else | Keyword::Loop
            );
        self.tokens[at].keyword == Keyword::If
            && ddl
            && (word(at + 1) == Keyword::Exists || (word(at + 1) == Keyword::Not && word(at + 2) == Keyword::Exists))
    }

    fn finish(&mut self) {
        let end = self.tokens.len();
        while self.out.frames.len() > 1 {
            let open = self.top().open;
            self.out.unclosed = Some(self.out.unclosed.map_or(open, |u| u.min(open)));
            self.pop(end, true);
            self.out.closing[open] = UNMATCHED;
        }
        let tokens = self.tokens;
        self.out.calls.retain(|call| !is_definition(tokens, call));
    }
}

/// `ok(a, b) AS (`: a column list of a CTE, not a call.
fn is_definition(tokens: &[Token], call: &Call) -> bool {
    let word = |i: usize| tokens.get(call.close + i);
    word(1).is_some_and(|t| t.keyword == Keyword::As)
        && word(2).is_some_and(|t| t.kind == Kind::LParen || matches!(t.keyword, Keyword::Materialized | Keyword::Not))
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
