//! The layer that is the vector's own.

use std::collections::BTreeMap;

use rust_bert::bert::{BertConfig, BertLayer};
use tch::nn::Path as Place;
use tch::{Kind, Tensor, no_grad};

use crate::TrainError;
use crate::encoder::hidden_from;
use crate::model::Parameter;
use crate::tokens::Batch;

/// What the names of its weights start with.
pub(crate) const PREFIX: &str = "vector.layer.";

/// The weights whose sizes are those of its inner width, and along which dimension.
const INNER: [(&str, i64); 3] = [
    ("intermediate.dense.weight", 0),
    ("intermediate.dense.bias", 0),
    ("output.dense.weight", 1),
];

/// One layer beside the encoder's last. It reads what comes out of the last but one, and
/// sees the first part alone, so that nothing in it serves anything but the vector.
pub(crate) struct Own {
    layer: BertLayer,
    /// The arithmetic that it runs in.
    kind: Kind,
}

impl Own {
    /// A layer with random weights, whose feed-forward part has `inner` units.
    pub(crate) fn new(place: Place<'_>, config: &BertConfig, inner: i64, kind: Kind) -> Self {
        let config = BertConfig {
            intermediate_size: inner,
            ..config.clone()
        };
        Self {
            layer: BertLayer::new(place, &config),
            kind,
        }
    }

    /// What comes out of it, without dropout.
    pub(crate) fn states(&self, below: &Tensor, batch: &Batch) -> Tensor {
        let mask = hidden_from(&batch.own, self.kind).unsqueeze(1).unsqueeze(1);
        let below = below.to_kind(self.kind);
        let output = self.layer.forward_t(&below, Some(&mask), None, None, false);
        output.hidden_state
    }
}

/// The inner width of the own layer among a file's weights, if it has one.
pub(crate) fn inner(weights: &BTreeMap<String, Tensor>) -> Option<i64> {
    let up = weights.get(&format!("{PREFIX}intermediate.dense.weight"))?;
    up.size().first().copied()
}

/// Makes the own layer, of `inner` units, the last layer of another encoder. If that has
/// more units, those are left out that can add least: a unit's weight is the length of
/// what it reads by times the length of what it writes by.
pub(crate) fn start(
    own: Vec<Parameter>,
    inner: i64,
    encoder: &[Parameter],
    layers: usize,
) -> Result<(), TrainError> {
    let last = format!("encoder.layer.{}.", layers.saturating_sub(1));
    let from: BTreeMap<&str, &Tensor> = encoder
        .iter()
        .filter_map(|p| Some((p.name.strip_prefix(&last)?, &p.weights)))
        .collect();
    let missing = |name: &str| TrainError::Nothing(format!("the teacher has no '{last}{name}'"));
    let of = |name: &str| from.get(name).copied().ok_or_else(|| missing(name));
    let kept = kept(
        of("intermediate.dense.weight")?,
        of("output.dense.weight")?,
        inner,
    )?;
    for mut parameter in own {
        let Some(name) = parameter.name.strip_prefix(PREFIX) else {
            continue;
        };
        let found = of(name)?;
        let by_unit = INNER.iter().find(|(inner, _)| *inner == name);
        no_grad(|| match by_unit {
            Some((_, dimension)) => parameter
                .weights
                .f_copy_(&found.index_select(*dimension, &kept)),
            None => parameter.weights.f_copy_(found),
        })?;
    }
    Ok(())
}

/// The units that are kept, in their order.
fn kept(up: &Tensor, down: &Tensor, inner: i64) -> Result<Tensor, TrainError> {
    let length = |weights: &Tensor, along: i64| {
        let squares = weights.square();
        squares
            .sum_dim_intlist([along].as_slice(), false, Kind::Float)
            .sqrt()
    };
    let units = up.size().first().copied().unwrap_or_default();
    if inner > units {
        return Err(TrainError::Nothing(format!(
            "'inner' is {inner}, and the teacher's last layer has {units} units"
        )));
    }
    let weight = no_grad(|| length(up, 1) * length(down, 0));
    let order = weight.argsort_stable(true, 0, true);
    Ok(order.narrow(0, 0, inner).sort(0, false).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_that_read_and_write_much_are_kept_in_their_order() {
        let up = Tensor::from_slice(&[3.0_f32, 0.0, 0.1, 0.0, 2.0, 0.0, 0.0, 1.0]).view([4, 2]);
        let down = Tensor::from_slice(&[1.0_f32, 90.0, 0.0, 4.0, 0.0, 0.0, 1.0, 0.0]).view([2, 4]);
        let kept = |inner| kept(&up, &down, inner).map(|k| Vec::<i64>::try_from(k).unwrap());
        // What they read by is 3, 0.1, 2 and 1 long; what they write by 1, 90, 1 and 4.
        assert_eq!(kept(2).unwrap(), [1, 3]);
        assert_eq!(kept(4).unwrap(), [0, 1, 2, 3]);
        assert!(kept(5).unwrap_err().to_string().contains("4 units"));
    }
}
