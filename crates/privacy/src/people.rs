//! Names of people: those who are known, and those whom a text introduces.

use std::collections::BTreeSet;

use throughline_core::Span;

use crate::cues::{self, Then};
use crate::lexicon::{Sorts, sorts};
use crate::lists::BRANDS;
use crate::roster::Roster;
use crate::tokens::{Shape, Tokens, bare};

/// Words of the longest name that is introduced.
const WORDS: usize = 4;
/// Tokens that may stand between "a lady" and "called".
const REACH: usize = 10;

/// Sounds that may stand between a cue and the name.
const HESITATIONS: usize = 6;

/// Names of people in a text.
#[derive(Debug, Default)]
pub(crate) struct People {
    /// Where they stand, in order; they do not overlap.
    pub(crate) spans: Vec<Span>,
    /// The names that the text itself introduces.
    pub(crate) introduced: Vec<String>,
}

/// Finds the names in `tokens`: first those that something introduces, then,
/// everywhere, those and the ones in `rosters`.
pub(crate) fn people(tokens: &Tokens<'_>, rosters: &[&Roster]) -> People {
    let mut introduced: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < tokens.list.len() {
        match introduced_at(tokens, at) {
            Some((from, to)) => {
                introduced.push((from, to));
                // "Pablo and Hana Kimura"
                if matches!(tokens.said(to), "and" | "or" | "&")
                    && let Some(end) = name_at(tokens, to + 1)
                    && words(tokens, to + 1, end) >= 2
                {
                    introduced.push((to + 1, end));
                    at = end;
                    continue;
                }
                at = to.max(at + 1);
            }
            None => at += 1,
        }
    }
    let mut local = Roster::default();
    let mut names = Vec::new();
    let mut known = BTreeSet::new();
    for (from, to) in &introduced {
        let name = slice(tokens, *from, *to);
        if known.insert(name) {
            local.add_name(&crate::roster::key_as_written(name));
        }
        names.push(name.to_owned());
    }
    let mut spans: Vec<(usize, usize)> = introduced;
    let mut at = 0;
    while at < tokens.list.len() {
        let known = rosters.iter().copied().chain([&local]);
        let end = known.filter_map(|roster| roster.name_at(tokens, at)).max();
        if let Some(end) = end {
            spans.push((at, end));
        }
        at = end.unwrap_or(at + 1);
    }
    People {
        spans: merged(tokens, spans),
        introduced: names,
    }
}

/// The name that a cue, a title or its own first word gives away at token `at`:
/// where it begins and ends.
fn introduced_at(tokens: &Tokens<'_>, at: usize) -> Option<(usize, usize)> {
    let token = tokens.list.get(at)?;
    if !token.capital && !token.sorts.any(Sorts::LEADS) {
        return None;
    }
    titled(tokens, at)
        .or_else(|| after_cue(tokens, at))
        .or_else(|| after_relation(tokens, at))
        .or_else(|| after_called(tokens, at))
        .or_else(|| in_field(tokens, at))
        .or_else(|| from_department(tokens, at))
        .or_else(|| by_given_name(tokens, at))
}

/// "Mrs Abernathy", "Mr and Mrs Featherstone": the title is part of it.
fn titled(tokens: &Tokens<'_>, at: usize) -> Option<(usize, usize)> {
    if !tokens.is_capital(at) || !is(tokens, at, Sorts::TITLE) {
        return None;
    }
    let mut next = at + 1;
    if tokens.said(next) == "." {
        next += 1;
    }
    if matches!(tokens.said(next), "and" | "&") && is(tokens, next + 1, Sorts::TITLE) {
        next += 2;
        if tokens.said(next) == "." {
            next += 1;
        }
    }
    let end = name_at(tokens, next).filter(|_| tokens.follows(next))?;
    Some((at, end))
}

/// A cue that ends in token `at`, and the name after it.
fn after_cue(tokens: &Tokens<'_>, at: usize) -> Option<(usize, usize)> {
    if !is(tokens, at, Sorts::CUE) {
        return None;
    }
    cues::ending_in(tokens.said(at))
        .iter()
        .filter(|cue| {
            cue.before.iter().enumerate().all(|(back, word)| {
                at.checked_sub(back + 1)
                    .is_some_and(|before| tokens.said(before) == *word)
            })
        })
        .find_map(|cue| name_after(tokens, at, cue.then))
}

fn name_after(tokens: &Tokens<'_>, at: usize, then: Then) -> Option<(usize, usize)> {
    let mut from = at + 1;
    let comma = matches!(tokens.said(from), "," | "—" | "–");
    if comma {
        from += 1;
    }
    if then == Then::Last {
        // "Kind regards,\nHenrik Salo"
        let end = name_at(tokens, from).filter(|_| comma || tokens.begins_line(from))?;
        let closed = tokens.ends_line(end) || matches!(tokens.said(end), "\"" | "”" | "'" | "’");
        return closed.then_some((from, end));
    }
    for _ in 0..HESITATIONS {
        if matches!(tokens.said(from), "um" | "uh" | "er" | "erm" | "…") {
            from += 1;
        }
    }
    if tokens.begins_line(from) {
        return None;
    }
    let Some(end) = name_at(tokens, from) else {
        return in_small_letters(tokens, from, then);
    };
    let next = tokens.said(end);
    let count = words(tokens, from, end);
    let given = is_given(tokens, from);
    let holds = match then {
        Then::Name => true,
        Then::Being => {
            count >= 2
                || given
                || (next == "," && !tokens.ends_line(end))
                || cues::is_presence(next)
        }
        Then::Presence => given || cues::is_presence(next),
        Then::Closed => {
            tokens.ends_line(end)
                || matches!(
                    next,
                    "," | "." | "!" | "?" | ":" | ";" | "\"" | "”" | "-" | "–" | "—"
                )
        }
        Then::Last => false,
    };
    holds.then_some((from, end))
}

/// "hi its kayleigh from upstairs": no capital, but what is said of them says
/// that it is somebody.
fn in_small_letters(tokens: &Tokens<'_>, at: usize, then: Then) -> Option<(usize, usize)> {
    let token = tokens
        .list
        .get(at)
        .filter(|token| token.shape == Shape::Word)?;
    let word = bare(tokens.said(at));
    if token.bare.any(Sorts::ORDINARY | Sorts::ROLE) || tokens.said(at).chars().count() < 3 {
        return None;
    }
    let next = tokens.said(at + 1);
    let present = matches!(next, "from" | "speaking" | "calling" | "here");
    let participle = ["ing", "ed", "ly", "ent", "able"]
        .iter()
        .any(|end| word.ends_with(end));
    let holds = match then {
        Then::Being | Then::Presence => present && !participle,
        Then::Name => token.bare.any(Sorts::GIVEN),
        Then::Closed | Then::Last => false,
    };
    holds.then_some((at, at + 1))
}

/// "my husband Gareth", "my daughter, Niamh, …".
fn after_relation(tokens: &Tokens<'_>, at: usize) -> Option<(usize, usize)> {
    if !is(tokens, at, Sorts::RELATION) {
        return None;
    }
    let near = |back: usize| {
        at.checked_sub(back)
            .is_some_and(|at| cues::is_possessive(tokens.said(at)))
    };
    if !near(1) && !near(2) {
        return None;
    }
    let from = if tokens.said(at + 1) == "," {
        at + 2
    } else {
        at + 1
    };
    let end = name_at(tokens, from).filter(|_| tokens.follows(from))?;
    Some((from, end))
}

/// "a chap called Declan", "the person I spoke to was called Tobias".
fn after_called(tokens: &Tokens<'_>, at: usize) -> Option<(usize, usize)> {
    if !is(tokens, at, Sorts::CALLED) {
        return None;
    }
    let somebody = (at.saturating_sub(REACH)..at).rev().find_map(|back| {
        let said = tokens.said(back);
        if matches!(said, "." | "!" | "?") {
            return Some(false);
        }
        cues::is_person(said).then_some(true)
    });
    let end = name_at(tokens, at + 1).filter(|_| somebody == Some(true))?;
    Some((at + 1, end))
}

/// "Name: Bartholomew Quist".
fn in_field(tokens: &Tokens<'_>, at: usize) -> Option<(usize, usize)> {
    if !is(tokens, at, Sorts::FIELD) || tokens.said(at + 1) != ":" {
        return None;
    }
    let begins = tokens.begins_line(at)
        || matches!(
            tokens.said(at.saturating_sub(1)),
            "first" | "last" | "full" | "your"
        );
    let end = name_at(tokens, at + 2).filter(|_| begins && !tokens.begins_line(at + 2))?;
    (tokens.ends_line(end) || tokens.said(end) == ",").then_some((at + 2, end))
}

/// "Imogen from billing".
fn from_department(tokens: &Tokens<'_>, at: usize) -> Option<(usize, usize)> {
    let end = name_at(tokens, at)?;
    (tokens.said(end) == "from"
        && cues::is_department(tokens.said(end + 1))
        && !tokens.begins_sentence(at))
    .then_some((at, end))
}

/// "Sarah", "Jennifer Lodge": a given name, with what follows it.
fn by_given_name(tokens: &Tokens<'_>, at: usize) -> Option<(usize, usize)> {
    if !tokens.is_capital(at) {
        return None;
    }
    let end = name_at(tokens, at)?;
    let word = bare(tokens.said(at));
    if is_given(tokens, at)
        || word
            .split_once('-')
            .is_some_and(|(first, _)| sorts(first).any(Sorts::GIVEN))
    {
        return (!is_brand(tokens, at)).then_some((at, end));
    }
    // "I met Rose Whitfield": a word that is also a name, with a surname.
    let mixed = at + 2 <= end
        && is_bare(tokens, at, Sorts::AMBIGUOUS)
        && !tokens.begins_sentence(at)
        && !is_bare(tokens, at + 1, Sorts::AMBIGUOUS)
        && !is_all_capitals(tokens, at + 1)
        && !is_brand(tokens, at)
        && is_given_or_unlisted_surname(tokens, at + 1);
    mixed.then_some((at, end))
}

/// A surname that stands after a doubtful given name must not be a thing in the
/// plural or an abbreviation.
fn is_given_or_unlisted_surname(tokens: &Tokens<'_>, at: usize) -> bool {
    is_given(tokens, at) || tokens.said(at).chars().count() >= 4
}

fn is_all_capitals(tokens: &Tokens<'_>, at: usize) -> bool {
    let token = &tokens.list[at];
    let word = &tokens.text[token.start..token.end];
    word.chars().count() > 1 && !word.chars().any(char::is_lowercase)
}

fn is_brand(tokens: &Tokens<'_>, at: usize) -> bool {
    let pair = |first: usize| {
        BRANDS.contains(format!("{} {}", tokens.said(first), tokens.said(first + 1)).as_str())
    };
    pair(at) || at.checked_sub(1).is_some_and(pair)
}

/// The token after the name that could begin at token `at`: words with capitals
/// that are no ordinary words, with what belongs between them.
fn name_at(tokens: &Tokens<'_>, at: usize) -> Option<usize> {
    let first = tokens.list.get(at)?;
    let handle = first.shape == Shape::Word && is_name_word(tokens, at);
    if !handle {
        return None;
    }
    let mut end = at + 1;
    let mut count = 1;
    while count < WORDS && tokens.follows(end) {
        if bare(tokens.said(end - 1)).len() < tokens.said(end - 1).len() {
            break;
        }
        let mut next = end;
        let mut particles = 0;
        while particles < 3 && cues::is_particle(tokens.said(next)) && tokens.follows(next + 1) {
            next += 1;
            particles += 1;
        }
        if !is_name_word(tokens, next) || !tokens.follows(next) {
            // "Dana K." and "Dana K. Smith"
            let initial = is_initial(tokens, end);
            if initial && is_name_word(tokens, end + 2) && tokens.follows(end + 2) {
                end += 3;
                count += 2;
                continue;
            }
            if initial {
                end += 1;
            }
            break;
        }
        end = next + 1;
        count += 1;
    }
    Some(end)
}

fn is_initial(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.is_capital(at)
        && tokens.said(at).chars().count() == 1
        && tokens.said(at + 1) == "."
        && tokens.said(at) != "i"
}

fn is_name_word(tokens: &Tokens<'_>, at: usize) -> bool {
    let Some(token) = tokens.list.get(at) else {
        return false;
    };
    if !token.capital
        || token.bare.any(Sorts::ORDINARY | Sorts::TITLE)
        || (token.bare.any(Sorts::ROLE) && !token.bare.any(Sorts::GIVEN))
    {
        return false;
    }
    let word = bare(tokens.said(at));
    word.chars().nth(1).is_some() && !is_contraction(word)
}

fn is_contraction(word: &str) -> bool {
    ["n't", "'ll", "'ve", "'re", "'d", "'m"]
        .iter()
        .any(|end| word.ends_with(end))
}

fn is_given(tokens: &Tokens<'_>, at: usize) -> bool {
    is_bare(tokens, at, Sorts::GIVEN)
}

/// True if token `at`, as it stands, may be one of `sorts`.
fn is(tokens: &Tokens<'_>, at: usize, sorts: Sorts) -> bool {
    let token = tokens.list.get(at);
    token.is_some_and(|token| token.sorts.any(sorts))
}

/// True if token `at`, without the ending of a possessive, may be one of `sorts`.
fn is_bare(tokens: &Tokens<'_>, at: usize, sorts: Sorts) -> bool {
    let token = tokens.list.get(at);
    token.is_some_and(|token| token.bare.any(sorts))
}

/// Words of the name in a range of tokens; an initial is none.
fn words(tokens: &Tokens<'_>, from: usize, to: usize) -> usize {
    (from..to).filter(|at| tokens.is_capital(*at)).count()
}

fn slice<'t>(tokens: &Tokens<'t>, from: usize, to: usize) -> &'t str {
    let (Some(first), Some(last)) = (tokens.list.get(from), tokens.list.get(to.saturating_sub(1)))
    else {
        return "";
    };
    bare(&tokens.text[first.start..last.end])
}

/// Ranges of tokens as places in the text, in order, those that touch each
/// other made one, without the ending of a possessive.
fn merged(tokens: &Tokens<'_>, mut ranges: Vec<(usize, usize)>) -> Vec<Span> {
    ranges.sort_unstable();
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (from, to) in ranges {
        match joined.last_mut() {
            Some(last) if from < last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
        .into_iter()
        .filter_map(|(from, to)| {
            let start = tokens.list.get(from)?.start;
            Some(Span {
                start,
                end: start + slice(tokens, from, to).len(),
            })
        })
        .collect()
}
