use std::borrow::Cow;
use std::path::Path;

use throughline_core::ContentHash;

use crate::NlpError;
use crate::manifest::{FileEntry, Manifest};

/// Bytes that are compiled in or were read from disk.
pub(crate) type Bytes = Cow<'static, [u8]>;

/// A model's manifest and the bytes of its files, not yet understood.
pub(crate) struct ModelFolder {
    pub manifest: Manifest,
    /// Hash of the manifest, which holds the hashes of all other files.
    pub sha256: ContentHash,
    pub encoder: Bytes,
    pub tokenizer: Bytes,
    pub heads: Bytes,
}

/// Name of the manifest within a model folder.
const MANIFEST: &str = "model.json";

macro_rules! default_model {
    ($file:literal) => {
        include_bytes!(concat!("../../../models/minilm-l6-v2/", $file))
    };
}

impl ModelFolder {
    /// The default model, which is part of the program.
    ///
    /// Its hashes are not computed at run time: a test compares them once for
    /// every build that is released.
    pub(crate) fn embedded() -> Result<Self, NlpError> {
        let manifest = default_model!("model.json");
        Ok(Self {
            manifest: Manifest::parse(manifest, Path::new(MANIFEST))?,
            sha256: ContentHash::of(manifest),
            encoder: Cow::Borrowed(default_model!("model.onnx")),
            tokenizer: Cow::Borrowed(default_model!("tokenizer.json")),
            heads: Cow::Borrowed(default_model!("heads.onnx")),
        })
    }

    /// Reads the folder at `dir` and compares every file with its hash.
    pub(crate) fn read(dir: &Path) -> Result<Self, NlpError> {
        let path = dir.join(MANIFEST);
        let bytes = read(&path)?;
        let manifest = Manifest::parse(&bytes, &path)?;
        Ok(Self {
            sha256: ContentHash::of(&bytes),
            encoder: verified(dir, &manifest.files.encoder)?,
            tokenizer: verified(dir, &manifest.files.tokenizer)?,
            heads: verified(dir, &manifest.files.heads)?,
            manifest,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, NlpError> {
    std::fs::read(path).map_err(|source| NlpError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

fn verified(dir: &Path, entry: &FileEntry) -> Result<Bytes, NlpError> {
    let path = dir.join(&entry.file);
    let bytes = read(&path)?;
    let found = ContentHash::of(&bytes);
    if found == entry.sha256 {
        return Ok(Cow::Owned(bytes));
    }
    Err(NlpError::WrongHash {
        path,
        expected: entry.sha256.to_string(),
        found: found.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_files_are_those_that_the_manifest_names() {
        let folder = ModelFolder::embedded().unwrap();
        let files = &folder.manifest.files;
        for (entry, bytes) in [
            (&files.encoder, &folder.encoder),
            (&files.tokenizer, &folder.tokenizer),
            (&files.heads, &folder.heads),
        ] {
            assert_eq!(entry.sha256, ContentHash::of(bytes), "{}", entry.file);
        }
    }
}
