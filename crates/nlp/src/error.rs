use std::path::PathBuf;

use thiserror::Error;

/// Why a model could not be opened or run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NlpError {
    /// A file of the model folder could not be read.
    #[error("cannot read {} of the model: {source}; a model folder holds model.json and the files it names", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `model.json` does not describe a model.
    #[error("{}: {problem}", path.display())]
    BadManifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong, with line and column where there is one.
        problem: String,
    },
    /// A file is not the one that the manifest was written for.
    #[error(
        "{} is not the file that model.json describes (sha256 {found}, expected {expected}); \
         fetch or build the model again",
        path.display()
    )]
    WrongHash {
        /// The file.
        path: PathBuf,
        /// Hash in the manifest.
        expected: String,
        /// Hash of the bytes found.
        found: String,
    },
    /// A file that makes a later version of another does not.
    #[error(
        "{} does not change the model as model.json describes: {problem}; \
         fetch or build the model again",
        path.display()
    )]
    BadChange {
        /// The file.
        path: PathBuf,
        /// What was expected and what was found.
        problem: String,
    },
    /// Weights, tokenizer or heads that do not fit each other or the manifest.
    #[error("model '{model}': {file} does not fit: {problem}")]
    Misfit {
        /// The model's name.
        model: String,
        /// The file concerned.
        file: String,
        /// What was expected and what was found.
        problem: String,
    },
    /// The engine failed while reading passages.
    #[error(
        "model '{model}' failed on a batch of {passages} passages of {tokens} tokens: {problem}"
    )]
    Engine {
        /// The model's name.
        model: String,
        /// Passages in the batch.
        passages: usize,
        /// Tokens of each.
        tokens: usize,
        /// What the engine said.
        problem: String,
    },
    /// What was asked for needs an engine that is not part of this program.
    #[error(
        "{what} needs libtorch, and this program was built without it; build it with \
         `cargo build --release --features torch` (see CONTRIBUTING.md)"
    )]
    NoTorch {
        /// What was asked for.
        what: &'static str,
    },
    /// A checkpoint was asked for tags.
    #[error(
        "model '{model}' has no heads: it gives vectors, and nothing in it knows moments, \
         sentiment, pain or touchpoints; tag with the default model or another folder that \
         has a model.json, and use this one where vectors are enough (`throughline cluster`)"
    )]
    NoHeads {
        /// The model's name.
        model: String,
    },
    /// There is no model of that name.
    #[error(
        "there is no model '{asked}': neither a model of that name in the program, nor a folder \
         there or in models/; there are: {known}"
    )]
    NoModel {
        /// What was asked for.
        asked: String,
        /// What there is.
        known: String,
    },
    /// The tokenizer failed on a text.
    #[error("model '{model}': the tokenizer failed on a text of {bytes} bytes: {problem}")]
    Tokenizer {
        /// The model's name.
        model: String,
        /// Length of the text.
        bytes: usize,
        /// What the tokenizer said.
        problem: String,
    },
}

impl NlpError {
    /// Whether another choice of model or backend would mend it.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Engine { .. } | Self::Tokenizer { .. })
    }
}
