use throughline_core::{Date, Moment, PassageId, Role, Sentiment, SourceKind, Touchpoint};

/// A tagged passage as the index takes it in.
///
/// All of it can be searched by; what is to be shown is looked up in the record
/// by `id`.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// The passage.
    pub id: PassageId,
    /// Name of its document; what [`crate::Writer::remove_document`] removes by.
    pub document: String,
    /// What kind of source the document comes from.
    pub kind: SourceKind,
    /// The passage's words: a slice of its document's canonical text.
    pub text: String,
    /// The speaker's label as the source writes it.
    pub speaker: Option<String>,
    /// The speaker's part.
    pub role: Role,
    /// Id of the participant who speaks.
    pub participant: Option<String>,
    /// ISO 639 code of the document's language, in small letters; `None` where it
    /// could not be told.
    pub language: Option<String>,
    /// The document's date.
    pub date: Option<Date>,
    /// The document's rating in its own unit. A value that is not finite is
    /// taken for no rating.
    pub rating: Option<f64>,
    /// What the document is about.
    pub product: Option<String>,
    /// The question that the document answers.
    pub question: Option<String>,
    /// First byte of the passage in the canonical text of its document.
    pub start: u64,
    /// The best moment.
    pub moment: Moment,
    /// True if the engine abstains: the quote belongs to no stage and no
    /// moment, and is found by `moment:unclear` alone.
    pub unclear: bool,
    /// The speaker's evaluation.
    pub sentiment: Sentiment,
    /// Whether a pain point is stated.
    pub pain: bool,
    /// The channel or thing concerned.
    pub touchpoint: Touchpoint,
}
