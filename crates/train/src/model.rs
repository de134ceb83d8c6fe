//! One encoder, a head for each task, and the two kinds of arithmetic it runs in.

use std::collections::BTreeMap;
use std::path::Path;

use rust_bert::bert::BertConfig;
use tch::nn::{Init, Linear, LinearConfig, Module, Path as Place, VarStore};
use tch::{Device, Kind, Tensor, no_grad};

use crate::TrainError;
use crate::encoder::{Encoder, TABLES};
use crate::own::{self, Own};
use crate::recipe::Precision;
use crate::tasks::TASKS;
use crate::tokens::Batch;

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
    /// The vector of the first part, not scaled to length 1, `[rows, width]`: linear in
    /// its means of the middle layer and of the last but one; where the vector has a layer
    /// of its own, in those of the embeddings and of that layer too.
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
    encoder: Encoder,
    heads: Vec<Linear>,
    own: Option<Own>,
    vector: Linear,
    auxiliaries: BTreeMap<String, Linear>,
}

/// The weights of a file, by name.
pub(crate) type Weights = BTreeMap<String, Tensor>;

/// Which of its weights a model takes from a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All, and all must be there.
    All,
    /// The encoder's, which must be there, and others that are there.
    Encoder,
    /// All but the vector's, and all of them must be there.
    AllButVector,
}

impl Model {
    /// A model with random weights, drawn from libtorch's generator. `auxiliaries` are
    /// the further heads and their labels' number.
    pub fn new(
        config: &BertConfig,
        precision: Precision,
        auxiliaries: &BTreeMap<String, i64>,
    ) -> Self {
        Self::with_own_layer(config, precision, auxiliaries, None)
    }

    /// The same, with a layer of the vector's own, of that inner width, if one is given.
    pub fn with_own_layer(
        config: &BertConfig,
        precision: Precision,
        auxiliaries: &BTreeMap<String, i64>,
        inner: Option<i64>,
    ) -> Self {
        let store = VarStore::new(Device::Cpu);
        let encoder = Encoder::new(&store, config);
        let features = 2 * config.hidden_size;
        let head = |place: Place<'_>, labels| tch::nn::linear(place, features, labels, small());
        let heads = TASKS
            .iter()
            .map(|task| head(store.root() / "heads" / task.name, task.labels.len() as i64))
            .collect();
        let means = if inner.is_some() { 4 } else { 2 };
        let vector = vector_map(store.root() / "vector", means, config.hidden_size);
        let auxiliaries = auxiliaries
            .iter()
            .map(|(name, labels)| {
                let place = store.root() / "auxiliary" / name;
                (name.clone(), head(place, *labels))
            })
            .collect();
        let own = |store: &VarStore, kind| {
            let place = store.root() / "vector" / "layer";
            inner.map(|inner| Own::new(place, config, inner, kind))
        };
        let masters = own(&store, Kind::Float);
        let (copy, encoder, own) = match precision {
            Precision::F32 => (None, encoder, masters),
            Precision::Bf16 => {
                let mut copy = VarStore::new(Device::Cpu);
                let encoder = Encoder::new(&copy, config).reading(&store);
                let own = own(&copy, Kind::BFloat16);
                copy.bfloat16();
                (Some(copy), encoder, own)
            }
        };
        let model = Self {
            config: config.clone(),
            store,
            copy,
            encoder,
            heads,
            own,
            vector,
            auxiliaries,
        };
        model.clear_tables();
        model.refresh();
        model
    }

    /// A model with all weights of a file, which tell whether the vector has a layer of
    /// its own.
    pub fn open(
        config: &BertConfig,
        precision: Precision,
        auxiliaries: &BTreeMap<String, i64>,
        file: &Path,
    ) -> Result<Self, TrainError> {
        Self::taking(config, precision, auxiliaries, file, Wanted::All)
    }

    /// A model to be trained on from a file: its encoder, the layer of the vector's own if
    /// there is one, and heads of these names if there are any. Other weights are random.
    pub(crate) fn onward(
        config: &BertConfig,
        precision: Precision,
        auxiliaries: &BTreeMap<String, i64>,
        file: &Path,
    ) -> Result<Self, TrainError> {
        Self::taking(config, precision, auxiliaries, file, Wanted::Encoder)
    }

    /// A model with the `wanted` weights of a file, which tell whether the vector has a
    /// layer of its own.
    fn taking(
        config: &BertConfig,
        precision: Precision,
        auxiliaries: &BTreeMap<String, i64>,
        file: &Path,
        wanted: Wanted,
    ) -> Result<Self, TrainError> {
        let weights = read(file)?;
        let inner = own::inner(&weights);
        let mut model = Self::with_own_layer(config, precision, auxiliaries, inner);
        model.take(&weights, wanted, file)?;
        Ok(model)
    }

    /// The encoder's configuration.
    pub fn config(&self) -> &BertConfig {
        &self.config
    }

    /// The inner width of the vector's own layer, if it has one.
    pub fn own_inner(&self) -> Option<i64> {
        own::inner(&self.store.variables().into_iter().collect())
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
        refresh(&self.parameters());
    }

    /// Takes weights by name, as in `file`.
    pub fn load(&mut self, file: &Path, wanted: Wanted) -> Result<(), TrainError> {
        self.take(&read(file)?, wanted, file)
    }

    /// `file` is for messages.
    fn take(&mut self, weights: &Weights, wanted: Wanted, file: &Path) -> Result<(), TrainError> {
        for mut parameter in self.parameters() {
            let name = parameter.name.as_str();
            if wanted == Wanted::AllButVector && name.starts_with("vector.") {
                continue;
            }
            let inner = name.starts_with("encoder.") || name.starts_with("embeddings.");
            match weights.get(name) {
                Some(found) if found.size() == parameter.weights.size() => {
                    no_grad(|| parameter.weights.copy_(found));
                }
                None if !inner && wanted == Wanted::Encoder => {}
                found => {
                    return Err(TrainError::content(file)(format!(
                        "'{name}' should be {:?}, and is {}",
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
        let states = self.layers_of(batch, self.layers(), train)?;
        let hidden = states[self.layers()].to_kind(Kind::Float);
        let tags = hidden
            .reshape([-1, self.config.hidden_size])
            .index_select(0, &batch.tags);
        let upper = batch.mean(&states[self.layers() - 1]);
        Ok(States {
            features: Tensor::cat(&[&upper, &tags], 1),
            vector: self.vector(&states, batch),
            pooled: batch.mean(&hidden),
        })
    }

    /// What comes out of the embeddings and of the first `depth` layers, in this order.
    pub(crate) fn layers_of(
        &self,
        batch: &Batch,
        depth: usize,
        train: bool,
    ) -> Result<Vec<Tensor>, TrainError> {
        self.encoder.states(batch, depth, train)
    }

    /// The vectors, from what comes out of all layers up to the last but one.
    pub(crate) fn vector(&self, states: &[Tensor], batch: &Batch) -> Tensor {
        let layers = self.layers();
        let (middle, upper) = (&states[layers - layers / 2], &states[layers - 1]);
        let means = match &self.own {
            None => vec![batch.mean(middle), batch.mean(upper)],
            Some(own) => {
                let last = own.states(upper, batch);
                let all = [&states[0], middle, upper, &last];
                Vec::from(all.map(|states| batch.mean(states)))
            }
        };
        self.vector.forward(&Tensor::cat(&means, 1))
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

/// Brings copies up to their weights.
pub(crate) fn refresh(parameters: &[Parameter]) {
    no_grad(|| {
        for parameter in parameters {
            if parameter.leaf.kind() != parameter.weights.kind() {
                let mut leaf = parameter.leaf.shallow_clone();
                leaf.copy_(&parameter.weights);
            }
        }
    });
}

/// The weights of a file, under the names that they have here.
fn read(file: &Path) -> Result<Weights, TrainError> {
    let ours = |name: String| name.trim_start_matches("bert.").to_owned();
    Ok(Tensor::read_safetensors(file)?
        .into_iter()
        .map(|(name, tensor)| (ours(name), tensor))
        .collect())
}

/// The map from means to the vector; it starts as the last of them.
fn vector_map(place: Place<'_>, means: i64, width: i64) -> Linear {
    let zeros = LinearConfig {
        ws_init: Init::Const(0.0),
        bs_init: Some(Init::Const(0.0)),
        bias: true,
    };
    let linear = tch::nn::linear(place, means * width, width, zeros);
    no_grad(|| {
        let one = Tensor::eye(width, (Kind::Float, Device::Cpu));
        linear.ws.narrow(1, (means - 1) * width, width).copy_(&one);
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
    if config.num_hidden_layers < 2 {
        return Err(TrainError::content(path)(
            "'num_hidden_layers' must be at least 2: heads and vector read the last but one",
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
        copied.load(&file, Wanted::All).unwrap();
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
        let error = model.load(&file, Wanted::All).unwrap_err().to_string();
        assert!(
            error.contains("word_embeddings") && error.contains("[60, 16]"),
            "{error}"
        );
    }
}
