//! A badge for a README: one small SVG image that loads nothing.

use std::io::{self, Write};

use unicode_width::UnicodeWidthChar;

use super::coverage::Coverage;
use super::{Format, Options};
use crate::report::visible::shown;
use crate::report::xml::escaped;

/// A label on the left, the percentage of asserted objects on the right.
pub struct Badge;

const LABEL: &str = "pgTAP coverage";
/// Cells of a label.
const LABEL_CELLS: usize = 60;
/// Tenths of a pixel beside a text.
const PADDING: usize = 60;

impl Format for Badge {
    fn write(&self, coverage: &Coverage, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let percent = coverage.summary.percent;
        let label = shown(options.label.as_deref().unwrap_or(LABEL), LABEL_CELLS);
        let value = format!("{percent:.1}%");
        let (left, right) = (text_width(&label), text_width(&value));
        let (left_box, right_box) = (left + 2 * PADDING, right + 2 * PADDING);
        let text = escaped(&label);
        let colour = colour(percent);
        let pixels = |tenths: usize| format!("{}.{}", tenths / 10, tenths % 10);
        let all = pixels(left_box + right_box);
        write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"20\" role=\"img\" \
             aria-label=\"{text}: {value}\">\n<title>{text}: {value}</title>\n\
             <clipPath id=\"r\"><rect width=\"{all}\" height=\"20\" rx=\"3\"/></clipPath>\n<g clip-path=\"url(#r)\">\
             <rect width=\"{}\" height=\"20\" fill=\"#444c56\"/>\
             <rect x=\"{}\" width=\"{}\" height=\"20\" fill=\"{colour}\"/></g>\n\
             <g fill=\"#fff\" font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\" font-size=\"110\" \
             transform=\"scale(.1)\">",
            pixels(left_box),
            pixels(left_box),
            pixels(right_box)
        )?;
        write_text(PADDING, left, &text, out)?;
        write_text(left_box + PADDING, right, &value, out)?;
        out.write_all(b"</g>\n</svg>\n")
    }
}

fn write_text(x: usize, width: usize, text: &str, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<text x=\"{x}\" y=\"140\" textLength=\"{width}\">{text}</text>")
}

/// All have a contrast of at least 4.5 to white text.
fn colour(percent: f64) -> &'static str {
    match percent {
        p if p >= 95.0 => "#1a7f37",
        p if p >= 80.0 => "#4d7a16",
        p if p >= 60.0 => "#8a6100",
        p if p >= 40.0 => "#b34b00",
        _ => "#c62828",
    }
}

/// Tenths of a pixel that Verdana at 11 pixels takes, near enough for `textLength` to make it fit.
fn text_width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

fn char_width(c: char) -> usize {
    match c {
        'i' | 'j' | 'l' | '\'' => 31,
        'I' | 'f' | 't' | 'r' | ' ' | '.' | ',' | ':' | ';' | '(' | ')' | '[' | ']' | '|' | '/' | '-' => 45,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 107,
        'A'..='Z' | '&' | '_' => 78,
        c if c.is_ascii() => 68,
        c => 68 * c.width().unwrap_or(0).max(1),
    }
}
