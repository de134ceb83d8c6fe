use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{ContentHash, Moment, Sentiment, Touchpoint, Vector};

/// A label with the calibrated probability that it is the right one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scored<T> {
    /// The label.
    pub label: T,
    /// Probability that the label is right, 0…1.
    pub confidence: f32,
}

/// What the engine says of one passage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tags {
    /// The best moment, also when the engine abstains.
    pub moment: Scored<Moment>,
    /// True if the engine abstains: the moment is not sure enough to be placed
    /// in a stage.
    pub unclear: bool,
    /// The speaker's evaluation.
    pub sentiment: Scored<Sentiment>,
    /// P(positive) − P(negative), mixed counted in both; −1…+1.
    pub valence: f32,
    /// Whether a pain point is stated, with the confidence of that answer.
    pub pain: Scored<bool>,
    /// The channel or thing concerned.
    pub touchpoint: Scored<Touchpoint>,
}

impl Tags {
    /// Puts another moment in the place of this one; it is sure enough for a stage.
    pub fn put_moment(&mut self, moment: Scored<Moment>) {
        self.moment = moment;
        self.unclear = false;
    }

    /// Puts another sentiment in the place of this one, with the valence that it
    /// alone tells: its confidence with its sign, and 0 where it has none.
    pub fn put_sentiment(&mut self, sentiment: Scored<Sentiment>) {
        self.sentiment = sentiment;
        self.valence = match sentiment.label {
            Sentiment::Positive => sentiment.confidence,
            Sentiment::Negative => -sentiment.confidence,
            Sentiment::Neutral | Sentiment::Mixed => 0.0,
        };
    }
}

/// Tags together with the vector that the same forward pass gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Tagged {
    /// The tags, from the passage and its context.
    pub tags: Tags,
    /// The vector, from the passage's own text alone.
    pub vector: Vector,
}

/// The key of a machine's reading of a passage: a hash of what it was shown.
///
/// With the model's hash and the backend it names a record: when none of them
/// changes, the passage is not read again.
#[must_use]
pub fn input_hash(text: &str, context: Option<&str>) -> ContentHash {
    let mut hasher = Sha256::new();
    hasher.update((text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
    hasher.update([u8::from(context.is_some())]);
    hasher.update(context.unwrap_or_default().as_bytes());
    ContentHash::from_bytes(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_context_differs_from_an_empty_one_and_the_parts_do_not_run_together() {
        assert_ne!(input_hash("a", None), input_hash("a", Some("")));
        assert_ne!(input_hash("ab", Some("c")), input_hash("a", Some("bc")));
        assert_eq!(input_hash("ab", Some("c")), input_hash("ab", Some("c")));
    }
}
