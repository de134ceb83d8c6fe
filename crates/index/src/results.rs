use std::ops::Range;

use throughline_core::PassageId;

/// Which part of the hits is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// At most so many hits.
    pub limit: usize,
    /// After leaving out so many of the best.
    pub offset: usize,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// All quotes that match, on this page or not.
    pub total: u64,
    /// The hits of the page, best first: those with every plain word before
    /// those with some, then by score, then by passage id.
    pub hits: Vec<Hit>,
}

/// One quote that matches.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The passage.
    pub id: PassageId,
    /// Name of its document.
    pub document: String,
    /// First byte of the passage in its document's canonical text. The hit's
    /// span there is `start..start + text.len()`.
    pub start: u64,
    /// The passage's words.
    pub text: String,
    /// BM25 over the words and phrases of the query, 0 or more; 0 for a query
    /// of fields alone. Comparable within one search only.
    pub score: f32,
    /// True if the query has several plain words and this quote has them all.
    pub every_word: bool,
    /// Byte ranges of [`Self::text`] that the query's words stand at: on
    /// character boundaries, in order, apart from each other.
    pub highlights: Vec<Range<usize>>,
}
