//! Which stretches of a text can be a label, and how telling each is.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::terms::Weights;
use crate::words::{
    BOUNDARIES, HEDGES, LEADS, PREDICATES, STOPWORDS, SUBORDINATORS, VAGUE, WEAK_ENDS, Word,
    clauses,
};

/// Words in a label.
const SHORTEST: usize = 2;
/// Words in a label.
const LONGEST: usize = 9;
/// Added for a whole clause, which reads as it was said.
const WHOLE: f64 = 0.3;
/// Added for a verb or a negator: without one, nothing is said of anything.
const CLAIMS: f64 = 0.3;
/// Taken off for each word that says nothing about the group.
const IDLE: f64 = 0.08;
/// Taken off for beginning after a word that belongs to the first.
const TORN: f64 = 0.15;
/// Taken off for pointing at something said elsewhere.
const POINTS: f64 = 0.2;
/// Taken off for standing in a clause that hangs on another one.
const HANGS: f64 = 0.25;

/// A stretch of a text that can be a label.
pub(crate) struct Stretch {
    /// Where it stands in the text, in bytes.
    pub(crate) range: Range<usize>,
    /// How telling of the group it is and how well it reads.
    pub(crate) worth: f64,
}

/// Every stretch of a text that can be a label.
pub(crate) fn stretches(text: &str, weights: &Weights) -> Vec<Stretch> {
    let clauses = clauses(text);
    let each = clauses.iter().flat_map(|clause| {
        let weights: Vec<f64> = clause.iter().map(|word| weights.of(word)).collect();
        slices(clause).filter_map(move |slice| {
            Some(Stretch {
                worth: worth(clause, &slice, &weights),
                range: bytes(clause.get(slice)?)?,
            })
        })
    });
    each.collect()
}

/// The first words of the longest clause: what there is where no stretch can be
/// a label.
pub(crate) fn first_words(text: &str) -> Option<Range<usize>> {
    let clause = clauses(text)
        .into_iter()
        .max_by_key(|clause| clause.len().min(LONGEST))?;
    bytes(clause.get(..LONGEST).unwrap_or(&clause))
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
    let next = clause.get(start + 1);
    // "I did n't": what is written apart leans on the word before it.
    let apart = next.is_some_and(|next| next.folded == "n't");
    let keeps_claim = word.negates() || word.bends(next) || apart;
    if BOUNDARIES.has(word) || (HEDGES.has(word) && !keeps_claim) {
        return false;
    }
    // "53 | have to": a number that counts nothing has strayed in.
    let strayed = word.is_number() && !next.is_some_and(Word::is_content);
    if word.folded == "n't" || strayed {
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
    (left.is_number() || left.is_content() && !HEDGES.has(left))
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

/// How telling and how readable a slice is; `weights` are those of the clause's
/// words.
fn worth(clause: &[Word], slice: &Range<usize>, weights: &[f64]) -> f64 {
    let inside = &clause[slice.clone()];
    let weighed = || inside.iter().zip(&weights[slice.clone()]);
    let mut told = BTreeSet::new();
    let telling: f64 = weighed()
        .filter(|(word, _)| told.insert(word.stem()))
        .map(|(_, weight)| weight)
        .sum();
    // Two telling words make a label; more of them add less and less.
    let telling = telling / (1.0 + telling / 2.0);
    let idle = weighed()
        .filter(|(word, weight)| **weight < 0.1 && !STOPWORDS.has(word))
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
    let claims = inside
        .iter()
        .any(|word| word.negates() || PREDICATES.has(word));
    let hangs = clause.iter().take(2).any(|word| SUBORDINATORS.has(word));
    let added = |holds: bool, worth: f64| if holds { worth } else { 0.0 };
    telling + length + added(whole, WHOLE) + added(claims, CLAIMS)
        - IDLE * idle
        - added(torn, TORN)
        - added(inside.iter().any(|word| VAGUE.has(word)), POINTS)
        - added(hangs, HANGS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_label_lies_within_one_clause(text in "[a-zé,.' \n🙂]{0,80}|\\PC{0,60}") {
            for stretch in stretches(&text, &Weights::default()) {
                prop_assert!(text.get(stretch.range.clone()).is_some());
                let within = clauses(&text).iter().filter_map(|clause| bytes(clause)).any(|clause| {
                    clause.start <= stretch.range.start && stretch.range.end <= clause.end
                });
                prop_assert!(within && stretch.worth.is_finite());
            }
        }
    }
}
