//! The options of a scan, checked and made ready.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::budget::Budget;
use crate::pgtap::area::Area;
use crate::pgtap::suite::{Configured, Suite};
use crate::spill::SpillPlace;

use super::candidates::{bytes, relative};

/// An option that cannot be used: which, and why.
#[derive(Debug)]
pub struct OptionError {
    /// The option.
    pub option: String,
    /// What is wrong with it, where, and what is allowed.
    pub message: String,
}

/// Options as they cross the border; every field is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct Given {
    pub include_commented: bool,
    pub file_extensions: Vec<String>,
    pub include_patterns: Vec<String>,
    pub exclude_patterns: Vec<String>,
    pub ignore_patterns: Vec<Pattern>,
    pub validate_plans: bool,
    pub follow_symlinks: bool,
    pub max_depth: usize,
    pub batch_size: usize,
    pub threads: usize,
    pub assertions: Vec<GivenAssertion>,
    pub pgtap_schemas: Vec<String>,
    #[serde(rename = "maxMemoryMB")]
    pub max_memory_mb: f64,
    pub spill: bool,
    pub temp_dir: Option<String>,
    /// How large the temporary file may be.
    #[serde(rename = "maxDiskMB")]
    pub max_disk_mb: Option<f64>,
    pub enable_compression: bool,
    /// Objects of a kind in memory when a scan ends; 0 for as many as there is room for.
    pub most_objects: usize,
    /// A database of more objects of a kind drops the oldest.
    pub prune: Option<usize>,
    /// List only one part of so many: its number, from 1, and how many there are.
    pub shard: Option<(u64, u64)>,
    /// The file that remembers what files held.
    pub cache: Option<String>,
}

impl Given {
    /// Where records go that memory has no room for.
    pub fn spill_place(&self) -> SpillPlace {
        SpillPlace {
            folder: self.temp_dir.as_ref().map(PathBuf::from),
            most: self.max_disk_mb.map_or(u64::MAX, |mb| (mb * f64::from(1 << 20)) as u64),
        }
    }
}

impl Default for Given {
    fn default() -> Self {
        let texts = |all: &[&str]| all.iter().map(|t| (*t).to_owned()).collect();
        Self {
            include_commented: false,
            file_extensions: texts(&[".sql"]),
            include_patterns: texts(&["**/*"]),
            exclude_patterns: texts(&["**/node_modules/**", "**/.git/**", "**/.*"]),
            ignore_patterns: Vec::new(),
            validate_plans: true,
            follow_symlinks: false,
            max_depth: 10,
            batch_size: 100,
            threads: 0,
            assertions: Vec::new(),
            pgtap_schemas: Vec::new(),
            max_memory_mb: 500.0,
            spill: true,
            temp_dir: None,
            max_disk_mb: None,
            enable_compression: false,
            most_objects: 0,
            prune: None,
            shard: None,
            cache: None,
        }
    }
}

/// A JavaScript regular expression.
#[derive(Clone, Debug, Deserialize)]
pub struct Pattern {
    /// Its source.
    pub source: String,
    /// Its flags.
    #[serde(default)]
    pub flags: String,
}

/// A configured assertion.
#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs)]
pub struct GivenAssertion {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub pattern: Option<String>,
    pub kind: String,
    pub roles: Vec<String>,
}

/// Options made ready.
pub struct Options {
    /// As given.
    pub given: Given,
    /// Paths that are candidates.
    pub include: GlobSet,
    /// Include patterns with a hidden name in them.
    pub include_hidden: GlobSet,
    /// Paths that are not.
    pub exclude: GlobSet,
    /// Full paths that are not.
    pub ignore: Vec<Regex>,
    /// What scans and databases take of `maxMemoryMB`.
    pub budget: Budget,
}

/// The assertion that every scan knows beside pgTAP's: of the widely used Supabase test helpers.
const BUILT_IN: (&str, &str, [&str; 2]) = ("tests.rls_enabled", "table", ["schema", "table"]);

/// FNV-1a, 64 bits: the same on every machine, and for ever.
fn portable_hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

impl Options {
    /// All of the options that decides what a file alone says, and the version: what was kept for another is of no use.
    pub fn purpose(&self) -> String {
        let Given {
            include_commented,
            assertions,
            pgtap_schemas,
            ..
        } = &self.given;
        format!(
            "{} {include_commented} {assertions:?} {pgtap_schemas:?}",
            env!("CARGO_PKG_VERSION")
        )
    }

    /// Whether the file is in the part of the suite that is to be listed. Its path below `root` decides, so that the
    /// parts are the same wherever the suite lies.
    pub fn in_shard(&self, root: &Path, path: &Path) -> bool {
        self.given.shard.is_none_or(|(number, of)| {
            portable_hash(bytes(&relative(root, path))) % of.max(1) == number.wrapping_sub(1)
        })
    }

    /// Checks and compiles `given`.
    pub fn new(given: Given) -> Result<Self, OptionError> {
        let hidden: Vec<String> = given
            .include_patterns
            .iter()
            .filter(|p| names_hidden(p))
            .cloned()
            .collect();
        Ok(Self {
            include: globs("includePatterns", &given.include_patterns)?,
            include_hidden: globs("includePatterns", &hidden)?,
            exclude: globs("excludePatterns", &given.exclude_patterns)?,
            budget: Budget::new((given.max_memory_mb * f64::from(1 << 20)) as u64),
            ignore: given.ignore_patterns.iter().map(ignore).collect::<Result<_, _>>()?,
            given,
        })
    }

    /// How many worker threads to use. One a core: more helps only where files come from a cold disk, and each
    /// costs a few megabytes.
    pub fn threads(&self) -> usize {
        match self.given.threads {
            0 => std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 16)),
            n => n,
        }
    }

    /// What is known before any file is read.
    pub fn suite(&self) -> Result<Suite, OptionError> {
        let (name, kind, roles) = BUILT_IN;
        let built_in = GivenAssertion {
            name: Some(name.to_owned()),
            pattern: None,
            kind: kind.to_owned(),
            roles: roles.map(str::to_owned).to_vec(),
        };
        let all = self.given.assertions.iter().chain([&built_in]);
        let mut suite = Suite::new(all.map(configured).collect::<Result<_, _>>()?);
        suite
            .pgtap_schemas
            .extend(self.given.pgtap_schemas.iter().map(|s| s.as_bytes().to_vec()));
        Ok(suite)
    }
}

/// A pattern with a name that begins with a dot.
fn names_hidden(pattern: &str) -> bool {
    pattern
        .split('/')
        .any(|part| part.starts_with('.') && part != "." && part != "..")
}

fn globs(option: &str, patterns: &[String]) -> Result<GlobSet, OptionError> {
    let error = |e: globset::Error| OptionError {
        option: option.to_owned(),
        message: format!("{option}: {e}; a glob such as '**/*.sql' is allowed"),
    };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
        set.add(
            GlobBuilder::new(pattern)
                .literal_separator(true)
                .build()
                .map_err(error)?,
        );
    }
    set.build().map_err(error)
}

/// Whether the source uses only what both dialects read alike. What does not compile here is refused later.
fn means_the_same(source: &str) -> bool {
    // `\z`, `\A`, `\<` and others are plain letters in JavaScript; `\b{` is a count there.
    const ESCAPES: &str = "dDwWsSbBtnrfv.*+?^$|()[]{}/\\-";
    let mut rest = source;
    let mut in_class = false;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let foreign = match c {
            '\\' => !after.starts_with(|e| ESCAPES.contains(e)) || after.starts_with("b{") || after.starts_with("B{"),
            // Classes in classes and operations on them.
            '[' if in_class => true,
            '&' | '-' | '~' if in_class => after.starts_with(c),
            '(' if !in_class && after.starts_with('?') => !after.starts_with("?:"),
            _ => !c.is_ascii(),
        };
        if foreign {
            return false;
        }
        match c {
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        rest = if c == '\\' { &after[1..] } else { after };
    }
    true
}

/// The pattern in the regex crate's syntax, if it means the same there.
pub fn portable(pattern: &Pattern) -> Option<Regex> {
    if pattern.flags.contains(['y', 'u', 'v']) || !means_the_same(&pattern.source) {
        return None;
    }
    RegexBuilder::new(&pattern.source.replace("\\/", "/"))
        .unicode(false)
        .case_insensitive(pattern.flags.contains('i'))
        .multi_line(pattern.flags.contains('m'))
        .dot_matches_new_line(pattern.flags.contains('s'))
        .build()
        .ok()
}

fn ignore(pattern: &Pattern) -> Result<Regex, OptionError> {
    portable(pattern).ok_or_else(|| OptionError {
        option: "ignorePatterns".to_owned(),
        message: format!("ignorePatterns: /{}/ is not portable", pattern.source),
    })
}

fn configured(given: &GivenAssertion) -> Result<Configured, OptionError> {
    let error = |message: String| OptionError {
        option: "assertions".to_owned(),
        message,
    };
    let name = given.name.clone().or_else(|| given.pattern.clone()).unwrap_or_default();
    let area = Area::of_kind(&given.kind).ok_or_else(|| {
        error(format!("assertions: kind '{}' of '{name}' is not an object kind; 'table', 'column', 'function', 'policy' and so on are", given.kind))
    })?;
    let pattern = match &given.pattern {
        None => None,
        Some(text) => Some(
            RegexBuilder::new(text)
                .case_insensitive(true)
                .build()
                .map_err(|e| error(format!("assertions: pattern cannot be used:\n{e}")))?,
        ),
    };
    if name.is_empty() {
        return Err(error("assertions: each needs a name or a pattern".to_owned()));
    }
    Ok(Configured {
        name,
        area,
        kind: given.kind.clone(),
        roles: given.roles.clone(),
        pattern,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_portable(source: &str) -> bool {
        portable(&Pattern {
            source: source.to_owned(),
            flags: String::new(),
        })
        .is_some()
    }

    #[test]
    fn what_reads_differently_is_left_to_javascript() {
        let same = [
            "a",
            r"\.sql$",
            r"^\/a\/[a-z_-]+\d{2,3}",
            "(?:a|b)+?",
            r"[^\]x]",
            r"\bx\b",
            "",
        ];
        for source in same {
            assert!(is_portable(source), "{source}");
        }
        let other = [
            r"x\z",
            r"\Ax",
            r"\<x",
            r"a\",
            r"\b{start}",
            "(?<!a)b",
            "(?=a)",
            "(?i:a)",
            "(?P<n>a)",
            r"(a)\1",
            "[[:alpha:]]",
            "[a&&b]",
            "[a--b]",
            "[a~~b]",
            r"\x41",
            r"\pL",
            "\u{e4}",
            "[]",
            "[^]",
        ];
        for source in other {
            assert!(!is_portable(source), "{source}");
        }
    }
}
