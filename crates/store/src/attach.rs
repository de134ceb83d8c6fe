//! Finding a judgement's words again.

use std::collections::BTreeMap;

use throughline_core::{Anchor, Document, Passage};

use crate::Attachment;

/// How many passages the words of one may have been spread over by an edit.
const RUN: usize = 4;

/// Where `anchor` holds in `document`: at its exact words; else in the passages
/// that share at least half of the words on both sides (Dice's coefficient),
/// the nearest to the old place among equals; else nowhere.
pub(crate) fn attach(anchor: &Anchor, document: &Document) -> Attachment {
    if let Some(span) = anchor.find(&document.text) {
        let touched = document
            .passages
            .iter()
            .filter(|passage| passage.span.overlaps(span));
        return Attachment::Exact {
            span,
            passages: touched.map(|passage| passage.id).collect(),
        };
    }
    match most_alike(anchor, document) {
        Some(run) => Attachment::Overlap {
            passages: run.iter().map(|p| p.id).collect(),
        },
        None => Attachment::Unresolved,
    }
}

fn most_alike<'d>(anchor: &Anchor, document: &'d Document) -> Option<&'d [Passage]> {
    let wanted = words([anchor.exact.as_str()]);
    let mut best: Option<(usize, usize, usize, &[Passage])> = None;
    for start in 0..document.passages.len() {
        let left = document.passages.get(start..).unwrap_or_default();
        for length in 1..=RUN.min(left.len()) {
            let (run, _) = left.split_at(length);
            let found = words(run.iter().map(|passage| document.slice(passage.span)));
            let shared = shared(&wanted, &found);
            let total = count(&wanted) + count(&found);
            if shared == 0 || 4 * shared < total {
                continue;
            }
            let place = run.first().map_or(0, |passage| passage.span.start);
            let distance = place.abs_diff(anchor.span.start);
            let better = best.is_none_or(|(of_shared, of_total, of_distance, _)| {
                // shared/total against of_shared/of_total, in whole numbers.
                let (this, other) = (shared * of_total, of_shared * total);
                this > other || (this == other && distance < of_distance)
            });
            if better {
                best = Some((shared, total, distance, run));
            }
        }
    }
    best.map(|(_, _, _, run)| run)
}

/// How often each word occurs.
fn words<'t>(texts: impl IntoIterator<Item = &'t str>) -> BTreeMap<String, usize> {
    let mut words = BTreeMap::new();
    let all = texts
        .into_iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    for word in all.filter(|word| !word.is_empty()) {
        *words.entry(word.to_lowercase()).or_default() += 1;
    }
    words
}

fn count(words: &BTreeMap<String, usize>) -> usize {
    words.values().sum()
}

fn shared(a: &BTreeMap<String, usize>, b: &BTreeMap<String, usize>) -> usize {
    a.iter()
        .map(|(word, n)| b.get(word).map_or(0, |m| *n.min(m)))
        .sum()
}

#[cfg(test)]
mod tests {
    use throughline_core::Span;

    use super::*;
    use crate::testing::document;

    fn turns(words: &[&str]) -> Document {
        let turns: Vec<_> = words
            .iter()
            .map(|words| ("P1".to_owned(), (*words).to_owned()))
            .collect();
        document("doc.txt", &turns)
    }

    fn anchor_on(document: &Document, words: &str) -> Anchor {
        let start = document.text.find(words).unwrap();
        Anchor::on(
            "doc.txt",
            &document.text,
            Span {
                start,
                end: start + words.len(),
            },
        )
        .unwrap()
    }

    #[test]
    fn exact_words_hold_wherever_they_have_moved() {
        let old = turns(&["The price was hidden until the end", "Well"]);
        let anchor = anchor_on(&old, "price was hidden");
        let new = turns(&["First something else", "The price was hidden until the end"]);
        let Attachment::Exact { span, passages } = attach(&anchor, &new) else {
            panic!("not exact")
        };
        assert_eq!(new.slice(span), "price was hidden");
        assert_eq!(passages, [new.passages[1].id]);
    }

    #[test]
    fn edited_words_hold_by_what_they_share() {
        let old = turns(&["The price was hidden until the very end", "Well"]);
        let anchor = anchor_on(&old, "The price was hidden until the very end");
        let new = turns(&[
            "Well",
            "The total price was hidden right until the end",
            "The end",
        ]);
        let expected = Attachment::Overlap {
            passages: vec![new.passages[1].id],
        };
        assert_eq!(attach(&anchor, &new), expected);
    }

    #[test]
    fn words_that_an_edit_spread_over_passages_hold_on_all_of_them() {
        let old = turns(&["The price was hidden and delivery took three weeks"]);
        let anchor = anchor_on(&old, "The price was hidden and delivery took three weeks");
        let new = turns(&[
            "Hello",
            "The price was hidden.",
            "Delivery took three weeks.",
        ]);
        let expected = Attachment::Overlap {
            passages: vec![new.passages[1].id, new.passages[2].id],
        };
        assert_eq!(attach(&anchor, &new), expected);
    }

    #[test]
    fn words_that_are_gone_are_for_a_person_to_look_at() {
        let old = turns(&["The price was hidden until the very end"]);
        let anchor = anchor_on(&old, "The price was hidden until the very end");
        let new = turns(&["I liked the end of it", "Nothing else"]);
        assert_eq!(attach(&anchor, &new), Attachment::Unresolved);
    }
}
