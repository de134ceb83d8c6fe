use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};

/// Why an index could not be opened, written or searched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The folder holds no index that this version can use. Nothing is lost:
    /// an index is a layout of the record, and [`crate::Index::create`] begins
    /// it anew.
    #[error("the index in {} cannot be used: {reason}; rebuild it", folder.display())]
    NeedsRebuild {
        /// The index's folder.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another writer holds the index, in this process or in another.
    #[error("the index in {} is being written by another run; try again when it is done", folder.display())]
    Busy {
        /// The index's folder.
        folder: PathBuf,
    },
    /// The folder could not be read or written: no space, no permission, a
    /// broken disk.
    #[error("cannot read or write the index in {}: {source}; check space and permissions", folder.display())]
    Io {
        /// The index's folder.
        folder: PathBuf,
        /// What the operating system said.
        source: Arc<io::Error>,
    },
    /// The search engine refused for a reason of its own.
    #[error("the index in {} failed: {source}", folder.display())]
    Engine {
        /// The index's folder.
        folder: PathBuf,
        /// What the engine said.
        source: Box<TantivyError>,
    },
}

impl IndexError {
    /// Sorts an error of the engine by what a caller can do about it.
    pub(crate) fn from_engine(folder: &Path, error: TantivyError) -> Self {
        let folder = folder.to_owned();
        if matches!(error, TantivyError::LockFailure(LockError::LockBusy, _)) {
            return Self::Busy { folder };
        }
        let missing = |source: &io::Error| source.kind() == io::ErrorKind::NotFound;
        match io_cause(&error) {
            Some(source) if !missing(&source) => return Self::Io { folder, source },
            _ => {}
        }
        match error {
            TantivyError::DataCorruption(_)
            | TantivyError::OpenReadError(_)
            | TantivyError::OpenDirectoryError(_)
            | TantivyError::IncompatibleIndex(_)
            | TantivyError::IoError(_)
            | TantivyError::DeserializeError(_) => Self::NeedsRebuild {
                folder,
                reason: error.to_string(),
            },
            other => Self::Engine {
                folder,
                source: Box::new(other),
            },
        }
    }

    /// An error of the file system itself.
    pub(crate) fn from_io(folder: &Path, error: io::Error) -> Self {
        Self::Io {
            folder: folder.to_owned(),
            source: Arc::new(error),
        }
    }
}

/// The operating system's own error inside an engine's error, if that is what
/// it is. Malformed contents come as such errors too, and are none.
fn io_cause(error: &TantivyError) -> Option<Arc<io::Error>> {
    let source = match error {
        TantivyError::IoError(source)
        | TantivyError::LockFailure(LockError::IoError(source), _)
        | TantivyError::OpenDirectoryError(
            OpenDirectoryError::IoError {
                io_error: source, ..
            }
            | OpenDirectoryError::FailedToCreateTempDir(source),
        )
        | TantivyError::OpenReadError(OpenReadError::IoError {
            io_error: source, ..
        })
        | TantivyError::OpenWriteError(OpenWriteError::IoError {
            io_error: source, ..
        }) => source,
        _ => return None,
    };
    source.raw_os_error().is_some().then(|| Arc::clone(source))
}
