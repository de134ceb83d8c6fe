use std::path::Path;

use serde::{Deserialize, Serialize};
use throughline_core::{ContentHash, Moment, Scored, Sentiment, Touchpoint, Vector};

use crate::folder::Source;
use crate::manifest::FileEntry;
use crate::{Backend, NlpError, TagInput, open_tagger};

/// Name of the file with what the weights in float made of some passages, in another
/// engine, while the model was built.
const REFERENCE: &str = "reference.jsonl";

/// The least share of passages that get the same label, of each of the four. What is
/// promised of weights and states in bytes is .99 of passages as they come. The few hundred
/// of a reference were written for rare labels and lie nearer to ties: version 3.0.0 has
/// .984 of 310 of them, where it has .993 or more of 2,194 others. A wrong token, scale or
/// position costs many times more.
const SAME_LABEL: f32 = 0.98;

/// How far confidences may lie apart on average. Bytes move a logit by some hundredths:
/// a confidence of one half by a quarter of that, a surer one by less.
const APART: f32 = 0.015;

/// The least cosine between a vector and the reference's.
const COSINE: f32 = 0.99;

/// What [`verify_model`] found.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReferenceCheck {
    /// Passages read.
    pub passages: usize,
    /// The share of them with the same label: the least of the four tags'.
    pub same_label: f32,
    /// How far confidences lie apart on average: the most of the four tags'.
    pub apart: f32,
    /// The least cosine between a vector and the reference's.
    pub cosine: f32,
    /// Each label that is another than in the reference.
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
        self.files.iter().all(FileCheck::is_sound) && reference.is_none_or(ReferenceCheck::is_sound)
    }
}

impl ReferenceCheck {
    /// True if it lies as near the reference as bytes lie to floats.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.same_label >= SAME_LABEL && self.apart < APART && self.cosine > COSINE
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
/// or a folder) with the hash in its manifest, and so what its changes make of
/// others; and, where all are right and the model has a `reference.jsonl`, what it reads today with what is written there.
///
/// # Errors
/// A manifest or reference that cannot be read; a model whose files are right
/// and do not work, or make another than the one described. A file that is missing or wrong is part of what is found.
pub fn verify_model(place: &Path) -> Result<Verified, NlpError> {
    let source = Source::at(place);
    let (manifest, _) = source.manifest()?;
    let stored = manifest.files.all().flat_map(FileEntry::stored);
    let files: Vec<FileCheck> = stored
        .map(|(file, expected)| FileCheck {
            file: file.to_owned(),
            expected,
            found: source.bytes(file).ok().map(|b| ContentHash::of(&b)),
        })
        .collect();
    let right = files.iter().all(FileCheck::is_sound);
    if right {
        // What the files make together.
        for entry in manifest.files.all() {
            source.whole(entry, true)?;
        }
    }
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
    let mut check = ReferenceCheck {
        passages: expected.len(),
        same_label: 1.0,
        apart: 0.0,
        cosine: 1.0,
        differ: Vec::new(),
    };
    for (found, expected) in tagged.iter().zip(&expected) {
        let vector = Vector::from_components(expected.vector.as_slice().into());
        check.cosine = check.cosine.min(found.vector.cosine(&vector));
    }
    let pairs = || tagged.iter().map(|found| &found.tags).zip(&expected);
    check.compare("moment", pairs().map(|(t, e)| (t.moment, e.moment, e)));
    check.compare(
        "sentiment",
        pairs().map(|(t, e)| (t.sentiment, e.sentiment, e)),
    );
    check.compare("pain", pairs().map(|(t, e)| (t.pain, e.pain, e)));
    check.compare(
        "touchpoint",
        pairs().map(|(t, e)| (t.touchpoint, e.touchpoint, e)),
    );
    Ok(check)
}

impl ReferenceCheck {
    /// Counts one tag of all passages: what was found, what was expected, and where.
    fn compare<'a, T: PartialEq + std::fmt::Display>(
        &mut self,
        tag: &str,
        pairs: impl Iterator<Item = (Scored<T>, Scored<T>, &'a Expected)>,
    ) {
        let (mut other, mut apart) = (0, 0.0);
        for (found, expected, line) in pairs {
            apart += (found.confidence - expected.confidence).abs();
            if found.label != expected.label {
                other += 1;
                self.differ.push(format!(
                    "{tag} {} {:.3}, expected {} {:.3}: {}",
                    found.label, found.confidence, expected.label, expected.confidence, line.text
                ));
            }
        }
        let passages = self.passages.max(1) as f32;
        self.same_label = self.same_label.min(1.0 - other as f32 / passages);
        self.apart = self.apart.max(apart / passages);
    }
}
