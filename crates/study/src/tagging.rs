//! Passages that the model has not read yet, read.

use throughline_core::input_hash;
use throughline_nlp::{TagInput, Tagger};
use throughline_store::Reading;

use crate::study::model_key;
use crate::{Progress, Step, Study, StudyError};

/// Passages read between two confirmations. Enough for batches of equal length
/// to be full; a crash loses no more than these few seconds of work.
const CHUNK: usize = 4096;

/// What [`Study::tag`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TagOutcome {
    /// Passages that were tagged now.
    pub tagged: u64,
}

impl Study {
    /// Passages that this model has not read yet.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn untagged(&self, tagger: &dyn Tagger) -> Result<u64, StudyError> {
        Ok(self.store.untagged_count(&model_key(tagger))?)
    }

    /// Tags every passage that this model has not read yet, and confirms a few
    /// thousand at a time: after a crash the next run goes on from there. The study's
    /// own heads, where any are on, have their say in the same breath.
    ///
    /// # Errors
    /// If the model fails or the record cannot be written.
    pub fn tag(
        &mut self,
        tagger: &dyn Tagger,
        progress: &dyn Progress,
    ) -> Result<TagOutcome, StudyError> {
        let model = model_key(tagger);
        let total = self.store.untagged_count(&model)?;
        let mut outcome = TagOutcome::default();
        if total == 0 {
            return Ok(outcome);
        }
        let own_heads = self.heads_in_force(&model)?;
        progress.begin(Step::Tagging, Some(total));
        loop {
            let pending = self.store.pending(&model, CHUNK)?;
            if pending.is_empty() {
                break;
            }
            let inputs: Vec<TagInput<'_>> = pending
                .iter()
                .map(|p| TagInput {
                    text: &p.text,
                    context: p.context.as_deref(),
                })
                .collect();
            let tagged = tagger.tag(&inputs)?;
            let readings: Vec<_> = pending
                .iter()
                .zip(tagged)
                .map(|(p, tagged)| Reading {
                    passage: p.passage,
                    input: input_hash(&p.text, p.context.as_deref()),
                    adapted: own_heads.adapt(&tagged),
                    tagged,
                })
                .collect();
            self.store.put_tagged(&model, &readings)?;
            outcome.tagged += readings.len() as u64;
            progress.advance(readings.len() as u64);
        }
        progress.end();
        Ok(outcome)
    }

    /// As [`StudyError::NotTagged`], [`StudyError::OtherLanguages`] or
    /// [`StudyError::Empty`] where the study is not ready for a question about its
    /// tags.
    pub(crate) fn require_tags(&self, tagger: &dyn Tagger) -> Result<(), StudyError> {
        let passages = self.store.counts()?.passages;
        if passages == 0 {
            return Err(self.without_passages()?);
        }
        match self.untagged(tagger)? {
            0 => Ok(()),
            untagged => Err(StudyError::NotTagged { untagged, passages }),
        }
    }

    /// Why there are no passages.
    fn without_passages(&self) -> Result<StudyError, StudyError> {
        let languages = self.documents_by_language()?;
        let others = languages.keys().any(|code| !self.config.reads(Some(code)));
        if !others {
            return Ok(StudyError::Empty);
        }
        let found = languages
            .iter()
            .map(|(code, count)| format!("{code} {count}"));
        Ok(StudyError::OtherLanguages {
            found: found.collect::<Vec<_>>().join(", "),
            read: self.config.languages.join(", "),
        })
    }
}
