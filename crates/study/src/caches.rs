//! Index and vectors: layouts of the record that can be thrown away.

use std::ops::ControlFlow;
use std::path::PathBuf;

use throughline_index::{Index, IndexError, Quote};
use throughline_nlp::Tagger;
use throughline_store::PassageRow;
use throughline_vectors::{VectorError, VectorFile, VectorWriter};

use crate::study::model_key;
use crate::{Progress, Step, Study, StudyError};

/// Memory that tantivy may fill before it writes a segment, in bytes.
const INDEX_MEMORY: usize = 64 << 20;

impl Study {
    fn index_folder(&self) -> PathBuf {
        self.folder.join("index")
    }

    fn vector_path(&self) -> PathBuf {
        self.folder.join("vectors").join("vectors.tlv")
    }

    /// Which model's reading index and vectors hold: they are layouts of one.
    fn reader_path(&self) -> PathBuf {
        self.folder.join("vectors").join("model")
    }

    /// Deletes index and vectors, as a withdrawal must: they come back from the
    /// record when they are next asked for, without the words withdrawn.
    pub(crate) fn drop_caches(&self) -> Result<(), StudyError> {
        for folder in [self.index_folder(), self.folder.join("vectors")] {
            remove_folder(&folder)?;
        }
        Ok(())
    }

    /// Brings index and vectors up to the record's generation: nothing is done
    /// if all three are equal and hold what this model read, and both are built
    /// anew if not. True if they were built.
    ///
    /// # Errors
    /// If the record cannot be read or the caches cannot be written.
    pub fn refresh_caches(
        &self,
        tagger: &dyn Tagger,
        progress: &dyn Progress,
    ) -> Result<bool, StudyError> {
        let generation = self.store.generation()?;
        let model = model_key(tagger);
        let reader = format!("{} {}\n", model.sha256, model.backend);
        let path = self.reader_path();
        let same = std::fs::read_to_string(&path).is_ok_and(|found| found == reader);
        let index = same && self.index_generation()? == Some(generation);
        let vectors = same && self.vector_generation()? == Some(generation);
        if index && vectors {
            return Ok(false);
        }
        progress.begin(Step::Indexing, Some(self.store.counts()?.passages));
        // Gone while they are built: halfway, they are nobody's.
        remove_file(&path)?;
        if !index {
            self.build_index(tagger, generation, progress)?;
        }
        if !vectors {
            self.build_vectors(tagger, generation)?;
        }
        std::fs::write(&path, reader).map_err(StudyError::io(&path))?;
        progress.end();
        Ok(true)
    }

    /// The index, which [`Self::refresh_caches`] has made current.
    pub(crate) fn index(&self) -> Result<Index, StudyError> {
        Index::open(&self.index_folder())?.ok_or(StudyError::NoCache("index"))
    }

    /// The vectors, which [`Self::refresh_caches`] has made current.
    pub(crate) fn vector_file(&self) -> Result<VectorFile, StudyError> {
        VectorFile::open(&self.vector_path())?.ok_or(StudyError::NoCache("vectors"))
    }

    /// The generation of the index; `None` if there is none that can be used.
    fn index_generation(&self) -> Result<Option<u64>, StudyError> {
        let open = Index::open(&self.index_folder());
        match open.and_then(|index| index.map(|index| index.generation()).transpose()) {
            Ok(generation) => Ok(generation),
            Err(IndexError::NeedsRebuild { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The generation of the vectors; `None` if there are none that can be used.
    fn vector_generation(&self) -> Result<Option<u64>, StudyError> {
        match VectorFile::open(&self.vector_path()) {
            Ok(file) => Ok(file.map(|file| file.generation())),
            Err(VectorError::NeedsRebuild { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Builds the index beside the old one and then puts it in its place, so
    /// that a reader never sees half of it.
    fn build_index(
        &self,
        tagger: &dyn Tagger,
        generation: u64,
        progress: &dyn Progress,
    ) -> Result<(), StudyError> {
        let new = self.folder.join("index.new");
        remove_folder(&new)?;
        let index = Index::create(&new)?;
        let mut writer = index.writer(INDEX_MEMORY, rayon::current_num_threads())?;
        let mut failure = None;
        self.store
            .each_passage(Some(&model_key(tagger)), &mut |row| {
                progress.advance(1);
                let Some(quote) = quote_of(row) else {
                    return ControlFlow::Continue(());
                };
                match writer.add(&quote) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(error) => {
                        failure = Some(error);
                        ControlFlow::Break(())
                    }
                }
            })?;
        if let Some(error) = failure {
            return Err(error.into());
        }
        writer.commit(generation)?;
        drop(index);
        let (place, old) = (self.index_folder(), self.folder.join("index.old"));
        remove_folder(&old)?;
        if place.exists() {
            std::fs::rename(&place, &old).map_err(StudyError::io(&place))?;
        }
        std::fs::rename(&new, &place).map_err(StudyError::io(&new))?;
        remove_folder(&old)
    }

    fn build_vectors(&self, tagger: &dyn Tagger, generation: u64) -> Result<(), StudyError> {
        let path = self.vector_path();
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(StudyError::io(folder))?;
        }
        let mut writer = VectorWriter::create(&path, generation, tagger.model().dimension)?;
        let mut failure = None;
        self.store.each_vector(
            &model_key(tagger),
            &mut |id, vector| match writer.add(id, &vector) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            },
        )?;
        match failure {
            Some(error) => Err(error.into()),
            None => Ok(writer.finish()?),
        }
    }
}

fn remove_file(file: &std::path::Path) -> Result<(), StudyError> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StudyError::io(file)(error))
        }
        _ => Ok(()),
    }
}

fn remove_folder(folder: &std::path::Path) -> Result<(), StudyError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StudyError::io(folder)(error))
        }
        _ => Ok(()),
    }
}

/// What the index keeps of a passage; nothing of one that is not tagged.
fn quote_of(row: PassageRow) -> Option<Quote> {
    let tags = row.tags?;
    Some(Quote {
        id: row.id,
        document: row.document.to_string(),
        kind: row.kind,
        text: row.text,
        speaker: row.speaker,
        role: row.role,
        participant: row.participant.map(|id| id.to_string()),
        language: row.language,
        date: row.date,
        rating: row.rating,
        product: row.product,
        question: row.question,
        start: row.span.start as u64,
        moment: tags.moment.label,
        unclear: tags.unclear,
        sentiment: tags.sentiment.label,
        pain: tags.pain.label,
        touchpoint: tags.touchpoint.label,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Inputs, Silent};
    use throughline_core::{Tagged, Vector};
    use throughline_nlp::{Distributions, ModelInfo, NlpError, RtenTagger, TagInput};

    /// The default model, under the name of another engine.
    struct Other(RtenTagger, ModelInfo);

    impl Tagger for Other {
        fn model(&self) -> &ModelInfo {
            &self.1
        }

        fn tag(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Tagged>, NlpError> {
            self.0.tag(inputs)
        }

        fn distributions(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Distributions>, NlpError> {
            self.0.distributions(inputs)
        }

        fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, NlpError> {
            self.0.embed(texts)
        }
    }

    #[test]
    fn caches_hold_what_one_model_read_and_follow_the_one_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("notes.txt");
        std::fs::write(&file, "The parcel came late.\n").unwrap();
        let mut study = Study::create(&folder.path().join("study")).unwrap();
        let inputs = Inputs {
            arguments: &[file],
            except: &[],
        };
        let options = study.ingest_options(&[]).unwrap();
        study.add(inputs, &options, &Silent).unwrap();

        let rten = RtenTagger::embedded().unwrap();
        let model = ModelInfo {
            backend: "other",
            ..rten.model().clone()
        };
        let other = Other(RtenTagger::embedded().unwrap(), model);
        assert_eq!(study.tag(&rten, &Silent).unwrap().tagged, 1);
        assert!(study.refresh_caches(&rten, &Silent).unwrap());
        assert!(!study.refresh_caches(&rten, &Silent).unwrap());
        // Each engine's readings are kept apart.
        assert_eq!(study.tag(&other, &Silent).unwrap().tagged, 1);
        assert!(study.refresh_caches(&other, &Silent).unwrap());
        assert_eq!(study.tag(&rten, &Silent).unwrap().tagged, 0);
        assert!(study.refresh_caches(&rten, &Silent).unwrap());
        assert!(!study.refresh_caches(&rten, &Silent).unwrap());
    }
}
