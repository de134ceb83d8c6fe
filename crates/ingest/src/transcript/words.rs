//! Words gathered from a source, each stretch with the place it came from.

use std::ops::Range;

use throughline_core::{Segment, Span};

/// A stretch of gathered text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stretch {
    at: Range<usize>,
    /// Where it stands in the decoded text.
    from: Range<usize>,
    exact: bool,
}

/// Text made of stretches of the decoded text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Words {
    text: String,
    stretches: Vec<Stretch>,
}

impl Words {
    /// `decoded[from]` as it stands.
    pub(crate) fn copied(decoded: &str, from: Range<usize>) -> Self {
        let mut words = Self::default();
        words.copy(decoded, from);
        words
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Adds `decoded[from]` as it stands.
    pub(crate) fn copy(&mut self, decoded: &str, from: Range<usize>) {
        let words = decoded.get(from.clone()).unwrap_or_default();
        self.push(words, from, true);
    }

    /// Adds a character that `from` of the decoded text stands for.
    pub(crate) fn decode(&mut self, c: char, from: Range<usize>) {
        self.push(c.encode_utf8(&mut [0; 4]), from, false);
    }

    /// Adds words that `from` of the decoded text stands for.
    pub(crate) fn decode_all(&mut self, words: &str, from: Range<usize>) {
        self.push(words, from, false);
    }

    /// Adds a space that stands nowhere in the source.
    pub(crate) fn space(&mut self) {
        self.text.push(' ');
    }

    /// Adds text that stands nowhere in the source.
    pub(crate) fn insert(&mut self, words: &str) {
        self.text.push_str(words);
    }

    fn push(&mut self, words: &str, from: Range<usize>, exact: bool) {
        if words.is_empty() {
            return;
        }
        let at = self.text.len()..self.text.len() + words.len();
        self.text.push_str(words);
        if let Some(last) = self.stretches.last_mut()
            && exact
            && last.exact
            && last.from.end == from.start
            && last.at.end == at.start
        {
            last.from.end = from.end;
            last.at.end = at.end;
            return;
        }
        self.stretches.push(Stretch { at, from, exact });
    }

    /// Adds `other` as it is.
    pub(crate) fn append(&mut self, other: &Self) {
        let offset = self.text.len();
        self.text.push_str(&other.text);
        self.stretches
            .extend(other.stretches.iter().map(|stretch| Stretch {
                at: offset + stretch.at.start..offset + stretch.at.end,
                ..stretch.clone()
            }));
    }

    /// Adds `other` after a space, or directly between two characters of a script
    /// that has no spaces.
    pub(crate) fn join(&mut self, other: &Self) {
        let last = self.text.chars().next_back();
        let first = other.text.chars().next();
        if let (Some(last), Some(first)) = (last, first)
            && !(is_spaceless(last) && is_spaceless(first))
        {
            self.space();
        }
        self.append(other);
    }

    /// What stands at `range` of the text, without white space at its ends.
    pub(crate) fn trimmed(&self, range: Range<usize>) -> Self {
        let whole = self.text.get(range.clone()).unwrap_or_default();
        let start = range.start + (whole.len() - whole.trim_start().len());
        let text = whole.trim();
        let end = start + text.len();
        let first = self
            .stretches
            .partition_point(|stretch| stretch.at.end <= start);
        let within = self
            .stretches
            .iter()
            .skip(first)
            .take_while(|stretch| stretch.at.start < end);
        let stretches = within.filter_map(|stretch| {
            let from = stretch.at.start.max(start);
            let to = stretch.at.end.min(end);
            (from < to).then(|| Stretch {
                at: from - start..to - start,
                from: match stretch.exact {
                    true => {
                        let shift = stretch.from.start;
                        shift + (from - stretch.at.start)..shift + (to - stretch.at.start)
                    }
                    false => stretch.from.clone(),
                },
                exact: stretch.exact,
            })
        });
        Self {
            text: text.to_owned(),
            stretches: stretches.collect(),
        }
    }

    /// The text, and where it stands in the source whose decoded text has
    /// `segments`.
    pub(crate) fn into_text(self, segments: &[Segment]) -> (String, Vec<Segment>) {
        let mut found = Vec::new();
        for stretch in &self.stretches {
            lead_back(stretch, segments, &mut found);
        }
        (self.text, found)
    }
}

fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0EFF}' | '\u{3000}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{FF00}'..='\u{FF60}')
}

/// Follows a stretch through the segments of the decoded text to the source.
fn lead_back(stretch: &Stretch, segments: &[Segment], found: &mut Vec<Segment>) {
    let first = segments.partition_point(|segment| segment.canonical.end <= stretch.from.start);
    let within = segments
        .iter()
        .skip(first)
        .take_while(|segment| segment.canonical.start < stretch.from.end);
    let mut decoded: Option<(Span, &Option<String>)> = None;
    for segment in within {
        let start = segment.canonical.start.max(stretch.from.start);
        let end = segment.canonical.end.min(stretch.from.end);
        let source = match segment.exact {
            true => Span {
                start: segment.source.start + (start - segment.canonical.start),
                end: segment.source.start + (end - segment.canonical.start),
            },
            false => segment.source,
        };
        if !stretch.exact {
            let from = decoded.map_or(source.start, |(decoded, _)| decoded.start);
            let source = Span {
                start: from,
                end: source.end,
            };
            decoded = Some((source, &segment.part));
            continue;
        }
        let offset = stretch.at.start;
        found.push(Segment {
            canonical: Span {
                start: offset + (start - stretch.from.start),
                end: offset + (end - stretch.from.start),
            },
            source,
            part: segment.part.clone(),
            exact: segment.exact,
        });
    }
    if let Some((source, part)) = decoded {
        found.push(Segment {
            canonical: Span {
                start: stretch.at.start,
                end: stretch.at.end,
            },
            source,
            part: part.clone(),
            exact: false,
        });
    }
}
