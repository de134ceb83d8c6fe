//! Words, numbers and marks of a text, with their places.

use crate::digits::Digits;
use crate::lexicon::{Sorts, sorts as sorts_of};

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Letters, with apostrophes and hyphens between them.
    Word,
    /// Digits.
    Number,
    /// Any other single character that is no space.
    Mark,
}

/// A token of a text.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) shape: Shape,
    /// True if it begins with a letter that is not a small one.
    pub(crate) capital: bool,
    /// What the word may be.
    pub(crate) sorts: Sorts,
    /// What it may be without the ending of a possessive.
    pub(crate) bare: Sorts,
    /// Where it stands in small letters, where the text has others.
    small: Option<(usize, usize)>,
}

/// A text with its tokens.
#[derive(Debug)]
pub(crate) struct Tokens<'t> {
    pub(crate) text: &'t str,
    pub(crate) list: Vec<Token>,
    /// The tokens that are words beside which something but a name is found.
    pub(crate) signs: Vec<usize>,
    pub(crate) digits: Digits,
    /// Words with capitals or accents, in small letters, one after the other.
    small: String,
}

impl<'t> Tokens<'t> {
    /// Cuts `text`, in one pass.
    pub(crate) fn of(text: &'t str) -> Self {
        let mut tokens = Self {
            text,
            list: Vec::with_capacity(text.len() / 5),
            signs: Vec::new(),
            digits: Digits::default(),
            small: String::new(),
        };
        let mut at = 0;
        while let Some(byte) = text.as_bytes().get(at) {
            if matches!(byte, b' ' | b'\t'..=b'\r') {
                at += 1;
                continue;
            }
            let Some(first) = char_at(text, at) else {
                break;
            };
            at = match shape_of(first) {
                Shape::Word => tokens.word(at, first),
                Shape::Number => tokens.number(at),
                Shape::Mark => {
                    let end = at + first.len_utf8();
                    if !first.is_whitespace() {
                        tokens.push(at, end, Shape::Mark);
                    }
                    end
                }
            };
        }
        tokens
    }

    fn push(&mut self, start: usize, end: usize, shape: Shape) {
        self.list.push(Token {
            start,
            end,
            shape,
            capital: false,
            sorts: Sorts::default(),
            bare: Sorts::default(),
            small: None,
        });
    }

    /// Adds the number that begins at byte `start`, and says where it ends.
    fn number(&mut self, start: usize) -> usize {
        let mut end = start;
        while let Some(c) = char_at(self.text, end).filter(|c| c.is_numeric()) {
            let next = end + c.len_utf8();
            if c.is_ascii_digit() {
                match self.digits.rows.last_mut() {
                    Some(row) if row.end == end => row.end = next,
                    _ => self.digits.rows.push(end..next),
                }
            }
            end = next;
        }
        self.push(start, end, Shape::Number);
        end
    }

    /// Adds the word that begins at byte `start`, and says where it ends.
    fn word(&mut self, start: usize, first: char) -> usize {
        let (end, plain, joined) = word_from(self.text, start);
        let word = &self.text[start..end];
        let small = (!plain).then(|| {
            let from = self.small.len();
            fold_into(word, &mut self.small);
            (from, self.small.len())
        });
        let said = small.map_or(word, |(from, to)| &self.small[from..to]);
        let mut sorts = sorts_of(said);
        let mut whole = sorts;
        if joined {
            let short = bare(said);
            whole = if short.len() == said.len() {
                sorts
            } else {
                sorts_of(short)
            };
            // "pre-order", "one-two", "l'ordine", "driver's"
            let mut parts = short.split(is_joint);
            let ends = [parts.next(), parts.next_back()];
            for part in ends.into_iter().flatten() {
                sorts |= sorts_of(part).only(Sorts::OF_PARTS);
            }
        }
        if sorts.any(Sorts::SIGNS) {
            self.signs.push(self.list.len());
        }
        self.list.push(Token {
            start,
            end,
            shape: Shape::Word,
            capital: !first.is_lowercase(),
            sorts,
            bare: whole,
            small,
        });
        end
    }

    /// The tokens of `signs` that may be one of `sorts`, with their places.
    pub(crate) fn signs(&self, sorts: Sorts) -> impl Iterator<Item = (usize, &Token)> {
        self.signs
            .iter()
            .filter_map(|at| Some((*at, self.list.get(*at)?)))
            .filter(move |(_, token)| token.sorts.any(sorts))
    }

    /// The token's words in lower case, or the token itself.
    pub(crate) fn said(&self, at: usize) -> &str {
        match self.list.get(at) {
            Some(token) => match token.small {
                Some((from, to)) => &self.small[from..to],
                None => &self.text[token.start..token.end],
            },
            None => "",
        }
    }

    /// True if token `at` is a word that begins with no small letter.
    pub(crate) fn is_capital(&self, at: usize) -> bool {
        self.list.get(at).is_some_and(|token| token.capital)
    }

    /// True if only blanks stand between token `at` and the one before it.
    pub(crate) fn follows(&self, at: usize) -> bool {
        at > 0
            && self
                .gap(at)
                .is_some_and(|gap| !gap.is_empty() && !gap.contains('\n'))
    }

    /// True if token `at` begins a line.
    pub(crate) fn begins_line(&self, at: usize) -> bool {
        at == 0 || self.gap(at).is_some_and(|gap| gap.contains('\n'))
    }

    /// True if token `at` begins a sentence, as far as marks tell.
    pub(crate) fn begins_sentence(&self, at: usize) -> bool {
        self.begins_line(at)
            || matches!(
                self.said(at - 1),
                "." | "!" | "?" | ":" | "…" | "\"" | "“" | "”" | "-" | "–" | "—" | "*" | "•" | ")"
            )
    }

    /// True if nothing follows token `at - 1` on its line.
    pub(crate) fn ends_line(&self, at: usize) -> bool {
        at >= self.list.len() || self.begins_line(at)
    }

    fn gap(&self, at: usize) -> Option<&str> {
        let before = self.list.get(at.checked_sub(1)?)?;
        self.text.get(before.end..self.list.get(at)?.start)
    }
}

/// Lower case, with the apostrophe that keyboards have.
pub(crate) fn fold(text: &str) -> String {
    let mut small = String::with_capacity(text.len());
    fold_into(text, &mut small);
    small
}

fn fold_into(text: &str, small: &mut String) {
    if text.is_ascii() {
        small.push_str(text);
        let from = small.len() - text.len();
        small[from..].make_ascii_lowercase();
    } else {
        small.extend(
            text.chars()
                .flat_map(|c| if c == '’' { '\'' } else { c }.to_lowercase()),
        );
    }
}

fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// Where the word that begins at byte `start` ends, whether it is all small
/// letters of ASCII, and whether something joins parts of it.
fn word_from(text: &str, start: usize) -> (usize, bool, bool) {
    let (mut at, mut plain, mut joined) = (start, true, false);
    while let Some(byte) = text.as_bytes().get(at) {
        if byte.is_ascii_alphabetic() {
            plain &= byte.is_ascii_lowercase();
            at += 1;
            continue;
        }
        if byte.is_ascii() && !matches!(byte, b'\'' | b'-') {
            break;
        }
        let Some(c) = char_at(text, at) else { break };
        let next = at + c.len_utf8();
        if is_joint(c) && char_at(text, next).is_some_and(is_letter) {
            joined = true;
        } else if !is_letter(c) {
            break;
        }
        plain &= c.is_ascii();
        at = next;
    }
    (at, plain, joined)
}

/// A word without the ending that makes it a possessive.
pub(crate) fn bare(word: &str) -> &str {
    word.strip_suffix("'s")
        .or_else(|| word.strip_suffix("’s"))
        .or_else(|| word.strip_suffix("'S"))
        .or_else(|| word.strip_suffix("’S"))
        .unwrap_or(word)
}

fn shape_of(c: char) -> Shape {
    if c.is_ascii_alphabetic() || is_letter(c) {
        Shape::Word
    } else if c.is_numeric() {
        Shape::Number
    } else {
        Shape::Mark
    }
}

fn is_letter(c: char) -> bool {
    // Combining marks belong to the letter before them.
    c.is_alphabetic() || ('\u{300}'..='\u{36f}').contains(&c)
}

fn is_joint(c: char) -> bool {
    matches!(c, '\'' | '’' | '-' | '‐')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_their_apostrophes_and_marks_stand_alone() {
        let tokens = Tokens::of("Anne-Marie’s no. 7, e\u{301}té\ntamsin_k");
        let all: Vec<&str> = tokens
            .list
            .iter()
            .map(|token| &tokens.text[token.start..token.end])
            .collect();
        assert_eq!(
            all,
            [
                "Anne-Marie’s",
                "no",
                ".",
                "7",
                ",",
                "e\u{301}té",
                "tamsin",
                "_",
                "k"
            ]
        );
        assert_eq!(bare(tokens.said(0)), "anne-marie");
        assert!(tokens.begins_line(6) && tokens.follows(1) && !tokens.follows(2));
    }
}
