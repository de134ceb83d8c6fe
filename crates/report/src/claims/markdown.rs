//! Claims of the Markdown report: each block quote with the source below it,
//! and each finding's heading with the place of its words.

use super::{Claim, Claims, below};
use crate::ReportError;
use crate::markdown::unescape;
use crate::view::HEADING_WORDS;

pub(super) fn claims(text: &str) -> Result<Claims, ReportError> {
    let mut found = Claims::default();
    let mut heading = "";
    let mut block: Vec<&str> = Vec::new();
    // A last empty line closes what is open.
    for (number, line) in text.lines().chain([""]).enumerate() {
        if let Some(quoted) = line.strip_prefix('>') {
            block.push(quoted.strip_prefix(' ').unwrap_or(quoted));
            continue;
        }
        if !block.is_empty() {
            let first = number + 1 - block.len();
            found.claims.extend(quote(&block, first)?);
            block.clear();
        }
        if let Some(rest) = line.strip_prefix("### ") {
            heading = rest;
        } else if let Some(place) = place(line) {
            let (heading, place) = (unescape(heading), unescape(place));
            let at = format!("line {}", number + 1);
            found.claims.push(below::label(&heading, &place, at)?);
        } else if let Some(row) = line.strip_prefix("- ") {
            let row = unescape(row);
            if let Some((name, value)) = row.rsplit_once(": ") {
                found.manifest_row(name, value);
            }
        }
    }
    found.hold_quotes();
    Ok(found)
}

/// The quote of a block; `None` if a person wrote it.
fn quote(block: &[&str], line: usize) -> Result<Option<Claim>, ReportError> {
    let Some(empty) = block.iter().rposition(|line| line.is_empty()) else {
        return Ok(None);
    };
    let (words, source) = block.split_at(empty);
    let source = unescape(&source.get(1..).unwrap_or_default().join("\n"));
    below::quote(unescape(&words.join("\n")), &source, format!("line {line}"))
}

/// The place in a line that tells where the words of a heading stand.
fn place(line: &str) -> Option<&str> {
    let place = line.strip_prefix('*')?.strip_prefix(HEADING_WORDS)?;
    place.strip_prefix("* ")
}
