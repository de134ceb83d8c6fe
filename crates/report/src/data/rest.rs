use serde::{Deserialize, Serialize};
use throughline_core::{Date, Moment, Role, SourceKind};

use super::{Counts, Quote};

/// What was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Corpus {
    /// Documents: transcripts, and rows of tables.
    pub documents: usize,
    /// Known participants.
    pub participants: usize,
    /// Turns.
    pub turns: usize,
    /// Passages, whoever spoke them.
    pub passages: usize,
    /// Passages that can be evidence: participants' own words.
    pub evidence_passages: usize,
    /// The same per kind of source; kinds without a document left out.
    pub by_kind: Vec<CorpusKind>,
    /// Turns and passages by the speaker's part; parts without a turn left out.
    pub by_role: Vec<RoleCount>,
    /// First and last day, where documents carry dates.
    pub days: Option<Days>,
}

/// [`Corpus`] within one kind of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorpusKind {
    /// The kind of source.
    pub kind: SourceKind,
    /// Documents.
    pub documents: usize,
    /// Known participants.
    pub participants: usize,
    /// Turns.
    pub turns: usize,
    /// Passages.
    pub passages: usize,
    /// Passages that can be evidence.
    pub evidence_passages: usize,
}

/// How much the speakers of one part said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleCount {
    /// The part.
    pub role: Role,
    /// Turns.
    pub turns: usize,
    /// Passages.
    pub passages: usize,
}

/// A stretch of days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Days {
    /// The first.
    pub first: Date,
    /// The last.
    pub last: Date,
}

/// Evidence passages that belong to no stage, by the reason.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apart {
    /// Their moment is one that the framework does not cover.
    pub outside: NotPlaced,
    /// Not about a journey.
    pub none: NotPlaced,
    /// The engine is not sure enough of the moment.
    pub unclear: NotPlaced,
    /// Not yet tagged.
    pub untagged: NotPlaced,
}

/// Evidence passages that belong to no stage for one reason.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotPlaced {
    /// How many.
    pub counts: Counts,
    /// Those that state a pain point. They are in no finding.
    pub pain_passages: usize,
    /// By moment, most frequent first: for unclear ones the best guess. Empty
    /// where moments say nothing.
    pub by_moment: Vec<MomentCount>,
    /// Some of them.
    pub examples: Vec<Quote>,
}

/// How often a moment occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MomentCount {
    /// The moment.
    pub moment: Moment,
    /// Passages.
    pub passages: usize,
}

/// An input, or a part of one, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skipped {
    /// Name of the file.
    pub file: String,
    /// First line or row concerned, from 1; absent where the whole file is
    /// meant.
    pub line: Option<u64>,
    /// How many lines, rows or cues; 1 for a whole file.
    pub count: u64,
    /// Why, and what could be done about it.
    pub reason: String,
}

/// Where every passage went. Each sum below is checked by
/// [`super::Report::check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// All passages read: [`Self::counted`] + [`Self::not_evidence`].
    pub passages: usize,
    /// Passages of interviewers, of agents, and of speakers whose part is
    /// unknown, and titles of texts: no evidence.
    pub not_evidence: usize,
    /// Participants' passages: the sum of the next five.
    pub counted: usize,
    /// In a stage of the framework.
    pub placed: usize,
    /// Outside the framework.
    pub outside: usize,
    /// Not about a journey.
    pub none: usize,
    /// Unclear.
    pub unclear: usize,
    /// Not yet tagged.
    pub untagged: usize,
    /// Pain passages in stages: the sum of the next two.
    pub pain_passages: usize,
    /// In a finding.
    pub pain_in_findings: usize,
    /// In Other.
    pub pain_in_other: usize,
    /// Pain passages in no stage, so in no finding.
    pub pain_not_placed: usize,
    /// Files read, wholly or in part.
    pub files_read: usize,
    /// Files of which nothing could be read.
    pub files_skipped: usize,
    /// Lines, rows or cues skipped in files that were read.
    pub parts_skipped: u64,
}

/// A paragraph of the method section or of the limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextItem {
    /// What it is about, in a few words.
    pub heading: String,
    /// Plain sentences; no markup.
    pub text: String,
}
