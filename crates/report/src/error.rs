use thiserror::Error;

/// Why a report could not be written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// Two numbers that must be equal are not.
    #[error(
        "{place}: {what} do not add up: {one} against {other}; this is a defect of the program, please report it"
    )]
    DoesNotAddUp {
        /// The stage, finding or report concerned.
        place: String,
        /// What was added up.
        what: &'static str,
        /// The number that is stated.
        one: usize,
        /// The sum of its parts.
        other: usize,
    },
    /// Infinity, or the result of a division by nought.
    #[error(
        "{place}: a number of it is infinite or none at all; this is a defect of the program, please report it"
    )]
    NoNumber {
        /// The stage or finding concerned.
        place: String,
    },
    /// A report of another kind or version.
    #[error(
        "this is '{found}'; this program reads '{} {}': make the report again from its study",
        crate::SCHEMA,
        crate::SCHEMA_VERSION
    )]
    OtherSchema {
        /// Schema and version found.
        found: String,
    },
    /// The page could not be made from its templates.
    #[error("the HTML page could not be made: {0:#}")]
    Template(#[from] minijinja::Error),
    /// The value could not be written as JSON, or the text is no such JSON.
    #[error("JSON: {0}; a report is read only as it was written, see crates/report/schema")]
    Json(#[from] serde_json::Error),
    /// A table could not be written as CSV, or a file is no such table.
    #[error("CSV: {0}")]
    Csv(#[from] csv::Error),
    /// A workbook could not be written.
    #[error("the workbook could not be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// A document's archive could not be written, or a file is no such archive.
    #[error("the archive: {0}; write the report again from its study")]
    Zip(#[from] zip::result::ZipError),
    /// A report that was read back is not as it was written.
    #[error("{0}; write the report again from its study")]
    Damaged(String),
    /// A file could not be written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl ReportError {
    /// What the system said, where it could not write.
    #[must_use]
    pub fn io(&self) -> Option<&std::io::Error> {
        match self {
            Self::Io(error) | Self::Workbook(rust_xlsxwriter::XlsxError::IoError(error)) => {
                Some(error)
            }
            Self::Zip(zip::result::ZipError::Io(error)) => Some(error),
            Self::Csv(error) => match error.kind() {
                csv::ErrorKind::Io(error) => Some(error),
                _ => None,
            },
            _ => None,
        }
    }
}
