//! The formats that a report can be written in.

/// A format that a report can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// One self-contained page.
    Html,
    /// The journey map alone, as a picture.
    Svg,
    /// CommonMark with tables.
    Markdown,
    /// A Word document.
    Docx,
    /// Everything, for machines.
    Json,
    /// Findings, and every passage of evidence with its codes.
    Csv,
    /// The same as a workbook, with codes × documents and × participants.
    Xlsx,
    /// Where in the recordings the passages are.
    Clips,
    /// A REFI-QDA project, for other tools of qualitative analysis.
    Qdpx,
    /// The codes alone, as a REFI-QDA codebook.
    Qdc,
}

/// Every format there is, in the order they are written.
pub const FORMATS: &[Format] = &[
    Format::Html,
    Format::Svg,
    Format::Markdown,
    Format::Docx,
    Format::Json,
    Format::Csv,
    Format::Xlsx,
    Format::Clips,
    Format::Qdpx,
    Format::Qdc,
];

impl Format {
    /// True if it holds every passage of evidence, and not only what the report
    /// shows.
    #[must_use]
    pub fn holds_all_passages(self) -> bool {
        matches!(self, Self::Csv | Self::Xlsx | Self::Clips | Self::Qdpx)
    }

    /// True if it has room for the run's manifest. Beside the others,
    /// `manifest.csv` holds it.
    #[must_use]
    pub fn holds_manifest(self) -> bool {
        !matches!(self, Self::Csv | Self::Clips | Self::Qdc | Self::Svg)
    }
}
