use std::num::NonZeroUsize;
use std::path::Path;

use rayon::prelude::*;
use throughline_core::{Tagged, Vector};

use crate::batch::{Batch, Reading, batches};
use crate::encoder::Encoder;
use crate::folder::ModelFolder;
use crate::heads::blank;
use crate::manifest;
use crate::tokens::Tokens;
use crate::workers::Workers;
use crate::{Distributions, ModelInfo, NlpError, TagInput, Tagger, context};

/// Passages that are read at a time: enough that most batches are full, few
/// enough that what is kept between the steps stays below 100 MB.
const CHUNK: usize = 8192;

/// The default [`Tagger`]: an int8 encoder with small heads, run by `rten`.
///
/// Passages go through it in batches of equal shape, with activation scales that
/// are part of the model, so that no number of a passage depends on its
/// batch-mates. Text and context go in one pass, in which the text sees itself
/// alone.
pub struct RtenTagger {
    info: ModelInfo,
    tokens: Tokens,
    encoder: Encoder,
    workers: Workers,
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
            encoder: Encoder::load(folder.encoder, manifest)?,
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
        let readings = inputs
            .par_iter()
            .map(|input| self.reading(input))
            .collect::<Result<Vec<_>, _>>()?;
        let batches = batches(&readings);
        let read = self.workers.map(&batches, |batch, options| {
            let read = self.encoder.run(batch, options, &answer)?;
            let vectors = read.vectors.chunks(self.info.dimension);
            let vectors = vectors.map(Vector::quantise);
            Ok(read.answers.into_iter().zip(vectors).collect())
        })?;
        Ok(placed(inputs.len(), nothing, &batches, read))
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

    fn embed_chunk(&self, texts: &[&str]) -> Result<Vec<Vector>, NlpError> {
        let readings = texts
            .par_iter()
            .map(|text| Ok(self.tokens.text(text)?.map(Reading::alone)))
            .collect::<Result<Vec<_>, NlpError>>()?;
        let batches = batches(&readings);
        let read = self.workers.map(&batches, |batch, options| {
            let vectors = self.encoder.vectors(batch, options)?;
            let rows = vectors.chunks(self.info.dimension);
            Ok(rows.map(Vector::quantise).collect())
        })?;
        Ok(placed(texts.len(), &self.zeros(), &batches, read))
    }

    fn zeros(&self) -> Vector {
        Vector::from_components(vec![0; self.info.dimension].into())
    }
}

/// Puts what the batches gave back in the order of the input; what no batch
/// held gets `otherwise`.
fn placed<T: Clone>(count: usize, otherwise: &T, batches: &[Batch], read: Vec<Vec<T>>) -> Vec<T> {
    let mut all = vec![otherwise.clone(); count];
    for (batch, values) in batches.iter().zip(read) {
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
