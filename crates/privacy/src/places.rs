//! Postal addresses: a house, a postcode that finds one, a box.
//!
//! Each is looked for from its rarest part: the word that ends or begins the
//! name of a street, or the digits of a code. Nothing is read but a bounded part
//! of the text around it.

use std::ops::Range;
use std::sync::LazyLock;

use crate::lexicon::Sorts;
use crate::pattern::{Pattern, before, join, part, pattern};
use crate::tokens::Tokens;

/// What streets are called in English, as a whole or as people shorten it.
pub(crate) const STREETS: &[&str] = &[
    "street",
    "st",
    "road",
    "rd",
    "avenue",
    "ave",
    "lane",
    "ln",
    "drive",
    "dr",
    "close",
    "court",
    "ct",
    "way",
    "place",
    "pl",
    "crescent",
    "cres",
    "terrace",
    "gardens",
    "gdns",
    "square",
    "sq",
    "boulevard",
    "blvd",
    "row",
    "hill",
    "grove",
    "mews",
    "parkway",
    "pkwy",
    "highway",
    "hwy",
    "walk",
    "rise",
    "green",
    "park",
    "view",
    "quay",
    "wharf",
    "circle",
    "trail",
];
/// What stands before the number of a room.
const ROOMS: &[&str] = &[
    "flat",
    "apt",
    "apt.",
    "apartment",
    "unit",
    "suite",
    "room",
    "no",
    "no.",
];
/// Ends of a street's name in German and Dutch.
const ENDS: &[&str] = &[
    "straße", "strasse", "str.", "weg", "allee", "platz", "gasse", "damm", "ufer", "straat",
    "laan", "plein", "gracht", "kade",
];
/// Words of a name: capitals, with what stands between them.
const NAME: &str = r"\p{Lu}[\pL'’.-]{0,30}";
const UK_CODE: &str = r"[A-Z]{1,2}[0-9][0-9A-Z]?\s?[0-9][A-Z]{2}";

/// Words of the longest name of a street.
const WORDS: usize = 4;
/// Bytes of the longest word of one.
const WORD_BYTES: usize = 64;
/// Bytes from the beginning of a street to the end of its town.
const REACH: usize = 280;
/// Bytes from a street's number to "rue".
const RUE_BACK: usize = 10;

fn mainland() -> String {
    format!(r"(?:,?\s[0-9]{{4,5}}(?:\s[A-Z]{{2}})?\s{NAME}(?:[\s-]{NAME})?)?")
}

/// What follows "48 Larch Grove": ", Peelwick PW1 2AB".
static AFTER_STREET: LazyLock<Pattern> = LazyLock::new(|| {
    let room = format!(
        r"(?i:{})\s[0-9]{{1,4}}[A-Za-z]?",
        ROOMS.join("|").replace('.', r"\.")
    );
    let town = format!(r"(?:,\s{NAME}\b(?:\s{NAME}\b){{0,2}})?");
    let code = format!(r"(?:,?\s(?:[A-Z]{{2}}\s)?[0-9]{{5}}(?:-[0-9]{{4}})?\b|,?\s{UK_CODE}\b)?");
    pattern(&format!(r"\b\.?(?:,\s{room}\b)?{town}{code}"))
});
/// Lindenstraße 14, 10969 Berlin
static ENDED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(&format!(
        r"\b\p{{Lu}}[\pL-]{{0,60}}(?:straße|strasse|str\.|weg|allee|platz|gasse|damm|ufer|straat|laan|plein|gracht|kade)\s[0-9]{{1,4}}[a-z]?\b{}",
        mainland()
    ))
});
/// 12 rue des Lilas, 69003 Lyon
static RUE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(&format!(
        r"\b[0-9]{{1,4}}(?:\s?(?:bis|ter))?,?\s(?i:rue|avenue|av\.|boulevard|bd|place|chemin|allée|impasse|quai|route)\s(?:(?:de|des|du|la|le|les)\s|d['’]|l['’]){{0,2}}{NAME}(?:[\s-](?:de\s|la\s|du\s)?{NAME}){{0,3}}{}",
        mainland()
    ))
});
/// Calle de la Luna 7, Via Roma, 12
static CALLE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:Calle|C/|Avenida|Plaza|Paseo|Carrer|Via|Viale|Piazza|Corso|Rua|Largo)\s(?:(?:de|del|della|la|las|los|di|do|da)\s){{0,2}}{NAME}(?:\s{NAME}){{0,3}},?\s[0-9]{{1,4}}\b{}",
        mainland()
    ))
});
static BOX: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\b(?:P\.?\s?O\.?\s?Box|Postfach)\s[0-9]{1,7}\b"));
static UK: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"\b[A-Z]{1,2}[0-9][0-9A-Z]?\s[0-9][A-Z]{2}\b"));
static US: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])\s[0-9]{5}(?:-[0-9]{4})?\b",
    )
});

pub(crate) fn addresses(tokens: &Tokens<'_>) -> Vec<Range<usize>> {
    if tokens.digits.rows.is_empty() {
        return Vec::new();
    }
    let text = tokens.text;
    let mut found = by_digits(tokens);
    for (_, token) in tokens.signs(Sorts::STREET) {
        found.extend(street(text, token.start..token.end));
    }
    for (_, token) in tokens.signs(Sorts::RUE) {
        let number = tokens.digits.before(token.start);
        let near = number.filter(|row| row.end + RUE_BACK >= token.start);
        found.extend(near.and_then(|row| RUE.at(text, part(text, row.start, row.start + REACH))));
    }
    for (_, token) in tokens.signs(Sorts::CALLE) {
        let number = tokens.digits.from(token.end);
        if token.capital && number.is_some_and(|row| row.start < token.start + REACH) {
            found.extend(CALLE.at(text, part(text, token.start, token.start + REACH)));
        }
    }
    for range in &mut found {
        range.end = range.start + text[range.clone()].trim_end_matches(['.', ',']).len();
    }
    // "Flat 3, 12 High Street" is one place, however many patterns saw it.
    found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    found
}

/// Addresses that digits end, and what follows them.
fn by_digits(tokens: &Tokens<'_>) -> Vec<Range<usize>> {
    let text = tokens.text;
    let bytes = text.as_bytes();
    let (mut ended, mut uk, mut us, mut boxes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in &tokens.digits.rows {
        let Some(blank) = before(text, row.start).filter(|c| c.is_whitespace()) else {
            continue;
        };
        let at = row.start - blank.len_utf8();
        let upper = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
        if row.len() == 1 && upper(row.end) && upper(row.end + 1) {
            join(&mut uk, part(text, at.saturating_sub(4), row.end + 2));
        } else if row.len() == 5 && at > 0 && upper(at - 1) {
            join(&mut us, part(text, at.saturating_sub(2), row.end + 5));
        }
        if row.len() <= 4 && ENDS.iter().any(|end| text[..at].ends_with(end)) {
            let start = at.saturating_sub(WORD_BYTES * 2);
            join(&mut ended, part(text, start, row.end + REACH / 2));
        }
    }
    for (_, token) in tokens.signs(Sorts::BOX) {
        let number = tokens.digits.from(token.end);
        if number.is_some_and(|row| row.start <= token.end + 3) {
            join(
                &mut boxes,
                part(text, token.start.saturating_sub(10), token.end + 11),
            );
        }
    }
    let all: [(&Pattern, _); 4] = [(&ENDED, ended), (&UK, uk), (&US, us), (&BOX, boxes)];
    all.into_iter()
        .flat_map(|(pattern, parts)| parts.into_iter().map(move |part| (pattern, part)))
        .flat_map(|(pattern, part)| pattern.within(text, part))
        .collect()
}

/// "Flat 3, 48 Larch Grove, Peelwick PW1 2AB", from the word "Grove": its number
/// stands a few words before it.
fn street(text: &str, word: Range<usize>) -> Option<Range<usize>> {
    let lower = text[word.clone()].to_lowercase();
    let name = STREETS
        .iter()
        .filter(|name| lower.starts_with(**name))
        .max_by_key(|name| name.len())?;
    let mut at = word.start;
    for count in 0..=WORDS {
        let piece = piece_before(text, at)?;
        let one = &text[piece.clone()];
        if count > 0
            && let Some(number) = number_in(one, 5)
        {
            let start = room_before(text, piece.start + number);
            let end = part(text, word.start + name.len(), word.start + REACH);
            let rest = AFTER_STREET.at(text, end)?;
            return Some(start..rest.end);
        }
        if !is_name(one) {
            return None;
        }
        at = piece.start;
    }
    None
}

/// What stands between the blank before byte `at` and the one before that.
fn piece_before(text: &str, at: usize) -> Option<Range<usize>> {
    let blank = before(text, at).filter(|c| c.is_whitespace())?;
    let end = at - blank.len_utf8();
    let near = part(text, end.saturating_sub(WORD_BYTES), end);
    let piece = &text[near.clone()];
    let start = piece.rfind(char::is_whitespace).map_or(near.start, |back| {
        let past = near.start + back;
        past + crate::pattern::after(text, past).map_or(0, char::len_utf8)
    });
    (start < end).then_some(start..end)
}

fn is_name(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase)
        && chars.all(|c| c.is_alphabetic() || "'’.-".contains(c))
}

/// Where the number of a house or a room begins that `piece` ends with: at most
/// so many digits, a letter, a comma.
fn number_in(piece: &str, most: usize) -> Option<usize> {
    let bare = piece.strip_suffix(',').unwrap_or(piece);
    let bare = bare
        .strip_suffix(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(bare);
    let other = |c: char| !c.is_ascii_digit();
    let digits = bare.len() - bare.trim_end_matches(|c: char| !other(c)).len();
    let start = bare.len() - digits;
    let alone = before(bare, start).is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_');
    ((1..=most).contains(&digits) && alone).then_some(start)
}

/// Where the room begins that stands before a house's number at byte `at`.
fn room_before(text: &str, at: usize) -> usize {
    let room = || {
        let number = piece_before(text, at)?;
        let begins = number_in(&text[number.clone()], 4)? == 0;
        let word = piece_before(text, number.start).filter(|_| begins)?;
        let lower = text[word.clone()].to_ascii_lowercase();
        let name = ROOMS
            .iter()
            .filter(|name| lower.ends_with(**name))
            .max_by_key(|name| name.len())?;
        let start = word.end - name.len();
        let alone = before(text, start).is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_');
        alone.then_some(start)
    };
    room().unwrap_or(at)
}
