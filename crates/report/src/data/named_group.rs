use serde::{Deserialize, Serialize};
use throughline_core::PassageId;

use super::{Counts, Label, Quote, Share};

/// Passages that tell of one kind of thing: a sub-theme of a finding, or what
/// works in a stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedGroup {
    /// What it is called: a participant's own words.
    pub label: Label,
    /// Words that set it apart from the groups beside it, most telling first.
    pub terms: Vec<String>,
    /// Mentions, documents and participants.
    pub counts: Counts,
    /// Participants who mention it, of a named whole.
    pub participants: Share,
    /// Documents that mention it, of a named whole.
    pub documents: Share,
    /// Quotes, typical and different; none where a quote would repeat what
    /// stands beside it.
    pub quotes: Vec<Quote>,
    /// Every passage counted here, the most typical first.
    pub members: Vec<PassageId>,
}

/// What people wish for in a stage, whether or not it is missed as a pain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wishes {
    /// Passages that state a wish or a suggestion, with their documents and
    /// participants. Those that state a pain too are counted there as well.
    pub counts: Counts,
    /// Some or all of them, each of another voice while there is one.
    pub quotes: Vec<Quote>,
}
