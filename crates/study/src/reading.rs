//! Files into the record: what is new or changed is read, the rest is not.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use throughline_core::{ContentHash, Document};
use throughline_ingest::{
    Discovery, FileSummary, IngestError, Input, Options, SkippedFile, discover, hash_file,
    read_file,
};
use throughline_store::{NewSource, SkippedRows, SourceState, SourceSummary, Store};

use crate::privacy::{Pen, PersonalData, is_key, names_somebody};
use crate::settling::{Met, Settling};
use crate::study::hash_of;
use crate::{Privacy, Progress, Step, Study, StudyError};

/// Documents of one transaction, at most.
const ROWS: usize = 1000;
/// Bytes of text of one transaction, at most: long transcripts are confirmed
/// one by one.
const BYTES: usize = 4 << 20;
/// Raised when the same file would be read differently: it makes files that
/// were read before stale.
const READING_VERSION: &[u8] = b"2";

/// The setting that lists the files that are not in the study.
const UNREAD: &str = "unread";

/// A file that is not in the study, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unread {
    /// The file's name in the study.
    pub file: String,
    /// Why it could not be read, or was passed over.
    pub reason: String,
    /// True if it should have been readable; false if it is of no known format.
    pub failed: bool,
}

/// What [`Study::add`] did.
#[derive(Debug, Default)]
pub struct AddOutcome {
    /// Files that were read, in order of name.
    pub read: Vec<(String, FileSummary)>,
    /// Files that had been read before and are unchanged.
    pub unchanged: u64,
    /// Documents that a changed file no longer holds.
    pub gone: u64,
    /// Documents of withdrawn consent that the files still hold; left out.
    pub withdrawn: u64,
    /// Files that were taken out because they are no longer among the inputs.
    pub removed: Vec<String>,
    /// Files that are not in the study, and why.
    pub unread: Vec<Unread>,
    /// What identifies people in what was read, stored as it stands.
    pub personal: PersonalData,
    /// Files of the study that may mention people met only now, and are no
    /// longer where they were, so that they could not be read again.
    pub not_read_again: Vec<String>,
    /// What the settings say of speakers and participants whom nobody is, with
    /// its row. Known only where all of the study was read.
    pub of_nobody: Vec<String>,
    /// Labels in `[speakers]` that name somebody, in a study whose names have
    /// pseudonyms: its settings hold these as they stand.
    pub named_in_settings: u64,
    /// The key of the pseudonyms, where they stand in place of what identifies
    /// people.
    pub key: Option<PathBuf>,
}

impl AddOutcome {
    /// True if the study is now what it was before.
    #[must_use]
    pub fn nothing_new(&self) -> bool {
        self.read.is_empty() && self.removed.is_empty()
    }

    /// True if an input could not be read that should have been.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.unread.iter().any(|unread| unread.failed)
    }
}

/// The files and folders that a command names.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// As they were typed.
    pub arguments: &'a [PathBuf],
    /// Folders within them that are no inputs: where reports are written.
    pub except: &'a [PathBuf],
}

impl Inputs<'_> {
    /// The files to read. A study's own folder is never an input of another,
    /// and neither it nor a report is worth a word.
    fn discover(&self) -> Result<Discovery, StudyError> {
        let mut discovery = discover(self.arguments)?;
        let except: Vec<PathBuf> = self
            .except
            .iter()
            .filter_map(|folder| folder.canonicalize().ok())
            .collect();
        let is_input = |path: &Path| {
            let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            !except.iter().any(|folder| path.starts_with(folder))
                && !path.ancestors().skip(1).any(Store::exists)
        };
        discovery.inputs.retain(|input| is_input(&input.path));
        discovery.skipped.retain(|skipped| is_input(&skipped.path));
        Ok(discovery)
    }
}

impl Study {
    /// Reads files and folders into the study. A file that is there already and
    /// has not changed is not read again; one that cannot be read is listed and
    /// the rest goes on.
    ///
    /// # Errors
    /// If an argument names nothing, or the study cannot be written.
    pub fn add(
        &mut self,
        inputs: Inputs<'_>,
        options: &Options,
        progress: &dyn Progress,
    ) -> Result<AddOutcome, StudyError> {
        self.add_found(inputs.discover()?, options, progress)
    }

    pub(crate) fn add_found(
        &mut self,
        discovery: Discovery,
        options: &Options,
        progress: &dyn Progress,
    ) -> Result<AddOutcome, StudyError> {
        let mut outcome = AddOutcome::default();
        let mut discovery = discovery;
        let key = self.key_path();
        discovery
            .skipped
            .retain(|skipped| !is_key(&skipped.path, &key));
        let settling = self.settling()?;
        let mut pen = self.pen()?;
        outcome.key = pen.is_some().then_some(key);
        if let Some(pen) = &mut pen {
            self.learn(&mut discovery, (options, &settling), pen, &mut outcome)?;
        }
        for skipped in discovery.skipped {
            let mut unread = passed_over(&skipped);
            if let Some(pen) = &mut pen {
                let input = Input {
                    path: skipped.path,
                    name: skipped.name,
                };
                unread.file = pen.pseudonyms.file_name(&input.name);
                unread.reason = pen.message(&unread.reason, &input, &unread.file);
            }
            outcome.unread.push(unread);
        }
        let mut met = Met::default();
        progress.begin(Step::Reading, Some(discovery.inputs.len() as u64));
        for input in &discovery.inputs {
            let settings = (options, &settling);
            self.add_file(input, settings, pen.as_mut(), &mut met, &mut outcome)?;
            progress.advance(1);
        }
        progress.end();
        if !outcome.read.is_empty() && outcome.read.len() as u64 == self.store.counts()?.sources {
            outcome.of_nobody = met.of_nobody(&settling, self);
        }
        if pen.is_some() {
            let labels = self.config.speakers.keys();
            outcome.named_in_settings = labels.filter(|label| names_somebody(label)).count() as u64;
        }
        if let Some(pen) = &mut pen {
            pen.save()?;
        }
        outcome.unread.sort();
        self.remember_unread(&outcome)?;
        Ok(outcome)
    }

    /// As [`Self::add`], and takes out the files that are not among the
    /// arguments, so that the study is about these inputs and no others.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn replace_inputs(
        &mut self,
        inputs: Inputs<'_>,
        options: &Options,
        progress: &dyn Progress,
    ) -> Result<AddOutcome, StudyError> {
        let discovery = inputs.discover()?;
        self.drop_what_is_not_pseudonymised()?;
        // A file keeps the name that it has in the study: what is not known
        // under one of these is no longer given.
        let pen = self.pen()?;
        let given: BTreeSet<String> = discovery
            .inputs
            .iter()
            .map(|input| match &pen {
                Some(pen) => pen.pseudonyms.known_name(&input.name).unwrap_or_default(),
                None => input.name.clone(),
            })
            .collect();
        drop(pen);
        let mut removed = Vec::new();
        for source in self.store.sources()? {
            if !given.contains(source.name.as_str()) {
                self.store.remove_source(&source.name)?;
                removed.push(source.name);
            }
        }
        self.store.put_setting(UNREAD, "[]")?;
        let mut outcome = self.add_found(discovery, options, progress)?;
        outcome.removed = removed;
        Ok(outcome)
    }

    /// Files that were given to the study and are not in it, in order of name.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn unread(&self) -> Result<Vec<Unread>, StudyError> {
        let list = self.store.setting(UNREAD)?;
        Ok(list
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default())
    }

    fn add_file(
        &mut self,
        input: &Input,
        (options, settling): (&Options, &Settling),
        mut pen: Option<&mut Pen>,
        met: &mut Met,
        outcome: &mut AddOutcome,
    ) -> Result<(), StudyError> {
        let name = match pen.as_mut() {
            Some(pen) => pen.name(input),
            None => input.name.clone(),
        };
        let (sha256, bytes) = match hash_file(&input.path) {
            Ok(hashed) => hashed,
            Err(error) => {
                outcome.unread.push(failed(input, &name, &error, pen));
                return Ok(());
            }
        };
        let settings_hash = self.settings_hash(options, settling, pen.as_deref());
        if let Some(known) = self.store.source(&name)?
            && known.state == SourceState::Done
            && known.sha256 == sha256
            && known.settings_hash == settings_hash
        {
            outcome.unchanged += 1;
            return Ok(());
        }
        let source = NewSource {
            name: name.clone(),
            // A pseudonymised study does not say where its files lie: its key
            // does.
            path: match pen {
                Some(_) => name.clone(),
                None => input.path.display().to_string(),
            },
            sha256,
            bytes,
            settings_hash,
        };
        self.store.begin_source(&source)?;
        let suggest = self.config.privacy == Privacy::Suggest;
        let mut personal = PersonalData::default();
        let mut batch = Batch::new(&mut self.store, &name, pen.as_deref_mut());
        let read = read_file(input, options, &mut |mut document| {
            settling.settle(&mut document, met);
            if suggest {
                personal.count(&document);
            }
            batch.push(document)
        });
        let written = batch.finish();
        match (read, written?) {
            (Ok(mut summary), withdrawn) => {
                let mut kept = in_record(&summary);
                if let Some(pen) = pen {
                    pen.summary(&mut kept);
                    summary.notes.clone_from(&kept.notes);
                    for (skip, told) in summary.skipped.iter_mut().zip(&kept.skipped) {
                        skip.reason.clone_from(&told.reason);
                    }
                    pen.save()?;
                }
                outcome.gone += self.store.finish_source(&name, &kept)?;
                outcome.withdrawn += withdrawn;
                outcome.personal.add(&personal);
                outcome.read.push((name, summary));
            }
            // Half a file would be counted as if it were the whole of it.
            (Err(error), _) => {
                self.store.remove_source(&name)?;
                outcome.unread.push(failed(input, &name, &error, pen));
            }
        }
        Ok(())
    }

    /// Changes whenever a file would be read differently.
    fn settings_hash(
        &self,
        options: &Options,
        settling: &Settling,
        pen: Option<&Pen>,
    ) -> ContentHash {
        let fingerprint = pen.map(|pen| pen.pseudonyms.key().fingerprint());
        hash_of(&[
            READING_VERSION,
            format!("{options:?}").as_bytes(),
            format!("{settling:?}").as_bytes(),
            fingerprint
                .as_ref()
                .map_or(b"", |fingerprint| fingerprint.as_slice()),
        ])
    }

    /// Takes in whom the files name that are new or have changed. Where that
    /// brings in somebody new, the other files of the study are read again: they
    /// may mention them.
    fn learn(
        &mut self,
        discovery: &mut Discovery,
        (options, settling): (&Options, &Settling),
        pen: &mut Pen,
        outcome: &mut AddOutcome,
    ) -> Result<(), StudyError> {
        let before = pen.pseudonyms.key().fingerprint();
        let settings_hash = self.settings_hash(options, settling, Some(pen));
        for input in &discovery.inputs {
            let known = match pen.pseudonyms.known_name(&input.name) {
                Some(name) => self.store.source(&name)?,
                None => None,
            };
            let same = known.is_some_and(|known| {
                known.state == SourceState::Done
                    && known.settings_hash == settings_hash
                    && hash_file(&input.path).is_ok_and(|(sha256, _)| sha256 == known.sha256)
            });
            if !same {
                pen.learn(input, options, settling);
            }
        }
        pen.pseudonyms.learnt();
        if pen.pseudonyms.key().fingerprint() == before {
            return Ok(());
        }
        let given: BTreeSet<&str> = discovery
            .inputs
            .iter()
            .map(|input| input.name.as_str())
            .collect();
        let known: Vec<(String, PathBuf)> = pen
            .pseudonyms
            .key()
            .files()
            .filter(|(real, _)| !given.contains(real))
            .map(|(real, path)| (real.to_owned(), PathBuf::from(path)))
            .collect();
        for (real, path) in known {
            let name = pen.pseudonyms.known_name(&real).unwrap_or_default();
            let Some(source) = self.store.source(&name)? else {
                continue;
            };
            if hash_file(&path).is_ok_and(|(sha256, _)| sha256 == source.sha256) {
                discovery.inputs.push(Input { path, name: real });
            } else {
                outcome.not_read_again.push(name);
            }
        }
        Ok(())
    }

    /// Keeps the list of files that are not in the study up to date: a file
    /// that has been read now leaves it.
    fn remember_unread(&mut self, outcome: &AddOutcome) -> Result<(), StudyError> {
        let mut list = self.unread()?;
        let known: BTreeSet<String> = self
            .store
            .sources()?
            .into_iter()
            .map(|source| source.name)
            .collect();
        let again = |file: &str| outcome.unread.iter().any(|unread| unread.file == file);
        list.retain(|unread| !known.contains(&unread.file) && !again(&unread.file));
        list.extend(outcome.unread.iter().cloned());
        list.sort();
        let json = serde_json::to_string(&list).map_err(std::io::Error::from)?;
        Ok(self.store.put_setting(UNREAD, &json)?)
    }
}

/// Gathers documents into transactions.
struct Batch<'a> {
    store: &'a mut Store,
    source: &'a str,
    pen: Option<&'a mut Pen>,
    documents: Vec<Document>,
    bytes: usize,
    withdrawn: u64,
    failure: Option<StudyError>,
}

impl<'a> Batch<'a> {
    fn new(store: &'a mut Store, source: &'a str, pen: Option<&'a mut Pen>) -> Self {
        Self {
            store,
            source,
            pen,
            documents: Vec::new(),
            bytes: 0,
            withdrawn: 0,
            failure: None,
        }
    }

    fn push(&mut self, mut document: Document) -> ControlFlow<()> {
        if let Some(pen) = self.pen.as_mut() {
            match pen.pseudonyms.apply(&document, self.source) {
                Ok(rewritten) => document = rewritten,
                Err(error) => {
                    self.failure = Some(error.into());
                    return ControlFlow::Break(());
                }
            }
        }
        self.bytes += document.text.len();
        self.documents.push(document);
        if self.documents.len() >= ROWS || self.bytes >= BYTES {
            self.flush()
        } else {
            ControlFlow::Continue(())
        }
    }

    fn flush(&mut self) -> ControlFlow<()> {
        // No pseudonym is stored before it stands in the key.
        if let Some(Err(error)) = self.pen.as_mut().map(|pen| pen.save()) {
            self.failure = Some(error);
            return ControlFlow::Break(());
        }
        match self.store.put_documents(self.source, &self.documents) {
            Ok(counts) => {
                self.withdrawn += counts.withdrawn;
                self.documents.clear();
                self.bytes = 0;
                ControlFlow::Continue(())
            }
            Err(error) => {
                self.failure = Some(error.into());
                ControlFlow::Break(())
            }
        }
    }

    /// Writes what is left and tells how many documents were left out because
    /// they had been withdrawn.
    fn finish(mut self) -> Result<u64, StudyError> {
        if self.failure.is_none() && !self.documents.is_empty() {
            let _ = self.flush();
        }
        match self.failure {
            Some(error) => Err(error),
            None => Ok(self.withdrawn),
        }
    }
}

fn in_record(summary: &FileSummary) -> SourceSummary {
    SourceSummary {
        format: summary.format.to_owned(),
        charset: summary.charset.clone(),
        documents: summary.documents,
        turns: summary.turns,
        passages: summary.passages,
        skipped: summary
            .skipped
            .iter()
            .map(|skip| SkippedRows {
                line: skip.line,
                count: skip.count,
                reason: skip.reason.clone(),
            })
            .collect(),
        notes: summary.notes.clone(),
    }
}

fn failed(input: &Input, name: &str, error: &IngestError, pen: Option<&mut Pen>) -> Unread {
    let reason = error.to_string();
    Unread {
        file: name.to_owned(),
        reason: match pen {
            Some(pen) => pen.message(&reason, input, name),
            None => reason,
        },
        failed: true,
    }
}

fn passed_over(file: &SkippedFile) -> Unread {
    Unread {
        file: file.name.clone(),
        reason: file.reason.clone(),
        failed: false,
    }
}
