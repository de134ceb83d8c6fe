//! Numbers that are somebody's: phones, cards, accounts, orders, documents.

use std::ops::Range;
use std::sync::LazyLock;

use crate::digits::Chain;
use crate::lexicon::Sorts;
use crate::pattern::{Pattern, after, before, join, just_before, part, pattern};
use crate::tokens::Tokens;

static CARD: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[0-9](?:[ -]?[0-9]){12,18}"));
static CARD_END: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\bcard[^.\n]{0,20}\bending(?:\s(?:in|with))?\s([0-9]{4})\b"));
static IBAN: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"\b[A-Za-z]{2}[0-9]{2}(?:[ -]?[0-9A-Za-z]){11,34}"));
static PHONE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?:\+\s?)?\(?[0-9](?:(?:[ \x{a0}./-]|\)[ -]?| ?\(| - )?[0-9]){6,14}")
});
static SPOKEN_PHONE: LazyLock<Pattern> = LazyLock::new(|| {
    let digit = "(?:oh|o|zero|nought|one|two|three|four|five|six|seven|eight|nine|double|treble|triple|hundred)";
    pattern(&format!(r"(?i)\b{digit}(?:[\s,-]{{1,3}}{digit}){{6,}}\b"))
});
/// Numbers that their shape gives away: those that begin with digits, and those
/// with two letters before them.
static SHAPED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"\b(?:[0-9]{3}-[0-9]{7}-[0-9]{7}|[0-9]{3}-[0-9]{2}-[0-9]{4}|1Z[0-9A-Z]{16})\b")
});
static INSURED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"\b[A-CEGHJ-PR-TW-Z][A-NP-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]\b")
});
/// What a number is called, and the number.
static CALLED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?P<noun>accounts?|acct|a/c|sort\scode|routing|iban|orders?|invoice|booking|reservation",
        r"|confirmation|reference|ref|ticket|case|claim|policy|member(?:ship)?|customer|client|patient",
        r"|loyalty(?:\scard)?|gift\scard|driving\slicen[cs]e|driver'?s\slicen[cs]e|licen[cs]e|passport",
        r"|social\ssecurity|national\sinsurance|nhs|ssn|tracking|parcel|consignment|shipment|package",
        r"|frequent\sflyer|employee|student|badge|tax|vat|imei|contract|meter|konto|kontonummer",
        r"|kundennummer|bestellnummer|auftragsnummer|commande|dossier|pedido|cuenta|conto|ordine|klantnummer)\b",
        r"(?P<more>(?:['’]s)?,?(?:\s{0,2}(?:number|numbers|num|no\.|no|nr\.?|nummer|id|code|card|reference|ref|numéro|número|numero|#|n°)){0,3})",
        r"(?P<link>(?:\s{0,2}(?:[:=,\#]|is|was|reads|ist|est|es|è|um)){0,3})\s{0,2}",
        r"(?P<value>(?-i:[A-Z0-9]{1,40}(?:[-/.][A-Z0-9]{1,40}){0,6}(?:[ ][0-9]{2,6}[A-Z]?\b){0,6}(?:[ ][A-Z]\b)?|[a-z]{1,5}-?[0-9]{3,16}))",
    ))
});

/// Bytes of the longest number of an account, with blanks.
const IBAN_BYTES: usize = 80;

/// Words that say that a number is somebody's telephone's.
const PHONE_CUES: &[&str] = &[
    "phone",
    "call",
    "ring",
    "tel",
    "mobile",
    "cell",
    "number is",
    "number's",
    "text",
    "fax",
    "whatsapp",
    "reach",
    "dial",
    "handy",
    "nummer",
    "móvil",
    "numéro",
];

/// Bytes before "ending" that may belong to "card", and bytes after it.
const CARD_REACH: (usize, usize) = (90, 24);
/// Bytes from what a number is called to its first digit, and those to its end.
const CALLED_REACH: (usize, usize) = (140, 320);
/// Digits of the shortest telephone number and of the shortest card's.
const PHONE_DIGITS: usize = 7;
/// Bytes between two digits that are spelt out: three characters.
const SPOKEN_GAP: usize = 9;
const CARD_DIGITS: usize = 13;

pub(crate) fn cards(tokens: &Tokens<'_>, chains: &[Chain]) -> Vec<Range<usize>> {
    let text = tokens.text;
    let mut found: Vec<_> = chains
        .iter()
        .filter(|chain| chain.digits >= CARD_DIGITS)
        .flat_map(|chain| CARD.within(text, chain.range.clone()))
        .filter(|range| stands_alone(text, range))
        .filter(|range| is_card(&text[range.clone()]))
        .collect();
    let mut parts = Vec::new();
    for (_, token) in tokens.signs(Sorts::ENDING) {
        let (back, ahead) = CARD_REACH;
        let near = part(text, token.start.saturating_sub(back), token.end + ahead);
        let number = tokens.digits.from(token.end);
        if number.is_some_and(|row| row.end <= near.end) {
            join(&mut parts, near);
        }
    }
    let ends = parts
        .into_iter()
        .flat_map(|part| CARD_END.within(text, part));
    found.extend(ends.map(|range| range.end - 4..range.end));
    found
}

/// True if the digits are a card's: they begin as cards do and satisfy the
/// check of ISO/IEC 7812-1 (Luhn).
fn is_card(number: &str) -> bool {
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match place % 2 {
            0 => *digit,
            _ => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
        && (13..=19).contains(&digits.len())
        && digits.first().is_some_and(|first| (2..=6).contains(first))
        && digits.iter().any(|digit| Some(digit) != digits.first())
}

pub(crate) fn accounts(tokens: &Tokens<'_>) -> Vec<Range<usize>> {
    let text = tokens.text;
    let mut found = Vec::new();
    for row in &tokens.digits.rows {
        if let Some(range) = iban_at(text, row) {
            found.push(range);
        }
        found.extend(shaped_at(text, row));
    }
    let mut end = 0;
    for (_, token) in tokens.signs(Sorts::NUMBERED) {
        let (near, far) = CALLED_REACH;
        let number = tokens.digits.from(token.start);
        if number.is_none_or(|row| row.start > token.end + near) {
            continue;
        }
        // The noun may be a part of its word.
        for start in starts(text, token.start..token.end) {
            if start >= end
                && let Some(called) = called_at(text, part(text, start, token.end + far))
            {
                end = called.end;
                found.extend(called.value);
                break;
            }
        }
    }
    found
}

/// Where a word begins, and the last of its parts.
fn starts(text: &str, word: Range<usize>) -> impl Iterator<Item = usize> {
    let joint = |c: char| matches!(c, '-' | '\'' | '’' | '‐');
    let last = text[word.clone()]
        .trim_end_matches("'s")
        .trim_end_matches("’s")
        .char_indices()
        .rfind(|(_, c)| joint(*c))
        .map(|(at, c)| word.start + at + c.len_utf8());
    std::iter::once(word.start).chain(last)
}

struct Called {
    end: usize,
    value: Option<Range<usize>>,
}

fn called_at(text: &str, part: Range<usize>) -> Option<Called> {
    let groups = CALLED.groups_at(text, part)?;
    let group = |name| {
        let range = groups.get_group_by_name(name).map(|group| group.range());
        range.and_then(|range| text.get(range)).unwrap_or_default()
    };
    let value = groups.get_group_by_name("value")?.range();
    let named = !group("more").trim_matches([',', ' ']).is_empty();
    let joined = after(text, value.end).is_some_and(char::is_alphanumeric);
    let holds = !joined && is_number_of(group("value"), named, !group("link").trim().is_empty());
    Some(Called {
        end: value.end,
        value: holds.then_some(value),
    })
}

/// The number that its shape gives away and of which `row` is the first row of
/// digits.
fn shaped_at(text: &str, row: &Range<usize>) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let next = bytes.get(row.end);
    if (row.len() == 3 && next == Some(&b'-')) || (row.len() == 1 && next == Some(&b'Z')) {
        return SHAPED.at(text, part(text, row.start, row.end + 20));
    }
    let upper = |back: usize| {
        let at = row.start.checked_sub(back);
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_uppercase)
    };
    let blank = row.start > 0 && bytes.get(row.start - 1) == Some(&b' ');
    let back = if blank { 3 } else { 2 };
    (matches!(row.len(), 2 | 4 | 6) && upper(back) && upper(back - 1))
        .then(|| INSURED.at(text, part(text, row.start - back, row.start + 12)))
        .flatten()
}

/// True if `value`, after the name of a number, is one. Where nothing says
/// "number" ("order 1500 units") it must look like one.
fn is_number_of(value: &str, named: bool, linked: bool) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let year =
        value.len() == 4 && letters == 0 && (value.starts_with("19") || value.starts_with("20"));
    if named || linked {
        !year && (digits >= 3 || (digits >= 1 && digits + letters >= 5))
    } else {
        digits >= 5 || (digits >= 3 && letters >= 1 && value.len() >= 6)
    }
}

/// The number whose third character `row` begins with and that satisfies the
/// check of ISO 13616: the rest of dividing by 97 is 1.
fn iban_at(text: &str, row: &Range<usize>) -> Option<Range<usize>> {
    let start = row.start.checked_sub(2)?;
    let country = text.as_bytes().get(start..row.start)?;
    if row.len() < 2 || !country.iter().all(u8::is_ascii_alphabetic) {
        return None;
    }
    let mut range = IBAN.at(text, part(text, start, start + IBAN_BYTES))?;
    // What follows a number may look like a part of it.
    loop {
        let one = &text[range.clone()];
        if is_iban(one) && !after(text, range.end).is_some_and(char::is_alphanumeric) {
            return Some(range);
        }
        let cut = one.rfind([' ', '-']).filter(|cut| *cut >= 15)?;
        range.end = range.start + cut;
    }
}

fn is_iban(text: &str) -> bool {
    let signs = || text.chars().filter(char::is_ascii_alphanumeric);
    if !(15..=34).contains(&signs().count()) {
        return false;
    }
    // The first four count as if they stood at the end.
    let rest = signs()
        .skip(4)
        .chain(signs().take(4))
        .try_fold(0u32, |rest, c| {
            let value = c.to_digit(36)?;
            let tens = if value < 10 { 10 } else { 100 };
            Some((rest * tens + value) % 97)
        });
    rest == Some(1)
}

pub(crate) fn phones(tokens: &Tokens<'_>, chains: &[Chain]) -> Vec<Range<usize>> {
    let text = tokens.text;
    let mut found: Vec<_> = chains
        .iter()
        .filter(|chain| chain.digits >= PHONE_DIGITS)
        .flat_map(|chain| {
            // "+ (0": a sign and a bracket stand before the first digit.
            let start = chain.range.start.saturating_sub(4);
            PHONE.within(text, part(text, start, chain.range.end))
        })
        .filter(|range| stands_alone(text, range) && is_phone(text, range))
        .collect();
    found.extend(spoken(tokens));
    found
}

/// Numbers that are spelt out: seven words or more that are digits.
fn spoken(tokens: &Tokens<'_>) -> Vec<Range<usize>> {
    let mut parts: Vec<(Range<usize>, usize, usize)> = Vec::new();
    for (at, token) in tokens.signs(Sorts::DIGIT) {
        let words = 1 + tokens.said(at).matches('-').count();
        match parts.last_mut() {
            // Commas and dashes between them are tokens.
            Some((range, count, last))
                if at <= *last + 3 && token.start <= range.end + SPOKEN_GAP =>
            {
                range.end = token.end;
                *count += words;
                *last = at;
            }
            _ => parts.push((token.start..token.end, words, at)),
        }
    }
    parts
        .into_iter()
        .filter(|(_, words, _)| *words >= PHONE_DIGITS)
        .flat_map(|(range, ..)| SPOKEN_PHONE.within(tokens.text, range))
        .collect()
}

fn is_phone(text: &str, range: &Range<usize>) -> bool {
    let number = &text[range.clone()];
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let groups: Vec<&str> = number
        .split(|c: char| !c.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .collect();
    if number.contains('/') && groups.len() == 3 || is_date(number, &groups) || is_decimal(number) {
        return false;
    }
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let american = matches!(lengths.as_slice(), [3, 3, 4] | [1, 3, 3, 4])
        && !number.contains(',')
        && !digits.starts_with('0');
    let cued = || {
        let before = just_before(text, range.start, 48);
        PHONE_CUES.iter().any(|cue| before.contains(cue))
    };
    match digits.len() {
        8..=15 if number.starts_with('+') => true,
        9..=15 if number.starts_with(['0', '(']) => groups.len() < 6,
        10..=11 if american => true,
        7..=15 => {
            cued()
                && groups
                    .iter()
                    .all(|group| group.len() >= 2 || groups.len() < 4)
        }
        _ => false,
    }
}

fn is_date(number: &str, groups: &[&str]) -> bool {
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    !number.starts_with(['+', '('])
        && (matches!(lengths.as_slice(), [4, 2, 2, ..] | [4, 1..=2, 1..=2])
            && matches!(groups.first(), Some(year) if year.starts_with("19") || year.starts_with("20"))
            || matches!(lengths.as_slice(), [1..=2, 1..=2, 4]))
}

fn is_decimal(number: &str) -> bool {
    number.matches('.').count() == 1
        && number.split_once('.').is_some_and(|(whole, part)| {
            whole.bytes().all(|b| b.is_ascii_digit()) && part.bytes().all(|b| b.is_ascii_digit())
        })
}

/// True if no letter, digit or sign of money is joined to the range.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let joined = |c: char| c.is_alphanumeric() || "$£€¥%#_".contains(c);
    let decimal = |sign: Option<char>, beyond: Option<char>| {
        matches!(sign, Some('.' | ',' | '-' | '/')) && beyond.is_some_and(|c| c.is_ascii_digit())
    };
    let first = before(text, range.start);
    let last = after(text, range.end);
    let ahead = first.and_then(|c| before(text, range.start - c.len_utf8()));
    let behind = last.and_then(|c| after(text, range.end + c.len_utf8()));
    first.is_none_or(|c| !joined(c))
        && last.is_none_or(|c| !joined(c))
        && !decimal(first, ahead)
        && !decimal(last, behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(range: Range<usize>) -> Vec<Range<usize>> {
        std::iter::once(range).collect()
    }

    fn cards(text: &str) -> Vec<Range<usize>> {
        let tokens = Tokens::of(text);
        super::cards(&tokens, &tokens.digits.chains(text))
    }

    fn phones(text: &str) -> Vec<Range<usize>> {
        let tokens = Tokens::of(text);
        super::phones(&tokens, &tokens.digits.chains(text))
    }

    fn accounts(text: &str) -> Vec<Range<usize>> {
        super::accounts(&Tokens::of(text))
    }

    #[test]
    fn checks_tell_cards_and_accounts_from_other_numbers() {
        assert_eq!(
            cards("4111 1111 1111 1111, 4111 1111 1111 1112"),
            one(0..19)
        );
        assert!(is_iban("GB82 WEST 1234 5698 7654 32"));
        assert!(!is_iban("GB82 WEST 1234 5698 7654 33"));
        assert!(cards("0000 0000 0000 0000").is_empty());
    }

    #[test]
    fn dates_prices_and_measures_are_no_telephones() {
        for other in [
            "2024-02-29 10:45",
            "12/03/2024",
            "1,299.00",
            "3088 x 1440",
            "1.2345678",
            "0.00012345",
            "between 1999 and 2024",
            "1234 5678 9012 3456",
        ] {
            assert!(phones(other).is_empty(), "{other}");
        }
        assert_eq!(phones("ring 555 01 47, ok"), one(5..14));
    }

    #[test]
    fn a_count_is_no_number_of_an_order() {
        for other in [
            "order 1500 units",
            "the case in 2024",
            "account for 30 percent",
            "ticket 12",
        ] {
            assert!(accounts(other).is_empty(), "{other}");
        }
        assert_eq!(accounts("order no. 1500 units"), one(10..14));
    }
}
