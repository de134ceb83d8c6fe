use std::path::Path;

use serde::{Deserialize, Serialize};
use throughline_core::{ContentHash, Moment, Scored, Sentiment, Tagged, Touchpoint, Vector};

use crate::folder::Source;
use crate::{Backend, NlpError, TagInput, open_tagger};

/// Name of the file with what another engine read while the model was built.
const REFERENCE: &str = "reference.jsonl";

/// How far a confidence may lie from the reference. Two engines round halves of
/// a step and add in different orders, so that a byte here and there differs by
/// one step.
const CONFIDENCE: f32 = 0.03;

/// The least cosine between a vector and the reference's.
const COSINE: f32 = 0.998;

/// What [`verify_model`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The model's name.
    pub model: String,
    /// Each file that its manifest names.
    pub files: Vec<FileCheck>,
    /// What it reads today beside what it read when it was built; `None` if it
    /// has nothing to compare with, or a file is not the right one.
    pub reference: Option<ReferenceCheck>,
}

/// One file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileCheck {
    /// Its name.
    pub file: String,
    /// The hash in the manifest.
    pub expected: ContentHash,
    /// The hash of the bytes; `None` if it cannot be read.
    pub found: Option<ContentHash>,
}

/// How a model reads the passages of its `reference.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReferenceCheck {
    /// Passages read.
    pub passages: usize,
    /// Those that are read otherwise than when the model was built, each with
    /// what differs.
    pub differ: Vec<String>,
}

/// A line of the reference.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    text: String,
    context: String,
    moment: Scored<Moment>,
    sentiment: Scored<Sentiment>,
    pain: Scored<bool>,
    touchpoint: Scored<Touchpoint>,
    vector: Vec<i8>,
}

impl Verified {
    /// True if nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let reference = self.reference.as_ref();
        self.files.iter().all(FileCheck::is_sound)
            && reference.is_none_or(|reference| reference.differ.is_empty())
    }
}

impl FileCheck {
    /// True if the file is the one that the manifest was written for.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.found == Some(self.expected)
    }
}

/// Compares every file of the model at `place` (the name of one in the program,
/// or a folder) with the hash in its manifest; and, where all are right and the
/// model has a `reference.jsonl`, what it reads today with what is written there.
///
/// # Errors
/// A manifest or reference that cannot be read; a model whose files are right
/// and do not work. A file that is missing or wrong is part of what is found.
pub fn verify_model(place: &Path) -> Result<Verified, NlpError> {
    let source = Source::at(place);
    let (manifest, _) = source.manifest()?;
    let files: Vec<FileCheck> = manifest
        .files
        .all()
        .map(|entry| FileCheck {
            file: entry.file.clone(),
            expected: entry.sha256,
            found: source.bytes(&entry.file).ok().map(|b| ContentHash::of(&b)),
        })
        .collect();
    let right = files.iter().all(FileCheck::is_sound);
    Ok(Verified {
        model: manifest.name,
        files,
        reference: match source.bytes(REFERENCE) {
            Ok(lines) if right => Some(read_again(place, &lines)?),
            _ => None,
        },
    })
}

fn read_again(place: &Path, lines: &[u8]) -> Result<ReferenceCheck, NlpError> {
    let lines = serde_json::Deserializer::from_slice(lines).into_iter();
    let expected: Vec<Expected> =
        lines
            .collect::<Result<_, _>>()
            .map_err(|error| NlpError::BadManifest {
                path: place.join(REFERENCE),
                problem: error.to_string(),
            })?;
    let inputs: Vec<TagInput<'_>> = expected
        .iter()
        .map(|line| TagInput {
            text: &line.text,
            context: Some(&line.context),
        })
        .collect();
    let tagged = open_tagger(Some(Backend::Rten), Some(place))?.tag(&inputs)?;
    let pairs = tagged.iter().zip(&expected);
    Ok(ReferenceCheck {
        passages: expected.len(),
        differ: pairs
            .filter_map(|(found, expected)| difference(found, expected))
            .collect(),
    })
}

/// What differs, with the words concerned.
fn difference(found: &Tagged, expected: &Expected) -> Option<String> {
    let tags = &found.tags;
    let cosine = found
        .vector
        .cosine(&Vector::from_components(expected.vector.as_slice().into()));
    let what = far("moment", tags.moment, expected.moment)
        .or_else(|| far("sentiment", tags.sentiment, expected.sentiment))
        .or_else(|| far("pain", tags.pain, expected.pain))
        .or_else(|| far("touchpoint", tags.touchpoint, expected.touchpoint))
        .or_else(|| {
            (cosine <= COSINE).then(|| format!("the vector has turned: cosine {cosine}"))
        })?;
    Some(format!("{what}: {}", expected.text))
}

fn far<T: PartialEq + std::fmt::Display>(
    what: &str,
    found: Scored<T>,
    expected: Scored<T>,
) -> Option<String> {
    let near = (found.confidence - expected.confidence).abs() < CONFIDENCE;
    // Two labels that are about as likely may change places.
    let tie = expected.confidence < 0.5 + CONFIDENCE;
    (!near || !(tie || found.label == expected.label)).then(|| {
        format!(
            "{what} {} {:.3}, expected {} {:.3}",
            found.label, found.confidence, expected.label, expected.confidence
        )
    })
}
