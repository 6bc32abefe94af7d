//! For comments on pull requests.

use std::io::{self, Write};

use super::coverage::{Counts, Coverage, Schema, Skipped, Stale, State};
use super::groups::{Group, largest_gaps};
use super::{Format, Options, kinds};
use crate::report::gfm::{Bounded, MOST_UNITS, block, code};

/// A table by kind, and folded lists. Always less than a comment may hold: what is left out is counted.
pub struct Markdown;

/// Cells of a name.
const NAME_CELLS: usize = 100;
/// Cells of a sentence.
const LINE_CELLS: usize = 240;
/// Names of one group of gaps.
const MOST_NAMES: usize = 12;
/// UTF-16 units of each list, so that none takes the room of another.
const STALE: usize = 12_000;
const SKIPPED: usize = 6_000;
const GAPS: usize = 18_000;
const TESTS: usize = 16_000;
const SCHEMAS: usize = 6_000;
/// Of the head and the table of kinds, whose names are cut and whose rows are few.
const HEAD: usize = 5_000;
const _: () = assert!(HEAD + STALE + SKIPPED + GAPS + TESTS + SCHEMAS <= MOST_UNITS);
/// Of a list, for its end and the number of what is left out.
const RESERVE: usize = 100;

impl Format for Markdown {
    fn write(&self, coverage: &Coverage, _: &Options, out: &mut dyn Write) -> io::Result<()> {
        let stale = coverage.stale.iter().map(stale_line).collect();
        let skipped = coverage.skipped.iter().map(skipped_line).collect();
        let gaps = largest_gaps(coverage).iter().map(gap_line).collect();
        let schemas = coverage.schemas.iter().map(schema_line).collect();
        let parts = [
            head(coverage),
            kind_table(coverage),
            list("Stale assertions", stale, STALE),
            list("Migrations that failed and were left out", skipped, SKIPPED),
            list("Largest gaps", gaps, GAPS),
            tests(coverage),
            list("Schemas", schemas, SCHEMAS),
        ];
        parts.iter().try_for_each(|part| out.write_all(part.as_bytes()))
    }
}

fn head(coverage: &Coverage) -> String {
    let all = &coverage.summary;
    let server = coverage.source.server.as_deref();
    let server = server.map(|version| format!(" of PostgreSQL {}", code(version, NAME_CELLS)));
    format!(
        "## pgTAP coverage: {:.1} %\n\n{} of {} objects of the schema are asserted, {} are only exercised, {} are \
         untested. The schema is that{} (from {}).\n",
        all.percent,
        all.asserted,
        all.total,
        all.exercised,
        all.untested,
        server.unwrap_or_default(),
        code(&coverage.source.kind, NAME_CELLS)
    )
}

/// Kinds are words of ours, unlike all other names; one that is unknown is left to the list of gaps.
fn kind_table(coverage: &Coverage) -> String {
    let mut text = String::new();
    for (kind, counts) in &coverage.kinds.0 {
        let Some(words) = kinds::known(kind, 2) else { continue };
        let Counts {
            total,
            asserted,
            exercised,
            untested,
            percent,
        } = counts;
        text.push_str(&format!(
            "| {words} | {total} | {asserted} | {exercised} | {untested} | {percent:.1} % |\n"
        ));
    }
    if text.is_empty() {
        return "\nThe schema has no object that an assertion could be about.\n".to_owned();
    }
    format!("\n| | objects | asserted | exercised | untested | coverage |\n|---|---:|---:|---:|---:|---:|\n{text}")
}

/// A folded list; lines for which there is no room are counted.
fn list(title: &str, lines: Vec<String>, units: usize) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut part = Bounded::new(units);
    part.push(
        &format!("\n<details>\n<summary>{title} ({})</summary>\n\n", lines.len()),
        RESERVE,
    );
    let fit = lines.iter().take_while(|line| part.push(line, RESERVE)).count();
    if fit < lines.len() {
        part.push(
            &format!("- and {} more, left out for want of room\n", lines.len() - fit),
            0,
        );
    }
    part.push("\n</details>\n", 0);
    part.into_text()
}

fn schema_line(schema: &Schema) -> String {
    let Counts {
        total,
        asserted,
        percent,
        ..
    } = schema.counts;
    format!(
        "- {}: {percent:.1} % ({asserted} of {total})\n",
        code(&schema.name, NAME_CELLS)
    )
}

fn gap_line(group: &Group) -> String {
    let words = kinds::known(group.kind, group.total).map_or_else(|| code(group.kind, NAME_CELLS), str::to_owned);
    let place = group
        .place
        .as_ref()
        .map(|place| format!(" of {}", code(place, NAME_CELLS)));
    let first = group.missing.iter().take(MOST_NAMES);
    let mut names = first
        .map(|object| code(Group::name_of(object), NAME_CELLS))
        .collect::<Vec<_>>()
        .join(", ");
    if group.missing.len() > MOST_NAMES {
        names.push_str(&format!(" and {} more", group.missing.len() - MOST_NAMES));
    }
    let (missing, total) = (group.missing.len(), group.total);
    format!("- {missing} of {total} {words}{}: {names}\n", place.unwrap_or_default())
}

fn stale_line(found: &Stale) -> String {
    let place = code(&format!("{}:{}", found.file, found.line), NAME_CELLS);
    let nearest = found
        .nearest
        .as_ref()
        .map(|name| format!("; nearest: {}", code(name, NAME_CELLS)));
    let (function, reason) = (code(&found.function, NAME_CELLS), code(&found.reason, LINE_CELLS));
    format!("- {place} {function}: {reason}{}\n", nearest.unwrap_or_default())
}

fn skipped_line(found: &Skipped) -> String {
    let line = found.line.map(|line| format!(":{line}")).unwrap_or_default();
    let place = code(&format!("{}{line}", found.file), NAME_CELLS);
    format!("- {place}: {}\n", code(&found.message, LINE_CELLS))
}

/// Whole statements only: half a one would be no test.
fn tests(coverage: &Coverage) -> String {
    let missing = coverage.objects.iter().filter(|object| object.state != State::Asserted);
    let all: Vec<&str> = missing.filter_map(|object| object.suggestion.as_deref()).collect();
    // A third, for each of the two fences may have to be as long as the text.
    let mut part = Bounded::new(TESTS / 3 - RESERVE);
    let fit = all.iter().take_while(|sql| part.push(&format!("{sql}\n"), 0)).count();
    if all.is_empty() {
        return String::new();
    }
    let sql = part.into_text();
    let sql = if fit == 0 {
        String::new()
    } else {
        block(sql.trim_end_matches('\n'))
    };
    let rest = match all.len() - fit {
        0 => String::new(),
        left_out => format!("\n{left_out} more suggestions are left out for want of room.\n"),
    };
    format!(
        "\n<details>\n<summary>Suggested tests ({})</summary>\n\n{sql}{rest}\n</details>\n",
        all.len()
    )
}
