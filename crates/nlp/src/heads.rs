use throughline_core::{Moment, Scored, Sentiment, Tags, Touchpoint};

use crate::Distributions;
use crate::manifest::{self, Head};

impl manifest::Heads {
    /// The tags that one row of logits stands for.
    pub(crate) fn tags(&self, row: &[f32]) -> Tags {
        let (moment, rest) = self.moment.split(row);
        let (sentiment, rest) = self.sentiment.split(rest);
        let (pain, rest) = self.pain.split(rest);
        let (touchpoint, _) = self.touchpoint.split(rest);
        let moment = self.moment.best(&moment, Moment::None);
        let valence = self.sentiment.of(&sentiment, Sentiment::Positive)
            - self.sentiment.of(&sentiment, Sentiment::Negative);
        Tags {
            moment,
            unclear: moment.confidence < self.unclear_below,
            sentiment: self.sentiment.best(&sentiment, Sentiment::Neutral),
            // Mixed counts in both terms of the difference, and so in neither.
            valence,
            pain: self.pain.best(&pain, false),
            touchpoint: self.touchpoint.best(&touchpoint, Touchpoint::None),
        }
    }

    /// The probabilities that one row of logits stands for.
    pub(crate) fn distributions(&self, row: &[f32]) -> Distributions {
        let (moment, rest) = self.moment.split(row);
        let (sentiment, rest) = self.sentiment.split(rest);
        let (pain, rest) = self.pain.split(rest);
        let (touchpoint, _) = self.touchpoint.split(rest);
        Distributions {
            moment: self.moment.named(&moment),
            sentiment: self.sentiment.named(&sentiment),
            pain: self.pain.named(&pain),
            touchpoint: self.touchpoint.named(&touchpoint),
        }
    }
}

impl<T: Copy + PartialEq> Head<T> {
    /// Each label with its probability.
    fn named(&self, probabilities: &[f32]) -> Vec<Scored<T>> {
        let pairs = self.labels.iter().zip(probabilities);
        pairs
            .map(|(label, confidence)| Scored {
                label: *label,
                confidence: *confidence,
            })
            .collect()
    }

    /// Calibrated probabilities from this head's columns, and the other columns.
    fn split<'r>(&self, row: &'r [f32]) -> (Vec<f32>, &'r [f32]) {
        let (own, rest) = row.split_at(self.labels.len().min(row.len()));
        (softmax(own, self.temperature), rest)
    }

    /// The likeliest label; of equally likely ones the first.
    fn best(&self, probabilities: &[f32], otherwise: T) -> Scored<T> {
        let start = Scored {
            label: otherwise,
            confidence: f32::NEG_INFINITY,
        };
        self.labels
            .iter()
            .zip(probabilities)
            .fold(start, |best, (label, confidence)| {
                if *confidence > best.confidence {
                    Scored {
                        label: *label,
                        confidence: *confidence,
                    }
                } else {
                    best
                }
            })
    }

    /// The probability of one label; 0 if this head does not know it.
    fn of(&self, probabilities: &[f32], wanted: T) -> f32 {
        let found = self.labels.iter().position(|label| *label == wanted);
        found
            .and_then(|at| probabilities.get(at))
            .copied()
            .unwrap_or(0.0)
    }
}

fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = logits
        .iter()
        .map(|z| ((z - largest) / temperature).exp())
        .collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|p| p / sum).collect()
}

/// The tags of a passage in which there is nothing to read.
pub(crate) fn blank() -> Tags {
    fn sure<T>(label: T) -> Scored<T> {
        Scored {
            label,
            confidence: 1.0,
        }
    }
    Tags {
        moment: sure(Moment::None),
        unclear: false,
        sentiment: sure(Sentiment::Neutral),
        valence: 0.0,
        pain: sure(false),
        touchpoint: sure(Touchpoint::None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn heads() -> manifest::Heads {
        manifest::Heads {
            moment: Head {
                labels: vec![Moment::Use, Moment::None],
                temperature: 2.0,
            },
            sentiment: Head {
                labels: Sentiment::ALL.to_vec(),
                temperature: 1.0,
            },
            pain: Head {
                labels: vec![false, true],
                temperature: 1.0,
            },
            touchpoint: Head {
                labels: vec![Touchpoint::App],
                temperature: 1.0,
            },
            unclear_below: 0.6,
        }
    }

    #[test]
    fn each_head_reads_its_own_columns() {
        let tags = heads().tags(&[0.0, 1.0, 0.0, 0.0, 9.0, 0.0, 0.0, 3.0, 0.0]);
        assert_eq!(tags.moment.label, Moment::None);
        // 1 / (1 + e^(-1/2)): the temperature halves the difference.
        assert!((tags.moment.confidence - 0.622_459_3).abs() < 1e-6);
        assert!(!tags.unclear);
        assert_eq!(tags.sentiment.label, Sentiment::Positive);
        assert!(tags.valence > 0.99);
        assert!(tags.pain.label && tags.pain.confidence > 0.95);
        assert_eq!(tags.touchpoint.label, Touchpoint::App);
        assert!(heads().tags(&[0.0; 9]).unclear);
    }

    #[test]
    fn mixed_counts_in_both_directions() {
        let tags = heads().tags(&[0.0, 0.0, 1.0, 0.0, 1.0, 9.0, 0.0, 0.0, 0.0]);
        assert_eq!(
            (tags.sentiment.label, tags.valence),
            (Sentiment::Mixed, 0.0)
        );
    }

    proptest! {
        #[test]
        fn confidences_are_probabilities(
            row in prop::collection::vec(-80.0_f32..80.0, 9),
        ) {
            let tags = heads().tags(&row);
            prop_assert!((0.5..=1.0).contains(&tags.moment.confidence));
            prop_assert!((0.25..=1.0).contains(&tags.sentiment.confidence));
            prop_assert!((-1.0..=1.0).contains(&tags.valence));
            prop_assert!((0.5..=1.0).contains(&tags.pain.confidence));
        }
    }
}
