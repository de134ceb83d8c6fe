//! One encoder, a head for each task, and the two kinds of arithmetic it runs in.

use std::collections::BTreeMap;
use std::path::Path;

use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::nn::{Init, Linear, LinearConfig, Module, Path as Place, VarStore};
use tch::{Device, Kind, Tensor, no_grad};

use crate::TrainError;
use crate::recipe::Precision;
use crate::tasks::TASKS;
use crate::tokens::Batch;

/// The three tables that are summed into the encoder's input. They stay in single
/// precision: the gradient of a row that every token of a batch shares is a long sum,
/// from which bfloat16 loses most terms.
const TABLES: [&str; 3] = [
    "embeddings.word_embeddings.weight",
    "embeddings.position_embeddings.weight",
    "embeddings.token_type_embeddings.weight",
];

/// A table of weights.
#[derive(Debug)]
pub struct Parameter {
    /// Its name in files.
    pub name: String,
    /// The weights, in single precision: what an optimiser moves.
    pub weights: Tensor,
    /// What takes part in the forward pass: the weights, or their copy.
    pub leaf: Tensor,
}

/// What the encoder makes of a batch.
#[derive(Debug)]
pub struct States {
    /// The mean of the last layer over the first part, `[rows, width]`: the base
    /// encoder's vector. At work it is not computed.
    pub pooled: Tensor,
    /// The vector of the first part, not scaled to length 1: linear in its means of the
    /// middle layer and of the last but one, `[rows, width]`.
    pub vector: Tensor,
    /// What the heads read: the mean of the last layer but one over the first part, and
    /// the last state of the tag token, `[rows, 2 width]`. So nothing that is used needs
    /// the first part in the last layer, which is then run for the tag token alone.
    pub features: Tensor,
}

/// The multi-task model.
pub struct Model {
    config: BertConfig,
    store: VarStore,
    /// The encoder's weights in bfloat16, where it runs in that.
    copy: Option<VarStore>,
    bert: BertModel<BertEmbeddings>,
    heads: Vec<Linear>,
    vector: Linear,
    auxiliaries: BTreeMap<String, Linear>,
}

impl Model {
    /// A model with random weights, drawn from libtorch's generator. `auxiliaries` are
    /// the further heads and their labels' number.
    pub fn new(
        config: &BertConfig,
        precision: Precision,
        auxiliaries: &BTreeMap<String, i64>,
    ) -> Self {
        let config = &BertConfig {
            output_hidden_states: Some(true),
            ..config.clone()
        };
        let store = VarStore::new(Device::Cpu);
        let bert = encoder(&store, config);
        let features = 2 * config.hidden_size;
        let head = |place: Place<'_>, labels| tch::nn::linear(place, features, labels, small());
        let heads = TASKS
            .iter()
            .map(|task| head(store.root() / "heads" / task.name, task.labels.len() as i64))
            .collect();
        let vector = vector_map(store.root() / "vector", config.hidden_size);
        let auxiliaries = auxiliaries
            .iter()
            .map(|(name, labels)| {
                let place = store.root() / "auxiliary" / name;
                (name.clone(), head(place, *labels))
            })
            .collect();
        let (copy, bert) = match precision {
            Precision::F32 => (None, bert),
            Precision::Bf16 => {
                let mut copy = VarStore::new(Device::Cpu);
                let bert = encoder(&copy, config);
                copy.bfloat16();
                (Some(copy), bert)
            }
        };
        let model = Self {
            config: config.clone(),
            store,
            copy,
            bert,
            heads,
            vector,
            auxiliaries,
        };
        model.clear_tables();
        model.refresh();
        model
    }

    /// The encoder's configuration.
    pub fn config(&self) -> &BertConfig {
        &self.config
    }

    /// Layers of the encoder.
    pub fn layers(&self) -> usize {
        usize::try_from(self.config.num_hidden_layers).unwrap_or_default()
    }

    /// All weights, by name.
    pub fn parameters(&self) -> Vec<Parameter> {
        let copies = self
            .copy
            .as_ref()
            .map(VarStore::variables)
            .unwrap_or_default();
        let all: BTreeMap<String, Tensor> = self.store.variables().into_iter().collect();
        all.into_iter()
            .map(|(name, weights)| {
                let copied = copies
                    .get(&name)
                    .filter(|_| !TABLES.contains(&name.as_str()));
                Parameter {
                    leaf: copied.unwrap_or(&weights).shallow_clone(),
                    name,
                    weights,
                }
            })
            .collect()
    }

    /// Brings the copy up to the weights. To be called whenever they have moved.
    pub fn refresh(&self) {
        no_grad(|| {
            for parameter in self.parameters() {
                if parameter.leaf.kind() != parameter.weights.kind() {
                    let mut leaf = parameter.leaf;
                    leaf.copy_(&parameter.weights);
                }
            }
        });
    }

    /// Takes weights by name, as in `file`; all of the encoder's must be there. Those of
    /// the heads may lack unless `heads` says that they must not.
    pub fn load(&mut self, file: &Path, heads: bool) -> Result<(), TrainError> {
        let read: BTreeMap<String, Tensor> = Tensor::read_safetensors(file)?
            .into_iter()
            .map(|(name, tensor)| (name.trim_start_matches("bert.").to_owned(), tensor))
            .collect();
        for mut parameter in self.parameters() {
            let inner =
                parameter.name.starts_with("encoder.") || parameter.name.starts_with("embeddings.");
            match read.get(&parameter.name) {
                Some(found) if found.size() == parameter.weights.size() => {
                    no_grad(|| parameter.weights.copy_(found));
                }
                None if !inner && !heads => {}
                found => {
                    return Err(TrainError::content(file)(format!(
                        "'{}' should be {:?}, and is {}",
                        parameter.name,
                        parameter.weights.size(),
                        found.map_or("missing".to_owned(), |t| format!("{:?}", t.size()))
                    )));
                }
            }
        }
        self.refresh();
        Ok(())
    }

    /// Runs the encoder. `train` switches dropout on.
    pub fn states(&self, batch: &Batch, train: bool) -> Result<States, TrainError> {
        let (ids, types, sum);
        match &self.copy {
            None => (ids, types, sum) = (Some(&batch.ids), Some(&batch.types), None),
            Some(_) => (ids, types, sum) = (None, None, Some(self.input(batch))),
        }
        let output = self.bert.forward_t(
            ids,
            Some(&batch.visible),
            types,
            None,
            sum.as_ref(),
            None,
            None,
            train,
        )?;
        let hidden = output.hidden_state.to_kind(Kind::Float);
        let layers = output.all_hidden_states.unwrap_or_default();
        let layer = |below_last: usize| {
            let index = layers.len().checked_sub(1 + below_last);
            let found = index.and_then(|index| layers.get(index));
            found.unwrap_or(&output.hidden_state).to_kind(Kind::Float)
        };
        let (middle, upper) = (layer(layers.len() / 2), layer(1));
        let own = batch.own.to_kind(Kind::Float).unsqueeze(-1);
        let over = |tensor: &Tensor| tensor.sum_dim_intlist([1].as_slice(), false, Kind::Float);
        let count = over(&own);
        let mean = |states: &Tensor| over(&(states * &own)) / &count;
        let (middle, upper) = (mean(&middle), mean(&upper));
        let tags = hidden
            .reshape([-1, self.config.hidden_size])
            .index_select(0, &batch.tags);
        Ok(States {
            features: Tensor::cat(&[&upper, &tags], 1),
            vector: self.vector.forward(&Tensor::cat(&[&middle, &upper], 1)),
            pooled: mean(&hidden),
        })
    }

    /// The logits of the four tasks.
    pub fn logits(&self, features: &Tensor) -> Vec<Tensor> {
        self.heads
            .iter()
            .map(|head| head.forward(features))
            .collect()
    }

    /// The logits of an auxiliary head, if there is one of that name.
    pub fn auxiliary(&self, name: &str, features: &Tensor) -> Option<Tensor> {
        self.auxiliaries
            .get(name)
            .map(|head| head.forward(features))
    }

    /// The sum of the three tables for a batch, for the copy.
    fn input(&self, batch: &Batch) -> Tensor {
        let tables = self.store.variables();
        let of = |name: &str, ids: &Tensor, padding: i64| {
            tables
                .get(name)
                .map(|table| Tensor::embedding(table, ids, padding, false, false))
        };
        let [words, positions, types] = TABLES;
        let length = batch.ids.size().get(1).copied().unwrap_or_default();
        let at = Tensor::arange(length, (Kind::Int64, Device::Cpu)).unsqueeze(0);
        [
            of(words, &batch.ids, 0),
            of(positions, &at, -1),
            of(types, &batch.types, -1),
        ]
        .into_iter()
        .flatten()
        .fold(Tensor::from(0.0_f32), |sum, part| sum + part)
        .to_kind(Kind::BFloat16)
    }

    /// The copy gets the sum of the tables, and must add nothing of its own to it.
    fn clear_tables(&self) {
        let copies = self
            .copy
            .as_ref()
            .map(VarStore::variables)
            .unwrap_or_default();
        for name in TABLES {
            if let Some(table) = copies.get(name) {
                let mut table = table.set_requires_grad(false);
                let _ = table.zero_();
            }
        }
    }
}

fn encoder(store: &VarStore, config: &BertConfig) -> BertModel<BertEmbeddings> {
    BertModel::new_with_optional_pooler(store.root(), config, false)
}

/// The map from the two means to the vector; it starts as the second of them.
fn vector_map(place: Place<'_>, width: i64) -> Linear {
    let zeros = LinearConfig {
        ws_init: Init::Const(0.0),
        bs_init: Some(Init::Const(0.0)),
        bias: true,
    };
    let linear = tch::nn::linear(place, 2 * width, width, zeros);
    no_grad(|| {
        let one = Tensor::eye(width, (Kind::Float, Device::Cpu));
        linear.ws.narrow(1, width, width).copy_(&one);
    });
    linear
}

/// Heads start small, so that the first answers are near the shares of the labels.
fn small() -> LinearConfig {
    LinearConfig {
        ws_init: Init::Randn {
            mean: 0.0,
            stdev: 0.02,
        },
        bs_init: Some(Init::Const(0.0)),
        bias: true,
    }
}

/// Reads a `config.json` and sets dropout.
pub fn configuration(path: &Path, dropout: f64) -> Result<BertConfig, TrainError> {
    let text = std::fs::read_to_string(path).map_err(TrainError::file(path))?;
    let mut config: BertConfig = serde_json::from_str(&text).map_err(TrainError::content(path))?;
    if config.num_attention_heads < 1 || config.hidden_size % config.num_attention_heads != 0 {
        return Err(TrainError::content(path)(
            "'hidden_size' must be a multiple of 'num_attention_heads'",
        ));
    }
    config.attention_probs_dropout_prob = dropout;
    config.hidden_dropout_prob = dropout;
    Ok(config)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Reading;

    /// An encoder small enough for tests.
    pub(crate) fn tiny() -> BertConfig {
        BertConfig {
            hidden_size: 16,
            intermediate_size: 32,
            max_position_embeddings: 64,
            num_attention_heads: 2,
            num_hidden_layers: 2,
            vocab_size: 50,
            ..BertConfig::default()
        }
    }

    fn reading(ids: &[i64], own: usize) -> Reading {
        Reading {
            ids: ids.to_vec(),
            own,
        }
    }

    fn far(a: &Tensor, b: &Tensor) -> f64 {
        (a - b).abs().max().double_value(&[])
    }

    #[test]
    fn the_vector_depends_on_the_text_alone() {
        let model = Model::new(&tiny(), Precision::F32, &BTreeMap::new());
        let alone = reading(&[2, 7, 8, 3, 2], 4);
        let told = reading(&[2, 7, 8, 3, 2, 9, 10, 11, 3], 4);
        let states = |readings: &[&Reading]| model.states(&Batch::of(readings), false).unwrap();
        let (one, both) = (states(&[&alone]), states(&[&told, &alone]));
        assert!(far(&one.vector.get(0), &both.vector.get(0)) < 1e-5);
        assert!(far(&one.vector.get(0), &both.vector.get(1)) < 1e-5);
        // Before any training it is what the heads see of the first part.
        assert!(far(&one.vector, &one.features.narrow(1, 0, 16)) < 1e-5);
        assert!(far(&one.features.get(0), &both.features.get(1)) < 1e-5);
        // The tag token, which the heads read, does see the context.
        assert!(far(&one.features.get(0), &both.features.get(0)) > 1e-3);
    }

    #[test]
    fn the_copy_computes_what_the_weights_do() {
        tch::manual_seed(1);
        let exact = Model::new(&tiny(), Precision::F32, &BTreeMap::new());
        let mut copied = Model::new(&tiny(), Precision::Bf16, &BTreeMap::new());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("model.safetensors");
        crate::export::weights(&exact, &file).unwrap();
        copied.load(&file, true).unwrap();
        let batch = Batch::of(&[&reading(&[2, 7, 8, 3, 2, 9, 3], 4)]);
        let (a, b) = (
            exact.states(&batch, false).unwrap(),
            copied.states(&batch, false).unwrap(),
        );
        let distance = far(&a.features, &b.features);
        assert!(distance > 0.0 && distance < 0.1, "{distance}");
        // Each weight but the tables has a copy, and gradients reach all of them.
        let parameters = copied.parameters();
        let leaves: Vec<&Tensor> = parameters.iter().map(|p| &p.leaf).collect();
        let loss = copied
            .logits(&b.features)
            .iter()
            .map(|logits| logits.square().sum(Kind::Float))
            .chain([b.vector.square().sum(Kind::Float)])
            .fold(Tensor::from(0.0_f32), |sum, part| sum + part);
        let gradients = Tensor::run_backward(&[&loss], &leaves, false, false);
        for (parameter, gradient) in parameters.iter().zip(gradients) {
            assert!(gradient.defined(), "{}", parameter.name);
            // Softmax does not change when all keys are moved alike.
            let none = parameter.name.ends_with("key.bias");
            let length = gradient.norm().double_value(&[]);
            assert!(none || length > 0.0, "{}", parameter.name);
        }
    }

    #[test]
    fn weights_of_another_shape_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("model.safetensors");
        crate::export::weights(
            &Model::new(&tiny(), Precision::F32, &BTreeMap::new()),
            &file,
        )
        .unwrap();
        let mut wider = tiny();
        wider.vocab_size = 60;
        let mut model = Model::new(&wider, Precision::F32, &BTreeMap::new());
        let error = model.load(&file, true).unwrap_err().to_string();
        assert!(
            error.contains("word_embeddings") && error.contains("[60, 16]"),
            "{error}"
        );
    }
}
