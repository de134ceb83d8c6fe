//! Reports without what identifies people, of a study that holds it.
//!
//! A redacted report is one on the study's documents as they would be with
//! pseudonyms: every quote, label and place in it is of such a text, so that it
//! is checked like any other report, once the same is done to the sources. The
//! pseudonyms are numbered over the documents of the record in order of name, and
//! nothing is kept: no key leads back but the study itself.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use throughline_core::{Anchor, ContentHash, Document, PassageId, Span};
use throughline_privacy::{Key, Places, Pseudonyms};
use throughline_report::{Code, CodedPassage, Report};
use throughline_store::Judgement;

use crate::{Privacy, Study, StudyError};

/// Fields of a report that hold the program's own words, ids and numbers as
/// text: everything else may name somebody.
const OWN: &[&str] = &[
    "adapted",
    "backend",
    "charset",
    "colour",
    "corrected",
    "dated",
    "denominator",
    "finding",
    "findings",
    "first",
    "format",
    "heading",
    "id",
    "kind",
    "label",
    "last",
    "median",
    "method",
    "moment",
    "moments",
    "one",
    "other",
    "owner",
    "period",
    "prompting",
    "recurs_in",
    "role",
    "runner_up",
    "schema",
    "sentiment",
    "severity",
    "sha256",
    "test",
    "touchpoint",
    "unit",
    "version",
];

/// Parts of a report that are the program's own words throughout.
const OWN_PARTS: &[&str] = &["counts", "limits", "method", "model", "parameters", "seeds"];

/// A document with pseudonyms.
struct Redacted {
    name: String,
    hash: ContentHash,
    places: Places,
    /// Labels of speakers.
    labels: BTreeMap<String, String>,
}

/// What stands in a report for what the study holds.
pub(crate) struct Redaction {
    pseudonyms: Pseudonyms,
    documents: BTreeMap<String, Redacted>,
    passages: BTreeMap<PassageId, PassageId>,
    people: BTreeMap<String, String>,
}

impl Study {
    /// Whether reports of this run leave out what identifies people.
    pub fn redact(&mut self, redact: bool) {
        self.redacts = redact;
    }

    /// What stands in reports for names and personal data, where that was asked
    /// for. In a pseudonymised study there is nothing more to do.
    pub(crate) fn redaction(&self) -> Result<Option<Redaction>, StudyError> {
        match self.redacts && self.config.privacy != Privacy::Pseudonymise {
            true => self.pseudonyms_of_all().map(Some),
            false => Ok(None),
        }
    }

    /// Gives everybody and everything in the record that identifies somebody a
    /// pseudonym.
    pub(crate) fn pseudonyms_of_all(&self) -> Result<Redaction, StudyError> {
        // Nothing is hashed under the secret: nobody withdraws from this key.
        let mut pseudonyms = Pseudonyms::new(Key::new([0; 32]));
        let names = self.store.document_names()?;
        let each = |f: &mut dyn FnMut(&Document) -> Result<(), StudyError>| {
            for name in &names {
                if let Some(document) = self.store.document(name)? {
                    f(&document)?;
                }
            }
            Ok::<(), StudyError>(())
        };
        each(&mut |document| {
            pseudonyms.learn(document);
            Ok(())
        })?;
        pseudonyms.learnt();
        let mut redaction = Redaction {
            pseudonyms,
            documents: BTreeMap::new(),
            passages: BTreeMap::new(),
            people: BTreeMap::new(),
        };
        for source in self.store.sources()? {
            redaction.file(&source.name);
        }
        each(&mut |document| redaction.take_in(document))?;
        Ok(redaction)
    }
}

impl Redaction {
    /// The name of a file.
    pub(crate) fn file(&mut self, name: &str) -> String {
        let new = self.pseudonyms.file_name(name);
        // No two files get the same.
        self.pseudonyms
            .note_file(name, &new, std::path::Path::new(""));
        new
    }

    /// The document with pseudonyms, and where its words have gone.
    pub(crate) fn document(
        &mut self,
        document: &Document,
    ) -> Result<(Document, Places), StudyError> {
        let file = self.file(&document.source.file);
        Ok(self.pseudonyms.apply_with_places(document, &file)?)
    }

    fn take_in(&mut self, document: &Document) -> Result<(), StudyError> {
        let (new, places) = self.document(document)?;
        let mut labels = BTreeMap::new();
        for (turn, redacted) in document.turns.iter().zip(new.turns) {
            labels.extend(turn.speaker.clone().zip(redacted.speaker));
            let ids = turn.participant.as_ref().zip(redacted.participant);
            self.people
                .extend(ids.map(|(id, new)| (id.to_string(), new.to_string())));
        }
        for passage in &document.passages {
            let id = PassageId::of(&document.name, document.hash, passage.span);
            let (span, _) = places.of(passage.span.start, document.slice(passage.span));
            self.passages
                .insert(id, PassageId::of(&new.name, new.hash, span));
        }
        let redacted = Redacted {
            name: new.name,
            hash: new.hash,
            places,
            labels,
        };
        self.documents.insert(document.name.clone(), redacted);
        Ok(())
    }

    /// A text of no document.
    pub(crate) fn text(&mut self, text: &str) -> String {
        self.pseudonyms.text(text, &[])
    }

    /// The place and the words of what stands at byte `start` of a document:
    /// as they were, where the record does not hold it.
    pub(crate) fn words(&self, document: &str, start: usize, words: &str) -> (Span, String) {
        match self.documents.get(document) {
            Some(redacted) => redacted.places.of(start, words),
            None => Places::default().of(start, words),
        }
    }

    /// The name of a document.
    pub(crate) fn name(&self, document: &str) -> Option<&str> {
        self.documents
            .get(document)
            .map(|redacted| redacted.name.as_str())
    }

    /// Codes by names without those of people.
    pub(crate) fn codes(&mut self, codes: &[Code]) -> Vec<Code> {
        let code = |code: &Code| Code {
            id: code.id.clone(),
            name: self.text(&code.name),
        };
        codes.iter().map(code).collect()
    }

    /// What a person said of a place, and the place.
    pub(crate) fn judgement(&mut self, judgement: Judgement, span: Span) -> (Judgement, Span) {
        let anchor = judgement.anchor;
        let (span, exact) = self.words(&anchor.document, span.start, &anchor.exact);
        let document = self.name(&anchor.document).map(str::to_owned);
        let judgement = Judgement {
            value: self.text(&judgement.value),
            reason: judgement.reason.map(|reason| self.text(&reason)),
            anchor: Anchor {
                document: document.unwrap_or(anchor.document),
                span,
                exact,
                prefix: String::new(),
                suffix: String::new(),
            },
            ..judgement
        };
        (judgement, span)
    }

    /// A passage of evidence.
    pub(crate) fn passage(&self, passage: &CodedPassage) -> CodedPassage {
        let Some(redacted) = self.documents.get(&*passage.document) else {
            return passage.clone();
        };
        let (span, text) = redacted.places.of(passage.start, &passage.text);
        let label = |label: &String| redacted.labels.get(label).cloned();
        let person = |id: &String| self.people.get(id).cloned();
        CodedPassage {
            passage: PassageId::of(&redacted.name, redacted.hash, span),
            document: redacted.name.as_str().into(),
            document_sha256: redacted.hash,
            start: span.start,
            end: span.end,
            text,
            speaker: passage.speaker.as_ref().and_then(label),
            participant: passage.participant.as_ref().and_then(person),
            ..passage.clone()
        }
    }

    /// The report: wherever an object has words and a range, they become those of
    /// the document with pseudonyms, and every other text that is not the
    /// program's own is looked through. So what reports get later is redacted too.
    pub(crate) fn report(&mut self, report: &Report) -> Result<Report, StudyError> {
        let mut value = serde_json::to_value(report).map_err(std::io::Error::from)?;
        self.value("", &mut value, None);
        Ok(serde_json::from_value(value).map_err(std::io::Error::from)?)
    }

    fn value(&mut self, key: &str, value: &mut Value, around: Option<&str>) {
        match value {
            Value::Object(fields) => self.object(key, fields, around),
            Value::Array(items) => {
                for item in items {
                    self.value(key, item, around);
                }
            }
            Value::String(text) => {
                if let Some(new) = self.string(key, text, around) {
                    *text = new;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn object(&mut self, key: &str, fields: &mut Map<String, Value>, around: Option<&str>) {
        let text = |key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
        let named = text("document").filter(|_| fields.contains_key("document_sha256"));
        let document = named.as_deref().or(around);
        let start = fields.get("start").and_then(Value::as_u64);
        let start = start.and_then(|start| usize::try_from(start).ok());
        let place = start
            .zip(text("text"))
            .filter(|_| fields.contains_key("end"));
        let words = place.zip(document);
        let words = words.map(|((start, text), document)| self.words(document, start, &text));
        let is_input = key == "inputs";
        let file = text("file");
        let attribute = text("attribute");
        for (name, field) in &mut *fields {
            match (name.as_str(), &*field) {
                ("name", Value::String(file)) if is_input => *field = self.file(file).into(),
                ("reason", Value::String(reason)) if file.is_some() => {
                    let file = file.as_deref().unwrap_or_default();
                    *field = self.reason(reason, file).into();
                }
                ("values", Value::Array(_)) => self.shares(attribute.as_deref(), field),
                (own, _) if OWN_PARTS.contains(&own) && !field.is_string() => {}
                (name, _) => self.value(name, field, document),
            }
        }
        if let Some((span, words)) = words {
            fields.insert("text".to_owned(), words.into());
            fields.insert("start".to_owned(), span.start.into());
            fields.insert("end".to_owned(), span.end.into());
        }
        if let Some(redacted) = named.and_then(|name| self.documents.get(&name)) {
            fields.insert("document".to_owned(), redacted.name.clone().into());
            let hash = redacted.hash.to_string();
            fields.insert("document_sha256".to_owned(), hash.into());
        }
    }

    /// Why something of `file` was skipped.
    fn reason(&mut self, reason: &str, file: &str) -> String {
        let new = self.pseudonyms.file_name(file);
        let last = file.rsplit('/').next().unwrap_or(file);
        let files = [(file, new.as_str()), (last, new.as_str())];
        self.pseudonyms.text(reason, &files)
    }

    /// Shares of segments, by the value of the attribute that tells them apart.
    fn shares(&mut self, attribute: Option<&str>, values: &mut Value) {
        for share in values.as_array_mut().into_iter().flatten() {
            if let Some(Value::String(value)) = share.get_mut("value") {
                *value = self
                    .pseudonyms
                    .attribute(attribute.unwrap_or_default(), value);
            }
        }
    }

    /// What stands for a text under `key`; `None` where it stays.
    fn string(&mut self, key: &str, text: &str, around: Option<&str>) -> Option<String> {
        let known = match key {
            "passage" | "members" | "also" => {
                let new = self.passages.get(&text.parse::<PassageId>().ok()?)?;
                return Some(new.to_string());
            }
            // With its words and its range, above.
            "document" | "document_sha256" => return None,
            "speaker" => {
                let redacted = around.and_then(|document| self.documents.get(document));
                redacted.and_then(|redacted| redacted.labels.get(text))
            }
            "participant" => self.people.get(text),
            _ => None,
        };
        match key {
            _ if known.is_some() => known.cloned(),
            "file" | "command" | "source" => Some(self.pseudonyms.file_name(text)),
            own if OWN.contains(&own) => None,
            _ => Some(self.text(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Inputs, Silent};

    #[test]
    fn what_stands_for_words_is_what_the_redacted_document_says() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Zofkalina interview.txt");
        let text = "Interviewer: Thanks, Zofkalina.\n\nZofkalina Brzhnova: My name is Zofkalina \
                    Brzhnova. Ring me on 020 7946 0018, it never worked.\n";
        std::fs::write(&file, text).unwrap();
        let mut study = Study::create(&folder.path().join("s")).unwrap();
        let options = study.ingest_options(&[]).unwrap();
        let inputs = Inputs {
            arguments: &[file],
            except: &[],
        };
        study.add(inputs, &options, &Silent).unwrap();
        assert!(study.redaction().unwrap().is_none());
        study.redact(true);
        let mut redaction = study.redaction().unwrap().unwrap();
        for name in study.store.document_names().unwrap() {
            let document = study.store.document(&name).unwrap().unwrap();
            let (new, _) = redaction.document(&document).unwrap();
            assert_eq!(redaction.name(&name), Some("Person 1 interview.txt"));
            assert!(!new.text.contains("Zofkalina") && !new.text.contains("7946"));
            for passage in &document.passages {
                let words = document.slice(passage.span);
                let (span, words) = redaction.words(&name, passage.span.start, words);
                assert_eq!(new.slice(span), words);
            }
        }
        let mut value = serde_json::json!({
            "speaker": "Zofkalina Brzhnova", "text": "no place", "sentiment": "Zofkalina",
            "notes": ["said Brzhnova"],
        });
        redaction.value("", &mut value, Some("Zofkalina interview.txt"));
        assert_eq!(
            value,
            serde_json::json!({
                "speaker": "Person 1", "text": "no place", "sentiment": "Zofkalina",
                "notes": ["said Person 1"],
            })
        );
    }
}
