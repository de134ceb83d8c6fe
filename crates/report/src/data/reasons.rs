use serde::{Deserialize, Serialize};
use throughline_core::{Explanation, Moment, Sentiment, Touchpoint, Why};

/// Why a passage has its four tags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasons {
    /// Why this moment; of the best one, also where the engine abstains.
    pub moment: Reason<Moment>,
    /// Why this sentiment.
    pub sentiment: Reason<Sentiment>,
    /// Why there is a pain point or none.
    pub pain: Reason<bool>,
    /// Why this touchpoint.
    pub touchpoint: Reason<Touchpoint>,
}

/// Why one tag was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason<T> {
    /// The label.
    pub label: T,
    /// Probability that the label is right, 0…1.
    pub confidence: f32,
    /// The next likely label; absent where there is no other.
    pub runner_up: Option<T>,
    /// Probability that the runner-up is right, 0…1.
    pub runner_up_confidence: Option<f32>,
    /// The words that carried the label, the heaviest first; none where no words
    /// by themselves did.
    pub words: Vec<CarryingWords>,
    /// By how much the label's probability is less without what was asked or
    /// said just before; absent where that carried little.
    pub context_drop: Option<f32>,
}

/// Words of a passage that carried a tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarryingWords {
    /// The exact slice `start..end`.
    pub text: String,
    /// First byte, in the text that the passage itself is placed in.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// By how much the label's probability is less without them, 0…1.
    pub drop: f32,
}

impl Reasons {
    /// The reasons of the passage `text`, which begins at byte `start` of its
    /// document.
    #[must_use]
    pub fn of(why: &Explanation, text: &str, start: usize) -> Self {
        Self {
            moment: Reason::of(&why.moment, text, start),
            sentiment: Reason::of(&why.sentiment, text, start),
            pain: Reason::of(&why.pain, text, start),
            touchpoint: Reason::of(&why.touchpoint, text, start),
        }
    }
}

impl<T: Copy> Reason<T> {
    fn of(why: &Why<T>, text: &str, start: usize) -> Self {
        let words = why.words.iter().filter_map(|carrier| {
            Some(CarryingWords {
                text: carrier.span.slice(text)?.to_owned(),
                start: start + carrier.span.start,
                end: start + carrier.span.end,
                drop: carrier.drop,
            })
        });
        Self {
            label: why.answer.label,
            confidence: why.answer.confidence,
            runner_up: why.runner_up.map(|other| other.label),
            runner_up_confidence: why.runner_up.map(|other| other.confidence),
            words: words.collect(),
            context_drop: why.context,
        }
    }
}
