//! For a terminal.

use std::io::{self, Write};

use super::coverage::{Counts, Coverage};
use super::groups::{Group, largest_gaps};
use super::{Format, Options, kinds};
use crate::report::columns::Side::{Left, Right};
use crate::report::columns::{Cell, Side, write_cell, write_columns};
use crate::report::visible::shown;

/// Tables by kind and schema, then the largest gaps and the stale assertions.
pub struct Text;

/// Cells for a name in a table.
const NAME_CELLS: usize = 48;
/// Cells for a sentence or a list of names.
const LINE_CELLS: usize = 96;
/// Rows of lists that could be long.
const MOST_ROWS: usize = 20;
/// Names of one group of gaps.
const MOST_NAMES: usize = 4;
/// Cells of the bar behind a percentage.
const BAR: usize = 20;

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";

/// Where it is written, and whether in colours.
struct Page<'o> {
    out: &'o mut dyn Write,
    colour: bool,
}

impl Format for Text {
    fn write(&self, coverage: &Coverage, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let colour = options.colour;
        let mut page = Page { out, colour };
        page.head(coverage)?;
        let kinds = coverage.kinds.0.iter();
        page.counts("Kind", kinds.map(|(kind, counts)| (kinds::several(kind), counts)))?;
        let schemas = coverage.schemas.iter();
        page.counts("Schema", schemas.map(|schema| (&*schema.name, &schema.counts)))?;
        page.gaps(coverage)?;
        page.stale(coverage)?;
        page.skipped(coverage)
    }
}

impl Page<'_> {
    fn cell(&self, style: &'static str, text: impl Into<String>) -> Cell {
        let (text, style) = (text.into(), self.colour.then_some(style));
        Cell { text, style }
    }

    fn head(&mut self, coverage: &Coverage) -> io::Result<()> {
        let Counts {
            total,
            asserted,
            exercised,
            untested,
            percent,
        } = coverage.summary;
        let title = self.cell(BOLD, format!("Coverage of the schema: {percent:.1} %"));
        write_cell(self.out, &title)?;
        writeln!(
            self.out,
            "\n{asserted} of {total} objects asserted, {exercised} only exercised, {untested} untested."
        )?;
        let kind = shown(&coverage.source.kind, NAME_CELLS);
        match &coverage.source.server {
            Some(server) => writeln!(self.out, "PostgreSQL {} ({kind}).", shown(server, NAME_CELLS)),
            None => writeln!(self.out, "The schema is from: {kind}."),
        }
    }

    fn title(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out)?;
        let cell = self.cell(BOLD, text);
        write_cell(self.out, &cell)?;
        writeln!(self.out)
    }

    fn counts<'c>(&mut self, title: &str, rows: impl Iterator<Item = (&'c str, &'c Counts)>) -> io::Result<()> {
        const SIDES: [Side; 7] = [Left, Right, Right, Right, Right, Right, Left];
        let head = [title, "Objects", "Asserted", "Exercised", "Untested", "Percent"];
        let mut table = vec![head.map(|text| self.cell(BOLD, text)).into_iter().collect()];
        table.extend(rows.map(|(name, counts)| self.count_row(name, counts)));
        if table.len() == 1 {
            return Ok(());
        }
        writeln!(self.out)?;
        write_columns(self.out, &SIDES, &table)
    }

    fn count_row(&self, name: &str, counts: &Counts) -> Vec<Cell> {
        let style = match counts.percent {
            p if p >= 80.0 => GREEN,
            p if p >= 50.0 => YELLOW,
            _ => RED,
        };
        let numbers = [counts.total, counts.asserted, counts.exercised, counts.untested];
        let mut row: Vec<Cell> = vec![shown(name, NAME_CELLS).into()];
        row.extend(numbers.map(|n| n.to_string().into()));
        row.push(self.cell(style, format!("{:.1}", counts.percent)));
        row.push(self.cell(style, bar(counts.percent)));
        row
    }

    fn gaps(&mut self, coverage: &Coverage) -> io::Result<()> {
        let groups = largest_gaps(coverage);
        if groups.is_empty() {
            return Ok(());
        }
        self.title("Largest gaps (objects that no assertion is about)")?;
        let rows: Vec<_> = groups.iter().take(MOST_ROWS).map(|group| self.gap_row(group)).collect();
        write_columns(self.out, &[Right, Left, Left], &rows)?;
        self.more(groups.len(), "such groups")
    }

    fn gap_row(&self, group: &Group) -> Vec<Cell> {
        let kind = kinds::known(group.kind, group.total).map_or_else(|| shown(group.kind, NAME_CELLS), str::to_owned);
        let what = match &group.place {
            Some(place) => format!("{kind} of {}", shown(place, NAME_CELLS)),
            None => kind,
        };
        let first = group.missing.iter().take(MOST_NAMES);
        let mut names = first
            .map(|object| shown(Group::name_of(object), NAME_CELLS))
            .collect::<Vec<_>>()
            .join(", ");
        if group.missing.len() > MOST_NAMES {
            names.push_str(&format!(", and {} more", group.missing.len() - MOST_NAMES));
        }
        let many = format!("{} of {}", group.missing.len(), group.total);
        vec![many.into(), what.into(), self.cell(DIM, names)]
    }

    fn stale(&mut self, coverage: &Coverage) -> io::Result<()> {
        if coverage.stale.is_empty() {
            return Ok(());
        }
        self.title("Stale assertions (what they name is not in the schema)")?;
        let mut rows = Vec::new();
        for found in coverage.stale.iter().take(MOST_ROWS) {
            let place = format!("{}:{}", shown(&found.file, NAME_CELLS), found.line);
            let nearest = found
                .nearest
                .as_ref()
                .map(|name| format!("nearest: {}", shown(name, NAME_CELLS)));
            rows.push(vec![
                place.into(),
                self.cell(YELLOW, shown(&found.reason, LINE_CELLS)),
                self.cell(DIM, nearest.unwrap_or_default()),
            ]);
        }
        write_columns(self.out, &[Left; 3], &rows)?;
        self.more(coverage.stale_count, "stale assertions")
    }

    fn skipped(&mut self, coverage: &Coverage) -> io::Result<()> {
        if coverage.skipped.is_empty() {
            return Ok(());
        }
        self.title("Migrations that failed and were left out")?;
        let mut rows = Vec::new();
        for found in coverage.skipped.iter().take(MOST_ROWS) {
            let line = found.line.map(|line| format!(":{line}")).unwrap_or_default();
            let place = format!("{}{line}", shown(&found.file, NAME_CELLS));
            rows.push(vec![place.into(), self.cell(RED, shown(&found.message, LINE_CELLS))]);
        }
        write_columns(self.out, &[Left; 2], &rows)?;
        self.more(coverage.skipped.len(), "migrations")
    }

    fn more(&mut self, all: usize, what: &str) -> io::Result<()> {
        if all <= MOST_ROWS {
            return Ok(());
        }
        writeln!(
            self.out,
            "and {} more {what}; the other formats list all",
            all - MOST_ROWS
        )
    }
}

fn bar(percent: f64) -> String {
    // Full only when nothing is missing.
    let full = (percent.clamp(0.0, 100.0) / 100.0 * BAR as f64).floor() as usize;
    format!("{}{}", "\u{2588}".repeat(full), "\u{2591}".repeat(BAR - full.min(BAR)))
}
