use serde::Serialize;

use super::anchor;
use super::finding::{QuoteView, Spoken};
use crate::data::{Collection, KeptQuote};
use crate::numbers;

/// What a researcher keeps together.
#[derive(Debug, Serialize)]
pub(crate) struct CollectionView {
    pub(crate) anchor: String,
    pub(crate) name: String,
    pub(crate) lead: String,
    pub(crate) quotes: Vec<QuoteView>,
}

impl CollectionView {
    pub(crate) fn of((index, collection): (usize, &Collection)) -> Self {
        let mut lead = numbers::counted(collection.quotes.len(), "quote");
        if collection.lost > 0 {
            let lost = numbers::count(collection.lost);
            lead.push_str(&format!(
                "; the words of {lost} more no longer stand in the study as they were kept"
            ));
        }
        Self {
            // By number, since names may differ in signs that an anchor cannot hold.
            anchor: anchor("collection", &(index + 1).to_string()),
            name: collection.name.clone(),
            lead: lead + ".",
            quotes: collection.quotes.iter().map(kept).collect(),
        }
    }
}

fn kept(quote: &KeptQuote) -> QuoteView {
    let spoken = Spoken {
        text: &quote.text,
        document: &quote.document,
        range: quote.start..quote.end,
        // Only the quotes that the report itself chooses are counted as such.
        passage: None,
        speaker: quote.speaker.as_deref(),
        role: quote.role,
        start_ms: quote.start_ms,
        date: quote.date,
        rating: quote.rating,
    };
    let by = Some(&quote.author).filter(|author| !author.is_empty());
    let by = by.map(|by| format!("kept by {by}"));
    let more = by.into_iter().chain(quote.reason.clone()).collect();
    QuoteView::spoken(&spoken, "kept".to_owned(), more)
}
