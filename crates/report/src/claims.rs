//! Reports read back: which words each says stand where.
//!
//! Every exporter's escapes are undone here, so that what comes out can be
//! compared with the sources character by character. What a person has added to
//! a file is passed over; what makes no sense as one of ours is an error.

mod below;
mod docx;
mod html;
mod json;
mod markdown;
mod tables;

use std::collections::BTreeMap;

use throughline_core::{ContentHash, PassageId};

use crate::ReportError;
use crate::data::Manifest;
use crate::view::COUNT;

/// Words that a report says stand at a place of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Where the report says so: a line, a row of a sheet, an element.
    pub at: String,
    /// The document.
    pub document: Named,
    /// SHA-256 of its canonical text, where the format has it.
    pub document_sha256: Option<ContentHash>,
    /// The passage, where the format has it: a hash of document, text and range.
    pub passage: Option<PassageId>,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// The words.
    pub text: String,
    /// True if the format writes line breaks as blanks here.
    pub on_one_line: bool,
}

/// How a format names a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// By its name alone.
    Exactly(String),
    /// By its name among other things: one of these is it, the longest that
    /// exists.
    OneOf(Vec<String>),
}

/// What a report's file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims {
    /// The quotes and labels.
    pub claims: Vec<Claim>,
    /// Name and SHA-256 of the files that were read, where the format lists
    /// them.
    pub inputs: Vec<(String, ContentHash)>,
    /// The command as typed, where the format has it word by word.
    pub command: Vec<String>,
    /// The counts of the manifest by their names, where the format has it.
    pub counts: BTreeMap<String, u64>,
    /// How many of what such a count tells the file holds, by the count's name.
    pub held: BTreeMap<&'static str, u64>,
}

impl Claims {
    /// Takes in a row of the manifest, as [`crate::manifest_rows`] has them: counts
    /// are kept.
    pub fn manifest_row(&mut self, name: &str, value: &str) {
        let name = name.strip_prefix(COUNT);
        if let Some((name, count)) = name.and_then(|name| Some((name, value.parse().ok()?))) {
            self.counts.insert(name.to_owned(), count);
        }
    }

    /// Notes the quotes as what the manifest counts: those that are whole passages.
    fn hold_quotes(&mut self) {
        let quotes = self.claims.iter().filter(|claim| claim.passage.is_some());
        self.held.insert(Manifest::QUOTES, quotes.count() as u64);
    }
}

/// What the file called `name` with these bytes says; `None` if it is no file
/// that quotes anything in a form that is read here.
///
/// # Errors
/// [`ReportError`] if it is damaged.
pub fn claims(name: &str, bytes: &[u8]) -> Result<Option<Claims>, ReportError> {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let text = || std::str::from_utf8(bytes).map_err(|_| damaged("it is not UTF-8"));
    match extension {
        Some("json") => json::claims(text()?).map(Some),
        Some("md") => markdown::claims(text()?).map(Some),
        Some("html") => html::claims(text()?).map(Some),
        Some("docx") => docx::claims(bytes).map(Some),
        Some("csv") => tables::of_csv(bytes).map(Some),
        Some("xlsx") => tables::of_workbook(bytes).map(Some),
        _ => Ok(None),
    }
}

fn damaged(problem: impl Into<String>) -> ReportError {
    ReportError::Damaged(problem.into())
}
