//! Sentences too long for a passage, cut where a clause ends.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::MOST;
use super::sentences::Sentence;

/// Words are counted in halves: a character of a script without spaces is one.
const WORD: usize = 2;
/// The most bytes of a piece, for text without spaces.
const MOST_BYTES: usize = 1_000;
/// A longer row of letters is cut between characters.
const LONGEST_WORD: usize = 240;
/// A sentence to be cut is cut into equal pieces of at most so many half words.
const PIECE: usize = 45 * WORD;
/// No piece is shorter than this where that can be helped.
const LEAST: usize = 10 * WORD;

/// Words that begin a clause.
const CLAUSES: &[&str] = &[
    "and", "because", "if", "or", "plus", "since", "so", "then", "until", "when", "where", "which",
    "while", "who",
];
/// Words before which a cut would part a contrast.
const CONTRASTS: &[&str] = &["although", "but", "except", "though", "yet"];

/// What is never cut: a word with its punctuation, or one character of a script
/// without spaces.
struct Atom {
    range: Range<usize>,
    /// Half words up to its end.
    halves: usize,
    /// How well the text may be cut after it.
    cut: usize,
}

/// Appends the sentence at `range` of `text`, cut if it is too long, with
/// `offset` added to its ranges. White space at the ends is left out; a sentence
/// of white space is nothing.
pub(super) fn cut(text: &str, range: Range<usize>, offset: usize, found: &mut Vec<Sentence>) {
    if let Some(sentence) = short(text, range.clone(), offset) {
        found.push(sentence);
        return;
    }
    let atoms = atoms(text, range);
    let mut from = 0;
    while from < atoms.len() {
        let to = piece_end(&atoms, from);
        let before = from.checked_sub(1).and_then(|i| atoms.get(i));
        let (Some(first), Some(last)) = (atoms.get(from), atoms.get(to - 1)) else {
            break;
        };
        let halves = last.halves - before.map_or(0, |atom| atom.halves);
        found.push(Sentence {
            range: offset + first.range.start..offset + last.range.end,
            words: halves.div_ceil(WORD),
        });
        from = to;
    }
}

/// The sentence at `range` if it is plain enough to see at a glance that it
/// need not be cut: what the atoms would say, without making them.
fn short(text: &str, range: Range<usize>, offset: usize) -> Option<Sentence> {
    let body = text.get(range.clone())?;
    let words = body.trim();
    // Of what is white space in ASCII, only this is none to `is_ascii_whitespace`.
    let plain = words.is_ascii() && words.len() <= LONGEST_WORD && !words.contains('\x0b');
    if !plain || words.is_empty() {
        return None;
    }
    let start = offset + range.start + (body.len() - body.trim_start().len());
    let (mut count, mut counted) = (0, false);
    for byte in words.bytes() {
        if byte.is_ascii_whitespace() {
            counted = false;
        } else if !counted && byte.is_ascii_alphanumeric() {
            count += 1;
            counted = true;
        }
    }
    (count <= MOST).then_some(Sentence {
        range: start..start + words.len(),
        words: count,
    })
}

/// Index after the last atom of the piece that begins with atom `from`.
fn piece_end(atoms: &[Atom], from: usize) -> usize {
    let Some(rest) = atoms.get(from..) else {
        return atoms.len();
    };
    let (Some(first), Some(last)) = (rest.first(), rest.last()) else {
        return atoms.len();
    };
    let base = from
        .checked_sub(1)
        .and_then(|i| atoms.get(i))
        .map_or(0, |atom| atom.halves);
    let left = last.halves - base;
    if left <= MOST * WORD && last.range.end - first.range.start <= MOST_BYTES {
        return atoms.len();
    }
    let target = left / left.div_ceil(PIECE).max(1);
    let mut best = (0, from + 1);
    for (i, atom) in rest.iter().enumerate() {
        let halves = atom.halves - base;
        if halves > MOST * WORD || atom.range.end - first.range.start > MOST_BYTES {
            break;
        }
        let short = halves < LEAST || left - halves < LEAST;
        let near = (MOST * WORD).saturating_sub(halves.abs_diff(target));
        let score = if short {
            halves
        } else {
            1_000 + near + atom.cut
        };
        if score >= best.0 {
            best = (score, from + i + 1);
        }
    }
    best.1
}

fn atoms(text: &str, range: Range<usize>) -> Vec<Atom> {
    let mut found: Vec<Atom> = Vec::new();
    let body = text.get(range.clone()).unwrap_or_default();
    let mut at = range.start;
    for token in body.split_inclusive(char::is_whitespace) {
        let word = token.trim_end();
        if !word.is_empty() {
            mark_cut_before(word, &mut found);
            push_word(word, at, &mut found);
        }
        at += token.len();
    }
    found
}

/// Rates the cut between the last atom and `next`.
fn mark_cut_before(next: &str, found: &mut [Atom]) {
    let Some(last) = found.last_mut() else {
        return;
    };
    let word = next.trim_matches(|c: char| !c.is_alphanumeric());
    let is = |list: &[&str]| list.iter().any(|other| word.eq_ignore_ascii_case(other));
    if is(CONTRASTS) {
        last.cut = 0;
    } else if is(CLAUSES) {
        last.cut += 20;
    }
}

/// Rates the cut after `word` by its own punctuation.
fn cut_after(word: &str) -> usize {
    let word = word.trim_end_matches(['"', '\'', ')', '”', '’']);
    match word.chars().next_back() {
        Some('.' | '!' | '?' | '…' | ';' | '；') => 60,
        Some(':' | '—' | '–' | '-') => 50,
        Some(',' | '،' | '、' | '，') => 35,
        _ => 10,
    }
}

fn push_word(word: &str, at: usize, found: &mut Vec<Atom>) {
    let before = found.last().map_or(0, |atom| atom.halves);
    if word.is_ascii() && word.len() <= LONGEST_WORD {
        found.push(Atom {
            range: at..at + word.len(),
            halves: before + if has_word(word) { WORD } else { 0 },
            cut: cut_after(word),
        });
        return;
    }
    let mut halves = before;
    let mut open: Option<usize> = None;
    for (i, cluster) in word.grapheme_indices(true) {
        let spaceless = cluster.chars().next().is_some_and(is_spaceless);
        let start = *open.get_or_insert(i);
        let end = i + cluster.len();
        let next_spaceless = word
            .get(end..)
            .and_then(|rest| rest.chars().next())
            .is_none_or(is_spaceless);
        if spaceless || next_spaceless || end - start >= LONGEST_WORD {
            let piece = word.get(start..end).unwrap_or_default();
            halves += match (spaceless, has_word(piece)) {
                (true, true) => 1,
                (false, true) => WORD,
                (_, false) => 0,
            };
            let cut = if end == word.len() || spaceless {
                cut_after(piece)
            } else {
                0
            };
            found.push(Atom {
                range: at + start..at + end,
                halves,
                cut,
            });
            open = None;
        }
    }
}

fn has_word(piece: &str) -> bool {
    piece.chars().any(char::is_alphanumeric)
}

/// Letters and marks of scripts that put no spaces between words.
fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3000}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF00}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}
