//! Files into the record: what is new or changed is read, the rest is not.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use throughline_core::Document;
use throughline_ingest::{
    Discovery, FileSummary, IngestError, Input, Options, SkippedFile, discover, hash_file,
    read_file,
};
use throughline_store::{NewSource, SkippedRows, SourceState, SourceSummary, Store, StoreError};

use crate::settling::Settling;
use crate::study::hash_of;
use crate::{Progress, Step, Study, StudyError};

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

    fn add_found(
        &mut self,
        discovery: Discovery,
        options: &Options,
        progress: &dyn Progress,
    ) -> Result<AddOutcome, StudyError> {
        let mut outcome = AddOutcome::default();
        outcome
            .unread
            .extend(discovery.skipped.into_iter().map(passed_over));
        progress.begin(Step::Reading, Some(discovery.inputs.len() as u64));
        let settling = self.settling()?;
        for input in &discovery.inputs {
            self.add_file(input, options, &settling, &mut outcome)?;
            progress.advance(1);
        }
        progress.end();
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
        let given: BTreeSet<&str> = discovery
            .inputs
            .iter()
            .map(|input| input.name.as_str())
            .collect();
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
        options: &Options,
        settling: &Settling,
        outcome: &mut AddOutcome,
    ) -> Result<(), StudyError> {
        let (sha256, bytes) = match hash_file(&input.path) {
            Ok(hashed) => hashed,
            Err(error) => {
                outcome.unread.push(failed(input, &error));
                return Ok(());
            }
        };
        let settings_hash = hash_of(&[
            READING_VERSION,
            format!("{options:?}").as_bytes(),
            format!("{settling:?}").as_bytes(),
        ]);
        if let Some(known) = self.store.source(&input.name)?
            && known.state == SourceState::Done
            && known.sha256 == sha256
            && known.settings_hash == settings_hash
        {
            outcome.unchanged += 1;
            return Ok(());
        }
        let source = NewSource {
            name: input.name.clone(),
            path: input.path.display().to_string(),
            sha256,
            bytes,
            settings_hash,
        };
        self.store.begin_source(&source)?;
        let mut batch = Batch::new(&mut self.store, &input.name);
        let read = read_file(input, options, &mut |mut document| {
            settling.settle(&mut document);
            batch.push(document)
        });
        let written = batch.finish();
        match (read, written?) {
            (Ok(summary), withdrawn) => {
                outcome.gone += self
                    .store
                    .finish_source(&input.name, &in_record(&summary))?;
                outcome.withdrawn += withdrawn;
                outcome.read.push((input.name.clone(), summary));
            }
            // Half a file would be counted as if it were the whole of it.
            (Err(error), _) => {
                self.store.remove_source(&input.name)?;
                outcome.unread.push(failed(input, &error));
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
    documents: Vec<Document>,
    bytes: usize,
    withdrawn: u64,
    failure: Option<StoreError>,
}

impl<'a> Batch<'a> {
    fn new(store: &'a mut Store, source: &'a str) -> Self {
        Self {
            store,
            source,
            documents: Vec::new(),
            bytes: 0,
            withdrawn: 0,
            failure: None,
        }
    }

    fn push(&mut self, document: Document) -> ControlFlow<()> {
        self.bytes += document.text.len();
        self.documents.push(document);
        if self.documents.len() >= ROWS || self.bytes >= BYTES {
            self.flush()
        } else {
            ControlFlow::Continue(())
        }
    }

    fn flush(&mut self) -> ControlFlow<()> {
        match self.store.put_documents(self.source, &self.documents) {
            Ok(counts) => {
                self.withdrawn += counts.withdrawn;
                self.documents.clear();
                self.bytes = 0;
                ControlFlow::Continue(())
            }
            Err(error) => {
                self.failure = Some(error);
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
            Some(error) => Err(error.into()),
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

fn failed(input: &Input, error: &IngestError) -> Unread {
    Unread {
        file: input.name.clone(),
        reason: error.to_string(),
        failed: true,
    }
}

fn passed_over(file: SkippedFile) -> Unread {
    Unread {
        file: file.name,
        reason: file.reason,
        failed: false,
    }
}
