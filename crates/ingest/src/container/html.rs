//! Pages: the blocks of their body.

use std::ops::Range;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

use super::flow::{Block, Flow};
use crate::transcript::entity;

/// Elements whose content nobody said.
const PASSED_OVER: &[&str] = &[
    "button", "head", "nav", "noscript", "script", "select", "style", "svg", "template",
    "textarea", "title",
];
/// Elements that begin and end a paragraph.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "ul",
];

/// The paragraphs of the page in `text`.
pub(super) fn read(text: &str) -> Vec<Block> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    // Scripts and styles are read as browsers read them.
    emitter.naively_switch_states(true);
    let mut page = Page {
        text,
        flow: Flow::new(text),
        passed_over: None,
        bold: 0,
        preformatted: 0,
    };
    for token in Tokenizer::new_with_emitter(text, emitter).flatten() {
        match token {
            Token::StartTag(tag) => {
                page.open(&String::from_utf8_lossy(&tag.name), tag.self_closing)
            }
            Token::EndTag(tag) => page.close(&String::from_utf8_lossy(&tag.name)),
            Token::String(words) => {
                let range = words.span.start..words.span.end;
                page.words(&String::from_utf8_lossy(&words.value), range);
            }
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    page.flow.finish()
}

struct Page<'t> {
    text: &'t str,
    flow: Flow<'t>,
    /// The element whose content is passed over, and how many of it are open.
    passed_over: Option<(String, usize)>,
    bold: usize,
    preformatted: usize,
}

impl Page<'_> {
    fn open(&mut self, name: &str, closes_itself: bool) {
        if let Some((passed_over, depth)) = &mut self.passed_over {
            *depth += usize::from(passed_over == name && !closes_itself);
            return;
        }
        if PASSED_OVER.contains(&name) && !closes_itself {
            self.passed_over = Some((name.to_owned(), 1));
            return;
        }
        match name {
            "br" => self.flow.line_break(),
            "b" | "strong" => self.bold += 1,
            "table" => self.flow.table(),
            "tr" => self.flow.row(),
            "td" | "th" => self.flow.cell(),
            _ if BLOCKS.contains(&name) => {
                self.flow.end_block();
                if let Some(level) = heading(name) {
                    self.flow.heading(level);
                }
            }
            _ => {}
        }
        self.preformatted += usize::from(name == "pre");
    }

    fn close(&mut self, name: &str) {
        if let Some((passed_over, depth)) = &mut self.passed_over {
            *depth -= usize::from(passed_over == name);
            if *depth == 0 {
                self.passed_over = None;
            }
            return;
        }
        match name {
            "b" | "strong" => self.bold = self.bold.saturating_sub(1),
            "pre" => self.preformatted = self.preformatted.saturating_sub(1),
            "table" => self.flow.end_table(),
            _ => {}
        }
        if BLOCKS.contains(&name) {
            self.flow.end_block();
        }
    }

    /// Adds a string of the page. The tokeniser has decoded it; its place is
    /// walked over again, so that every stretch leads back to its own bytes.
    fn words(&mut self, decoded: &str, range: Range<usize>) {
        if self.passed_over.is_some() {
            return;
        }
        let bold = self.bold > 0;
        let pieces = self
            .text
            .get(range.clone())
            .map(|raw| pieces(raw, range.start));
        let pieces = pieces.filter(|pieces| self.says(pieces) == decoded);
        match pieces {
            Some(pieces) => {
                for piece in pieces {
                    match piece {
                        (Some(words), range) => self.flow.decoded(&words, range, bold),
                        (None, range) => self.plain(range, bold),
                    }
                }
            }
            // Entities without a semicolon and other oddities.
            None => self.flow.decoded(decoded, range, bold),
        }
    }

    fn plain(&mut self, range: Range<usize>, bold: bool) {
        if self.preformatted == 0 {
            self.flow.collapsed(range, bold);
            return;
        }
        let raw = self.text.get(range.clone()).unwrap_or_default();
        let mut at = range.start;
        for line in raw.split_inclusive('\n') {
            let words = line.trim_end_matches('\n');
            self.flow.text(at..at + words.len(), bold);
            if words.len() < line.len() {
                self.flow.line_break();
            }
            at += line.len();
        }
    }

    fn says(&self, pieces: &[Piece]) -> String {
        pieces
            .iter()
            .map(|(words, range)| match words {
                Some(words) => words.as_ref(),
                None => self.text.get(range.clone()).unwrap_or_default(),
            })
            .collect()
    }
}

/// A stretch of the page, and what it stands for if that is something else.
type Piece = (Option<std::borrow::Cow<'static, str>>, Range<usize>);

fn pieces(raw: &str, start: usize) -> Vec<Piece> {
    let mut found = Vec::new();
    let (mut at, mut plain) = (0, 0);
    while let Some(next) = raw.get(at..).and_then(|rest| rest.find('&')) {
        at += next;
        match raw.get(at..).and_then(entity) {
            Some((words, len)) => {
                found.push((None, start + plain..start + at));
                found.push((Some(words), start + at..start + at + len));
                at += len;
                plain = at;
            }
            None => at += 1,
        }
    }
    found.push((None, start + plain..start + raw.len()));
    found.retain(|(_, range)| !range.is_empty());
    found
}

fn heading(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::flow;

    fn said(page: &str) -> String {
        flow::text(&read(page), &[]).0
    }

    #[test]
    fn blocks_are_paragraphs_and_scripts_are_nothing() {
        let page = "<!doctype html><html><head><title>x</title><style>p{}</style></head><body>\
                    <script>if (a<b) { '</p>' }</script><h2>Talk</h2>\n<p>Dana:  I <b>left</b>\n early &amp; \
                    <br>angry&nbsp;&mdash; caf\u{e9}</p>ben<div>end</body>";
        assert_eq!(
            said(page),
            "## Talk\n\nDana: I left early &\nangry\u{a0}— café\n\nben\n\nend\n"
        );
    }

    #[test]
    fn every_stretch_leads_back_to_its_bytes() {
        let page = "<p>é &lt;a&gt; b</p>";
        let decoded = crate::text::decode(page.as_bytes());
        let (text, segments) = flow::text(&read(page), &decoded.segments);
        assert_eq!(text, "é <a> b\n");
        for segment in segments.iter().filter(|segment| segment.exact) {
            let words = segment.canonical.slice(&text).unwrap();
            assert_eq!(words, &page[segment.source.range()]);
        }
        assert!(segments.iter().filter(|segment| segment.exact).count() >= 3);
    }

    #[test]
    fn soup_is_read_all_the_same() {
        assert_eq!(said("a < b <i & c &bogus; &ampx"), "a < b\n");
        assert_eq!(said("<table><tr><td>a<td>b<tr><td>c"), "a\n\nb\n\nc\n");
        assert_eq!(said("<script>never closed"), "");
    }
}
