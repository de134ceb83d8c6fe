use serde::{Deserialize, Serialize};
use throughline_core::{Owner, Prompting, Sentiment, Severity, SourceKind, Touchpoint};

/// How much was said, in how many texts, by how many people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Passages; for a finding, its mentions.
    pub passages: usize,
    /// Distinct documents among them.
    pub documents: usize,
    /// Distinct known participants among them.
    pub participants: usize,
}

/// [`Counts`] within one kind of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindCounts {
    /// The kind of source.
    pub kind: SourceKind,
    /// What was counted in sources of this kind.
    pub counts: Counts,
}

/// What an interval is about: the thing that was drawn again and again, or
/// that the formula takes as one observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// The participant.
    Participant,
    /// The document, where authors are not known.
    Document,
    /// The exemplar, where stages are told by exemplars.
    Exemplar,
}

/// An interval that would hold if the units were a random sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Lower end, in the unit of the value it belongs to.
    pub low: f64,
    /// Upper end, in the unit of the value it belongs to.
    pub high: f64,
    /// Confidence level, 0…1: 0.95 for a 95 % interval.
    pub level: f64,
    /// One observation.
    pub unit: Unit,
    /// Name of the method: `Wilson`, `percentile bootstrap`, ….
    pub method: String,
}

/// A number with its interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// The number; its unit is said where the estimate is used.
    pub value: f64,
    /// Its interval; absent where there are too few units for one.
    pub interval: Option<Interval>,
    /// Number of units it rests on.
    pub units: usize,
}

/// Whom a share is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Denominator {
    /// Every participant of the study.
    AllParticipants,
    /// The participants who spoke about the stage.
    StageParticipants,
    /// Every document of the study.
    AllDocuments,
    /// The documents that speak about the stage.
    StageDocuments,
}

/// n of N, with N named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// n.
    pub count: usize,
    /// N; 0 where there is nobody to count (anonymous reviews).
    pub of: usize,
    /// Who N is.
    pub denominator: Denominator,
    /// Interval of n / N, 0…1.
    pub interval: Option<Interval>,
}

/// How often one sentiment occurs in a group of passages.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentimentPart {
    /// Passages with it.
    pub count: usize,
    /// Their share of the group, 0…1; 0 in an empty group.
    pub share: f64,
}

/// Sentiment of a group of passages.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentimentSummary {
    /// Clearly negative.
    pub negative: SentimentPart,
    /// No evaluation.
    pub neutral: SentimentPart,
    /// Clearly positive.
    pub positive: SentimentPart,
    /// Both clearly present; in neither of the two.
    pub mixed: SentimentPart,
    /// Net sentiment: % positive − % negative, in percentage points,
    /// −100…+100. Absent in an empty group.
    pub net: Option<Estimate>,
    /// Mean of P(positive) − P(negative), −1…+1, mixed counted in both.
    /// Absent in an empty group.
    pub valence: Option<Estimate>,
}

impl SentimentSummary {
    /// Counts the sentiments of a group. [`Self::net`] and [`Self::valence`]
    /// stay empty, since their intervals are another crate's work.
    #[must_use]
    pub fn of(sentiments: impl IntoIterator<Item = Sentiment>) -> Self {
        let mut summary = Self::default();
        for sentiment in sentiments {
            let part = match sentiment {
                Sentiment::Negative => &mut summary.negative,
                Sentiment::Neutral => &mut summary.neutral,
                Sentiment::Positive => &mut summary.positive,
                Sentiment::Mixed => &mut summary.mixed,
            };
            part.count += 1;
        }
        let total = summary.total();
        for part in [
            &mut summary.negative,
            &mut summary.neutral,
            &mut summary.positive,
            &mut summary.mixed,
        ] {
            part.share = part.count as f64 / total.max(1) as f64;
        }
        summary
    }

    /// Passages counted.
    #[must_use]
    pub fn total(&self) -> usize {
        self.negative.count + self.neutral.count + self.positive.count + self.mixed.count
    }
}

/// Severities of a group of mentions: an ordinal, so a distribution and a
/// median, never a mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeverityCounts {
    /// Level 4: loss or leaving.
    pub loss: usize,
    /// Level 3: the task failed or was given up.
    pub failed: usize,
    /// Level 2: extra effort, delay, cost.
    pub effort: usize,
    /// Level 1: irritation, doubt, a wish.
    pub irritation: usize,
    /// No consequence can be read.
    pub unknown: usize,
    /// Median of the known ones; of two middle ones the milder. Absent where
    /// none is known.
    pub median: Option<Severity>,
}

impl SeverityCounts {
    /// Counts the severities of a group and finds their median.
    #[must_use]
    pub fn of(severities: impl IntoIterator<Item = Severity>) -> Self {
        let mut counts = Self::default();
        for severity in severities {
            match severity {
                Severity::Loss => counts.loss += 1,
                Severity::Failed => counts.failed += 1,
                Severity::Effort => counts.effort += 1,
                Severity::Irritation => counts.irritation += 1,
                Severity::Unknown => counts.unknown += 1,
            }
        }
        let middle = counts.known().div_ceil(2);
        let mut seen = 0;
        counts.median = [
            (Severity::Irritation, counts.irritation),
            (Severity::Effort, counts.effort),
            (Severity::Failed, counts.failed),
            (Severity::Loss, counts.loss),
        ]
        .into_iter()
        .find(|(_, count)| {
            seen += count;
            seen >= middle && middle > 0
        })
        .map(|(severity, _)| severity);
        counts
    }

    /// Mentions whose severity could be read.
    #[must_use]
    pub fn known(&self) -> usize {
        self.loss + self.failed + self.effort + self.irritation
    }

    /// All mentions counted.
    #[must_use]
    pub fn total(&self) -> usize {
        self.known() + self.unknown
    }
}

/// Whether the topic of the mentions was brought up by somebody else first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptingCounts {
    /// The interviewer's turn before or the survey's question brought it up.
    pub prompted: usize,
    /// The participant brought it up.
    pub unprompted: usize,
    /// A bare yes or an echo; never evidence alone.
    pub assent: usize,
    /// Roles are unknown.
    pub unknown: usize,
}

impl PromptingCounts {
    /// Counts the promptings of a group.
    #[must_use]
    pub fn of(promptings: impl IntoIterator<Item = Prompting>) -> Self {
        let mut counts = Self::default();
        for prompting in promptings {
            match prompting {
                Prompting::Prompted => counts.prompted += 1,
                Prompting::Unprompted => counts.unprompted += 1,
                Prompting::Assent => counts.assent += 1,
                Prompting::Unknown => counts.unknown += 1,
            }
        }
        counts
    }

    /// All mentions counted.
    #[must_use]
    pub fn total(&self) -> usize {
        self.prompted + self.unprompted + self.assent + self.unknown
    }
}

/// How often a touchpoint occurs in a group of passages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TouchpointCount {
    /// The touchpoint.
    pub touchpoint: Touchpoint,
    /// Who runs it; absent for [`Touchpoint::None`].
    pub owner: Option<Owner>,
    /// What was counted.
    pub counts: Counts,
    /// Those of the passages that state a pain point.
    pub pain_passages: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_the_milder_one() {
        use Severity::{Effort, Failed, Irritation, Loss, Unknown};
        let median = |list: &[Severity]| SeverityCounts::of(list.iter().copied()).median;
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[Unknown, Unknown]), None);
        assert_eq!(median(&[Loss]), Some(Loss));
        assert_eq!(median(&[Loss, Irritation]), Some(Irritation));
        assert_eq!(median(&[Loss, Failed, Unknown, Effort]), Some(Failed));
        assert_eq!(median(&[Effort, Failed, Loss, Loss]), Some(Failed));
    }

    #[test]
    fn shares_of_sentiment_add_up_or_are_all_nought() {
        use Sentiment::{Mixed, Negative, Positive};
        let summary = SentimentSummary::of([Negative, Negative, Positive, Mixed]);
        assert_eq!(summary.total(), 4);
        assert_eq!(summary.negative.share, 0.5);
        assert_eq!(summary.mixed.share, 0.25);
        assert_eq!(SentimentSummary::of([]).negative.share, 0.0);
    }
}
