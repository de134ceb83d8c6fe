//! How long a test's own work takes, whatever else the machine is doing.

use std::fs;
use std::time::{Duration, Instant};

/// Measures the time that this thread is on a processor where the system says
/// so (Linux), else the time on the clock: a busy machine must not look like
/// quadratic code.
pub(crate) struct Stopwatch {
    clock: Instant,
    processor: Option<Duration>,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self {
            clock: Instant::now(),
            processor: on_processor(),
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        match (self.processor, on_processor()) {
            (Some(from), Some(to)) => to.saturating_sub(from),
            _ => self.clock.elapsed(),
        }
    }
}

/// The first number of `schedstat` is the time on a processor in nanoseconds.
/// Kernels that do not count say 0.
fn on_processor() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let spent = text.split_whitespace().next()?.parse().ok()?;
    (spent > 0).then(|| Duration::from_nanos(spent))
}

#[test]
fn work_takes_time_and_waiting_takes_no_more_than_the_clock_says() {
    let (clock, watch) = (Instant::now(), Stopwatch::start());
    let mut sum = 0_u64;
    while clock.elapsed() < Duration::from_millis(50) || watch.elapsed().is_zero() {
        sum = std::hint::black_box(sum.wrapping_add(1));
    }
    let took = watch.elapsed();
    assert!(!took.is_zero() && took <= clock.elapsed() + Duration::from_millis(20));
}
