//! Measures of a model's answers, with intervals over documents.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tch::Tensor;

use crate::TrainError;
use crate::data::Row;
use crate::order::Order;
use crate::predict::Predictions;
use crate::tasks::{COUNT, PAIN, TASKS};

/// The gold and the given column of one task, for the rows that have a label.
type Pairs = Vec<(usize, usize)>;

/// Measures of all tasks as JSON: `moment` with `accuracy`, `macro_f1` (over the labels
/// that occur) and `f1` by label, and likewise the other tasks; each but those by label
/// as `{"value", "low", "high"}`, the last two being the ends of the 95 % interval from
/// `resamples` draws of documents with replacement (percentile bootstrap).
pub fn measures(
    rows: &[Row],
    predictions: &Predictions,
    resamples: usize,
    seed: u64,
) -> Result<Value, TrainError> {
    let answers = answers(predictions)?;
    let mut documents: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        documents.entry(&row.doc).or_default().push(index);
    }
    let documents: Vec<Vec<usize>> = documents.into_values().collect();
    let mut all = json!({"rows": rows.len(), "documents": documents.len()});
    for (task, answers) in answers.iter().enumerate() {
        let pairs = |indices: &mut dyn Iterator<Item = usize>| -> Pairs {
            let pair = |i: usize| {
                let gold = rows.get(i)?.labels.get(task).copied()??;
                Some((gold, *answers.get(i)?))
            };
            indices.filter_map(pair).collect()
        };
        let whole = pairs(&mut (0..rows.len()));
        if whole.is_empty() {
            continue;
        }
        let mut order = Order::new(seed);
        let mut draws: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for _ in 0..resamples {
            let drawn: Vec<usize> = (0..documents.len())
                .filter_map(|_| documents.get(order.below(documents.len())))
                .flatten()
                .copied()
                .collect();
            for (name, value) in headline(task, &pairs(&mut drawn.into_iter())) {
                draws.entry(name).or_default().push(value);
            }
        }
        if let (Some(of), Some(all)) = (TASKS.get(task), all.as_object_mut()) {
            all.insert(of.name.to_owned(), of_task(task, &whole, draws));
        }
    }
    Ok(all)
}

fn of_task(task: usize, pairs: &Pairs, mut draws: BTreeMap<String, Vec<f64>>) -> Value {
    let mut measures = serde_json::Map::new();
    for (name, value) in headline(task, pairs) {
        let mut measure = json!({"value": rounded(value)});
        if let Some(draws) = draws.get_mut(&name) {
            draws.sort_by(f64::total_cmp);
            let at = |share: f64| {
                let index = ((draws.len() as f64 - 1.0) * share).round() as usize;
                draws.get(index).copied().map(rounded)
            };
            measure["low"] = json!(at(0.025));
            measure["high"] = json!(at(0.975));
        }
        measures.insert(name, measure);
    }
    let labels = TASKS.get(task).map(|task| task.labels).unwrap_or_default();
    let by_label: serde_json::Map<_, _> = labels
        .iter()
        .enumerate()
        .filter_map(|(label, name)| {
            let rows = pairs.iter().filter(|(gold, _)| *gold == label).count();
            let value = rounded(f1(pairs, label)?);
            Some(((*name).to_owned(), json!({"f1": value, "rows": rows})))
        })
        .collect();
    measures.insert("labels".to_owned(), Value::Object(by_label));
    Value::Object(measures)
}

/// The measures of a task that have intervals.
fn headline(task: usize, pairs: &Pairs) -> Vec<(String, f64)> {
    let right = pairs.iter().filter(|(gold, given)| gold == given).count();
    let accuracy = right as f64 / pairs.len().max(1) as f64;
    let labels = TASKS.get(task).map(|task| task.labels).unwrap_or_default();
    let occurring: Vec<f64> = (0..labels.len())
        .filter(|label| pairs.iter().any(|(gold, _)| gold == label))
        .filter_map(|label| f1(pairs, label))
        .collect();
    let macro_f1 = occurring.iter().sum::<f64>() / occurring.len().max(1) as f64;
    let mut all = vec![
        ("accuracy".to_owned(), accuracy),
        ("macro_f1".to_owned(), macro_f1),
    ];
    let single = |label: &str| matches!(label, "need" | "discover" | "mixed");
    for (label, name) in labels.iter().enumerate().filter(|(_, name)| single(name)) {
        all.extend(f1(pairs, label).map(|value| (format!("{name}_f1"), value)));
    }
    if task == PAIN {
        all.extend(f1(pairs, 1).map(|value| ("f1".to_owned(), value)));
    }
    all
}

/// F1 of a label; `None` if it neither occurs nor is given.
fn f1(pairs: &Pairs, label: usize) -> Option<f64> {
    let (mut both, mut sum) = (0_usize, 0_usize);
    for (gold, given) in pairs {
        both += usize::from(*gold == label && *given == label);
        sum += usize::from(*gold == label) + usize::from(*given == label);
    }
    (sum > 0).then(|| 2.0 * both as f64 / sum as f64)
}

/// The likeliest column of each row, by task.
fn answers(predictions: &Predictions) -> Result<[Vec<usize>; COUNT], TrainError> {
    let mut all: [Vec<usize>; COUNT] = Default::default();
    for (answers, logits) in all.iter_mut().zip(&predictions.logits) {
        let columns: Vec<i64> = Vec::try_from(&Tensor::argmax(logits, -1, false))?;
        *answers = columns
            .iter()
            .map(|c| usize::try_from(*c).unwrap_or_default())
            .collect();
    }
    Ok(all)
}

fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reading;

    #[test]
    fn measures_are_those_of_their_definitions() {
        // Gold 0 0 1 1 of pain, given 0 1 1 1.
        let pairs = vec![(0, 0), (0, 1), (1, 1), (1, 1)];
        let all: BTreeMap<String, f64> = headline(PAIN, &pairs).into_iter().collect();
        assert_eq!(all["accuracy"], 0.75);
        assert!((all["f1"] - 0.8).abs() < 1e-12);
        assert!((all["macro_f1"] - (0.8 + 2.0 / 3.0) / 2.0).abs() < 1e-12);
        // A label that is given and never gold counts in no average.
        assert_eq!(headline(0, &vec![(0, 0), (0, 3)])[1].1, 2.0 / 3.0);
    }

    #[test]
    fn an_interval_holds_the_value_and_rows_of_a_document_stay_together() {
        let rows: Vec<Row> = (0..40)
            .map(|i| Row {
                key: i,
                doc: format!("d{}", i / 2),
                reading: Reading {
                    ids: vec![],
                    own: 0,
                },
                labels: [None, None, Some((i % 2) as usize), None],
                weight: 1.0,
                soft: None,
            })
            .collect();
        let zeros = |columns| Tensor::zeros([40, columns], tch::kind::FLOAT_CPU);
        let predictions = Predictions {
            keys: (0..40).collect(),
            logits: TASKS.iter().map(|t| zeros(t.labels.len() as i64)).collect(),
            vectors: zeros(2),
        };
        let all = measures(&rows, &predictions, 200, 1).unwrap();
        assert_eq!((&all["documents"], all.get("moment")), (&json!(20), None));
        // Each document has one row of both labels: no draw can move the accuracy.
        assert_eq!(
            all["pain"]["accuracy"],
            json!({"value": 0.5, "low": 0.5, "high": 0.5})
        );
    }
}
