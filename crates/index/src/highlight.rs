//! Where in a quote a query's words stand.

use std::ops::Range;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder};

use crate::query::{Node, Pattern};
use crate::slop::{self, Step};
use crate::words;

/// What a query looks for in a text, taken out of its tree.
pub struct Highlighter {
    stems: Vec<String>,
    patterns: Vec<Pattern>,
    /// The words of fuzzy patterns as the engine compares them.
    fuzzy: Vec<DFA>,
}

impl std::fmt::Debug for Highlighter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Highlighter")
            .field("stems", &self.stems)
            .field("patterns", &self.patterns)
            .finish_non_exhaustive()
    }
}

/// The words of a text.
struct Text {
    places: Vec<Range<usize>>,
    /// In step with the places.
    forms: Vec<String>,
}

impl Highlighter {
    pub(crate) fn new(node: &Node) -> Self {
        let mut highlighter = Self {
            stems: Vec::new(),
            patterns: Vec::new(),
            fuzzy: Vec::new(),
        };
        highlighter.add(node);
        highlighter
    }

    fn add(&mut self, node: &Node) {
        match node {
            Node::Word(words) => match words.as_slice() {
                [word] => self.stems.push(words::stems(word).concat()),
                words => self.patterns.push(Pattern::Row(words.to_vec())),
            },
            Node::Exact(Pattern::Fuzzy(word, distance)) => {
                let automata = LevenshteinAutomatonBuilder::new(*distance, true);
                self.fuzzy.push(automata.build_dfa(word));
            }
            Node::Exact(pattern) => self.patterns.push(pattern.clone()),
            Node::And(parts) | Node::Or(parts) | Node::Together(parts) => {
                parts.iter().for_each(|part| self.add(part));
            }
            // What must not be there is not there, and the rest is not text.
            Node::Not(_) | Node::All | Node::Filter(_) | Node::Like { .. } | Node::Framework(_) => {
            }
        }
    }

    /// True if the query has no word to be found in a text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stems.is_empty() && self.patterns.is_empty() && self.fuzzy.is_empty()
    }

    /// Byte ranges of `text` that the query's words stand at: whole words, in
    /// order, apart from each other.
    #[must_use]
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        if self.is_empty() {
            return Vec::new();
        }
        let places: Vec<_> = words::words(text).collect();
        let mut found = Vec::new();
        if !self.stems.is_empty() {
            for (place, stem) in places.iter().zip(words::stems(text)) {
                if self.stems.contains(&stem) {
                    found.push(place.clone());
                }
            }
        }
        let forms = places
            .iter()
            .map(|range| words::exact(&text[range.clone()]));
        let text = Text {
            forms: forms.collect(),
            places,
        };
        for pattern in &self.patterns {
            text.find(pattern, &mut found);
        }
        for dfa in &self.fuzzy {
            let is_near = |form: &str| matches!(dfa.eval(form), Distance::Exact(_));
            text.find_words(&is_near, &mut found);
        }
        merged(found)
    }
}

impl Text {
    fn find(&self, pattern: &Pattern, found: &mut Vec<Range<usize>>) {
        match pattern {
            Pattern::Prefix(prefix) => {
                self.find_words(&|form: &str| form.starts_with(prefix), found);
            }
            Pattern::Row(phrase) => {
                let rows = self.places.windows(phrase.len());
                for (row, forms) in rows.zip(self.forms.windows(phrase.len())) {
                    if forms == phrase
                        && let (Some(first), Some(last)) = (row.first(), row.last())
                    {
                        found.push(first.start..last.end);
                    }
                }
            }
            Pattern::Slop(phrase, slop) => self.find_near(phrase, *slop, found),
            // Its automaton is made once for all texts.
            Pattern::Fuzzy(..) => {}
        }
    }

    fn find_words(&self, is_wanted: &dyn Fn(&str) -> bool, found: &mut Vec<Range<usize>>) {
        for (place, form) in self.places.iter().zip(&self.forms) {
            if is_wanted(form) {
                found.push(place.clone());
            }
        }
    }

    fn find_near(&self, phrase: &[String], slop: u8, found: &mut Vec<Range<usize>>) {
        let mut steps: Vec<Step> = Vec::new();
        for (place, form) in self.forms.iter().enumerate() {
            if let Some(word) = phrase.iter().position(|word| word == form) {
                steps.push((place as i64 - word as i64, word));
            }
        }
        steps.sort_unstable();
        for range in slop::near(&steps, phrase.len(), slop) {
            for (step, word) in steps.get(range).unwrap_or_default() {
                let place = usize::try_from(step + *word as i64).ok();
                found.extend(place.and_then(|place| self.places.get(place)).cloned());
            }
        }
    }
}

/// The ranges in order, those that touch or overlap made one.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use crate::{NoNames, Query};

    fn highlighted(query: &str, text: &str) -> Vec<String> {
        let query = Query::parse(query, &NoNames).unwrap();
        query
            .highlighter()
            .ranges(text)
            .into_iter()
            .map(|range| text[range].to_owned())
            .collect()
    }

    #[test]
    fn highlights_are_the_words_that_match_as_they_are_written() {
        let text = "The Prices were hidden: caf\u{e9} prices, hidden price.";
        assert_eq!(highlighted("price", text), ["Prices", "prices", "price"]);
        assert_eq!(
            highlighted("\"prices were\" cafe", text),
            ["Prices were", "caf\u{e9}"]
        );
        assert_eq!(
            highlighted("pric* -hidden", text),
            ["Prices", "prices", "price"]
        );
        assert_eq!(highlighted("\"hidden price\" OR price", text).len(), 3);
        assert_eq!(highlighted("role:agent", text), [""; 0]);
        assert_eq!(highlighted("like:\"the price\"", text), [""; 0]);
        assert_eq!(
            highlighted("priecs~1 hiden~", text),
            ["Prices", "hidden", "prices", "hidden"]
        );
        // Words near each other are marked one by one, those elsewhere are not.
        assert_eq!(
            highlighted("\"hidden caf\u{e9} price\"~2", text),
            ["hidden", "caf\u{e9}", "price"]
        );
        assert_eq!(
            highlighted("\"prices hidden\"~1", text),
            ["Prices", "hidden", "prices", "hidden"]
        );
    }
}
