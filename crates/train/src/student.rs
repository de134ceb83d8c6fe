//! The fast model: a table of words and two convolutions, taught by the full model.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor, no_grad};

use crate::TrainError;
use crate::data::Row;
use crate::model::Parameter;
use crate::order::by_length;
use crate::predict::{Description, Predictions, unit};
use crate::recipe::{Precision, Shape};
use crate::tasks::TASKS;
use crate::tokens::{Reading, Tokens};

/// Rows that are read together when nothing is learnt.
const BATCH: usize = 256;

/// The file that makes a folder one of a student.
const SHAPE: &str = "student.json";

/// The table of words, which has a rate of its own.
const WORDS: &str = "embeddings.words";

/// A model without attention. Each part of a reading goes by itself through the same
/// layers; a hidden layer over what is kept of both gives the answers, and a linear map
/// of what is kept of the text gives the vector, which so does not depend on a context.
///
/// A layer is a convolution over three tokens, with zeros beyond both ends, and ReLU;
/// from the second on its input is added to its output. Of a part are kept: the mean of
/// its words, and the mean and the largest of each channel of the last layer.
#[derive(Debug)]
pub struct Student {
    shape: Shape,
    precision: Precision,
    weights: BTreeMap<String, Tensor>,
}

/// One part of several readings, padded to the longest.
#[derive(Debug)]
pub struct Part {
    ids: Tensor,
    /// 1 where there is a token, `[rows, tokens, 1]`.
    real: Tensor,
}

/// What a student makes of a batch.
#[derive(Debug)]
pub struct Answers {
    /// Logits of each task, `[rows, labels]`.
    pub logits: Vec<Tensor>,
    /// Vectors, not scaled to length 1, `[rows, width of the teacher's]`.
    pub vectors: Tensor,
}

/// What is left out by chance while training.
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    /// Share of tokens that are replaced by `mask`.
    pub words: f64,
    /// The id of the token that stands for any.
    pub mask: i64,
    /// Share of what is kept that the hidden layer does not see.
    pub features: f64,
}

impl Part {
    /// The texts, or else what is read beside them. The second part ends with its first
    /// token once more, so that no part is a single token: one row would be multiplied
    /// by another routine, at work, than several.
    pub fn of(readings: &[&Reading], second: bool) -> Self {
        let parts: Vec<Vec<i64>> = readings
            .iter()
            .map(|reading| {
                let (text, beside) = reading.ids.split_at(reading.own.min(reading.ids.len()));
                if second {
                    beside.iter().chain(beside.first()).copied().collect()
                } else {
                    text.to_vec()
                }
            })
            .collect();
        let longest = parts.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let (mut ids, mut real) = (Vec::new(), Vec::new());
        for part in &parts {
            let padding = longest - part.len();
            ids.extend(part.iter().copied().chain(std::iter::repeat_n(0, padding)));
            real.extend(std::iter::repeat_n(1.0_f32, part.len()));
            real.extend(std::iter::repeat_n(0.0_f32, padding));
        }
        let (rows, longest) = (parts.len() as i64, longest as i64);
        Self {
            ids: Tensor::from_slice(&ids).view([rows, longest]),
            real: Tensor::from_slice(&real).view([rows, longest, 1]),
        }
    }

    /// The part with some of its tokens replaced.
    fn with_noise(&self, noise: &Noise) -> Self {
        let left = Tensor::rand(self.ids.size(), tch::kind::FLOAT_CPU).lt(noise.words);
        Self {
            ids: self.ids.masked_fill(&left, noise.mask),
            real: self.real.shallow_clone(),
        }
    }
}

impl Student {
    /// A student whose words are those of a table, on its axes of greatest variance, and
    /// whose other weights are drawn from libtorch's generator. `vector` is the width of
    /// the teacher's vector.
    pub fn new(shape: &Shape, precision: Precision, words: &Tensor, vector: i64) -> Self {
        let mut weights = BTreeMap::new();
        weights.insert(WORDS.to_owned(), reduced(words, shape.width));
        let mut linear = |name: &str, from: i64, to: i64, gain: f64| {
            let drawn = Tensor::randn([from, to], tch::kind::FLOAT_CPU);
            let spread = (gain / from as f64).sqrt();
            weights.insert(format!("{name}.weight"), drawn * spread);
            let zeros = Tensor::zeros([to], tch::kind::FLOAT_CPU);
            weights.insert(format!("{name}.bias"), zeros);
        };
        let mut width = shape.width;
        for layer in 0..shape.layers {
            // The gain that keeps the size of what passes a ReLU (He et al. 2015).
            linear(&format!("layers.{layer}"), 3 * width, shape.channels, 2.0);
            width = shape.channels;
        }
        let kept = shape.width + 2 * width;
        let labels = TASKS.iter().map(|task| task.labels.len() as i64).sum();
        linear("hidden", 2 * kept, shape.hidden, 2.0);
        linear("answers", shape.hidden, labels, 0.1);
        linear("vector", kept, vector, 1.0);
        let weights = weights
            .into_iter()
            .map(|(name, tensor)| (name, tensor.set_requires_grad(true)))
            .collect();
        Self {
            shape: shape.clone(),
            precision,
            weights,
        }
    }

    /// All weights, by name.
    pub fn parameters(&self) -> Vec<Parameter> {
        let of = |(name, weights): (&String, &Tensor)| Parameter {
            name: name.clone(),
            weights: weights.shallow_clone(),
            leaf: weights.shallow_clone(),
        };
        self.weights.iter().map(of).collect()
    }

    /// Reads texts and what is beside them. `noise` is for training.
    pub fn read(&self, text: &Part, beside: &Part, noise: Option<&Noise>) -> Answers {
        let kept = |part: &Part| match noise {
            Some(noise) => self.keep(&part.with_noise(noise)),
            None => self.keep(part),
        };
        let (text, beside) = (kept(text), kept(beside));
        let vectors = self.linear("vector", &text);
        let both = Tensor::cat(&[text, beside], 1);
        let both = both.dropout(noise.map_or(0.0, |noise| noise.features), noise.is_some());
        let answers = self.linear("answers", &self.linear("hidden", &both).relu());
        let mut start = 0;
        let logits = TASKS.iter().map(|task| {
            let columns = task.labels.len() as i64;
            start += columns;
            answers.narrow(1, start - columns, columns)
        });
        Answers {
            logits: logits.collect(),
            vectors,
        }
    }

    /// What is kept of each row of a part.
    fn keep(&self, part: &Part) -> Tensor {
        let over = |states: &Tensor| states.sum_dim_intlist([1].as_slice(), false, Kind::Float);
        let count = over(&part.real);
        let words = Tensor::embedding(self.weight(WORDS), &part.ids, -1, false, false) * &part.real;
        let mut states = words.shallow_clone();
        for layer in 0..self.shape.layers {
            let out = self.linear(&format!("layers.{layer}"), &beside(&states));
            let out = out.relu() * &part.real;
            states = if layer == 0 { out } else { states + out };
        }
        // After ReLU nothing is below the zeros that padding holds.
        let largest = states.amax([1].as_slice(), false);
        Tensor::cat(&[over(&words) / &count, over(&states) / &count, largest], 1)
    }

    fn linear(&self, name: &str, states: &Tensor) -> Tensor {
        let weight = self.weight(&format!("{name}.weight"));
        let product = match self.precision {
            Precision::Bf16 if name.starts_with("layers.") => states
                .to_kind(Kind::BFloat16)
                .matmul(&weight.to_kind(Kind::BFloat16))
                .to_kind(Kind::Float),
            _ => states.matmul(weight),
        };
        product + self.weight(&format!("{name}.bias"))
    }

    fn weight(&self, name: &str) -> &Tensor {
        // Every name is one that `new` put in.
        &self.weights[name]
    }

    /// What the student says of rows, in their order.
    pub fn predict(&self, rows: &[Row]) -> Predictions {
        let mut order = Vec::new();
        let mut vectors = Vec::new();
        let mut logits: Vec<Vec<Tensor>> = TASKS.iter().map(|_| Vec::new()).collect();
        for batch in by_length(&lengths(rows), BATCH) {
            let rows = batch.iter().filter_map(|index| rows.get(*index));
            let readings: Vec<_> = rows.map(|row| &row.reading).collect();
            let (text, beside) = (Part::of(&readings, false), Part::of(&readings, true));
            let answers = no_grad(|| self.read(&text, &beside, None));
            for (all, part) in logits.iter_mut().zip(answers.logits) {
                all.push(part);
            }
            vectors.push(answers.vectors);
            order.extend(batch.into_iter().map(|index| index as i64));
        }
        let order = Tensor::from_slice(&order).argsort(0, false);
        let sorted = |parts: &[Tensor]| Tensor::cat(parts, 0).index_select(0, &order);
        Predictions {
            keys: rows.iter().map(|row| row.key).collect(),
            logits: logits.iter().map(|parts| sorted(parts)).collect(),
            vectors: unit(&sorted(&vectors)),
        }
    }

    /// Writes the student's folder: `model.safetensors`, `student.json`, `tokenizer.json`.
    pub fn save(&self, out: &Path, saved: &Saved, tokenizer: &Path) -> Result<(), TrainError> {
        std::fs::create_dir_all(out).map_err(TrainError::file(out))?;
        let to = out.join("tokenizer.json");
        std::fs::copy(tokenizer, &to).map_err(TrainError::file(&to))?;
        let path = out.join(SHAPE);
        let mut text = serde_json::to_string_pretty(saved).map_err(TrainError::content(&path))?;
        text.push('\n');
        std::fs::write(&path, text).map_err(TrainError::file(&path))?;
        let all: Vec<(&String, Tensor)> = self
            .weights
            .iter()
            .map(|(name, tensor)| (name, tensor.detach().contiguous()))
            .collect();
        Ok(Tensor::write_safetensors(
            &all,
            out.join("model.safetensors"),
        )?)
    }
}

/// `student.json`: what a student's folder must tell beside weights.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// Its sizes.
    pub shape: Shape,
    /// How long what it reads may be, and its labels.
    pub description: Description,
}

/// A student and its tokenizer.
#[derive(Debug)]
pub struct OpenedStudent {
    /// The student, in single precision.
    pub student: Student,
    /// Its tokenizer.
    pub tokens: Tokens,
}

impl OpenedStudent {
    /// Opens a student's folder; `None` if it is a folder of something else.
    pub fn open(folder: &Path) -> Result<Option<Self>, TrainError> {
        let path: PathBuf = folder.join(SHAPE);
        if !path.exists() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&path).map_err(TrainError::file(&path))?;
        let saved: Saved = serde_json::from_str(&text).map_err(TrainError::content(&path))?;
        let file = folder.join("model.safetensors");
        let weights: BTreeMap<String, Tensor> =
            Tensor::read_safetensors(&file)?.into_iter().collect();
        let vector = weights.get("vector.bias").map_or(1, |b| b.numel() as i64);
        let (ids, width) = match weights.get(WORDS).map(Tensor::size).as_deref() {
            Some([ids, width]) => (*ids, *width),
            _ => return Err(TrainError::content(&file)(format!("'{WORDS}' is missing"))),
        };
        let blank = Tensor::zeros([ids, width], tch::kind::FLOAT_CPU);
        let student = Student::new(&saved.shape, Precision::F32, &blank, vector);
        for (name, own) in &student.weights {
            let found = weights.get(name).filter(|found| found.size() == own.size());
            let found = found.ok_or_else(|| {
                TrainError::content(&file)(format!("'{name}' is missing, or of another shape"))
            })?;
            no_grad(|| own.shallow_clone().copy_(found));
        }
        let limits = &saved.description;
        let tokens = Tokens::open(
            &folder.join("tokenizer.json"),
            limits.max_tokens,
            limits.max_context_tokens,
        )?;
        Ok(Some(Self { student, tokens }))
    }
}

/// Sorts rows so that those of a batch are of like length in both parts.
pub fn lengths(rows: &[Row]) -> Vec<usize> {
    let of = |row: &Row| {
        let beside = row.reading.ids.len().saturating_sub(row.reading.own);
        beside * 1024 + row.reading.own
    };
    rows.iter().map(of).collect()
}

/// Each token's state beside those of its neighbours, zeros beyond both ends.
fn beside(states: &Tensor) -> Tensor {
    let tokens = states.size().get(1).copied().unwrap_or_default();
    let padded = states.constant_pad_nd([0, 0, 1, 1]);
    let shifted = |by: i64| padded.narrow(1, by, tokens);
    Tensor::cat(&[shifted(0), shifted(1), shifted(2)], 2)
}

/// A table on its `width` axes of greatest variance, scaled so that a number is a fifth
/// large on average (root of the mean square).
fn reduced(table: &Tensor, width: i64) -> Tensor {
    no_grad(|| {
        let table = table.to_kind(Kind::Float).to_device(Device::Cpu);
        let centred = &table - table.mean_dim([0].as_slice(), true, Kind::Float);
        let (_, axes) = centred
            .transpose(0, 1)
            .matmul(&centred)
            .to_kind(Kind::Double)
            .linalg_eigh("L");
        let all = axes.size().get(1).copied().unwrap_or_default();
        let axes = axes.narrow(1, all - width, width).to_kind(Kind::Float);
        let rows = centred.matmul(&axes);
        let size = rows.square().mean(Kind::Float).sqrt().clamp_min(1e-12);
        rows / size * 0.2
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn student() -> Student {
        tch::manual_seed(5);
        let words = Tensor::randn([40, 12], tch::kind::FLOAT_CPU);
        let shape = Shape {
            width: 8,
            channels: 6,
            layers: 2,
            hidden: 10,
        };
        Student::new(&shape, Precision::F32, &words, 12)
    }

    fn row(text: &[i64], beside: &[i64]) -> Row {
        Row {
            key: text.len() as u64,
            doc: String::new(),
            reading: Reading {
                ids: text.iter().chain(beside).copied().collect(),
                own: text.len(),
            },
            labels: [None; 4],
            weight: 1.0,
            soft: None,
        }
    }

    fn apart(a: &Tensor, b: &Tensor) -> f64 {
        (a - b).abs().max().double_value(&[])
    }

    #[test]
    fn an_answer_does_not_depend_on_what_is_read_beside_it() {
        let student = student();
        let rows = [
            row(&[1, 7, 9, 2], &[1]),
            row(&[1, 8, 3, 5, 6, 2], &[1, 9, 2]),
            row(&[1, 4, 2], &[1, 9, 3, 4, 2]),
        ];
        let all = student.predict(&rows);
        for (index, row) in rows.iter().enumerate() {
            let alone = student.predict(std::slice::from_ref(row));
            let own = |tensor: &Tensor| tensor.narrow(0, index as i64, 1);
            assert!(apart(&alone.vectors, &own(&all.vectors)) < 1e-5);
            assert!(apart(&alone.logits[0], &own(&all.logits[0])) < 1e-5);
        }
    }

    #[test]
    fn the_vector_does_not_depend_on_the_context_and_the_answers_do() {
        let student = student();
        let told = student.predict(&[row(&[1, 7, 9, 2], &[1, 5, 2])]);
        let untold = student.predict(&[row(&[1, 7, 9, 2], &[1])]);
        assert_eq!(apart(&told.vectors, &untold.vectors), 0.0);
        assert!(apart(&told.logits[0], &untold.logits[0]) > 1e-6);
    }

    #[test]
    fn a_saved_student_says_the_same() {
        let student = student();
        let folder = tempfile::tempdir().unwrap();
        let tokenizer = folder.path().join("t.json");
        let json = r#"{"version": "1.0", "added_tokens": [], "model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}}"#;
        std::fs::write(&tokenizer, json).unwrap();
        let saved = Saved {
            shape: student.shape.clone(),
            description: Description {
                max_tokens: 9,
                max_context_tokens: 9,
                heads: BTreeMap::new(),
                auxiliaries: BTreeMap::new(),
            },
        };
        let out = folder.path().join("s");
        assert!(OpenedStudent::open(&out).unwrap().is_none());
        student.save(&out, &saved, &tokenizer).unwrap();
        let opened = OpenedStudent::open(&out).unwrap().unwrap();
        let rows = [row(&[1, 7, 9, 2], &[1])];
        let (a, b) = (student.predict(&rows), opened.student.predict(&rows));
        assert_eq!(apart(&a.vectors, &b.vectors), 0.0);
        assert_eq!(apart(&a.logits[3], &b.logits[3]), 0.0);
    }
}
