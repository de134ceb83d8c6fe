//! AdamW with a rate for each layer, and moments that can be written and read again.

use std::collections::BTreeMap;
use std::path::Path;

use tch::{Kind, Tensor, no_grad};

use crate::TrainError;
use crate::model::Parameter;
use crate::recipe::Rates;

/// Numbers that are updated together: few enough to stay in a core's cache through the
/// passes over them, which makes the update three times as fast as one of whole tables.
const CHUNK: i64 = 1 << 17;

/// Keeps a division from failing.
const EPSILON: f64 = 1e-8;

/// AdamW (Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization").
#[derive(Debug)]
pub struct Adamw {
    settings: Rates,
    slots: Vec<Slot>,
}

#[derive(Debug)]
struct Slot {
    name: String,
    weights: Tensor,
    rate: f64,
    decay: f64,
    first: Tensor,
    second: Tensor,
    steps: i32,
}

impl Adamw {
    /// An optimiser at rest. `layers` is the number of the encoder's layers.
    pub fn new(parameters: &[Parameter], settings: &Rates, layers: usize) -> Self {
        let slots = parameters
            .iter()
            .map(|parameter| Slot {
                name: parameter.name.clone(),
                weights: parameter.weights.shallow_clone(),
                rate: rate(&parameter.name, settings, layers),
                decay: if parameter.weights.dim() > 1 {
                    settings.weight_decay
                } else {
                    0.0
                },
                first: no_grad(|| parameter.weights.zeros_like()),
                second: no_grad(|| parameter.weights.zeros_like()),
                steps: 0,
            })
            .collect();
        Self {
            settings: settings.clone(),
            slots,
        }
    }

    /// Moves every weight that has a gradient; `factor` scales all rates. Gives the
    /// length of all gradients together before they were shortened.
    pub fn step(&mut self, gradients: &[Option<Tensor>], factor: f64) -> f64 {
        no_grad(|| {
            let gradients: Vec<Option<Tensor>> = gradients
                .iter()
                .map(|gradient| gradient.as_ref().map(|g| g.to_kind(Kind::Float)))
                .collect();
            let square = |g: &Tensor| g.norm().double_value(&[]).powi(2);
            let norm = gradients.iter().flatten().map(square).sum::<f64>().sqrt();
            let scale = (self.settings.clip / (norm + 1e-6)).min(1.0);
            for (slot, gradient) in self.slots.iter_mut().zip(&gradients) {
                if let Some(gradient) = gradient {
                    slot.step(gradient, scale, factor, &self.settings);
                }
            }
            norm
        })
    }

    /// All moments, by name.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let of = |slot: &Slot| {
            [
                (format!("{}.first", slot.name), slot.first.shallow_clone()),
                (format!("{}.second", slot.name), slot.second.shallow_clone()),
                (
                    format!("{}.steps", slot.name),
                    Tensor::from_slice(&[slot.steps]),
                ),
            ]
        };
        self.slots.iter().flat_map(of).collect()
    }

    /// Takes up the moments that [`Adamw::state`] gave; `path` is for messages.
    pub fn restore(
        &mut self,
        state: &BTreeMap<String, Tensor>,
        path: &Path,
    ) -> Result<(), TrainError> {
        for slot in &mut self.slots {
            let of = |kind: &str, like: &[i64]| {
                let name = format!("{}.{kind}", slot.name);
                let found = state.get(&name).filter(|tensor| tensor.size() == like);
                found.ok_or_else(|| {
                    TrainError::content(path)(format!("'{name}' is missing, or of another shape"))
                })
            };
            let like = slot.weights.size();
            let (first, second) = (of("first", &like)?, of("second", &like)?);
            let steps = of("steps", &[1])?.int64_value(&[0]);
            slot.first.copy_(first);
            slot.second.copy_(second);
            slot.steps = steps as i32;
        }
        Ok(())
    }
}

impl Slot {
    fn step(&mut self, gradient: &Tensor, scale: f64, factor: f64, settings: &Rates) {
        self.steps += 1;
        let rate = self.rate * factor;
        let first_share = 1.0 - settings.beta1.powi(self.steps);
        let second_share = (1.0 - settings.beta2.powi(self.steps)).sqrt();
        let flat = |tensor: &Tensor| tensor.view(-1);
        let (weights, gradient) = (flat(&self.weights), gradient.reshape(-1));
        let (first, second) = (flat(&self.first), flat(&self.second));
        let all = weights.numel() as i64;
        for start in (0..all).step_by(CHUNK as usize) {
            let part = |tensor: &Tensor| tensor.narrow(0, start, CHUNK.min(all - start));
            let (mut weights, mut first, mut second) =
                (part(&weights), part(&first), part(&second));
            let gradient = part(&gradient) * scale;
            let _ = first.lerp_(&gradient, 1.0 - settings.beta1);
            let _ = second.lerp_(&gradient.square(), 1.0 - settings.beta2);
            let mut spread = second.sqrt();
            let _ = spread.g_div_scalar_(second_share);
            let _ = spread.g_add_scalar_(EPSILON);
            let mut move_by = &first / spread;
            let _ = move_by.g_mul_scalar_(-rate / first_share);
            let _ = weights.g_mul_scalar_(1.0 - rate * self.decay);
            let _ = weights.g_add_(&move_by);
        }
    }
}

/// The highest rate of a weight: layers far below the heads move less.
fn rate(name: &str, settings: &Rates, layers: usize) -> f64 {
    let depth = match name.strip_prefix("encoder.layer.") {
        Some(rest) => {
            let layer = rest.split('.').next().and_then(|layer| layer.parse().ok());
            layers.saturating_sub(1 + layer.unwrap_or(0))
        }
        None if name.starts_with("embeddings.") => layers,
        None => return settings.heads,
    };
    settings.encoder * settings.layer_decay.powi(depth as i32)
}

/// The share of its highest value that the rate has at a step, from 0, of `all`.
pub fn schedule(step: usize, all: usize, warmup: f64) -> f64 {
    let (at, all) = (step as f64, all.max(1) as f64);
    let rise = if warmup > 0.0 {
        ((at + 1.0) / (warmup * all)).min(1.0)
    } else {
        1.0
    };
    rise * ((all - at) / all).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, values: &[f32]) -> Parameter {
        let weights = Tensor::from_slice(values).view([1, -1]);
        Parameter {
            name: name.to_owned(),
            leaf: weights.shallow_clone(),
            weights,
        }
    }

    #[test]
    fn a_step_is_that_of_the_formula() {
        let parameters = [parameter("heads.pain.weight", &[1.0, -2.0])];
        let settings = Rates {
            heads: 0.1,
            weight_decay: 0.5,
            clip: 100.0,
            ..Rates::default()
        };
        let mut optimiser = Adamw::new(&parameters, &settings, 6);
        let gradient = Tensor::from_slice(&[3.0_f32, -4.0]).view([1, -1]);
        let norm = optimiser.step(&[Some(gradient)], 1.0);
        assert!((norm - 5.0).abs() < 1e-6);
        // The first step's moments cancel to the gradient's sign.
        let moved = Vec::<f32>::try_from(&parameters[0].weights.view(-1)).unwrap();
        for (value, expected) in moved.iter().zip([0.95 - 0.1, -1.9 + 0.1]) {
            assert!((value - expected).abs() < 1e-5, "{moved:?}");
        }
        assert_eq!(optimiser.step(&[None], 1.0), 0.0);
    }

    #[test]
    fn lower_layers_move_less() {
        let rates = Rates {
            encoder: 1.0,
            heads: 9.0,
            layer_decay: 0.5,
            ..Rates::default()
        };
        for (name, expected) in [
            ("encoder.layer.5.output.dense.bias", 1.0),
            ("encoder.layer.0.output.dense.bias", 0.031_25),
            ("embeddings.word_embeddings.weight", 0.015_625),
            ("heads.moment.weight", 9.0),
            ("auxiliary.sst5.weight", 9.0),
        ] {
            assert_eq!(rate(name, &rates, 6), expected, "{name}");
        }
    }

    #[test]
    fn the_rate_rises_and_falls_to_zero() {
        let at = |step| schedule(step, 100, 0.1);
        assert!(at(0) < at(5) && at(5) < at(9) && at(9) > at(50) && at(50) > at(99));
        assert!(at(99) > 0.0 && at(100) == 0.0);
        assert_eq!(schedule(0, 100, 0.0), 1.0);
    }
}
