use serde::{Deserialize, Serialize};
use throughline_core::{Moment, OtherReason};

use super::{
    Counts, Finding, KindCounts, NamedGroup, Quote, Reliability, SentimentSummary, TouchpointCount,
    Wishes,
};

/// One column of the journey map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageReport {
    /// Short name: `purchase`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What belongs here.
    pub definition: String,
    /// What the customer wants to reach here.
    pub goal: String,
    /// Colour on the map, `#rrggbb`.
    pub colour: String,
    /// The moments that make it up, sub-stages included; empty where it is told
    /// by exemplars.
    pub moments: Vec<Moment>,
    /// How well it can be told by its exemplars, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reliability: Option<Reliability>,
    /// Passages placed here, their documents and their participants.
    pub counts: Counts,
    /// The same per kind of source; kinds without a passage left out.
    pub by_kind: Vec<KindCounts>,
    /// Sentiment of the passages.
    pub sentiment: SentimentSummary,
    /// Touchpoints of the passages, most frequent first.
    pub touchpoints: Vec<TouchpointCount>,
    /// Passages that state a pain point: those of all findings plus
    /// [`Self::other`].
    pub pain_passages: usize,
    /// True if fewer voices spoke than a comparison needs.
    pub too_few_voices: bool,
    /// What works: the best positive quotes.
    pub works: Vec<Quote>,
    /// What works, grouped as the pain points are, the largest first; empty
    /// where praise is too little or too scattered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub praise: Vec<NamedGroup>,
    /// What people wish for; absent where nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wishes: Option<Wishes>,
    /// The pain points, by priority.
    pub findings: Vec<Finding>,
    /// Pain passages that belong to no finding.
    pub other: Other,
}

/// Pain passages of a stage that belong to no finding.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Other {
    /// How many.
    pub passages: usize,
    /// The same by reason; reasons without a passage left out.
    pub groups: Vec<OtherGroup>,
}

/// Pain passages that belong to no finding for one reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherGroup {
    /// Why they belong to none.
    pub reason: OtherReason,
    /// How many.
    pub passages: usize,
    /// Some or all of them.
    pub examples: Vec<Quote>,
}
