use std::path::Path;

use rayon::prelude::*;
use serde::Deserialize;
use throughline_core::{ContentHash, Tagged, Vector};

use super::config::{CONFIG, Config};
use super::nets::{Net, Nets, Reading, threads};
use super::reader::{Reader, TOKENIZER, read};
use super::weights::Weights;
use crate::{Distributions, ModelInfo, NlpError, TagInput, Tagger};

/// Files that may hold the weights, the first that is there.
const WEIGHTS: [&str; 2] = ["model.safetensors", "rust_model.ot"];
/// How a sentence-transformers folder makes one vector of many states.
const POOLING: &str = "1_Pooling/config.json";
/// Which steps there are, in such a folder.
const MODULES: &str = "modules.json";
/// Tokens that are read where the folder does not say.
const MAX_TOKENS: usize = 512;

/// What is the same for every use of a checkpoint folder.
pub(crate) struct Folder {
    pub name: String,
    pub config: Config,
    pub reader: Reader,
    pub weights: Weights,
    pub weights_file: &'static str,
    /// Hash over the hashes of all files that were read.
    pub sha256: ContentHash,
}

/// Vectors of a BERT checkpoint: the mean of the last states, or what its
/// `1_Pooling/config.json` says. It has no heads, so that it cannot tag.
pub struct Checkpoint {
    info: ModelInfo,
    reader: Reader,
    nets: Nets,
    pooling: Pooling,
}

/// How states become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pooling {
    Mean,
    Max,
    First,
}

/// The part of `1_Pooling/config.json` that is known here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PoolingConfig {
    pooling_mode_cls_token: bool,
    pooling_mode_mean_tokens: bool,
    pooling_mode_max_tokens: bool,
    pooling_mode_mean_sqrt_len_tokens: bool,
    pooling_mode_weightedmean_tokens: bool,
    pooling_mode_lasttoken: bool,
}

#[derive(Debug, Deserialize)]
struct Module {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Debug, Deserialize)]
struct SentenceConfig {
    max_seq_length: Option<usize>,
}

impl Folder {
    /// Reads `config.json`, `tokenizer.json` and the weights in `dir`.
    pub(crate) fn read(dir: &Path) -> Result<Self, NlpError> {
        let name = dir.canonicalize().ok();
        let name = name.as_deref().unwrap_or(dir).file_name();
        let name = name.map_or_else(|| "checkpoint".into(), |name| name.to_string_lossy());
        let config_bytes = read(dir, CONFIG)?;
        let config = Config::parse(&config_bytes, &dir.join(CONFIG))?;
        let positions = usize::try_from(config.max_position_embeddings).unwrap_or(MAX_TOKENS);
        let stated = optional::<SentenceConfig>(dir, "sentence_bert_config.json")?;
        let stated = stated.and_then(|config| config.max_seq_length);
        let max_tokens = stated.unwrap_or(MAX_TOKENS).clamp(8, positions);
        let tokenizer = read(dir, TOKENIZER)?;
        let reader = Reader::load(&tokenizer, &name, &config, max_tokens)?;
        let present = WEIGHTS.into_iter().find(|file| dir.join(file).is_file());
        let weights_file = present.unwrap_or(WEIGHTS[0]);
        let weights_bytes = read(dir, weights_file)?;
        let mut hashes = String::new();
        for bytes in [&config_bytes, &tokenizer, &weights_bytes] {
            hashes.push_str(&ContentHash::of(bytes).to_string());
        }
        drop(weights_bytes);
        let weights = Weights::read(&dir.join(weights_file));
        Ok(Self {
            weights: weights.map_err(|problem| misfit(&name, weights_file, problem))?,
            name: name.into_owned(),
            config,
            reader,
            weights_file,
            sha256: ContentHash::of(hashes.as_bytes()),
        })
    }
}

pub(crate) fn misfit(model: &str, file: &str, problem: String) -> NlpError {
    NlpError::Misfit {
        model: model.to_owned(),
        file: file.to_owned(),
        problem,
    }
}

/// A JSON file that need not be there.
fn optional<T: for<'de> Deserialize<'de>>(dir: &Path, file: &str) -> Result<Option<T>, NlpError> {
    let path = dir.join(file);
    if !path.is_file() {
        return Ok(None);
    }
    let parsed = serde_json::from_slice(&read(dir, file)?);
    parsed.map(Some).map_err(|error| NlpError::BadManifest {
        path,
        problem: error.to_string(),
    })
}

impl Checkpoint {
    /// The checkpoint in the folder `dir`: `config.json` of a BERT model,
    /// `tokenizer.json`, and `model.safetensors` (or `rust_model.ot`).
    ///
    /// # Errors
    /// A file that is missing or cannot be read, a kind of net that is not known
    /// here, and parts that do not fit each other.
    pub fn open(dir: &Path) -> Result<Self, NlpError> {
        let pooling = pooling(dir)?;
        let folder = Folder::read(dir)?;
        let nets = Nets::new(threads(), || {
            Net::encoder(&folder.config, &folder.weights)
                .map_err(|problem| misfit(&folder.name, folder.weights_file, problem))
        })?;
        let how = format!("{}{pooling:?}", folder.sha256);
        let sha256 = ContentHash::of(how.as_bytes());
        let version: String = sha256.to_string().chars().take(12).collect();
        Ok(Self {
            info: ModelInfo {
                name: folder.name,
                version,
                licence: "NOASSERTION".to_owned(),
                sha256,
                backend: "torch",
                dimension: usize::try_from(folder.config.hidden_size).unwrap_or_default(),
                max_tokens: folder.reader.max_tokens(),
                max_context_tokens: 0,
            },
            reader: folder.reader,
            nets,
            pooling,
        })
    }

    fn vector(&self, net: &Net, reading: Option<&Reading>) -> Result<Vector, NlpError> {
        let width = self.info.dimension;
        let Some(reading) = reading else {
            return Ok(Vector::from_components(vec![0; width].into()));
        };
        let states = net
            .read(reading)
            .map_err(|problem| engine(&self.info.name, reading, problem))?;
        Ok(Vector::quantise(&self.pooling.of(&states, width)))
    }

    fn refused(&self) -> NlpError {
        NlpError::NoHeads {
            model: self.info.name.clone(),
        }
    }
}

/// An engine's failure on one reading.
pub(crate) fn engine(model: &str, reading: &Reading, problem: String) -> NlpError {
    NlpError::Engine {
        model: model.to_owned(),
        passages: 1,
        tokens: reading.ids.len(),
        problem,
    }
}

fn pooling(dir: &Path) -> Result<Pooling, NlpError> {
    let bad = |file: &str, problem: String| NlpError::BadManifest {
        path: dir.join(file),
        problem,
    };
    // Normalising changes nothing: a vector's length is not kept.
    const STEPS: [&str; 3] = ["Transformer", "Pooling", "Normalize"];
    for module in optional::<Vec<Module>>(dir, MODULES)?.unwrap_or_default() {
        let kind = module.kind.rsplit('.').next().unwrap_or_default();
        if !STEPS.contains(&kind) {
            let problem = format!("a step '{kind}' is not known here");
            return Err(bad(MODULES, problem));
        }
    }
    let Some(config) = optional::<PoolingConfig>(dir, POOLING)? else {
        return Ok(Pooling::Mean);
    };
    let other = config.pooling_mode_mean_sqrt_len_tokens
        || config.pooling_mode_weightedmean_tokens
        || config.pooling_mode_lasttoken;
    match (
        config.pooling_mode_mean_tokens,
        config.pooling_mode_cls_token,
        config.pooling_mode_max_tokens,
        other,
    ) {
        (true, false, false, false) => Ok(Pooling::Mean),
        (false, true, false, false) => Ok(Pooling::First),
        (false, false, true, false) => Ok(Pooling::Max),
        _ => Err(bad(
            POOLING,
            "exactly one of mean, cls and max pooling can be used".to_owned(),
        )),
    }
}

impl Pooling {
    fn of(self, states: &[f32], width: usize) -> Vec<f32> {
        let mut rows = states.chunks_exact(width.max(1));
        match self {
            Self::Mean => mean(states, width),
            Self::First => rows.next().unwrap_or_default().to_vec(),
            Self::Max => rows.fold(vec![f32::NEG_INFINITY; width], |most, row| {
                most.iter().zip(row).map(|(a, b)| a.max(*b)).collect()
            }),
        }
    }
}

/// The mean over rows.
pub(crate) fn mean(states: &[f32], width: usize) -> Vec<f32> {
    let rows = states.chunks_exact(width.max(1));
    let count = rows.len().max(1) as f32;
    let mut sum = vec![0.0; width];
    for row in rows {
        for (sum, x) in sum.iter_mut().zip(row) {
            *sum += x;
        }
    }
    sum.iter().map(|sum| sum / count).collect()
}

impl Tagger for Checkpoint {
    fn model(&self) -> &ModelInfo {
        &self.info
    }

    fn tag(&self, _: &[TagInput<'_>]) -> Result<Vec<Tagged>, NlpError> {
        Err(self.refused())
    }

    fn distributions(&self, _: &[TagInput<'_>]) -> Result<Vec<Distributions>, NlpError> {
        Err(self.refused())
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, NlpError> {
        let readings = texts
            .par_iter()
            .map(|text| self.reader.text(text))
            .collect::<Result<Vec<_>, _>>()?;
        self.nets
            .map(&readings, |net, reading| self.vector(net, reading.as_ref()))
    }
}
