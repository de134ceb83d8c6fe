//! Quotes that a researcher keeps, in collections with names.
//!
//! A kept quote is a judgement of the kind [`KIND`], whose value is the name of
//! the collection: it holds on to its words, is found again when the text changes,
//! and goes with whoever withdraws.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use throughline_core::{Anchor, PassageId};
use throughline_store::{Attachment, Judgement};

use crate::judging::now;
use crate::study::hash_of;
use crate::{Study, StudyError};

/// The kind of judgement that keeps a quote in a collection.
const KIND: &str = "collection";

/// A collection by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionSummary {
    /// Its name.
    pub collection: String,
    /// Quotes in it.
    pub quotes: u64,
    /// Those of them whose words are no longer in the study as they were.
    pub lost: u64,
}

/// A quote that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collected {
    /// The collection.
    pub collection: String,
    /// The exact words, as they were kept.
    pub text: String,
    /// The document.
    pub doc: String,
    /// First byte of the words in its canonical text as it is now; null where
    /// they no longer stand there as they were.
    pub start: Option<usize>,
    /// Byte after the last.
    pub end: Option<usize>,
    /// The passages that hold the words now, or most of them where they were
    /// changed.
    pub passages: Vec<PassageId>,
    /// The speaker's label.
    pub speaker: Option<String>,
    /// Who kept it; empty where nobody said.
    pub author: String,
    /// When, as RFC 3339 in UTC.
    pub time: String,
    /// Why.
    pub reason: Option<String>,
}

impl Study {
    /// Keeps passages in the collection `name`, as `author`, for `reason`, and
    /// tells how many were not in it before.
    ///
    /// # Errors
    /// If the name is blank, or the record cannot be written.
    pub fn collect(
        &mut self,
        name: &str,
        passages: &[PassageId],
        author: &str,
        reason: Option<&str>,
    ) -> Result<u64, StudyError> {
        let name = name.trim();
        if name.is_empty() {
            return Err(StudyError::NoCollection {
                name: name.to_owned(),
                hint: "; a collection needs a name".to_owned(),
            });
        }
        let mut known: BTreeSet<String> = self.kept()?.into_iter().map(|(one, _)| one.id).collect();
        let time = now();
        let mut added = Vec::new();
        for id in passages {
            let Some(row) = self.store.passage(None, *id)? else {
                continue;
            };
            let text = self.store.document_text(&row.document)?.unwrap_or_default();
            let Some(anchor) = Anchor::on(&row.document, &text, row.span) else {
                continue;
            };
            let id = judgement_id(name, &anchor);
            if !known.insert(id.clone()) {
                continue;
            }
            added.push(Judgement {
                id,
                anchor,
                kind: KIND.to_owned(),
                value: name.to_owned(),
                author: author.to_owned(),
                time: time.clone(),
                reason: reason.map(str::to_owned),
            });
        }
        self.store.put_judgements(&added)?;
        Ok(added.len() as u64)
    }

    /// The collections there are, in order of name.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn collections(&self) -> Result<Vec<CollectionSummary>, StudyError> {
        let kept = self.collected()?;
        let collections = kept.chunk_by(|a, b| a.collection == b.collection);
        let summaries = collections.filter_map(|of_one| {
            Some(CollectionSummary {
                collection: of_one.first()?.collection.clone(),
                quotes: of_one.len() as u64,
                lost: of_one.iter().filter(|one| one.start.is_none()).count() as u64,
            })
        });
        Ok(summaries.collect())
    }

    /// The quotes of one collection, in order of document and place.
    ///
    /// # Errors
    /// [`StudyError::NoCollection`] with those there are.
    pub fn collection(&self, name: &str) -> Result<Vec<Collected>, StudyError> {
        let mut all = self.collected()?;
        all.retain(|one| one.collection == name);
        if all.is_empty() {
            return Err(self.no_collection(name)?);
        }
        Ok(all)
    }

    /// The quotes of all collections, in order of their names, then of document and
    /// place.
    pub(crate) fn collected(&self) -> Result<Vec<Collected>, StudyError> {
        let mut all = Vec::new();
        for (kept, place) in self.kept()? {
            let (span, passages) = match place {
                Attachment::Exact { span, passages } => (Some(span), passages),
                Attachment::Overlap { passages } => (None, passages),
                Attachment::Unresolved => (None, Vec::new()),
            };
            let row = match passages.first() {
                Some(first) => self.store.passage(None, *first)?,
                None => None,
            };
            all.push(Collected {
                collection: kept.value,
                text: kept.anchor.exact,
                doc: kept.anchor.document,
                start: span.map(|span| span.start),
                end: span.map(|span| span.end),
                passages,
                speaker: row.and_then(|row| row.speaker),
                author: kept.author,
                time: kept.time,
                reason: kept.reason,
            });
        }
        fn place(one: &Collected) -> (&str, &str, Option<usize>, &str) {
            (&one.collection, &one.doc, one.start, &one.text)
        }
        all.sort_by(|a, b| place(a).cmp(&place(b)));
        Ok(all)
    }

    /// Takes passages out of a collection, or all of it where none are named, and
    /// tells how many quotes left it. The words stay in the study.
    ///
    /// # Errors
    /// [`StudyError::NoCollection`] with those there are.
    pub fn uncollect(
        &mut self,
        name: &str,
        passages: Option<&[PassageId]>,
    ) -> Result<u64, StudyError> {
        let mut gone = Vec::new();
        let mut is_known = false;
        for (kept, place) in self.kept()? {
            if kept.value != name {
                continue;
            }
            is_known = true;
            let held = match &place {
                Attachment::Exact { passages, .. } | Attachment::Overlap { passages } => {
                    passages.as_slice()
                }
                Attachment::Unresolved => &[],
            };
            let is_meant = |passages: &[PassageId]| held.iter().any(|id| passages.contains(id));
            if passages.is_none_or(is_meant) {
                gone.push(kept.id);
            }
        }
        if !is_known {
            return Err(self.no_collection(name)?);
        }
        Ok(self.store.remove_judgements(&gone)?)
    }

    /// The one passage whose id begins with `start`.
    ///
    /// # Errors
    /// [`StudyError::NoPassage`].
    pub fn passage_beginning(&self, start: &str) -> Result<PassageId, StudyError> {
        let found = self.store.passages_beginning(start, 2)?;
        match found.as_slice() {
            [one] if !start.is_empty() => Ok(*one),
            _ => Err(StudyError::NoPassage {
                id: start.to_owned(),
                several: found.len() > 1,
            }),
        }
    }

    fn kept(&self) -> Result<Vec<(Judgement, Attachment)>, StudyError> {
        let mut all = self.store.judgements()?;
        all.retain(|(one, _)| one.kind == KIND);
        Ok(all)
    }

    fn no_collection(&self, name: &str) -> Result<StudyError, StudyError> {
        let known: Vec<String> = self
            .collections()?
            .into_iter()
            .map(|one| one.collection)
            .collect();
        Ok(StudyError::NoCollection {
            name: name.to_owned(),
            hint: match known.is_empty() {
                true => "; `throughline collect NAME QUERY` makes one".to_owned(),
                false => format!("; there are: {}", known.join(", ")),
            },
        })
    }
}

/// The same words at the same place are in a collection once.
fn judgement_id(collection: &str, anchor: &Anchor) -> String {
    let place = anchor.span.start.to_le_bytes();
    let hash = hash_of(&[
        collection.as_bytes(),
        anchor.document.as_bytes(),
        anchor.exact.as_bytes(),
        &place,
    ]);
    format!("{KIND} {hash}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Inputs, Silent};

    fn put(study: &mut Study, file: &std::path::Path, text: &str) {
        std::fs::write(file, text).unwrap();
        let options = study.ingest_options(&[]).unwrap();
        let inputs = Inputs {
            arguments: &[file.to_owned()],
            except: &[],
        };
        study.add(inputs, &options, &Silent).unwrap();
    }

    #[test]
    fn quotes_stay_in_their_collection_through_an_edit_and_leave_it_on_request() {
        let folder = tempfile::tempdir().unwrap();
        let mut study = Study::create(&folder.path().join("study")).unwrap();
        let file = folder.path().join("talk.txt");
        let said = "Dana: The parcel came two weeks late, and nobody told me why it did.\n\n\
                    Kim: I could not find the price of the filters anywhere on the site.\n";
        put(&mut study, &file, said);
        let ids = |study: &Study| study.store.passages_beginning("", 9).unwrap();
        let all = ids(&study);
        assert_eq!(all.len(), 2);
        assert_eq!(
            study
                .collect("for the talk", &all, "Lee", Some("clear"))
                .unwrap(),
            2
        );
        assert_eq!(
            study
                .collect("for the talk", &all[..1], "Lee", None)
                .unwrap(),
            0
        );
        assert_eq!(study.collect("late", &all[..1], "", None).unwrap(), 1);
        assert!(study.collect(" ", &all, "Lee", None).is_err());

        put(&mut study, &file, &format!("Ines: Hello.\n\n{said}"));
        let kept = study.collection("for the talk").unwrap();
        assert_eq!(kept.len(), 2);
        for one in &kept {
            assert!(said.contains(&one.text));
            assert_eq!(one.passages.len(), 1);
            assert!(one.start.is_some() && one.reason.as_deref() == Some("clear"));
        }
        let names: Vec<_> = study.collections().unwrap();
        let names: Vec<_> = names
            .iter()
            .map(|c| (c.collection.as_str(), c.quotes, c.lost))
            .collect();
        assert_eq!(names, [("for the talk", 2, 0), ("late", 1, 0)]);

        let first = kept[0].passages.as_slice();
        assert_eq!(study.uncollect("for the talk", Some(first)).unwrap(), 1);
        assert_eq!(study.collection("for the talk").unwrap(), kept[1..]);
        assert_eq!(study.uncollect("late", None).unwrap(), 1);
        let error = study.collection("late").unwrap_err().to_string();
        assert!(error.contains("there are: for the talk"), "{error}");
        assert!(study.uncollect("late", None).is_err());
    }
}
