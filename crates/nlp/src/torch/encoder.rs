use rust_bert::bert::{BertConfig, BertEmbedding, BertEmbeddings, BertLayer};
use tch::nn::Path;
use tch::{Kind, Tensor};

use super::config::Config;
use super::nets::Tokens;

/// Added to the score of a token that is not seen: softmax makes nothing of it.
const UNSEEN: f64 = -10_000.0;

/// An encoder, out of rust-bert's layers: its own encoder has layers of one width alone,
/// does not say what comes out of the embeddings, and has no layer beside its last.
pub(crate) struct Encoder {
    embeddings: BertEmbeddings,
    layers: Vec<BertLayer>,
    /// The layer that is the vector's own.
    own: Option<BertLayer>,
}

impl Encoder {
    /// An encoder with random weights, under the names that BERT checkpoints give them.
    pub(crate) fn new(root: &Path<'_>, config: &Config) -> Result<Self, String> {
        let (shape, units) = (config.bert()?, config.units());
        let layer = |place: Path<'_>, units: i64| {
            let shape = BertConfig {
                intermediate_size: units,
                ..shape.clone()
            };
            BertLayer::new(place, &shape)
        };
        let place = root / "encoder" / "layer";
        let layers = units.layers.iter().enumerate();
        Ok(Self {
            embeddings: BertEmbeddings::new(root / "embeddings", &shape),
            layers: layers
                .map(|(number, units)| layer(&place / number, *units))
                .collect(),
            own: units
                .own
                .map(|units| layer(root / "vector" / "layer", units)),
        })
    }

    /// The layers that are not the vector's own.
    pub(crate) fn depth(&self) -> usize {
        self.layers.len()
    }

    /// What comes out of the embeddings and of the first `depth` layers, in this order.
    pub(crate) fn states(&self, tokens: &Tokens, depth: usize) -> Result<Vec<Tensor>, String> {
        let (ids, types) = (Some(&tokens.ids), Some(&tokens.types));
        let mut below = self
            .embeddings
            .forward_t(ids, types, None, None, false)
            .map_err(|e| e.to_string())?;
        let hidden = hidden(tokens)?;
        let mut states = Vec::new();
        for layer in self.layers.iter().take(depth) {
            let above = layer.forward_t(&below, hidden.as_ref(), None, None, false);
            states.push(std::mem::replace(&mut below, above.hidden_state));
        }
        states.push(below);
        Ok(states)
    }

    /// What comes out of the vector's own layer, on the last of the states.
    pub(crate) fn own(&self, states: &[Tensor], tokens: &Tokens) -> Result<Tensor, String> {
        let own = self.own.as_ref();
        let own = own.ok_or("the net has no layer of the vector's own")?;
        let below = states.last().ok_or("there are no states to read")?;
        let hidden = hidden(tokens)?;
        let above = own.forward_t(below, hidden.as_ref(), None, None, false);
        Ok(above.hidden_state)
    }
}

/// What is added to scores so that nothing is seen that must not be.
fn hidden(tokens: &Tokens) -> Result<Option<Tensor>, String> {
    let visible = tokens.visible.as_ref();
    let hidden = visible.map(|visible| {
        let hidden = visible.f_logical_not()?.f_to_kind(Kind::Float)?;
        hidden.f_mul_scalar(UNSEEN)?.f_unsqueeze(1)
    });
    hidden.transpose().map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rust_bert::bert::BertModel;
    use tch::nn::VarStore;
    use tch::{Device, no_grad};

    use super::super::config::Units;
    use super::*;

    fn config(layers: &[i64], own: Option<i64>) -> Config {
        let units = Units {
            layers: layers.to_vec(),
            own,
        };
        Config::of_sizes([20, 8, 16, 2], units).unwrap()
    }

    /// Of the three tokens the first two do not see the third.
    fn tokens() -> Tokens {
        let row = |values: &[i64]| Tensor::from_slice(values).view([1, 3]);
        let visible = Tensor::from_slice(&[1_i64, 1, 0, 1, 1, 0, 1, 1, 1]);
        Tokens {
            ids: row(&[3, 1, 4]),
            types: row(&[0, 0, 1]),
            visible: Some(visible.view([1, 3, 3])),
        }
    }

    fn alike(a: &Tensor, b: &Tensor) -> bool {
        a.size() == b.size() && a.allclose(b, 1e-5, 1e-6, false)
    }

    #[test]
    fn layer_by_layer_it_is_the_net_of_rust_bert() {
        let (store, mut whole) = (VarStore::new(Device::Cpu), VarStore::new(Device::Cpu));
        let config = config(&[32, 32], None);
        let encoder = Encoder::new(&store.root(), &config).unwrap();
        let mut shape = config.bert().unwrap();
        shape.output_hidden_states = Some(true);
        let net =
            BertModel::<BertEmbeddings>::new_with_optional_pooler(whole.root(), &shape, false);
        whole.copy(&store).unwrap();
        let mut read = tokens();
        let expected = |read: &Tokens| {
            let (ids, types) = (Some(&read.ids), Some(&read.types));
            let mask = read.visible.as_ref();
            let out = net.forward_t(ids, mask, types, None, None, None, None, false);
            out.unwrap().all_hidden_states.unwrap()
        };
        let masked = no_grad(|| encoder.states(&read, 2)).unwrap();
        let layers = no_grad(|| expected(&read));
        assert_eq!((masked.len(), layers.len()), (3, 2));
        assert!(masked[1..].iter().zip(&layers).all(|(a, b)| alike(a, b)));
        read.visible = None;
        let all = no_grad(|| encoder.states(&read, 2)).unwrap();
        let layers = no_grad(|| expected(&read));
        assert!(all[1..].iter().zip(&layers).all(|(a, b)| alike(a, b)));
        assert!(alike(&all[0], &masked[0]) && !alike(&all[1], &masked[1]));
    }

    #[test]
    fn layers_are_as_wide_as_is_said() {
        let store = VarStore::new(Device::Cpu);
        Encoder::new(&store.root(), &config(&[32, 12], Some(20))).unwrap();
        let variables = store.variables();
        let layers = ["encoder.layer.0", "encoder.layer.1", "vector.layer"];
        for (name, units) in layers.into_iter().zip([32, 12, 20]) {
            let up = &variables[&format!("{name}.intermediate.dense.weight")];
            assert_eq!(up.size(), [units, 8], "{name}");
        }
    }

    #[test]
    fn with_the_weights_of_the_last_layer_the_own_one_says_the_same() {
        let store = VarStore::new(Device::Cpu);
        let encoder = Encoder::new(&store.root(), &config(&[32, 12], Some(12))).unwrap();
        let variables: BTreeMap<_, _> = store.variables().into_iter().collect();
        let read = tokens();
        let [last, before, own] = no_grad(|| {
            let states = encoder.states(&read, 1).unwrap();
            let before = encoder.own(&states, &read).unwrap();
            for (name, own) in &variables {
                if let Some(part) = name.strip_prefix("vector.layer.") {
                    let from = &variables[&format!("encoder.layer.1.{part}")];
                    own.shallow_clone().copy_(from);
                }
            }
            let last = encoder.states(&read, 2).unwrap().remove(2);
            [last, before, encoder.own(&states, &read).unwrap()]
        });
        assert!(alike(&last, &own) && !alike(&last, &before));
        let without = Encoder::new(&(store.root() / "without"), &config(&[32], None)).unwrap();
        assert!(without.own(&[last], &read).is_err());
    }
}
