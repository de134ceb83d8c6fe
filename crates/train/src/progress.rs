//! How a training goes.

use std::time::{Duration, Instant};

use serde::Serialize;

/// How a run goes, over the steps since the last report.
#[derive(Debug, Clone, Serialize)]
pub struct Progress {
    /// Steps made.
    pub step: usize,
    /// Steps in all.
    pub of: usize,
    /// Mean loss.
    pub loss: f64,
    /// Mean length of the gradients before they were shortened.
    pub gradient: f64,
    /// Rows trained a second.
    pub rows_per_second: f64,
}

/// Adds steps up to the next report.
pub(crate) struct Meter {
    loss: f64,
    gradient: f64,
    rows: usize,
    steps: u32,
    since: Instant,
}

impl Meter {
    /// Begins now.
    pub(crate) fn start() -> Self {
        Self {
            loss: 0.0,
            gradient: 0.0,
            rows: 0,
            steps: 0,
            since: Instant::now(),
        }
    }

    /// Takes in a step over `rows` rows: its loss, and the length of its gradients.
    pub(crate) fn add(&mut self, rows: usize, (loss, gradient): (f64, f64)) {
        self.loss += loss;
        self.gradient += gradient;
        self.rows += rows;
        self.steps += 1;
    }

    /// Leaves out time that went into something else than steps.
    pub(crate) fn leave_out(&mut self, time: Duration) {
        self.since += time;
    }

    /// The report on the steps since the last one; begins anew.
    pub(crate) fn report(&mut self, step: usize, of: usize) -> Progress {
        let progress = Progress {
            step,
            of,
            loss: self.loss / f64::from(self.steps),
            gradient: self.gradient / f64::from(self.steps),
            rows_per_second: self.rows as f64 / self.since.elapsed().as_secs_f64(),
        };
        *self = Self::start();
        progress
    }
}
