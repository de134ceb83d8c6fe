use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use thiserror::Error;

/// Why the record could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another run holds the study.
    #[error("another run is writing to this study; wait until it has ended, then try again")]
    Busy,
    /// There is no record in the folder, or the file of that name is none.
    #[error("{} is no study; make one with 'throughline new', or name another folder", .0.display())]
    NotAStudy(PathBuf),
    /// There is a record in the folder already.
    #[error("{} holds a study already; open it, or name another folder", .0.display())]
    Exists(PathBuf),
    /// The record was written by a later version of the program.
    #[error(
        "the study was written by a later version (record {found}, this one knows {known}); \
         update Throughline to open it"
    )]
    TooNew {
        /// Version of the record.
        found: u32,
        /// The last version that this program knows.
        known: u32,
    },
    /// The disk is full.
    #[error(
        "no space is left on the disk that holds the study; what was confirmed before is safe: \
         free some space and run the same command again"
    )]
    NoSpace,
    /// The disk refused a write for another reason than want of space.
    #[error(
        "the disk refused to write the study ({0}): it may be full, or a limit on the size of files \
         is reached; what was confirmed before is safe: mend that and run the same command again"
    )]
    CannotWrite(String),
    /// The folder or a file in it may not be read or written.
    #[error(
        "no permission to read or write the study ({0}); check who owns the folder, and that the \
         disk is not read-only"
    )]
    NoPermission(String),
    /// The record does not hold what this program once wrote.
    #[error(
        "study.db is damaged ({0}); restore it from a copy, or make a new study from the same files"
    )]
    Corrupt(String),
    /// Documents were put under a source whose reading was not begun.
    #[error("no reading of the source '{0}' has begun")]
    NotReading(String),
    /// Two documents of one study have the same name.
    #[error(
        "two documents are called '{0}'; if they are rows of a table, its id column is not unique: \
         name another one"
    )]
    SameName(String),
    /// A document that breaks a promise of its type.
    #[error("document '{name}': {problem}")]
    BadDocument {
        /// Name of the document.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A reading was made of other words than the passage has.
    #[error("passage {0} was tagged with other words or another context than the record holds")]
    OtherInput(throughline_core::PassageId),
    /// A different judgement has this id.
    #[error("there is another judgement called '{0}'; judgements are never overwritten")]
    JudgementExists(String),
    /// A file of the study could not be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database refused for another reason.
    #[error("study.db: {0}")]
    Sql(rusqlite::Error),
}

impl StoreError {
    /// True if the study is in use by somebody else.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy)
    }

    /// True if there is no space, or no permission, to write.
    #[must_use]
    pub fn is_disk(&self) -> bool {
        matches!(
            self,
            Self::NoSpace | Self::CannotWrite(_) | Self::NoPermission(_)
        )
    }

    /// True if what was asked for cannot be: no study there, one there already,
    /// or one of a later version.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::NotAStudy(_) | Self::Exists(_) | Self::TooNew { .. }
        )
    }

    /// A failure of the file system at `path`.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::NoSpace,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                Self::NoPermission(format!("{}: {source}", path.display()))
            }
            _ => Self::Io {
                path: path.to_owned(),
                source,
            },
        }
    }

    /// A value in the record that this program would not have written.
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt(what.into())
    }
}

/// What SQLite says when the system takes no more bytes, or does not keep them.
const REFUSED_WRITES: [i32; 4] = [
    rusqlite::ffi::SQLITE_IOERR_WRITE,
    rusqlite::ffi::SQLITE_IOERR_FSYNC,
    rusqlite::ffi::SQLITE_IOERR_DIR_FSYNC,
    rusqlite::ffi::SQLITE_IOERR_TRUNCATE,
];

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::SqliteFailure(cause, _) => match cause.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
                ErrorCode::DiskFull => Self::NoSpace,
                // The index of the log is a file of fixed steps: it cannot grow
                // for want of space only.
                _ if cause.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => Self::NoSpace,
                _ if REFUSED_WRITES.contains(&cause.extended_code) => {
                    Self::CannotWrite(error.to_string())
                }
                ErrorCode::PermissionDenied | ErrorCode::ReadOnly | ErrorCode::CannotOpen => {
                    Self::NoPermission(error.to_string())
                }
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                    Self::Corrupt(error.to_string())
                }
                _ => Self::Sql(error),
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
            | rusqlite::Error::InvalidColumnType(..) => Self::Corrupt(error.to_string()),
            _ => Self::Sql(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_the_disk_are_told_apart() {
        let of = |kind: ErrorKind| StoreError::io(Path::new("study.db"))(kind.into());
        assert!(of(ErrorKind::StorageFull).is_disk());
        assert!(of(ErrorKind::PermissionDenied).is_disk());
        assert!(!of(ErrorKind::InvalidData).is_disk());
        let sqlite = |code: i32| {
            StoreError::from(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(code),
                None,
            ))
        };
        assert!(matches!(
            sqlite(rusqlite::ffi::SQLITE_FULL),
            StoreError::NoSpace
        ));
        assert!(sqlite(rusqlite::ffi::SQLITE_BUSY).is_busy());
        assert!(sqlite(rusqlite::ffi::SQLITE_READONLY).is_disk());
        assert!(matches!(
            sqlite(rusqlite::ffi::SQLITE_CORRUPT),
            StoreError::Corrupt(_)
        ));
    }
}
