//! Documents of other programs as canonical text.
//!
//! Word and OpenDocument texts are zip files of XML, RTF and HTML are text with
//! markup, a PDF is pages of glyphs. Each becomes paragraphs, written as Markdown
//! writes them, whose segments lead back to bytes of the file or of a part of it;
//! who said what in them is found as in any other text.

mod docx;
mod flow;
mod grid;
mod html;
mod meeting;
mod odt;
mod pdf;
mod rtf;
mod xml;

use std::collections::BTreeSet;

use throughline_core::Segment;

use crate::Skip;
use crate::package::{Package, PackageError};
use crate::text::Decoded;

/// Documents that are no text as they lie on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Docx,
    Odt,
    Pdf,
}

/// Documents that are text with markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Markup {
    Html,
    Rtf,
}

/// A document as text, and what was left out of it.
pub(crate) struct Unpacked {
    pub(crate) decoded: Decoded,
    pub(crate) skipped: Vec<Skip>,
    /// Speakers that are known to be such, from the columns of a table.
    pub(crate) speakers: BTreeSet<String>,
}

/// What the file of this name that begins with `start` is, if it is a
/// container. A name that promises one is believed, so that a broken file is
/// said to be one.
pub(crate) fn of(extension: Option<&str>, start: &[u8]) -> Option<Container> {
    let holds = |words: &[u8]| start.windows(words.len()).any(|window| window == words);
    let zip = start.starts_with(b"PK\x03\x04");
    // Some PDFs are all ASCII and would pass for text.
    if start.starts_with(b"%PDF-") {
        return Some(Container::Pdf);
    }
    match extension {
        Some("pdf") => return Some(Container::Pdf),
        Some("docx" | "docm" | "dotx") => return Some(Container::Docx),
        Some("odt" | "ott") => return Some(Container::Odt),
        Some("txt" | "md" | "text" | "doc" | "rtf" | "html" | "htm") | None => {}
        Some(_) => return None,
    }
    if zip && holds(b"application/vnd.oasis.opendocument.text") {
        Some(Container::Odt)
    } else if zip && holds(b"word/document") {
        Some(Container::Docx)
    } else {
        None
    }
}

/// Unpacks the document in `bytes`.
///
/// # Errors
/// What is wrong with it, in words.
pub(crate) fn unpack(bytes: &[u8], container: Container) -> Result<Unpacked, String> {
    let read = match container {
        Container::Pdf => return pdf::read(bytes),
        Container::Docx => docx::read,
        Container::Odt => odt::read,
    };
    let body = read(&mut Package::of(bytes).map_err(problem)?)?;
    let mut blocks = body.blocks;
    let skipped = meeting::trim(&mut blocks);
    let (text, mut segments) = flow::text(&blocks, &body.segments);
    for segment in &mut segments {
        segment.part = Some(body.part.clone());
    }
    Ok(Unpacked {
        decoded: decoded(text, segments),
        skipped,
        speakers: flow::speakers(&blocks),
    })
}

/// What is wrong with a package, and what to do about it.
fn problem(error: PackageError) -> String {
    match error {
        PackageError::Damaged(_) | PackageError::Part { .. } => {
            format!("{error}; the file is damaged or cut off, copy it again")
        }
        other => other.to_string(),
    }
}

/// The text of a document with markup, which leads back to the bytes that
/// `source` leads back to.
pub(crate) fn without_markup(source: Decoded, markup: Markup) -> Unpacked {
    let mut blocks = match markup {
        Markup::Html => html::read(&source.text),
        Markup::Rtf => rtf::read(&source.text),
    };
    let skipped = meeting::trim(&mut blocks);
    let (text, segments) = flow::text(&blocks, &source.segments);
    let decoded = Decoded {
        text,
        segments,
        ..source
    };
    Unpacked {
        decoded,
        skipped,
        speakers: flow::speakers(&blocks),
    }
}

fn decoded(text: String, segments: Vec<Segment>) -> Decoded {
    Decoded {
        text,
        segments,
        charset: "UTF-8",
        replaced: 0,
        first_replaced_line: None,
    }
}

#[cfg(test)]
mod hostile;
