//! A model from its folder, and what it says of passages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor, no_grad};

use crate::data::Row;
use crate::model::configuration;
use crate::order::by_length;
use crate::recipe::Precision;
use crate::tasks::TASKS;
use crate::tokens::{Batch, Tokens};
use crate::{Model, TrainError};

/// Rows that are read together when nothing is learnt.
const BATCH: usize = 64;

/// `tasks.json`: what a model's folder must tell beside weights.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Tokens of a text, its end marks included.
    pub max_tokens: usize,
    /// Tokens of a context, without marks.
    pub max_context_tokens: usize,
    /// The labels of each head, in the order of its columns.
    pub heads: BTreeMap<String, Vec<String>>,
    /// The labels of the further heads.
    #[serde(default)]
    pub auxiliaries: BTreeMap<String, Vec<String>>,
}

impl Description {
    /// Reads the `tasks.json` of a folder.
    pub(crate) fn open(folder: &Path) -> Result<Self, TrainError> {
        let path = folder.join("tasks.json");
        let text = std::fs::read_to_string(&path).map_err(TrainError::file(&path))?;
        let description: Self = serde_json::from_str(&text).map_err(TrainError::content(&path))?;
        let ours = TASKS.iter().all(|task| {
            let labels = description.heads.get(task.name);
            labels.is_some_and(|labels| labels.iter().eq(task.labels))
        });
        if !ours {
            return Err(TrainError::content(&path)(
                "its labels are not those of this version",
            ));
        }
        Ok(description)
    }
}

/// A model and its tokenizer.
pub struct Opened {
    /// The model, in single precision.
    pub model: Model,
    /// Its tokenizer.
    pub tokens: Tokens,
    /// What its folder says of it.
    pub description: Description,
    /// The folder.
    pub folder: PathBuf,
}

impl Opened {
    /// Opens an exported model, a checkpoint, or a run's folder for its checkpoint.
    pub fn open(folder: &Path) -> Result<Self, TrainError> {
        let folder = crate::checkpoint::place(folder);
        let description = Description::open(&folder)?;
        let config = configuration(&folder.join("config.json"), 0.0)?;
        let sizes = description
            .auxiliaries
            .iter()
            .map(|(name, labels)| (name.clone(), labels.len() as i64))
            .collect();
        let weights = folder.join("model.safetensors");
        let model = Model::open(&config, Precision::F32, &sizes, &weights)?;
        let tokens = Tokens::open(
            &folder.join("tokenizer.json"),
            description.max_tokens,
            description.max_context_tokens,
        )?;
        Ok(Self {
            model,
            tokens,
            description,
            folder,
        })
    }
}

/// What a model says of some rows, in their order.
#[derive(Debug)]
pub struct Predictions {
    /// The rows' keys.
    pub keys: Vec<u64>,
    /// Logits of each task, `[rows, labels]`.
    pub logits: Vec<Tensor>,
    /// Vectors, of length 1, `[rows, width]`.
    pub vectors: Tensor,
}

/// Runs a model over rows, in batches of like length.
pub fn predict(model: &Model, rows: &[Row]) -> Result<Predictions, TrainError> {
    let lengths: Vec<usize> = rows.iter().map(|row| row.reading.ids.len()).collect();
    let (mut order, mut vectors) = (Vec::new(), Vec::new());
    let mut logits: Vec<Vec<Tensor>> = TASKS.iter().map(|_| Vec::new()).collect();
    for batch in by_length(&lengths, BATCH) {
        let readings: Vec<_> = batch
            .iter()
            .filter_map(|i| rows.get(*i))
            .map(|r| &r.reading)
            .collect();
        let states = no_grad(|| model.states(&Batch::of(&readings), false))?;
        let heads = no_grad(|| model.logits(&states.features));
        for (all, part) in logits.iter_mut().zip(heads) {
            all.push(part);
        }
        vectors.push(states.vector);
        order.extend(batch.into_iter().map(|i| i as i64));
    }
    let order = Tensor::from_slice(&order).argsort(0, false);
    let sorted = |parts: &[Tensor]| Tensor::cat(parts, 0).index_select(0, &order);
    Ok(Predictions {
        keys: rows.iter().map(|row| row.key).collect(),
        logits: logits.iter().map(|parts| sorted(parts)).collect(),
        vectors: unit(&sorted(&vectors)),
    })
}

/// Rows scaled to length 1.
pub(crate) fn unit(rows: &Tensor) -> Tensor {
    let length = rows
        .square()
        .sum_dim_intlist([-1].as_slice(), true, Kind::Float)
        .sqrt();
    rows / length
}

impl Predictions {
    /// Writes them as safetensors: `key` (the bits of the sixteen digits that name a
    /// passage), `moment`, `sentiment`, `pain`, `touchpoint` (logits) and `vector`.
    pub fn save(&self, path: &Path) -> Result<(), TrainError> {
        let keys: Vec<i64> = self.keys.iter().map(|key| key.cast_signed()).collect();
        let mut all = vec![("key", Tensor::from_slice(&keys))];
        for (task, logits) in TASKS.iter().zip(&self.logits) {
            all.push((task.name, logits.contiguous()));
        }
        all.push(("vector", self.vectors.contiguous()));
        Ok(Tensor::write_safetensors(&all, path)?)
    }

    /// Reads what [`Predictions::save`] wrote.
    pub fn open(path: &Path) -> Result<Self, TrainError> {
        let mut read: BTreeMap<String, Tensor> =
            Tensor::read_safetensors(path)?.into_iter().collect();
        let mut take = |name: &str, columns: Option<usize>| {
            let found = read.remove(name).filter(|tensor| match columns {
                Some(columns) => tensor.size().get(1) == Some(&(columns as i64)),
                None => true,
            });
            found.ok_or_else(|| {
                TrainError::content(path)(format!("'{name}' is missing, or of another shape"))
            })
        };
        let keys: Vec<i64> = Vec::try_from(&take("key", None)?)?;
        let logits = TASKS
            .iter()
            .map(|task| take(task.name, Some(task.labels.len())))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            keys: keys.into_iter().map(i64::cast_unsigned).collect(),
            logits,
            vectors: take("vector", None)?,
        })
    }

    /// The logits of all tasks, one after the other, by key.
    pub fn by_key(&self) -> BTreeMap<u64, Vec<f32>> {
        let joined = Tensor::cat(&self.logits, 1)
            .to_kind(Kind::Float)
            .contiguous();
        let columns = joined.size().get(1).map_or(1, |n| *n as usize).max(1);
        let values = Vec::<f32>::try_from(&joined.view(-1)).unwrap_or_default();
        let rows = values.chunks(columns).map(<[f32]>::to_vec);
        self.keys.iter().copied().zip(rows).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reading;

    #[test]
    fn predictions_are_in_the_order_of_rows_and_survive_a_file() {
        let model = Model::new(
            &crate::model::tests::tiny(),
            Precision::F32,
            &BTreeMap::new(),
        );
        let row = |key: u64, length: usize| Row {
            key,
            doc: String::new(),
            reading: Reading {
                ids: (0..=length as i64).collect(),
                own: length,
            },
            labels: [None; 4],
            weight: 1.0,
            soft: None,
        };
        let rows = [row(u64::MAX, 9), row(7, 3), row(1, 5)];
        let all = predict(&model, &rows).unwrap();
        let file = tempfile::tempdir().unwrap();
        let path = file.path().join("p.safetensors");
        all.save(&path).unwrap();
        let read = Predictions::open(&path).unwrap();
        assert_eq!(read.keys, [u64::MAX, 7, 1]);
        for (index, row) in rows.iter().enumerate() {
            let alone = predict(&model, std::slice::from_ref(row)).unwrap();
            let far = (alone.logits[0].get(0) - read.logits[0].get(index as i64)).abs();
            assert!(far.max().double_value(&[]) < 1e-5);
            assert_eq!(read.by_key()[&row.key].len(), 30);
        }
        let length = read.vectors.get(0).norm().double_value(&[]);
        assert!((length - 1.0).abs() < 1e-5);
    }
}
