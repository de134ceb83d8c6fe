//! What goes into the record and comes out of it, beside the types of core.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use throughline_core::{
    ContentHash, Date, DocumentMeta, OtherReason, ParticipantId, PassageId, Role, SourceKind,
    SourceRef, Span, Tagged, Tags,
};

/// A file whose reading begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSource {
    /// Its name in the study: relative, NFC, `/` between parts.
    pub name: String,
    /// Where it lies, as it was given. Kept here and nowhere else, so that a
    /// quote can be checked against it.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: ContentHash,
    /// Its size.
    pub bytes: u64,
    /// Hash of every setting that changes how it is read.
    pub settings_hash: ContentHash,
}

/// How far the reading of a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceState {
    /// Begun: some of its documents may be there, or may still be as an
    /// earlier reading left them.
    Reading,
    /// Finished: its documents are the file's.
    Done,
}

/// What a reading of a file found.
///
/// Reasons and notes are shown in reports. They name places and kinds, and
/// quote nothing of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SourceSummary {
    /// The format it was read as.
    pub format: String,
    /// The charset it was read in.
    pub charset: String,
    /// Documents read.
    pub documents: u64,
    /// Turns in them.
    pub turns: u64,
    /// Passages in them.
    pub passages: u64,
    /// What was left out or read with a doubt.
    pub skipped: Vec<SkippedRows>,
    /// What a person should know about how it was read.
    pub notes: Vec<String>,
}

/// Something of a file that was left out, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedRows {
    /// The first line where it happened, from 1, where lines are known.
    pub line: Option<u64>,
    /// How often it happened.
    pub count: u64,
    /// What happened.
    pub reason: String,
}

/// A file of the study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRecord {
    /// Its name in the study.
    pub name: String,
    /// Where it lay when it was read.
    pub path: String,
    /// SHA-256 of its bytes when it was read.
    pub sha256: ContentHash,
    /// Its size in bytes when it was read.
    pub bytes: u64,
    /// Hash of the settings it was read with.
    pub settings_hash: ContentHash,
    /// How far its reading has come.
    pub state: SourceState,
    /// What was found, once its reading is done.
    pub summary: Option<SourceSummary>,
}

/// What [`crate::Store::put_documents`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PutCounts {
    /// Documents that were not there before.
    pub added: u64,
    /// Documents whose text, meta or passages have changed.
    pub changed: u64,
    /// Documents left alone.
    pub unchanged: u64,
    /// Documents left out because they, or everybody who speaks in them, were
    /// withdrawn.
    pub withdrawn: u64,
}

/// What a removal took out of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    /// Documents taken out whole.
    pub documents: u64,
    /// Documents that were shortened and stay.
    pub shortened: u64,
    /// Passages, with their tags and vectors.
    pub passages: u64,
    /// Judgements whose words are gone.
    pub judgements: u64,
    /// True if the study had heads of its own, which are gone too: they were learnt
    /// from everybody's words.
    pub own_heads: bool,
    /// True if no byte of the words is left in the study's files now. False if
    /// that is still to come, because a file was taken out and nobody withdrew,
    /// or because somebody was reading the study: the bytes go when it is
    /// closed, or next opened for writing.
    pub erased: bool,
}

/// What made a reading: a model and the code that ran it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelKey {
    /// SHA-256 of the model.
    pub sha256: ContentHash,
    /// The backend that ran it.
    pub backend: String,
}

/// What a model said of a passage.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The passage.
    pub passage: PassageId,
    /// Hash of what the model was shown; see [`throughline_core::input_hash`].
    pub input: ContentHash,
    /// What it said.
    pub tagged: Tagged,
    /// The tags as the study's own heads give them, where they say something else.
    pub adapted: Option<Tags>,
}

/// A passage that a model has not read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its id.
    pub passage: PassageId,
    /// Its words.
    pub text: String,
    /// What it answers, whole; see [`throughline_core::Document::context_of`].
    pub context: Option<String>,
}

/// A passage with everything the record knows of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PassageRow {
    /// Its id.
    pub id: PassageId,
    /// Name of its document.
    pub document: Arc<str>,
    /// What kind of source the document comes from.
    pub kind: SourceKind,
    /// Where it stands in the document's canonical text.
    pub span: Span,
    /// Index of its turn.
    pub turn: usize,
    /// Who speaks, as the source writes it.
    pub speaker: Option<String>,
    /// The speaker's part in the conversation.
    pub role: Role,
    /// Who that is.
    pub participant: Option<ParticipantId>,
    /// Start of the turn in milliseconds.
    pub start_ms: Option<u64>,
    /// End of the turn in milliseconds.
    pub end_ms: Option<u64>,
    /// The day of the document.
    pub date: Option<Date>,
    /// Rating that the document gives.
    pub rating: Option<f64>,
    /// What the document is about.
    pub product: Option<String>,
    /// The question that the whole document answers.
    pub question: Option<String>,
    /// ISO 639 code of the document's language, where it could be told.
    pub language: Option<String>,
    /// True if it is the title of a text that follows it; see
    /// [`throughline_core::Document::is_heading`].
    pub heading: bool,
    /// Its words.
    pub text: String,
    /// What it answers.
    pub context: Option<String>,
    /// The part of whoever spoke that; absent where it is a written question, or
    /// nothing.
    pub asker: Option<Role>,
    /// True if it follows that directly: it is the first passage of its turn.
    pub opens_turn: bool,
    /// Its tags as they count, if the model asked for has read it: what the
    /// model says, or the study's own heads in its place, corrected by what people
    /// decided.
    pub tags: Option<Tags>,
    /// What the model says, whatever heads make of it and people decided.
    pub machine_tags: Option<Tags>,
    /// What the study's own heads make of that, where it is something else.
    pub adapted_tags: Option<Tags>,
}

/// A document without its text.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentRow {
    /// Its name.
    pub name: String,
    /// What kind of source it comes from.
    pub kind: SourceKind,
    /// Where it came from.
    pub source: SourceRef,
    /// What else is known of it.
    pub meta: DocumentMeta,
    /// SHA-256 of its canonical text.
    pub hash: ContentHash,
    /// Number of turns.
    pub turns: u64,
    /// Number of passages.
    pub passages: u64,
    /// True if somebody's words were taken out of it.
    pub shortened: bool,
}

/// How much there is in a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Files.
    pub sources: u64,
    /// Documents.
    pub documents: u64,
    /// Turns.
    pub turns: u64,
    /// Passages.
    pub passages: u64,
    /// Participants who speak in at least one document.
    pub participants: u64,
    /// Judgements of a person.
    pub judgements: u64,
    /// Documents and participants whose consent was withdrawn.
    pub withdrawn: u64,
}

/// One grouping of a study's pain points, under one framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeRun {
    /// Id of the framework whose stages were grouped.
    pub framework: String,
    /// The parameters, as the grouping writes them.
    pub parameters: String,
    /// Hash of everything the themes were made from.
    pub inputs_hash: ContentHash,
}

/// A passage in no theme: its id, the id of its stage, and why.
pub type Other = (PassageId, String, OtherReason);
