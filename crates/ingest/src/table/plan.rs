mod texts;

use std::collections::{BTreeMap, BTreeSet};

use throughline_core::SourceKind;

use super::aliases::{Use, normalised};
use super::dates::{self, Order};
use super::mapping::ColumnMap;
use super::questions::{asks_for_a_recommendation, is_of_a_survey, is_question};
use super::sample::{Profile, Sample};
use super::values;
use crate::{IngestError, speakers};
use texts::recurring_questions;

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
    /// The column that holds a whole exchange, as a list.
    pub(super) thread: Option<usize>,
    /// The column in which a tab stands between title and words.
    tab_ends_title: Option<usize>,
    /// The column that says what part the one has who began it.
    pub(super) opener: Option<usize>,
    /// Questions that recur within the texts.
    pub(super) prompts: BTreeSet<String>,
    /// The score that is the best, and how the texts' own words go with it.
    pub(super) best_score: Option<f64>,
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

    /// True if the texts of `column` are written as title, tab, words: so Google
    /// Play's interface does.
    pub(super) fn tab_ends_title(&self, column: usize) -> bool {
        self.tab_ends_title == Some(column)
    }

    /// True if `column` is read as words.
    pub(super) fn is_text(&self, column: usize) -> bool {
        self.texts.iter().any(|text| text.column == column) || self.thread == Some(column)
    }
}

/// Decides what the columns of `sample` are for: as `map` says, else by their
/// names, else by what they hold.
pub(super) fn plan(name: &str, sample: &Sample, map: &ColumnMap) -> Result<Plan, IngestError> {
    let mut planner = Planner {
        sample,
        profiles: sample.profiles(),
        names: (0..sample.columns.len())
            .map(|column| normalised(sample.short(column)))
            .collect(),
        taken: BTreeSet::new(),
        uses: BTreeMap::new(),
        notes: Vec::new(),
    };
    let mut texts = planner.mapped(name, map)?;
    let thread = texts.is_empty().then(|| planner.thread()).flatten();
    planner.taken.extend(thread);
    if thread.is_some() {
        texts.extend(planner.opening());
    } else if texts.is_empty() {
        texts = planner.text_columns();
    }
    if texts.is_empty() && thread.is_none() {
        return Err(IngestError::NoTextColumn {
            name: name.to_owned(),
            columns: sample.columns.clone(),
        });
    }
    planner.taken.extend(texts.iter().map(|text| text.column));
    let is_transcript = thread.is_none() && planner.find_conversation(&texts);
    planner.find_the_rest(is_transcript);
    Ok(planner.finish(texts, is_transcript, thread))
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
                let column =
                    self.column_called(wanted)
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

    /// The column called `wanted`: by its name, by its code where a header
    /// gives both, or by either however it is spelt.
    fn column_called(&self, wanted: &str) -> Option<usize> {
        let all = || 0..self.sample.columns.len();
        let name = |column: usize| self.sample.columns.get(column).map_or("", String::as_str);
        let loose = normalised(wanted);
        all()
            .find(|&column| name(column) == wanted)
            .or_else(|| all().find(|&column| self.sample.short(column) == wanted))
            .or_else(|| all().find(|&column| normalised(name(column)) == loose))
            .or_else(|| self.names.iter().position(|name| *name == loose))
    }

    fn profile(&self, column: usize) -> Profile {
        self.profiles.get(column).cloned().unwrap_or_default()
    }

    fn free_columns(&self) -> impl Iterator<Item = usize> {
        (0..self.names.len()).filter(|column| !self.taken.contains(column))
    }

    fn is_called(&self, column: usize, name: &str) -> bool {
        self.names.get(column).is_some_and(|called| called == name)
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

    /// The column of answers to "how likely are you to recommend us".
    fn claim_nps(&mut self) {
        self.claim(Use::Nps, Profile::is_likelihood);
        if self.uses.contains_key(&Use::Nps) {
            return;
        }
        let asked = self.free_columns().find(|&column| {
            let name = self.sample.columns.get(column).map_or("", String::as_str);
            asks_for_a_recommendation(name) && self.profile(column).is_likelihood()
        });
        if let Some(column) = asked {
            self.taken.insert(column);
            self.uses.insert(Use::Nps, column);
        }
    }

    fn find_the_rest(&mut self, is_transcript: bool) {
        let rows = self.sample.rows.len();
        if !is_transcript {
            self.claim(Use::Title, |profile| {
                profile.is_prose() && profile.mean_words() <= 30.0
            });
            self.claim(Use::Rating, Profile::is_score);
            self.claim_nps();
            self.claim(Use::Author, |profile| {
                profile.filled > 0 && profile.mean_words() <= 5.0
            });
            self.claim_id(rows);
            self.claim(Use::Question, |profile| {
                profile.is_prose() && profile.mean_words() >= 2.0
            });
        }
        self.claim(Use::Language, Profile::is_short);
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

    fn finish(
        mut self,
        texts: Vec<TextColumn>,
        is_transcript: bool,
        thread: Option<usize>,
    ) -> Plan {
        let order = self
            .uses
            .get(&Use::Date)
            .and_then(|&column| dates::order_of(self.sample.cells(column)));
        let asked = self.uses.contains_key(&Use::Question)
            || texts.iter().any(|text| self.is_of_a_form(text))
            || self.names.iter().any(|name| is_of_a_survey(name));
        let kind = match (is_transcript, asked) {
            (true, _) => SourceKind::Interview,
            (false, true) => SourceKind::Survey,
            (false, false) => SourceKind::Review,
        };
        let title_repeats = texts
            .first()
            .is_some_and(|text| self.repeats_title(text.column));
        self.describe(&texts, is_transcript, thread);
        let prompts = match texts.as_slice() {
            [only] if !is_transcript && thread.is_none() => {
                recurring_questions(self.sample.cells(only.column))
            }
            _ => BTreeSet::new(),
        };
        let scores = self.uses.get(&Use::Rating).or(self.uses.get(&Use::Nps));
        let best_score = scores.and_then(|&column| values::best(self.sample.cells(column)));
        let tab_ends_title = texts
            .iter()
            .map(|text| text.column)
            .find(|&column| self.is_called(column, "commentsusercommenttext"));
        let opener = thread.and_then(|_| {
            self.names
                .iter()
                .position(|name| name == "sourceauthortype")
        });
        Plan {
            texts,
            uses: self.uses,
            order,
            kind,
            title_repeats,
            is_transcript,
            thread,
            tab_ends_title,
            opener,
            prompts,
            best_score,
            notes: self.notes,
        }
    }

    /// True if `text` answers a question in words, and not just "Pros".
    fn is_of_a_form(&self, text: &TextColumn) -> bool {
        self.sample.asked(text.column).is_some()
            || text.question.as_deref().is_some_and(is_question)
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

    fn describe(&mut self, texts: &[TextColumn], is_transcript: bool, thread: Option<usize>) {
        let column = |at: usize| self.sample.columns.get(at).map_or("?", String::as_str);
        let mut parts: Vec<_> = texts
            .iter()
            .map(|text| format!("text from '{}'", column(text.column)))
            .collect();
        parts.extend(thread.map(|thread| format!("exchange from '{}'", column(thread))));
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

fn is_part_in_a_conversation(cell: &str) -> bool {
    matches!(cell.to_lowercase().as_str(), "system" | "bot" | "chatbot")
        || speakers::stated(cell).is_some()
}
