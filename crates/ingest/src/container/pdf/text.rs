//! From lines to paragraphs: the text of a document, and where it stands.

use std::collections::BTreeSet;
use std::ops::Range;

use throughline_core::{Segment, Span};

use super::columns::Names;
use super::layout::{Line, Page};
use super::running;
use crate::Skip;
use crate::container::{Unpacked, decoded};
use crate::transcript::may_begin_a_turn;
use crate::transcript::words::Words;

/// Lines so much further apart than usual begin a paragraph.
pub(super) const PARAGRAPH: f64 = 1.35;
/// So does a line whose font is larger or smaller by this share.
const OTHER_SIZE: f64 = 0.15;
/// A line that is wrapped is at least so long, in font sizes.
const SHORTEST_WRAPPED: f64 = 12.0;
/// How wide a letter is, in font sizes: on average, and rather less than more.
const LETTER: f64 = 0.4;

/// How a line goes on from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    Paragraph,
    Line,
    /// The line before is the name of who says this one.
    Said,
    /// The line before was wrapped.
    Wrapped,
    /// And its last word was parted, with a hyphen that is no letter of it.
    Parted,
}

/// The text of `pages`, whose segments lead back to the text of each page.
///
/// # Errors
/// That there is no text in it, in words.
pub(super) fn text(mut pages: Vec<Page>) -> Result<Unpacked, String> {
    let unknown: u64 = pages.iter().map(|page| page.unknown).sum();
    let known: u64 = pages
        .iter()
        .map(|page| page.text.chars().count() as u64)
        .sum();
    if known == 0 && unknown == 0 {
        return Err(
            "it has no text layer, so it is a picture of text; run text recognition (OCR) on it first"
                .to_owned(),
        );
    }
    if unknown > known {
        return Err(
            "its fonts do not say which characters they show; save it as text or Word, or run text recognition (OCR) on it"
                .to_owned(),
        );
    }
    let usual = usual_distance(&pages);
    let running = running::take_out(&mut pages, usual);
    if is_right_to_left(&pages) {
        return Err(
            "it is written from right to left, and a PDF does not say in which order its letters are read; save it as text or Word"
                .to_owned(),
        );
    }
    let names = Names::of(&pages);
    let (text, segments, parted) = compose(&pages, usual, names.as_ref());
    let mut skipped = Vec::new();
    for (count, reason) in [
        (running, "page numbers, running heads and feet; left out"),
        (parted, "words parted at the end of a line; joined"),
        (
            unknown,
            "glyphs whose characters the file does not say; left out",
        ),
    ] {
        if count > 0 {
            skipped.push(Skip {
                line: None,
                count,
                reason: reason.to_owned(),
            });
        }
    }
    Ok(Unpacked {
        decoded: decoded(text, segments),
        skipped,
        speakers: names.map(|names| names.names).unwrap_or_default(),
    })
}

/// True if more letters are of scripts that are written from right to left (Hebrew,
/// Arabic and their kin, and their presentation forms) than are not.
fn is_right_to_left(pages: &[Page]) -> bool {
    let (mut right, mut left) = (0_u64, 0_u64);
    let letters = pages.iter().flat_map(|page| page.text.chars());
    for c in letters.filter(|c| c.is_alphabetic()) {
        match c {
            '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' => right += 1,
            _ => left += 1,
        }
    }
    right > left
}

/// The distance of lines within a paragraph, in font sizes: the least that is
/// common.
fn usual_distance(pages: &[Page]) -> f64 {
    let pairs = pages.iter().flat_map(|page| page.lines.windows(2));
    let mut distances: Vec<f64> = pairs
        .filter_map(|pair| match pair {
            [before, line] => line.below(before),
            _ => None,
        })
        .collect();
    distances.sort_by(f64::total_cmp);
    distances
        .get(distances.len() / 10)
        .copied()
        .unwrap_or(f64::MAX)
}

/// A line with its words, and how far right its column reaches.
struct Placed<'p> {
    page: usize,
    line: &'p Line,
    words: String,
    edge: f64,
    /// The name that it begins with, and where what is said begins, if that is in it.
    label: Option<(Range<usize>, Option<usize>)>,
}

/// Joins the lines of all pages; gives the number of parted words too.
fn compose(pages: &[Page], usual: f64, names: Option<&Names>) -> (String, Vec<Segment>, u64) {
    let (mut joined, mut places, mut offsets) = (String::new(), Vec::new(), Vec::new());
    for (page, number) in pages.iter().zip(1..) {
        offsets.push(joined.len());
        places.push(Segment {
            canonical: Span {
                start: joined.len(),
                end: joined.len() + page.text.len(),
            },
            source: Span {
                start: 0,
                end: page.text.len(),
            },
            part: Some(page_name(number)),
            exact: true,
        });
        joined.push_str(&page.text);
    }
    let placed = placed(pages, names);
    let vocabulary = Vocabulary::of(&placed);
    let mut all = Words::default();
    let mut parted = 0;
    let mut join = None;
    for (at, one) in placed.iter().enumerate() {
        let next = placed
            .get(at + 1)
            .map(|next| one.join(next, usual, &vocabulary));
        let mut words = Words::default();
        let offset = offsets.get(one.page).copied().unwrap_or(0);
        let mut said = one.line.text.start;
        if let Some((name, text)) = &one.label {
            words.copy(&joined, offset + name.start..offset + name.end);
            words.insert(": ");
            said = text.unwrap_or(one.line.text.end);
        }
        let mut first = true;
        for piece in one.line.pieces() {
            let start = piece.start.max(said);
            if start >= piece.end {
                continue;
            }
            if !first {
                words.space();
            }
            first = false;
            words.copy(&joined, offset + start..offset + piece.end);
        }
        let end = match next {
            Some(Join::Parted) => words.text().trim_end().trim_end_matches(HYPHENS).len(),
            _ => words.text().len(),
        };
        let words = words.trimmed(0..end);
        match join {
            None => all.append(&words),
            Some(Join::Said) => {
                all.insert(" ");
                all.append(&words);
            }
            Some(Join::Wrapped) => all.join(&words),
            Some(join) => {
                all.insert(match join {
                    Join::Paragraph => "\n\n",
                    Join::Line => "\n",
                    Join::Said | Join::Wrapped | Join::Parted => "",
                });
                all.append(&words);
            }
        }
        parted += u64::from(next == Some(Join::Parted));
        join = next;
    }
    if !all.text().is_empty() {
        all.insert("\n");
    }
    let (text, segments) = all.into_text(&places);
    (text, segments, parted)
}

/// The part of the document that page `number`, from 1, is.
fn page_name(number: usize) -> String {
    format!("page {number}")
}

fn placed<'p>(pages: &'p [Page], names: Option<&Names>) -> Vec<Placed<'p>> {
    let mut all = Vec::new();
    for (number, page) in pages.iter().enumerate() {
        let first = all.len();
        let nexts = page.lines.iter().skip(1).map(Some).chain([None]);
        let lines = page.lines.iter().zip(nexts);
        all.extend(lines.map(|(line, next)| Placed {
            page: number,
            line,
            words: page.words(line),
            edge: line.end.x,
            label: names.and_then(|names| names.label(page, line, next)),
        }));
        // A column reaches as far as the longest of the lines that stand below
        // each other.
        let mut start = first;
        while start < all.len() {
            let below = |pair: &[Placed<'_>]| match pair {
                [before, line] => line.line.below(before.line).is_some(),
                _ => false,
            };
            let rest = all.get(start..).unwrap_or_default();
            let size = 1 + rest.windows(2).take_while(|pair| below(pair)).count();
            let column = all.get_mut(start..start + size).unwrap_or_default();
            let edge = column.iter().map(|one| one.edge).fold(f64::MIN, f64::max);
            column.iter_mut().for_each(|one| one.edge = edge);
            start += size;
        }
    }
    all
}

impl Placed<'_> {
    fn join(&self, next: &Self, usual: f64, vocabulary: &Vocabulary) -> Join {
        if next.label.is_some() {
            return Join::Paragraph;
        }
        if matches!(self.label, Some((_, None))) {
            return Join::Said;
        }
        let below = match next.page == self.page {
            true => next.line.below(self.line),
            false => None,
        };
        let other_size = (next.line.size - self.line.size).abs() > OTHER_SIZE * self.line.size;
        if other_size || below.is_some_and(|below| below > PARAGRAPH * usual) {
            return Join::Paragraph;
        }
        // A page or a column breaks sentences, and paragraphs too.
        let ended = self
            .words
            .ends_with(['.', '!', '?', ':', '…', '"', '”', '。']);
        if below.is_none() && ended {
            return Join::Paragraph;
        }
        let goes_on = below.is_none() && next.words.starts_with(char::is_lowercase);
        if !(goes_on || self.is_wrapped_before(next)) || may_begin_a_turn(&next.words) {
            return Join::Line;
        }
        match vocabulary.is_parted(&self.words, &next.words) {
            true => Join::Parted,
            false => Join::Wrapped,
        }
    }

    /// True if the first word of `next` would not have found room in its line.
    fn is_wrapped_before(&self, next: &Self) -> bool {
        let first = next.words.split_whitespace().next().unwrap_or_default();
        let wanted = LETTER * self.line.size * (1 + first.chars().count()) as f64;
        let long = self.line.end.x - self.line.start.x > SHORTEST_WRAPPED * self.line.size;
        long && (self.line.end.x + wanted > self.edge || self.words.ends_with(HYPHENS))
    }
}

const HYPHENS: [char; 3] = ['-', '\u{ad}', '\u{2010}'];

/// The words of a document, to tell a hyphen that parts a word from one that
/// belongs to it.
struct Vocabulary(BTreeSet<String>);

impl Vocabulary {
    /// Empty if no line ends in a hyphen, as nobody will ask.
    fn of(lines: &[Placed<'_>]) -> Self {
        let mut words = BTreeSet::new();
        if lines.iter().any(|line| line.words.ends_with(HYPHENS)) {
            for line in lines {
                words.extend(line.words.split_whitespace().map(bare));
            }
        }
        Self(words)
    }

    /// True if the last word of `line` ends in a hyphen that only parts it from
    /// the rest of it, in `next`.
    fn is_parted(&self, line: &str, next: &str) -> bool {
        let first = line.split_whitespace().next_back().unwrap_or_default();
        let second = next.split_whitespace().next().unwrap_or_default();
        let (Some(stem), Some(mark)) = (first.strip_suffix(HYPHENS), first.chars().next_back())
        else {
            return false;
        };
        let letters = stem.ends_with(char::is_alphabetic) && second.starts_with(char::is_lowercase);
        if mark != '-' || !letters {
            return letters;
        }
        // "check-out" that stands like this elsewhere keeps its hyphen.
        let whole = bare(&format!("{stem}{second}"));
        let hyphened = bare(&format!("{stem}-{second}"));
        self.0.contains(&whole) || !self.0.contains(&hyphened)
    }
}

/// `word` in lower case without the marks around it.
fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hyphen_belongs_to_a_word_that_has_it_elsewhere() {
        let known = ["check-out", "payment"].map(str::to_owned);
        let vocabulary = Vocabulary(known.into_iter().collect());
        let parted = |line, next| vocabulary.is_parted(line, next);
        assert!(parted("the pay-", "ment page"));
        assert!(parted("a ket-", "tle"));
        assert!(parted("a ket\u{ad}", "tle"));
        assert!(!parted("at the check-", "out, then"));
        assert!(!parted("Anna-", "Maria"));
        assert!(!parted("in 2019-", "2020"));
        assert!(!parted("I was -", "well"));
        assert!(!parted("payment", "page"));
    }
}
