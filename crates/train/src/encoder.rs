//! rust-bert's layers, run as far as they are wanted.

use rust_bert::bert::{BertConfig, BertEmbedding, BertEmbeddings, BertLayer};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use crate::TrainError;
use crate::tokens::Batch;

/// The three tables that are summed into the encoder's input. They stay in single
/// precision: the gradient of a row that every token of a batch shares is a long sum,
/// from which bfloat16 loses most terms.
pub(crate) const TABLES: [&str; 3] = [
    "embeddings.word_embeddings.weight",
    "embeddings.position_embeddings.weight",
    "embeddings.token_type_embeddings.weight",
];

/// Added to the score of a token that is not seen: softmax makes nothing of it.
const UNSEEN: f64 = -10_000.0;

/// The encoder: embeddings and layers, without a pooler.
pub(crate) struct Encoder {
    embeddings: BertEmbeddings,
    layers: Vec<BertLayer>,
    /// The tables in single precision, where the rest is a copy in bfloat16.
    tables: Option<Vec<Tensor>>,
}

impl Encoder {
    /// An encoder with random weights in a store, under the names of the base encoder.
    pub(crate) fn new(store: &VarStore, config: &BertConfig) -> Self {
        let layers = store.root() / "encoder" / "layer";
        Self {
            embeddings: BertEmbeddings::new(store.root() / "embeddings", config),
            layers: (0..config.num_hidden_layers)
                .map(|number| BertLayer::new(&layers / number, config))
                .collect(),
            tables: None,
        }
    }

    /// The same encoder, as a copy whose input is summed from the tables of `store`.
    pub(crate) fn reading(self, store: &VarStore) -> Self {
        let all = store.variables();
        let tables = TABLES.iter().filter_map(|name| all.get(*name));
        Self {
            tables: Some(tables.map(Tensor::shallow_clone).collect()),
            ..self
        }
    }

    /// What comes out of the embeddings and of the first `depth` layers, in this order.
    /// `train` switches dropout on.
    pub(crate) fn states(
        &self,
        batch: &Batch,
        depth: usize,
        train: bool,
    ) -> Result<Vec<Tensor>, TrainError> {
        let sum = self.tables.as_ref().map(|tables| input(tables, batch));
        let (ids, types) = match sum {
            None => (Some(&batch.ids), Some(&batch.types)),
            Some(_) => (None, None),
        };
        let embedded = self
            .embeddings
            .forward_t(ids, types, None, sum.as_ref(), train)?;
        let mask = hidden_from(&batch.visible, embedded.kind()).unsqueeze(1);
        let mut states = vec![embedded];
        for layer in self.layers.iter().take(depth) {
            if let Some(below) = states.last() {
                let output = layer.forward_t(below, Some(&mask), None, None, train);
                states.push(output.hidden_state);
            }
        }
        Ok(states)
    }
}

/// What is added to scores, for what may be seen.
pub(crate) fn hidden_from(visible: &Tensor, kind: Kind) -> Tensor {
    visible.logical_not().to_kind(kind) * UNSEEN
}

/// The sum of the three tables for a batch, for a copy.
fn input(tables: &[Tensor], batch: &Batch) -> Tensor {
    let length = batch.ids.size().get(1).copied().unwrap_or_default();
    let at = Tensor::arange(length, (Kind::Int64, Device::Cpu)).unsqueeze(0);
    let of_batch = [(&batch.ids, 0), (&at, -1), (&batch.types, -1)];
    tables
        .iter()
        .zip(of_batch)
        .map(|(table, (ids, padding))| Tensor::embedding(table, ids, padding, false, false))
        .fold(Tensor::from(0.0_f32), |sum, part| sum + part)
        .to_kind(Kind::BFloat16)
}
