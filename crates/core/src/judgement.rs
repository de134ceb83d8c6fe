use serde::{Deserialize, Serialize};

use crate::Span;

/// Where a person's judgement holds on to the text.
///
/// It names the words, never a passage id: when the text is segmented anew or
/// its source is edited, the anchor finds its words again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Name of the document.
    pub document: String,
    /// Where the words stood when the judgement was made.
    pub span: Span,
    /// The exact words.
    pub exact: String,
    /// Up to 32 characters before them.
    pub prefix: String,
    /// Up to 32 characters after them.
    pub suffix: String,
}

/// Characters kept on either side of an anchor.
const AROUND: usize = 32;

impl Anchor {
    /// An anchor on `span` of `text`, or `None` if the span is no range of
    /// whole characters of it.
    #[must_use]
    pub fn on(document: &str, text: &str, span: Span) -> Option<Self> {
        let exact = span.slice(text)?.to_owned();
        let before = &text[..span.start];
        let after = &text[span.end..];
        let from = before
            .char_indices()
            .rev()
            .nth(AROUND - 1)
            .map_or(0, |(at, _)| at);
        let to = after
            .char_indices()
            .nth(AROUND)
            .map_or(after.len(), |(at, _)| at);
        Some(Self {
            document: document.to_owned(),
            span,
            exact,
            prefix: before[from..].to_owned(),
            suffix: after[..to].to_owned(),
        })
    }

    /// Where the anchor's words stand in `text` now: among all places with the
    /// exact words, the one whose surroundings agree best, then the one nearest
    /// to the old place. `None` if the words are gone.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Span> {
        if self.exact.is_empty() {
            return None;
        }
        text.match_indices(&self.exact)
            .map(|(start, words)| {
                let end = start + words.len();
                let agreement = common_suffix(&text[..start], &self.prefix)
                    + common_prefix(&text[end..], &self.suffix);
                let distance = start.abs_diff(self.span.start);
                (std::cmp::Reverse(agreement), distance, Span { start, end })
            })
            .min()
            .map(|(_, _, span)| span)
    }
}

fn common_prefix(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count()
}

fn common_suffix(a: &str, b: &str) -> usize {
    a.chars()
        .rev()
        .zip(b.chars().rev())
        .take_while(|(x, y)| x == y)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_finds_its_words_after_an_edit() {
        let old = "I like it. The price was hidden. I like it too.";
        let anchor = Anchor::on("a", old, Span { start: 33, end: 42 }).unwrap();
        assert_eq!(anchor.exact, "I like it");
        let new = "Well. I like it. The price was hidden! I like it too.";
        assert_eq!(anchor.find(new), Some(Span { start: 39, end: 48 }));
        assert_eq!(anchor.find("Nothing of it."), None);
    }

    #[test]
    fn surroundings_are_counted_in_characters() {
        let text = format!("{}x{}", "🙂".repeat(40), "é".repeat(40));
        let anchor = Anchor::on(
            "a",
            &text,
            Span {
                start: 160,
                end: 161,
            },
        )
        .unwrap();
        assert_eq!(anchor.prefix.chars().count(), 32);
        assert_eq!(anchor.suffix.chars().count(), 32);
    }
}
