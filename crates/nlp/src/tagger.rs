use throughline_core::{ContentHash, Tagged, Vector};

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
    /// The engine that runs it: `rten`.
    pub backend: &'static str,
    /// Components of a vector.
    pub dimension: usize,
    /// Tokens of a passage that are read, its two end marks included; the rest
    /// of a longer passage is not seen.
    pub max_tokens: usize,
    /// Tokens of the context that are read: its last ones.
    pub max_context_tokens: usize,
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

    /// Vectors of `texts`, in their order: those that [`Tagger::tag`] gives.
    ///
    /// # Errors
    /// As [`Tagger::tag`].
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, NlpError>;
}
