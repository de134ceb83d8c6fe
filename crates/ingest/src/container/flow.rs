//! Paragraphs, headings and tables of a document, and the text made of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use throughline_core::Segment;

use super::grid;
use crate::transcript::names::{self, Shape};
use crate::transcript::words::Words;

/// A line of a paragraph.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub(super) words: Words,
    /// True if all of its words so far are bold.
    bold: bool,
    /// True once it has words: asking the words themselves at every stretch
    /// would take quadratic time.
    begun: bool,
}

/// A paragraph: a list of lines, because a line break does not end it.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    pub(super) lines: Vec<Line>,
    /// 1 to 6 for a heading.
    heading: u8,
    /// Who speaks, if the row of a table says so.
    pub(super) speaker: Option<String>,
    rule: bool,
}

impl Block {
    pub(super) fn is_blank(&self) -> bool {
        self.lines.iter().all(|line| line.words.is_blank())
    }

    /// A paragraph of one line.
    pub(super) fn of(words: Words) -> Self {
        Self {
            lines: vec![Line {
                words,
                ..Line::default()
            }],
            ..Self::default()
        }
    }

    /// A rule, after which nobody goes on speaking.
    pub(super) fn end_of_table() -> Self {
        Self {
            rule: true,
            ..Self::default()
        }
    }

    /// Its first line with words.
    pub(super) fn first_line(&self) -> &str {
        self.lines
            .iter()
            .map(|line| line.words.text().trim())
            .find(|line| !line.is_empty())
            .unwrap_or_default()
    }

    fn line(&mut self) -> &mut Line {
        if self.lines.is_empty() {
            self.lines.push(Line::default());
        }
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }
}

/// The cells of a table: rows of lists of paragraphs.
pub(super) type Rows = Vec<Vec<Vec<Block>>>;

/// Gathers a document from front to back.
pub(super) struct Flow<'t> {
    source: &'t str,
    done: Vec<Block>,
    block: Block,
    rows: Rows,
    /// How many tables are open, one within another. Only the outermost has
    /// rows; what lies in the others is of its cells.
    tables: usize,
}

impl<'t> Flow<'t> {
    /// Begins a document whose words stand in `source`.
    pub(super) fn new(source: &'t str) -> Self {
        Self {
            source,
            done: Vec::new(),
            block: Block::default(),
            rows: Vec::new(),
            tables: 0,
        }
    }

    /// Adds `source[range]`. Line ends and tabs in it are spaces.
    pub(super) fn text(&mut self, range: Range<usize>, bold: bool) {
        let source = self.source;
        let words = source.get(range.clone()).unwrap_or_default();
        let mut at = range.start;
        for piece in words.split_inclusive(is_layout) {
            let inner = piece.trim_end_matches(is_layout);
            self.mark(inner, bold);
            self.block.line().words.copy(source, at..at + inner.len());
            at += inner.len();
            if inner.len() < piece.len() {
                self.space(at..at + 1);
                at += 1;
            }
        }
    }

    /// Adds `source[range]` with each run of white space as one space.
    pub(super) fn collapsed(&mut self, range: Range<usize>, bold: bool) {
        let source = self.source;
        let words = source.get(range.clone()).unwrap_or_default();
        let mut at = range.start;
        for piece in words.split_inclusive(|c: char| c.is_ascii_whitespace()) {
            let inner = piece.trim_end_matches(|c: char| c.is_ascii_whitespace());
            self.mark(inner, bold);
            self.block.line().words.copy(source, at..at + inner.len());
            at += inner.len();
            if inner.len() < piece.len() {
                let line = self.block.line().words.text();
                if !line.is_empty() && !line.ends_with(' ') {
                    self.space(at..at + 1);
                }
                at += 1;
            }
        }
    }

    /// Adds `words` that `range` of the source stands for.
    pub(super) fn decoded(&mut self, words: &str, range: Range<usize>, bold: bool) {
        self.mark(words, bold);
        let words = words.replace(is_layout, " ");
        self.block.line().words.decode_all(&words, range);
    }

    fn space(&mut self, range: Range<usize>) {
        let source = self.source;
        let line = self.block.line();
        match source.get(range.clone()) {
            Some(" ") => line.words.copy(source, range),
            _ => line.words.decode(' ', range),
        }
    }

    fn mark(&mut self, words: &str, bold: bool) {
        if words.trim().is_empty() {
            return;
        }
        let line = self.block.line();
        line.bold = bold && (line.bold || !line.begun);
        line.begun = true;
    }

    pub(super) fn tab(&mut self) {
        self.insert("\t");
    }

    /// Adds what an element stands for: white space or a hyphen.
    pub(super) fn insert(&mut self, words: &str) {
        self.mark(words, false);
        self.block.line().words.insert(words);
    }

    pub(super) fn line_break(&mut self) {
        self.block.line();
        self.block.lines.push(Line::default());
    }

    /// Says that the paragraph at hand is a heading.
    pub(super) fn heading(&mut self, level: u8) {
        self.block.heading = level.clamp(1, 6);
    }

    /// Ends the paragraph at hand, if there is one.
    pub(super) fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        if block.is_blank() {
            return;
        }
        match self.rows.last_mut().and_then(|row| row.last_mut()) {
            Some(cell) if self.tables > 0 => cell.push(block),
            _ => self.done.push(block),
        }
    }

    pub(super) fn table(&mut self) {
        self.end_block();
        self.tables += 1;
    }

    pub(super) fn row(&mut self) {
        self.end_block();
        if self.tables == 1 {
            self.rows.push(Vec::new());
        }
    }

    pub(super) fn cell(&mut self) {
        self.end_block();
        if self.tables == 1
            && let Some(row) = self.rows.last_mut()
        {
            row.push(Vec::new());
        }
    }

    pub(super) fn end_table(&mut self) {
        self.end_block();
        self.tables = self.tables.saturating_sub(1);
        if self.tables == 0 {
            let rows = std::mem::take(&mut self.rows);
            self.done.extend(grid::blocks(rows));
        }
    }

    pub(super) fn in_table(&self) -> bool {
        self.tables > 0
    }

    /// Every paragraph; a table that is still open ends here.
    pub(super) fn finish(mut self) -> Vec<Block> {
        while self.tables > 0 {
            self.end_table();
        }
        self.end_block();
        self.done
    }
}

fn is_layout(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{2028}' | '\u{2029}'
    )
}

/// The speakers that tables name.
pub(super) fn speakers(blocks: &[Block]) -> BTreeSet<String> {
    blocks
        .iter()
        .filter_map(|block| block.speaker.clone())
        .collect()
}

/// The text of `blocks`, written as Markdown writes headings and speakers in
/// bold, and where it stands in the source whose decoded text has `segments`.
pub(super) fn text(blocks: &[Block], segments: &[Segment]) -> (String, Vec<Segment>) {
    let lines = || blocks.iter().flat_map(|block| &block.lines);
    let mut bold: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines().filter(|line| line.bold) {
        *bold.entry(line.words.text().trim()).or_default() += 1;
    }
    let is_speaker = |line: &Line| {
        let name = line.words.text().trim();
        line.bold
            && match names::shape(name) {
                Some(Shape::Role) => true,
                Some(Shape::Name) => bold.get(name).is_some_and(|count| *count >= 2),
                _ => false,
            }
    };
    let mut all = Words::default();
    for block in blocks {
        if !all.text().is_empty() {
            all.insert("\n\n");
        }
        if block.rule {
            all.insert("---");
        }
        let mut first = true;
        for line in block.lines.iter().filter(|line| !line.words.is_blank()) {
            if !first {
                all.insert("\n");
            }
            let words = line.words.trimmed(0..line.words.text().len());
            let name = block.heading == 0 && is_speaker(line);
            if first && block.heading > 0 {
                all.insert(&"#".repeat(usize::from(block.heading)));
                all.insert(" ");
            }
            if name {
                all.insert("**");
            }
            all.append(&words);
            if name {
                all.insert("**");
            }
            first = false;
        }
    }
    if !all.text().is_empty() {
        all.insert("\n");
    }
    all.into_text(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_kept_or_collapsed() {
        let source = "  a\n b\tc ";
        let read = |collapse: bool| {
            let mut flow = Flow::new(source);
            match collapse {
                true => flow.collapsed(0..source.len(), false),
                false => flow.text(0..source.len(), false),
            }
            flow.finish().remove(0).lines.remove(0).words
        };
        assert_eq!(read(false).text(), "  a  b c ");
        assert_eq!(read(true).text(), "a b c ");
    }

    #[test]
    fn bold_names_are_speakers_and_bold_words_are_not() {
        let source = "DanaI left.Why?DanaNever.";
        let mut flow = Flow::new(source);
        for (range, bold) in [
            (0..4, true),
            (4..11, false),
            (11..15, true),
            (15..19, true),
            (19..25, false),
        ] {
            flow.text(range, bold);
            flow.end_block();
        }
        let (text, _) = text(&flow.finish(), &[]);
        assert_eq!(text, "**Dana**\n\nI left.\n\nWhy?\n\n**Dana**\n\nNever.\n");
    }
}
