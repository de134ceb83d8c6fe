//! A recipe: the manifest of the data and every setting, in one TOML file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::TrainError;
use crate::tasks::{COUNT, TASKS, named};

/// Everything that a run is a function of, apart from the bytes of the files.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The folder of the encoder to start from: `config.json`, `model.safetensors`,
    /// `tokenizer.json`. A path, like all others here, is looked for below the folder
    /// of data first and below the current folder then.
    pub base: PathBuf,
    /// The folder of the encoder whose vectors are learnt from; the base, if none is
    /// named. One is named where the base was changed before (made narrower, or trained).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teacher: Option<PathBuf>,
    /// Seeds the heads, the order of rows and dropout.
    pub seed: u64,
    /// How long, in what portions, how exactly.
    #[serde(default)]
    pub steps: Steps,
    /// What is read of a passage.
    #[serde(default)]
    pub reading: ReadingSettings,
    /// How weights move.
    #[serde(default)]
    pub rates: Rates,
    /// What counts as wrong.
    #[serde(default)]
    pub loss: Loss,
    /// The sets that train the four tasks, at least one.
    #[serde(rename = "set")]
    pub sets: Vec<Set>,
    /// Sets with a head of their own over the same encoder.
    #[serde(default, rename = "auxiliary")]
    pub auxiliaries: Vec<Auxiliary>,
    /// The sizes of a student, for a recipe of `distil`: its `base` is the teacher's
    /// folder, `rates.encoder` the rate of its table of words, `reading.dropout` the
    /// share of words left out, and its vectors are held to those of the soft targets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub student: Option<Shape>,
}

/// The sizes of a student.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shape {
    /// Numbers of a word in the table.
    pub width: i64,
    /// Channels of a layer.
    pub channels: i64,
    /// Layers, each a convolution over three tokens.
    pub layers: usize,
    /// Width of the layer before the answers.
    pub hidden: i64,
}

/// How long, in what portions, how exactly.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Steps {
    /// Times that every row is met.
    pub epochs: usize,
    /// Rows of a step.
    pub batch: usize,
    /// `bf16` runs the encoder in bfloat16 on a copy of its weights, which stay f32,
    /// as do the heads and the losses; `f32` runs everything in single precision.
    pub precision: Precision,
    /// Threads. Weights are the same again only with the same number.
    pub threads: i32,
    /// Steps from one checkpoint to the next.
    pub checkpoint_every: usize,
}

/// The arithmetic of the encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// bfloat16 on a copy of the weights.
    Bf16,
    /// Single precision.
    F32,
}

/// What is read of a passage, and what is left out by chance.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadingSettings {
    /// Tokens of a text, its two end marks included: its first ones.
    pub max_tokens: usize,
    /// Tokens of a context: its last ones.
    pub max_context_tokens: usize,
    /// Share of activations left out in the encoder while training.
    pub dropout: f64,
    /// Share of features left out before the heads while training.
    pub head_dropout: f64,
}

/// How weights move: AdamW (Loshchilov and Hutter 2019), a linear rise of the rate
/// and a linear fall to zero.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// The highest rate of the encoder's last layer.
    pub encoder: f64,
    /// The highest rate of the heads.
    pub heads: f64,
    /// The rate of a layer as a share of that of the layer above it.
    pub layer_decay: f64,
    /// Share of all steps in which the rate rises.
    pub warmup: f64,
    /// Decay of matrices; vectors (biases, norms) have none.
    pub weight_decay: f64,
    /// Decay of the average of gradients.
    pub beta1: f64,
    /// Decay of the average of their squares.
    pub beta2: f64,
    /// Gradients longer than this, over all weights, are shortened to it.
    pub clip: f64,
}

/// What counts as wrong.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Loss {
    /// Share of the target that is spread over all labels.
    pub smoothing: f64,
    /// How far rare labels weigh more, a task: a label's weight is its share of the
    /// rows to the power of minus this (0: not at all), scaled to 1 on average.
    pub balance: BTreeMap<String, f64>,
    /// The weight of each task; 1 where none is given.
    pub tasks: BTreeMap<String, f64>,
    /// Weight of the distance (1 − cosine) between a row's vector and the one that
    /// the teacher gives the text alone. 0: the teacher's vectors are not computed.
    pub vector: f64,
    /// Beside that distance, with its weight: how far cosines between the vectors of a step
    /// are from those between the teacher's.
    pub likeness: f64,
    /// Share of the soft targets, where a row has them, against its label.
    pub soft: f64,
    /// Divides the logits of both sides before they are compared.
    pub temperature: f64,
}

/// A set that trains the four tasks. A row may lack any of them.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    /// The file, `.jsonl` or `.jsonl.gz`.
    pub path: PathBuf,
    /// What its rows are.
    pub kind: Kind,
    /// For `readings`: the file that has their texts by key.
    pub pool: Option<PathBuf>,
    /// For `label` and `aspects`: the task that the labels belong to.
    pub task: Option<String>,
    /// For `label` and `aspects`: the task's label for each of the file's; rows whose
    /// label is not named are left out.
    #[serde(default)]
    pub map: BTreeMap<String, String>,
    /// Weight of each row's error.
    #[serde(default = "one")]
    pub weight: f32,
    /// Take rows whose `split` is one of these; all if empty.
    #[serde(default)]
    pub split: Vec<String>,
    /// A file written by `predict` that has soft targets for these rows.
    pub soft: Option<PathBuf>,
    /// Whether all rows are trained on even when a part of the documents is left out
    /// to be measured: for texts written for training.
    #[serde(default)]
    pub whole: bool,
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `text`, `context`, and any of `moment`, `sentiment`, `pain`, `touchpoint`.
    Journey,
    /// `key` and any of the four; the texts are found in the set's `pool`.
    Readings,
    /// `text` and `label`, or several `labels`, of which the one counts that comes
    /// last in the order of the task's own.
    Label,
    /// `text` and `aspects`, `opinions` or `quads` with a `polarity` each. The label is
    /// the polarity that all have, neutral ones aside, or `mixed`.
    Aspects,
    /// `text` and `context` only: for soft targets.
    Texts,
}

/// A set with a head of its own.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Auxiliary {
    /// The name of the head.
    pub name: String,
    /// The file, `.jsonl` or `.jsonl.gz`.
    pub path: PathBuf,
    /// `label` or `aspects`.
    pub kind: Kind,
    /// Its labels, one for each column; rows with another one are left out.
    pub labels: Vec<String>,
    /// Steps on this set, as a share of the steps on the sets above.
    pub share: f64,
    /// Weight of its loss.
    #[serde(default = "half")]
    pub weight: f64,
    /// Take rows whose `split` is one of these; all if empty.
    #[serde(default)]
    pub split: Vec<String>,
}

fn one() -> f32 {
    1.0
}

fn half() -> f64 {
    0.5
}

impl Default for Steps {
    fn default() -> Self {
        Self {
            epochs: 3,
            batch: 32,
            precision: Precision::Bf16,
            threads: 2,
            checkpoint_every: 200,
        }
    }
}

impl Default for ReadingSettings {
    fn default() -> Self {
        Self {
            max_tokens: 200,
            max_context_tokens: 32,
            dropout: 0.1,
            head_dropout: 0.1,
        }
    }
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            width: 128,
            channels: 160,
            layers: 2,
            hidden: 256,
        }
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            encoder: 8e-5,
            heads: 1e-3,
            layer_decay: 0.9,
            warmup: 0.06,
            weight_decay: 0.01,
            beta1: 0.9,
            beta2: 0.98,
            clip: 1.0,
        }
    }
}

impl Default for Loss {
    fn default() -> Self {
        let balance = [0.3, 0.2, 0.1, 0.2];
        let names = TASKS.iter().map(|task| task.name.to_owned());
        Self {
            smoothing: 0.05,
            balance: names.zip(balance).collect(),
            tasks: BTreeMap::new(),
            vector: 0.0,
            likeness: 0.0,
            soft: 0.0,
            temperature: 1.0,
        }
    }
}

impl Loss {
    /// The exponent of balance for each task: 0 where none is given.
    pub fn balances(&self) -> [f64; COUNT] {
        TASKS
            .each_ref()
            .map(|task| self.balance.get(task.name).copied().unwrap_or(0.0))
    }

    /// The weight of each task.
    pub fn weights(&self) -> [f64; COUNT] {
        TASKS
            .each_ref()
            .map(|task| self.tasks.get(task.name).copied().unwrap_or(1.0))
    }
}

impl Recipe {
    /// Reads and checks a recipe.
    pub fn open(path: &Path) -> Result<Self, TrainError> {
        let text = std::fs::read_to_string(path).map_err(TrainError::file(path))?;
        let recipe: Self = toml::from_str(&text).map_err(TrainError::content(path))?;
        recipe.problem().map_or(Ok(recipe.clone()), |problem| {
            Err(TrainError::content(path)(problem))
        })
    }

    /// The first rule that the recipe breaks, if any.
    pub fn problem(&self) -> Option<String> {
        let share = |value: f64| (0.0..1.0).contains(&value);
        let steps = &self.steps;
        if steps.epochs == 0 || steps.batch == 0 || steps.checkpoint_every == 0 {
            return Some("'epochs', 'batch' and 'checkpoint_every' must be at least 1".into());
        }
        if steps.threads < 1 {
            return Some("'threads' must be at least 1".into());
        }
        if self.reading.max_tokens < 3 {
            return Some("'max_tokens' must be at least 3".into());
        }
        let dropouts = [self.reading.dropout, self.reading.head_dropout];
        if !dropouts.into_iter().chain([self.loss.smoothing]).all(share) {
            return Some("dropout and smoothing must lie in 0..1".into());
        }
        if !(self.loss.temperature > 0.0 && (0.0..=1.0).contains(&self.loss.soft)) {
            return Some("'temperature' must be above 0, 'soft' between 0 and 1".into());
        }
        if !(self.rates.clip > 0.0 && (0.0..=1.0).contains(&self.rates.warmup)) {
            return Some("'clip' must be above 0, 'warmup' between 0 and 1".into());
        }
        let mut tasks = self.loss.balance.keys().chain(self.loss.tasks.keys());
        if let Some(unknown) = tasks.find(|name| named(name).is_none()) {
            return Some(format!("[loss] names the unknown task '{unknown}'"));
        }
        if self.sets.is_empty() {
            return Some("there is no [[set]]".into());
        }
        if let Some(shape) = &self.student {
            let least = shape.width.min(shape.channels).min(shape.hidden);
            if least < 1 || shape.layers == 0 || !self.auxiliaries.is_empty() {
                return Some("[student] has sizes of at least 1, and no [[auxiliary]]".into());
            }
        }
        let vectors = self.loss.vector > 0.0;
        let set = self.sets.iter().find_map(|set| set.problem(vectors));
        set.or_else(|| self.auxiliaries.iter().find_map(Auxiliary::problem))
    }
}

impl Set {
    /// `vectors`: whether the base encoder's vectors are learnt from too.
    fn problem(&self, vectors: bool) -> Option<String> {
        let of = |problem: &str| Some(format!("set {}: {problem}", self.path.display()));
        if (self.kind == Kind::Readings) != self.pool.is_some() {
            return of("'pool' goes with kind 'readings', and must be there");
        }
        if matches!(self.kind, Kind::Label | Kind::Aspects) {
            let Some(task) = self.task.as_deref().and_then(named) else {
                return of("'task' must name one of the four tasks");
            };
            let known = |label: &String| TASKS.get(task).is_some_and(|t| t.column(label).is_some());
            if self.map.is_empty() || !self.map.values().all(known) {
                return of("'map' must lead to labels of the task");
            }
        } else if self.task.is_some() || !self.map.is_empty() {
            return of("'task' and 'map' go with kinds 'label' and 'aspects'");
        }
        if self.kind == Kind::Texts && self.soft.is_none() && !vectors {
            return of("kind 'texts' has nothing to learn without 'soft' or a weight of 'vector'");
        }
        (self.weight <= 0.0).then(|| format!("set {}: no weight", self.path.display()))
    }
}

impl Auxiliary {
    fn problem(&self) -> Option<String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if self.name.is_empty() || !self.name.chars().all(plain) {
            return Some(format!("'{}' is no name for a head", self.name));
        }
        let fits = matches!(self.kind, Kind::Label | Kind::Aspects);
        (!fits || self.labels.len() < 2 || self.share < 0.0).then(|| {
            format!(
                "auxiliary {}: its kind must be 'label' or 'aspects', with two labels or more",
                self.name
            )
        })
    }
}

/// Where a file that a recipe names is: below `data`, else below the current folder.
pub fn find(path: &Path, data: &Path) -> Result<PathBuf, TrainError> {
    [data.join(path), path.to_owned()]
        .into_iter()
        .find(|place| place.exists())
        .ok_or_else(|| TrainError::Missing {
            path: path.to_owned(),
            data: data.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "base = 'b'\nseed = 1\n[[set]]\npath = 'a.jsonl'\nkind = 'journey'\n";

    #[test]
    fn what_is_wrong_with_a_recipe_is_named() {
        let problem = |more: &str| {
            let recipe: Result<Recipe, _> = toml::from_str(&format!("{SOUND}{more}"));
            recipe.map_or_else(|e| Some(e.to_string()), |recipe| recipe.problem())
        };
        assert_eq!(problem(""), None);
        for (more, named) in [
            ("wieght = 2.0", "wieght"),
            ("pool = 'p'", "'pool'"),
            ("map = { a = '1' }", "'map'"),
            ("weight = 0.0", "weight"),
            ("[steps]\nepochs = 0", "'epochs'"),
            ("[steps]\nprecision = 'f16'", "f16"),
            ("[loss]\nbalance = { mood = 1.0 }", "'mood'"),
            ("[loss]\ntemperature = 0.0", "'temperature'"),
            ("[student]\nlayers = 0", "[student]"),
            ("[reading]\ndropout = 1.0", "dropout"),
            (
                "[[set]]\npath = 'x'\nkind = 'label'\ntask = 'pain'",
                "'map'",
            ),
            ("[[set]]\npath = 'x'\nkind = 'texts'", "'soft'"),
        ] {
            let found = problem(more).unwrap_or_default();
            assert!(found.contains(named), "{more}: {found}");
        }
    }

    #[test]
    fn the_recipe_that_shows_the_defaults_has_them() {
        let shown: Recipe = toml::from_str(include_str!("../recipe.toml")).unwrap();
        assert_eq!(shown.problem(), None);
        let of = |recipe: &Recipe| {
            format!(
                "{:?}{:?}{:?}{:?}",
                recipe.steps, recipe.reading, recipe.rates, recipe.loss
            )
        };
        assert_eq!(of(&shown), of(&toml::from_str(SOUND).unwrap()));
    }
}
