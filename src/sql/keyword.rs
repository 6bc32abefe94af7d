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

/// The shortest and the longest key word.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=12;

/// The first and the last bytes of a word, which together are all of it, in lower case.
///
/// Setting bit 5 is exact for letters: no byte but a letter of either case becomes one, and key words hold nothing
/// else.
const fn ends(word: &[u8]) -> (u64, u64) {
    const LOWER: u64 = 0x2020_2020_2020_2020;
    let (head, tail) = match (word.first_chunk(), word.last_chunk()) {
        (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
        _ => match (word.first_chunk(), word.last_chunk(), word) {
            (Some(head), Some(tail), _) => (u32::from_le_bytes(*head) as u64, u32::from_le_bytes(*tail) as u64),
            (_, _, [a, .., y, z]) => (*a as u64, *y as u64 | (*z as u64) << 8),
            (_, _, [a, z]) => (*a as u64, *z as u64),
            _ => (0, 0),
        },
    };
    (head | LOWER, tail | LOWER)
}

const fn hash((head, tail): (u64, u64), length: usize) -> usize {
    const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
    let mixed = (head.wrapping_mul(MIX) ^ tail.rotate_left(length as u32)).wrapping_mul(MIX);
    (mixed >> 54) as usize
}

/// A place in the table: ends and length of the word; length 0 is an empty one.
#[derive(Clone, Copy)]
struct Slot {
    ends: (u64, u64),
    length: usize,
    found: Keyword,
}

/// Open addressing, built at compile time.
static TABLE: [Slot; SLOTS] = {
    let empty = Slot {
        ends: (0, 0),
        length: 0,
        found: Keyword::None,
    };
    let mut table = [empty; SLOTS];
    let mut i = 0;
    while i < KEYWORDS.len() {
        let (word, found) = KEYWORDS[i];
        let (ends, length) = (ends(word.as_bytes()), word.len());
        let mut at = hash(ends, length);
        while table[at].length != 0 {
            at = (at + 1) % SLOTS;
        }
        table[at] = Slot { ends, length, found };
        i += 1;
    }
    table
};

/// The key word that `word` spells, in any case.
#[inline]
pub fn keyword(word: &[u8]) -> Keyword {
    if !LENGTHS.contains(&word.len()) {
        return Keyword::None;
    }
    let ends = ends(word);
    let mut at = hash(ends, word.len());
    loop {
        // `at` stays below SLOTS and the table is mostly empty, so the loop ends.
        let slot = &TABLE[at % SLOTS];
        if slot.length == 0 {
            return Keyword::None;
        }
        if slot.ends == ends && slot.length == word.len() {
            return slot.found;
        }
        at += 1;
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
        assert!(KEYWORDS.iter().all(|(text, _)| LENGTHS.contains(&text.len())));
        assert!(
            KEYWORDS
                .iter()
                .all(|(text, _)| text.bytes().all(|b| b.is_ascii_lowercase()))
        );
    }

    #[test]
    fn other_words_are_no_keywords() {
        for word in [
            "",
            "a",
            "has_table",
            "selects",
            "id",
            "éa",
            "zz",
            "b\u{19}",
            "s%lect",
            "sel_ct",
            "trigge2",
        ] {
            assert_eq!(keyword(word.as_bytes()), Keyword::None);
        }
    }
}
