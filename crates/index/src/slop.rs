//! Words that stand near each other.
//!
//! The places of a phrase's words, each counted from where it would stand if the
//! phrase were there in a row, lie within so many words: the number of moves from
//! the phrase, as search engines count it (Lucene's `SloppyPhraseMatcher`). One
//! word between two is one move, two words changing places are two. The engine's
//! own count (0.27) depends, for three words and more, on which of them is rarest
//! in the segment at hand, and so on the history of the index.

use std::ops::Range;

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

/// One word of the phrase in a text: how far it stands from where the phrase
/// would begin, and which word it is. Ordered by the first.
pub(crate) type Step = (i64, usize);

/// The ranges of `steps`, which are in order, that hold each of `words` words and
/// span at most `slop`; ranges that overlap are made one. Linear in `steps`.
pub(crate) fn near(steps: &[Step], words: usize, slop: u8) -> Vec<Range<usize>> {
    let mut held = vec![0_usize; words];
    let mut missing = words;
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    for (to, (place, word)) in steps.iter().enumerate() {
        if let Some(held) = held.get_mut(*word) {
            missing -= usize::from(*held == 0);
            *held += 1;
        }
        while let Some((first, word)) = steps.get(from)
            && place - first > i64::from(slop)
        {
            if let Some(held) = held.get_mut(*word) {
                *held -= 1;
                missing += usize::from(*held == 0);
            }
            from += 1;
        }
        if missing == 0 {
            match found.last_mut() {
                Some(last) if from <= last.end => last.end = to + 1,
                _ => found.push(from..to + 1),
            }
        }
    }
    found
}

/// The quotes in which `terms`, two or more and all different, are near each
/// other. It does not score.
#[derive(Debug, Clone)]
pub(crate) struct Near {
    pub(crate) terms: Vec<Term>,
    pub(crate) slop: u8,
}

impl Query for Near {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Near {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut postings = Vec::with_capacity(self.terms.len());
        for term in &self.terms {
            let inverted = reader.inverted_index(term.field())?;
            let option = IndexRecordOption::WithFreqsAndPositions;
            match inverted.read_postings(term, option)? {
                Some(found) => postings.push(found),
                None => return Ok(Box::new(EmptyScorer)),
            }
        }
        let mut scorer = NearScorer {
            postings,
            slop: self.slop,
            doc: TERMINATED,
            positions: Vec::new(),
            steps: Vec::new(),
        };
        scorer.settle();
        Ok(Box::new(scorer))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("words near each other", 0.0))
    }
}

struct NearScorer {
    /// In the order of the phrase.
    postings: Vec<SegmentPostings>,
    slop: u8,
    doc: DocId,
    positions: Vec<u32>,
    steps: Vec<Step>,
}

impl NearScorer {
    /// Goes on from where the words are now to the next quote that matches.
    fn settle(&mut self) {
        while let Some(doc) = self.common() {
            if self.is_near() {
                self.doc = doc;
                return;
            }
            if let Some(first) = self.postings.first_mut() {
                first.advance();
            }
        }
        self.doc = TERMINATED;
    }

    /// The next quote, from where the first word is now, that holds all words.
    fn common(&mut self) -> Option<DocId> {
        let mut target = self.postings.first()?.doc();
        while target != TERMINATED {
            let mut all = true;
            for postings in &mut self.postings {
                if postings.doc() < target {
                    postings.seek(target);
                }
                if postings.doc() > target {
                    target = postings.doc();
                    all = false;
                    break;
                }
            }
            if all {
                return Some(target);
            }
        }
        None
    }

    fn is_near(&mut self) -> bool {
        self.steps.clear();
        for (word, postings) in self.postings.iter_mut().enumerate() {
            postings.positions(&mut self.positions);
            let places = self.positions.iter();
            self.steps
                .extend(places.map(|place| (i64::from(*place) - word as i64, word)));
        }
        self.steps.sort_unstable();
        !near(&self.steps, self.postings.len(), self.slop).is_empty()
    }
}

impl DocSet for NearScorer {
    fn advance(&mut self) -> DocId {
        if self.doc != TERMINATED
            && let Some(first) = self.postings.first_mut()
        {
            first.advance();
            self.settle();
        }
        self.doc
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target
            && let Some(first) = self.postings.first_mut()
        {
            if first.doc() < target {
                first.seek(target);
            }
            self.settle();
        }
        self.doc
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let rarest = self.postings.iter().map(DocSet::size_hint).min();
        rarest.unwrap_or_default()
    }
}

impl Scorer for NearScorer {
    fn score(&mut self) -> Score {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Steps of the words of `text` that are letters of `phrase`.
    fn steps(phrase: &str, text: &str) -> Vec<Step> {
        let mut steps: Vec<Step> = text
            .chars()
            .enumerate()
            .filter_map(|(place, c)| {
                let word = phrase.find(c)?;
                Some((place as i64 - word as i64, word))
            })
            .collect();
        steps.sort_unstable();
        steps
    }

    /// The least moves by trying every choice of places.
    fn least(phrase: &str, text: &str) -> Option<i64> {
        let mut choices: Vec<(i64, i64)> = vec![(i64::MAX, i64::MIN)];
        for (word, c) in phrase.chars().enumerate() {
            let places: Vec<i64> = text
                .chars()
                .enumerate()
                .filter(|(_, other)| *other == c)
                .map(|(place, _)| place as i64 - word as i64)
                .collect();
            choices = choices
                .iter()
                .flat_map(|(low, high)| places.iter().map(|p| (*low.min(p), *high.max(p))))
                .collect();
        }
        choices.iter().map(|(low, high)| high - low).min()
    }

    #[test]
    fn one_word_between_is_one_move_and_a_swap_is_two() {
        let moves = |text: &str| (0..9).find(|slop| !near(&steps("ab", text), 2, *slop).is_empty());
        assert_eq!(moves("xabx"), Some(0));
        assert_eq!(moves("axb"), Some(1));
        assert_eq!(moves("ba"), Some(2));
        assert_eq!(moves("bxa"), Some(3));
        assert_eq!(moves("aaa"), None);
    }

    proptest! {
        #[test]
        fn near_is_what_some_choice_of_places_allows(text in "[abcx]{0,12}", slop in 0_u8..8) {
            let by_hand = least("abc", &text).is_some_and(|moves| moves <= i64::from(slop));
            prop_assert_eq!(!near(&steps("abc", &text), 3, slop).is_empty(), by_hand);
        }
    }
}
