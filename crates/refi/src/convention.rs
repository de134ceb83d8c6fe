//! How a tool counts the places of a text.

use std::collections::BTreeMap;

use throughline_core::Span;

/// A way of counting. The standard's is the default: code points of the file,
/// end exclusive; what tools do differs in four ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Convention {
    /// UTF-16 units are counted, and not code points.
    pub utf16: bool,
    /// The line break CR LF counts once, and not twice.
    pub joined_line_ends: bool,
    /// A byte order mark counts.
    pub mark_counts: bool,
    /// The end is the last character, and not the one after it.
    pub inclusive: bool,
}

/// A text as its file holds it.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    /// Without the byte order mark.
    pub(crate) text: String,
    /// True if it had one.
    pub(crate) marked: bool,
}

/// A place that a project names: start, end, and the words, if it says.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) words: Option<String>,
}

/// What a place that has the words it says is worth, beside one that begins
/// and ends between words.
const WORDS: usize = 10;

impl Convention {
    fn all() -> impl Iterator<Item = Self> {
        (0..16_u8).map(|bits| Self {
            utf16: bits & 8 != 0,
            joined_line_ends: bits & 1 != 0,
            mark_counts: bits & 2 != 0,
            inclusive: bits & 4 != 0,
        })
    }

    /// The way of counting that fits the places of a project best: their words,
    /// where it says them, and else whether they begin and end between words.
    /// The standard's, where several fit alike.
    pub(crate) fn fitting(texts: &[(Raw, Vec<Place>)]) -> Self {
        let standard = Self::default();
        if texts
            .iter()
            .all(|(raw, places)| standard.says_all(raw, places))
        {
            return standard;
        }
        let mut best = (0, standard);
        for convention in Self::all() {
            let score = texts
                .iter()
                .map(|(raw, places)| convention.score(raw, places))
                .sum();
            if score > best.0 {
                best = (score, convention);
            }
        }
        best.1
    }

    /// True if every place has exactly the words that are said of it.
    fn says_all(self, raw: &Raw, places: &[Place]) -> bool {
        let text = raw.normal();
        let spans = self.spans(raw, places);
        spans.iter().zip(places).all(|(span, place)| {
            let words = span.and_then(|span| span.slice(&text));
            words.is_some() && words == place.words.as_deref()
        })
    }

    fn score(self, raw: &Raw, places: &[Place]) -> usize {
        let text = raw.normal();
        let spans = self.spans(raw, places);
        let fits = spans.iter().zip(places).map(|(span, place)| {
            let Some(words) = span.and_then(|span| span.slice(&text)) else {
                return 0;
            };
            let span = span.unwrap_or(Span { start: 0, end: 0 });
            let said = place.words.as_deref().is_some_and(|said| same(said, words));
            let edges = between_words(&text, span.start) && between_words(&text, span.end);
            WORDS * usize::from(said) + usize::from(edges)
        });
        fits.sum()
    }

    /// The places as ranges of [`Raw::normal`]; `None` for what leaves the text.
    pub(crate) fn spans(self, raw: &Raw, places: &[Place]) -> Vec<Option<Span>> {
        let end = |place: &Place| place.end.saturating_add(u64::from(self.inclusive));
        let asked = places.iter().flat_map(|place| [place.start, end(place)]);
        let mut bytes: BTreeMap<u64, Option<usize>> = asked.map(|at| (at, None)).collect();
        let mut left = bytes.iter_mut().peekable();
        let mut count = u64::from(self.mark_counts && raw.marked);
        let mut byte = 0;
        let mut characters = raw.text.chars().peekable();
        loop {
            while left.next_if(|(at, _)| **at < count).is_some() {}
            while let Some((_, place)) = left.next_if(|(at, _)| **at == count) {
                *place = Some(byte);
            }
            let Some(c) = characters.next() else { break };
            let joined = c == '\r' && characters.peek() == Some(&'\n');
            count += match c {
                _ if joined => u64::from(!self.joined_line_ends),
                c if self.utf16 => c.len_utf16() as u64,
                _ => 1,
            };
            byte += if joined { 0 } else { c.len_utf8() };
        }
        let byte = |at: u64| bytes.get(&at).copied().flatten();
        let span = |place: &Place| Span::new(byte(place.start)?, byte(end(place))?).ok();
        places.iter().map(span).collect()
    }
}

impl Raw {
    /// The text of a file; `None` if it is not UTF-8.
    pub(crate) fn of(bytes: Vec<u8>) -> Option<Self> {
        let mut text = String::from_utf8(bytes).ok()?;
        let marked = text.starts_with('\u{feff}');
        if marked {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Some(Self { text, marked })
    }

    /// The text with LF for every line end.
    pub(crate) fn normal(&self) -> String {
        self.text.replace("\r\n", "\n").replace('\r', "\n")
    }
}

/// True if a name of a selection says these words: all of them, or the first
/// ones where it ends with dots; blanks count alike.
fn same(said: &str, words: &str) -> bool {
    let told = said.trim_end_matches("...").trim_end_matches('…');
    let joined = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let [told, words] = [joined(told), joined(words)];
    match told.is_empty() {
        true => false,
        false if said.ends_with("...") || said.ends_with('…') => words.starts_with(&told),
        false => words == told,
    }
}

fn between_words(text: &str, at: usize) -> bool {
    let (Some(before), Some(after)) = (text.get(..at), text.get(at..)) else {
        return false;
    };
    let before = before
        .chars()
        .next_back()
        .is_some_and(char::is_alphanumeric);
    !(before && after.chars().next().is_some_and(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "Int: Why?\r\nDana 🙂: The café was shut.\r\nDana: So I left 👩‍👩‍👧 at once.\r\n";
    const WORDS: [&str; 3] = ["The café was shut.", "So I left", "at once"];

    /// The places of [`WORDS`] as a tool with this convention writes them.
    fn places(convention: Convention, raw: &Raw, named: bool) -> Vec<Place> {
        let count = |before: &str| {
            let before = match convention.joined_line_ends {
                true => before.replace("\r\n", "\n"),
                false => before.to_owned(),
            };
            let units = match convention.utf16 {
                true => before.encode_utf16().count(),
                false => before.chars().count(),
            };
            units as u64 + u64::from(convention.mark_counts && raw.marked)
        };
        let place = |words: &&str| {
            let start = raw.text.find(words).unwrap();
            let end = start + words.len();
            Place {
                start: count(&raw.text[..start]),
                end: count(&raw.text[..end]) - u64::from(convention.inclusive),
                words: named.then(|| (*words).to_owned()),
            }
        };
        WORDS.iter().map(place).collect()
    }

    fn found(raw: Raw, places: Vec<Place>) -> Vec<String> {
        let texts = [(raw, places)];
        let convention = Convention::fitting(&texts);
        let (raw, places) = &texts[0];
        let text = raw.normal();
        let spans = convention.spans(raw, places);
        let words = |span: &Option<Span>| span.unwrap().slice(&text).unwrap().to_owned();
        spans.iter().map(words).collect()
    }

    #[test]
    fn every_way_of_counting_is_found_by_the_words() {
        for convention in Convention::all() {
            let raw = Raw {
                text: TEXT.to_owned(),
                marked: true,
            };
            let places = places(convention, &raw, true);
            assert_eq!(found(raw, places), WORDS, "{convention:?}");
        }
    }

    #[test]
    fn without_words_the_edges_tell() {
        for (utf16, joined_line_ends) in [(true, false), (false, true), (false, false)] {
            let convention = Convention {
                utf16,
                joined_line_ends,
                ..Convention::default()
            };
            let raw = Raw {
                text: TEXT.to_owned(),
                marked: false,
            };
            let places = places(convention, &raw, false);
            assert_eq!(found(raw, places), WORDS, "{convention:?}");
        }
    }

    #[test]
    fn places_outside_the_text_are_none() {
        let raw = Raw {
            text: "short".to_owned(),
            marked: false,
        };
        let place = |start, end| Place {
            start,
            end,
            words: None,
        };
        let places = [place(0, 5), place(2, 99), place(4, 2), place(0, u64::MAX)];
        let spans = Convention::default().spans(&raw, &places);
        assert_eq!(spans, [Some(Span { start: 0, end: 5 }), None, None, None]);
    }
}
