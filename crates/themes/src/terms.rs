use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::Item;
use crate::words::{Word, words};

/// Most key terms of a group.
const MOST_TERMS: usize = 6;

/// Fewest, where the texts have so many.
const LEAST_TERMS: usize = 3;
/// A word that a single member says names that member, not the group.
const ONE_VOICE: f64 = 0.1;

/// How much each word says about one group, as against the other groups.
#[derive(Debug, Default)]
pub(crate) struct Weights {
    /// By stem: weight, at most 1 for the most telling word of the group.
    by_stem: BTreeMap<String, f64>,
    /// The most telling words as they are written, most telling first.
    pub(crate) terms: Vec<String>,
}

impl Weights {
    /// Weight of a word, 0…1; 0 for a function word.
    pub(crate) fn of(&self, word: &Word) -> f64 {
        if word.is_content() {
            self.by_stem.get(word.stem()).copied().unwrap_or(0.0)
        } else {
            0.0
        }
    }
}

/// What is counted of one stem within one group.
#[derive(Default)]
struct Tally {
    /// Members that say it; a member who says it ten times is still one.
    members: usize,
    /// How often each spelling occurs.
    spellings: BTreeMap<String, usize>,
}

/// Class-based TF-IDF: each group is taken as one document. The weight of a word
/// is the share of the group's members that say it, times ln(1 + A / f), where f
/// is the number of passages in all groups that say it and A the mean number of
/// words that a group says.
///
/// Source: M. Grootendorst, "BERTopic", arXiv:2203.05794 (2022), section 3.3;
/// here with members instead of occurrences, so that one talkative member does
/// not name the group.
pub(crate) fn weigh(items: &[Item<'_>], groups: &[&[usize]]) -> Vec<Weights> {
    let tallies: Vec<BTreeMap<String, Tally>> = groups
        .par_iter()
        .map(|members| {
            let items = members.iter().filter_map(|member| items.get(*member));
            tally(items.map(|item| item.text))
        })
        .collect();
    let mut said_by: BTreeMap<&str, usize> = BTreeMap::new();
    for (stem, tally) in tallies.iter().flatten() {
        *said_by.entry(stem).or_insert(0) += tally.members;
    }
    let mean = said_by.values().sum::<usize>() as f64 / groups.len().max(1) as f64;
    tallies
        .iter()
        .zip(groups)
        .map(|(tally, members)| {
            let weigh = |stem: &str, said: usize| {
                let everywhere = said_by.get(stem).copied().unwrap_or(1).max(1) as f64;
                let share = said as f64 / members.len().max(1) as f64;
                let shared = said > 1 || members.len() == 1;
                share * (1.0 + mean / everywhere).ln() * if shared { 1.0 } else { ONE_VOICE }
            };
            ranked_weights(tally, weigh)
        })
        .collect()
}

fn tally<'t>(texts: impl Iterator<Item = &'t str>) -> BTreeMap<String, Tally> {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for text in texts {
        let mut said: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        for word in words(text).into_iter().filter(Word::is_content) {
            let stem = word.stem().to_owned();
            *said
                .entry(stem)
                .or_default()
                .entry(word.folded)
                .or_insert(0) += 1;
        }
        for (stem, spellings) in said {
            let tally = tallies.entry(stem).or_default();
            tally.members += 1;
            for (spelling, count) in spellings {
                *tally.spellings.entry(spelling).or_insert(0) += count;
            }
        }
    }
    tallies
}

fn ranked_weights(
    tallies: &BTreeMap<String, Tally>,
    weigh: impl Fn(&str, usize) -> f64,
) -> Weights {
    let mut ranked: Vec<(&String, &Tally, f64)> = tallies
        .iter()
        .map(|(stem, tally)| (stem, tally, weigh(stem, tally.members)))
        .collect();
    ranked.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(b.0)));
    let most = ranked
        .first()
        .map_or(1.0, |first| first.2.max(f64::MIN_POSITIVE));
    let terms = ranked
        .iter()
        .enumerate()
        .take_while(|(rank, (_, tally, _))| *rank < LEAST_TERMS || tally.members > 1)
        .map(|(_, ranked)| ranked)
        .take(MOST_TERMS)
        .filter_map(|(_, tally, _)| commonest(&tally.spellings))
        .collect();
    let by_stem = ranked
        .iter()
        .map(|(stem, _, weight)| ((*stem).clone(), weight / most))
        .collect();
    Weights { by_stem, terms }
}

/// The spelling that occurs most often, of equals the first in the alphabet.
fn commonest(spellings: &BTreeMap<String, usize>) -> Option<String> {
    spellings
        .iter()
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
        .map(|(spelling, _)| spelling.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use throughline_core::{PassageId, Vector};

    fn weights_of(texts: &[&str], groups: &[&[usize]]) -> Vec<Weights> {
        let vector = Vector::quantise(&[1.0]);
        let items: Vec<Item<'_>> = texts
            .iter()
            .map(|text| Item {
                id: PassageId::from_bytes([0; 16]),
                text,
                vector: &vector,
                document: "",
                participant: None,
            })
            .collect();
        weigh(&items, groups)
    }

    #[test]
    fn terms_set_a_group_apart() {
        let texts = [
            "The fee was hidden.",
            "Hidden fees again, the bank said nothing.",
            "A fee that the bank hid.",
            "The bank app crashes.",
            "My bank app crashes daily, daily, daily, daily.",
            "App crashes at the bank.",
        ];
        let weights = weights_of(&texts, &[&[0, 1, 2], &[3, 4, 5]]);
        assert_eq!(weights[0].terms[0], "fee");
        assert_eq!(weights[1].terms[..2], ["app", "crashes"]);
        let bank = &words("bank")[0];
        assert!(weights[0].of(bank) < 0.6);
    }

    #[test]
    fn nothing_said_gives_no_terms() {
        assert!(weights_of(&["", "the of"], &[&[0, 1]])[0].terms.is_empty());
        assert!(weights_of(&[], &[]).is_empty());
    }
}
