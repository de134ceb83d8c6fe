use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use throughline_core::{Tagged, Vector};

use super::checkpoint::{engine, mean, misfit};
use super::config::Config;
use super::layout::{alone, both};
use super::nets::{Net, Nets, Reading, threads};
use super::onnx::{Constants, Linear};
use super::weights::Weights;
use crate::batch;
use crate::folder::ModelFolder;
use crate::heads::blank;
use crate::manifest;
use crate::tokens::Tokens;
use crate::{Distributions, ModelInfo, NlpError, TagInput, Tagger, context};

/// A [`Tagger`] on libtorch: the weights of a model folder in f32.
///
/// It reads the same `model.onnx` as [`RtenTagger`](crate::RtenTagger): 8-bit
/// weights are turned back into the f32 that they stand for. What differs is the
/// arithmetic between them, where nothing is rounded to bytes. Each text is read
/// by itself, on one thread; so the law of [`Tagger`] holds bit for bit on one
/// machine with one build of libtorch. The vector is a pass of its own over the
/// text alone, since a longer pass may add in another order.
pub struct TorchTagger {
    info: ModelInfo,
    tokens: Tokens,
    config: Config,
    /// For more nets; a tensor's handle cannot be shared by threads.
    weights: Mutex<Weights>,
    nets: Nets,
    vector: Linear,
    heads: Linear,
    answers: manifest::Heads,
}

/// The layers, counted from 1, whose means over a text make its vector; 0 stands for
/// the embeddings. The vector's own layer, which comes after them, reads the states
/// behind the last of them, and the heads read their mean.
const MEANS: [usize; 3] = [0, 3, 5];
/// Of as many layers: the tag token is read behind the last.
const LAYERS: i64 = 6;

/// What a text by itself gives.
struct OfText {
    /// Before it is scaled to bytes.
    vector: Vec<f32>,
    /// What the heads read of it: the mean behind the last of [`MEANS`].
    mean: Vec<f32>,
}

/// A passage as tokens.
struct Tokenised {
    text: Reading,
    both: Reading,
}

impl TorchTagger {
    /// The default model, which is part of the program.
    ///
    /// # Errors
    /// None that a user can meet: the files were checked when it was built.
    pub fn embedded() -> Result<Self, NlpError> {
        Self::load(ModelFolder::embedded()?)
    }

    /// The model in the folder `dir`: `model.json` and the files it names, each
    /// compared with the hash that `model.json` gives.
    ///
    /// # Errors
    /// A file that is missing or is not the one described, a manifest that is
    /// no manifest, and parts that do not fit each other.
    pub fn open(dir: &Path) -> Result<Self, NlpError> {
        Self::load(ModelFolder::read(dir)?)
    }

    /// The same model on `threads` threads; otherwise it takes as many as the
    /// rayon pool in which it was made. The answers do not depend on it.
    ///
    /// # Errors
    /// None beyond those of opening it.
    pub fn with_threads(mut self, threads: NonZeroUsize) -> Result<Self, NlpError> {
        let weights = self
            .weights
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        self.nets = nets(threads, &self.info.name, &self.config, weights)?;
        Ok(self)
    }
}

impl TorchTagger {
    fn load(folder: ModelFolder) -> Result<Self, NlpError> {
        let manifest = folder.manifest;
        let shape = &manifest.encoder;
        let of_encoder =
            |problem: String| misfit(&manifest.name, &manifest.files.encoder.file, problem);
        let constants = Constants::read(&folder.encoder).map_err(of_encoder)?;
        let (config, weights) = constants.encoder().map_err(of_encoder)?;
        let width = config.hidden_size;
        let heads = constants.heads(2 * width, manifest.heads.columns());
        let heads = heads.map_err(of_encoder)?;
        let means = MEANS.len() as i64 + 1;
        let vector = constants.vector(means * width, width);
        let vector = vector.map_err(of_encoder)?;
        drop(constants);
        if width != shape.dimension as i64 {
            return Err(of_encoder(format!(
                "its states are {width} wide, model.json says {}",
                shape.dimension
            )));
        }
        if config.num_hidden_layers != LAYERS {
            return Err(of_encoder(format!(
                "it has {} layers, this backend reads {LAYERS}",
                config.num_hidden_layers
            )));
        }
        let info = ModelInfo {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            licence: manifest.licence.clone(),
            sha256: folder.sha256,
            backend: "torch",
            dimension: shape.dimension,
            max_tokens: shape.max_tokens,
            max_context_tokens: shape.max_context_tokens,
        };
        Ok(Self {
            tokens: Tokens::load(&folder.tokenizer, &manifest)?,
            nets: nets(threads(), &info.name, &config, &weights)?,
            vector,
            heads,
            answers: manifest.heads,
            config,
            weights: Mutex::new(weights),
            info,
        })
    }

    /// Both readings of a passage; `None` if there is nothing to read.
    fn tokenised(&self, input: &TagInput<'_>) -> Result<Option<Tokenised>, NlpError> {
        let Some(text) = self.tokens.text(input.text)? else {
            return Ok(None);
        };
        let context = match input.context.and_then(context::shown) {
            Some(context) => self.tokens.context(context)?,
            None => None,
        };
        let reading = batch::Reading::new(text, context);
        Ok(Some(Tokenised {
            text: alone(&reading.text),
            both: both(&reading),
        }))
    }

    /// A text by itself.
    fn of_text(&self, net: &Net, reading: &Reading) -> Result<OfText, NlpError> {
        let width = self.info.dimension;
        let (states, own) = net
            .states(reading, MEANS)
            .map_err(|problem| engine(&self.info.name, reading, problem))?;
        let [words, middle, upper] = states.map(|states| mean(&states, width));
        let own = mean(&own, width);
        Ok(OfText {
            vector: self.vector.of(&[&words, &middle, &upper, &own]),
            mean: upper,
        })
    }

    /// What `answer` makes of the logits of each passage, and its vector;
    /// `None` for blank text.
    fn read<T: Send>(
        &self,
        inputs: &[TagInput<'_>],
        answer: impl Fn(&manifest::Heads, &[f32]) -> T + Sync,
    ) -> Result<Vec<Option<(T, Vector)>>, NlpError> {
        let readings = inputs
            .par_iter()
            .map(|input| self.tokenised(input))
            .collect::<Result<Vec<_>, _>>()?;
        self.nets.map(&readings, |net, reading| {
            let Some(Tokenised { text, both }) = reading else {
                return Ok(None);
            };
            let OfText { vector, mean } = self.of_text(net, text)?;
            let width = self.info.dimension;
            let states = net
                .read(both)
                .map_err(|problem| engine(&self.info.name, both, problem))?;
            let tag = states.get(both.own * width..(both.own + 1) * width);
            let logits = self.heads.of(&[&mean, tag.unwrap_or_default()]);
            let answer = answer(&self.answers, &logits);
            Ok(Some((answer, Vector::quantise(&vector))))
        })
    }

    fn zeros(&self) -> Vector {
        Vector::from_components(vec![0; self.info.dimension].into())
    }
}

impl Tagger for TorchTagger {
    fn model(&self) -> &ModelInfo {
        &self.info
    }

    fn tag(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Tagged>, NlpError> {
        let read = self.read(inputs, manifest::Heads::tags)?.into_iter();
        Ok(read
            .map(|read| read.unwrap_or_else(|| (blank(), self.zeros())))
            .map(|(tags, vector)| Tagged { tags, vector })
            .collect())
    }

    fn distributions(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Distributions>, NlpError> {
        let read = self.read(inputs, manifest::Heads::distributions)?;
        let blank = Distributions::of(&blank());
        Ok(read
            .into_iter()
            .map(|read| read.map_or_else(|| blank.clone(), |(found, _)| found))
            .collect())
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, NlpError> {
        let readings = texts
            .par_iter()
            .map(|text| Ok(self.tokens.text(text)?.map(|ids| alone(&ids))))
            .collect::<Result<Vec<_>, NlpError>>()?;
        self.nets.map(&readings, |net, reading| match reading {
            Some(reading) => Ok(Vector::quantise(&self.of_text(net, reading)?.vector)),
            None => Ok(self.zeros()),
        })
    }
}

fn nets(
    threads: NonZeroUsize,
    model: &str,
    config: &Config,
    weights: &Weights,
) -> Result<Nets, NlpError> {
    Nets::new(threads, || {
        Net::encoder(config, weights).map_err(|problem| misfit(model, "model.onnx", problem))
    })
}
