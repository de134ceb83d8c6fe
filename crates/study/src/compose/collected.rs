//! The collections of a study as a report shows them.

use throughline_core::{ContentHash, Span};
use throughline_report::{Collection, KeptQuote};

use crate::collecting::Collected;
use crate::{Study, StudyError};

/// What is kept, by the names of the collections.
pub(crate) fn collections(study: &Study) -> Result<Vec<Collection>, StudyError> {
    let kept = study.collected()?;
    let collections = kept.chunk_by(|a, b| a.collection == b.collection);
    collections
        .map(|of_one| collection(study, of_one))
        .collect()
}

fn collection(study: &Study, kept: &[Collected]) -> Result<Collection, StudyError> {
    let mut quotes = Vec::new();
    for one in kept {
        quotes.extend(quote(study, one)?);
    }
    let name = kept.first().map(|one| one.collection.clone());
    Ok(Collection {
        name: name.unwrap_or_default(),
        lost: kept.len() - quotes.len(),
        quotes,
    })
}

/// A quote that was kept; nothing where its words no longer stand as they were.
fn quote(study: &Study, kept: &Collected) -> Result<Option<KeptQuote>, StudyError> {
    let (Some(start), Some(end), Some(first)) = (kept.start, kept.end, kept.passages.first())
    else {
        return Ok(None);
    };
    let Some(row) = study.store().passage(None, *first)? else {
        return Ok(None);
    };
    let text = study.store().document_text(&kept.doc)?.unwrap_or_default();
    Ok(Some(KeptQuote {
        text: kept.text.clone(),
        document: kept.doc.clone(),
        document_sha256: ContentHash::of(text.as_bytes()),
        start,
        end,
        passage: (row.span == Span { start, end }).then_some(row.id),
        speaker: row.speaker,
        role: row.role,
        start_ms: row.start_ms,
        date: row.date,
        rating: row.rating,
        author: kept.author.clone(),
        reason: kept.reason.clone(),
    }))
}
