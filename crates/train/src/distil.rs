//! Teaching a student: one run of a few minutes, from the start to the end.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use tch::{Kind, Tensor};

use crate::data::{self, Fold, Row};
use crate::losses::{Losses, distance};
use crate::optimiser::{Adamw, schedule};
use crate::order::{Order, batches};
use crate::predict::{Description, Predictions};
use crate::progress::{Meter, Progress};
use crate::recipe::find;
use crate::student::{Noise, Part, Saved, Student, lengths};
use crate::tasks::TASKS;
use crate::tokens::Tokens;
use crate::{Recipe, TrainError};

/// Steps between two reports of progress.
const REPORT: usize = 100;

/// The teacher's vectors, and where in them each row's is.
struct Vectors {
    all: Tensor,
    of_rows: Vec<Option<i64>>,
}

/// Trains a student by a recipe with a `[student]` and writes its folder. The recipe's
/// `base` is the teacher's folder, whose words and tokenizer it takes; what the teacher
/// says is read from the sets' `soft` files. `leave` is a part of the documents that is
/// not trained on. A run cannot be taken up again half-way.
pub fn distil(
    recipe: &Recipe,
    data: &Path,
    out: &Path,
    leave: Option<Fold>,
    tell: &mut dyn FnMut(&Progress),
) -> Result<(), TrainError> {
    let Some(shape) = &recipe.student else {
        return Err(TrainError::Nothing(
            "the recipe has no [student]: use 'train'".to_owned(),
        ));
    };
    tch::set_num_threads(recipe.steps.threads);
    let teacher = find(&recipe.base, data)?;
    let tokenizer = teacher.join("tokenizer.json");
    let reading = &recipe.reading;
    let tokens = Tokens::open(&tokenizer, reading.max_tokens, reading.max_context_tokens)?;
    let rows = data::rows(&recipe.sets, data, &tokens, leave)?;
    let vectors = vectors(recipe, data, &rows)?;
    let noise = Noise {
        words: reading.dropout,
        mask: mask(&tokenizer)?,
        features: reading.head_dropout,
    };
    tch::manual_seed(recipe.seed.cast_signed());
    let width = vectors.all.size().get(1).copied().unwrap_or(1);
    let student = Student::new(shape, recipe.steps.precision, &words(&teacher)?, width);
    train(&student, recipe, (&rows, &vectors), &noise, tell)?;
    let description = Description {
        max_tokens: reading.max_tokens,
        max_context_tokens: reading.max_context_tokens,
        heads: TASKS
            .iter()
            .map(|task| {
                let labels = task.labels.iter().map(|label| (*label).to_owned());
                (task.name.to_owned(), labels.collect())
            })
            .collect(),
        auxiliaries: BTreeMap::new(),
    };
    let saved = Saved {
        shape: shape.clone(),
        description,
    };
    student.save(out, &saved, &tokenizer)
}

fn train(
    student: &Student,
    recipe: &Recipe,
    (rows, vectors): (&[Row], &Vectors),
    noise: &Noise,
    tell: &mut dyn FnMut(&Progress),
) -> Result<(), TrainError> {
    let parameters = student.parameters();
    let leaves: Vec<&Tensor> = parameters.iter().map(|p| &p.leaf).collect();
    let mut optimiser = Adamw::new(&parameters, &recipe.rates, 0);
    let losses = Losses::new(&recipe.loss, rows);
    let mut order = Order::new(recipe.seed);
    let lengths = lengths(rows);
    let all: Vec<Vec<usize>> = (0..recipe.steps.epochs)
        .flat_map(|_| batches(&lengths, recipe.steps.batch, &mut order))
        .collect();
    let mut meter = Meter::start();
    for (step, indices) in all.iter().enumerate() {
        tch::manual_seed(order.next_number().cast_signed());
        let batch: Vec<&Row> = indices.iter().filter_map(|i| rows.get(*i)).collect();
        let readings: Vec<_> = batch.iter().map(|row| &row.reading).collect();
        let (text, beside) = (Part::of(&readings, false), Part::of(&readings, true));
        let answers = student.read(&text, &beside, Some(noise));
        let mut wrong = losses.tasks(&answers.logits, &batch);
        if let Some(far) = vectors.distance(&answers.vectors, indices) {
            wrong += far * recipe.loss.vector;
        }
        let gradients = Tensor::f_run_backward(&[&wrong], &leaves, false, false)?;
        let gradients: Vec<Option<Tensor>> = gradients
            .into_iter()
            .map(|gradient| gradient.defined().then_some(gradient))
            .collect();
        let factor = schedule(step, all.len(), recipe.rates.warmup);
        let length = optimiser.step(&gradients, factor);
        meter.add(batch.len(), (wrong.double_value(&[]), length));
        let step = step + 1;
        if step.is_multiple_of(REPORT) || step == all.len() {
            tell(&meter.report(step, all.len()));
        }
    }
    Ok(())
}

impl Vectors {
    /// The distance of some rows' vectors from the teacher's, summed over the rows that
    /// the teacher has read and divided by all; `None` if it has read none.
    fn distance(&self, vectors: &Tensor, rows: &[usize]) -> Option<Tensor> {
        let (mut own, mut wanted) = (Vec::new(), Vec::new());
        for (place, row) in rows.iter().enumerate() {
            if let Some(index) = self.of_rows.get(*row).copied().flatten() {
                own.push(place as i64);
                wanted.push(index);
            }
        }
        if own.is_empty() {
            return None;
        }
        let share = own.len() as f64 / rows.len() as f64;
        let own = vectors.index_select(0, &Tensor::from_slice(&own));
        let wanted = self.all.index_select(0, &Tensor::from_slice(&wanted));
        Some(distance(&own, &wanted) * share)
    }
}

/// The vectors of all soft files, and which of them is each row's.
fn vectors(recipe: &Recipe, data: &Path, rows: &[Row]) -> Result<Vectors, TrainError> {
    let (mut all, mut places, mut count) = (Vec::new(), BTreeMap::new(), 0);
    let mut files: Vec<_> = recipe.sets.iter().filter_map(|s| s.soft.as_ref()).collect();
    files.sort();
    files.dedup();
    for file in files {
        let read = Predictions::open(&find(file, data)?)?;
        let number = read.keys.len() as i64;
        places.extend(read.keys.into_iter().zip(count..));
        all.push(read.vectors.to_kind(Kind::Float));
        count += number;
    }
    if all.is_empty() {
        return Err(TrainError::Nothing(
            "no set of the recipe has a 'soft' file: there is no teacher".to_owned(),
        ));
    }
    let of_rows = rows.iter().map(|row| places.get(&row.key).copied());
    Ok(Vectors {
        all: Tensor::cat(&all, 0),
        of_rows: of_rows.collect(),
    })
}

/// The teacher's table of words.
fn words(teacher: &Path) -> Result<Tensor, TrainError> {
    let file = teacher.join("model.safetensors");
    let found = Tensor::read_safetensors(&file)?
        .into_iter()
        .find(|(name, _)| name.ends_with("embeddings.word_embeddings.weight"));
    let (_, table) =
        found.ok_or_else(|| TrainError::content(&file)("it has no table of words".to_owned()))?;
    Ok(table)
}

/// The id of the token that stands for any.
fn mask(tokenizer: &Path) -> Result<i64, TrainError> {
    let text = std::fs::read_to_string(tokenizer).map_err(TrainError::file(tokenizer))?;
    let read: Value = serde_json::from_str(&text).map_err(TrainError::content(tokenizer))?;
    read.pointer("/model/vocab/[MASK]")
        .and_then(Value::as_i64)
        .ok_or_else(|| TrainError::content(tokenizer)("it has no token [MASK]".to_owned()))
}
