use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rten::{RunOptions, ThreadPool};

use crate::NlpError;

/// Workers of one thread each.
///
/// Two workers of one thread are faster than one of two, and a model that runs
/// on one thread splits no sum. Each worker is a pool of the engine's own, so
/// that the engine, called from within it, runs in place: from another pool it
/// would wait, and a waiting thread would begin the next batch on top of the
/// first.
pub(crate) struct Workers {
    pools: Vec<Arc<ThreadPool>>,
}

impl Workers {
    /// `threads` workers, at least one.
    pub(crate) fn new(threads: usize) -> Self {
        let pool = || Arc::new(ThreadPool::with_num_threads(1));
        Self {
            pools: (0..threads.max(1)).map(|_| pool()).collect(),
        }
    }

    /// Does `work` on every job; the results are in the order of the jobs. If
    /// several fail, the error is that of the first of them.
    pub(crate) fn map<J: Sync, R: Send>(
        &self,
        jobs: &[J],
        work: impl Fn(&J, RunOptions) -> Result<R, NlpError> + Sync,
    ) -> Result<Vec<R>, NlpError> {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(jobs.len()));
        let drain = |pool: &Arc<ThreadPool>| {
            let options = RunOptions::default().with_thread_pool(Some(Arc::clone(pool)));
            pool.run(|| {
                while let Some((at, job)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    jobs.get(at).map(|job| (at, job))
                } {
                    let result = work(job, options.clone());
                    done.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((at, result));
                }
            });
        };
        let busy = self.pools.get(..jobs.len().min(self.pools.len()));
        std::thread::scope(|scope| {
            for pool in busy.unwrap_or_default() {
                scope.spawn(|| drain(pool));
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, result)| result).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_jobs_and_the_first_error_wins() {
        let jobs: Vec<usize> = (0..100).collect();
        for threads in [0, 1, 3] {
            let workers = Workers::new(threads);
            let doubled = workers.map(&jobs, |n, _| Ok(n * 2)).unwrap();
            assert!(doubled.iter().zip(&jobs).all(|(d, n)| *d == n * 2));
            let failed = workers.map(&jobs, |n, _| {
                if *n % 30 < 29 {
                    return Ok(());
                }
                Err(NlpError::Tokenizer {
                    model: String::new(),
                    bytes: *n,
                    problem: String::new(),
                })
            });
            assert!(matches!(failed, Err(NlpError::Tokenizer { bytes: 29, .. })));
        }
        assert!(
            Workers::new(2)
                .map(&[0; 0], |_, _| Ok(()))
                .unwrap()
                .is_empty()
        );
    }
}
