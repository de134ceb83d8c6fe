//! OpenDocument texts: paragraphs, headings and tables of `content.xml`.

use std::collections::BTreeSet;
use std::io::Cursor;

use super::docx::Body;
use super::flow::Flow;
use super::problem;
use super::xml::{Nesting, Piece, Tag, walk};
use crate::package::Package;
use crate::text;

const PART: &str = "content.xml";

/// Reads the document that is packed in `package`.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn read(package: &mut Package<Cursor<&[u8]>>) -> Result<Body, String> {
    let part = package
        .part(PART)
        .map_err(problem)?
        .ok_or("it has no part content.xml, so it is no OpenDocument text")?;
    let content = text::decode(&part);
    let mut reader = Odt {
        flow: Flow::new(&content.text),
        bold_styles: BTreeSet::new(),
        style: None,
        nesting: Nesting::new(KNOWN),
        bold: Vec::new(),
        paragraphs: 0,
    };
    walk(&content.text, &mut |piece| reader.piece(piece))?;
    Ok(Body {
        blocks: reader.flow.finish(),
        part: PART.to_owned(),
        segments: content.segments,
    })
}

struct Odt<'t> {
    flow: Flow<'t>,
    bold_styles: BTreeSet<String>,
    /// The style that is being defined.
    style: Option<String>,
    nesting: Nesting,
    /// Whether each paragraph and span that is open is bold.
    bold: Vec<bool>,
    /// How many paragraphs are open: those of a text box lie within another.
    paragraphs: usize,
}

/// Elements that mean something, or whose content is passed over.
const KNOWN: &[&str] = &[
    "annotation",
    "bookmark",
    "h",
    "line-break",
    "note",
    "p",
    "s",
    "span",
    "style",
    "tab",
    "table",
    "table-cell",
    "table-row",
    "text-properties",
    "tracked-changes",
];

/// The most spaces that one element may stand for.
const MOST_SPACES: usize = 64;

impl Odt<'_> {
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
            Piece::Text(range) if self.is_text() => {
                let bold = self.is_bold();
                self.flow.collapsed(range, bold);
            }
            Piece::Entity(words, range) if self.is_text() => {
                let bold = self.is_bold();
                self.flow.decoded(words, range, bold);
            }
            Piece::Text(_) | Piece::Entity(..) => {}
        }
    }

    fn is_text(&self) -> bool {
        self.nesting.counts() && self.paragraphs > 0
    }

    fn is_bold(&self) -> bool {
        self.bold.last().copied().unwrap_or(false)
    }

    fn begin(&mut self, name: &'static str, tag: &Tag<'_>) {
        match name {
            "annotation" | "note" | "tracked-changes" => {
                self.nesting.pass_over();
            }
            "p" | "h" => {
                self.flow.end_block();
                self.paragraphs += 1;
                if name == "h" {
                    let level = tag
                        .get("outline-level")
                        .and_then(|level| level.parse().ok());
                    self.flow.heading(level.unwrap_or(1));
                }
                self.bold.push(self.has_bold_style(tag));
            }
            "span" => self.bold.push(self.is_bold() || self.has_bold_style(tag)),
            "style" => self.style = tag.get("name"),
            "text-properties" if tag.get("font-weight").as_deref() == Some("bold") => {
                self.bold_styles.extend(self.style.take());
            }
            "s" if self.paragraphs > 0 => {
                let count = tag.get("c").and_then(|count| count.parse().ok());
                let spaces = " ".repeat(count.unwrap_or(1_usize).min(MOST_SPACES));
                self.flow.insert(&spaces);
            }
            "tab" if self.paragraphs > 0 => self.flow.tab(),
            "line-break" => self.flow.line_break(),
            "table" => self.flow.table(),
            "table-row" => self.flow.row(),
            "table-cell" => self.flow.cell(),
            _ => {}
        }
    }

    fn has_bold_style(&self, tag: &Tag<'_>) -> bool {
        tag.get("style-name")
            .is_some_and(|style| self.bold_styles.contains(&style))
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" | "h" => {
                self.flow.end_block();
                self.paragraphs = self.paragraphs.saturating_sub(1);
                self.bold.pop();
            }
            "span" => {
                self.bold.pop();
            }
            "table" => self.flow.end_table(),
            _ => {}
        }
    }
}
