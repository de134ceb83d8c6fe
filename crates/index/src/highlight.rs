//! Where in a quote a query's words stand.

use std::ops::Range;

use crate::query::Node;
use crate::words;

/// What a query looks for in a text, taken out of its tree.
#[derive(Debug, Default)]
pub(crate) struct Highlighter {
    stems: Vec<String>,
    phrases: Vec<Vec<String>>,
    prefixes: Vec<String>,
}

impl Highlighter {
    pub(crate) fn new(node: &Node) -> Self {
        let mut highlighter = Self::default();
        highlighter.add(node);
        highlighter
    }

    fn add(&mut self, node: &Node) {
        match node {
            Node::Word(words) => match words.as_slice() {
                [word] => self.stems.push(words::stems(word).concat()),
                words => self.phrases.push(words.to_vec()),
            },
            Node::Phrase(words) => self.phrases.push(words.clone()),
            Node::Prefix(word) => self.prefixes.push(word.clone()),
            Node::And(parts) | Node::Or(parts) | Node::Together(parts) => {
                parts.iter().for_each(|part| self.add(part));
            }
            // What must not be there is not there, and fields are not text.
            Node::Not(_) | Node::All | Node::Filter(_) => {}
        }
    }

    /// Byte ranges of `text`: whole words, in order, apart from each other.
    pub(crate) fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        if self.stems.is_empty() && self.phrases.is_empty() && self.prefixes.is_empty() {
            return Vec::new();
        }
        let places: Vec<_> = words::words(text).collect();
        let forms: Vec<_> = places
            .iter()
            .map(|range| words::exact(&text[range.clone()]))
            .collect();
        let mut found = Vec::new();
        if !self.stems.is_empty() {
            for (place, stem) in places.iter().zip(words::stems(text)) {
                if self.stems.contains(&stem) {
                    found.push(place.clone());
                }
            }
        }
        for (place, form) in places.iter().zip(&forms) {
            if self.prefixes.iter().any(|prefix| form.starts_with(prefix)) {
                found.push(place.clone());
            }
        }
        for phrase in &self.phrases {
            let rows = places
                .windows(phrase.len())
                .zip(forms.windows(phrase.len()));
            for (row, forms) in rows {
                if forms == phrase
                    && let (Some(first), Some(last)) = (row.first(), row.last())
                {
                    found.push(first.start..last.end);
                }
            }
        }
        merged(found)
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
    use super::*;
    use crate::Query;

    fn highlighted(query: &str, text: &str) -> Vec<String> {
        let query = Query::parse(query, &|_| None).unwrap();
        Highlighter::new(query.node())
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
    }
}
