use serde::{Deserialize, Serialize};

use super::Interval;

/// How well a stage that is told by exemplars, or all of them together, can be
/// told: what became of each exemplar when the rest were learnt without it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reliability {
    /// Exemplars, each left out once.
    pub exemplars: usize,
    /// Those that were put into their own stage.
    pub right: usize,
    /// Those that were put into none, not being sure enough. The rest were put
    /// into another stage.
    pub unclear: usize,
    /// Interval of right / exemplars, 0…1.
    pub interval: Option<Interval>,
}
