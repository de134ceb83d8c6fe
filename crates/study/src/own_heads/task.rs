//! The tags that a study's own heads can learn.

use serde::{Deserialize, Serialize};
use throughline_core::{Moment, Scored, Sentiment, Tagged, Tags, Touchpoint};
use throughline_nlp::Seen;
use throughline_store::{Correction, kind};

/// The word for a passage of which the moment is not clear.
pub(crate) const UNCLEAR: &str = "unclear";

/// One tag of every passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Task {
    Moment,
    Sentiment,
    Pain,
    Touchpoint,
}

impl Task {
    /// In the order of [`kind::CORRECTIONS`].
    pub(crate) const ALL: [Self; 4] = [Self::Moment, Self::Sentiment, Self::Pain, Self::Touchpoint];

    /// The kind of judgement that decides it, which is its name everywhere.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Moment => kind::MOMENT,
            Self::Sentiment => kind::SENTIMENT,
            Self::Pain => kind::PAIN,
            Self::Touchpoint => kind::TOUCHPOINT,
        }
    }

    /// How many labels it has.
    pub(crate) fn labels(self) -> usize {
        match self {
            Self::Moment => Moment::ALL.len(),
            Self::Sentiment => Sentiment::ALL.len(),
            Self::Pain => 2,
            Self::Touchpoint => Touchpoint::ALL.len(),
        }
    }

    /// What a head sees of a reading.
    pub(crate) fn seen(self, tagged: &Tagged) -> Seen<'_> {
        Seen {
            vector: &tagged.vector,
            answer: self.said(&tagged.tags),
        }
    }

    /// What the tags say, by the number of the label.
    pub(crate) fn said(self, tags: &Tags) -> Scored<usize> {
        let (label, confidence) = match self {
            Self::Moment => (
                place(Moment::ALL, tags.moment.label),
                tags.moment.confidence,
            ),
            Self::Sentiment => (
                place(Sentiment::ALL, tags.sentiment.label),
                tags.sentiment.confidence,
            ),
            Self::Pain => (usize::from(tags.pain.label), tags.pain.confidence),
            Self::Touchpoint => (
                place(Touchpoint::ALL, tags.touchpoint.label),
                tags.touchpoint.confidence,
            ),
        };
        Scored { label, confidence }
    }

    /// What people decided, by the number of the label.
    pub(crate) fn decided(self, correction: &Correction) -> Option<usize> {
        match self {
            Self::Moment => correction.moment.map(|label| place(Moment::ALL, label)),
            Self::Sentiment => correction
                .sentiment
                .map(|label| place(Sentiment::ALL, label)),
            Self::Pain => correction.pain.map(usize::from),
            Self::Touchpoint => correction
                .touchpoint
                .map(|label| place(Touchpoint::ALL, label)),
        }
    }

    /// Puts an answer into the tags; a number that no label has changes nothing.
    pub(crate) fn put(self, tags: &mut Tags, answer: Scored<usize>) {
        match self {
            Self::Moment => {
                if let Some(moment) = named(Moment::ALL, answer) {
                    tags.put_moment(moment);
                }
            }
            Self::Sentiment => {
                if let Some(sentiment) = named(Sentiment::ALL, answer) {
                    tags.put_sentiment(sentiment);
                }
            }
            Self::Pain => tags.pain = named(&[false, true], answer).unwrap_or(tags.pain),
            Self::Touchpoint => {
                tags.touchpoint = named(Touchpoint::ALL, answer).unwrap_or(tags.touchpoint);
            }
        }
    }

    /// What the tags say, in the word that a coder has for it.
    pub(crate) fn word(self, tags: &Tags) -> String {
        match self {
            Self::Moment if tags.unclear => UNCLEAR.to_owned(),
            Self::Moment => tags.moment.label.to_string(),
            Self::Sentiment => tags.sentiment.label.to_string(),
            Self::Pain => if tags.pain.label { "yes" } else { "no" }.to_owned(),
            Self::Touchpoint => tags.touchpoint.label.to_string(),
        }
    }
}

fn place<T: PartialEq>(all: &[T], label: T) -> usize {
    // Every label is in its list.
    let place = all.iter().position(|known| *known == label);
    place.unwrap_or_default()
}

fn named<T: Copy>(all: &[T], answer: Scored<usize>) -> Option<Scored<T>> {
    Some(Scored {
        label: *all.get(answer.label)?,
        confidence: answer.confidence,
    })
}

#[cfg(test)]
mod tests {
    use throughline_core::Vector;

    use super::*;

    #[test]
    fn every_label_goes_in_and_comes_out_by_its_number() {
        fn sure<T>(label: T) -> Scored<T> {
            Scored {
                label,
                confidence: 0.9,
            }
        }
        let tags = Tags {
            moment: sure(Moment::Use),
            unclear: true,
            sentiment: sure(Sentiment::Neutral),
            valence: 0.1,
            pain: sure(false),
            touchpoint: sure(Touchpoint::App),
        };
        let tagged = Tagged {
            tags,
            vector: Vector::quantise(&[1.0]),
        };
        for (task, kind) in Task::ALL.into_iter().zip(kind::CORRECTIONS) {
            assert_eq!(task.name(), kind);
            assert_eq!(task.seen(&tagged).answer.confidence, 0.9);
            for label in 0..task.labels() {
                let answer = Scored {
                    label,
                    confidence: 0.6,
                };
                let mut changed = tags;
                task.put(&mut changed, answer);
                assert_eq!(task.said(&changed), answer);
                let others = Task::ALL.into_iter().filter(|other| *other != task);
                for other in others {
                    assert_eq!(other.said(&changed), other.said(&tags));
                }
            }
            let mut same = tags;
            let none = Scored {
                label: 99,
                confidence: 1.0,
            };
            task.put(&mut same, none);
            assert_eq!(same, tags);
        }
        assert_eq!(Task::Moment.word(&tags), UNCLEAR);
        assert_eq!(Task::Pain.word(&tags), "no");
        let correction = Correction {
            touchpoint: Some(Touchpoint::App),
            ..Correction::default()
        };
        let decided = Task::Touchpoint.decided(&correction);
        assert_eq!(decided, Some(Task::Touchpoint.said(&tags).label));
        assert_eq!(Task::Moment.decided(&correction), None);
    }
}
