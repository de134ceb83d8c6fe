use std::io;
use std::path::{Path, PathBuf};

use throughline_core::PassageId;

/// Why a vector file could not be written or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VectorError {
    /// The file is none that this version can use. Nothing is lost: it is a
    /// layout of the record and can be written anew.
    #[error("the vector file {} cannot be used: {reason}; rebuild it", path.display())]
    NeedsRebuild {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A vector that does not fit in the file.
    #[error(
        "the vector of passage {id} has {found} components, and the file's have {expected}; tag again, with one model"
    )]
    Dimension {
        /// Whose vector it is.
        id: PassageId,
        /// Its number of components.
        found: usize,
        /// The file's.
        expected: usize,
    },
    /// A dimension that no file can have.
    #[error("vectors of {0} components cannot be kept; 1 to 65535 can")]
    BadDimension(usize),
    /// Two vectors for one passage.
    #[error("passage {0} has two vectors; the record names each passage once")]
    Duplicate(PassageId),
    /// The file could not be read or written.
    #[error("cannot read or write {}: {source}; check space and permissions", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl VectorError {
    /// For `map_err` on an operation on `path`.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}
