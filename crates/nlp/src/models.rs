//! Which models there are, and which of them a word means.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use throughline_core::ContentHash;

use crate::NlpError;
use crate::embedded::Embedded;
use crate::folder::{MANIFEST, Source};
use crate::manifest::FileEntry;

/// What stands in the name of a folder that holds model folders.
const MODELS: &str = "models";

/// The description of a BERT checkpoint.
const CONFIG: &str = "config.json";

/// The other files that a checkpoint may have, as far as they are read.
const CHECKPOINT_FILES: [&str; 3] = ["tokenizer.json", "model.safetensors", "rust_model.ot"];

/// A model that can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelEntry {
    /// Its name.
    pub name: String,
    /// The version of its weights, labels and thresholds; empty where nothing
    /// says so.
    pub version: String,
    /// The licence of the weights, as an SPDX expression.
    pub licence: String,
    /// Its folder; `None` if it is part of the program.
    pub folder: Option<PathBuf>,
    /// Its files together, in bytes.
    pub bytes: u64,
    /// Hash of its manifest, which holds the hashes of its files: the one that
    /// readings are kept under. `None` for a checkpoint, which has no manifest.
    pub sha256: Option<ContentHash>,
    /// The engines of this program that run it; none if it needs one that was
    /// not built in.
    pub backends: Vec<&'static str>,
    /// Components of a vector.
    pub dimension: usize,
    /// True if it tags; otherwise it gives vectors alone.
    pub tags: bool,
}

impl ModelEntry {
    /// What `--model` opens this model by.
    #[must_use]
    pub fn place(&self) -> &Path {
        self.folder.as_deref().unwrap_or(Path::new(&self.name))
    }
}

/// What a list of models needs of `config.json`.
#[derive(Deserialize)]
struct Checkpoint {
    hidden_size: usize,
}

/// The models in the program, the default first; then those in the folders
/// `models` of `bases`, in order of name. A folder that holds no model, or one
/// that cannot be described, is given with the reason.
#[must_use]
pub fn models(bases: &[&Path]) -> Vec<Result<ModelEntry, NlpError>> {
    let programs = Embedded::all().iter().map(|model| Path::new(model.name));
    let mut all: Vec<_> = programs.map(describe).collect();
    for base in bases {
        let mut folders: Vec<PathBuf> = std::fs::read_dir(base.join(MODELS))
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|folder| is_model(folder))
            .collect();
        folders.sort();
        all.extend(folders.iter().map(|folder| describe(folder)));
    }
    all
}

/// What is at `place`: the name of a model in the program, or a folder.
///
/// # Errors
/// A manifest or `config.json` that is missing or describes no model.
pub fn describe(place: &Path) -> Result<ModelEntry, NlpError> {
    let source = Source::at(place);
    if let Source::Folder(folder) = source
        && !folder.join(MANIFEST).is_file()
        && folder.join(CONFIG).is_file()
    {
        return checkpoint(folder);
    }
    let (manifest, sha256) = source.manifest()?;
    let mut bytes = 0;
    for (file, _) in manifest.files.all().flat_map(FileEntry::stored) {
        bytes += size(source, file)?;
    }
    Ok(ModelEntry {
        bytes: bytes + size(source, MANIFEST)?,
        name: manifest.name,
        version: manifest.version,
        licence: manifest.licence,
        folder: match source {
            Source::Program(_) => None,
            Source::Folder(folder) => Some(folder.to_owned()),
        },
        sha256: Some(sha256),
        backends: ["rten"].into_iter().chain(torch()).collect(),
        dimension: manifest.encoder.dimension,
        tags: true,
    })
}

/// The model that `asked` means, as [`crate::open_tagger`] takes it: the name of
/// one in the program; or a folder, looked for at that path and then in
/// `models/`, beneath each of `bases` in turn.
///
/// # Errors
/// [`NlpError::NoModel`], naming those that there are.
pub fn find_model(asked: &Path, bases: &[&Path]) -> Result<PathBuf, NlpError> {
    if Embedded::named(asked).is_some() {
        return Ok(asked.to_owned());
    }
    let places = bases
        .iter()
        .flat_map(|base| [base.join(asked), base.join(MODELS).join(asked)]);
    if let Some(found) = places.into_iter().find(|place| place.is_dir()) {
        return Ok(found);
    }
    let known = models(bases).into_iter().flatten();
    let names: Vec<String> = known
        .map(|entry| entry.place().display().to_string())
        .collect();
    Err(NlpError::NoModel {
        asked: asked.display().to_string(),
        known: names.join(", "),
    })
}

fn is_model(folder: &Path) -> bool {
    folder.join(MANIFEST).is_file() || folder.join(CONFIG).is_file()
}

fn torch() -> Option<&'static str> {
    cfg!(feature = "torch").then_some("torch")
}

fn checkpoint(folder: &Path) -> Result<ModelEntry, NlpError> {
    let source = Source::Folder(folder);
    let config = source.bytes(CONFIG)?;
    let described: Checkpoint =
        serde_json::from_slice(&config).map_err(|error| NlpError::BadManifest {
            path: folder.join(CONFIG),
            problem: error.to_string(),
        })?;
    let sizes = CHECKPOINT_FILES
        .iter()
        .filter_map(|file| size(source, file).ok());
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    Ok(ModelEntry {
        name: name.to_string_lossy().into_owned(),
        version: String::new(),
        licence: "NOASSERTION".to_owned(),
        folder: Some(folder.to_owned()),
        bytes: config.len() as u64 + sizes.sum::<u64>(),
        sha256: None,
        backends: torch().into_iter().collect(),
        dimension: described.hidden_size,
        tags: false,
    })
}

/// The size of a file, without reading it where it is in a folder.
fn size(source: Source<'_>, file: &str) -> Result<u64, NlpError> {
    match source {
        Source::Program(_) => Ok(source.bytes(file)?.len() as u64),
        Source::Folder(folder) => {
            let path = folder.join(file);
            let found = std::fs::metadata(&path);
            let found = found.map_err(|source| NlpError::Unreadable { path, source })?;
            Ok(found.len())
        }
    }
}
