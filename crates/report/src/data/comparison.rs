use serde::{Deserialize, Serialize};
use throughline_core::{Date, Period};

use super::Interval;

/// What the researcher's codebook says of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodebookEntry {
    /// The researcher's name for it, which stands before the label.
    pub name: Option<String>,
    /// What belongs to it, by the researcher.
    pub definition: String,
    /// True if the codebook is frozen and does not have it.
    pub new: bool,
}

/// The ranks that a finding takes in 95 of 100 draws of the people asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RankRange {
    /// The best, from 1.
    pub best: usize,
    /// The worst.
    pub worst: usize,
}

/// How the ratings of one source go with mentioning a finding. It does not say
/// that one causes the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatingImpact {
    /// The file whose ratings these are, in its own unit.
    pub source: String,
    /// Documents of it that carry a rating.
    pub rated: usize,
    /// Those of them that mention the finding.
    pub mentioning: usize,
    /// Mean of all ratings.
    pub mean: f64,
    /// Mean of the ratings without a mention, less the mean of all.
    pub without: f64,
    /// Its interval.
    pub without_interval: Option<Interval>,
    /// Mean of the ratings with a mention, less the mean of the others.
    pub difference: f64,
    /// Its interval.
    pub difference_interval: Option<Interval>,
}

/// A finding that people of different segments mention differently often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentDifference {
    /// The attribute, as the source calls it.
    pub attribute: String,
    /// Its values, the most frequent first; those with too few voices left out.
    pub values: Vec<SegmentShare>,
    /// `Fisher` or `chi-square`.
    pub test: String,
    /// The probability of a difference as large, if there is none.
    pub p: f64,
    /// The same, with regard to all that was tested in the report (Holm).
    pub adjusted: f64,
}

/// How many voices of one segment mention a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentShare {
    /// The attribute's value.
    pub value: String,
    /// Voices that mention it; absent where they are fewer than may be shown.
    pub count: Option<usize>,
    /// Voices of the segment that spoke about the stage.
    pub of: usize,
    /// Interval of count / of, 0…1; absent where the count is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

/// Every finding by the values of one attribute of people, whether or not they
/// differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crosstab {
    /// The attribute, as the source calls it.
    pub attribute: String,
    /// A row for each finding about whose stage two segments spoke, in the order
    /// of the report.
    pub rows: Vec<CrosstabRow>,
}

/// One finding by the values of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrosstabRow {
    /// Id of the finding.
    pub finding: String,
    /// The attribute's values, the most frequent first.
    pub values: Vec<SegmentShare>,
    /// The probability of a difference as large if there is none, with regard
    /// to all that was tested in the report (Holm); absent where nothing could
    /// be tested.
    pub adjusted: Option<f64>,
}

/// How often a finding is mentioned as time goes by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trend {
    /// What time is divided into: the same for all findings of a report.
    pub period: Period,
    /// The periods that have documents, in order.
    pub shares: Vec<PeriodShare>,
    /// Positive where the share rises.
    pub z: f64,
    /// The probability of a slope as steep, if there is none.
    pub p: f64,
    /// The same, with regard to all findings whose trend was tested (Holm).
    pub adjusted: f64,
}

/// One week or one month of a [`Trend`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodShare {
    /// Its first day: a Monday, or the first of a month.
    pub first: Date,
    /// Documents that mention the finding.
    pub count: usize,
    /// Documents of that week or month.
    pub of: usize,
    /// Interval of count / of, 0…1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

impl PeriodShare {
    /// Count / of, 0…1; 0 where there are no documents.
    pub(crate) fn share(&self) -> f64 {
        self.count as f64 / self.of.max(1) as f64
    }
}
