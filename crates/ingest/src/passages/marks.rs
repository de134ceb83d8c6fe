//! Ends of sentences that Unicode's rules do not see: behind an emoji or an
//! emoticon, behind three dots in one character, where a speaker breaks off, and
//! in front of what a transcriber notes in square brackets.

use super::sentences::is_abbreviation;

/// Adds the ends of sentences in `window` that marks make, in order. Each stands
/// behind the white space that follows it.
pub(super) fn ends(window: &str, found: &mut Vec<usize>) {
    let is_mark = |byte: u8| matches!(byte, b':' | b';' | b'[');
    if window.is_ascii() && !window.bytes().any(is_mark) {
        return;
    }
    let mut at = 0;
    let mut words = false;
    let mut tokens = window.split_inclusive(char::is_whitespace).peekable();
    while let Some(token) = tokens.next() {
        at += token.len();
        let word = token.trim_end();
        if let Some(next) = tokens.peek().filter(|_| word.len() < token.len())
            && words | has_word(word)
            && ends_with_mark(word, next)
        {
            found.push(at);
        }
        words |= has_word(word);
    }
}

fn ends_with_mark(word: &str, next: &str) -> bool {
    if noted(word, next) {
        return true;
    }
    let next = next.trim_start_matches(['"', '\'', '“', '‘', '(', '[', '*', '_']);
    if !next.starts_with(char::is_uppercase) {
        return false;
    }
    let closed = word.trim_end_matches(['"', '\'', ')', '”', '’', '»', '*', '_']);
    let Some(last) = closed.chars().next_back() else {
        return is_emoticon(word);
    };
    is_emoji(last) || is_emoticon(word) || (matches!(last, '…' | '—') && has_word(closed))
}

/// "It was brown. [laughs] …": the note opens what comes next.
fn noted(word: &str, next: &str) -> bool {
    let note = next
        .strip_prefix('[')
        .is_some_and(|note| note.starts_with(char::is_lowercase));
    let Some(core) = word.strip_suffix('.').filter(|_| note) else {
        return false;
    };
    core.len() > 1 && core.bytes().all(|byte| byte.is_ascii_alphabetic()) && !is_abbreviation(core)
}

fn has_word(token: &str) -> bool {
    token.chars().any(char::is_alphanumeric)
}

/// True for pictures, and for what joins and colours them.
pub(super) fn is_emoji(c: char) -> bool {
    let mark =
        matches!(c, '\u{2E00}'..='\u{303F}' | '\u{FE10}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF65}');
    c == '\u{200D}' || (c >= '\u{2600}' && !c.is_alphanumeric() && !mark)
}

/// True for ":)", ";-)", ":D" and the like.
pub(super) fn is_emoticon(word: &str) -> bool {
    word.len() <= 4
        && word.starts_with([':', ';'])
        && word.ends_with([')', '(', 'D', 'P', '/', '|'])
}
