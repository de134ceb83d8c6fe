//! All stages of a journey together.

use std::collections::{BTreeMap, BTreeSet};

use throughline_report::LifeCycle;

use super::counting;
use crate::evidence::{Evidence, Said, Voice};

/// What each voice said over its whole life cycle, summed; `None` where nothing
/// is in a stage.
pub(crate) fn of(evidence: &Evidence, stages: usize) -> Option<LifeCycle> {
    let said: Vec<&Said> = (evidence.said.iter())
        .filter(|one| one.place.is_ok())
        .collect();
    if said.is_empty() {
        return None;
    }
    let mut spoke_of: BTreeMap<Voice, BTreeSet<usize>> = BTreeMap::new();
    for one in &said {
        spoke_of.entry(one.voice()).or_default().extend(one.place);
    }
    let voices = |number| spoke_of.values().filter(|of| of.len() == number).count();
    Some(LifeCycle {
        counts: counting::counts(&said),
        sentiment: counting::sentiment(&said),
        voices_by_stages: (1..=stages).map(voices).collect(),
    })
}
