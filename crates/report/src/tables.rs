//! Tables, for counting on: findings, and every passage of evidence with its
//! codes as columns of noughts and ones.
//!
//! A study may hold a million passages, so they come one at a time: a
//! [`PassageTable`] takes [`CodedPassage`]s and keeps none of them. What a row
//! holds is said once, in `cells`; each format says in its own file what it
//! loses.

mod cells;
mod clips;
mod csv;
mod xlsx;

use std::sync::Arc;

use throughline_core::{
    ContentHash, Date, Moment, NoStage, PassageId, Prompting, Sentiment, Severity, SourceKind,
    Touchpoint,
};

use crate::ReportError;
pub use cells::manifest_rows;
pub use clips::{Clips, DecisionList};
pub use csv::{QuotesCsv, findings_csv, manifest_csv, neutralised, restored};
pub use xlsx::Workbook;

/// Something that a passage is or is not: a stage, a moment, a theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Short and unique: `stage:purchase`, `theme:purchase-1`.
    pub id: String,
    /// What it is called; for a theme, a participant's own words.
    pub name: String,
}

/// One passage of evidence, with everything that a table says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct CodedPassage {
    /// Names it within every study.
    pub passage: PassageId,
    /// Name of its document.
    pub document: Arc<str>,
    /// SHA-256 of the document's canonical text.
    pub document_sha256: ContentHash,
    /// What kind of source the document comes from.
    pub kind: SourceKind,
    /// First byte in the canonical text.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// The exact slice `start..end`.
    pub text: String,
    /// The speaker's label as the source writes it.
    pub speaker: Option<String>,
    /// Id of the participant, where one is known.
    pub participant: Option<String>,
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
    /// Id of its stage, or why it is in none.
    pub stage: Result<String, NoStage>,
    /// The speaker's evaluation.
    pub sentiment: Sentiment,
    /// Probability of positive less that of negative, −1…+1.
    pub valence: f32,
    /// How bad the stated consequence is; absent where no pain is stated.
    pub severity: Option<Severity>,
    /// Who brought the topic up; absent where no pain is stated.
    pub prompting: Option<Prompting>,
    /// The channel or thing concerned.
    pub touchpoint: Touchpoint,
    /// Numbers of its codes in the list that the table was begun with, in
    /// ascending order.
    pub codes: Vec<usize>,
}

/// A table that takes the passages of a study in order of document and place,
/// one at a time.
pub trait PassageTable {
    /// Writes one passage.
    ///
    /// # Errors
    /// If the table cannot be written.
    fn push(&mut self, passage: &CodedPassage) -> Result<(), ReportError>;

    /// Writes what is left to write.
    ///
    /// # Errors
    /// If the table cannot be written.
    fn finish(self: Box<Self>) -> Result<(), ReportError>;
}
