use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;

use rayon::prelude::*;
use throughline_core::{Tagged, Vector};

use crate::batch::{Batch, Reading, batches, pair_batches};
use crate::encoder::Encoder;
use crate::folder::ModelFolder;
use crate::heads::{Heads, blank};
use crate::manifest::{self, Layout};
use crate::tokens::Tokens;
use crate::two_parts::TwoParts;
use crate::workers::Workers;
use crate::{Distributions, ModelInfo, NlpError, TagInput, Tagger, context};

/// Passages that are read at a time: enough that most batches are full, few
/// enough that what is kept between the steps stays below 100 MB.
const CHUNK: usize = 8192;

/// The default [`Tagger`]: an int8 encoder and small heads, run by `rten`.
///
/// Passages go through the encoder in batches of equal token length, with
/// activation scales that are part of the model, so that no number of a passage
/// depends on its batch-mates. A context is a pass of its own; contexts that
/// are the same are read once.
pub struct RtenTagger {
    info: ModelInfo,
    tokens: Tokens,
    reader: Reader,
    workers: Workers,
}

/// How a model reads a passage and its context.
enum Reader {
    /// Each in a pass of its own; heads over both.
    Apart(Encoder, Box<Heads>),
    /// In one pass.
    TwoParts(TwoParts),
}

/// What the heads read of the contexts of some passages.
struct Contexts {
    /// For each passage, the reading that is its context.
    reading: Vec<Option<usize>>,
    /// For each reading, its features; `None` if there was nothing to read.
    features: Vec<Option<Box<[f32]>>>,
}

impl RtenTagger {
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
    #[must_use]
    pub fn with_threads(mut self, threads: NonZeroUsize) -> Self {
        self.workers = Workers::new(threads.get());
        self
    }

    fn load(folder: ModelFolder) -> Result<Self, NlpError> {
        let manifest = folder.manifest;
        let info = ModelInfo {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            licence: manifest.licence.clone(),
            sha256: folder.sha256,
            backend: "rten",
            dimension: manifest.encoder.dimension,
            max_tokens: manifest.encoder.max_tokens,
            max_context_tokens: manifest.encoder.max_context_tokens,
        };
        Ok(Self {
            info,
            tokens: Tokens::load(&folder.tokenizer, &manifest)?,
            reader: match manifest.encoder.layout {
                Layout::Apart => Reader::Apart(
                    Encoder::load(folder.encoder, &manifest)?,
                    Box::new(Heads::load(folder.heads, manifest)?),
                ),
                Layout::TwoParts => Reader::TwoParts(TwoParts::load(folder.encoder, manifest)?),
            },
            workers: Workers::new(rayon::current_num_threads()),
        })
    }

    fn tag_chunk(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Tagged>, NlpError> {
        let nothing = (blank(), self.zeros());
        let read = self.read_chunk(inputs, manifest::Heads::tags, &nothing)?;
        let tagged = read.into_iter();
        Ok(tagged
            .map(|(tags, vector)| Tagged { tags, vector })
            .collect())
    }

    /// What `answer` makes of the logits of each passage, and its vector;
    /// `nothing` for blank text.
    fn read_chunk<T: Clone + Send>(
        &self,
        inputs: &[TagInput<'_>],
        answer: impl Fn(&manifest::Heads, &[f32]) -> T + Sync,
        nothing: &(T, Vector),
    ) -> Result<Vec<(T, Vector)>, NlpError> {
        match &self.reader {
            Reader::Apart(encoder, heads) => {
                self.read_apart(encoder, heads, inputs, answer, nothing)
            }
            Reader::TwoParts(model) => self.read_together(model, inputs, answer, nothing),
        }
    }

    fn read_together<T: Clone + Send>(
        &self,
        model: &TwoParts,
        inputs: &[TagInput<'_>],
        answer: impl Fn(&manifest::Heads, &[f32]) -> T + Sync,
        nothing: &(T, Vector),
    ) -> Result<Vec<(T, Vector)>, NlpError> {
        let readings = inputs
            .par_iter()
            .map(|input| self.reading(input))
            .collect::<Result<Vec<_>, _>>()?;
        let batches = pair_batches(&readings);
        let read = self.workers.map(&batches, |batch, options| {
            let read = model.run(batch, options, &answer)?;
            let vectors = read.vectors.chunks(self.info.dimension);
            let vectors = vectors.map(Vector::quantise);
            Ok(read.answers.into_iter().zip(vectors).collect())
        })?;
        let places = batches.iter().map(|batch| &batch.text);
        Ok(placed(inputs.len(), nothing, places, read))
    }

    /// A passage and its context as tokens; `None` if the passage is blank.
    fn reading(&self, input: &TagInput<'_>) -> Result<Option<Reading>, NlpError> {
        let Some(text) = self.tokens.text(input.text)? else {
            return Ok(None);
        };
        let context = match input.context.and_then(context::shown) {
            Some(context) => self.tokens.context(context)?,
            None => None,
        };
        Ok(Some(Reading::new(text, context)))
    }

    fn read_apart<T: Clone + Send>(
        &self,
        encoder: &Encoder,
        heads: &Heads,
        inputs: &[TagInput<'_>],
        answer: impl Fn(&manifest::Heads, &[f32]) -> T + Sync,
        nothing: &(T, Vector),
    ) -> Result<Vec<(T, Vector)>, NlpError> {
        let readings = inputs
            .par_iter()
            .map(|input| self.tokens.text(input.text))
            .collect::<Result<Vec<_>, _>>()?;
        let contexts = self.contexts(encoder, inputs)?;
        let batches = batches(&readings);
        let read = self.workers.map(&batches, |batch, options| {
            let encoded = encoder.run(batch, options.clone())?;
            let of_contexts = contexts.rows(&batch.members, heads.context_width());
            let answers = heads.run(encoded.features, of_contexts, options, &answer)?;
            let vectors = encoded.vectors.chunks(self.info.dimension);
            let vectors = vectors.map(Vector::quantise);
            Ok(answers.into_iter().zip(vectors).collect())
        })?;
        Ok(placed(inputs.len(), nothing, &batches, read))
    }

    fn embed_chunk(&self, texts: &[&str]) -> Result<Vec<Vector>, NlpError> {
        let readings = texts
            .par_iter()
            .map(|text| self.tokens.text(text))
            .collect::<Result<Vec<_>, _>>()?;
        let batches = batches(&readings);
        let read = self.workers.map(&batches, |batch, options| {
            let vectors = match &self.reader {
                Reader::Apart(encoder, _) => encoder.vectors(batch, options)?,
                Reader::TwoParts(model) => model.vectors(batch, options)?,
            };
            let rows = vectors.chunks(self.info.dimension);
            Ok(rows.map(Vector::quantise).collect())
        })?;
        Ok(placed(texts.len(), &self.zeros(), &batches, read))
    }

    /// Reads each different context once.
    fn contexts(&self, encoder: &Encoder, inputs: &[TagInput<'_>]) -> Result<Contexts, NlpError> {
        let shown: Vec<_> = inputs
            .iter()
            .map(|input| input.context.and_then(context::shown))
            .collect();
        let mut different: BTreeMap<&str, usize> =
            shown.iter().flatten().map(|text| (*text, 0)).collect();
        for (number, reading) in different.values_mut().enumerate() {
            *reading = number;
        }
        let texts: Vec<&str> = different.keys().copied().collect();
        let readings = texts
            .par_iter()
            .map(|text| self.tokens.context(text))
            .collect::<Result<Vec<_>, _>>()?;
        let batches = batches(&readings);
        let read = self.workers.map(&batches, |batch, options| {
            encoder.context_features(batch, options)
        })?;
        Ok(Contexts {
            reading: shown
                .iter()
                .map(|text| different.get((*text)?).copied())
                .collect(),
            features: placed(texts.len(), &None, &batches, read),
        })
    }

    fn zeros(&self) -> Vector {
        Vector::from_components(vec![0; self.info.dimension].into())
    }
}

impl Contexts {
    /// The context features of `passages`, row by row; zeros where there is no
    /// context.
    fn rows(&self, passages: &[usize], width: usize) -> Vec<f32> {
        let mut rows = Vec::with_capacity(passages.len() * width);
        for (row, passage) in passages.iter().enumerate() {
            let reading = self.reading.get(*passage).copied().flatten();
            if let Some(features) = reading.and_then(|r| self.features.get(r)?.as_deref()) {
                rows.extend_from_slice(features);
            }
            rows.resize((row + 1) * width, 0.0);
        }
        rows
    }
}

/// Puts what the batches gave back in the order of the input; what no batch
/// held gets `otherwise`.
fn placed<'a, T: Clone>(
    count: usize,
    otherwise: &T,
    batches: impl IntoIterator<Item = &'a Batch>,
    read: Vec<Vec<T>>,
) -> Vec<T> {
    let mut all = vec![otherwise.clone(); count];
    for (batch, values) in batches.into_iter().zip(read) {
        for (member, value) in batch.members.iter().zip(values) {
            if let Some(place) = all.get_mut(*member) {
                *place = value;
            }
        }
    }
    all
}

impl Tagger for RtenTagger {
    fn model(&self) -> &ModelInfo {
        &self.info
    }

    fn tag(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Tagged>, NlpError> {
        let chunks = inputs.chunks(CHUNK).map(|chunk| self.tag_chunk(chunk));
        Ok(chunks.collect::<Result<Vec<_>, _>>()?.concat())
    }

    fn distributions(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Distributions>, NlpError> {
        let nothing = (Distributions::of(&blank()), self.zeros());
        let mut all = Vec::with_capacity(inputs.len());
        for chunk in inputs.chunks(CHUNK) {
            let read = self.read_chunk(chunk, manifest::Heads::distributions, &nothing)?;
            all.extend(read.into_iter().map(|(distributions, _)| distributions));
        }
        Ok(all)
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, NlpError> {
        let chunks = texts.chunks(CHUNK).map(|chunk| self.embed_chunk(chunk));
        Ok(chunks.collect::<Result<Vec<_>, _>>()?.concat())
    }
}
