use std::collections::{BTreeMap, BTreeSet};

use throughline_core::SourceKind;

use super::aliases::{Use, normalised};
use super::dates::{self, Order};
use super::mapping::ColumnMap;
use super::sample::{Profile, Sample};
use crate::{IngestError, speakers};

/// Which column of a table is for what.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Columns of words, and the question that each of them answers.
    pub(super) texts: Vec<TextColumn>,
    /// All other columns with a use.
    pub(super) uses: BTreeMap<Use, usize>,
    /// How dates in numbers are written.
    pub(super) order: Option<Order>,
    /// What kind of source a row is.
    pub(super) kind: SourceKind,
    /// True if the texts of this table begin with their title.
    pub(super) title_repeats: bool,
    /// True if a row is a turn of a conversation.
    pub(super) is_transcript: bool,
    /// What was decided, in words.
    pub(super) notes: Vec<String>,
}

/// A column of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextColumn {
    /// Which one.
    pub(super) column: usize,
    /// Its name, where that is a question.
    pub(super) question: Option<String>,
}

impl Plan {
    /// The column for `purpose`.
    pub(super) fn of(&self, purpose: Use) -> Option<usize> {
        self.uses.get(&purpose).copied()
    }

    /// True if `column` is read as words.
    pub(super) fn is_text(&self, column: usize) -> bool {
        self.texts.iter().any(|text| text.column == column)
    }
}

/// Decides what the columns of `sample` are for: as `map` says, else by their
/// names, else by what they hold.
pub(super) fn plan(name: &str, sample: &Sample, map: &ColumnMap) -> Result<Plan, IngestError> {
    let mut planner = Planner {
        sample,
        profiles: sample.profiles(),
        names: sample.columns.iter().map(|name| normalised(name)).collect(),
        taken: BTreeSet::new(),
        uses: BTreeMap::new(),
        notes: Vec::new(),
    };
    let mut texts = planner.mapped(name, map)?;
    if texts.is_empty() {
        texts = planner.text_columns();
    }
    if texts.is_empty() {
        return Err(IngestError::NoTextColumn {
            name: name.to_owned(),
            columns: sample.columns.clone(),
        });
    }
    planner.taken.extend(texts.iter().map(|text| text.column));
    let is_transcript = planner.find_conversation(&texts);
    planner.find_the_rest(is_transcript);
    Ok(planner.finish(texts, is_transcript))
}

struct Planner<'s> {
    sample: &'s Sample,
    profiles: Vec<Profile>,
    names: Vec<String>,
    taken: BTreeSet<usize>,
    uses: BTreeMap<Use, usize>,
    notes: Vec<String>,
}

impl Planner<'_> {
    /// Columns that the map names; the texts among them are returned.
    fn mapped(&mut self, name: &str, map: &ColumnMap) -> Result<Vec<TextColumn>, IngestError> {
        let mut texts = Vec::new();
        for purpose in Use::ALL {
            for wanted in map.named(purpose) {
                let exact = self.sample.columns.iter().position(|name| name == wanted);
                let loose = || {
                    let wanted = normalised(wanted);
                    self.names.iter().position(|name| *name == wanted)
                };
                let column = exact
                    .or_else(loose)
                    .ok_or_else(|| IngestError::NoSuchColumn {
                        name: name.to_owned(),
                        column: wanted.to_owned(),
                        columns: self.sample.columns.clone(),
                    })?;
                self.taken.insert(column);
                if purpose == Use::Text {
                    texts.push(self.text_column(column));
                } else {
                    self.uses.insert(purpose, column);
                }
            }
        }
        texts.sort_by_key(|text| text.column);
        texts.dedup();
        Ok(texts)
    }

    fn text_column(&self, column: usize) -> TextColumn {
        let name = self.sample.columns.get(column);
        TextColumn {
            column,
            question: name.filter(|name| is_question(name)).cloned(),
        }
    }

    fn profile(&self, column: usize) -> Profile {
        self.profiles.get(column).cloned().unwrap_or_default()
    }

    fn free_columns(&self) -> impl Iterator<Item = usize> {
        (0..self.names.len()).filter(|column| !self.taken.contains(column))
    }

    /// Every question answered in people's own words, and beside questions
    /// every other column of comments; else the column with the best name; else
    /// the one with the most words.
    fn text_columns(&self) -> Vec<TextColumn> {
        let questions: Vec<_> = self
            .free_columns()
            .map(|column| self.text_column(column))
            .filter(|text| text.question.is_some() && self.profile(text.column).is_open_ended())
            .collect();
        if !questions.is_empty() {
            let comments = self
                .free_columns()
                .filter(|&column| {
                    self.is_named(column, Use::Text) && self.profile(column).is_open_ended()
                })
                .map(|column| self.text_column(column))
                .filter(|text| text.question.is_none());
            let mut all: Vec<_> = questions.iter().cloned().chain(comments).collect();
            all.sort_by_key(|text| text.column);
            return all;
        }
        self.named(Use::Text, |profile| profile.is_prose())
            .or_else(|| self.wordiest())
            .map(|column| self.text_column(column))
            .into_iter()
            .collect()
    }

    fn is_named(&self, column: usize, purpose: Use) -> bool {
        self.names
            .get(column)
            .is_some_and(|name| purpose.aliases().any(|alias| alias == name))
    }

    /// The free column whose name is the best for `purpose` and whose cells
    /// fit.
    fn named(&self, purpose: Use, fits: impl Fn(&Profile) -> bool) -> Option<usize> {
        purpose.aliases().find_map(|alias| {
            self.free_columns().find(|&column| {
                self.names.get(column).is_some_and(|name| name == alias)
                    && fits(&self.profile(column))
            })
        })
    }

    /// The column with the most words in a cell, if these are sentences.
    fn wordiest(&self) -> Option<usize> {
        const OTHERWISE_USED: [Use; 8] = [
            Use::Id,
            Use::Date,
            Use::Rating,
            Use::Author,
            Use::Product,
            Use::Speaker,
            Use::Start,
            Use::End,
        ];
        let mut best: Option<(usize, f64)> = None;
        for column in self.free_columns() {
            let profile = self.profile(column);
            let other = OTHERWISE_USED
                .iter()
                .any(|purpose| self.is_named(column, *purpose));
            let words = profile.mean_words();
            let enough = profile.is_prose() && words >= 2.5 && !other;
            if enough && best.is_none_or(|(_, most)| words > most) {
                best = Some((column, words));
            }
        }
        best.map(|(column, _)| column)
    }

    fn claim(&mut self, purpose: Use, fits: impl Fn(&Profile) -> bool) {
        if self.uses.contains_key(&purpose) {
            return;
        }
        if let Some(column) = self.named(purpose, fits) {
            self.taken.insert(column);
            self.uses.insert(purpose, column);
        }
    }

    /// Decides whether rows are turns of a conversation: there is a column of
    /// speakers who recur, together with times, a conversation's name, or no
    /// other sign of a table of single texts; or there are times alone.
    fn find_conversation(&mut self, texts: &[TextColumn]) -> bool {
        if self.uses.contains_key(&Use::Speaker) {
            self.claim_times();
            return true;
        }
        let [text] = texts else { return false };
        if text.question.is_some() {
            return false;
        }
        let single_texts = [Use::Rating, Use::Title]
            .iter()
            .any(|purpose| self.uses.contains_key(purpose))
            || self.named(Use::Rating, Profile::is_score).is_some()
            || self.named(Use::Title, Profile::is_prose).is_some();
        if single_texts {
            return false;
        }
        let rows = self.sample.rows.len();
        let start = self.named(Use::Start, Profile::is_time);
        let end = self.named(Use::End, Profile::is_time);
        let conversation = self.named(Use::Conversation, |profile| profile.filled > 0);
        let speaker = self.named(Use::Speaker, |profile| {
            profile.filled > 0 && profile.mean_words() <= 4.0
        });
        let found = match speaker {
            Some(speaker) => {
                let profile = self.profile(speaker);
                let recur = profile.distinct < profile.filled || rows <= 2;
                let named_rows = self
                    .named(Use::Id, |id| id.names_rows(rows) && !id.is_numbers())
                    .is_some();
                let parts = self.names.get(speaker).is_some_and(|name| name == "role")
                    && !self.sample.cells(speaker).all(is_part_in_a_conversation);
                start.is_some() || conversation.is_some() || (recur && !named_rows && !parts)
            }
            None => start.is_some() && end.is_some(),
        };
        if found {
            self.claim(Use::Speaker, |profile| profile.filled > 0);
            self.claim(Use::Conversation, |profile| profile.filled > 0);
            self.claim_times();
        }
        found
    }

    fn claim_times(&mut self) {
        self.claim(Use::Start, Profile::is_time);
        self.claim(Use::End, Profile::is_time);
        if !self.uses.contains_key(&Use::Start) {
            // `timestamp` is a day in a table of texts and a time in a transcript.
            let time = self.named(Use::Date, |profile| profile.is_time() && !profile.is_date());
            if let Some(column) = time {
                self.taken.insert(column);
                self.uses.insert(Use::Start, column);
            }
        }
    }

    fn find_the_rest(&mut self, is_transcript: bool) {
        let rows = self.sample.rows.len();
        if !is_transcript {
            self.claim(Use::Title, |profile| {
                profile.is_prose() && profile.mean_words() <= 30.0
            });
            self.claim(Use::Rating, Profile::is_score);
            self.claim(Use::Author, |profile| {
                profile.filled > 0 && profile.mean_words() <= 5.0
            });
            self.claim_id(rows);
            self.claim(Use::Question, |profile| {
                profile.is_prose() && profile.mean_words() >= 2.0
            });
        }
        self.claim(Use::Product, |profile| {
            profile.filled > 0 && profile.mean_words() <= 15.0
        });
        self.claim(Use::Date, Profile::is_date);
        if !self.uses.contains_key(&Use::Date) {
            let plain = self
                .free_columns()
                .find(|&column| self.profile(column).is_plainly_date());
            if let Some(column) = plain {
                self.taken.insert(column);
                self.uses.insert(Use::Date, column);
            }
        }
    }

    /// The column that names rows. In a survey, the respondent does.
    fn claim_id(&mut self, rows: usize) {
        self.claim(Use::Id, |profile| profile.names_rows(rows));
        if self.uses.contains_key(&Use::Id) {
            return;
        }
        let respondent = self.uses.get(&Use::Author).copied().filter(|&column| {
            self.is_named(column, Use::Id) && self.profile(column).names_rows(rows)
        });
        if let Some(column) = respondent {
            self.uses.insert(Use::Id, column);
            return;
        }
        if let Some(column) = self.named(Use::Id, |profile| profile.filled > 0) {
            let name = self.sample.columns.get(column).map_or("?", String::as_str);
            self.notes.push(format!(
                "'{name}' does not name rows, being empty or the same too often: rows go by number"
            ));
        }
    }

    fn finish(mut self, texts: Vec<TextColumn>, is_transcript: bool) -> Plan {
        let order = self
            .uses
            .get(&Use::Date)
            .and_then(|&column| dates::order_of(self.sample.cells(column)));
        let asked = self.uses.contains_key(&Use::Question)
            || texts.iter().any(|text| text.question.is_some())
            || self.names.iter().any(|name| is_of_a_survey(name));
        let kind = match (is_transcript, asked) {
            (true, _) => SourceKind::Interview,
            (false, true) => SourceKind::Survey,
            (false, false) => SourceKind::Review,
        };
        let title_repeats = texts
            .first()
            .is_some_and(|text| self.repeats_title(text.column));
        self.describe(&texts, is_transcript);
        Plan {
            texts,
            uses: self.uses,
            order,
            kind,
            title_repeats,
            is_transcript,
            notes: self.notes,
        }
    }

    /// True if nearly all texts with a title begin with it.
    fn repeats_title(&self, text: usize) -> bool {
        let Some(&title) = self.uses.get(&Use::Title) else {
            return false;
        };
        let (mut both, mut repeated) = (0_usize, 0_usize);
        for row in &self.sample.rows {
            let (Some(title), Some(text)) = (row.get(title), row.get(text)) else {
                continue;
            };
            if !title.is_empty() && !text.is_empty() {
                both += 1;
                repeated += usize::from(text.starts_with(title.as_str()));
            }
        }
        repeated * 10 > both * 8
    }

    fn describe(&mut self, texts: &[TextColumn], is_transcript: bool) {
        let column = |at: usize| self.sample.columns.get(at).map_or("?", String::as_str);
        let mut parts: Vec<_> = texts
            .iter()
            .map(|text| format!("text from '{}'", column(text.column)))
            .collect();
        for (purpose, at) in &self.uses {
            parts.push(format!("{} from '{}'", purpose.key(), column(*at)));
        }
        let rows = if is_transcript {
            "turns of a conversation"
        } else {
            "a document each"
        };
        self.notes
            .push(format!("rows are {rows}; {}", parts.join(", ")));
        if !is_transcript && !self.uses.contains_key(&Use::Author) {
            self.notes.push(
                "no column of authors: rows count as documents, not as participants".to_owned(),
            );
        }
    }
}

/// True if the name of a column is a question or asks for something.
pub(super) fn is_question(name: &str) -> bool {
    const ASKING: &[&str] = &[
        "what", "how", "why", "which", "who", "where", "when", "please", "describe", "tell",
        "explain", "is", "are", "was", "were", "do", "does", "did", "would", "could", "can",
        "have", "has", "if",
    ];
    let name = name.trim();
    let words = name.split_whitespace().count();
    let first = name
        .split_whitespace()
        .find(|word| word.chars().any(char::is_alphabetic) && !is_numbering(word))
        .map(normalised)
        .unwrap_or_default();
    (words >= 3 && name.ends_with('?'))
        || (words >= 4 && ASKING.contains(&first.as_str()))
        || (words >= 4 && name.contains("? "))
}

/// `Q1`, `Q1.`, `Q12:`, as surveys number their questions.
fn is_numbering(word: &str) -> bool {
    let word = normalised(word);
    word.strip_prefix('q')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Columns that only the exports of surveys have, by their normalised name.
fn is_of_a_survey(name: &str) -> bool {
    matches!(
        name,
        "respondentid" | "collectorid" | "responseid" | "recordeddate" | "surveyid"
    )
}

fn is_part_in_a_conversation(cell: &str) -> bool {
    matches!(cell.to_lowercase().as_str(), "system" | "bot" | "chatbot")
        || speakers::stated(cell).is_some()
}
