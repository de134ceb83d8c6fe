use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use throughline_core::{ContentHash, Framework, ParticipantId};
use throughline_ingest::Options;
use throughline_nlp::Tagger;
use throughline_store::{ModelKey, Removed, Store};

use crate::layouts::Layouts;
use crate::{Config, Frameworks, StudyError};

/// One study: a folder with its record, its settings and its caches.
///
/// Opened for writing it is locked against every other writer; opened for
/// reading it may be read beside one.
pub struct Study {
    pub(crate) folder: PathBuf,
    pub(crate) store: Store,
    pub(crate) config: Config,
    pub(crate) frameworks: Frameworks,
    /// See [`Study::layouts`].
    pub(crate) layouts: RefCell<Option<Arc<Layouts>>>,
    /// True if reports of this run leave out what identifies people.
    pub(crate) redacts: bool,
    /// The moment that files of this run bear as their date, where one was set.
    pub(crate) dated: Option<String>,
}

impl Study {
    /// Makes an empty study in `folder`, which is made if it does not exist,
    /// with a `throughline.toml` that says every default.
    ///
    /// # Errors
    /// If there is a study already, or the folder cannot be written.
    pub fn create(folder: &Path) -> Result<Self, StudyError> {
        std::fs::create_dir_all(folder).map_err(StudyError::io(folder))?;
        let store = Store::create(folder)?;
        let settings = folder.join(Config::FILE);
        if !settings.exists() {
            std::fs::write(&settings, Config::TEMPLATE).map_err(StudyError::io(&settings))?;
        }
        Self::with(folder, store)
    }

    /// Opens the study in `folder` for writing.
    ///
    /// # Errors
    /// If there is none, somebody else is writing to it, or its settings are
    /// wrong.
    pub fn open(folder: &Path) -> Result<Self, StudyError> {
        Self::with(folder, Store::open(folder)?)
    }

    /// Opens the study in `folder` for writing, and makes it if there is none.
    ///
    /// # Errors
    /// As [`Self::open`] and [`Self::create`].
    pub fn open_or_create(folder: &Path) -> Result<Self, StudyError> {
        if Store::exists(folder) {
            Self::open(folder)
        } else {
            Self::create(folder)
        }
    }

    /// Opens the study in `folder` for reading.
    ///
    /// # Errors
    /// If there is none, or its settings are wrong.
    pub fn open_read(folder: &Path) -> Result<Self, StudyError> {
        Self::with(folder, Store::open_read(folder)?)
    }

    fn with(folder: &Path, store: Store) -> Result<Self, StudyError> {
        let config = Config::read(folder)?;
        let mut frameworks = Frameworks::built_in()?;
        for file in &config.frameworks {
            frameworks.add_file(&folder.join(file))?;
        }
        frameworks.get(&config.framework)?;
        Ok(Self {
            folder: folder.to_owned(),
            store,
            config,
            frameworks,
            layouts: RefCell::default(),
            redacts: false,
            dated: None,
        })
    }

    /// The study folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The record, for reading.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Tags documents in these languages for this run, in place of those of the
    /// settings; nothing changes where there are none.
    pub fn tag_languages(&mut self, languages: &[String]) {
        if !languages.is_empty() {
            self.config.languages = languages.to_vec();
        }
    }

    /// Counts documents that repeat another for this run, if `keep` says so or
    /// the settings do.
    pub fn keep_duplicates(&mut self, keep: bool) {
        self.config.keep_duplicates |= keep;
    }

    /// The frameworks this study can be looked at through.
    #[must_use]
    pub fn frameworks(&self) -> &Frameworks {
        &self.frameworks
    }

    /// The framework called `id`, or the study's own where none is asked for.
    ///
    /// # Errors
    /// [`StudyError::NoFramework`].
    pub fn framework(&self, id: Option<&str>) -> Result<&Framework, StudyError> {
        self.frameworks.get(id.unwrap_or(&self.config.framework))
    }

    /// How files are read: the study's settings, with `columns` (meaning,
    /// column) given for this run on top.
    ///
    /// # Errors
    /// If a meaning does not exist.
    pub fn ingest_options(&self, columns: &[(String, String)]) -> Result<Options, StudyError> {
        let mut map = self.config.column_map()?;
        for (meaning, column) in columns {
            map.set(meaning, column)?;
        }
        Ok(Options {
            columns: map,
            roles: self.config.speakers.clone(),
            labels_apart: self.config.labels_apart,
        })
    }

    /// Withdraws a document: its words leave the record, the index, the vectors
    /// and the themes, and adding its file again does not bring it back.
    ///
    /// # Errors
    /// [`StudyError::NoDocument`] with the nearest name there is.
    pub fn remove_document(&mut self, name: &str) -> Result<Removed, StudyError> {
        if self.store.document(name)?.is_none() {
            return Err(self.no_document(name)?);
        }
        let removed = self.store.remove_document(name)?;
        self.withdraw_from_key(&[])?;
        self.withdraw_from_codebook()?;
        self.drop_caches()?;
        Ok(removed)
    }

    /// Withdraws a participant from every document of the study.
    ///
    /// # Errors
    /// [`StudyError::NoParticipant`].
    pub fn remove_participant(&mut self, id: &str) -> Result<Removed, StudyError> {
        let participant = ParticipantId::from_record(id.to_owned());
        let labels = [id.rsplit(['/', '@']).next().unwrap_or(id).to_owned()];
        let removed = self.store.remove_participant(&participant)?;
        if removed.passages == 0 {
            return Err(StudyError::NoParticipant {
                name: id.to_owned(),
            });
        }
        self.withdraw_from_key(&labels)?;
        self.withdraw_from_codebook()?;
        self.drop_caches()?;
        Ok(removed)
    }

    /// The answer to a name that no document has, with the nearest there is.
    pub(crate) fn no_document(&self, name: &str) -> Result<StudyError, StudyError> {
        let hint = nearest(name, &self.store.document_names()?);
        Ok(StudyError::NoDocument {
            name: name.to_owned(),
            hint,
        })
    }

    /// Closes the study, so that its folder can be moved as it is.
    ///
    /// # Errors
    /// If the record cannot be finished.
    pub fn close(self) -> Result<(), StudyError> {
        Ok(self.store.close()?)
    }
}

/// The key under which a tagger's readings are kept.
#[must_use]
pub fn model_key(tagger: &dyn Tagger) -> ModelKey {
    let model = tagger.model();
    ModelKey {
        sha256: model.sha256,
        backend: model.backend.to_owned(),
    }
}

/// A hash over the parts of a key, each kept apart from the next.
pub(crate) fn hash_of(parts: &[&[u8]]) -> ContentHash {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part);
    }
    ContentHash::of(&bytes)
}

/// "; did you mean 'x'?", for the name that ends like `name`, or nothing.
fn nearest(name: &str, names: &[String]) -> String {
    let tail = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    names
        .iter()
        .find(|known| known.to_lowercase().contains(&tail))
        .map(|known| format!("; did you mean '{known}'?"))
        .unwrap_or_default()
}
