use serde::{Deserialize, Serialize};
use throughline_core::{ContentHash, PassageId};

use super::{
    CodebookEntry, Counts, KindCounts, NamedGroup, PromptingCounts, Quote, RankRange, RatingImpact,
    SegmentDifference, SentimentSummary, SeverityCounts, Share, TouchpointCount, Trend,
};

/// A pain point of one stage, told by several passages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Id of the theme, stable within the study.
    pub id: String,
    /// What it is called: a participant's own words.
    pub label: Label,
    /// Words that set it apart from the others of its stage, most telling
    /// first.
    pub terms: Vec<String>,
    /// Place in its stage by priority, from 1. Absent where too few voices
    /// spoke to rank anything.
    pub rank: Option<usize>,
    /// Severity × reach.
    pub priority: Priority,
    /// Mentions, documents and participants.
    pub counts: Counts,
    /// Participants who mention it, of a named whole.
    pub participants: Share,
    /// Documents that mention it, of a named whole.
    pub documents: Share,
    /// How many equally talkative voices would give the same concentration of
    /// mentions: 1 / Σp², where p is each voice's share of them; at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_voices: Option<f64>,
    /// The same counts per kind of source; kinds without a mention left out.
    pub by_kind: Vec<KindCounts>,
    /// How bad the consequences are that the mentions state.
    pub severity: SeverityCounts,
    /// Sentiment of the mentions.
    pub sentiment: SentimentSummary,
    /// Who brought the topic up.
    pub prompting: PromptingCounts,
    /// Touchpoints of the mentions, most frequent first.
    pub touchpoints: Vec<TouchpointCount>,
    /// Three to five quotes, typical and different; none for a finding whose
    /// priority is too low to be illustrated.
    pub quotes: Vec<Quote>,
    /// Quotes that speak against it; may be empty.
    pub counter_evidence: Vec<Quote>,
    /// Every passage counted here, the most typical first.
    pub members: Vec<PassageId>,
    /// Sub-themes, where the mentions are of several kinds, the largest first.
    /// A mention is in one at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<NamedGroup>,
    /// Passages counted in other findings of the stage that tell of this one
    /// too, the most typical first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<PassageId>,
    /// Ids of the findings of other stages that tell of the same thing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recurs_in: Vec<String>,
    /// What the codebook says of it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodebookEntry>,
    /// How ratings go with it, one item a source that holds ratings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub impact: Vec<RatingImpact>,
    /// The attributes by whose values it differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<SegmentDifference>,
    /// How often it is mentioned week by week or month by month, where documents
    /// carry dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<Trend>,
}

/// A few exact words of one passage, and where they stand: what a finding is
/// called by, or the shortest form of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The exact words.
    pub text: String,
    /// Name of the document they stand in.
    pub document: String,
    /// SHA-256 of its canonical text.
    pub document_sha256: ContentHash,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// The passage they stand in.
    pub passage: PassageId,
}

/// What a finding is ranked by, and the two parts it is the product of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Priority {
    /// [`Self::severity`] × [`Self::reach`], 0…1.
    pub score: f64,
    /// Severity part, 0…1: median level divided by 4.
    pub severity: f64,
    /// True if no severity could be read, so that [`Self::severity`] is an
    /// assumed value and not a measured one.
    pub severity_assumed: bool,
    /// Reach part, 0…1: share of participants (of documents, where authors are
    /// not known).
    pub reach: f64,
    /// The ranks that it takes in most draws of the people asked; absent where
    /// nothing is ranked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranks: Option<RankRange>,
}
