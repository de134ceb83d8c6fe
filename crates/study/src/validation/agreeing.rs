//! Two sets of answers, compared.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use throughline_core::PassageId;
use throughline_stats::{Agreement, Bootstrap, Pair, agreement, resampled, weighted_share};

use super::DIMENSIONS;
use super::coded::{Answers, codes};
use crate::evidence::Voice;

/// A label given to fewer passages than this is too rare to say anything of.
const FEW: usize = 10;

/// A share or a coefficient with its interval at 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The value.
    pub value: f64,
    /// Lower end; absent where nothing can be said.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Passages that it rests on.
    pub passages: usize,
}

/// How far two sets of answers agree in one thing that was coded. Everything is
/// weighted by one over the chance to be drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimensionAgreement {
    /// What was coded: `moment`, ….
    pub dimension: String,
    /// Passages that both coded.
    pub passages: usize,
    /// True if these are too few to say anything.
    pub too_few: bool,
    /// Share of the same answers, 0…1.
    pub agreement: Option<f64>,
    /// Cohen's κ.
    pub kappa: Option<f64>,
    /// Krippendorff's α, nominal, with an interval in which whole voices are
    /// drawn.
    pub alpha: Option<Range>,
    /// Gwet's AC1.
    pub ac1: Option<f64>,
    /// Each label that the first gave, in the order of the subject matter.
    pub labels: Vec<LabelAgreement>,
}

/// How far two sets of answers agree on one label against all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelAgreement {
    /// The label.
    pub label: String,
    /// Passages to which the first (a coder) gave it.
    pub passages: usize,
    /// Share of all passages to which the first would give it, 0…1.
    pub prevalence: f64,
    /// True if it was given too seldom to say anything; what follows is absent
    /// then.
    pub too_few: bool,
    /// Share of the same answers, 0…1.
    pub agreement: Option<f64>,
    /// Cohen's κ.
    pub kappa: Option<f64>,
    /// Krippendorff's α.
    pub alpha: Option<f64>,
    /// Gwet's AC1.
    pub ac1: Option<f64>,
    /// Of those the engine gave it, how many the coder did; absent between
    /// coders.
    pub precision: Option<Range>,
    /// Of those the coder gave it, how many the engine did; absent between
    /// coders.
    pub recall: Option<Range>,
}

/// What weighs each answer, and whose words it is about.
pub(crate) struct Question {
    /// The chance of each passage to be drawn.
    pub weights: BTreeMap<PassageId, f64>,
    /// Whose words each is.
    pub voices: BTreeMap<PassageId, Voice>,
}

impl Question {
    /// One over the chance of a passage to be drawn.
    pub(crate) fn weight(&self, id: &PassageId) -> Option<f64> {
        Some(1.0 / self.weights.get(id)?)
    }
}

/// A passage that both coded.
struct Both<'a> {
    voice: Voice,
    pair: Pair<&'a str>,
}

/// Compares two sets of answers in everything that both coded. Precision and
/// recall are worked out if the second is the engine.
pub(super) fn compare(
    question: &Question,
    first: &Answers,
    second: &Answers,
    engine: bool,
) -> Vec<DimensionAgreement> {
    let each = codes().into_iter().enumerate();
    each.filter_map(|(number, (dimension, known))| {
        let both = both(question, first, second, number);
        (!both.is_empty()).then(|| of_dimension(dimension, &known, &both, engine))
    })
    .collect()
}

fn both<'a>(
    question: &Question,
    first: &'a Answers,
    second: &'a Answers,
    number: usize,
) -> Vec<Both<'a>> {
    let one = |(id, answers): (&PassageId, &'a [Option<String>; DIMENSIONS.len()])| {
        let other = second.get(id)?.get(number)?.as_deref()?;
        Some(Both {
            voice: *question.voices.get(id)?,
            pair: Pair {
                first: answers.get(number)?.as_deref()?,
                second: other,
                weight: question.weight(id)?,
            },
        })
    };
    first.iter().filter_map(one).collect()
}

fn of_dimension(
    dimension: &str,
    known: &[String],
    both: &[Both<'_>],
    engine: bool,
) -> DimensionAgreement {
    let pairs: Vec<Pair<&str>> = both.iter().map(|one| one.pair).collect();
    let given: BTreeSet<&str> = pairs.iter().flat_map(|p| [p.first, p.second]).collect();
    // Where any word may stand, those that do are the scale.
    let categories = known.len().max(given.len());
    let too_few = pairs.len() < FEW;
    let found = agreement(&pairs, categories).filter(|_| !too_few);
    let mut labels: Vec<&str> = known.iter().map(String::as_str).collect();
    labels.extend(
        given
            .iter()
            .filter(|label| !known.iter().any(|k| k == *label)),
    );
    DimensionAgreement {
        dimension: dimension.to_owned(),
        passages: pairs.len(),
        too_few,
        agreement: found.map(|found| found.observed),
        kappa: found.and_then(|found| found.kappa),
        alpha: found
            .and_then(|found| found.alpha)
            .map(|value| alpha(value, both, categories)),
        ac1: found.and_then(|found| found.ac1),
        labels: labels
            .into_iter()
            .filter(|label| given.contains(label))
            .filter_map(|label| of_label(label, &pairs, engine))
            .collect(),
    }
}

/// α with its interval: whole voices are drawn, each with all its passages.
fn alpha(value: f64, both: &[Both<'_>], categories: usize) -> Range {
    let mut voices: BTreeMap<Voice, Vec<Pair<&str>>> = BTreeMap::new();
    for one in both {
        voices.entry(one.voice).or_default().push(one.pair);
    }
    let voices: Vec<Vec<Pair<&str>>> = voices.into_values().collect();
    let interval = resampled(voices.len(), Bootstrap::default(), |drawn| {
        let drawn = drawn.iter().filter_map(|number| voices.get(*number));
        let pairs: Vec<Pair<&str>> = drawn.flatten().copied().collect();
        agreement(&pairs, categories)?.alpha
    });
    Range {
        value,
        low: interval.map(|interval| interval.low),
        high: interval.map(|interval| interval.high),
        passages: both.len(),
    }
}

fn of_label(label: &str, pairs: &[Pair<&str>], engine: bool) -> Option<LabelAgreement> {
    let sides: Vec<Pair<bool>> = pairs
        .iter()
        .map(|pair| Pair {
            first: pair.first == label,
            second: pair.second == label,
            weight: pair.weight,
        })
        .collect();
    let coded = sides.iter().filter(|pair| pair.first).count();
    let prevalence = weighted(sides.iter().map(|pair| (pair.first, pair.weight)))?.value;
    let too_few = coded < FEW;
    let found: Option<Agreement> = agreement(&sides, 2).filter(|_| !too_few);
    let by_engine = sides.iter().filter(|pair| pair.second);
    let by_coder = sides.iter().filter(|pair| pair.first);
    let told = engine && !too_few;
    Some(LabelAgreement {
        label: label.to_owned(),
        passages: coded,
        prevalence,
        too_few,
        agreement: found.map(|found| found.observed),
        kappa: found.and_then(|found| found.kappa),
        alpha: found.and_then(|found| found.alpha),
        ac1: found.and_then(|found| found.ac1),
        precision: weighted(by_engine.map(|pair| (pair.first, pair.weight))).filter(|_| told),
        recall: weighted(by_coder.map(|pair| (pair.second, pair.weight))).filter(|_| told),
    })
}

fn weighted(units: impl Iterator<Item = (bool, f64)>) -> Option<Range> {
    let found = weighted_share(&units.collect::<Vec<_>>())?;
    Some(Range {
        value: found.share,
        low: Some(found.interval.low),
        high: Some(found.interval.high),
        passages: found.units,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Passages of six people; the coder calls the first twelve of twenty a
    /// pain, the engine the first fifteen. The last ten stand for five each.
    fn pains() -> (Question, Answers, Answers) {
        let id = |n: u8| PassageId::from_bytes([n; 16]);
        let answers = |pains: u8| {
            let of = |n: u8| {
                let mut given: [Option<String>; DIMENSIONS.len()] = Default::default();
                given[2] = Some(if n < pains { "yes" } else { "no" }.to_owned());
                (id(n), given)
            };
            (0..20).map(of).collect::<Answers>()
        };
        let question = Question {
            weights: (0..20)
                .map(|n| (id(n), if n < 10 { 1.0 } else { 0.2 }))
                .collect(),
            voices: (0..20)
                .map(|n| (id(n), Voice::Participant(u32::from(n % 6))))
                .collect(),
        };
        (question, answers(12), answers(15))
    }

    #[test]
    fn labels_are_weighed_and_rare_ones_are_left_open() {
        let (question, coder, engine) = pains();
        let found = compare(&question, &coder, &engine, true);
        let [pain] = found.as_slice() else {
            panic!("one dimension")
        };
        assert_eq!((pain.dimension.as_str(), pain.passages), ("pain", 20));
        // 12 of the coder's weigh 10 + 2·5 of 60; 3·5 differ.
        assert!((pain.agreement.unwrap() - 45.0 / 60.0).abs() < 1e-12);
        let alpha = pain.alpha.unwrap();
        assert!(alpha.low.unwrap() <= alpha.value && alpha.value <= alpha.high.unwrap());
        let [yes, no] = pain.labels.as_slice() else {
            panic!("two labels")
        };
        assert_eq!((yes.label.as_str(), yes.passages), ("yes", 12));
        assert!((yes.prevalence - 20.0 / 60.0).abs() < 1e-12);
        assert!((yes.precision.unwrap().value - 20.0 / 35.0).abs() < 1e-12);
        assert!((yes.recall.unwrap().value - 1.0).abs() < 1e-12);
        assert!(no.too_few && no.passages == 8 && no.kappa.is_none());
        let between = compare(&question, &coder, &engine, false);
        assert_eq!(between[0].labels[0].precision, None);
    }

    #[test]
    fn what_one_left_open_is_not_compared() {
        let (question, mut coder, engine) = pains();
        coder
            .values_mut()
            .take(15)
            .for_each(|given| given[2] = None);
        let found = compare(&question, &coder, &engine, true);
        assert!(found[0].too_few && found[0].alpha.is_none());
        assert_eq!(found[0].passages, 5);
        coder.values_mut().for_each(|given| given[2] = None);
        assert!(compare(&question, &coder, &engine, true).is_empty());
    }
}
