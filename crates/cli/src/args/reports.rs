//! What can be typed about reports: which formats, and what to check.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Columns, Json};

/// Which formats to write, and what to leave out.
#[derive(Debug, Args)]
pub struct Formats {
    /// Formats to write; by default all of them
    #[arg(long = "format", value_delimiter = ',', value_name = "FORMATS")]
    pub formats: Vec<FormatName>,
    /// Write pseudonyms for people's names and for the personal data that is found
    #[arg(long)]
    pub redact: bool,
}

/// A format by the name that is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    /// One self-contained page
    Html,
    /// The journey map alone, as a picture
    Svg,
    /// Markdown, for writing on
    Md,
    /// A Word document, for writing on
    Docx,
    /// JSON, for machines
    Json,
    /// Findings and all quotes with their codes as CSV, for counting on
    Csv,
    /// The same as a workbook, with codes by document and by participant
    Xlsx,
    /// Times of the quotes in the recordings: CSV, and an edit decision list
    Clips,
    /// A REFI-QDA project, for NVivo, ATLAS.ti, MAXQDA, QualCoder
    Qdpx,
    /// The codes alone, as a REFI-QDA codebook
    Qdc,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Files of reports, and folders that hold some
    #[arg(required = true)]
    pub reports: Vec<PathBuf>,
    /// The study they were made from; by default the one beside the first, or the one it lies in
    #[arg(long, value_name = "FOLDER")]
    pub study: Option<PathBuf>,
    /// A folder in which sources that have moved are looked for by their content
    #[arg(long, value_name = "FOLDER")]
    pub sources: Vec<PathBuf>,
    /// What columns mean, as it was given when the tables were read.
    #[command(flatten)]
    pub columns: Columns,
    /// JSON Lines.
    #[command(flatten)]
    pub json: Json,
}
