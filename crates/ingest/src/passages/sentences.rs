//! Sentences by Unicode's rules (UAX #29), mended for how people write.

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::{ascii, clauses, marks, quotations};

/// Text is cut into sentences in windows of about so many bytes: Unicode's rules
/// look back and ahead without limit, and a window keeps that linear.
const WINDOW: usize = 4_096;
/// A longer row of characters that are neither letters nor digits ends a window.
const SYMBOLS: usize = 32;
/// A shorter line that does not run on into the next is a line of its own.
const OWN_LINE: usize = 48;
/// A shorter line that ends with a comma may be the greeting of a letter.
const GREETING: usize = 32;

/// A longer row of letters and marks is an address or a name.
const LONGEST_WORD: usize = 64;

/// Abbreviations that stand before what they belong to, without their last dot.
const ABBREVIATIONS: &[&str] = &[
    "adm", "approx", "blvd", "bros", "capt", "cf", "dr", "drs", "e.g", "eg", "esp", "fig", "gen",
    "gov", "hon", "i.e", "ie", "incl", "lt", "maj", "messrs", "mme", "mr", "mrs", "ms", "mx", "nr",
    "pp", "prof", "resp", "rev", "sen", "sgt", "st", "viz", "vol", "vs",
];
/// Abbreviations only before a number.
const BEFORE_NUMBERS: &[&str] = &[
    "art", "ch", "no", "nos", "p", "par", "pg", "sec", "tel", "v", "ver",
];
/// Months and days; with a capital they are abbreviated before a number or a
/// small letter.
const DAYS: &[&str] = &[
    "apr", "aug", "dec", "feb", "fri", "jan", "jul", "jun", "mar", "mon", "nov", "oct", "sat",
    "sep", "sept", "sun", "thu", "thur", "thurs", "tue", "tues", "wed",
];
/// Months that follow the number of a day, as in "on 3. May".
const MONTHS: &[&str] = &[
    "april",
    "august",
    "december",
    "february",
    "january",
    "july",
    "june",
    "march",
    "may",
    "november",
    "october",
    "september",
];
/// Abbreviations within a sentence, before a small letter.
const WITHIN: &[&str] = &[
    "abbr", "am", "apt", "ave", "co", "corp", "dept", "est", "etc", "ext", "ft", "govt", "hr",
    "hrs", "inc", "incl", "jr", "kg", "lb", "lbs", "ltd", "max", "min", "mins", "misc", "mos",
    "oz", "pm", "pt", "sec", "secs", "sq", "sr", "temp", "wk", "wks", "yr", "yrs",
];
/// What may follow the dot inside a name of a site or library.
const NAME_ENDS: &[&str] = &[
    "ai", "app", "co", "com", "css", "de", "edu", "fr", "gov", "html", "info", "io", "js", "net",
    "org", "pdf", "php", "py", "tv", "txt", "uk", "us",
];
/// A fragment that begins with one of these opens what follows it.
const OPENERS: &[&str] = &[
    "ah", "and", "cool", "er", "hello", "hey", "hi", "hm", "hmm", "like", "mhm", "mm", "no",
    "nope", "now", "oh", "ok", "okay", "right", "so", "sure", "uh", "um", "well", "yeah", "yep",
    "yes",
];
/// A sentence that begins with one of these belongs to the one before.
const CONTRASTS: &[&str] = &[
    "although",
    "but",
    "except",
    "however",
    "nevertheless",
    "nonetheless",
    "though",
    "yet",
];

/// A sentence, or a piece of one too long.
pub(super) struct Sentence {
    /// Where it stands, without white space at its ends.
    pub(super) range: Range<usize>,
    /// Its words; two characters of a script without spaces count as one.
    pub(super) words: usize,
}

/// The sentences of one paragraph of `text`, in order.
pub(super) fn sentences(text: &str, paragraph: Range<usize>) -> Vec<Sentence> {
    let mut found = Vec::new();
    for flow in flows(text, paragraph) {
        let words = text.get(flow.clone()).unwrap_or_default();
        // A line break within a sentence is a space to Unicode's rules.
        let words = match words.contains('\n') {
            true => Cow::Owned(words.replace('\n', " ")),
            false => Cow::Borrowed(words),
        };
        let mut start = 0;
        for end in ends(&words) {
            clauses::cut(&words, start..end, flow.start, &mut found);
            start = end;
        }
    }
    found
}

/// True if a fragment belongs to what comes after it rather than before.
pub(super) fn opens_talk(fragment: &str) -> bool {
    let first = first_word(fragment);
    OPENERS.binary_search(&first.as_str()).is_ok() || is_list_number(fragment)
}

/// True if a sentence contrasts with the one before it.
pub(super) fn contrasts(sentence: &str) -> bool {
    CONTRASTS
        .binary_search(&first_word(sentence).as_str())
        .is_ok()
}

/// The first letters and digits of `text`, in lower case, as far as any word of
/// the lists may go.
fn first_word(text: &str) -> String {
    const LONGEST: usize = 16;
    let words = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let letters = words.bytes().take(LONGEST);
    let ascii = letters.take_while(u8::is_ascii_alphanumeric).count();
    if ascii == LONGEST || words.as_bytes().get(ascii).is_none_or(u8::is_ascii) {
        return words.get(..ascii).unwrap_or_default().to_ascii_lowercase();
    }
    words
        .chars()
        .take_while(|c| c.is_alphanumeric())
        .take(LONGEST)
        .flat_map(char::to_lowercase)
        .collect()
}

fn is_list_number(text: &str) -> bool {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    digits.len() < text.len() && matches!(digits.trim(), "." | ")")
}

/// The lines of a paragraph, wrapped ones joined: a break stays a break before
/// the item of a list and after a short line that does not run on.
fn flows(text: &str, paragraph: Range<usize>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = paragraph.start;
    let mut before = "";
    let body = text.get(paragraph).unwrap_or_default();
    for line in body.split_inclusive('\n') {
        let range = at..at + line.len();
        at = range.end;
        match found.last_mut() {
            Some(flow) if runs_on(before, line) => flow.end = range.end,
            _ => found.push(range),
        }
        before = line;
    }
    found
}

fn runs_on(line: &str, next: &str) -> bool {
    let (line, next) = (line.trim(), next.trim_start());
    let item = next.starts_with(['-', '*', '•', '–', '▪', '◦', '·'])
        || is_list_number(next.split_whitespace().next().unwrap_or_default());
    let greeting = line.len() < GREETING
        && line.ends_with(',')
        && line.starts_with(char::is_uppercase)
        && next.starts_with(char::is_uppercase);
    if item || greeting || line.ends_with(':') {
        return false;
    }
    line.len() >= OWN_LINE
        || line.ends_with(',')
        || next
            .chars()
            .find(|c| c.is_alphanumeric())
            .is_some_and(char::is_lowercase)
}

/// Where the sentences of `flow` end; the last end is its length.
fn ends(flow: &str) -> Vec<usize> {
    let mut all = Vec::new();
    let mut start = 0;
    while start < flow.len() {
        let end = window_end(flow, start);
        let window = flow.get(start..end).unwrap_or_default();
        let mut found = window_ends(window);
        if end < flow.len() && found.len() > 1 {
            found.pop();
        }
        all.extend(found.iter().map(|end| start + end));
        start = all.last().copied().unwrap_or(flow.len());
    }
    all
}

fn window_end(flow: &str, start: usize) -> usize {
    let rest = flow.get(start..).unwrap_or_default();
    let reach = rest.ceil_char_boundary(WINDOW);
    let window = rest.get(..reach).unwrap_or_default();
    if let Some(end) = after_symbols(window) {
        return start + end;
    }
    if rest.len() < WINDOW {
        return flow.len();
    }
    let space = window
        .char_indices()
        .rfind(|(_, c)| c.is_whitespace())
        .map(|(at, c)| at + c.len_utf8());
    start + space.filter(|space| *space >= WINDOW / 2).unwrap_or(reach)
}

/// The end of the first row of more than [`SYMBOLS`] characters that are neither
/// letters nor digits.
pub(super) fn after_symbols(window: &str) -> Option<usize> {
    // Without a row of as many bytes that are no ASCII letters or digits there is
    // none, and to see that, only some of the bytes need be looked at.
    let mut from = 0;
    loop {
        let row = window.as_bytes().get(from..=from + SYMBOLS)?;
        match row.iter().rposition(u8::is_ascii_alphanumeric) {
            Some(last) => from += last + 1,
            None => break,
        }
    }
    let mut symbols = 0;
    window
        .char_indices()
        .find(|(_, c)| {
            symbols = if c.is_alphanumeric() { 0 } else { symbols + 1 };
            symbols > SYMBOLS
        })
        .map(|(at, c)| at + c.len_utf8())
}

/// Ends of sentences within one window; the last is the window's length.
fn window_ends(window: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let is_mark = |byte: u8| matches!(byte, b'.' | b'!' | b'?' | b':' | b';');
    if window.is_ascii() && !window.bytes().any(is_mark) {
        found.push(window.len());
        return found;
    }
    let mut start = 0;
    let mut at = 0;
    for end in bounds(window) {
        glued_ends(window, at..end, &mut found);
        at = end;
        if end < window.len() && is_end(window, start, end) {
            let end = end + trailing_symbols(window.get(end..).unwrap_or_default());
            if end < window.len() && found.last().is_none_or(|last| *last < end) {
                found.push(end);
                start = end;
            }
        }
    }
    let by_unicode = found.len();
    marks::ends(window, &mut found);
    if found.len() > by_unicode {
        found.retain(|end| *end < window.len());
        found.sort_unstable();
        found.dedup();
    }
    quotations::join(window, &mut found);
    found.push(window.len());
    found
}

/// Ends of the sentences of `window` by Unicode's rules.
fn bounds(window: &str) -> Vec<usize> {
    if window.is_ascii() {
        return ascii::sentence_ends(window.as_bytes());
    }
    if let Some(alike) = ascii::alike(window) {
        return ascii::sentence_ends(&alike);
    }
    window
        .split_sentence_bound_indices()
        .map(|(at, piece)| at + piece.len())
        .collect()
}

/// Whether Unicode's boundary at `end` of a sentence from `start` is one.
fn is_end(window: &str, start: usize, end: usize) -> bool {
    let sentence = window.get(start..end).unwrap_or_default();
    let words = sentence.trim_end();
    let closed = words.trim_end_matches(['"', '\'', ')', ']', '”', '’', '»', '*', '_']);
    let Some(last) = closed.chars().next_back() else {
        return false;
    };
    let after = window.get(end..).unwrap_or_default();
    // "?q=" in an address and "Yahoo!Inc" hold no end of a sentence.
    if words.len() == sentence.len() && last.is_ascii() {
        return last != '.' && closed.len() == words.len() && is_glued(words, after);
    }
    // “Did it?” he asked.
    if closed.len() < words.len() && after.starts_with(char::is_lowercase) {
        return false;
    }
    if last != '.' {
        return true;
    }
    let core = closed.trim_end_matches('.');
    if closed.len() - core.len() > 1 {
        return true;
    }
    let token = last_token(core);
    let next = after.chars().next();
    let mut letters = token.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        // An initial, unless the sentence ends in "I"; and "z. B." of other languages.
        let capital = next.is_some_and(char::is_uppercase);
        let initial = letter.is_uppercase() && letter != 'I';
        if capital && (initial || (letter.is_alphabetic() && after.chars().nth(1) == Some('.'))) {
            return false;
        }
    }
    let number = !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit());
    if number && (core.trim_start().len() == token.len() || is_one_of(MONTHS, &first_word(after))) {
        return false;
    }
    let before_number = next.is_some_and(char::is_numeric);
    let token = token.to_lowercase();
    !(is_one_of(ABBREVIATIONS, &token)
        || before_number && (is_one_of(BEFORE_NUMBERS, &token) || is_one_of(DAYS, &token)))
}

fn is_one_of(list: &[&str], word: &str) -> bool {
    list.binary_search(&word).is_ok()
}

/// True for a word that is shortened before a small letter, without its dot.
pub(super) fn is_abbreviation(word: &str) -> bool {
    let small = word.to_lowercase();
    is_one_of(ABBREVIATIONS, &small)
        || is_one_of(WITHIN, &small)
        || (word.starts_with(char::is_uppercase) && is_one_of(DAYS, &small))
}

/// True if a sentence ends with the mark that `words` end with, and the next one
/// follows without a space, as in "the app!It worked".
fn is_glued(words: &str, after: &str) -> bool {
    let core = words.trim_end_matches(['!', '?']);
    let small = |word: &str| {
        word.bytes()
            .rev()
            .take(2)
            .filter(u8::is_ascii_lowercase)
            .count()
            == 2
    };
    let word = last_token(core);
    core.len() + 1 == words.len()
        && small(core)
        && after.starts_with(|c: char| c.is_ascii_uppercase())
        && ends_glued(word, after)
}

/// The last word of `text` if it is short, without brackets and quotes in front.
fn last_token(text: &str) -> &str {
    let mut start = text.len();
    for (i, c) in text.char_indices().rev().take(16) {
        if c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '/') {
            break;
        }
        start = i;
    }
    text.get(start..).unwrap_or_default()
}

/// Length of the emoji and emoticons in front of `rest`, which belong to the
/// sentence before.
fn trailing_symbols(rest: &str) -> usize {
    let mut length = 0;
    for token in rest.split_inclusive(char::is_whitespace).take(4) {
        let word = token.trim_end();
        let emoji = !word.is_empty() && word.chars().all(marks::is_emoji);
        let emoticon = marks::is_emoticon(word);
        if !emoji && !emoticon {
            break;
        }
        length += token.len();
    }
    length
}

/// Ends that Unicode's rules do not see: before a small letter, as in "it broke.
/// i sent it back", and without a space, as in "the room.The bed", but not in
/// addresses and names such as "booking.Com".
fn glued_ends(window: &str, range: Range<usize>, found: &mut Vec<usize>) {
    let sentence = window.get(range.clone()).unwrap_or_default();
    let bytes = sentence.as_bytes();
    // The word at hand begins at `word`; spaces have been looked for up to `seen`.
    let (mut word, mut seen) = (0, 0);
    for (at, mark) in bytes.iter().enumerate().skip(2) {
        if !matches!(mark, b'.' | b'!' | b'?') {
            continue;
        }
        let letters = bytes.get(at - 2..at);
        let letters = letters.is_some_and(|two| two.iter().all(u8::is_ascii_lowercase));
        let Some(next) = bytes.get(at + 1).filter(|_| letters) else {
            continue;
        };
        let unseen = bytes.get(seen..at).unwrap_or_default();
        if let Some(space) = unseen.iter().rposition(u8::is_ascii_whitespace) {
            word = seen + space + 1;
        }
        seen = at;
        let token = sentence.get(word..at).unwrap_or_default();
        let end = at + 1;
        let after = sentence.get(end..).unwrap_or_default();
        let ends = match next {
            b' ' => *mark == b'.' && ends_before_small(token, after),
            next => next.is_ascii_uppercase() && ends_glued(token, after),
        };
        let place = range.start + end;
        if ends && found.last().is_none_or(|last| *last < place) {
            found.push(place);
            word = end;
        }
    }
}

fn ends_before_small(word: &str, after: &str) -> bool {
    let word = word.trim_start_matches(['(', '"', '\'', '“']);
    let small = after.trim_start().starts_with(char::is_lowercase);
    small
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'\'')
        && !is_abbreviation(word)
}

fn ends_glued(word: &str, after: &str) -> bool {
    let named = word.len() > LONGEST_WORD
        || word.contains(['/', '@', '_', '=', '.'])
        || !word.starts_with(|c: char| c.is_lowercase() || !c.is_alphabetic());
    let next: String = after
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .take(8)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    !named && NAME_ENDS.binary_search(&next.as_str()).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_as_their_search_needs() {
        for list in [
            ABBREVIATIONS,
            BEFORE_NUMBERS,
            DAYS,
            MONTHS,
            WITHIN,
            NAME_ENDS,
            OPENERS,
            CONTRASTS,
        ] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }
}
