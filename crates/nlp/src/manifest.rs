use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use throughline_core::{ContentHash, Moment, Sentiment, Touchpoint};

use crate::NlpError;

/// The version of `model.json` that this crate reads.
const FORMAT: u32 = 2;

/// `model.json`: everything about a model that is not weights. A new model is
/// a new folder with its own manifest, never a new variant in code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub format: u32,
    pub name: String,
    pub version: String,
    pub licence: String,
    pub files: Files,
    pub encoder: EncoderShape,
    pub heads: Heads,
    /// What the model was made from and how: for readers of the file.
    #[serde(rename = "provenance")]
    _provenance: serde_json::Value,
}

/// The files beside the manifest; the heads are part of the encoder's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Files {
    pub encoder: FileEntry,
    pub tokenizer: FileEntry,
}

impl Files {
    /// Each of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &FileEntry> {
        [&self.encoder, &self.tokenizer].into_iter()
    }
}

/// One file and the hash of its bytes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileEntry {
    pub file: String,
    pub sha256: ContentHash,
    /// What makes a later version of it: the first of the file, each other of the outcome
    /// of the one before it.
    #[serde(default)]
    pub changes: Vec<Change>,
}

impl FileEntry {
    /// The names and hashes of the files that are read for it: itself and its changes.
    pub(crate) fn stored(&self) -> impl Iterator<Item = (&str, ContentHash)> {
        let changes = self.changes.iter();
        let changes = changes.map(|change| (change.file.as_str(), change.sha256));
        std::iter::once((self.file.as_str(), self.sha256)).chain(changes)
    }
}

/// A file that changes another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    pub file: String,
    pub sha256: ContentHash,
    /// Hash of what it makes of the other.
    pub gives: ContentHash,
}

/// What the encoder takes and gives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EncoderShape {
    /// Components of the vector.
    pub dimension: usize,
    /// Tokens of a passage, its two end marks included.
    pub max_tokens: usize,
    /// Tokens of a context, without end marks.
    pub max_context_tokens: usize,
}

/// The four answers, in the order of the columns that the heads give.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Heads {
    pub moment: Head<Moment>,
    pub sentiment: Head<Sentiment>,
    pub pain: Head<bool>,
    pub touchpoint: Head<Touchpoint>,
    /// Below this confidence in the moment the engine abstains.
    pub unclear_below: f32,
}

/// The labels of one head and how sure it may sound.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head<T> {
    /// One for each column.
    pub labels: Vec<T>,
    /// Divides the logits before softmax (Guo et al. 2017, "On Calibration of
    /// Modern Neural Networks").
    pub temperature: f32,
}

impl Heads {
    /// Columns of all heads together.
    pub(crate) fn columns(&self) -> usize {
        self.moment.labels.len()
            + self.sentiment.labels.len()
            + self.pain.labels.len()
            + self.touchpoint.labels.len()
    }
}

impl Manifest {
    /// Reads and checks a manifest; `path` is for messages.
    pub(crate) fn parse(bytes: &[u8], path: &Path) -> Result<Self, NlpError> {
        let bad = |problem: String| NlpError::BadManifest {
            path: path.to_owned(),
            problem,
        };
        let manifest: Self = serde_json::from_slice(bytes).map_err(|e| bad(e.to_string()))?;
        manifest.problem().map_or(Ok(()), |p| Err(bad(p)))?;
        Ok(manifest)
    }

    /// The first rule that the manifest breaks, if any.
    fn problem(&self) -> Option<String> {
        let shape = &self.encoder;
        if self.format != FORMAT {
            return Some(format!(
                "format {} is unknown to this version, which reads format {FORMAT}",
                self.format
            ));
        }
        if shape.dimension == 0 {
            return Some("'dimension' must be at least 1".to_owned());
        }
        if shape.max_tokens < 3 || shape.max_context_tokens == 0 {
            return Some("'max_tokens' must be at least 3, 'max_context_tokens' 1".to_owned());
        }
        if !(0.0..=1.0).contains(&self.heads.unclear_below) {
            return Some("'unclear_below' must lie between 0 and 1".to_owned());
        }
        self.heads
            .moment
            .problem("moment")
            .or_else(|| self.heads.sentiment.problem("sentiment"))
            .or_else(|| self.heads.pain.problem("pain"))
            .or_else(|| self.heads.touchpoint.problem("touchpoint"))
    }
}

impl<T: Ord> Head<T> {
    fn problem(&self, name: &str) -> Option<String> {
        let distinct: BTreeSet<_> = self.labels.iter().collect();
        if self.labels.is_empty() || distinct.len() != self.labels.len() {
            return Some(format!(
                "the labels of '{name}' must be distinct, and at least one"
            ));
        }
        if !(self.temperature > 0.0 && self.temperature.is_finite()) {
            return Some(format!("the temperature of '{name}' must be above 0"));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> serde_json::Value {
        let hash = "0".repeat(64);
        serde_json::json!({
            "format": 2, "name": "m", "version": "1", "licence": "MIT",
            "files": {
                "encoder": {"file": "model.onnx", "sha256": hash},
                "tokenizer": {"file": "tokenizer.json", "sha256": hash},
            },
            "encoder": {"dimension": 4, "max_tokens": 16, "max_context_tokens": 4},
            "heads": {
                "moment": {"labels": ["need", "none"], "temperature": 1.0},
                "sentiment": {"labels": ["negative", "positive"], "temperature": 1.0},
                "pain": {"labels": [false, true], "temperature": 1.0},
                "touchpoint": {"labels": ["none"], "temperature": 1.0},
                "unclear_below": 0.5,
            },
            "provenance": {},
        })
    }

    fn parse(value: &serde_json::Value) -> Result<Manifest, NlpError> {
        Manifest::parse(value.to_string().as_bytes(), Path::new("model.json"))
    }

    #[test]
    fn a_sound_manifest_is_read() {
        let read = parse(&manifest()).unwrap();
        assert_eq!(read.heads.columns(), 7);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            ("/format", serde_json::json!(1), "format 1"),
            ("/encoder/dimension", serde_json::json!(0), "dimension"),
            ("/encoder/max_tokens", serde_json::json!(2), "max_tokens"),
            (
                "/heads/unclear_below",
                serde_json::json!(1.5),
                "unclear_below",
            ),
            (
                "/heads/moment/labels",
                serde_json::json!(["need", "need"]),
                "'moment'",
            ),
            (
                "/heads/moment/labels",
                serde_json::json!(["shopping"]),
                "shopping",
            ),
            ("/heads/pain/temperature", serde_json::json!(0.0), "'pain'"),
            ("/files/encoder/sha256", serde_json::json!("ab"), "hash"),
        ];
        for (at, value, named) in cases {
            let mut broken = manifest();
            *broken.pointer_mut(at).unwrap() = value;
            let error = parse(&broken).unwrap_err().to_string();
            assert!(
                error.contains("model.json") && error.contains(named),
                "{at}: {error}"
            );
        }
    }
}
