//! For comments on pull requests.

use std::io::{self, Write};

use super::coverage::{Counts, Coverage, State};
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
/// Room for the ends of lists and of the document.
const RESERVE: usize = 400;
/// Room that the lists leave for the suggested tests.
const FOR_TESTS: usize = 16_000;

impl Format for Markdown {
    fn write(&self, coverage: &Coverage, _: &Options, out: &mut dyn Write) -> io::Result<()> {
        let mut page = Bounded::new(MOST_UNITS);
        page.push(&head(coverage), 0);
        page.push(&kind_table(coverage), 0);
        let stale: Vec<_> = coverage.stale.iter().map(stale_line).collect();
        list(&mut page, "Stale assertions", &stale, FOR_TESTS);
        let skipped: Vec<_> = coverage.skipped.iter().map(skipped_line).collect();
        list(
            &mut page,
            "Migrations that failed and were left out",
            &skipped,
            FOR_TESTS,
        );
        let gaps: Vec<_> = largest_gaps(coverage).iter().map(gap_line).collect();
        list(&mut page, "Largest gaps", &gaps, FOR_TESTS);
        tests(&mut page, coverage);
        let schemas: Vec<_> = coverage
            .schemas
            .iter()
            .map(|s| count_line(&s.name, &s.counts))
            .collect();
        list(&mut page, "Schemas", &schemas, 0);
        out.write_all(page.into_text().as_bytes())
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
        let Some(words) = kinds::known(kind) else { continue };
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
fn list(page: &mut Bounded, title: &str, lines: &[String], for_others: usize) {
    let opening = format!("\n<details>\n<summary>{title} ({})</summary>\n\n", lines.len());
    if lines.is_empty() || !page.push(&opening, for_others + RESERVE) {
        return;
    }
    let fit = lines
        .iter()
        .take_while(|line| page.push(line, for_others + RESERVE))
        .count();
    if fit < lines.len() {
        page.push(
            &format!("- and {} more, left out for want of room\n", lines.len() - fit),
            0,
        );
    }
    page.push("\n</details>\n", 0);
}

fn count_line(name: &str, counts: &Counts) -> String {
    let Counts {
        total,
        asserted,
        percent,
        ..
    } = counts;
    format!("- {}: {percent:.1} % ({asserted} of {total})\n", code(name, NAME_CELLS))
}

fn gap_line(group: &Group) -> String {
    let words = kinds::known(group.kind).map_or_else(|| code(group.kind, NAME_CELLS), str::to_owned);
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

fn stale_line(found: &super::coverage::Stale) -> String {
    let place = code(&format!("{}:{}", found.file, found.line), NAME_CELLS);
    let nearest = found
        .nearest
        .as_ref()
        .map(|name| format!("; nearest: {}", code(name, NAME_CELLS)));
    let (function, reason) = (code(&found.function, NAME_CELLS), code(&found.reason, LINE_CELLS));
    format!("- {place} {function}: {reason}{}\n", nearest.unwrap_or_default())
}

fn skipped_line(found: &super::coverage::Skipped) -> String {
    let line = found.line.map(|line| format!(":{line}")).unwrap_or_default();
    let place = code(&format!("{}{line}", found.file), NAME_CELLS);
    format!("- {place}: {}\n", code(&found.message, LINE_CELLS))
}

/// Whole statements only: half a one would be no test.
fn tests(page: &mut Bounded, coverage: &Coverage) {
    let missing = coverage.objects.iter().filter(|object| object.state != State::Asserted);
    let all: Vec<&str> = missing.filter_map(|object| object.suggestion.as_deref()).collect();
    let mut fit = String::new();
    let mut units = 0;
    let mut count = 0;
    for suggestion in &all {
        units += suggestion.encode_utf16().count() + 1;
        // Half of the room, for a fence may have to be as long as the text.
        if units > FOR_TESTS / 2 {
            break;
        }
        if count > 0 {
            fit.push('\n');
        }
        fit.push_str(suggestion);
        count += 1;
    }
    if count == 0 {
        return;
    }
    let rest = match all.len() - count {
        0 => String::new(),
        left_out => format!("\n{left_out} more suggestions are left out for want of room.\n"),
    };
    let title = format!("\n<details>\n<summary>Suggested tests ({})</summary>\n\n", all.len());
    page.push(&format!("{title}{}{rest}\n</details>\n", block(&fit)), 0);
}
