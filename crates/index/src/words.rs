//! What a word is, for the index, for queries and for highlights alike.

use std::ops::Range;

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer,
};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest word that is indexed, in bytes. Longer ones are no words but data.
const LONGEST: usize = 256;

/// Byte ranges of the words of `text`, in order.
///
/// A word is a run of letters and digits with their combining marks; an
/// apostrophe between two of them is part of it (`don't`), and so is a point or
/// comma between digits (`3.5`). An ideograph or kana is a word by itself, since
/// those scripts put no spaces.
pub(crate) fn words(text: &str) -> Words<'_> {
    Words { text, at: 0 }
}

/// See [`words`].
pub(crate) struct Words<'t> {
    text: &'t str,
    at: usize,
}

impl Iterator for Words<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let rest = self.text.get(self.at..)?;
            let (skipped, first) = rest.char_indices().find(|(_, c)| starts_word(*c))?;
            let start = self.at + skipped;
            self.at = self.word_end(start, first);
            if self.at - start <= LONGEST {
                return Some(start..self.at);
            }
        }
    }
}

impl Words<'_> {
    /// Where the word ends that begins with `first` at `start`.
    fn word_end(&self, start: usize, first: char) -> usize {
        let mut end = start + first.len_utf8();
        let mut last = first;
        let alone = is_alone(first);
        while let Some(c) = self.text.get(end..).and_then(|rest| rest.chars().next()) {
            let mut step = c.len_utf8();
            if !is_combining_mark(c) {
                let next = self.text.get(end + step..).and_then(|r| r.chars().next());
                if alone {
                    break;
                } else if joins(last, c, next) {
                    // The character after it belongs to the word as well.
                    step += next.map_or(0, char::len_utf8);
                    last = next.unwrap_or(c);
                } else if starts_word(c) && !is_alone(c) {
                    last = c;
                } else {
                    break;
                }
            }
            end += step;
        }
        end
    }
}

fn starts_word(c: char) -> bool {
    c.is_alphanumeric() && !is_combining_mark(c)
}

/// True if `c`, which is no letter, holds a word together.
fn joins(before: char, c: char, after: Option<char>) -> bool {
    let Some(after) = after else { return false };
    match c {
        '\'' | '\u{2019}' => starts_word(after) && !is_alone(after),
        '.' | ',' => before.is_ascii_digit() && after.is_ascii_digit(),
        _ => false,
    }
}

/// True for the characters of scripts that write words without spaces and
/// whose single characters are worth searching for: Han and kana.
fn is_alone(c: char) -> bool {
    matches!(c,
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The exact form of a word: lower case, composed (NFC), straight apostrophes.
pub(crate) fn exact(word: &str) -> String {
    let mut form = String::with_capacity(word.len());
    exact_into(word, &mut form);
    form
}

fn exact_into(word: &str, form: &mut String) {
    form.clear();
    if word.is_ascii() {
        form.push_str(word);
        form.make_ascii_lowercase();
    } else {
        let lower = word.to_lowercase().replace('\u{2019}', "'");
        form.extend(lower.nfc());
    }
}

/// The exact forms of all words of `text`, without those that lower case makes
/// too long.
pub(crate) fn exact_words(text: &str) -> Vec<String> {
    words(text)
        .map(|range| exact(&text[range]))
        .filter(|form| form.len() <= LONGEST)
        .collect()
}

/// Exact forms, for phrases, prefixes and names.
pub(crate) fn exact_analyzer() -> TextAnalyzer {
    TextAnalyzer::from(WordTokenizer)
}

/// English stems of the exact forms, accents folded: `Cafés` → `cafe`.
pub(crate) fn stem_analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(WordTokenizer)
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(Language::English))
        .build()
}

/// The stems of all words of `text`, one a word.
pub(crate) fn stems(text: &str) -> Vec<String> {
    let mut analyzer = stem_analyzer();
    let mut stream = analyzer.token_stream(text);
    let mut stems = Vec::new();
    while let Some(token) = stream.next() {
        stems.push(token.text.clone());
    }
    stems
}

/// [`words`] as the engine wants them.
#[derive(Debug, Clone, Copy)]
struct WordTokenizer;

struct WordStream<'t> {
    words: Words<'t>,
    token: Token,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'t> = WordStream<'t>;

    fn token_stream<'t>(&'t mut self, text: &'t str) -> WordStream<'t> {
        WordStream {
            words: words(text),
            token: Token::default(),
        }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(range) = self.words.next() else {
            return false;
        };
        exact_into(&self.words.text[range.clone()], &mut self.token.text);
        // The first position is 0: the engine's blank token stands just before.
        self.token.position = self.token.position.wrapping_add(1);
        self.token.offset_from = range.start;
        self.token.offset_to = range.end;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_what_a_reader_takes_for_words() {
        let cases: &[(&str, &[&str])] = &[
            ("Don't e-mail.", &["don't", "e", "mail"]),
            (
                "It\u{2019}s £3.50, or 1,000 'now'",
                &["it's", "3.50", "or", "1,000", "now"],
            ),
            ("dana.vtt#12 a_b", &["dana", "vtt", "12", "a", "b"]),
            ("Cafe\u{301} CAF\u{c9}", &["caf\u{e9}", "caf\u{e9}"]),
            ("\u{4fa1}\u{683c}a", &["\u{4fa1}", "\u{683c}", "a"]),
            ("\u{1f642} ' ... \u{301}", &[]),
            ("5' 6' rock'", &["5", "6", "rock"]),
        ];
        for (text, expected) in cases {
            assert_eq!(&exact_words(text), expected, "{text}");
        }
        assert_eq!(exact_words(&"a".repeat(257)).len(), 0);
    }

    #[test]
    fn stems_fold_endings_and_accents() {
        assert_eq!(
            stems("Prices priced Caf\u{e9}s dana's"),
            ["price", "price", "cafe", "dana"]
        );
    }

    proptest! {
        #[test]
        fn words_are_slices_in_order_and_their_forms_are_stable(text in "\\PC{0,40}") {
            let mut end = 0;
            for range in words(&text) {
                prop_assert!(range.start >= end && range.start < range.end);
                let form = exact(&text[range.clone()]);
                prop_assert_eq!(exact_words(&form), vec![form.clone()], "{:?}", form);
                end = range.end;
            }
            prop_assert_eq!(stems(&text).len(), words(&text).count());
        }
    }
}
