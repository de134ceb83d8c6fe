//! Index and vectors: layouts of the record that can be thrown away.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};

use throughline_core::{ContentHash, PassageId, Vector};
use throughline_index::{Index, IndexError, Quote, Writer};
use throughline_nlp::Tagger;
use throughline_store::{ModelKey, PassageRow};
use throughline_vectors::{VectorError, VectorFile, VectorWriter};

use crate::kept::{Kept, KeptHead, model_name};
use crate::study::model_key;
use crate::walking::walk;
use crate::{Progress, Step, Study, StudyError};

/// Where an index is built, and where the one goes that it replaces.
const INDEX_NEW: &str = "index.new";
const INDEX_OLD: &str = "index.old";
/// Vectors that are fetched from the record at a time.
const VECTORS_AT_ONCE: usize = 4096;

impl Study {
    fn index_folder(&self) -> PathBuf {
        self.folder.join("index")
    }

    fn vector_path(&self) -> PathBuf {
        self.folder.join("vectors").join("vectors.tlv")
    }

    /// See [`KeptHead`].
    fn kept_path(&self) -> PathBuf {
        self.folder.join("vectors").join("kept.jsonl")
    }

    /// Deletes index and vectors, as a withdrawal must: they come back from the
    /// record when they are next asked for, without the words withdrawn.
    pub(crate) fn drop_caches(&self) -> Result<(), StudyError> {
        self.close_layouts();
        let new_and_old = [INDEX_NEW, INDEX_OLD].map(|name| self.folder.join(name));
        let current = [self.index_folder(), self.folder.join("vectors")];
        current
            .iter()
            .chain(&new_and_old)
            .try_for_each(|folder| remove_folder(folder))
    }

    /// Brings index and vectors up to the record's generation: nothing is done
    /// if all three are equal and hold what this model read. Otherwise the
    /// documents that came, went or changed since are brought up to date in both,
    /// and where either cannot be used, both are built anew. True if there was
    /// anything to do.
    ///
    /// Readers see all of it or nothing. If a run is cut short, the next one finds
    /// generations that differ, and mends it.
    ///
    /// # Errors
    /// [`IndexError::Busy`] while another run is at it; if the record cannot be
    /// read or the caches cannot be written.
    pub fn refresh_caches(
        &self,
        tagger: &dyn Tagger,
        progress: &dyn Progress,
    ) -> Result<bool, StudyError> {
        let generation = self.store.generation()?;
        let model = model_key(tagger);
        let head = KeptHead::read(&self.kept_path(), &model);
        let index = usable(Index::open(&self.index_folder()))?;
        let index = index.map(|index| index.generation().map(|of| (index, of)));
        let index = index.transpose()?;
        let vectors = usable(VectorFile::open(&self.vector_path()))?;
        let caches = match (head, index, vectors) {
            (Some(head), Some((index, of_index)), Some(vectors)) if head.generation == of_index => {
                if of_index == generation && vectors.generation() == generation {
                    return Ok(false);
                }
                let documents = Kept::read(&self.kept_path());
                documents.map(|kept| (kept.documents, index, vectors))
            }
            _ => None,
        };
        self.close_layouts();
        progress.begin(Step::Indexing, Some(self.store.counts()?.passages));
        let layout = Layout {
            study: self,
            model: &model,
            dimension: tagger.model().dimension,
            generation,
            progress,
        };
        match caches {
            Some((kept, index, vectors)) => layout.bring_up_to_date(&kept, &index, &vectors)?,
            None => layout.build()?,
        }
        progress.end();
        Ok(true)
    }

    /// True if index and vectors hold all passages of the record as it is, each of
    /// them read by this model. Little is read to tell: a search begins with it.
    pub(crate) fn is_searchable(&self, tagger: &dyn Tagger) -> Result<bool, StudyError> {
        let generation = self.store.generation()?;
        let head = KeptHead::read(&self.kept_path(), &model_key(tagger));
        if !head.is_some_and(|head| head.complete && head.generation == generation) {
            return Ok(false);
        }
        let index = usable(Index::open(&self.index_folder()))?;
        let of_index = index.map(|index| index.generation()).transpose()?;
        let vectors = usable(VectorFile::open(&self.vector_path()))?;
        let of_vectors = vectors.map(|vectors| vectors.generation());
        Ok(of_index == Some(generation) && of_vectors == Some(generation))
    }

    /// The index, which [`Self::refresh_caches`] has made current.
    pub(crate) fn index(&self) -> Result<Index, StudyError> {
        Index::open(&self.index_folder())?.ok_or(StudyError::NoCache("index"))
    }

    /// The vectors, which [`Self::refresh_caches`] has made current.
    pub(crate) fn vector_file(&self) -> Result<VectorFile, StudyError> {
        VectorFile::open(&self.vector_path())?.ok_or(StudyError::NoCache("vectors"))
    }
}

/// What was opened; nothing where it must be built anew.
fn usable<T, E: Into<StudyError>>(opened: Result<Option<T>, E>) -> Result<Option<T>, StudyError> {
    match opened.map_err(Into::into) {
        Err(
            StudyError::Index(IndexError::NeedsRebuild { .. })
            | StudyError::Vectors(VectorError::NeedsRebuild { .. }),
        ) => Ok(None),
        other => other,
    }
}

/// Lays the record out as index and vectors.
struct Layout<'s> {
    study: &'s Study,
    model: &'s ModelKey,
    dimension: usize,
    generation: u64,
    progress: &'s dyn Progress,
}

impl Layout<'_> {
    /// Builds both anew: the index beside the old one, which it then replaces.
    fn build(&self) -> Result<(), StudyError> {
        let study = self.study;
        let new = study.folder.join(INDEX_NEW);
        let index = Index::create(&new)?;
        let mut writer = self.writer(&index)?;
        remove_file(&study.kept_path())?;
        let laid = self.lay(&BTreeMap::new(), &mut writer)?;
        self.write(&laid.passages, None, writer)?;
        drop(index);
        let (place, old) = (study.index_folder(), study.folder.join(INDEX_OLD));
        remove_folder(&old)?;
        if place.exists() {
            std::fs::rename(&place, &old).map_err(StudyError::io(&place))?;
        }
        std::fs::rename(&new, &place).map_err(StudyError::io(&new))?;
        remove_folder(&old)?;
        self.keep(laid)
    }

    /// Takes out the documents that went and replaces those that changed.
    fn bring_up_to_date(
        &self,
        kept: &BTreeMap<String, ContentHash>,
        index: &Index,
        vectors: &VectorFile,
    ) -> Result<(), StudyError> {
        let mut writer = self.writer(index)?;
        let laid = self.lay(kept, &mut writer)?;
        for name in kept.keys() {
            if !laid.documents.contains_key(name) {
                writer.remove_document(name);
            }
        }
        self.write(&laid.passages, Some(vectors), writer)?;
        self.keep(laid)
    }

    fn writer(&self, index: &Index) -> Result<Writer, StudyError> {
        let memory = self.study.config.index.bytes();
        Ok(index.writer(memory, rayon::current_num_threads())?)
    }

    fn keep(&self, laid: Laid) -> Result<(), StudyError> {
        let head = KeptHead {
            generation: self.generation,
            model: model_name(self.model),
            complete: laid.untagged == 0 && !laid.passages.is_empty(),
        };
        let documents = laid.documents;
        Kept { documents }.write(&head, &self.study.kept_path())
    }

    /// Gives the writer the documents that are not as they are in `kept`.
    fn lay(
        &self,
        kept: &BTreeMap<String, ContentHash>,
        writer: &mut Writer,
    ) -> Result<Laid, StudyError> {
        let mut laid = Laid::default();
        let mut open: Vec<Quote> = Vec::new();
        let store = &self.study.store;
        let passages = |f: &mut dyn FnMut(_) -> _| store.each_passage(Some(self.model), f);
        walk(passages, |row: PassageRow| {
            self.progress.advance(1);
            let Some(quote) = quote_of(row) else {
                laid.untagged += 1;
                return Ok(());
            };
            laid.passages.push(quote.id);
            let ended = open
                .last()
                .is_some_and(|last| last.document != quote.document);
            if ended {
                laid.document(&mut open, kept, writer)?;
            }
            open.push(quote);
            Ok(())
        })?;
        laid.document(&mut open, kept, writer)?;
        laid.passages.sort_unstable();
        Ok(laid)
    }

    /// Brings the vectors of `passages` to the disk, and what the writer was given:
    /// side by side, since the one waits for the record and the other computes. Which
    /// is there first does not matter, as either bears the generation it stands for.
    fn write(
        &self,
        passages: &[PassageId],
        old: Option<&VectorFile>,
        writer: Writer,
    ) -> Result<(), StudyError> {
        let generation = self.generation;
        std::thread::scope(|side| {
            let committed = side.spawn(move || writer.commit(generation));
            let written = self.write_vectors(passages, old);
            let committed = committed
                .join()
                .unwrap_or_else(|panic| resume_unwind(panic));
            written.and(committed.map_err(StudyError::from))
        })
    }

    /// Writes the vectors of `passages`, which ascend: those that are in the old
    /// file out of that, since a passage's vector depends on what its id names and
    /// on the model alone.
    fn write_vectors(
        &self,
        passages: &[PassageId],
        old: Option<&VectorFile>,
    ) -> Result<(), StudyError> {
        let path = self.study.vector_path();
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(StudyError::io(folder))?;
        }
        let mut writer = VectorWriter::create(&path, self.generation, self.dimension)?;
        for some in passages.chunks(VECTORS_AT_ONCE) {
            let is_new = |id: &&PassageId| old.is_none_or(|old| old.position(id).is_none());
            let new: Vec<PassageId> = some.iter().filter(is_new).copied().collect();
            let mut found = self.study.store.vectors(self.model, &new)?.into_iter();
            for id in some {
                let known = old.and_then(|old| old.get(id));
                let vector = match known {
                    Some(components) => Some(Vector::from_components(components.into())),
                    None => found.next().flatten(),
                };
                // One without a vector is near nothing, and has its place.
                let nothing = || Vector::from_components(vec![0; self.dimension].into());
                writer.add(*id, &vector.unwrap_or_else(nothing))?;
            }
        }
        Ok(writer.finish()?)
    }
}

/// What was found in the record on the way.
#[derive(Default)]
struct Laid {
    documents: BTreeMap<String, ContentHash>,
    passages: Vec<PassageId>,
    untagged: u64,
}

impl Laid {
    /// Takes one document in, whose quotes `open` holds, and empties `open`.
    fn document(
        &mut self,
        open: &mut Vec<Quote>,
        kept: &BTreeMap<String, ContentHash>,
        writer: &mut Writer,
    ) -> Result<(), IndexError> {
        let Some(first) = open.first() else {
            return Ok(());
        };
        let name = first.document.clone();
        // Every field counts, also one that is added to a quote later.
        let state = ContentHash::of(format!("{open:?}").as_bytes());
        let before = kept.get(&name);
        if before != Some(&state) {
            if before.is_some() {
                writer.remove_document(&name);
            }
            open.iter().try_for_each(|quote| writer.add(quote))?;
        }
        open.clear();
        self.documents.insert(name, state);
        Ok(())
    }
}

fn remove_file(file: &Path) -> Result<(), StudyError> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StudyError::io(file)(error))
        }
        _ => Ok(()),
    }
}

fn remove_folder(folder: &Path) -> Result<(), StudyError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StudyError::io(folder)(error))
        }
        _ => Ok(()),
    }
}

/// What the index keeps of a passage; nothing of one that is not tagged.
pub(crate) fn quote_of(row: PassageRow) -> Option<Quote> {
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

    /// What can be found in a study, and every vector.
    fn contents(study: &Study) -> (Vec<PassageId>, Vec<Option<Vec<i8>>>) {
        let index = study.index().unwrap();
        let ids = index.ids(&throughline_index::Query::all()).unwrap();
        let vectors = study.vector_file().unwrap();
        assert_eq!(vectors.len(), ids.len());
        assert_eq!(index.generation().unwrap(), vectors.generation());
        let rows = ids.iter().map(|id| vectors.get(id).map(<[i8]>::to_vec));
        let rows = rows.collect();
        (ids, rows)
    }

    #[test]
    fn what_came_went_or_changed_is_brought_up_to_date_and_nothing_else_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let study_folder = folder.path().join("study");
        let mut study = Study::create(&study_folder).unwrap();
        let tagger = RtenTagger::embedded().unwrap();
        let refresh = |study: &mut Study, files: &[PathBuf]| {
            let inputs = Inputs {
                arguments: files,
                except: &[],
            };
            let options = study.ingest_options(&[]).unwrap();
            study.add(inputs, &options, &Silent).unwrap();
            study.tag(&tagger, &Silent).unwrap();
            study.refresh_caches(&tagger, &Silent).unwrap()
        };
        let a = file(
            "a.txt",
            "The parcel came late, and nobody could tell me why.\n",
        );
        let b = file("b.txt", "Support was quick to answer.\n");
        assert!(refresh(&mut study, &[a.clone(), b.clone()]));
        let segments = |study: &Study| {
            let names = std::fs::read_dir(study.index_folder()).unwrap();
            let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            names
                .filter(|name| name.ends_with(".store"))
                .collect::<Vec<_>>()
        };
        let before = segments(&study);

        file("b.txt", "Support never answered at all.\n");
        let c = file("c.txt", "The price was on another page.\n");
        assert!(refresh(&mut study, &[a.clone(), b.clone(), c]));
        let updated = contents(&study);
        assert_eq!(updated.0.len(), 3);
        // Something that was there still is: the index was not built anew.
        let after = segments(&study);
        assert!(before.iter().any(|name| after.contains(name)), "{after:?}");

        study.drop_caches().unwrap();
        assert!(study.refresh_caches(&tagger, &Silent).unwrap());
        assert_eq!(contents(&study), updated);

        // A run that was cut short between the two, or before it could say so.
        for damaged in [study.vector_path(), study.kept_path()] {
            std::fs::remove_file(damaged).unwrap();
            assert!(study.refresh_caches(&tagger, &Silent).unwrap());
            assert_eq!(contents(&study), updated);
        }
        let index = study.index().unwrap();
        let writer = index.writer(15_000_000, 1).unwrap();
        file("a.txt", "The parcel came early.\n");
        let inputs = Inputs {
            arguments: std::slice::from_ref(&a),
            except: &[],
        };
        let options = study.ingest_options(&[]).unwrap();
        study.add(inputs, &options, &Silent).unwrap();
        study.tag(&tagger, &Silent).unwrap();
        let busy = study.refresh_caches(&tagger, &Silent).unwrap_err();
        assert_eq!(busy.kind(), crate::ErrorKind::Busy);
        drop(writer);
        assert!(study.refresh_caches(&tagger, &Silent).unwrap());
        assert_eq!(contents(&study).0.len(), 3);
    }
}
