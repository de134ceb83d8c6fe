//! What is left out of a passage at a time: a word, or neighbouring words.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use throughline_core::Span;
use unicode_segmentation::UnicodeSegmentation;

use crate::words::{ends_clause, rows};

/// Units of one passage, at most.
const MOST: usize = 24;
/// Stretches of one passage, at most.
const MOST_STRETCHES: usize = 8;

static LIGHT: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| rows(include_str!("light.txt")).collect());

/// A word, and the number of its clause.
struct Word {
    span: Span,
    clause: usize,
}

/// The units of `text` in their order, without overlap, at most [`MOST`]: the
/// smallest even groups of neighbouring words of a clause that are few enough;
/// where there are more clauses than that, groups of neighbouring words.
pub(super) fn units(text: &str) -> Vec<Span> {
    let mut words = words(text);
    words.retain(|word| !word.span.slice(text).is_some_and(is_light));
    let clauses: Vec<&[Word]> = words.chunk_by(|a, b| a.clause == b.clause).collect();
    if clauses.len() > MOST {
        return groups(&words, words.len().div_ceil(MOST)).collect();
    }
    let count = |size: usize| {
        clauses
            .iter()
            .map(|c| c.len().div_ceil(size))
            .sum::<usize>()
    };
    let longest = clauses.iter().map(|clause| clause.len()).max().unwrap_or(1);
    let size = (1..longest).find(|size| count(*size) <= MOST);
    let size = size.unwrap_or(longest);
    clauses.iter().flat_map(|c| groups(c, size)).collect()
}

/// The clauses of `text` in their order, at most [`MOST_STRETCHES`]: neighbours are
/// one where there are more. None where there is only one.
pub(super) fn stretches(text: &str) -> Vec<Span> {
    let words = words(text);
    let clauses = words.chunk_by(|a, b| a.clause == b.clause);
    let clauses: Vec<Word> = clauses.filter_map(whole).collect();
    if clauses.len() < 2 {
        return Vec::new();
    }
    groups(&clauses, clauses.len().div_ceil(MOST_STRETCHES)).collect()
}

/// All of a clause as if it were one word.
fn whole(clause: &[Word]) -> Option<Word> {
    let (first, last) = (clause.first()?, clause.last()?);
    Some(Word {
        span: Span {
            start: first.span.start,
            end: last.span.end,
        },
        clause: first.clause,
    })
}

/// `words` in as few groups of at most `size` as there can be, as even as can
/// be, each from its first word to its last.
fn groups(words: &[Word], size: usize) -> impl Iterator<Item = Span> {
    let groups = words.len().div_ceil(size);
    (0..groups).filter_map(move |group| {
        let (start, end) = (
            group * words.len() / groups,
            (group + 1) * words.len() / groups,
        );
        let group = words.get(start..end)?;
        Some(Span {
            start: group.first()?.span.start,
            end: group.last()?.span.end,
        })
    })
}

/// The words of `text` by Unicode's word boundaries; what a hyphen joins is one.
fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut clause, mut end_of_last) = (0, 0);
    for (start, raw) in text.unicode_word_indices() {
        let between = text.get(end_of_last..start).unwrap_or_default();
        let end = start + raw.len();
        let joined = matches!(between, "-" | "\u{2010}" | "\u{2011}") && end_of_last > 0;
        end_of_last = end;
        clause += usize::from(!joined && ends_clause(between));
        match words
            .last_mut()
            .filter(|last| joined && last.span.end + between.len() == start)
        {
            Some(last) => last.span.end = end,
            None => words.push(Word {
                span: Span { start, end },
                clause,
            }),
        }
    }
    words
}

fn is_light(word: &str) -> bool {
    LIGHT.contains(word.to_lowercase().replace(['’', 'ʼ'], "'").as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str) -> Vec<&str> {
        units(text)
            .iter()
            .map(|span| span.slice(text).unwrap())
            .collect()
    }

    #[test]
    fn light_words_are_not_tried_and_hyphens_join() {
        assert_eq!(
            parts("It’s not THE check-in, I don't think."),
            ["not", "check-in", "don't", "think"]
        );
        assert_eq!(parts("the of"), Vec::<&str>::new());
    }

    #[test]
    fn long_passages_are_tried_by_neighbours_within_a_clause() {
        let text = format!(
            "{}, {}",
            "slow ".repeat(31).trim(),
            "late ".repeat(3).trim()
        );
        let parts = parts(&text);
        assert_eq!(parts.len(), 18);
        assert_eq!(parts[0], "slow");
        assert!(parts[1..16].iter().all(|part| *part == "slow slow"));
        assert_eq!(parts[16..], ["late", "late late"]);
    }

    #[test]
    fn stretches_are_clauses_and_neighbours_where_they_are_many() {
        let text = "It froze, so I left. Twice!";
        let found: Vec<_> = stretches(text)
            .iter()
            .filter_map(|s| s.slice(text))
            .collect();
        assert_eq!(found, ["It froze", "so I left", "Twice"]);
        assert!(stretches("It froze again").is_empty());
        let text = "one, two, ".repeat(10);
        let found = stretches(&text);
        assert_eq!(found.len(), 7);
        assert_eq!(found[0].slice(&text), Some("one, two"));
    }

    proptest! {
        #[test]
        fn units_are_few_apart_and_in_order(text in "([a-z]{1,6}[ ,.-]{1,2}){0,80}\\PC{0,20}") {
            let units = units(&text);
            prop_assert!(units.len() <= MOST);
            for span in &units {
                prop_assert!(!span.slice(&text).unwrap().trim().is_empty());
            }
            prop_assert!(units.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
    }
}
