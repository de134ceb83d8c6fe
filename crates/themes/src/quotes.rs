use std::collections::{BTreeMap, BTreeSet};

use throughline_core::Vector;

use crate::Item;

/// How much being typical weighs against being different from what is already
/// chosen.
const TYPICAL: f64 = 0.6;
/// Taken off for a second quote from a document already quoted.
const SAME_DOCUMENT: f64 = 0.1;
/// A quote of so many words needs no context and wastes none.
const SUFFICIENT: std::ops::RangeInclusive<usize> = 5..=30;
/// Taken off for each word too few.
const TOO_SHORT: f64 = 0.05;
/// Taken off for each word too many.
const TOO_LONG: f64 = 0.004;

/// Chooses up to `most` of `members` (indices into `items`) to stand for all of
/// them: typical *and* different, in the order they were chosen.
///
/// Each choice is the member with the best maximal marginal relevance: near the
/// centre of the members, far from the quotes already chosen, from a document
/// not yet quoted, and no longer than it needs to be. Nobody is quoted twice
/// while somebody else still waits. Words that were already quoted in the same
/// spelling are not quoted again. Indices outside `items` are ignored.
///
/// Source: J. Carbonell and J. Goldstein, "The use of MMR, diversity-based
/// reranking for reordering documents and producing summaries", SIGIR 1998.
#[must_use]
pub fn choose_quotes(items: &[Item<'_>], members: &[usize], most: usize) -> Vec<usize> {
    let mut waiting = candidates(items, members);
    let mut quoted: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    let mut documents: BTreeSet<&str> = BTreeSet::new();
    let mut chosen = Vec::new();
    while chosen.len() < most {
        let times = |candidate: &Candidate<'_>| {
            let voice = candidate.item.voice();
            quoted.get(&voice).copied().unwrap_or(0)
        };
        let Some(fewest) = waiting.iter().map(times).min() else {
            break;
        };
        let best = waiting
            .iter()
            .enumerate()
            .filter(|(_, candidate)| times(candidate) == fewest)
            .map(|(place, candidate)| (place, candidate.worth(&documents)))
            // Candidates stand in the order of their ids, and the first of
            // equals wins.
            .reduce(|best, next| if next.1 > best.1 { next } else { best });
        let Some((place, _)) = best else { break };
        let taken = waiting.remove(place);
        *quoted.entry(taken.item.voice()).or_insert(0) += 1;
        documents.insert(taken.item.document);
        chosen.push(taken.index);
        waiting.retain(|candidate| candidate.item.text != taken.item.text);
        for candidate in &mut waiting {
            let near = f64::from(candidate.item.vector.cosine(taken.item.vector));
            candidate.nearest = candidate.nearest.max(near);
        }
    }
    chosen
}

/// A member that may be quoted.
struct Candidate<'a> {
    index: usize,
    item: Item<'a>,
    /// Cosine to the centre of all members.
    typical: f64,
    /// Largest cosine to a quote already chosen.
    nearest: f64,
    /// Taken off for being shorter or longer than a quote need be.
    length: f64,
}

impl Candidate<'_> {
    fn worth(&self, documents: &BTreeSet<&str>) -> f64 {
        let again = documents.contains(self.item.document);
        TYPICAL * self.typical
            - (1.0 - TYPICAL) * self.nearest
            - self.length
            - if again { SAME_DOCUMENT } else { 0.0 }
    }
}

fn candidates<'a>(items: &[Item<'a>], members: &[usize]) -> Vec<Candidate<'a>> {
    let mut members: Vec<(usize, Item<'a>)> = members
        .iter()
        .filter_map(|index| items.get(*index).map(|item| (*index, *item)))
        .collect();
    members.sort_by(|(i, a), (j, b)| a.id.cmp(&b.id).then(i.cmp(j)));
    members.dedup_by_key(|(index, _)| *index);
    let centre = centre(members.iter().map(|(_, item)| item));
    members
        .into_iter()
        .map(|(index, item)| Candidate {
            index,
            item,
            typical: f64::from(item.vector.cosine(&centre)),
            nearest: 0.0,
            length: length_penalty(item.text),
        })
        .collect()
}

fn length_penalty(text: &str) -> f64 {
    let words = text.split_whitespace().count();
    let short = SUFFICIENT.start().saturating_sub(words) as f64;
    let long = words.saturating_sub(*SUFFICIENT.end()) as f64;
    short * TOO_SHORT + long * TOO_LONG
}

/// The direction in which some items point on the whole.
pub(crate) fn centre<'i>(items: impl Iterator<Item = &'i Item<'i>> + Clone) -> Vector {
    let dimension = items.clone().map(|item| item.vector.dimension()).max();
    let mut sum = vec![0.0_f32; dimension.unwrap_or(0)];
    for item in items {
        let components = item.vector.components();
        let length = f64::from(Vector::dot(components, components)).sqrt();
        if length > 0.0 && components.len() == sum.len() {
            for (total, component) in sum.iter_mut().zip(components) {
                *total += (f64::from(*component) / length) as f32;
            }
        }
    }
    Vector::quantise(&sum)
}
