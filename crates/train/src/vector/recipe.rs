//! The recipe of a vector's own layer: one TOML file.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::TrainError;
use crate::recipe::{Precision, Rates};

/// Everything that the training of an own layer is a function of, apart from the bytes of
/// the files.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct VectorRecipe {
    /// The folder of the encoder whose vectors are learnt: the mean of its last layer. A
    /// path, like those of the texts, is looked for below the folder of data first and
    /// below the current folder then.
    pub teacher: PathBuf,
    /// Files of texts without labels: `.jsonl` or `.jsonl.gz`, with a `text` a line.
    pub texts: Vec<PathBuf>,
    /// Seeds the order of the texts.
    pub seed: u64,
    /// Units of the own layer's feed-forward part; as many as a layer of the model has, if
    /// not given. Those that add least to the teacher's last layer are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inner: Option<i64>,
    /// Goes on with the own layer and the map that the model has already, of that width,
    /// instead of starting from the teacher's last layer.
    #[serde(default)]
    pub onward: bool,
    /// The arithmetic of model, teacher and own layer.
    #[serde(default = "precision")]
    pub precision: Precision,
    /// Threads. Weights are the same again only with the same number.
    #[serde(default = "threads")]
    pub threads: i32,
    /// Times that every text is met.
    #[serde(default = "epochs")]
    pub epochs: usize,
    /// Tokens of a step at most, with those that fill rows up to the longest.
    #[serde(default = "tokens")]
    pub tokens: usize,
    /// Tokens of a text, its two end marks included: its first ones.
    #[serde(default = "max_tokens")]
    pub max_tokens: usize,
    /// The highest rate.
    #[serde(default = "rate")]
    pub rate: f64,
    /// Steps in which the rate rises.
    #[serde(default = "warmup")]
    pub warmup: usize,
    /// Decay of matrices; vectors (biases, norms) have none.
    #[serde(default = "weight_decay")]
    pub weight_decay: f64,
    /// Decay of the average of gradients.
    #[serde(default = "beta1")]
    pub beta1: f64,
    /// Decay of the average of their squares.
    #[serde(default = "beta2")]
    pub beta2: f64,
    /// Gradients longer than this, over all weights, are shortened to it.
    #[serde(default = "clip")]
    pub clip: f64,
    /// Weight of how far cosines between vectors are from those between the teacher's.
    #[serde(default = "likeness")]
    pub likeness: f64,
    /// Steps from one checkpoint to the next.
    #[serde(default = "checkpoint_every")]
    pub checkpoint_every: usize,
}

fn precision() -> Precision {
    Precision::Bf16
}

fn threads() -> i32 {
    2
}

fn epochs() -> usize {
    2
}

fn tokens() -> usize {
    2400
}

fn max_tokens() -> usize {
    200
}

fn rate() -> f64 {
    4e-4
}

fn warmup() -> usize {
    60
}

fn weight_decay() -> f64 {
    0.01
}

fn beta1() -> f64 {
    0.9
}

fn beta2() -> f64 {
    0.98
}

fn clip() -> f64 {
    5.0
}

fn likeness() -> f64 {
    4.0
}

fn checkpoint_every() -> usize {
    500
}

impl VectorRecipe {
    /// Reads and checks a recipe.
    pub fn open(path: &Path) -> Result<Self, TrainError> {
        let text = std::fs::read_to_string(path).map_err(TrainError::file(path))?;
        let recipe: Self = toml::from_str(&text).map_err(TrainError::content(path))?;
        recipe.problem().map_or(Ok(recipe.clone()), |problem| {
            Err(TrainError::content(path)(problem))
        })
    }

    /// The first rule that the recipe breaks, if any.
    pub fn problem(&self) -> Option<&'static str> {
        let share = |value: f64| (0.0..1.0).contains(&value);
        let none = |value: usize| value == 0;
        if self.texts.is_empty() {
            return Some("'texts' names no file");
        }
        if none(self.epochs) || none(self.tokens) || none(self.checkpoint_every) {
            return Some("'epochs', 'tokens' and 'checkpoint_every' must be at least 1");
        }
        if self.threads < 1 || self.inner.is_some_and(|inner| inner < 1) {
            return Some("'threads' and 'inner' must be at least 1");
        }
        if self.max_tokens < 3 {
            return Some("'max_tokens' must be at least 3");
        }
        if ![self.beta1, self.beta2, self.weight_decay]
            .into_iter()
            .all(share)
        {
            return Some("'beta1', 'beta2' and 'weight_decay' must lie in 0..1");
        }
        let sizes = [self.rate, self.clip];
        if !(sizes.into_iter().all(|size| size > 0.0) && self.likeness >= 0.0) {
            return Some("'rate' and 'clip' must be above 0, 'likeness' at least 0");
        }
        None
    }

    /// How weights move.
    pub(crate) fn rates(&self) -> Rates {
        Rates {
            heads: self.rate,
            weight_decay: self.weight_decay,
            beta1: self.beta1,
            beta2: self.beta2,
            clip: self.clip,
            ..Rates::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "teacher = 'b'\ntexts = ['a.jsonl']\nseed = 1\n";

    #[test]
    fn what_is_wrong_with_a_recipe_is_named() {
        let problem = |more: &str| {
            let recipe: Result<VectorRecipe, _> = toml::from_str(&format!("{SOUND}{more}"));
            recipe.map_or_else(
                |e| Some(e.to_string()),
                |recipe| recipe.problem().map(str::to_owned),
            )
        };
        assert_eq!(problem(""), None);
        for (more, named) in [
            ("epoch = 1", "epoch"),
            ("epochs = 0", "'epochs'"),
            ("inner = 0", "'inner'"),
            ("max_tokens = 2", "'max_tokens'"),
            ("beta2 = 1.0", "'beta2'"),
            ("rate = 0.0", "'rate'"),
            ("precision = 'f16'", "f16"),
        ] {
            let found = problem(more).unwrap_or_default();
            assert!(found.contains(named), "{more}: {found}");
        }
    }
    #[test]
    fn the_recipe_that_is_used_is_sound() {
        let used = include_str!("../../../../models/build/vector.toml");
        let used: VectorRecipe = toml::from_str(used).unwrap();
        assert_eq!(used.problem(), None);
    }
}
