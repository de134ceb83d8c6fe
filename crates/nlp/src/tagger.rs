use throughline_core::{ContentHash, Moment, Scored, Sentiment, Tagged, Tags, Touchpoint, Vector};

use crate::NlpError;

/// What a [`Tagger`] is shown of one passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TagInput<'a> {
    /// The passage itself. The vector comes from this alone.
    pub text: &'a str,
    /// What was said just before it: the interviewer's question, the previous
    /// turn, the survey's question. It informs the tags and never the vector.
    /// Blank text counts as none.
    pub context: Option<&'a str>,
}

/// What there is to know of the model behind a [`Tagger`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelInfo {
    /// The model's name, also the name of its folder.
    pub name: String,
    /// The version of these weights, labels and thresholds.
    pub version: String,
    /// The licence of the weights, as an SPDX expression.
    pub licence: String,
    /// One hash over all files of the model; it changes when any of them does.
    pub sha256: ContentHash,
    /// The engine that runs it: `rten` or `torch`.
    pub backend: &'static str,
    /// Components of a vector.
    pub dimension: usize,
    /// Tokens of a passage that are read, its two end marks included; the rest
    /// of a longer passage is not seen.
    pub max_tokens: usize,
    /// Tokens of the context that are read: its last ones.
    pub max_context_tokens: usize,
}

/// What a model thinks of every label of a passage: calibrated probabilities,
/// in the model's order of labels, 1 in sum for each list. The best of each, the
/// first of equals, is what [`Tagger::tag`] says.
#[derive(Debug, Clone, PartialEq)]
pub struct Distributions {
    /// Over the moments.
    pub moment: Vec<Scored<Moment>>,
    /// Over the sentiments.
    pub sentiment: Vec<Scored<Sentiment>>,
    /// Over no pain point and a pain point.
    pub pain: Vec<Scored<bool>>,
    /// Over the touchpoints.
    pub touchpoint: Vec<Scored<Touchpoint>>,
}

impl Distributions {
    /// What tags alone tell of the probabilities: one label in each list.
    #[must_use]
    pub fn of(tags: &Tags) -> Self {
        Self {
            moment: vec![tags.moment],
            sentiment: vec![tags.sentiment],
            pain: vec![tags.pain],
            touchpoint: vec![tags.touchpoint],
        }
    }
}

/// Reads passages: tags from text and context, a vector from the text alone.
///
/// **The law of every implementation**: what a passage gets depends on its own
/// text and context and on nothing else. The same bytes come out whether it is
/// read alone, among any others, in any order or on any number of threads.
pub trait Tagger: Send + Sync {
    /// The model that reads.
    fn model(&self) -> &ModelInfo;

    /// Tags and vectors of `inputs`, in their order.
    ///
    /// Any number may be given; memory grows with it by some 2 KB for each.
    /// Blank text gets a defined answer: no moment, neutral, no pain, no
    /// touchpoint, all with confidence 1, and a vector of zeros.
    ///
    /// # Errors
    /// Where the engine itself fails; never because of what a text says.
    fn tag(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Tagged>, NlpError>;

    /// The probabilities behind the tags of `inputs`, in their order. Blank text
    /// has one label in each list, the one that [`Tagger::tag`] gives it.
    ///
    /// # Errors
    /// As [`Tagger::tag`].
    fn distributions(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Distributions>, NlpError>;

    /// Vectors of `texts`, in their order: those that [`Tagger::tag`] gives.
    ///
    /// # Errors
    /// As [`Tagger::tag`].
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, NlpError>;
}
