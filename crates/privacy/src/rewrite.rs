//! A text with pseudonyms in it, and where its parts have gone.

use throughline_core::{Segment, Span};

use crate::Key;
use crate::find::find_with;
use crate::roster::Roster;

/// A text with pseudonyms in place of what identifies somebody.
#[derive(Debug, Default)]
pub(crate) struct Rewritten {
    pub(crate) text: String,
    /// Old place and new place of each pseudonym, in order.
    swaps: Vec<(Span, Span)>,
}

impl Rewritten {
    /// Rewrites `text` region by region: nothing that is found reaches from
    /// one into the next. `edges` are where regions end, in order.
    pub(crate) fn of(text: &str, edges: &[usize], key: &mut Key, rosters: &[&Roster]) -> Self {
        let mut done = Self::default();
        let mut start = 0;
        for edge in edges.iter().copied().chain([text.len()]) {
            let Some(region) = text.get(start..edge).filter(|region| !region.is_empty()) else {
                continue;
            };
            let mut end = start;
            for one in find_with(region, rosters).found {
                let old = Span {
                    start: start + one.span.start,
                    end: start + one.span.end,
                };
                done.text
                    .push_str(text.get(end..old.start).unwrap_or_default());
                let from = done.text.len();
                let value = text.get(old.range()).unwrap_or_default();
                done.text.push_str(&key.pseudonym(one.kind, value));
                let to = done.text.len();
                done.swaps.push((
                    old,
                    Span {
                        start: from,
                        end: to,
                    },
                ));
                end = old.end;
            }
            done.text.push_str(text.get(end..edge).unwrap_or_default());
            start = edge;
        }
        done
    }

    /// Where everything has gone, without the text.
    pub(crate) fn places(&self) -> Places {
        let swap = |(old, new): &(Span, Span)| Swap {
            old: *old,
            new: new.start,
            pseudonym: new.slice(&self.text).unwrap_or_default().to_owned(),
        };
        Places(self.swaps.iter().map(swap).collect())
    }

    /// Where a place of the old text is in the new one. A place within what was
    /// replaced is the end of what replaces it.
    pub(crate) fn place(&self, old: usize) -> usize {
        let before = self.swaps.partition_point(|(swap, _)| swap.start < old);
        let Some((swap, new)) = before.checked_sub(1).and_then(|at| self.swaps.get(at)) else {
            return old;
        };
        new.end + old.saturating_sub(swap.end)
    }

    pub(crate) fn span(&self, old: Span) -> Span {
        Span {
            start: self.place(old.start),
            end: self.place(old.end),
        }
    }

    /// The segments of the new text. One that was byte for byte the source's is
    /// cut at each pseudonym, which leads back to the very bytes that it stands
    /// for; of any other, only the whole is known.
    pub(crate) fn segments(&self, old: &[Segment]) -> Vec<Segment> {
        let mut new: Vec<Segment> = Vec::with_capacity(old.len());
        for segment in old {
            let span = segment.canonical;
            let first = self
                .swaps
                .partition_point(|(swap, _)| swap.end <= span.start);
            let inside = self.swaps[first..]
                .iter()
                .take_while(|(swap, _)| swap.start < span.end);
            if !segment.exact {
                let touched = inside.count() > 0;
                let canonical = self.span(span);
                if !(touched && canonical.is_empty()) {
                    new.push(Segment {
                        canonical,
                        ..segment.clone()
                    });
                }
                continue;
            }
            let mut at = span.start;
            for (swap, _) in inside {
                let from = swap.start.max(at);
                self.push(
                    &mut new,
                    segment,
                    Span {
                        start: at,
                        end: from,
                    },
                    true,
                );
                let to = swap.end.min(span.end);
                self.push(
                    &mut new,
                    segment,
                    Span {
                        start: from,
                        end: to,
                    },
                    false,
                );
                at = to;
            }
            self.push(
                &mut new,
                segment,
                Span {
                    start: at,
                    end: span.end,
                },
                true,
            );
        }
        new
    }

    /// Adds the part `old` of a segment. What a pseudonym leaves of a second
    /// segment stands for no character of the new text, and is left out.
    fn push(&self, new: &mut Vec<Segment>, segment: &Segment, old: Span, exact: bool) {
        let canonical = self.span(old);
        if canonical.is_empty() {
            return;
        }
        let offset = segment.source.start;
        let start = offset + (old.start - segment.canonical.start);
        new.push(Segment {
            canonical,
            source: Span {
                start,
                end: start + old.len(),
            },
            part: segment.part.clone(),
            exact,
        });
    }
}

/// A pseudonym, the place of what it stands for, and where it begins itself.
#[derive(Debug, Clone)]
struct Swap {
    old: Span,
    new: usize,
    pseudonym: String,
}

/// Where the words of a document have gone when pseudonyms were put into it.
#[derive(Debug, Clone, Default)]
pub struct Places(Vec<Swap>);

impl Places {
    /// The place and the words, in the document with pseudonyms, of what stood at
    /// byte `start` of the text and read `words`. A pseudonym at an edge is taken
    /// whole, whatever part of a name lay within.
    #[must_use]
    pub fn of(&self, start: usize, words: &str) -> (Span, String) {
        let end = start + words.len();
        let first = self.0.partition_point(|swap| swap.old.end <= start);
        let before = first.checked_sub(1).and_then(|at| self.0.get(at));
        let mut from = before.map_or(start, |swap| {
            swap.new + swap.pseudonym.len() + (start - swap.old.end)
        });
        let (mut new, mut at) = (String::with_capacity(words.len()), start);
        let within = self.0.iter().skip(first);
        for swap in within.take_while(|swap| swap.old.start < end) {
            if swap.old.start <= start {
                from = swap.new;
            }
            let kept = words.get(at - start..swap.old.start.max(at) - start);
            new.push_str(kept.unwrap_or_default());
            new.push_str(&swap.pseudonym);
            at = swap.old.end.min(end);
        }
        new.push_str(words.get(at - start..).unwrap_or_default());
        let end = from + new.len();
        (Span { start: from, end }, new)
    }
}
