//! What index and vectors hold, in a file beside them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::{Deserialize, Serialize};
use throughline_core::ContentHash;
use throughline_store::ModelKey;

use crate::StudyError;

/// What index and vectors stand for: the first line of the file beside them, so
/// that a search that finds them current reads nothing else of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptHead {
    pub(crate) generation: u64,
    pub(crate) model: String,
    /// True if there were passages and the model had read every one.
    pub(crate) complete: bool,
}

/// Which documents index and vectors hold, in which state: the second line, which
/// tells the documents that came, went or changed from the rest.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Name → hash of everything that the index keeps of its passages.
    pub(crate) documents: BTreeMap<String, ContentHash>,
}

impl KeptHead {
    /// What was written at `path`; nothing where that is not about this model or
    /// cannot be read, since then everything is built anew.
    pub(crate) fn read(path: &Path, model: &ModelKey) -> Option<Self> {
        let mut line = String::new();
        let mut file = BufReader::new(File::open(path).ok()?);
        file.read_line(&mut line).ok()?;
        let head: Self = serde_json::from_str(&line).ok()?;
        (head.model == model_name(model)).then_some(head)
    }
}

impl Kept {
    /// As [`KeptHead::read`].
    pub(crate) fn read(path: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(path).ok()?;
        serde_json::from_str(text.split_once('\n')?.1).ok()
    }

    pub(crate) fn write(&self, head: &KeptHead, path: &Path) -> Result<(), StudyError> {
        let new = path.with_extension("new");
        let line = |line: serde_json::Result<String>| line.map_err(std::io::Error::from);
        let head = line(serde_json::to_string(head))?;
        let documents = line(serde_json::to_string(self))?;
        std::fs::write(&new, format!("{head}\n{documents}")).map_err(StudyError::io(&new))?;
        std::fs::rename(&new, path).map_err(StudyError::io(path))
    }
}

pub(crate) fn model_name(model: &ModelKey) -> String {
    format!("{} {}", model.sha256, model.backend)
}
