//! The key words that decide what a name followed by `(` is.

/// Key words the reader acts on. Everything else is [`Keyword::None`].
macro_rules! keywords {
    ($($variant:ident = $text:literal),+ $(,)?) => {
        /// A key word, or [`Keyword::None`] for an ordinary identifier.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        #[allow(missing_docs)]
        pub enum Keyword { None, $($variant),+ }

        const KEYWORDS: &[(&str, Keyword)] = &[$(($text, Keyword::$variant)),+];
    };
}

keywords! {
    Alter = "alter", All = "all", And = "and", Any = "any", Array = "array", As = "as",
    Assert = "assert", Atomic = "atomic", Begin = "begin", Between = "between", By = "by",
    Call = "call", Case = "case", Cast = "cast", Collate = "collate", Comment = "comment",
    Copy = "copy", Create = "create", Cross = "cross", Cursor = "cursor", Declare = "declare",
    Delete = "delete", Distinct = "distinct", Do = "do", Drop = "drop", Else = "else",
    Elsif = "elsif", End = "end", Except = "except", Execute = "execute", Exists = "exists",
    Extension = "extension", False = "false", Filter = "filter", For = "for", Foreach = "foreach",
    From = "from", Full = "full", Function = "function", Grant = "grant", Group = "group",
    Having = "having", If = "if", Ilike = "ilike", In = "in", Index = "index", Inner = "inner",
    Insert = "insert", Intersect = "intersect", Into = "into", Is = "is", Join = "join",
    Language = "language", Lateral = "lateral", Left = "left", Like = "like", Limit = "limit",
    Local = "local", Loop = "loop", Materialized = "materialized", Merge = "merge",
    Natural = "natural", Next = "next", Not = "not", Null = "null", Offset = "offset", On = "on",
    Only = "only", Or = "or", Order = "order", Over = "over", Perform = "perform",
    Policy = "policy", Prepare = "prepare", Procedure = "procedure", Query = "query",
    Recursive = "recursive", References = "references", Replace = "replace", Return = "return",
    Returning = "returning", Revoke = "revoke", Right = "right", Row = "row", Rows = "rows",
    Schema = "schema", Security = "security", Select = "select", Session = "session", Set = "set",
    Similar = "similar", Some = "some", Stdin = "stdin", Table = "table", Temp = "temp",
    Temporary = "temporary", Then = "then", To = "to", Trigger = "trigger", True = "true",
    Truncate = "truncate", Type = "type", Union = "union", Unlogged = "unlogged",
    Update = "update", Using = "using", Values = "values", View = "view", When = "when",
    Where = "where", While = "while", With = "with",
}

const SLOTS: usize = 1024;

const fn fold(byte: u8) -> u64 {
    (byte | 0x20) as u64
}

/// Mixes length, first two and last two letters: enough to keep the buckets of this list short.
const fn hash(word: &[u8]) -> usize {
    let n = word.len();
    let a = fold(word[0]);
    let b = fold(word[1]);
    let c = fold(word[n - 1]);
    let d = fold(word[n / 2]);
    let mixed = (a | b << 8 | c << 16 | d << 24 | (n as u64) << 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 54) as usize
}

/// Open addressing, built at compile time; 0 is empty, else index + 1 into `KEYWORDS`.
static TABLE: [u8; SLOTS] = {
    let mut table = [0u8; SLOTS];
    let mut i = 0;
    while i < KEYWORDS.len() {
        let mut slot = hash(KEYWORDS[i].0.as_bytes());
        while table[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = i as u8 + 1;
        i += 1;
    }
    table
};

/// The key word that `word` spells, in any case.
#[inline]
pub fn keyword(word: &[u8]) -> Keyword {
    if word.len() < 2 || word.len() > 12 {
        return Keyword::None;
    }
    let mut slot = hash(word);
    loop {
        // `slot` stays below SLOTS and the table is mostly empty, so the loop ends.
        let Some((text, found)) = (TABLE[slot] as usize).checked_sub(1).and_then(|i| KEYWORDS.get(i)) else {
            return Keyword::None;
        };
        if text.len() == word.len() && word.eq_ignore_ascii_case(text.as_bytes()) {
            return *found;
        }
        slot = (slot + 1) % SLOTS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_keyword_in_any_case() {
        for (text, expected) in KEYWORDS {
            assert_eq!(keyword(text.as_bytes()), *expected);
            assert_eq!(keyword(text.to_uppercase().as_bytes()), *expected);
            assert_eq!(keyword(format!("{text}_").as_bytes()), Keyword::None);
        }
        assert_eq!(KEYWORDS.len(), 112);
    }

    #[test]
    fn other_words_are_no_keywords() {
        for word in ["", "a", "has_table", "selects", "id", "éa", "zz"] {
            assert_eq!(keyword(word.as_bytes()), Keyword::None);
        }
    }
}
