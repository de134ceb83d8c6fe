//! What people decide of passages, kept through every run.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use throughline_core::{Anchor, Moment, PassageId, Sentiment, Span, Touchpoint};
use throughline_ingest::{PlainRow, PlainTable};
use throughline_nlp::Tagger;
use throughline_store::{
    Attachment, Judgement, NO_THEME, PassageRow, act_of, in_order, kind, taken_back, yes_or_no,
};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::study::model_key;
use crate::{Placer, Study, StudyError};

/// What a person decided of one passage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// Id of the passage, or its first characters.
    pub passage: String,
    /// What was decided: a kind of correction ([`kind::CORRECTIONS`]) and the
    /// word for it.
    pub values: Vec<(&'static str, String)>,
    /// Why.
    pub reason: Option<String>,
}

/// The words that a code or a memo is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// A passage, by its id or the first characters of it; or some of its words.
    Passage {
        /// The id.
        id: String,
        /// The exact words, where it is not the whole passage.
        exact: Option<String>,
    },
    /// Bytes of a document's canonical text.
    Bytes {
        /// The document's name.
        document: String,
        /// The range.
        span: Span,
    },
}

/// How a judgement stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It counts.
    Holds,
    /// It was taken back.
    Undone,
    /// A later one took its place.
    Replaced,
    /// Its words are gone from the study: a person must look at it.
    Unresolved,
}

/// One judgement as `log` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// Names it: the number of the act, and its own within the act.
    pub id: String,
    /// What sort of judgement: `moment`, `sentiment`, `pain`, `touchpoint`,
    /// `theme`, `code`, `memo`, `undo`.
    pub kind: String,
    /// What was decided.
    pub value: String,
    /// Who decided.
    pub author: String,
    /// When, as RFC 3339 in UTC.
    pub time: String,
    /// Why.
    pub reason: Option<String>,
    /// The document.
    pub doc: String,
    /// The words as they were.
    pub words: String,
    /// How it stands now.
    pub standing: Standing,
    /// The passages that it is about now.
    pub passages: Vec<PassageId>,
}

impl Study {
    /// Keeps what `author` decided of passages, all of it as one act, and tells
    /// of the judgements made. What the passage already counts as is kept too:
    /// it holds whatever a later model says.
    ///
    /// # Errors
    /// If a passage is not there, a word is no label, or a theme does not fit
    /// the passage; nothing is kept then.
    pub fn correct(
        &mut self,
        decisions: &[Decision],
        author: &str,
        tagger: &dyn Tagger,
    ) -> Result<Vec<Judgement>, StudyError> {
        let mut made = Vec::new();
        for decision in decisions {
            let row = self.passage_called(&decision.passage, tagger)?;
            for (kind, value) in &decision.values {
                let value = normal(kind, value)
                    .map_err(|problem| StudyError::refused(&decision.passage, problem))?;
                if *kind == kind::THEME {
                    self.check_theme(&row, decision, &value, tagger)?;
                }
                made.push((self.anchor(&row.document, row.span)?, *kind, value, {
                    decision.reason.clone()
                }));
            }
        }
        self.judge(made, author)
    }

    /// Reads decisions from a table with the columns passage, moment, sentiment,
    /// pain, touchpoint, theme and reason; empty cells decide nothing.
    ///
    /// # Errors
    /// If the table cannot be read, with the line.
    pub fn decisions(path: &Path) -> Result<Vec<Decision>, StudyError> {
        let table = PlainTable::read(path)?;
        let Some(passage) = table.column(&["passage"]) else {
            return Err(StudyError::refused(
                &table.name,
                "no column is called passage; its ids say what a row is about",
            ));
        };
        let columns: Vec<_> = kind::CORRECTIONS
            .into_iter()
            .filter_map(|kind| Some((kind, table.column(&[kind])?)))
            .collect();
        let reason = table.column(&["reason"]);
        let decision = |row: &PlainRow| {
            let cell = |column| row.cell(column).map(str::to_owned);
            let Some(passage) = cell(passage) else {
                return Err(table.problem(row, "the column passage is empty".to_owned()));
            };
            let mut values = Vec::new();
            for (kind, column) in &columns {
                let Some(value) = cell(*column) else { continue };
                normal(kind, &value).map_err(|problem| table.problem(row, problem))?;
                values.push((*kind, value));
            }
            Ok(Decision {
                passage,
                values,
                reason: reason.and_then(cell),
            })
        };
        let decisions = table.rows.iter().map(decision);
        Ok(decisions.collect::<Result<_, _>>()?)
    }

    /// Keeps a code of one's own, or a memo (`kind`), on some words.
    ///
    /// # Errors
    /// If the words are not there.
    pub fn mark(
        &mut self,
        kind: &'static str,
        value: &str,
        words: &Words,
        author: &str,
        reason: Option<String>,
    ) -> Result<Vec<Judgement>, StudyError> {
        if value.trim().is_empty() {
            return Err(StudyError::refused(kind, "it says nothing"));
        }
        let anchor = match words {
            Words::Bytes { document, span } => self.anchor(document, *span)?,
            Words::Passage { id, exact } => {
                let row = self.row_called(id, None)?;
                let span = match exact {
                    None => row.span,
                    Some(exact) => within(&row, exact)?,
                };
                self.anchor(&row.document, span)?
            }
        };
        self.judge(vec![(anchor, kind, value.to_owned(), reason)], author)
    }

    /// Takes back an act (`12`), one judgement of it (`12.3`), or the last act
    /// that was not taken back, and tells of what was taken back.
    ///
    /// # Errors
    /// If there is none such, or it was taken back already.
    pub fn undo(&mut self, id: Option<&str>, author: &str) -> Result<Vec<Judgement>, StudyError> {
        let all = self.in_order()?;
        let gone = taken_back(&all);
        let holding = || {
            let all = all.iter().map(|(one, _)| one);
            all.filter(|one| !gone.contains(&one.id))
        };
        let last = || {
            let acts = holding().filter(|one| one.kind != kind::UNDO);
            acts.map(act_of).max()
        };
        let wanted: Vec<Judgement> = match id {
            Some(id) => {
                let act = id.parse().ok().filter(|act| *act > 0);
                let is = |one: &&Judgement| one.id == id || Some(act_of(one)) == act;
                holding().filter(is).cloned().collect()
            }
            None => {
                let last = last();
                let is = |one: &&Judgement| Some(act_of(one)) == last && one.kind != kind::UNDO;
                holding().filter(is).cloned().collect()
            }
        };
        if wanted.is_empty() {
            return Err(StudyError::refused(
                id.unwrap_or("undo"),
                "there is nothing to take back; `throughline log` lists what was decided",
            ));
        }
        let made = wanted.iter().map(|one| {
            let anchor = one.anchor.clone();
            (anchor, kind::UNDO, one.id.clone(), None)
        });
        self.judge(made.collect(), author)?;
        Ok(wanted)
    }

    /// Everything that people decided, in the order in which they did.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn log(&self) -> Result<Vec<Judged>, StudyError> {
        let all = self.in_order()?;
        let gone = taken_back(&all);
        // The last that holds of each passage and kind is the one that counts.
        let mut counts: BTreeMap<(PassageId, &str), &str> = BTreeMap::new();
        let corrects = |one: &Judgement| kind::CORRECTIONS.contains(&one.kind.as_str());
        for (one, attachment) in &all {
            if corrects(one) && !gone.contains(&one.id) {
                for passage in passages_of(attachment) {
                    counts.insert((*passage, one.kind.as_str()), one.id.as_str());
                }
            }
        }
        let judged = all.iter().map(|(one, attachment)| {
            let passages = passages_of(attachment);
            let last = |passage: &PassageId| {
                counts.get(&(*passage, one.kind.as_str())).copied() == Some(one.id.as_str())
            };
            Judged {
                id: one.id.clone(),
                kind: one.kind.clone(),
                value: one.value.clone(),
                author: one.author.clone(),
                time: one.time.clone(),
                reason: one.reason.clone(),
                doc: one.anchor.document.clone(),
                words: one.anchor.exact.clone(),
                standing: if gone.contains(&one.id) {
                    Standing::Undone
                } else if *attachment == Attachment::Unresolved {
                    Standing::Unresolved
                } else if corrects(one) && !passages.iter().any(last) {
                    Standing::Replaced
                } else {
                    Standing::Holds
                },
                passages: passages.to_vec(),
            }
        });
        Ok(judged.collect())
    }

    fn in_order(&self) -> Result<Vec<(Judgement, Attachment)>, StudyError> {
        let mut all = self.store.judgements()?;
        in_order(&mut all);
        Ok(all)
    }

    /// Keeps judgements as one act.
    fn judge(
        &mut self,
        made: Vec<(Anchor, &'static str, String, Option<String>)>,
        author: &str,
    ) -> Result<Vec<Judgement>, StudyError> {
        let all = self.store.judgements()?;
        let act = all.iter().map(|(one, _)| act_of(one)).max().unwrap_or(0) + 1;
        let time = now();
        let made: Vec<Judgement> = made
            .into_iter()
            .zip(1..)
            .map(|((anchor, kind, value, reason), number)| Judgement {
                id: format!("{act}.{number}"),
                anchor,
                kind: kind.to_owned(),
                value,
                author: author.to_owned(),
                time: time.clone(),
                reason,
            })
            .collect();
        self.store.put_judgements(&made)?;
        Ok(made)
    }

    fn anchor(&self, document: &str, span: Span) -> Result<Anchor, StudyError> {
        let Some(text) = self.store.document_text(document)? else {
            return Err(self.no_document(document)?);
        };
        let anchor = Anchor::on(document, &text, span).filter(|_| !span.is_empty());
        anchor.ok_or_else(|| {
            let problem = format!(
                "bytes {}..{} are no words of its {} bytes",
                span.start,
                span.end,
                text.len()
            );
            StudyError::refused(document, problem)
        })
    }

    /// The passage that `id`, or the beginning of one, names.
    pub(crate) fn passage_called(
        &self,
        id: &str,
        tagger: &dyn Tagger,
    ) -> Result<PassageRow, StudyError> {
        self.row_called(id, Some(tagger))
    }

    fn row_called(&self, id: &str, tagger: Option<&dyn Tagger>) -> Result<PassageRow, StudyError> {
        let found = self.store.passages_beginning(id, 2)?;
        let model = tagger.map(model_key);
        let row = match found.as_slice() {
            [one] if !id.is_empty() => self.store.passage(model.as_ref(), *one)?,
            _ => None,
        };
        row.ok_or_else(|| StudyError::NoPassage {
            id: id.to_owned(),
            several: found.len() > 1,
        })
    }

    /// A passage can be put into a theme of the stage in which it is a pain
    /// point, as it counts after the decision.
    fn check_theme(
        &self,
        row: &PassageRow,
        decision: &Decision,
        theme: &str,
        tagger: &dyn Tagger,
    ) -> Result<(), StudyError> {
        let refused = |problem: String| StudyError::refused(format!("theme {theme}"), problem);
        if theme == NO_THEME {
            return Ok(());
        }
        let Some((framework, stage)) = self.stage_of_theme(theme)? else {
            let problem = "there is no such theme; `throughline themes` lists them";
            return Err(refused(problem.to_owned()));
        };
        let Some(tags) = row.tags else {
            return Err(refused(format!("passage {} is not tagged yet", row.id)));
        };
        let decided = |wanted: &str| {
            let mut values = decision.values.iter();
            values.find_map(|(kind, value)| (*kind == wanted).then_some(value.as_str()))
        };
        let mut tags = tags;
        if let Some(moment) = decided(kind::MOMENT) {
            tags.moment.label = moment.parse()?;
            tags.unclear = false;
        }
        let pain = decided(kind::PAIN).and_then(yes_or_no);
        if !pain.unwrap_or(tags.pain.label) {
            return Err(refused(format!(
                "passage {} states no pain point, and themes hold pain points; add --pain yes",
                row.id
            )));
        }
        let placer = Placer::new(self.framework(Some(&framework))?, tagger)?;
        let vector = self.store.vectors(&model_key(tagger), &[row.id])?;
        let vector = vector.into_iter().next().flatten();
        match placer.place(&tags, vector.as_ref()) {
            Ok(found) if found.id == stage => Ok(()),
            _ => Err(refused(format!(
                "it is a theme of the stage {stage}, and passage {} is not in that stage; correct \
                 its --moment too",
                row.id
            ))),
        }
    }

    /// The framework and the stage of a theme, if there is one of that id.
    fn stage_of_theme(&self, theme: &str) -> Result<Option<(String, String)>, StudyError> {
        for framework in self.frameworks.iter() {
            let Some((_, themes, _)) = self.store.themes(&framework.id)? else {
                continue;
            };
            if let Some(found) = themes.iter().find(|known| known.id == theme) {
                return Ok(Some((framework.id.clone(), found.stage.clone())));
            }
        }
        // A theme that was split off has no passages before it gets its first.
        let book = self.codebook()?;
        let mut entries = book.themes.into_iter();
        let found = entries.find(|entry| entry.id == theme && !entry.deleted);
        Ok(found.map(|entry| (entry.framework, entry.stage)))
    }
}

/// The passages where a judgement holds.
fn passages_of(attachment: &Attachment) -> &[PassageId] {
    match attachment {
        Attachment::Exact { passages, .. } | Attachment::Overlap { passages } => passages,
        Attachment::Unresolved => &[],
    }
}

/// Where `exact` stands in the passage.
fn within(row: &PassageRow, exact: &str) -> Result<Span, StudyError> {
    let Some(at) = row.text.find(exact) else {
        let problem = format!("the words \"{exact}\" are not in it");
        return Err(StudyError::refused(format!("passage {}", row.id), problem));
    };
    let start = row.span.start + at;
    Ok(Span {
        start,
        end: start + exact.len(),
    })
}

/// The one spelling of a value; or why it is none.
fn normal(kind: &str, value: &str) -> Result<String, String> {
    let value = value.trim();
    let lower = value.to_lowercase();
    let known = match kind {
        kind::MOMENT => lower.parse::<Moment>().map(|_| ()),
        kind::SENTIMENT => lower.parse::<Sentiment>().map(|_| ()),
        kind::TOUCHPOINT => lower.parse::<Touchpoint>().map(|_| ()),
        kind::PAIN => {
            let yes =
                yes_or_no(value).ok_or_else(|| format!("pain is yes or no, not '{value}'"))?;
            return Ok(if yes { "yes" } else { "no" }.to_owned());
        }
        _ => return Ok(value.to_owned()),
    };
    known.map(|()| lower).map_err(|error| error.to_string())
}

/// This second, as RFC 3339 in UTC.
pub(crate) fn now() -> String {
    let now = OffsetDateTime::now_utc();
    let second = now.replace_nanosecond(0).unwrap_or(now);
    // The years 0 to 9999 have a form.
    second.format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_one_spelling_and_others_are_refused() {
        assert_eq!(normal(kind::MOMENT, " Use "), Ok("use".to_owned()));
        assert_eq!(normal(kind::PAIN, "TRUE"), Ok("yes".to_owned()));
        let theme = normal(kind::THEME, "use-0a");
        assert_eq!(theme, Ok("use-0a".to_owned()));
        assert!(
            normal(kind::MOMENT, "shopping")
                .unwrap_err()
                .contains("need, discover")
        );
        assert!(normal(kind::PAIN, "maybe").is_err());
    }

    #[test]
    fn a_time_is_written_to_the_second() {
        let now = now();
        assert_eq!((now.len(), now.ends_with('Z')), (20, true), "{now}");
    }

    #[test]
    fn decisions_are_read_from_a_table_and_mistakes_named_with_their_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("decided.csv");
        std::fs::write(
            &path,
            "passage,moment,pain,reason\nab12,use,,said so\ncd34,,no,\n",
        )
        .unwrap();
        let decisions = Study::decisions(&path).unwrap();
        assert_eq!(decisions[0].values, [("moment", "use".to_owned())]);
        assert_eq!(decisions[0].reason.as_deref(), Some("said so"));
        assert_eq!(decisions[1].values, [("pain", "no".to_owned())]);
        std::fs::write(&path, "passage,moment\nab12,use\ncd34,buying\n").unwrap();
        let error = Study::decisions(&path).unwrap_err().to_string();
        assert!(error.contains(":3:") && error.contains("buying"), "{error}");
        std::fs::write(&path, "moment\nuse\n").unwrap();
        assert!(Study::decisions(&path).is_err());
    }
}
