use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Range;

use crate::Label;
use crate::terms::{Weights, weigh};
use crate::words::{
    BOUNDARIES, HEDGES, LEADS, Lexicon, PRAISE, STOPWORDS, TROUBLE, WEAK_ENDS, Word, clauses, words,
};

/// Words in a label.
const SHORTEST: usize = 2;
/// Words in a label.
const LONGEST: usize = 9;
/// A label is looked for among so many of the most typical members.
const READ: usize = 60;
/// What being near the centre weighs, against telling words.
const CENTRAL: f64 = 0.5;
/// Added for taking the same side, good or bad, as the group on the whole; twice
/// as much is taken off for the other side.
const SIDE: f64 = 0.3;
/// Added for a whole clause, which reads as it was said.
const WHOLE: f64 = 0.3;
/// Taken off for each word that says nothing about the group.
const IDLE: f64 = 0.08;
/// Taken off for beginning after a word that belongs to the first.
const TORN: f64 = 0.15;

/// What a group is called, with the member counted as in `texts`.
pub(crate) struct Name {
    pub(crate) label: Label,
    pub(crate) terms: Vec<String>,
}

/// Names every group by a slice of one of its members, no two alike. Members are
/// given most typical first.
pub(crate) fn name_groups(texts: &[&str], groups: &[Vec<usize>]) -> Vec<Name> {
    let weights = weigh(texts, groups);
    let mut taken = BTreeSet::new();
    groups
        .iter()
        .zip(weights)
        .map(|(members, weights)| {
            let label = choose(texts, members, &weights, &taken);
            let text = texts.get(label.member).copied().unwrap_or_default();
            taken.insert(spoken(text.get(label.range.clone()).unwrap_or_default()));
            Name {
                label,
                terms: weights.terms,
            }
        })
        .collect()
}

/// How a label sounds: two that sound the same are the same label.
fn spoken(label: &str) -> Vec<String> {
    words(label).into_iter().map(|word| word.folded).collect()
}

fn choose(
    texts: &[&str],
    members: &[usize],
    weights: &Weights,
    taken: &BTreeSet<Vec<String>>,
) -> Label {
    let read = || members.iter().take(READ);
    let sides = read()
        .filter_map(|m| texts.get(*m))
        .map(|text| side(&words(text)).signum());
    let good = sides.sum::<i32>() > 0;
    let mut best: Option<(f64, Label)> = None;
    for (rank, member) in read().enumerate() {
        let text = texts.get(*member).copied().unwrap_or_default();
        let central = CENTRAL / (1.0 + rank as f64 / 4.0);
        for clause in clauses(text) {
            for slice in slices(&clause) {
                let worth = central + worth(&clause, &slice, weights, good);
                let Some(range) = bytes(&clause[slice]) else {
                    continue;
                };
                let better = best.as_ref().is_none_or(|(most, _)| worth > *most);
                if better && !taken.contains(&spoken(&text[range.clone()])) {
                    let member = *member;
                    best = Some((worth, Label { member, range }));
                }
            }
        }
    }
    best.map(|(_, label)| label)
        .unwrap_or_else(|| plain(texts, members, taken))
}

/// Where no slice reads well: the first words of the most typical member whose
/// first words are not taken yet.
fn plain(texts: &[&str], members: &[usize], taken: &BTreeSet<Vec<String>>) -> Label {
    let first_words = |member: usize| {
        let clause = clauses(texts.get(member).copied().unwrap_or_default())
            .into_iter()
            .max_by_key(|clause| clause.len().min(LONGEST))?;
        let range = bytes(clause.get(..LONGEST).unwrap_or(&clause))?;
        Some(Label { member, range })
    };
    let free = |label: &Label| {
        let text = texts.get(label.member).copied().unwrap_or_default();
        !taken.contains(&spoken(text.get(label.range.clone()).unwrap_or_default()))
    };
    let found: Vec<Label> = members.iter().filter_map(|m| first_words(*m)).collect();
    found
        .iter()
        .find(|label| free(label))
        .or(found.first())
        .cloned()
        .unwrap_or(Label {
            member: members.first().copied().unwrap_or(0),
            range: 0..0,
        })
}

fn bytes(words: &[Word]) -> Option<Range<usize>> {
    Some(words.first()?.range.start..words.last()?.range.end)
}

/// Every stretch of a clause that can stand as a label.
fn slices(clause: &[Word]) -> impl Iterator<Item = Range<usize>> + '_ {
    let lengths = move |start: usize| (start + SHORTEST)..=(start + LONGEST).min(clause.len());
    (0..clause.len())
        .filter(|start| may_begin(clause, *start))
        .flat_map(move |start| lengths(start).map(move |end| start..end))
        .filter(|slice| may_end(clause, slice.end) && stands(clause, slice))
}

fn may_begin(clause: &[Word], start: usize) -> bool {
    let word = &clause[start];
    let keeps_claim = word.negates() || word.bends(clause.get(start + 1));
    if BOUNDARIES.has(word) || (HEDGES.has(word) && !keeps_claim) {
        return false;
    }
    // "service | desk": a noun is not cut in two.
    let before = start.checked_sub(1).and_then(|at| clause.get(at));
    !before.is_some_and(|before| cuts(before, word))
}

fn may_end(clause: &[Word], end: usize) -> bool {
    let last = &clause[end - 1];
    if WEAK_ENDS.has(last) || last.folded.ends_with("n't") {
        return false;
    }
    // "a couple | of requests"
    !clause
        .get(end)
        .is_some_and(|next| next.folded == "of" || cuts(last, next))
}

/// True if two words that stand side by side are likely one phrase: two words
/// of content, or a number and what it counts.
fn cuts(left: &Word, right: &Word) -> bool {
    let counts = left.folded.starts_with(|c: char| c.is_ascii_digit());
    (counts || left.is_content() && !HEDGES.has(left))
        && right.is_content()
        && !right.folded.ends_with("ly")
}

/// True if the slice says what its clause says: it has something to tell, keeps
/// every negator of the clause, and every modal that stands before it.
fn stands(clause: &[Word], slice: &Range<usize>) -> bool {
    let bent = |at: usize| clause[at].negates() || clause[at].bends(clause.get(at + 1));
    clause[slice.clone()].iter().any(Word::is_content)
        && !(0..slice.start).any(bent)
        && !clause[slice.end..].iter().any(Word::negates)
}

/// How telling and how readable a slice is.
fn worth(clause: &[Word], slice: &Range<usize>, weights: &Weights, good: bool) -> f64 {
    let inside = &clause[slice.clone()];
    let mut told = BTreeSet::new();
    let telling: f64 = inside
        .iter()
        .filter(|word| told.insert(word.stem()))
        .map(|word| weights.of(word))
        .sum();
    // Two telling words make a label; more of them add less and less.
    let telling = telling / (1.0 + telling / 2.0);
    let idle = inside
        .iter()
        .filter(|word| weights.of(word) < 0.1 && !STOPWORDS.has(word))
        .count() as f64;
    let length = match slice.len() {
        2 => -0.15,
        3..=6 => 0.0,
        more => -0.06 * (more as f64 - 6.0),
    };
    let torn = slice.start > 0 && LEADS.has(&clause[slice.start - 1]);
    let whole = slice.end == clause.len()
        && clause[..slice.start]
            .iter()
            .all(|word| HEDGES.has(word) || BOUNDARIES.has(word));
    let side = match side(inside).cmp(&0) {
        Ordering::Equal => 0.0,
        Ordering::Greater if good => SIDE,
        Ordering::Less if !good => SIDE,
        _ => -2.0 * SIDE,
    };
    telling + length + side - IDLE * idle + if whole { WHOLE } else { 0.0 }
        - if torn { TORN } else { 0.0 }
}

/// Which side some words take: above 0 the good one, below 0 the bad one. A
/// negator turns praise into trouble, and is trouble where nothing is praised.
fn side(words: &[Word]) -> i32 {
    let count = |lexicon: &Lexicon| words.iter().filter(|word| lexicon.has(word)).count() as i32;
    let (praise, trouble) = (count(&PRAISE), count(&TROUBLE));
    if words.iter().any(Word::negates) {
        -1 - praise
    } else {
        praise - trouble
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn label(texts: &[&str]) -> String {
        let all: Vec<usize> = (0..texts.len()).collect();
        let name = name_groups(texts, &[all]).remove(0);
        texts[name.label.member][name.label.range].to_owned()
    }

    #[test]
    fn negators_and_modals_stay() {
        let cases = [
            (
                "I looked everywhere and could not find the price.",
                "could not find the price",
            ),
            ("Well, no one called me back.", "no one called me back"),
            (
                "I think the app doesn't save my work.",
                "the app doesn't save my work",
            ),
            (
                "We wish there were a dark mode, honestly.",
                "wish there were a dark mode",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(label(&[text, text, text]), expected);
        }
    }

    #[test]
    fn no_two_groups_share_a_label() {
        let texts = [
            "Late again.",
            "Late again.",
            "late again",
            "LATE AGAIN!",
            "Late again and cold.",
        ];
        let names = name_groups(&texts, &[vec![0, 1, 2], vec![3, 4]]);
        let spoken: Vec<_> = names
            .iter()
            .map(|name| spoken(&texts[name.label.member][name.label.range.clone()]))
            .collect();
        assert_eq!(spoken[0], ["late", "again"]);
        assert_ne!(spoken[0], spoken[1]);
    }

    #[test]
    fn a_text_that_reads_badly_still_has_a_label() {
        assert_eq!(label(&["…", "?"]), "");
        assert_eq!(label(&["It is."]), "It is");
        assert_eq!(label(&["Slow!"]), "Slow");
    }

    proptest! {
        #[test]
        fn a_label_lies_within_one_clause(text in "[a-zé,.' \n🙂]{0,80}|\\PC{0,60}") {
            let name = name_groups(&[&text], &[vec![0]]).remove(0);
            let label = text.get(name.label.range.clone());
            prop_assert!(label.is_some());
            let within = clauses(&text).iter().filter_map(|clause| bytes(clause)).any(|clause| {
                clause.start <= name.label.range.start && name.label.range.end <= clause.end
            });
            prop_assert!(within || name.label.range.is_empty());
        }
    }
}
