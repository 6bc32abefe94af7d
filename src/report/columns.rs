//! Tables of plain text, aligned by the cells that characters take.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

/// Where the text of a column stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Names.
    Left,
    /// Numbers.
    Right,
}

/// A cell: its text, and the escape sequences around it, if it has a colour.
#[derive(Default)]
pub struct Cell {
    /// Without control characters.
    pub text: String,
    /// The number of the style, as in `ESC[31m`.
    pub style: Option<&'static str>,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        let text = text.into();
        Self { text, style: None }
    }
}

/// Writes rows with two spaces between columns and none at the end of a line.
pub fn write_columns(out: &mut dyn Write, sides: &[Side], rows: &[Vec<Cell>]) -> io::Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.text.width()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..sides.len()).map(width).collect();
    for row in rows {
        let mut owed = 0;
        for ((cell, side), width) in row.iter().zip(sides).zip(&widths) {
            let pad = width - cell.text.width();
            let (before, after) = if *side == Side::Right { (pad, 0) } else { (0, pad) };
            if !cell.text.is_empty() {
                write!(out, "{:owed$}", "", owed = owed + before)?;
                write_cell(out, cell)?;
                owed = after + 2;
            } else {
                owed += pad + 2;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The cell in its style.
pub fn write_cell(out: &mut dyn Write, cell: &Cell) -> io::Result<()> {
    match cell.style {
        Some(style) => write!(out, "\x1b[{style}m{}\x1b[0m", cell.text),
        None => out.write_all(cell.text.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_cells() {
        let rows = [
            vec!["\u{6f22}\u{5b57}".into(), "1".into()],
            vec!["abcde".into(), "100".into()],
            vec![Cell::default(), "7".into()],
            vec!["a".into(), Cell::default()],
        ];
        let mut out = Vec::new();
        write_columns(&mut out, &[Side::Left, Side::Right], &rows).unwrap();
        let expected = "\u{6f22}\u{5b57}     1\nabcde  100\n         7\na\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_style_takes_no_room() {
        let red = Cell {
            text: "a".into(),
            style: Some("31"),
        };
        let mut out = Vec::new();
        write_columns(&mut out, &[Side::Left; 2], &[vec![red, "b".into()]]).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "\x1b[31ma\x1b[0m  b\n");
    }
}
