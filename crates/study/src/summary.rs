//! What is in a study, for `stats` and `show`.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use throughline_core::{Date, PassageId, Role, RoleBasis, SourceKind, Speaker, Tags, Turn};
use throughline_nlp::Tagger;
use throughline_store::DocumentRow;

use crate::repeats::Repeats;
use crate::study::model_key;
use crate::walking::walk;
use crate::{Study, StudyError};

/// How often each label occurs, by its spelling.
pub type LabelCounts = BTreeMap<String, u64>;

/// A study in numbers. Labels are counted over participants' passages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudySummary {
    /// Files.
    pub sources: u64,
    /// Documents.
    pub documents: u64,
    /// Turns.
    pub turns: u64,
    /// Passages, whoever spoke them.
    pub passages: u64,
    /// Known participants.
    pub participants: u64,
    /// Passages not tagged yet.
    pub untagged: u64,
    /// Documents by language, as ISO 639 codes; `unknown` where it could not be
    /// told.
    pub languages: LabelCounts,
    /// Documents that say what another one says already.
    pub duplicates: u64,
    /// Passages by the speaker's part.
    pub roles: LabelCounts,
    /// Participants' passages by moment; `unclear` where the engine abstains.
    pub moments: LabelCounts,
    /// Participants' passages by sentiment.
    pub sentiments: LabelCounts,
    /// Participants' passages that state a pain point.
    pub pain: u64,
    /// Participants' passages by touchpoint.
    pub touchpoints: LabelCounts,
}

/// One document of a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentSummary {
    /// The file, and for a row of a table `file#id`.
    pub doc: String,
    /// What kind of source it is.
    pub kind: SourceKind,
    /// Its day.
    pub date: Option<Date>,
    /// Its rating.
    pub rating: Option<f64>,
    /// Turns.
    pub turns: u64,
    /// Passages.
    pub passages: u64,
    /// ISO 639 code of its language, where it could be told.
    pub language: Option<String>,
    /// The document that it repeats, if it says what another one says already.
    pub repeats: Option<String>,
}

/// One participant of a study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParticipantSummary {
    /// Id, as `remove --participant` takes it.
    pub participant: String,
    /// Documents they speak in.
    pub documents: u64,
    /// Their passages.
    pub passages: u64,
}

/// One turn of a document with its passages and their tags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownTurn {
    /// Number of the turn, from 0.
    pub turn: usize,
    /// The speaker's label.
    pub speaker: Option<String>,
    /// The speaker's part.
    pub role: Role,
    /// How sure the part is, 0…1, where somebody is named.
    pub confidence: Option<f32>,
    /// What the part rests on.
    pub basis: Option<RoleBasis>,
    /// Start in milliseconds.
    pub start_ms: Option<u64>,
    /// The words of a turn that has no passages, as its document is in a language
    /// that is not tagged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untagged: Option<String>,
    /// The passages.
    pub passages: Vec<ShownPassage>,
}

/// One passage of a [`ShownTurn`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownPassage {
    /// Names the passage.
    pub passage: PassageId,
    /// The exact words.
    pub text: String,
    /// First byte in the canonical text.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// The tags, where there are any.
    pub tags: Option<Tags>,
}

impl Study {
    /// The study in numbers.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn summary(&self, tagger: &dyn Tagger) -> Result<StudySummary, StudyError> {
        let counts = self.store.counts()?;
        let mut repeats = Repeats::default();
        let mut summary = StudySummary {
            sources: counts.sources,
            documents: counts.documents,
            turns: counts.turns,
            passages: counts.passages,
            participants: counts.participants,
            untagged: self.untagged(tagger)?,
            languages: self.documents_by_language()?,
            ..StudySummary::default()
        };
        self.store
            .each_passage(Some(&model_key(tagger)), &mut |row| {
                repeats.take(&row);
                count(&mut summary.roles, row.role.as_str());
                if let Some(tags) = row.tags.filter(|_| row.role.is_evidence()) {
                    let moment = if tags.unclear {
                        "unclear"
                    } else {
                        tags.moment.label.as_str()
                    };
                    count(&mut summary.moments, moment);
                    count(&mut summary.sentiments, tags.sentiment.label.as_str());
                    count(&mut summary.touchpoints, tags.touchpoint.label.as_str());
                    summary.pain += u64::from(tags.pain.label);
                }
                ControlFlow::Continue(())
            })?;
        summary.duplicates = repeats.find().len() as u64;
        Ok(summary)
    }

    /// How many documents are in each language; `unknown` where that could not be
    /// told.
    pub(crate) fn documents_by_language(&self) -> Result<LabelCounts, StudyError> {
        let mut languages = LabelCounts::new();
        self.store.documents(&mut |row| {
            let language = row.meta.language.as_deref();
            count(&mut languages, language.unwrap_or("unknown"));
            ControlFlow::Continue(())
        })?;
        Ok(languages)
    }

    /// Every document, in order of name.
    ///
    /// # Errors
    /// If the record cannot be read, or `each` fails.
    pub fn each_document(
        &self,
        each: &mut dyn FnMut(DocumentSummary) -> Result<(), StudyError>,
    ) -> Result<(), StudyError> {
        let mut duplicates = self.duplicates()?;
        walk(
            |f| self.store.documents(f),
            |row: DocumentRow| {
                each(DocumentSummary {
                    repeats: duplicates.remove(&row.name),
                    language: row.meta.language,
                    doc: row.name,
                    kind: row.kind,
                    date: row.meta.date,
                    rating: row.meta.rating,
                    turns: row.turns,
                    passages: row.passages,
                })
            },
        )
    }

    /// Every known participant, in order of id.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn participants(&self) -> Result<Vec<ParticipantSummary>, StudyError> {
        let mut list: BTreeMap<String, (u64, u64, Option<std::sync::Arc<str>>)> = BTreeMap::new();
        self.store.each_passage(None, &mut |row| {
            if let Some(id) = row.participant {
                let entry = list.entry(id.to_string()).or_default();
                entry.1 += 1;
                if entry.2.as_ref() != Some(&row.document) {
                    entry.0 += 1;
                    entry.2 = Some(row.document);
                }
            }
            ControlFlow::Continue(())
        })?;
        Ok(list
            .into_iter()
            .map(
                |(participant, (documents, passages, _))| ParticipantSummary {
                    participant,
                    documents,
                    passages,
                },
            )
            .collect())
    }

    /// Who speaks in a document, in order of first appearance.
    ///
    /// # Errors
    /// [`StudyError::NoDocument`] with the nearest name there is.
    pub fn speakers(&self, name: &str) -> Result<Vec<Speaker>, StudyError> {
        match self.store.document(name)? {
            Some(document) => Ok(document.meta.speakers),
            None => Err(self.no_document(name)?),
        }
    }

    /// A document turn by turn, with its tags.
    ///
    /// # Errors
    /// [`StudyError::NoDocument`] with the nearest name there is.
    pub fn show(&self, name: &str, tagger: &dyn Tagger) -> Result<Vec<ShownTurn>, StudyError> {
        let Some(document) = self.store.document(name)? else {
            return Err(self.no_document(name)?);
        };
        let model = model_key(tagger);
        let none = document.passages.is_empty();
        let shown = |(number, turn): (usize, &Turn)| {
            let label = turn.speaker.as_deref();
            let speaker = label.and_then(|label| document.meta.speaker(label));
            ShownTurn {
                turn: number,
                speaker: turn.speaker.clone(),
                role: turn.role,
                confidence: speaker.map(|speaker| speaker.confidence),
                basis: speaker.map(|speaker| speaker.basis),
                start_ms: turn.start_ms,
                untagged: none.then(|| document.slice(turn.span).to_owned()),
                passages: Vec::new(),
            }
        };
        let mut turns: Vec<ShownTurn> = document.turns.iter().enumerate().map(shown).collect();
        for passage in &document.passages {
            if let Some(turn) = turns.get_mut(passage.turn) {
                let row = self.store.passage(Some(&model), passage.id)?;
                turn.passages.push(ShownPassage {
                    passage: passage.id,
                    text: document.slice(passage.span).to_owned(),
                    start: passage.span.start,
                    end: passage.span.end,
                    tags: row.and_then(|row| row.tags),
                });
            }
        }
        Ok(turns)
    }
}

fn count(counts: &mut LabelCounts, label: &str) {
    // Looked up before it is made: a label is new a dozen times in a million.
    match counts.get_mut(label) {
        Some(number) => *number += 1,
        None => {
            counts.insert(label.to_owned(), 1);
        }
    }
}
