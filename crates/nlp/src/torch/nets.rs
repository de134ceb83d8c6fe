use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rust_bert::bert::BertForSequenceClassification;
use tch::nn::VarStore;
use tch::{Device, Tensor};

use super::config::Config;
use super::encoder::Encoder;
use super::weights::Weights;
use crate::NlpError;

/// One reading: ids, of which the first `own` see each other alone and the rest
/// see everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    pub ids: Vec<i64>,
    /// Tokens of the first part.
    pub own: usize,
    /// Whether the parts are hidden from each other: if not, all see all.
    pub masked: bool,
}

/// A reading in tensors, each of one row.
pub(crate) struct Tokens {
    pub ids: Tensor,
    /// 0 for the first part, 1 for the rest.
    pub types: Tensor,
    /// Who sees whom, if not all see all: [1, from, to].
    pub visible: Option<Tensor>,
}

/// A net that one thread at a time can use.
pub(crate) struct Net {
    layers: Layers,
    /// Ids that have an embedding, and tokens that have a position.
    vocabulary: i64,
    positions: usize,
}

enum Layers {
    /// States of every token.
    Encoder(Box<Encoder>),
    /// Logits of classes.
    Classifier(Box<BertForSequenceClassification>),
}

/// One net for each thread, over the same weights.
pub(crate) struct Nets(Vec<Mutex<Net>>);

impl Net {
    /// A net of layers and nothing behind them.
    pub(crate) fn encoder(config: &Config, weights: &Weights) -> Result<Self, String> {
        let mut store = VarStore::new(Device::Cpu);
        let encoder = Encoder::new(&store.root(), config)?;
        weights.fill(&mut store)?;
        Ok(Self::of(Layers::Encoder(Box::new(encoder)), config))
    }

    /// A net with a layer over classes.
    pub(crate) fn classifier(config: &Config, weights: &Weights) -> Result<Self, String> {
        let mut store = VarStore::new(Device::Cpu);
        let bert = BertForSequenceClassification::new(store.root(), &config.bert()?)
            .map_err(|e| e.to_string())?;
        weights.fill(&mut store)?;
        Ok(Self::of(Layers::Classifier(Box::new(bert)), config))
    }

    fn of(layers: Layers, config: &Config) -> Self {
        Self {
            layers,
            vocabulary: config.vocab_size,
            positions: usize::try_from(config.max_position_embeddings).unwrap_or_default(),
        }
    }

    /// What the net makes of a reading: the last states of its tokens, one after
    /// the other, or its logits.
    pub(crate) fn read(&self, reading: &Reading) -> Result<Vec<f32>, String> {
        tch::no_grad(|| {
            let tokens = self.tokens(reading)?;
            match &self.layers {
                Layers::Encoder(encoder) => {
                    let last = encoder.depth();
                    let [states] = found(&encoder.states(&tokens, last)?, [last])?;
                    Ok(states)
                }
                Layers::Classifier(net) => {
                    let (ids, types) = (Some(&tokens.ids), Some(&tokens.types));
                    let out = net.forward_t(ids, tokens.visible.as_ref(), types, None, None, false);
                    numbers(&out.logits)
                }
            }
        })
    }

    /// The states of a reading's tokens behind each of `layers`, counted from 1 and in
    /// rising order, where 0 stands for the embeddings; then those behind the vector's
    /// own layer, which reads the last of them.
    pub(crate) fn states<const N: usize>(
        &self,
        reading: &Reading,
        layers: [usize; N],
    ) -> Result<([Vec<f32>; N], Vec<f32>), String> {
        let Layers::Encoder(encoder) = &self.layers else {
            return Err("of a net with classes the states are not read".to_owned());
        };
        tch::no_grad(|| {
            let tokens = self.tokens(reading)?;
            let depth = layers.last().copied().unwrap_or_default();
            let states = encoder.states(&tokens, depth)?;
            let own = encoder.own(&states, &tokens)?;
            Ok((found(&states, layers)?, numbers(&own)?))
        })
    }

    /// A reading as the engine takes it, once it is sure that the net can read it:
    /// rust-bert would panic.
    fn tokens(&self, reading: &Reading) -> Result<Tokens, String> {
        let tokens = reading.ids.len();
        let known = reading
            .ids
            .iter()
            .all(|id| (0..self.vocabulary).contains(id));
        if !known || tokens == 0 || tokens > self.positions {
            return Err(format!(
                "{tokens} tokens, some of which may be unknown: the net has {} positions and \
                 {} words",
                self.positions, self.vocabulary
            ));
        }
        let row = [1, tokens as i64];
        let tensor = |values: &[i64], shape: &[i64]| {
            Tensor::f_from_slice(values)
                .and_then(|tensor| tensor.f_view(shape))
                .map_err(|e| e.to_string())
        };
        let types: Vec<i64> = (0..tokens).map(|at| i64::from(at >= reading.own)).collect();
        let visible = if reading.masked && reading.own < tokens {
            let visible = visible(reading.own, tokens);
            Some(tensor(&visible, &[1, row[1], row[1]])?)
        } else {
            None
        };
        Ok(Tokens {
            ids: tensor(&reading.ids, &row)?,
            types: tensor(&types, &row)?,
            visible,
        })
    }
}

/// The states behind each of `layers`.
fn found<const N: usize>(states: &[Tensor], layers: [usize; N]) -> Result<[Vec<f32>; N], String> {
    let mut read = [const { Vec::new() }; N];
    for (read, layer) in read.iter_mut().zip(layers) {
        *read = numbers(states.get(layer).ok_or("the net has too few layers")?)?;
    }
    Ok(read)
}

fn numbers(tensor: &Tensor) -> Result<Vec<f32>, String> {
    let flat = tensor.f_reshape([-1]).map_err(|e| e.to_string())?;
    Vec::try_from(&flat).map_err(|e| format!("{e}"))
}

/// Who sees whom, row by row: the first `own` tokens each other, the rest all.
fn visible(own: usize, tokens: usize) -> Vec<i64> {
    (0..tokens)
        .flat_map(|from| (0..tokens).map(move |to| i64::from(from >= own || to < own)))
        .collect()
}

impl Nets {
    /// As many nets as `threads`, each made by `make`.
    pub(crate) fn new(
        threads: NonZeroUsize,
        make: impl Fn() -> Result<Net, NlpError>,
    ) -> Result<Self, NlpError> {
        let nets = (0..threads.get()).map(|_| make().map(Mutex::new));
        nets.collect::<Result<_, _>>().map(Self)
    }

    /// Does `work` on every job; the results are in the order of the jobs. If
    /// several fail, the error is that of the first of them.
    pub(crate) fn map<J: Sync, R: Send>(
        &self,
        jobs: &[J],
        work: impl Fn(&Net, &J) -> Result<R, NlpError> + Sync,
    ) -> Result<Vec<R>, NlpError> {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(jobs.len()));
        let drain = |net: &Mutex<Net>| {
            // Said in the thread that it is for: one thread splits no sum.
            tch::set_num_threads(1);
            let net = net.lock().unwrap_or_else(PoisonError::into_inner);
            while let Some((at, job)) = {
                let at = next.fetch_add(1, Ordering::Relaxed);
                jobs.get(at).map(|job| (at, job))
            } {
                let result = work(&net, job);
                done.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push((at, result));
            }
        };
        std::thread::scope(|scope| {
            for net in self.0.iter().take(jobs.len()) {
                scope.spawn(|| drain(net));
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, result)| result).collect()
    }
}

/// The threads of the rayon pool that this is called in.
pub(crate) fn threads() -> NonZeroUsize {
    NonZeroUsize::new(rayon::current_num_threads()).unwrap_or(NonZeroUsize::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_sees_itself_and_the_second_part_sees_all() {
        assert_eq!(visible(2, 3), [1, 1, 0, 1, 1, 0, 1, 1, 1]);
    }
}
