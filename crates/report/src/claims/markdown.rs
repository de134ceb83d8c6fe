//! Claims of the Markdown report: each block quote with the source below it,
//! and each finding's heading with the place of its words.

use throughline_core::PassageId;

use super::{Claim, Claims, Named, damaged};
use crate::ReportError;
use crate::markdown::{HEADING_WORDS, unescape};

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
        } else if let Some(place) = line.strip_prefix(HEADING_WORDS) {
            found.claims.push(label(heading, place, number + 1)?);
        }
    }
    Ok(found)
}

/// The quote of a block; `None` if a person wrote it.
fn quote(block: &[&str], line: usize) -> Result<Option<Claim>, ReportError> {
    let Some(empty) = block.iter().rposition(|line| line.is_empty()) else {
        return Ok(None);
    };
    let (words, below) = block.split_at(empty);
    let below = unescape(&below.get(1..).unwrap_or_default().join("\n"));
    let Some(below) = below.strip_prefix("— ") else {
        return Ok(None);
    };
    let at = format!("line {line}");
    let wrong = || damaged(format!("{at}: the place of the quote cannot be read"));
    let (source, place) = below.rsplit_once("; bytes ").ok_or_else(wrong)?;
    let place = place.strip_suffix(')').ok_or_else(wrong)?;
    let (range, passage) = match place.split_once(", passage ") {
        Some((range, id)) => (range, Some(id.parse::<PassageId>().map_err(|_| wrong())?)),
        None => (place, None),
    };
    let (start, end) = range_of(range).ok_or_else(wrong)?;
    let source = source
        .rsplit_once(" (")
        .map_or(source, |(source, _)| source);
    Ok(Some(Claim {
        document: Named::OneOf(runs(source)),
        document_sha256: None,
        passage,
        start,
        end,
        text: unescape(&words.join("\n")),
        on_one_line: false,
        at,
    }))
}

fn label(heading: &str, place: &str, line: usize) -> Result<Claim, ReportError> {
    let at = format!("line {line}");
    let wrong = || {
        damaged(format!(
            "{at}: the place of the heading's words cannot be read"
        ))
    };
    let place = unescape(place);
    let (document, range) = place.rsplit_once(", bytes ").ok_or_else(wrong)?;
    let (start, end) = range_of(range).ok_or_else(wrong)?;
    let words = heading
        .split_once('“')
        .and_then(|(_, words)| words.strip_suffix('”'));
    Ok(Claim {
        document: Named::Exactly(document.to_owned()),
        document_sha256: None,
        passage: None,
        start,
        end,
        text: unescape(words.ok_or_else(wrong)?),
        on_one_line: true,
        at,
    })
}

/// `48–96`.
fn range_of(text: &str) -> Option<(usize, usize)> {
    let (start, end) = text.split_once('–')?;
    Some((start.parse().ok()?, end.parse().ok()?))
}

/// Every run of parts between ` · ` after the first, which is the speaker: a
/// name may hold the sign itself. The longest come first.
fn runs(source: &str) -> Vec<String> {
    const BETWEEN: &str = " · ";
    // More parts than this are no source of ours.
    let parts: Vec<&str> = source.splitn(12, BETWEEN).collect();
    let mut runs = Vec::new();
    for length in (1..parts.len()).rev() {
        for run in parts.get(1..).unwrap_or_default().windows(length) {
            runs.push(run.join(BETWEEN));
        }
    }
    runs
}
