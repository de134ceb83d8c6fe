use serde::{Deserialize, Serialize};

use crate::{Moment, Scored, Sentiment, Span, Touchpoint};

/// Why a passage has its tags: what the engine would have said next, and the
/// words without which it would have been less sure.
///
/// It holds places and no words, so that a record can keep it without keeping
/// anything twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Why this moment; the best one, also where the engine abstains.
    pub moment: Why<Moment>,
    /// Why this sentiment.
    pub sentiment: Why<Sentiment>,
    /// Why there is a pain point or none.
    pub pain: Why<bool>,
    /// Why this touchpoint.
    pub touchpoint: Why<Touchpoint>,
}

/// Why one tag was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Why<T> {
    /// The label, with the confidence that the tag has.
    pub answer: Scored<T>,
    /// The next likely label; absent where there is no other.
    pub runner_up: Option<Scored<T>>,
    /// The words that carried it, the heaviest first. Empty where no words by
    /// themselves did.
    pub words: Vec<Carrier>,
    /// By how much the label's probability is less without the context, 0…1;
    /// absent where there is none or it carried little.
    pub context: Option<f32>,
}

/// Words that carried a tag.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Carrier {
    /// Where they stand: bytes of the passage's own text.
    pub span: Span,
    /// By how much the label's probability is less without them, 0…1.
    pub drop: f32,
}
