//! The loop: batches in a seeded order, one step after the other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use sha2::{Digest, Sha256};
use tch::{Kind, Reduction, Tensor};

use crate::checkpoint::{self, State};
use crate::data::{self, AuxiliaryRow, Fold, Row};
use crate::losses::{Losses, distance, unlikeness};
use crate::model::{Parameter, Wanted, configuration};
use crate::optimiser::{Adamw, schedule};
use crate::order::{Order, batches, by_length};
use crate::predict::Description;
use crate::progress::{Meter, Progress};
use crate::recipe::find;
use crate::tasks::TASKS;
use crate::tokens::{Batch, Tokens};
use crate::{Model, Recipe, TrainError};

/// Steps between two reports of progress.
const REPORT: usize = 50;

/// A training under way.
pub struct Run {
    recipe: Recipe,
    base: PathBuf,
    model: Model,
    parameters: Vec<Parameter>,
    optimiser: Adamw,
    losses: Losses,
    rows: Vec<Row>,
    auxiliaries: BTreeMap<String, Vec<AuxiliaryRow>>,
    /// The base encoder's vectors of the texts alone, where the recipe holds to them.
    vectors: Option<Tensor>,
    portions: Vec<Portion>,
    step: usize,
    name: String,
}

/// The rows of one step.
#[derive(Debug, Clone)]
struct Portion {
    auxiliary: Option<String>,
    rows: Vec<usize>,
}

impl Run {
    /// Reads the sets and the base encoder, whose vector may have a layer of its own: that
    /// moves with the others then. `leave` is a part of the documents that is
    /// not trained on.
    pub fn new(recipe: Recipe, data: &Path, leave: Option<Fold>) -> Result<Self, TrainError> {
        if recipe.student.is_some() {
            return Err(TrainError::Nothing(
                "the recipe has a [student]: use 'distil'".to_owned(),
            ));
        }
        tch::set_num_threads(recipe.steps.threads);
        let base = find(&recipe.base, data)?;
        let reading = &recipe.reading;
        let tokens = Tokens::open(
            &base.join("tokenizer.json"),
            reading.max_tokens,
            reading.max_context_tokens,
        )?;
        let config = configuration(&base.join("config.json"), reading.dropout)?;
        let longest = reading.max_tokens + reading.max_context_tokens + 2;
        if longest as i64 > config.max_position_embeddings {
            return Err(TrainError::content(&base)(format!(
                "it has fewer positions than the {longest} tokens of a text and a context"
            )));
        }
        let rows = data::rows(&recipe.sets, data, &tokens, leave)?;
        let mut auxiliaries = BTreeMap::new();
        for set in &recipe.auxiliaries {
            auxiliaries.insert(set.name.clone(), data::auxiliary(set, data, &tokens)?);
        }
        let sizes = recipe
            .auxiliaries
            .iter()
            .map(|set| (set.name.clone(), set.labels.len() as i64))
            .collect();
        let weights = base.join("model.safetensors");
        let vectors = if recipe.loss.vector > 0.0 {
            let own = || Ok(base.clone());
            let teacher = recipe.teacher.as_ref();
            let teacher = teacher.map_or_else(own, |path| find(path, data))?;
            let config = configuration(&teacher.join("config.json"), reading.dropout)?;
            let mut model = Model::new(&config, recipe.steps.precision, &BTreeMap::new());
            model.load(&teacher.join("model.safetensors"), Wanted::Encoder)?;
            Some(own_vectors(&model, &rows)?)
        } else {
            None
        };
        tch::manual_seed(recipe.seed.cast_signed());
        let model = Model::onward(&config, recipe.steps.precision, &sizes, &weights)?;
        let parameters = model.parameters();
        Ok(Self {
            optimiser: Adamw::new(&parameters, &recipe.rates, model.layers()),
            losses: Losses::new(&recipe.loss, &rows),
            portions: portions(&recipe, &rows, &auxiliaries),
            name: name(&recipe, &rows),
            recipe,
            base,
            model,
            parameters,
            rows,
            auxiliaries,
            vectors,
            step: 0,
        })
    }

    /// Takes up a run where the checkpoint in its folder left it; false if there is none.
    pub fn resume(&mut self, out: &Path) -> Result<bool, TrainError> {
        if checkpoint::place(out) == out {
            return Ok(false);
        }
        let state = checkpoint::load(out, &self.name, &mut self.model, &mut self.optimiser)?;
        self.step = state.step;
        Ok(true)
    }

    /// Trains to the end, or to the step `until`, and writes checkpoints into `out`.
    pub fn train(
        &mut self,
        out: &Path,
        until: Option<usize>,
        tell: &mut dyn FnMut(&Progress),
    ) -> Result<(), TrainError> {
        std::fs::create_dir_all(out).map_err(TrainError::file(out))?;
        let last = until.unwrap_or(usize::MAX).min(self.portions.len());
        let mut meter = Meter::start();
        let mut saved = None;
        while self.step < last {
            let Some(portion) = self.portions.get(self.step).cloned() else {
                break;
            };
            meter.add(portion.rows.len(), self.make_step(&portion)?);
            if self.step.is_multiple_of(REPORT) || self.step == last {
                tell(&meter.report(self.step, self.portions.len()));
            }
            if self.step.is_multiple_of(self.recipe.steps.checkpoint_every) {
                let before = Instant::now();
                self.save(out)?;
                saved = Some(self.step);
                meter.leave_out(before.elapsed());
            }
        }
        if saved == Some(self.step) {
            Ok(())
        } else {
            self.save(out)
        }
    }

    /// One step: its loss, and the length of its gradients.
    fn make_step(&mut self, portion: &Portion) -> Result<(f64, f64), TrainError> {
        // Dropout is a function of the seed and the step, so that a run that was taken
        // up again leaves out what it would have left out.
        let seed = Order::new(self.recipe.seed ^ ((self.step as u64) << 32)).next_number();
        tch::manual_seed(seed.cast_signed());
        let loss = match &portion.auxiliary {
            None => self.loss(&portion.rows)?,
            Some(name) => self.auxiliary_loss(name, &portion.rows)?,
        };
        let leaves: Vec<&Tensor> = self.parameters.iter().map(|p| &p.leaf).collect();
        let gradients = Tensor::f_run_backward(&[&loss], &leaves, false, false)?;
        let gradients: Vec<Option<Tensor>> = gradients
            .into_iter()
            .map(|gradient| gradient.defined().then_some(gradient))
            .collect();
        let factor = schedule(self.step, self.portions.len(), self.recipe.rates.warmup);
        let length = self.optimiser.step(&gradients, factor);
        self.model.refresh();
        self.step += 1;
        Ok((loss.double_value(&[]), length))
    }

    fn loss(&self, indices: &[usize]) -> Result<Tensor, TrainError> {
        let rows: Vec<&Row> = indices.iter().filter_map(|i| self.rows.get(*i)).collect();
        let readings: Vec<_> = rows.iter().map(|row| &row.reading).collect();
        let states = self.model.states(&Batch::of(&readings), true)?;
        let features = states
            .features
            .dropout(self.recipe.reading.head_dropout, true);
        let mut loss = self.losses.tasks(&self.model.logits(&features), &rows);
        if let Some(vectors) = &self.vectors {
            let indices: Vec<i64> = indices.iter().map(|i| *i as i64).collect();
            let wanted = vectors.index_select(0, &Tensor::from_slice(&indices));
            let settings = &self.recipe.loss;
            let apart = distance(&states.vector, &wanted)
                + unlikeness(&states.vector, &wanted) * settings.likeness;
            loss += apart * settings.vector;
        }
        Ok(loss)
    }

    fn auxiliary_loss(&self, name: &str, indices: &[usize]) -> Result<Tensor, TrainError> {
        let all = self
            .auxiliaries
            .get(name)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let rows: Vec<&AuxiliaryRow> = indices.iter().filter_map(|i| all.get(*i)).collect();
        let readings: Vec<_> = rows.iter().map(|row| &row.reading).collect();
        let states = self.model.states(&Batch::of(&readings), true)?;
        let features = states
            .features
            .dropout(self.recipe.reading.head_dropout, true);
        let labels: Vec<i64> = rows.iter().map(|row| row.label).collect();
        let set = self.recipe.auxiliaries.iter().find(|set| set.name == name);
        let logits = self.model.auxiliary(name, &features);
        let (Some(set), Some(logits)) = (set, logits) else {
            return Err(TrainError::Nothing(format!("there is no head '{name}'")));
        };
        let loss = logits.cross_entropy_loss::<Tensor>(
            &Tensor::from_slice(&labels),
            None,
            Reduction::Mean,
            -100,
            0.0,
        );
        Ok(loss.to_kind(Kind::Float) * set.weight)
    }

    fn save(&self, out: &Path) -> Result<(), TrainError> {
        let own = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect();
        let description = Description {
            max_tokens: self.recipe.reading.max_tokens,
            max_context_tokens: self.recipe.reading.max_context_tokens,
            heads: TASKS
                .iter()
                .map(|task| (task.name.to_owned(), own(task.labels)))
                .collect(),
            auxiliaries: self
                .recipe
                .auxiliaries
                .iter()
                .map(|set| (set.name.clone(), set.labels.clone()))
                .collect(),
        };
        let state = State {
            step: self.step,
            run: self.name.clone(),
        };
        let parts = (&self.model, &self.optimiser);
        checkpoint::save(out, &self.base, &description, parts, &state)
    }
}

/// All steps' rows: the epochs over the sets, and the auxiliary sets' in between.
fn portions(
    recipe: &Recipe,
    rows: &[Row],
    auxiliaries: &BTreeMap<String, Vec<AuxiliaryRow>>,
) -> Vec<Portion> {
    let mut order = Order::new(recipe.seed);
    let size = recipe.steps.batch;
    let portion = |auxiliary: Option<&str>, rows| Portion {
        auxiliary: auxiliary.map(str::to_owned),
        rows,
    };
    let lengths: Vec<usize> = rows.iter().map(|row| row.reading.ids.len()).collect();
    let mut all = Vec::new();
    for _ in 0..recipe.steps.epochs {
        all.extend(
            batches(&lengths, size, &mut order)
                .into_iter()
                .map(|rows| portion(None, rows)),
        );
    }
    if recipe.auxiliaries.is_empty() {
        return all;
    }
    let main = all.len();
    for set in &recipe.auxiliaries {
        let rows = auxiliaries
            .get(&set.name)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let lengths: Vec<usize> = rows.iter().map(|row| row.reading.ids.len()).collect();
        let wanted = (main as f64 * set.share) as usize;
        let mut own = Vec::new();
        while own.len() < wanted && !lengths.is_empty() {
            let epoch = batches(&lengths, size, &mut order);
            own.extend(epoch.into_iter().map(|rows| portion(Some(&set.name), rows)));
        }
        all.extend(own.into_iter().take(wanted));
    }
    order.shuffle(&mut all);
    all
}

/// The vectors that a model gives the rows' texts alone.
fn own_vectors(model: &Model, rows: &[Row]) -> Result<Tensor, TrainError> {
    let mut alone = rows.to_vec();
    for row in &mut alone {
        // The tag token stays; the first part does not see it.
        row.reading.ids.truncate(row.reading.own + 1);
    }
    let lengths: Vec<usize> = alone.iter().map(|row| row.reading.ids.len()).collect();
    let (mut vectors, mut order) = (Vec::new(), Vec::new());
    for batch in by_length(&lengths, 64) {
        let rows = batch.iter().filter_map(|index| alone.get(*index));
        let readings: Vec<_> = rows.map(|row| &row.reading).collect();
        let states = tch::no_grad(|| model.states(&Batch::of(&readings), false))?;
        vectors.push(states.pooled);
        order.extend(batch.into_iter().map(|index| index as i64));
    }
    let order = Tensor::from_slice(&order).argsort(0, false);
    Ok(Tensor::cat(&vectors, 0).index_select(0, &order))
}

/// What tells a run from others: a hash of its recipe and its rows.
fn name(recipe: &Recipe, rows: &[Row]) -> String {
    let mut hash = Sha256::new();
    hash.update(serde_json::to_string(recipe).unwrap_or_default());
    for row in rows {
        hash.update(row.key.to_le_bytes());
        hash.update(format!("{:?}{}", row.labels, row.soft.is_some()));
    }
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
