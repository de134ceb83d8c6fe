//! What stands below a quote and below a finding's heading, in formats for
//! writing on.

use throughline_core::PassageId;

use super::{Claim, Named, damaged};
use crate::ReportError;

/// The quote `words` with the source `below` it; `None` if a person wrote it.
pub(super) fn quote(words: String, below: &str, at: String) -> Result<Option<Claim>, ReportError> {
    let Some(below) = below.strip_prefix("— ") else {
        return Ok(None);
    };
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
        text: words,
        on_one_line: false,
        at,
    }))
}

/// The label in a finding's `heading`, whose words stand at `place`.
pub(super) fn label(heading: &str, place: &str, at: String) -> Result<Claim, ReportError> {
    let wrong = || {
        damaged(format!(
            "{at}: the place of the heading's words cannot be read"
        ))
    };
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
        text: words.ok_or_else(wrong)?.to_owned(),
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
