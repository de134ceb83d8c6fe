//! Word documents: the main part's paragraphs, line breaks and tables.

use std::collections::BTreeSet;
use std::io::Cursor;

use throughline_core::Segment;

use super::flow::{Block, Flow};
use super::problem;
use super::xml::{Nesting, Piece, Tag, walk};
use crate::package::Package;
use crate::text;

/// The paragraphs of a document, and the part that they stand in.
pub(super) struct Body {
    pub(super) blocks: Vec<Block>,
    pub(super) part: String,
    /// From the part's decoded text to its bytes.
    pub(super) segments: Vec<Segment>,
}

/// Reads the document that is packed in `package`.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn read(package: &mut Package<Cursor<&[u8]>>) -> Result<Body, String> {
    let part = main_part(package)?;
    let missing = || format!("it has no part {part}, so it is no Word document");
    let document = package.part(&part).map_err(problem)?;
    let document = text::decode(&document.ok_or_else(missing)?);
    let styles = match package.part("word/styles.xml").map_err(problem)? {
        Some(styles) => heading_styles(&text::decode(&styles).text)?,
        None => BTreeSet::new(),
    };
    let mut reader = Docx {
        flow: Flow::new(&document.text),
        headings: styles,
        nesting: Nesting::new(KNOWN),
        bold: false,
    };
    walk(&document.text, &mut |piece| reader.piece(piece))?;
    Ok(Body {
        blocks: reader.flow.finish(),
        part,
        segments: document.segments,
    })
}

/// The name of the part that holds the words: mostly `word/document.xml`.
fn main_part(package: &mut Package<Cursor<&[u8]>>) -> Result<String, String> {
    let mut found = None;
    if let Some(bytes) = package.part("_rels/.rels").map_err(problem)? {
        walk(&text::decode(&bytes).text, &mut |piece| {
            if let Piece::Open(tag) = piece
                && tag
                    .get("Type")
                    .is_some_and(|kind| kind.ends_with("/officeDocument"))
            {
                found = tag.get("Target");
            }
        })?;
    }
    let found = found.unwrap_or_else(|| "word/document.xml".to_owned());
    Ok(found.trim_start_matches('/').to_owned())
}

/// The ids of styles for headings. Their names are English in every language.
fn heading_styles(xml: &str) -> Result<BTreeSet<String>, String> {
    let mut found = BTreeSet::new();
    let mut id = None;
    walk(xml, &mut |piece| {
        let Piece::Open(tag) = piece else { return };
        match tag.name() {
            "style" => id = tag.get("styleId"),
            "name" => {
                let name = tag.get("val").unwrap_or_default().to_lowercase();
                if name.starts_with("heading ") || name == "title" {
                    found.extend(id.take());
                }
            }
            _ => {}
        }
    })?;
    Ok(found)
}

struct Docx<'t> {
    flow: Flow<'t>,
    headings: BTreeSet<String>,
    nesting: Nesting,
    bold: bool,
}

/// Elements that mean something, or whose content is passed over.
const KNOWN: &[&str] = &[
    "Fallback",
    "b",
    "br",
    "cr",
    "del",
    "moveFrom",
    "noBreakHyphen",
    "outlineLvl",
    "p",
    "pPr",
    "pStyle",
    "r",
    "rPr",
    "rt",
    "t",
    "tab",
    "tbl",
    "tc",
    "tr",
];

impl Docx<'_> {
    fn piece(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Open(tag) => {
                let name = self.nesting.name_of(tag);
                if self.nesting.counts() {
                    self.begin(name, tag);
                }
                self.nesting.open(name);
            }
            Piece::Close => {
                if let Some(name) = self.nesting.close() {
                    self.end(name);
                }
            }
            Piece::Text(range) if self.is_text() => self.flow.text(range, self.bold),
            Piece::Entity(words, range) if self.is_text() => {
                self.flow.decoded(words, range, self.bold);
            }
            Piece::Text(_) | Piece::Entity(..) => {}
        }
    }

    fn is_text(&self) -> bool {
        self.nesting.counts() && self.nesting.around(0) == "t"
    }

    fn begin(&mut self, name: &'static str, tag: &Tag<'_>) {
        let parent = self.nesting.around(0);
        match (name, parent) {
            ("Fallback" | "del" | "moveFrom" | "rt", _) => {
                self.nesting.pass_over();
            }
            ("p", _) => self.flow.end_block(),
            ("r", _) => self.bold = false,
            ("b", "rPr") if self.nesting.around(1) == "r" => {
                let value = tag.get("val");
                self.bold = !matches!(value.as_deref(), Some("0" | "false" | "off"));
            }
            ("pStyle", "pPr") => {
                let style = tag.get("val").unwrap_or_default();
                let by_id = style.starts_with("Heading") || style == "Title";
                if by_id || self.headings.contains(&style) {
                    let level = style.bytes().next_back().filter(u8::is_ascii_digit);
                    self.flow.heading(level.map_or(1, |digit| digit - b'0'));
                }
            }
            ("outlineLvl", "pPr") => {
                let level = tag.get("val").and_then(|level| level.parse::<u8>().ok());
                if let Some(level @ 0..=8) = level {
                    self.flow.heading(level + 1);
                }
            }
            ("tab", "r") => self.flow.tab(),
            ("br" | "cr", "r") => self.flow.line_break(),
            ("noBreakHyphen", "r") => self.flow.insert("-"),
            ("tbl", _) => self.flow.table(),
            ("tr", _) => self.flow.row(),
            ("tc", _) => self.flow.cell(),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" => self.flow.end_block(),
            "tbl" => self.flow.end_table(),
            _ => {}
        }
    }
}
