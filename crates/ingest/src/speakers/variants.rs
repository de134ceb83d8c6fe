//! Spellings of one speaker's label: "Dana", "DANA", "Dana O.", "Dana Ortiz".
//!
//! Spellings that differ in capitals and punctuation alone are one. A shorter
//! name is the longer one that begins with it, if there is only one such and the
//! two do not talk to each other. Nothing is guessed beyond that.

use std::collections::BTreeMap;

use super::labels::{is_generic, is_unidentified, words};

/// One label of a document.
#[derive(Default)]
pub(super) struct Label<'t> {
    pub(super) label: &'t str,
    pub(super) turns: usize,
    /// Turns of other labels just before or after its own, by index of the label.
    pub(super) beside: BTreeMap<usize, usize>,
}

/// The people behind `labels`: indices of the labels of each, the fullest label
/// first, people in order of first appearance. `apart` says of two labels that
/// they cannot be one person.
pub(super) fn people(
    labels: &[Label<'_>],
    apart: &dyn Fn(usize, usize) -> bool,
) -> Vec<Vec<usize>> {
    let spelt: Vec<Vec<String>> = labels.iter().map(|one| words(one.label)).collect();
    let mut order: Vec<usize> = (0..labels.len()).collect();
    let fullness = |index: usize| {
        let words = spelt.get(index).map_or(&[][..], Vec::as_slice);
        let letters: usize = words.iter().map(String::len).sum();
        let turns = labels.get(index).map_or(0, |one| one.turns);
        (words.len(), letters, turns)
    };
    order.sort_by_key(|index| (std::cmp::Reverse(fullness(*index)), *index));
    let mut people: Vec<Vec<usize>> = Vec::new();
    let mut by_spelling: BTreeMap<&[String], usize> = BTreeMap::new();
    let mut by_start: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for index in order {
        let (Some(label), Some(words)) = (labels.get(index), spelt.get(index)) else {
            continue;
        };
        let named = !is_unidentified(label.label);
        let same = by_spelling.get(words.as_slice()).copied();
        let fits = |person: &usize| {
            people
                .get(*person)
                .is_some_and(|known| !known.iter().any(|other| apart(index, *other)))
        };
        let found = match same.filter(|_| named) {
            Some(person) => Some(person).filter(fits),
            None => longer(&by_start, words, |person, start| {
                named
                    && people.get(person).is_some_and(|known| {
                        known.iter().any(|other| extends(words, &spelt, *other))
                            && (!start || !talk_to_each_other(label, known))
                    })
            })
            .filter(fits),
        };
        match found {
            Some(person) => {
                if let Some(known) = people.get_mut(person) {
                    known.push(index);
                }
            }
            None => {
                let person = people.len();
                people.push(vec![index]);
                by_spelling.entry(words).or_insert(person);
                if let Some(first) = words.first().filter(|_| named) {
                    by_start.entry(first).or_default().push(person);
                }
            }
        }
        if let Some(person) = found {
            by_spelling.entry(words).or_insert(person);
        }
    }
    people.sort_by_key(|labels| labels.iter().min().copied());
    people
}

/// The one person whose label goes on where `words` end, if there is just one.
fn longer(
    by_start: &BTreeMap<&str, Vec<usize>>,
    words: &[String],
    is: impl Fn(usize, bool) -> bool,
) -> Option<usize> {
    let first = words.first()?;
    if first.chars().count() < 2 || is_generic(first) {
        return None;
    }
    let known = by_start.get(first.as_str())?;
    let mut goes_on = known.iter().filter(|person| is(**person, false));
    let one = goes_on.next().copied();
    one.filter(|person| goes_on.next().is_none() && is(*person, true))
}

/// True if the label at `other` is `words` and more, or spells out its last
/// initial.
fn extends(words: &[String], spelt: &[Vec<String>], other: usize) -> bool {
    let Some(full) = spelt.get(other) else {
        return false;
    };
    let Some((last, before)) = words.split_last() else {
        return false;
    };
    let rest = full.get(words.len()..).unwrap_or_default();
    let initial = !before.is_empty() && last.chars().count() == 1;
    full.starts_with(before)
        && full
            .get(before.len())
            .is_some_and(|word| word == last || (initial && word.starts_with(last.as_str())))
        && rest
            .iter()
            .all(|word| word.chars().all(char::is_alphabetic))
}

/// True if the turns of `label` stand beside those of `others` half of the time:
/// then these are two people in conversation.
fn talk_to_each_other(label: &Label<'_>, others: &[usize]) -> bool {
    let beside: usize = others
        .iter()
        .filter_map(|other| label.beside.get(other))
        .sum();
    beside > 0 && beside >= label.turns
}
