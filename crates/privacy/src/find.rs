//! Everything that identifies somebody in a text, each place once.

use std::ops::Range;

use throughline_core::Span;

use crate::people::people;
use crate::roster::Roster;
use crate::tokens::Tokens;
use crate::{Found, Kind, numbers, online, places};

/// What was found in a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// Each place, in order; they do not overlap.
    pub found: Vec<Found>,
    /// Names that the text itself introduces: others may mention them.
    pub introduced: Vec<String>,
}

/// Finds what identifies somebody in `text`: people of `roster`, people whom
/// the text introduces, and everything that its form or the words beside it
/// give away.
///
/// It is a search by rules. It finds most and not all: a name that stands
/// without a cue and is neither a speaker's nor in the list of given names is
/// missed, and so is what only the sense tells ("the mayor's eldest").
#[must_use]
pub fn find(text: &str, roster: &Roster) -> Findings {
    find_with(text, &[roster])
}

/// As [`find`], with the people of several rosters.
pub(crate) fn find_with(text: &str, rosters: &[&Roster]) -> Findings {
    let tokens = Tokens::of(text);
    let people = people(&tokens, rosters);
    let mut taken = Taken::default();
    let chains = tokens.digits.chains(text);
    // Whatever comes first keeps its place: the surest first.
    taken.add(Kind::Email, online::emails(&tokens));
    taken.add(Kind::Url, online::urls(&tokens));
    taken.add(Kind::Card, numbers::cards(&tokens, &chains));
    taken.add(Kind::Account, numbers::accounts(&tokens));
    taken.add(Kind::Ip, online::ips(text, &chains));
    taken.add(Kind::Address, places::addresses(&tokens));
    taken.add(Kind::Phone, numbers::phones(&tokens, &chains));
    taken.add(Kind::Person, online::handles(text));
    let spans = people.spans.iter().map(|span| span.range()).collect();
    taken.add(Kind::Person, spans);
    Findings {
        found: taken
            .0
            .into_iter()
            .filter(|found| text[found.span.range()].chars().any(char::is_alphanumeric))
            .collect(),
        introduced: people.introduced,
    }
}

/// Places that are spoken for, in order.
#[derive(Default)]
struct Taken(Vec<Found>);

impl Taken {
    /// Adds the parts of `ranges` that are free.
    fn add(&mut self, kind: Kind, mut ranges: Vec<Range<usize>>) {
        if ranges.is_empty() {
            return;
        }
        ranges.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        let mut all = Vec::with_capacity(self.0.len() + ranges.len());
        let mut old = std::mem::take(&mut self.0).into_iter().peekable();
        let mut end = 0;
        for range in ranges {
            let mut start = range.start.max(end);
            // What ends before this one stays before it.
            while let Some(known) = old.next_if(|known| known.span.start < range.end) {
                if known.span.start > start {
                    all.push(piece(start, known.span.start, kind));
                }
                start = start.max(known.span.end);
                all.push(known);
            }
            // A long known place may reach beyond this one.
            start = all
                .last()
                .map_or(start, |last: &Found| start.max(last.span.end));
            if start < range.end {
                all.push(piece(start, range.end, kind));
            }
            end = end.max(range.end).max(start);
        }
        all.extend(old);
        self.0 = all;
    }
}

fn piece(start: usize, end: usize, kind: Kind) -> Found {
    Found {
        span: Span { start, end },
        kind,
    }
}
