//! Which columns hold words.

use std::collections::{BTreeMap, BTreeSet};

use super::super::aliases::Use;
use super::super::questions::{is_question, pair};
use super::super::sample::Profile;
use super::super::thread;
use super::{Planner, TextColumn};

impl Planner<'_> {
    pub(super) fn text_column(&self, column: usize) -> TextColumn {
        let asked = self.sample.asked(column).map(|asked| asked.text.clone());
        let name = self.sample.columns.get(column);
        TextColumn {
            column,
            question: asked.or_else(|| name.filter(|name| is_question(name)).cloned()),
        }
    }

    /// True if people answered in `column` in their own words.
    fn is_answered_freely(&self, column: usize) -> bool {
        let profile = self.profile(column);
        match self.sample.asked(column).and_then(|asked| asked.open) {
            Some(true) => profile.is_prose(),
            Some(false) => false,
            None => profile.is_open_ended(),
        }
    }

    /// The column that holds a whole exchange in every row.
    pub(super) fn thread(&self) -> Option<usize> {
        self.free_columns()
            .find(|&column| thread::is_thread(self.sample.cells(column)))
    }

    /// The words that begin an exchange, where these stand apart from it.
    pub(super) fn opening(&self) -> Option<TextColumn> {
        self.named(Use::Text, Profile::is_prose)
            .map(|column| TextColumn {
                column,
                question: None,
            })
    }

    /// Every question answered in people's own words, and beside questions
    /// every other column of comments; else the column with the best name; else
    /// the one with the most words.
    pub(super) fn text_columns(&self) -> Vec<TextColumn> {
        let questions: Vec<_> = self
            .free_columns()
            .map(|column| self.text_column(column))
            .filter(|text| text.question.is_some() && self.is_answered_freely(text.column))
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
        if let Some(pair) = self.good_and_bad() {
            return pair;
        }
        let named = self.named(Use::Text, Profile::is_prose);
        let Some(column) = named.or_else(|| self.wordiest()) else {
            return Vec::new();
        };
        let alike = self.in_other_groups(column);
        if alike.is_empty() {
            return vec![self.text_column(column)];
        }
        let mut all = [alike, vec![column]].concat();
        all.sort_unstable();
        let asked = |column| TextColumn {
            column,
            question: self.sample.columns.get(column).cloned(),
        };
        all.into_iter().map(asked).collect()
    }

    /// Columns of words that have the same name as `column` under another group
    /// of a header in two lines.
    fn in_other_groups(&self, column: usize) -> Vec<usize> {
        let name = |column: usize| self.sample.short.get(column).and_then(Option::as_deref);
        let Some(own) = name(column) else {
            return Vec::new();
        };
        self.free_columns()
            .filter(|&other| other != column && name(other) == Some(own))
            .filter(|&other| self.profile(other).is_prose())
            .collect()
    }

    /// What was good and what was bad, asked for in two columns, and the review
    /// beside them.
    fn good_and_bad(&self) -> Option<Vec<TextColumn>> {
        let (good, bad) = pair(&self.names)?;
        let free = |column| !self.taken.contains(&column) && self.profile(column).is_prose();
        if !free(good) || !free(bad) {
            return None;
        }
        let asked = |column: usize| TextColumn {
            column,
            question: self.sample.columns.get(column).cloned(),
        };
        let review = self.named(Use::Text, Profile::is_open_ended);
        let overall = self.names.iter().position(|name| name == "overall");
        let overall =
            overall.filter(|&column| free(column) && self.profile(column).is_open_ended());
        let mut all = vec![asked(good), asked(bad)];
        all.extend(review.or(overall).map(|column| TextColumn {
            column,
            question: None,
        }));
        all.sort_by_key(|text| text.column);
        Some(all)
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
}

/// Questions that stand on a line of their own in most of `texts`: the form
/// that people filled in, and not their words.
pub(super) fn recurring_questions<'t>(texts: impl Iterator<Item = &'t str>) -> BTreeSet<String> {
    const FEWEST: usize = 3;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all = 0_usize;
    for text in texts {
        all += 1;
        let lines = text.lines().map(str::trim);
        let questions: BTreeSet<&str> = lines
            .filter(|line| line.ends_with('?') && line.split_whitespace().count() >= FEWEST)
            .collect();
        for question in questions {
            *counts.entry(question).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .filter(|(_, count)| *count >= FEWEST && count * 2 > all)
        .map(|(question, _)| question.to_owned())
        .collect()
}
