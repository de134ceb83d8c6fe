//! What counts as wrong, in single precision.

use tch::{Kind, Reduction, Tensor};

use crate::data::Row;
use crate::predict::unit;
use crate::recipe::Loss;
use crate::tasks::{COUNT, TASKS};

/// The label that says there is none.
const UNLABELLED: i64 = -100;

/// The losses of the four tasks, with the weights of their labels.
#[derive(Debug)]
pub struct Losses {
    settings: Loss,
    weights: Vec<Tensor>,
}

impl Losses {
    /// Weighs the labels by how often they occur in all rows of the training.
    pub fn new(settings: &Loss, rows: &[Row]) -> Self {
        let weights = (0..COUNT)
            .zip(settings.balances())
            .map(|(task, balance)| Tensor::from_slice(&label_weights(rows, task, balance)))
            .collect();
        Self {
            settings: settings.clone(),
            weights,
        }
    }

    /// The loss of a batch: the sum over tasks of cross-entropy, smoothed and weighted
    /// by label and row, mixed with the divergence from the soft targets of the rows
    /// that have them. Each task is averaged over the rows that say something on it.
    pub fn tasks(&self, logits: &[Tensor], rows: &[&Row]) -> Tensor {
        let mut sum = Tensor::from(0.0_f32);
        let mut start = 0;
        let parts = logits
            .iter()
            .zip(&self.weights)
            .zip(self.settings.weights());
        for (task, ((logits, weights), weight)) in parts.enumerate() {
            let columns = TASKS.get(task).map_or(0, |task| task.labels.len());
            if let Some(loss) = self.task(logits, weights, rows, task, start..start + columns) {
                sum += loss * weight;
            }
            start += columns;
        }
        sum
    }

    fn task(
        &self,
        logits: &Tensor,
        weights: &Tensor,
        rows: &[&Row],
        task: usize,
        columns: std::ops::Range<usize>,
    ) -> Option<Tensor> {
        let (mut labels, mut hard, mut soft, mut total) = (vec![], vec![], vec![], 0.0);
        let mut targets = Vec::new();
        for row in rows {
            let label = row.labels.get(task).copied().flatten();
            let target = row.soft.as_ref().and_then(|all| all.get(columns.clone()));
            let target = target.filter(|_| self.settings.soft > 0.0);
            // A row that has only one of the two gives it all of its weight.
            let share = match (label, target) {
                (_, None) => 0.0,
                (None, Some(_)) => 1.0,
                (Some(_), Some(_)) => self.settings.soft as f32,
            };
            labels.push(label.map_or(UNLABELLED, |column| column as i64));
            hard.push(row.weight * (1.0 - share));
            soft.push(row.weight * share);
            if label.is_some() || target.is_some() {
                total += row.weight;
            }
            targets.extend(target.map_or_else(|| vec![0.0; columns.len()], <[f32]>::to_vec));
        }
        if total <= 0.0 {
            return None;
        }
        let smoothing = self.settings.smoothing;
        let labels = Tensor::from_slice(&labels);
        let each = logits.cross_entropy_loss(
            &labels,
            Some(weights),
            Reduction::None,
            UNLABELLED,
            smoothing,
        );
        let mut loss = (each * Tensor::from_slice(&hard)).sum(Kind::Float);
        if soft.iter().any(|share| *share > 0.0) {
            let targets = Tensor::from_slice(&targets).view_as(logits);
            let each = divergence(logits, &targets, self.settings.temperature);
            loss += (each * Tensor::from_slice(&soft)).sum(Kind::Float);
        }
        Some(loss / f64::from(total))
    }
}

/// Kullback–Leibler divergence from the targets, row by row, times the temperature
/// squared, which keeps the size of gradients (Hinton, Vinyals and Dean 2015).
fn divergence(logits: &Tensor, targets: &Tensor, temperature: f64) -> Tensor {
    let own = (logits / temperature).log_softmax(-1, Kind::Float);
    let wanted = (targets / temperature).log_softmax(-1, Kind::Float);
    let each = wanted.exp() * (wanted - own);
    each.sum_dim_intlist([-1].as_slice(), false, Kind::Float) * (temperature * temperature)
}

/// Mean over rows of 1 − cosine.
pub fn distance(vectors: &Tensor, targets: &Tensor) -> Tensor {
    1.0 - Tensor::cosine_similarity(vectors, targets, 1, 1e-8).mean(Kind::Float)
}

/// Mean over all pairs of rows of the squared difference between the cosine of their
/// vectors and that of their targets: what is near what.
pub fn unlikeness(vectors: &Tensor, targets: &Tensor) -> Tensor {
    let cosines = |rows: &Tensor| {
        let rows = unit(rows);
        rows.matmul(&rows.tr())
    };
    (cosines(vectors) - cosines(targets))
        .square()
        .mean(Kind::Float)
}

/// A label's weight: its share of the rows to the power of minus `balance`, scaled so
/// that the average over rows is 1. Each label counts once more than it occurs.
fn label_weights(rows: &[Row], task: usize, balance: f64) -> Vec<f32> {
    let columns = TASKS.get(task).map_or(0, |task| task.labels.len());
    let mut counts = vec![1.0_f64; columns];
    for row in rows {
        let label = row.labels.get(task).copied().flatten();
        if let Some(count) = label.and_then(|label| counts.get_mut(label)) {
            *count += f64::from(row.weight);
        }
    }
    let all: f64 = counts.iter().sum();
    let raw: Vec<f64> = counts
        .iter()
        .map(|count| (all / count).powf(balance))
        .collect();
    let mean = raw
        .iter()
        .zip(&counts)
        .map(|(f, count)| f * count)
        .sum::<f64>()
        / all;
    raw.iter().map(|f| (f / mean) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reading;

    fn row(pain: Option<usize>, soft: Option<Vec<f32>>) -> Row {
        Row {
            key: 0,
            doc: String::new(),
            reading: Reading {
                ids: vec![1, 2, 1],
                own: 2,
            },
            labels: [None, None, pain, None],
            weight: 1.0,
            soft,
        }
    }

    fn losses(soft: f64, rows: &[Row]) -> Losses {
        let settings = Loss {
            soft,
            smoothing: 0.0,
            balance: [("pain".to_owned(), 1.0)].into(),
            ..Loss::default()
        };
        Losses::new(&settings, rows)
    }

    fn zeros(rows: i64) -> Vec<Tensor> {
        let columns = |task: &crate::tasks::Task| task.labels.len() as i64;
        TASKS
            .iter()
            .map(|t| Tensor::zeros([rows, columns(t)], tch::kind::FLOAT_CPU))
            .collect()
    }

    #[test]
    fn rare_labels_weigh_more_and_the_average_is_one() {
        let rows: Vec<Row> = (0..99)
            .map(|i| row(Some(usize::from(i < 19)), None))
            .collect();
        let weights = label_weights(&rows, 2, 1.0);
        let mean = (81.0 * weights[0] + 20.0 * weights[1]) / 101.0;
        assert!((mean - 1.0).abs() < 1e-5 && (weights[1] / weights[0] - 81.0 / 20.0).abs() < 1e-4);
        assert_eq!(label_weights(&rows, 2, 0.0), [1.0, 1.0]);
    }

    #[test]
    fn a_task_without_labels_costs_nothing_and_one_with_costs_its_entropy() {
        let (labelled, bare) = (row(Some(1), None), row(None, None));
        let all = [labelled.clone(), row(Some(0), None)];
        let losses = losses(0.0, &all);
        let cost = |rows: &[&Row]| {
            losses
                .tasks(&zeros(rows.len() as i64), rows)
                .double_value(&[])
        };
        assert_eq!(cost(&[&bare]), 0.0);
        // ln 2, averaged over the one row that has a label.
        assert!((cost(&[&labelled, &bare]) - std::f64::consts::LN_2).abs() < 1e-6);
    }

    #[test]
    fn what_is_turned_as_a_whole_is_like_but_far() {
        let targets = Tensor::from_slice(&[2.0_f32, 0.0, 0.0, 5.0]).view([2, 2]);
        let turned = Tensor::from_slice(&[0.0_f32, -1.0, 3.0, 0.0]).view([2, 2]);
        let alike = Tensor::from_slice(&[1.0_f32, 0.0, 1.0, 0.0]).view([2, 2]);
        let of = |loss: fn(&Tensor, &Tensor) -> Tensor, vectors: &Tensor| {
            loss(vectors, &targets).double_value(&[])
        };
        assert!(of(unlikeness, &turned).abs() < 1e-6);
        assert!((of(distance, &turned) - 1.0).abs() < 1e-6);
        // Both pairs of different rows have a cosine of 1 in place of 0.
        assert!((of(unlikeness, &alike) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn soft_targets_that_are_met_cost_nothing() {
        let met = row(None, Some(vec![0.0; 30]));
        let mut far = vec![0.0; 30];
        far[15] = 5.0;
        let missed = row(None, Some(far));
        let losses = losses(0.5, std::slice::from_ref(&met));
        let cost = |row: &Row| losses.tasks(&zeros(1), &[row]).double_value(&[]);
        assert!(cost(&met).abs() < 1e-7);
        assert!(cost(&missed) > 0.1);
    }
}
