//! A layer of its own for the vector of a trained model, taught by the base encoder.

mod recipe;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rust_bert::bert::BertConfig;
use sha2::{Digest, Sha256};
use tch::{Tensor, no_grad};

pub use recipe::VectorRecipe;

use crate::checkpoint::{self, State};
use crate::export::export;
use crate::jsonl::lines;
use crate::losses::{distance, unlikeness};
use crate::model::{Parameter, Wanted, configuration, refresh};
use crate::optimiser::Adamw;
use crate::order::{Order, batches_of_tokens};
use crate::own;
use crate::predict::{Description, Opened};
use crate::progress::{Meter, Progress};
use crate::recipe::find;
use crate::tokens::{Batch, Reading, Tokens};
use crate::{Model, TrainError};

/// Steps between two reports of progress.
const REPORT: usize = 50;

/// The share of its highest value below which the rate does not fall.
const LOWEST: f64 = 0.02;

/// The training of an own layer and of the map to the vector. Nothing else of the model
/// moves: heads and trunk stay as they were, byte for byte.
pub struct VectorRun {
    recipe: VectorRecipe,
    /// The model, whose folder is the one that it was read from.
    opened: Opened,
    teacher: Model,
    /// What moves.
    parameters: Vec<Parameter>,
    optimiser: Adamw,
    readings: Vec<Reading>,
    batches: Vec<Vec<usize>>,
    step: usize,
    name: String,
}

impl VectorRun {
    /// Opens a trained model, exported or a run's folder, and gives its vector a fresh
    /// layer and a fresh map, even if it had a layer of its own before; a recipe that goes
    /// `onward` keeps those that it has.
    pub fn new(recipe: VectorRecipe, model: &Path, data: &Path) -> Result<Self, TrainError> {
        tch::set_num_threads(recipe.threads);
        let teacher_folder = find(&recipe.teacher, data)?;
        let config = configuration(&teacher_folder.join("config.json"), 0.0)?;
        let mut teacher = Model::new(&config, recipe.precision, &BTreeMap::new());
        let teacher_file = teacher_folder.join("model.safetensors");
        teacher.load(&teacher_file, Wanted::Encoder)?;
        let opened = with_own_layer(&recipe, model, &teacher)?;
        let mut readings = Vec::new();
        for path in &recipe.texts {
            read_texts(&find(path, data)?, &opened.tokens, &mut readings)?;
        }
        if readings.is_empty() {
            return Err(TrainError::Nothing("there is no text to learn from".into()));
        }
        let parameters = moving(&opened.model);
        let lengths: Vec<usize> = readings.iter().map(|reading| reading.own).collect();
        let mut order = Order::new(recipe.seed);
        let batches = (0..recipe.epochs)
            .flat_map(|_| batches_of_tokens(&lengths, recipe.tokens, &mut order))
            .collect();
        let files = [opened.folder.join("model.safetensors"), teacher_file];
        Ok(Self {
            optimiser: Adamw::new(&parameters, &recipe.rates(), opened.model.layers()),
            name: name(&recipe, &readings, &files)?,
            recipe,
            opened,
            teacher,
            parameters,
            readings,
            batches,
            step: 0,
        })
    }

    /// Takes up a training where the checkpoint in its folder left it; false if there is
    /// none.
    pub fn resume(&mut self, out: &Path) -> Result<bool, TrainError> {
        if checkpoint::place(out) == out {
            return Ok(false);
        }
        let parts = (&mut self.opened.model, &mut self.optimiser);
        let state = checkpoint::load(out, &self.name, parts.0, parts.1)?;
        self.step = state.step;
        Ok(true)
    }

    /// Trains to the step `until`, which leaves a checkpoint in `out`, or to the end,
    /// which leaves the model there, as [`export`] writes it.
    pub fn train(
        &mut self,
        out: &Path,
        until: Option<usize>,
        tell: &mut dyn FnMut(&Progress),
    ) -> Result<(), TrainError> {
        std::fs::create_dir_all(out).map_err(TrainError::file(out))?;
        apart(&self.opened.folder, out)?;
        let last = until.unwrap_or(usize::MAX).min(self.batches.len());
        let mut meter = Meter::start();
        while let Some(batch) = self.batches.get(self.step).filter(|_| self.step < last) {
            let batch = batch.clone();
            meter.add(batch.len(), self.make_step(&batch)?);
            if self.step.is_multiple_of(REPORT) || self.step == last {
                tell(&meter.report(self.step, self.batches.len()));
            }
            if self.step.is_multiple_of(self.recipe.checkpoint_every) || self.step == last {
                let before = Instant::now();
                self.save(out)?;
                meter.leave_out(before.elapsed());
            }
        }
        if self.step < self.batches.len() {
            return Ok(());
        }
        export(&self.opened, out)?;
        checkpoint::remove(out)
    }

    /// One step: its loss, and the length of its gradients.
    fn make_step(&mut self, indices: &[usize]) -> Result<(f64, f64), TrainError> {
        let readings = indices.iter().filter_map(|index| self.readings.get(*index));
        let batch = Batch::of(&readings.collect::<Vec<_>>());
        let (model, teacher) = (&self.opened.model, &self.teacher);
        let (states, wanted) = no_grad(|| {
            let wanted = teacher.layers_of(&batch, teacher.layers(), false)?;
            let wanted = batch.mean(&wanted[teacher.layers()]);
            let states = model.layers_of(&batch, model.layers() - 1, false)?;
            Ok::<_, TrainError>((states, wanted))
        })?;
        let vectors = model.vector(&states, &batch);
        let loss =
            distance(&vectors, &wanted) + unlikeness(&vectors, &wanted) * self.recipe.likeness;
        let leaves: Vec<&Tensor> = self.parameters.iter().map(|p| &p.leaf).collect();
        let gradients = Tensor::f_run_backward(&[&loss], &leaves, false, false)?;
        let gradients: Vec<Option<Tensor>> = gradients.into_iter().map(Some).collect();
        let factor = rate(self.step, self.batches.len(), self.recipe.warmup);
        let length = self.optimiser.step(&gradients, factor);
        refresh(&self.parameters);
        self.step += 1;
        Ok((loss.double_value(&[]), length))
    }

    fn save(&self, out: &Path) -> Result<(), TrainError> {
        let opened = &self.opened;
        let parts = (&opened.model, &self.optimiser);
        let state = State {
            step: self.step,
            run: self.name.clone(),
        };
        checkpoint::save(out, &opened.folder, &opened.description, parts, &state)
    }
}

/// The model of a folder, with the own layer that it has or one that is the teacher's last.
fn with_own_layer(
    recipe: &VectorRecipe,
    folder: &Path,
    teacher: &Model,
) -> Result<Opened, TrainError> {
    let folder = checkpoint::place(folder);
    // Further heads serve a training that is over.
    let description = Description {
        auxiliaries: BTreeMap::new(),
        ..Description::open(&folder)?
    };
    let path = folder.join("config.json");
    let config = configuration(&path, 0.0)?;
    let sizes = |c: &BertConfig| (c.hidden_size, c.num_attention_heads, c.vocab_size);
    if sizes(&config) != sizes(teacher.config()) {
        return Err(TrainError::content(&path)(
            "width, attention heads or number of words are not those of the teacher",
        ));
    }
    let positions = |config: &BertConfig| config.max_position_embeddings;
    let positions = positions(&config).min(positions(teacher.config()));
    if recipe.max_tokens as i64 > positions {
        return Err(TrainError::content(&path)(format!(
            "'max_tokens' is {}, and model and teacher have {positions} positions",
            recipe.max_tokens
        )));
    }
    let inner = recipe.inner.unwrap_or(config.intermediate_size);
    let mut model = Model::with_own_layer(&config, recipe.precision, &BTreeMap::new(), Some(inner));
    let weights = folder.join("model.safetensors");
    if recipe.onward {
        model.load(&weights, Wanted::All)?;
    } else {
        model.load(&weights, Wanted::AllButVector)?;
        let layers = teacher.layers();
        own::start(moving(&model), inner, &teacher.parameters(), layers)?;
        model.refresh();
    }
    let tokens = Tokens::open(&folder.join("tokenizer.json"), recipe.max_tokens, 0)?;
    Ok(Opened {
        model,
        tokens,
        description,
        folder,
    })
}

/// The weights that make the vector.
fn moving(model: &Model) -> Vec<Parameter> {
    let mut all = model.parameters();
    all.retain(|parameter| parameter.name.starts_with("vector."));
    all
}

fn read_texts(path: &Path, tokens: &Tokens, readings: &mut Vec<Reading>) -> Result<(), TrainError> {
    for (number, line) in lines(path)? {
        let text = line.text.ok_or_else(|| TrainError::Row {
            path: path.to_owned(),
            line: number,
            problem: "there is no 'text'".to_owned(),
        })?;
        readings.push(tokens.alone(&text)?);
    }
    Ok(())
}

/// The model must not be overwritten with what is made of it, for the training could then
/// not be taken up again.
fn apart(model: &Path, out: &Path) -> Result<(), TrainError> {
    let real = |path: &Path| std::fs::canonicalize(path).map_err(TrainError::file(path));
    if real(model)?.starts_with(real(out)?) {
        return Err(TrainError::content(out)(
            "the model that is read lies there: name another folder to write",
        ));
    }
    Ok(())
}

/// The share of its highest value that the rate has at a step, from 0, of `all`.
fn rate(step: usize, all: usize, warmup: usize) -> f64 {
    let (at, all) = (step as f64, all.max(1) as f64);
    let rise = ((at + 1.0) / warmup.max(1) as f64).min(1.0);
    rise * (1.0 - at / all).max(LOWEST)
}

/// What tells a training from others: a hash of its recipe, of its texts and of both
/// files of weights.
fn name(
    recipe: &VectorRecipe,
    readings: &[Reading],
    files: &[PathBuf],
) -> Result<String, TrainError> {
    let mut hash = Sha256::new();
    hash.update(serde_json::to_string(recipe).unwrap_or_default());
    for reading in readings {
        for id in &reading.ids {
            hash.update(id.to_le_bytes());
        }
    }
    for file in files {
        hash.update(std::fs::read(file).map_err(TrainError::file(file))?);
    }
    let digest = hash.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls_to_a_fiftieth() {
        let at = |step| rate(step, 1000, 60);
        assert!((at(0) - 1.0 / 60.0).abs() < 1e-12);
        assert!(at(0) < at(30) && at(30) < at(59) && at(59) > at(500) && at(500) > at(970));
        assert_eq!((at(500), at(999)), (0.5, 0.02));
    }
}
