use serde::{Deserialize, Serialize};

use super::{Counts, SentimentSummary};

/// All stages together: what each voice said over its whole life cycle, summed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifeCycle {
    /// Passages in a stage, their documents and their participants.
    pub counts: Counts,
    /// Their sentiment; the intervals draw whole voices.
    pub sentiment: SentimentSummary,
    /// How many voices spoke about one stage, about two, … of the framework.
    pub voices_by_stages: Vec<usize>,
}
