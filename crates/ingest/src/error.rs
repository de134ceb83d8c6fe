use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use throughline_core::CoreError;

/// Why a file could not be read, what the cause is and what to do about it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IngestError {
    /// There is nothing at this path.
    #[error("{}: no such file or folder; check the spelling", path.display())]
    NotFound {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The file or folder may not be read by this user.
    #[error("{}: no permission to read it; change its permissions or copy it", path.display())]
    NoPermission {
        /// The path as it was given.
        path: PathBuf,
    },
    /// Reading failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The path as it was given.
        path: PathBuf,
        /// What the operating system or the decompressor said.
        source: io::Error,
    },
    /// A compressed file that does not decompress to its end.
    #[error(
        "{}: the compressed file is damaged or cut off ({source}); copy or download it again",
        path.display()
    )]
    Damaged {
        /// The path as it was given.
        path: PathBuf,
        /// What the decompressor said.
        source: io::Error,
    },
    /// Of everything that was named, nothing can be read.
    #[error(
        "nothing here can be read ({}): give {}, each also with .gz or .zst or in a .zip",
        reasons(skipped),
        crate::format::READABLE
    )]
    NothingToRead {
        /// What there was, and why it was passed over.
        skipped: Vec<crate::SkippedFile>,
    },
    /// A file without content.
    #[error("{name}: {detail}; nothing was read from it")]
    Empty {
        /// The file's name in the study.
        name: String,
        /// "the file is empty", "there is a header and no row", ….
        detail: String,
    },
    /// A file of bytes that are no text.
    #[error(
        "{name}: this is not text but a binary file; if it is a document of another program, save it as text or CSV"
    )]
    Binary {
        /// The file's name in the study.
        name: String,
    },
    /// A file, row or line too large to hold in memory.
    #[error("{name}{}: {what} is larger than {} MiB; split the file", at(*line), limit >> 20)]
    TooLarge {
        /// The file's name in the study.
        name: String,
        /// "the transcript", "the row", "the line".
        what: &'static str,
        /// The most that is read, in bytes.
        limit: u64,
        /// The line where it begins, from 1.
        line: Option<u64>,
    },
    /// A table in which no column holds text.
    #[error(
        "{name}: no column of text was found; the columns are {}; say which one holds it with --map text=COLUMN",
        quoted(columns)
    )]
    NoTextColumn {
        /// The file's name in the study.
        name: String,
        /// The columns that there are.
        columns: Vec<String>,
    },
    /// A mapping names a column that the table does not have.
    #[error(
        "{name}: there is no column '{column}'; the columns are {}",
        quoted(columns)
    )]
    NoSuchColumn {
        /// The file's name in the study.
        name: String,
        /// The column that was asked for.
        column: String,
        /// The columns that there are.
        columns: Vec<String>,
    },
    /// A column mapping that cannot be understood.
    #[error("'{given}' is no column mapping; write KEY=COLUMN with a key out of: {known}")]
    BadMapping {
        /// What was given.
        given: String,
        /// The keys that exist.
        known: String,
    },
    /// A table that cannot be cut into rows.
    #[error("{name}:{line}: {problem}")]
    BadTable {
        /// The file's name in the study.
        name: String,
        /// The line where the trouble begins, from 1.
        line: u64,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// A table of participants cannot be used.
    #[error(
        "{name}:{line}: {problem}; a table of participants has a heading line and one row a person"
    )]
    Participants {
        /// The file.
        name: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// A transcript or document that cannot be read as what it claims to be.
    #[error("{name}: not readable as {format}: {problem}")]
    Unreadable {
        /// The file's name in the study.
        name: String,
        /// What it was read as: `docx`, `rtf`, `json`, ….
        format: &'static str,
        /// What is wrong with it, and where a remedy is known, the remedy.
        problem: String,
    },
    /// A workbook that cannot be read, or not further.
    #[error("{name}: {problem}")]
    BadWorkbook {
        /// The file's name in the study.
        name: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// An archive of which nothing can be read.
    #[error("{}: {problem}", path.display())]
    BadArchive {
        /// The path as it was given.
        path: PathBuf,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// A document that broke a promise of the vocabulary: a defect of the
    /// reader, not of the file.
    #[error("{name}: {source}; this is a defect in the reader, please report it with the file")]
    Document {
        /// The document's name in the study.
        name: String,
        /// The promise that was broken.
        source: CoreError,
    },
}

impl IngestError {
    /// The error for an operation on `path` that failed with `source`.
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path },
            io::ErrorKind::PermissionDenied => Self::NoPermission { path },
            // Only the decompressor finds fault with the data itself.
            io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidData
            | io::ErrorKind::UnexpectedEof => Self::Damaged { path, source },
            _ => Self::Io { path, source },
        }
    }

    /// True if reading was forbidden rather than impossible.
    #[must_use]
    pub fn is_no_permission(&self) -> bool {
        matches!(self, Self::NoPermission { .. })
    }

    /// True if nothing is there under the name that was given.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
}

fn at(line: Option<u64>) -> String {
    line.map(|line| format!(":{line}")).unwrap_or_default()
}

fn quoted(columns: &[String]) -> String {
    let names: Vec<_> = columns.iter().map(|column| format!("'{column}'")).collect();
    names.join(", ")
}

/// The first few reasons; a folder of a thousand pictures needs no thousand lines.
fn reasons(skipped: &[crate::SkippedFile]) -> String {
    const SHOWN: usize = 3;
    if skipped.is_empty() {
        return "no path was given".to_owned();
    }
    let mut parts: Vec<_> = skipped
        .iter()
        .take(SHOWN)
        .map(|file| format!("{}: {}", file.name, file.reason))
        .collect();
    if skipped.len() > SHOWN {
        parts.push(format!("and {} more", skipped.len() - SHOWN));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: io::ErrorKind) -> IngestError {
        IngestError::io(Path::new("in/a.csv"), io::Error::from(kind))
    }

    #[test]
    fn what_the_system_says_becomes_what_a_person_can_do() {
        assert!(of(io::ErrorKind::PermissionDenied).is_no_permission());
        assert!(of(io::ErrorKind::NotFound).is_not_found());
        assert!(matches!(of(io::ErrorKind::Other), IngestError::Io { .. }));
        let said = of(io::ErrorKind::PermissionDenied).to_string();
        assert_eq!(
            said,
            "in/a.csv: no permission to read it; change its permissions or copy it"
        );
    }

    #[test]
    fn a_long_list_of_reasons_is_cut_short() {
        let skipped = |n: usize| crate::SkippedFile {
            path: std::path::PathBuf::new(),
            name: format!("{n}.png"),
            reason: "no".to_owned(),
        };
        let skipped = (0..5).map(skipped).collect();
        let said = IngestError::NothingToRead { skipped }.to_string();
        assert!(
            said.contains("0.png: no; 1.png: no; 2.png: no; and 2 more"),
            "{said}"
        );
    }
}
