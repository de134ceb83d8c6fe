use std::collections::BTreeMap;
use std::path::Path;

use rust_bert::bert::BertConfig;
use serde::Deserialize;

use crate::NlpError;

/// Name of the description within a checkpoint folder.
pub(crate) const CONFIG: &str = "config.json";

/// What `config.json` of a checkpoint says of the net. The small number that
/// rust-bert adds to variances is 1e-12, whatever stands there.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Config {
    model_type: String,
    #[serde(default = "gelu")]
    hidden_act: String,
    pub hidden_size: i64,
    pub intermediate_size: i64,
    pub max_position_embeddings: i64,
    pub num_attention_heads: i64,
    pub num_hidden_layers: i64,
    #[serde(default = "two")]
    pub type_vocab_size: i64,
    pub vocab_size: i64,
    #[serde(default = "absolute")]
    position_embedding_type: String,
    /// Number of a class → its name.
    #[serde(default)]
    pub id2label: BTreeMap<i64, String>,
    /// What no `config.json` says: see [`Config::units`].
    #[serde(skip)]
    units: Option<Units>,
}

/// Units in the feed-forward parts of a net's layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Units {
    /// From the first layer to the last.
    pub layers: Vec<i64>,
    /// Of the layer that is the vector's own, if there is one.
    pub own: Option<i64>,
}

fn gelu() -> String {
    "gelu".to_owned()
}

fn absolute() -> String {
    "absolute".to_owned()
}

fn two() -> i64 {
    2
}

impl Config {
    /// The net of a model folder, whose sizes its weights tell.
    pub(crate) fn of_sizes(
        [vocabulary, width, positions, heads]: [i64; 4],
        units: Units,
    ) -> Result<Self, String> {
        let config = Self {
            model_type: "bert".to_owned(),
            hidden_act: gelu(),
            hidden_size: width,
            intermediate_size: units.layers.iter().copied().max().unwrap_or_default(),
            max_position_embeddings: positions,
            num_attention_heads: heads,
            num_hidden_layers: units.layers.len() as i64,
            type_vocab_size: two(),
            vocab_size: vocabulary,
            position_embedding_type: absolute(),
            id2label: BTreeMap::new(),
            units: Some(units),
        };
        config.problem().map_or(Ok(config), Err)
    }

    /// Reads and checks a `config.json`; `path` is for messages.
    pub(crate) fn parse(bytes: &[u8], path: &Path) -> Result<Self, NlpError> {
        let bad = |problem: String| NlpError::BadManifest {
            path: path.to_owned(),
            problem,
        };
        let config: Self = serde_json::from_slice(bytes).map_err(|e| bad(e.to_string()))?;
        config.problem().map_or(Ok(()), |p| Err(bad(p)))?;
        Ok(config)
    }

    /// The first thing that the engine could not run, if any.
    fn problem(&self) -> Option<String> {
        let units = self.units.iter();
        let units = units.flat_map(|units| units.layers.iter().chain(&units.own));
        let sizes = [
            self.hidden_size,
            self.intermediate_size,
            self.max_position_embeddings,
            self.num_attention_heads,
            self.num_hidden_layers,
            self.type_vocab_size,
            self.vocab_size,
        ];
        if self.model_type != "bert" {
            return Some(format!(
                "'model_type' is '{}'; only 'bert' can be read",
                self.model_type
            ));
        }
        if self.position_embedding_type != "absolute" {
            return Some(format!(
                "'position_embedding_type' is '{}'; only 'absolute' can be read",
                self.position_embedding_type
            ));
        }
        // Far above any checkpoint, and far below what overflows.
        let mut sizes = sizes.iter().chain(units);
        if sizes.any(|size| !(1..=10_000_000).contains(size)) {
            return Some("every size must be at least 1 and at most 10,000,000".to_owned());
        }
        if self.hidden_size % self.num_attention_heads != 0 {
            return Some(format!(
                "'hidden_size' {} is no multiple of 'num_attention_heads' {}",
                self.hidden_size, self.num_attention_heads
            ));
        }
        if self.max_position_embeddings < 8 || self.type_vocab_size < 2 {
            return Some(
                "'max_position_embeddings' must be at least 8, 'type_vocab_size' 2".to_owned(),
            );
        }
        let classes = 0..self.id2label.len() as i64;
        if !self.id2label.keys().copied().eq(classes) {
            return Some("'id2label' must number its labels 0, 1, 2, …".to_owned());
        }
        self.activation().err()
    }

    fn activation(&self) -> Result<rust_bert::Activation, String> {
        use rust_bert::Activation;
        match self.hidden_act.as_str() {
            "gelu" => Ok(Activation::gelu),
            "gelu_new" | "gelu_pytorch_tanh" => Ok(Activation::gelu_new),
            "relu" => Ok(Activation::relu),
            "silu" | "swish" => Ok(Activation::swish),
            "tanh" => Ok(Activation::tanh),
            other => Err(format!(
                "'hidden_act' is '{other}', which is not known here"
            )),
        }
    }

    /// Units of the layers: as many in each, where a `config.json` says how many.
    pub(crate) fn units(&self) -> Units {
        let alike = || (0..self.num_hidden_layers).map(|_| self.intermediate_size);
        self.units.clone().unwrap_or_else(|| Units {
            layers: alike().collect(),
            own: None,
        })
    }

    /// The same for rust-bert.
    pub(crate) fn bert(&self) -> Result<BertConfig, String> {
        let labels = self.id2label.clone();
        Ok(BertConfig {
            hidden_act: self.activation()?,
            hidden_size: self.hidden_size,
            intermediate_size: self.intermediate_size,
            max_position_embeddings: self.max_position_embeddings,
            num_attention_heads: self.num_attention_heads,
            num_hidden_layers: self.num_hidden_layers,
            type_vocab_size: self.type_vocab_size,
            vocab_size: self.vocab_size,
            id2label: Some(labels.into_iter().collect()),
            ..BertConfig::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(change: &[(&str, serde_json::Value)]) -> Result<Config, NlpError> {
        let mut value = serde_json::json!({
            "model_type": "bert", "hidden_size": 8, "intermediate_size": 16,
            "max_position_embeddings": 32, "num_attention_heads": 2,
            "num_hidden_layers": 1, "vocab_size": 10, "layer_norm_eps": 1e-12,
        });
        for (key, to) in change {
            value[*key] = to.clone();
        }
        Config::parse(value.to_string().as_bytes(), Path::new("config.json"))
    }

    #[test]
    fn what_cannot_be_run_is_named() {
        assert_eq!(parse(&[]).unwrap().type_vocab_size, 2);
        let cases = [
            ("model_type", serde_json::json!("roberta"), "roberta"),
            ("num_attention_heads", serde_json::json!(3), "multiple"),
            ("num_hidden_layers", serde_json::json!(0), "at least 1"),
            ("hidden_act", serde_json::json!("maxout"), "maxout"),
            ("id2label", serde_json::json!({"1": "a"}), "id2label"),
            (
                "position_embedding_type",
                serde_json::json!("rotary"),
                "rotary",
            ),
        ];
        for (key, value, named) in cases {
            let error = parse(&[(key, value)]).unwrap_err().to_string();
            assert!(
                error.contains("config.json") && error.contains(named),
                "{key}: {error}"
            );
        }
    }
}
