use serde::{Deserialize, Serialize};
use throughline_core::{ContentHash, Date, PassageId, Role};

/// Quotes that a researcher keeps together under a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collection {
    /// Its name.
    pub name: String,
    /// Its quotes, in order of document and place.
    pub quotes: Vec<KeptQuote>,
    /// How many more were kept whose words no longer stand in the study as they
    /// were.
    pub lost: usize,
}

/// Exact words that a researcher keeps. They are no evidence for being kept, and
/// nothing that is counted depends on them: they may be an interviewer's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptQuote {
    /// The exact slice `start..end` of the document's canonical text.
    pub text: String,
    /// Name of the document.
    pub document: String,
    /// SHA-256 of its canonical text.
    pub document_sha256: ContentHash,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// The passage, where the words are the whole of one.
    pub passage: Option<PassageId>,
    /// The speaker's label as the source writes it.
    pub speaker: Option<String>,
    /// The speaker's part in the conversation.
    pub role: Role,
    /// Start of the turn in milliseconds from the start of the recording.
    pub start_ms: Option<u64>,
    /// The day the document was written or recorded.
    pub date: Option<Date>,
    /// Rating given with the document, in the source's own unit.
    pub rating: Option<f64>,
    /// Who kept it; empty where nobody said.
    pub author: String,
    /// Why.
    pub reason: Option<String>,
}
