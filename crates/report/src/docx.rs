//! DOCX (Office Open XML), for writing on.
//!
//! Headings, tables and quotes have styles of their own, so that a reader's
//! own template can take over. The journey map is drawn in shapes of the format
//! itself: it stays sharp, its words stay words, and no font need come with it.
//! Every quote is a block quote with its source below, from which `claims` reads
//! both back. Characters that XML cannot hold are written `_xHHHH_`.
//!
//! Loses what Markdown loses, but the picture. The same report gives the same
//! bytes: the file bears the report's own day.

mod figure;

use std::io::{Seek, Write};

use minijinja::value::Serde;
use minijinja::{HtmlEscape, Value, context};
use throughline_core::{ContentHash, escaped_for_xml};
use zip::write::SimpleFileOptions;
use zip::{DateTime, ZipWriter};

use crate::ReportError;
use crate::data::Report;
use crate::map::Map;
use crate::templates::templates;
use crate::view::{self, Page};

/// The part that holds the words.
pub(crate) const DOCUMENT: &str = "word/document.xml";
/// The style of a quote.
pub(crate) const QUOTE: &str = "Quote";
/// The style of the source below a quote.
pub(crate) const SOURCE: &str = "QuoteSource";
/// The style of a finding's heading.
pub(crate) const FINDING: &str = "Heading2";
/// The style of the place of a heading's words.
pub(crate) const PLACE: &str = "Place";
/// The style of the name of a fact.
pub(crate) const FACT_NAME: &str = "FactName";
/// The style of the fact itself.
pub(crate) const FACT: &str = "Fact";

/// Parts that are the same in every report.
const FIXED: [(&str, &str); 6] = [
    (
        "[Content_Types].xml",
        include_str!("../templates/docx/content_types.xml"),
    ),
    (
        "_rels/.rels",
        include_str!("../templates/docx/package.rels"),
    ),
    (
        "word/_rels/document.xml.rels",
        include_str!("../templates/docx/document.rels"),
    ),
    (
        "word/styles.xml",
        include_str!("../templates/docx/styles.xml"),
    ),
    (
        "word/settings.xml",
        include_str!("../templates/docx/settings.xml"),
    ),
    (
        "word/footer.xml",
        include_str!("../templates/docx/footer.xml"),
    ),
];

/// Parts that are made of the report.
const MADE: [(&str, &str); 4] = [
    (
        "docProps/core.xml",
        include_str!("../templates/docx/core.xml"),
    ),
    (DOCUMENT, include_str!("../templates/docx/document.xml")),
    ("parts.xml", include_str!("../templates/docx/parts.xml")),
    ("map.xml", include_str!("../templates/docx/map.xml")),
];

/// Writes the report as a Word document.
///
/// # Errors
/// If `out` cannot be written, or [`ReportError::Template`] if a template does
/// not fit the data: a defect of the program.
pub fn docx(report: &Report, out: impl Write + Seek) -> Result<(), ReportError> {
    let mut templates = templates(&MADE)?;
    templates.add_filter("run", |text: &str| Value::from_safe_string(run(text)));
    templates.add_filter("legal", |text: &str| escaped_for_xml(text).into_owned());
    templates.add_filter("bookmark", bookmark);
    templates.add_filter("figure", figure::figure);
    templates.add_filter("emu", figure::emu);
    let page = context! {
        page => Serde(Page::of(report)),
        map => Serde(Map::of(report)),
        cyclic => report.manifest.framework.cyclic,
        heading_words => view::HEADING_WORDS,
        program => format!("throughline {}", report.manifest.version),
        written => report.written(),
    };
    let mut archive = ZipWriter::new(out);
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    for (name, content) in FIXED {
        archive.start_file(name, options)?;
        archive.write_all(content.as_bytes())?;
    }
    for name in [MADE[0].0, DOCUMENT] {
        archive.start_file(name, options)?;
        let part = templates.get_template(name)?.render(&page)?;
        archive.write_all(part.as_bytes())?;
    }
    Ok(archive.finish()?.flush()?)
}

/// A text as what stands in a run: words, line breaks, tabs. A carriage return
/// is written as what XML cannot hold, since a parser makes a line break of it.
fn run(text: &str) -> String {
    let text = escaped_for_xml(text).replace('\r', "_x000D_");
    let mut out = String::with_capacity(text.len() + 40);
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push_str("<w:br/>");
        }
        for (number, words) in line.split('\t').enumerate() {
            if number > 0 {
                out.push_str("<w:tab/>");
            }
            if !words.is_empty() {
                out.push_str("<w:t xml:space=\"preserve\">");
                out.push_str(&HtmlEscape(words).to_string());
                out.push_str("</w:t>");
            }
        }
    }
    out
}

/// The name of a bookmark for a place in the page: letters, digits and
/// underscores, 40 at most.
fn bookmark(anchor: &str) -> String {
    const MOST: usize = 40;
    const HASH: usize = 16;
    let mut name = anchor.replace('-', "_");
    if name.len() > MOST {
        let hash = ContentHash::of(anchor.as_bytes()).to_string();
        name.truncate(MOST - HASH);
        name.push_str(hash.get(..HASH).unwrap_or_default());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_breaks_and_tabs_are_told_apart() {
        assert_eq!(
            run("a <b>\n\tc\r"),
            "<w:t xml:space=\"preserve\">a &lt;b&gt;</w:t><w:br/><w:tab/>\
             <w:t xml:space=\"preserve\">c_x000D_</w:t>"
        );
        assert_eq!(run(""), "");
    }

    #[test]
    fn bookmarks_are_short_and_stay_apart() {
        assert_eq!(bookmark("stage-use"), "stage_use");
        let long = |end: &str| bookmark(&format!("finding-{}{end}", "x".repeat(60)));
        assert_eq!(long("1").len(), 40);
        assert_ne!(long("1"), long("2"));
    }
}
