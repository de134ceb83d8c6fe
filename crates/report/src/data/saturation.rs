use serde::{Deserialize, Serialize};

use super::Interval;

/// Whether more interviews would still bring new pain points. Every distinct one
/// counts: a theme as one, and each passage in Other as one of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saturation {
    /// People interviewed who told of a pain point, or could have.
    pub people: usize,
    /// Distinct pain points that they told of.
    pub ideas: usize,
    /// Of these, told by one person alone.
    pub singletons: usize,
    /// How many there are at least, by Chao2.
    pub estimated: f64,
    /// Share of these that was heard, 0…1.
    pub coverage: f64,
    /// Its interval.
    pub coverage_interval: Interval,
    /// New pain points of the last people, per pain point of the first ones;
    /// mean over random orders. Absent with too few people.
    pub new_information: Option<f64>,
    /// Between these lies that rate in 95 of 100 orders.
    pub new_information_range: Option<Interval>,
    /// Distinct pain points after one person, two, …; mean over random orders.
    pub curve: Vec<f64>,
    /// Between these lies the curve in 95 of 100 orders, one a person; empty
    /// where the curve is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curve_range: Vec<Interval>,
    /// True if these are too few people, or the interval is too wide, to tell.
    pub cannot_tell: bool,
    /// What it comes to, in one sentence.
    pub sentence: String,
}

/// Two findings that the same people tell of, or that are told side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoOccurrence {
    /// Id of the one finding.
    pub one: String,
    /// Id of the other.
    pub other: String,
    /// What was counted: `voice`, or `window` for the passages that have the
    /// other within two turns.
    pub unit: String,
    /// Units with the one.
    pub with_one: usize,
    /// Units with the other.
    pub with_other: usize,
    /// Units with both.
    pub with_both: usize,
    /// c = both / (one + other − both), 0…1.
    pub coefficient: f64,
    /// True if one is more than five times as frequent as the other, which keeps
    /// c low whatever they have to do with each other.
    pub unequal: bool,
}
