//! A turn's words cut into passages: the units that are tagged and quoted.
//!
//! A passage is one to three sentences of one paragraph, 12 to 45 words where
//! the text allows it. Fewer than four words ("Yes.", "Right?") are no sentence
//! of their own but go with a neighbour, and a sentence that begins with "but"
//! stays with what it contrasts. All of it takes time linear in the text.

mod ascii;
mod clauses;
mod marks;
mod quotations;
mod sentences;

use std::ops::Range;

use sentences::Sentence;

/// Fewer words are a fragment, which goes with a neighbour.
const FRAGMENT: usize = 4;
/// A passage of fewer words takes the next sentence in.
const SHORT: usize = 12;
/// Sentences are gathered up to so many words.
const FULL: usize = 28;
/// More words than this are gathered only to keep a fragment company.
const LONG: usize = 45;
/// The most words of a passage; longer sentences are cut at a clause.
const MOST: usize = 60;
/// The most bytes of a passage gathered from several sentences.
const MOST_BYTES: usize = 1_200;
/// The most sentences of a passage.
const SENTENCES: usize = 3;

/// The passages of `text` in order: ranges without white space at their ends,
/// not overlapping, holding every character that is not white space, never
/// across a blank line.
pub(crate) fn passages(text: &str) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    for paragraph in paragraphs(text) {
        let sentences = sentences::sentences(text, paragraph);
        let units = units(text, sentences);
        gather(units, &mut all);
    }
    all
}

/// The sentences of `text` in order, fragments included: ranges without white
/// space at their ends, not overlapping, none across a blank line.
#[must_use]
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let paragraphs = paragraphs(text).into_iter();
    let sentences = paragraphs.flat_map(|paragraph| sentences::sentences(text, paragraph));
    sentences.map(|sentence| sentence.range).collect()
}

/// The stretches between blank lines.
fn paragraphs(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<Range<usize>> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let range = at..at + line.len();
        at = range.end;
        if line.trim().is_empty() {
            found.extend(open.take());
        } else {
            let start = open.map_or(range.start, |open| open.start);
            open = Some(start..range.end);
        }
    }
    found.extend(open);
    found
}

/// What is never parted: a sentence with its fragments and its contrast.
struct Unit {
    range: Range<usize>,
    words: usize,
    sentences: usize,
}

impl Unit {
    fn take(&mut self, other: &Self) {
        self.range.end = other.range.end;
        self.words += other.words;
        self.sentences += other.sentences;
    }

    fn has_room(&self, other: &Self, words: usize) -> bool {
        self.words + other.words <= words
            && self.sentences + other.sentences <= SENTENCES
            && other.range.end - self.range.start <= MOST_BYTES
    }
}

/// Joins fragments and contrasts to their neighbours.
fn units(text: &str, sentences: Vec<Sentence>) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut opening: Option<Unit> = None;
    for sentence in sentences {
        let words = text.get(sentence.range.clone()).unwrap_or_default();
        let mut unit = Unit {
            range: sentence.range,
            words: sentence.words,
            sentences: usize::from(sentence.words >= FRAGMENT),
        };
        let fragment = unit.sentences == 0;
        if let Some(mut before) = opening.take() {
            let fits = before.has_room(&unit, MOST);
            if fits {
                before.take(&unit);
                unit = before;
            } else {
                units.push(before);
            }
            if fits && unit.words < FRAGMENT {
                opening = Some(unit);
                continue;
            }
            unit.sentences = unit.sentences.max(1);
            units.push(unit);
            continue;
        }
        match units.last_mut() {
            Some(last)
                if fragment && !sentences::opens_talk(words) && last.has_room(&unit, MOST) =>
            {
                last.take(&unit);
            }
            Some(last)
                if !fragment && sentences::contrasts(words) && last.has_room(&unit, LONG) =>
            {
                last.take(&unit);
            }
            _ if fragment => opening = Some(unit),
            _ => units.push(unit),
        }
    }
    if let Some(left) = opening {
        match units.last_mut() {
            Some(last) if last.has_room(&left, MOST) => last.take(&left),
            _ => units.push(left),
        }
    }
    units
}

/// Gathers units into passages from front to back.
fn gather(units: Vec<Unit>, passages: &mut Vec<Range<usize>>) {
    let mut done: Vec<Unit> = Vec::new();
    for unit in units {
        if let Some(last) = done.last_mut() {
            let limit = if last.words < SHORT { LONG } else { FULL };
            if last.has_room(&unit, limit) {
                last.take(&unit);
                continue;
            }
        }
        done.push(unit);
    }
    if let [.., before, last] = done.as_mut_slice()
        && last.words < SHORT
        && before.has_room(last, LONG)
    {
        before.take(last);
        done.pop();
    }
    passages.extend(done.into_iter().map(|unit| unit.range));
}

#[cfg(test)]
mod boundaries;
#[cfg(test)]
mod tests;
