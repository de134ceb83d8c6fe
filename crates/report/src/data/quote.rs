use std::collections::BTreeMap;

use super::Reasons;
use serde::{Deserialize, Serialize};
use throughline_core::{
    ContentHash, Date, Moment, PassageId, Prompting, Role, Sentiment, Severity, Touchpoint,
};

/// Somebody's exact words, with everything needed to find and to judge them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quote {
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
    /// The passage quoted.
    pub passage: PassageId,
    /// The speaker's label as the source writes it.
    pub speaker: Option<String>,
    /// Id of the participant, where one is known.
    pub participant: Option<String>,
    /// The speaker's part in the conversation.
    pub role: Role,
    /// Start of the turn in milliseconds from the start of the recording.
    pub start_ms: Option<u64>,
    /// End of the turn in milliseconds from the start of the recording.
    pub end_ms: Option<u64>,
    /// The day the document was written or recorded.
    pub date: Option<Date>,
    /// Rating given with the document, in the source's own unit.
    pub rating: Option<f64>,
    /// The moment it speaks of.
    pub moment: Moment,
    /// True if the engine is not sure enough of the moment to place it.
    pub unclear: bool,
    /// The speaker's evaluation.
    pub sentiment: Sentiment,
    /// True if it states a pain point.
    pub pain: bool,
    /// How bad the stated consequence is; absent where no pain is stated.
    pub severity: Option<Severity>,
    /// Who brought the topic up; absent where no pain is stated.
    pub prompting: Option<Prompting>,
    /// The channel or thing concerned.
    pub touchpoint: Touchpoint,
    /// Why it has these tags; absent where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Reasons>,
    /// Which of its tags a person set, of `moment`, `sentiment`, `pain`,
    /// `touchpoint` and `theme`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrected: Vec<String>,
    /// Which of its tags a head of the study's own set in place of the model, of
    /// `moment`, `sentiment`, `pain` and `touchpoint`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adapted: Vec<String>,
    /// The segments of whoever said it: attributes that divide the voices of the
    /// study, with their values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub segments: BTreeMap<String, String>,
    /// What was said just before, in reading order: other turns, and the rest
    /// of the quote's own turn.
    pub before: Vec<ContextSlice>,
    /// What was said just after, in reading order.
    pub after: Vec<ContextSlice>,
}

/// Words around a quote: an exact slice too, and never evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContextSlice {
    /// The exact slice `start..end` of the same canonical text.
    pub text: String,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Who said it.
    pub speaker: Option<String>,
    /// The speaker's part in the conversation.
    pub role: Role,
}
