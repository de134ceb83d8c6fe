use std::borrow::Cow;
use std::path::{Path, PathBuf};

use throughline_core::ContentHash;

use crate::NlpError;
use crate::changes;
use crate::embedded::Embedded;
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
}

/// Name of the manifest within a model folder.
pub(crate) const MANIFEST: &str = "model.json";

/// Where the files of a model are.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// In the program.
    Program(&'static Embedded),
    /// In a folder.
    Folder(&'a Path),
}

impl ModelFolder {
    /// The default model, which is part of the program.
    pub(crate) fn embedded() -> Result<Self, NlpError> {
        let [default, ..] = Embedded::all() else {
            return Err(Source::Folder(Path::new("")).missing(MANIFEST));
        };
        Self::of(Source::Program(default))
    }

    /// Reads the model in the folder `dir`, or the one in the program that is
    /// called so.
    pub(crate) fn read(dir: &Path) -> Result<Self, NlpError> {
        Self::of(Source::at(dir))
    }

    /// Reads a manifest and the files it names, and makes the changes that it names to
    /// them. Those of a folder are compared with their hashes. Those of the program are
    /// not at run time: a test compares them once for every build that is released.
    fn of(source: Source<'_>) -> Result<Self, NlpError> {
        let (manifest, sha256) = source.manifest()?;
        let check = matches!(source, Source::Folder(_));
        Ok(Self {
            sha256,
            encoder: source.whole(&manifest.files.encoder, check)?,
            tokenizer: source.whole(&manifest.files.tokenizer, check)?,
            manifest,
        })
    }
}

impl<'a> Source<'a> {
    /// The model in the program that is called so, or else the folder.
    pub(crate) fn at(dir: &'a Path) -> Self {
        Embedded::named(dir).map_or(Self::Folder(dir), Self::Program)
    }

    /// The manifest and its hash.
    pub(crate) fn manifest(self) -> Result<(Manifest, ContentHash), NlpError> {
        let bytes = self.bytes(MANIFEST)?;
        let manifest = Manifest::parse(&bytes, &self.path(MANIFEST))?;
        Ok((manifest, ContentHash::of(&bytes)))
    }

    /// The bytes of a file.
    pub(crate) fn bytes(self, file: &str) -> Result<Bytes, NlpError> {
        match self {
            Self::Program(model) => match model.file(file) {
                Some(bytes) => Ok(Cow::Borrowed(bytes)),
                None => Err(self.missing(file)),
            },
            Self::Folder(_) => {
                let path = self.path(file);
                let read = std::fs::read(&path);
                let bytes = read.map_err(|source| NlpError::Unreadable { path, source })?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// A file with its changes made. With `check`, everything that is read and everything
    /// that comes out has the hash that the manifest gives.
    pub(crate) fn whole(self, entry: &FileEntry, check: bool) -> Result<Bytes, NlpError> {
        let other = |bytes: &[u8], expected: ContentHash| {
            let found = check.then(|| ContentHash::of(bytes));
            found.filter(|found| *found != expected)
        };
        let read = |file: &str, expected: ContentHash| {
            let bytes = self.bytes(file)?;
            match other(&bytes, expected) {
                None => Ok(bytes),
                Some(found) => Err(NlpError::WrongHash {
                    path: self.path(file),
                    expected: expected.to_string(),
                    found: found.to_string(),
                }),
            }
        };
        let mut whole = read(&entry.file, entry.sha256)?;
        for change in &entry.changes {
            let bad = |problem: String| NlpError::BadChange {
                path: self.path(&change.file),
                problem,
            };
            let bytes = read(&change.file, change.sha256)?;
            let made = changes::apply(&whole, &bytes).map_err(bad)?;
            if let Some(found) = other(&made, change.gives) {
                let expected = change.gives;
                return Err(bad(format!(
                    "what it makes has sha256 {found}, expected {expected}"
                )));
            }
            whole = Cow::Owned(made);
        }
        Ok(whole)
    }

    fn path(self, file: &str) -> PathBuf {
        match self {
            Self::Program(model) => Path::new(model.name).join(file),
            Self::Folder(dir) => dir.join(file),
        }
    }

    fn missing(self, file: &str) -> NlpError {
        NlpError::Unreadable {
            path: self.path(file),
            source: std::io::ErrorKind::NotFound.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_in_the_program_are_those_that_their_manifests_name() {
        for model in Embedded::all() {
            let source = Source::Program(model);
            let (manifest, _) = source.manifest().unwrap();
            for entry in manifest.files.all() {
                source.whole(entry, true).unwrap();
            }
        }
    }
}
