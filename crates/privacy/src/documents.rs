//! Documents with pseudonyms, before anything of them is stored.

use std::collections::BTreeMap;
use std::path::Path;

use throughline_core::{
    CoreError, Document, DocumentBuilder, DocumentMeta, ParticipantId, Span, Speaker,
};

use crate::find::find_with;
use crate::lexicon::Sorts;
use crate::people::people;
use crate::rewrite::{Places, Rewritten};
use crate::roster::{Roster, names_in_label, names_nobody};
use crate::tokens::{Shape, Tokens};
use crate::{Key, Kind, PrivacyError};

/// Puts pseudonyms into documents, the same ones over a whole study.
///
/// A document is looked at twice: [`Self::learn`] takes in whom it names, for
/// every document of the study; when all are known, [`Self::apply`] rewrites
/// it. [`Self::save`] must be called before anything rewritten is kept, so that
/// no pseudonym is without its key.
#[derive(Debug)]
pub struct Pseudonyms {
    key: Key,
    roster: Roster,
}

impl Pseudonyms {
    /// Pseudonyms under `key`.
    #[must_use]
    pub fn new(key: Key) -> Self {
        let roster = key.roster();
        Self { key, roster }
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The key, to be changed.
    pub fn key_mut(&mut self) -> &mut Key {
        &mut self.key
    }

    /// Takes in the people whom a document names: its speakers, the authors and
    /// the names among attributes that look like somebody's, and whom its texts
    /// introduce.
    pub fn learn(&mut self, document: &Document) {
        for turn in &document.turns {
            let Some(label) = &turn.speaker else { continue };
            let author = is_author(document, turn.participant.as_ref());
            for name in names_in_label(label) {
                if !author || looks_personal(name) {
                    self.key.learn(name);
                }
            }
        }
        let meta = &document.meta;
        let of_speakers = || meta.speakers.iter().flat_map(|one| &one.attributes);
        let others = meta
            .attributes
            .iter()
            .filter(|(_, value)| looks_personal(value));
        for (column, value) in others.chain(of_speakers()) {
            if kind_of_attribute(column, value) == Some(Kind::Person) {
                self.key.learn(value.trim());
            }
        }
        let more = [&meta.title, &meta.question, &meta.product];
        let values = more.into_iter().flatten();
        let values = values.chain(meta.attributes.values());
        let values = values.chain(of_speakers().map(|(_, value)| value));
        for text in std::iter::once(&document.text).chain(values) {
            for name in people(&Tokens::of(text), &[]).introduced {
                self.key.learn(&name);
            }
        }
    }

    /// Ends the learning: from now on, everybody learnt is looked for.
    pub fn learnt(&mut self) {
        self.roster = self.key.roster();
    }

    /// The name that a file of the study has there, if it is one.
    #[must_use]
    pub fn known_name(&self, real: &str) -> Option<String> {
        self.key.known_file(real)
    }

    /// The name that a file has in the study.
    pub fn file_name(&mut self, real: &str) -> String {
        self.key.file_name(real, &self.roster)
    }

    /// Notes where a file of the study lies: the study does not.
    pub fn note_file(&mut self, real: &str, name: &str, path: &Path) {
        self.key.put_file(real, name, &path.display().to_string());
    }

    /// A text that stands beside documents (a note, a reason, an argument),
    /// with pseudonyms; `files` are real names of files in it, with theirs in
    /// the study.
    pub fn text(&mut self, text: &str, files: &[(&str, &str)]) -> String {
        let mut text = text.to_owned();
        for (real, name) in files {
            text = text.replace(real, name);
        }
        Rewritten::of(&text, &[], &mut self.key, &[&self.roster]).text
    }

    /// The value of the attribute called `column`, with pseudonyms.
    pub fn attribute(&mut self, column: &str, value: &str) -> String {
        let mut pen = Pen {
            key: &mut self.key,
            rosters: &[&self.roster],
        };
        pen.attribute(column, value)
    }

    /// Writes the key where it has changed.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(&mut self, path: &Path) -> Result<(), PrivacyError> {
        self.key.save(path)
    }

    /// The document with pseudonyms: in its text, its name, its speakers and
    /// participants, its title, question and attributes. Its segments lead from
    /// the new text to the same source. A passage of which nothing but a part
    /// of a pseudonym would be left goes.
    ///
    /// # Errors
    /// [`CoreError`] if the document was not well-formed.
    pub fn apply(&mut self, document: &Document, file: &str) -> Result<Document, CoreError> {
        Ok(self.apply_with_places(document, file)?.0)
    }

    /// What [`Self::apply`] gives, and where the words have gone.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn apply_with_places(
        &mut self,
        document: &Document,
        file: &str,
    ) -> Result<(Document, Places), CoreError> {
        let edges: Vec<usize> = document
            .turns
            .iter()
            .flat_map(|turn| [turn.span.start, turn.span.end])
            .collect();
        let own = self.roster.missing(document);
        let mut pen = Pen {
            key: &mut self.key,
            rosters: &[&self.roster, &own],
        };
        let new = Rewritten::of(&document.text, &edges, pen.key, pen.rosters);
        let name = pen.document_name(document, file);
        let mut builder = DocumentBuilder::new(name.clone(), document.kind, new.text.clone());
        let mut source = document.source.clone();
        source.file = file.to_owned();
        source.row = source.row.map(|row| pen.plain(&row));
        builder.source(source);
        builder.segments(new.segments(&document.segments));
        builder.meta(pen.meta(&document.meta));
        let mut passages = document.passages.iter().peekable();
        for (number, turn) in document.turns.iter().enumerate() {
            let span = new.span(turn.span);
            let label = turn.speaker.as_deref().map(|label| pen.label(label));
            let mut added = builder.turn(span.range(), label.as_deref(), turn.role);
            added.times(turn.start_ms, turn.end_ms);
            if let Some(id) = &turn.participant {
                // One person may speak under several labels; the id is of the fullest.
                let fullest = |label| document.meta.speaker(label).map_or(label, Speaker::name);
                let who = turn
                    .speaker
                    .as_deref()
                    .map(|label| pen.label(fullest(label)));
                added.participant(pen.participant(id, document, (file, &name), who.as_deref()));
            }
            while let Some(passage) = passages.next_if(|passage| passage.turn == number) {
                let span = trimmed(&new.text, new.span(passage.span));
                if !span.is_empty() {
                    added.passage(span.range())?;
                }
            }
        }
        Ok((builder.build()?, new.places()))
    }
}

/// Writes what stands beside a document's text.
struct Pen<'a> {
    key: &'a mut Key,
    rosters: &'a [&'a Roster],
}

impl Pen<'_> {
    fn plain(&mut self, text: &str) -> String {
        Rewritten::of(text, &[], self.key, self.rosters).text
    }

    /// `file#row` under the file's name in the study.
    fn document_name(&mut self, document: &Document, file: &str) -> String {
        match document.name.strip_prefix(&document.source.file) {
            Some(rest) => file.to_owned() + &self.plain(rest),
            None => self.plain(&document.name),
        }
    }

    /// A label with pseudonyms in place of the names in it.
    fn label(&mut self, label: &str) -> String {
        let mut new = label.to_owned();
        for name in names_in_label(label) {
            let found = find_with(name, self.rosters).found;
            let other = found
                .first()
                .map(|one| one.kind)
                .filter(|kind| *kind != Kind::Person && found.len() == 1);
            let pseudonym = self.key.pseudonym(other.unwrap_or(Kind::Person), name);
            new = new.replacen(name, &pseudonym, 1);
        }
        new
    }

    fn participant(
        &mut self,
        id: &ParticipantId,
        document: &Document,
        (file, name): (&str, &str),
        label: Option<&str>,
    ) -> ParticipantId {
        let label = label.unwrap_or_default();
        if is_author(document, Some(id)) {
            ParticipantId::author(file, label)
        } else if id.as_str().starts_with(&document.name) {
            ParticipantId::speaker(name, label)
        } else {
            let pseudonym = self.key.pseudonym(Kind::Person, id.as_str());
            ParticipantId::from_record(pseudonym)
        }
    }

    fn meta(&mut self, meta: &DocumentMeta) -> DocumentMeta {
        let mut new = meta.clone();
        for text in [&mut new.title, &mut new.question, &mut new.product] {
            *text = text.take().map(|text| self.plain(&text));
        }
        new.attributes = self.attributes(&meta.attributes);
        for speaker in &mut new.speakers {
            for label in &mut speaker.labels {
                *label = self.label(label);
            }
            speaker.labels.dedup();
            speaker.attributes = self.attributes(&speaker.attributes);
        }
        new
    }

    fn attributes(&mut self, attributes: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        attributes
            .iter()
            .map(|(column, value)| (self.plain(column), self.attribute(column, value)))
            .collect()
    }

    fn attribute(&mut self, column: &str, value: &str) -> String {
        match kind_of_attribute(column, value) {
            Some(kind) => self.key.pseudonym(kind, value.trim()),
            None => self.plain(value),
        }
    }
}

impl Roster {
    /// Speakers of one document who are not looked for everywhere.
    fn missing(&self, document: &Document) -> Self {
        let mut own = Self::default();
        let labels = document
            .turns
            .iter()
            .filter_map(|turn| turn.speaker.as_deref());
        for name in labels.flat_map(names_in_label) {
            if !self.has(name) {
                own.add_name(name);
            }
        }
        own
    }
}

fn is_author(document: &Document, id: Option<&ParticipantId>) -> bool {
    id.is_some_and(|id| {
        id.as_str()
            .strip_prefix(&document.source.file)
            .is_some_and(|rest| rest.starts_with('@'))
    })
}

/// True if an author's name is worth looking for in other texts: two or three
/// words with capitals, none of them an ordinary one.
fn looks_personal(name: &str) -> bool {
    let tokens = Tokens::of(name);
    let words = tokens.list.len();
    (2..=3).contains(&words)
        && tokens.list.iter().all(|token| {
            token.shape == Shape::Word && token.capital && !token.sorts.any(Sorts::ORDINARY)
        })
}

/// What the attribute called `column` is, if its name says that it is somebody's
/// own and it has a value.
#[must_use]
pub fn kind_of_attribute(column: &str, value: &str) -> Option<Kind> {
    let says = !value.trim().is_empty() && !names_nobody(value);
    says.then(|| kind_of_column(column)).flatten()
}

/// What a column holds that is somebody's own, by its name.
fn kind_of_column(column: &str) -> Option<Kind> {
    let tokens = Tokens::of(column);
    let has = |words: &[&str]| (0..tokens.list.len()).any(|at| words.contains(&tokens.said(at)));
    let things = [
        "product",
        "item",
        "app",
        "company",
        "brand",
        "file",
        "hotel",
        "shop",
        "store",
        "campaign",
        "survey",
        "event",
        "list",
        "collector",
        "domain",
        "host",
        "channel",
        "model",
        "plan",
    ];
    if has(&["email", "e-mail", "mail"]) {
        Some(Kind::Email)
    } else if has(&["phone", "telephone", "mobile", "tel", "cell", "fax"]) {
        Some(Kind::Phone)
    } else if has(&["ip"]) {
        Some(Kind::Ip)
    } else if has(&["address", "street", "postcode", "zip", "zipcode"]) {
        Some(Kind::Address)
    } else if has(&[
        "name",
        "firstname",
        "lastname",
        "surname",
        "username",
        "nickname",
        "author",
    ]) && !has(&things)
    {
        Some(Kind::Person)
    } else {
        None
    }
}

/// A span without the blanks at its ends.
fn trimmed(text: &str, span: Span) -> Span {
    let words = span.slice(text).unwrap_or_default();
    let start = span.start + (words.len() - words.trim_start().len());
    let words = words.trim();
    let said = words.chars().any(char::is_alphanumeric);
    Span {
        start,
        end: if said { start + words.len() } else { start },
    }
}
