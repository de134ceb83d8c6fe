//! What is done about what identifies people, between the readers and the
//! record.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use throughline_core::Document;
use throughline_ingest::{Input, Options, read_file};
use throughline_privacy::{
    Key, Kind, Pseudonyms, Roster, default_key_path, find, kind_of_attribute,
};
use throughline_store::SourceSummary;

use crate::settling::{Met, Settling};
use crate::{Privacy, Study, StudyError};

/// The setting that names the key of a pseudonymised study.
const KEY_ID: &str = "privacy key";

/// What identifies people in what was read: found, and stored as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonalData {
    /// How many places of each kind.
    pub kinds: BTreeMap<Kind, u64>,
    /// Documents with at least one.
    pub documents: u64,
}

impl PersonalData {
    /// Counts what is in a document: in its text and beside it. Labels of
    /// speakers count where they name somebody.
    pub(crate) fn count(&mut self, document: &Document) {
        let mut roster = Roster::default();
        let labels: BTreeSet<&str> = document
            .turns
            .iter()
            .filter_map(|turn| turn.speaker.as_deref())
            .collect();
        for label in labels {
            roster.add_label(label);
        }
        let mut any = false;
        let meta = &document.meta;
        let of_speakers = meta.speakers.iter().flat_map(|one| &one.attributes);
        let mut texts: Vec<&str> = vec![&document.text];
        texts.extend(meta.title.as_deref());
        for (column, value) in meta.attributes.iter().chain(of_speakers) {
            match kind_of_attribute(column, value) {
                Some(kind) => {
                    *self.kinds.entry(kind).or_default() += 1;
                    any = true;
                }
                None => texts.push(value),
            }
        }
        for text in texts {
            for found in find(text, &roster).found {
                *self.kinds.entry(found.kind).or_default() += 1;
                any = true;
            }
        }
        self.documents += u64::from(any);
    }

    /// Adds what was found elsewhere.
    pub(crate) fn add(&mut self, other: &Self) {
        for (kind, count) in &other.kinds {
            *self.kinds.entry(*kind).or_default() += count;
        }
        self.documents += other.documents;
    }

    /// "3 names of people, 1 phone number"; nothing if there is nothing.
    #[must_use]
    pub fn in_words(&self) -> String {
        let one = |(kind, count): (&Kind, &u64)| format!("{count} {}", kind.in_words(*count));
        self.kinds.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// The pseudonyms of a study, and where their key lies.
pub(crate) struct Pen {
    pub(crate) pseudonyms: Pseudonyms,
    path: PathBuf,
}

impl Pen {
    /// Writes the key where it has changed: before what was written with it is
    /// stored.
    pub(crate) fn save(&mut self) -> Result<(), StudyError> {
        Ok(self.pseudonyms.save(&self.path)?)
    }

    /// Takes in the people whom a file names. What cannot be read is said when
    /// the file is read for good.
    pub(crate) fn learn(&mut self, input: &Input, options: &Options, settling: &Settling) {
        let mut met = Met::default();
        let _ = read_file(input, options, &mut |mut document| {
            // Participants' attributes name people too.
            settling.settle(&mut document, &mut met);
            self.pseudonyms.learn(&document);
            ControlFlow::Continue(())
        });
    }

    /// The file's name in the study, noted in the key with its place.
    pub(crate) fn name(&mut self, input: &Input) -> String {
        let name = self.pseudonyms.file_name(&input.name);
        self.pseudonyms.note_file(&input.name, &name, &input.path);
        name
    }

    /// A message about a file, without its real name and place.
    pub(crate) fn message(&mut self, text: &str, input: &Input, name: &str) -> String {
        let path = input.path.display().to_string();
        let last = input
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let files = [
            (path.as_str(), name),
            (input.name.as_str(), name),
            (last.as_str(), name),
        ];
        self.pseudonyms.text(text, &files)
    }

    /// What was found in a file, without what identifies people.
    pub(crate) fn summary(&mut self, summary: &mut SourceSummary) {
        for skipped in &mut summary.skipped {
            skipped.reason = self.pseudonyms.text(&skipped.reason, &[]);
        }
        for note in &mut summary.notes {
            *note = self.pseudonyms.text(note, &[]);
        }
    }
}

impl Study {
    /// Where the key of the pseudonyms lies, or would.
    #[must_use]
    pub fn key_path(&self) -> PathBuf {
        match &self.config.privacy_key {
            Some(path) => self.folder.join(path),
            None => default_key_path(&self.folder),
        }
    }

    /// The pseudonyms of a study that has them; a new key with the first.
    ///
    /// # Errors
    /// If the key is missing, damaged or another study's, or the study is
    /// pseudonymised and its settings say otherwise.
    pub(crate) fn pen(&mut self) -> Result<Option<Pen>, StudyError> {
        let id = self.store.setting(KEY_ID)?;
        let path = self.key_path();
        let key = match (self.config.privacy, id) {
            (Privacy::Pseudonymise, Some(id)) => Key::open(&path, &id)?,
            (Privacy::Pseudonymise, None) => {
                if self.store.counts()?.sources > 0 {
                    return Err(StudyError::NotPseudonymised);
                }
                let key = Key::create(&path)?;
                self.store.put_setting(KEY_ID, &key.id())?;
                key
            }
            (_, Some(_)) => return Err(StudyError::Pseudonymised),
            (_, None) => return Ok(None),
        };
        let pseudonyms = Pseudonyms::new(key);
        Ok(Some(Pen { pseudonyms, path }))
    }

    /// Takes everything out of a study that was read before its settings asked
    /// for pseudonyms, where all of it is about to be read again.
    pub(crate) fn drop_what_is_not_pseudonymised(&mut self) -> Result<(), StudyError> {
        let plain =
            self.config.privacy == Privacy::Pseudonymise && self.store.setting(KEY_ID)?.is_none();
        if plain && self.store.counts()?.sources > 0 {
            for source in self.store.sources()? {
                self.store.remove_source(&source.name)?;
            }
            self.drop_caches()?;
        }
        Ok(())
    }

    /// What a person typed, with the files' names in the study in place of the
    /// real ones, where the study is pseudonymised.
    pub(crate) fn without_names(&mut self, command: &[String]) -> Result<Vec<String>, StudyError> {
        let Some(mut pen) = self.pen()? else {
            return Ok(command.to_vec());
        };
        let mut told = Vec::with_capacity(command.len());
        for (at, word) in command.iter().enumerate() {
            // The program's and the command's own name.
            if at < 2 {
                told.push(word.clone());
            } else {
                told.push(pen.pseudonyms.file_name(word));
            }
        }
        pen.save()?;
        Ok(told)
    }

    /// Takes out of the key what nothing in the record refers to any longer,
    /// and the people called `labels` with it.
    pub(crate) fn withdraw_from_key(&mut self, labels: &[String]) -> Result<(), StudyError> {
        let Some(mut pen) = self.pen()? else {
            return Ok(());
        };
        let mut used = BTreeSet::new();
        let mut files = BTreeSet::new();
        for source in self.store.sources()? {
            note_pseudonyms(&source.name, &mut used);
            files.insert(source.name);
        }
        for name in self.store.document_names()? {
            let Some(document) = self.store.document(&name)? else {
                continue;
            };
            files.remove(&document.source.file);
            let meta = &document.meta;
            let beside = [&meta.title, &meta.question, &meta.product]
                .into_iter()
                .flatten();
            let labels = document
                .turns
                .iter()
                .filter_map(|turn| turn.speaker.as_ref());
            for text in beside
                .chain(meta.attributes.values())
                .chain(labels)
                .chain([&document.text, &document.name])
            {
                note_pseudonyms(text, &mut used);
            }
        }
        let mut gone = BTreeSet::new();
        for label in labels {
            note_pseudonyms(label, &mut gone);
        }
        let key = pen.pseudonyms.key_mut();
        key.withdraw(
            &|kind, number| {
                let one = kind.pseudonym(number);
                gone.contains(&one) || !used.contains(&one)
            },
            // Files of which no document is left.
            &files,
        );
        pen.save()
    }
}

/// Every pseudonym in a text.
fn note_pseudonyms(text: &str, used: &mut BTreeSet<String>) {
    for kind in Kind::ALL {
        let opening = match kind {
            Kind::Person => "Person ".to_owned(),
            other => format!("[{other} "),
        };
        for (at, found) in text.match_indices(opening.as_str()) {
            let rest = &text[at + found.len()..];
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            if let Ok(number) = rest[..digits].parse() {
                used.insert(kind.pseudonym(number));
            }
        }
    }
}

/// True if a speaker's label names a person.
pub(crate) fn names_somebody(label: &str) -> bool {
    let mut roster = Roster::default();
    roster.add_label(label);
    !roster.is_empty()
}

/// True if `path` is where the key lies: it is no input.
pub(crate) fn is_key(path: &Path, key: &Path) -> bool {
    path == key
        || path
            .canonicalize()
            .ok()
            .is_some_and(|path| key.canonicalize().is_ok_and(|key| key == path))
}
