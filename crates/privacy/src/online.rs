//! E-mail addresses, web addresses that lead to one person, IP addresses,
//! handles.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use std::sync::LazyLock;

use crate::digits::Chain;
use crate::lexicon::Sorts;
use crate::pattern::{Pattern, after, before, join, just_before, part, pattern};
use crate::tokens::Tokens;

/// "dora dot finch at postbox dot com"
static SPOKEN_EMAIL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b[a-z0-9]+(?:(?:\s(?:dot|underscore|dash|hyphen)\s|[._-])[a-z0-9]+){0,3}\sat\s[a-z0-9-]+(?:\sdot\s[a-z0-9]+){1,3}\b",
    )
});
static URL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r#"(?i)\b(?:https?://|www\.|[a-z0-9][a-z0-9.-]*\.[a-z]{2,10}/)[^\s<>"“”«»]+"#)
});
static IPV4: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"));
static HANDLE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"@[A-Za-z_][A-Za-z0-9_]{2,30}"));

/// Characters that are read before the sign of an e-mail address, and after it.
const LOCAL: usize = 64;
const DOMAIN: usize = 253;

/// Bytes before the first "dot" of an address that is spelt out, and after it.
const SPOKEN_REACH: (usize, usize) = (240, 200);
/// Bytes of the longest handle.
const HANDLE_BYTES: usize = 32;
/// Bytes of the longest address of a machine.
const IPV6_BYTES: usize = 39;

/// Folders of a web address below which each person has their own.
const PERSONAL: &[&str] = &[
    "in",
    "u",
    "user",
    "users",
    "profile",
    "profiles",
    "member",
    "members",
    "people",
    "person",
    "account",
    "accounts",
    "contact",
    "contacts",
    "customer",
    "customers",
    "client",
    "clients",
];
/// Names in a query whose values are nobody else's.
const OWN: &[&str] = &[
    "auth", "code", "email", "id", "key", "mail", "name", "phone", "pwd", "session", "sid", "sig",
    "token", "uid", "user", "userid",
];

pub(crate) fn emails(tokens: &Tokens<'_>) -> Vec<Range<usize>> {
    let text = tokens.text;
    let mut found: Vec<_> = text
        .match_indices('@')
        .filter_map(|(at, _)| email_around(text, at))
        .collect();
    let mut parts = Vec::new();
    for (_, token) in tokens.signs(Sorts::DOT) {
        let (back, ahead) = SPOKEN_REACH;
        let near = part(text, token.start.saturating_sub(back), token.end + ahead);
        join(&mut parts, near);
    }
    found.extend(
        parts
            .into_iter()
            .flat_map(|part| SPOKEN_EMAIL.within(text, part)),
    );
    found
}

/// The address of which the sign at byte `at` is a part.
fn email_around(text: &str, at: usize) -> Option<Range<usize>> {
    let local = |c: char| c.is_alphanumeric() || "._%+'-".contains(c);
    let domain = |c: char| c.is_alphanumeric() || ".-".contains(c);
    let mut start = at;
    for (place, c) in text[..at].char_indices().rev().take(LOCAL) {
        if !local(c) {
            break;
        }
        start = place;
    }
    let mut end = at + 1;
    for (place, c) in text[at + 1..].char_indices().take(DOMAIN) {
        if !domain(c) {
            break;
        }
        end = at + 1 + place + c.len_utf8();
    }
    start += text[start..at].len() - text[start..at].trim_start_matches(['.', '\'', '-']).len();
    end = at + 1 + text[at + 1..end].trim_end_matches(['.', '-']).len();
    let dotted = text[at + 1..end].contains('.');
    (start < at && dotted).then_some(start..end)
}

pub(crate) fn handles(text: &str) -> Vec<Range<usize>> {
    let alone = |at| before(text, at).is_none_or(|c| c.is_whitespace() || "(\"'“[".contains(c));
    text.match_indices('@')
        .filter(|(at, _)| alone(*at))
        .filter_map(|(at, _)| HANDLE.at(text, part(text, at, at + HANDLE_BYTES)))
        .collect()
}

pub(crate) fn urls(tokens: &Tokens<'_>) -> Vec<Range<usize>> {
    let text = tokens.text;
    let slashes = text.match_indices('/').map(|(at, _)| at);
    let mut signs: Vec<usize> = slashes
        .chain(tokens.signs(Sorts::WWW).map(|(_, token)| token.start))
        .collect();
    signs.sort_unstable();
    // No address reaches over a blank: each sign is looked at with what is
    // around it up to one, and what was looked at once is not again.
    let ends = |c: char| c.is_whitespace() || "<>\"“”«»".contains(c);
    let (mut found, mut done) = (Vec::new(), 0);
    for at in signs {
        if at < done {
            continue;
        }
        let start = text[done..at].rfind(ends).map_or(done, |back| {
            let past = done + back;
            past + after(text, past).map_or(0, char::len_utf8)
        });
        done = text[at..].find(ends).map_or(text.len(), |ahead| at + ahead);
        found.extend(URL.within(text, start..done));
    }
    found
        .into_iter()
        .map(|range| {
            let trimmed = text[range.clone()]
                .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'', '’', '*']);
            range.start..range.start + trimmed.len()
        })
        .filter(|range| is_personal(&text[range.clone()]))
        .collect()
}

/// True if a web address holds what leads to one person: a query with a value
/// of theirs, a folder of theirs, or a long number or code.
fn is_personal(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (place, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = place.split_once('?').unwrap_or((place, ""));
    let mut parts = path.split('/');
    if parts.next().is_some_and(|host| host.contains('@')) {
        return true;
    }
    let mut personal = false;
    for part in parts {
        if !part.is_empty() && (personal || part.starts_with(['@', '~']) || is_code(part)) {
            return true;
        }
        personal = PERSONAL.contains(&part.to_lowercase().as_str());
    }
    let pair = |pair: &str| {
        pair.split_once('=').is_some_and(|(name, value)| {
            !value.is_empty() && (OWN.contains(&name.to_lowercase().as_str()) || is_code(value))
        })
    };
    query.split('&').any(pair) || fragment.split('&').any(pair)
}

/// True if a part of an address is no word: four digits in a row that are no
/// year, or ten letters and digits mixed.
fn is_code(part: &str) -> bool {
    let longest = part
        .split(|c: char| !c.is_ascii_digit())
        .max_by_key(|digits| digits.len())
        .unwrap_or_default();
    let year = longest.len() == 4 && (longest.starts_with("19") || longest.starts_with("20"));
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
    (longest.len() >= 4 && !year) || (digits >= 3 && letters >= 3 && digits + letters >= 10)
}

pub(crate) fn ips(text: &str, chains: &[Chain]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let dotted = chains
        .iter()
        .filter(|chain| chain.rows >= 4)
        .flat_map(|chain| IPV4.within(text, chain.range.clone()));
    for one in dotted {
        let joined = |c: char| c.is_alphanumeric() || c == '.';
        let after_dot = after(text, one.end) == Some('.')
            && after(text, one.end + 1).is_some_and(char::is_alphanumeric);
        let whole = before(text, one.start).is_none_or(|c| !joined(c))
            && after(text, one.end).is_none_or(|c| !c.is_alphanumeric())
            && !after_dot;
        let number = &text[one.clone()];
        if whole && number.parse::<Ipv4Addr>().is_ok() && !is_version(text, one.start) {
            found.push(one);
        }
    }
    found.extend(colons(text));
    found
}

/// Addresses with colons between groups of hexadecimal digits.
fn colons(text: &str) -> Vec<Range<usize>> {
    let other = |c: char| !c.is_ascii_hexdigit() && c != ':';
    let (mut found, mut done) = (Vec::new(), 0);
    for (at, _) in text.match_indices(':') {
        if at < done {
            continue;
        }
        let start = text[done..at].rfind(other).map_or(done, |back| {
            let past = done + back;
            past + after(text, past).map_or(0, char::len_utf8)
        });
        done = text[at..]
            .find(other)
            .map_or(text.len(), |ahead| at + ahead);
        let whole = &text[start..done];
        let one = if whole.ends_with("::") {
            whole
        } else {
            whole.trim_end_matches(':')
        };
        let range = start..start + one.len();
        let alone = before(text, range.start).is_none_or(|c| !c.is_alphanumeric())
            && after(text, range.end).is_none_or(|c| !c.is_alphanumeric());
        let digits = one.bytes().filter(u8::is_ascii_hexdigit).count();
        let fits = (4..=IPV6_BYTES).contains(&one.len());
        if fits && alone && digits >= 4 && one.parse::<Ipv6Addr>().is_ok() {
            found.push(range);
        }
    }
    found
}

fn is_version(text: &str, at: usize) -> bool {
    let before = just_before(text, at, 20);
    [
        "version", "firmware", "release", "build", "section", "chapter", "software", "driver",
        "update",
    ]
    .iter()
    .any(|word| before.contains(word))
        || before.trim_end().ends_with(" v")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(text: &str) -> Vec<Range<usize>> {
        super::urls(&Tokens::of(text))
    }

    fn ips(text: &str) -> Vec<Range<usize>> {
        super::ips(text, &Tokens::of(text).digits.chains(text))
    }

    fn slices(text: &str, ranges: Vec<Range<usize>>) -> Vec<&str> {
        ranges.into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn a_public_page_is_nobodys() {
        for public in [
            "https://shop.example/help",
            "https://shop.example/blog/2024/03/new-kettle?page=2",
            "www.shop.example/terms.",
        ] {
            assert!(urls(public).is_empty(), "{public}");
        }
        let own = "see (https://shop.example/users/dana), or https://x.example/a?token=zz!";
        assert_eq!(
            slices(own, urls(own)),
            [
                "https://shop.example/users/dana",
                "https://x.example/a?token=zz"
            ]
        );
    }

    #[test]
    fn times_and_versions_are_no_addresses_of_machines() {
        assert!(ips("at 12:30:45 with firmware 5.1.2.8 and 1.2.3.4.5 and 300.1.1.1").is_empty());
        let text = "from 10.0.0.1. and fe80::1:2ff.";
        assert_eq!(slices(text, ips(text)), ["10.0.0.1", "fe80::1:2ff"]);
    }
}
