use std::fmt;
use std::str::FromStr;

use crate::data::Report;
use crate::{ReportError, html, json, markdown};

/// A format that a report can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// One self-contained page.
    Html,
    /// CommonMark with tables.
    Markdown,
    /// Everything, for machines.
    Json,
}

/// Every format there is, in the order they are written.
pub const FORMATS: &[Format] = &[Format::Html, Format::Markdown, Format::Json];

impl Format {
    /// The name as it is typed, and the extension of its file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Json => "json",
        }
    }

    /// The name of the report's file in this format.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Html => "report.html",
            Self::Markdown => "report.md",
            Self::Json => "report.json",
        }
    }

    /// The report in this format: the same report gives the same bytes.
    ///
    /// # Errors
    /// [`ReportError`] if the report cannot be written in it.
    pub fn write(self, report: &Report) -> Result<String, ReportError> {
        match self {
            Self::Html => html(report),
            Self::Markdown => Ok(markdown(report)),
            Self::Json => json(report),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = ReportError;

    fn from_str(word: &str) -> Result<Self, ReportError> {
        let known = |format: &&Format| format.as_str() == word;
        FORMATS
            .iter()
            .find(known)
            .copied()
            .ok_or_else(|| ReportError::UnknownFormat {
                word: word.to_owned(),
                known: FORMATS
                    .iter()
                    .map(|f| f.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }
}
