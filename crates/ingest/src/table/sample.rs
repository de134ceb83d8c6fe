use std::collections::BTreeSet;

use super::dates;
use super::values;

/// The rows at the beginning of a table, as text: what is judged by when it is
/// decided which column is for what.
#[derive(Debug, Default)]
pub(super) struct Sample {
    /// The names of the columns.
    pub(super) columns: Vec<String>,
    /// The names by which their uses are told, where these are others.
    pub(super) short: Vec<Option<String>>,
    /// What was asked, where the header itself says that it was.
    pub(super) asked: Vec<Option<Asked>>,
    /// Their cells, trimmed; short rows have fewer.
    pub(super) rows: Vec<Vec<String>>,
}

/// A question that the header of a table says to be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// Its words.
    pub(super) text: String,
    /// True if it says that people answered in their own words, false if from a
    /// list.
    pub(super) open: Option<bool>,
}

/// What the cells of one column are like.
#[derive(Debug, Default, Clone)]
pub(super) struct Profile {
    /// Cells that are not empty.
    pub(super) filled: usize,
    /// Words in all of them.
    words: usize,
    /// Cells that are a number.
    numbers: usize,
    /// Cells that hold a score.
    scores: usize,
    /// Cells that are written as a date.
    dates: usize,
    /// Cells that are seconds or milliseconds since 1970.
    epochs: usize,
    /// Cells that are a time within a recording.
    times: usize,
    /// Cells that are JSON or an address of the web.
    machine: usize,
    /// Different cells.
    pub(super) distinct: usize,
}

impl Sample {
    /// What was asked of `column`, by the header's word.
    pub(super) fn asked(&self, column: usize) -> Option<&Asked> {
        self.asked.get(column)?.as_ref()
    }

    /// The name by which the use of `column` is told.
    pub(super) fn short(&self, column: usize) -> &str {
        let short = self.short.get(column).and_then(Option::as_deref);
        short.unwrap_or_else(|| self.columns.get(column).map_or("", String::as_str))
    }

    /// The cells of `column`, empty ones left out.
    pub(super) fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows
            .iter()
            .filter_map(move |row| row.get(column))
            .map(String::as_str)
            .filter(|cell| !cell.is_empty())
    }

    /// A profile of each column.
    pub(super) fn profiles(&self) -> Vec<Profile> {
        (0..self.columns.len())
            .map(|column| self.profile(column))
            .collect()
    }

    fn profile(&self, column: usize) -> Profile {
        let mut profile = Profile::default();
        let mut distinct = BTreeSet::new();
        for cell in self.cells(column) {
            profile.filled += 1;
            profile.words += cell.split_whitespace().count();
            profile.numbers += usize::from(cell.parse::<f64>().is_ok());
            profile.scores += usize::from(values::score(cell).is_some());
            profile.dates += usize::from(dates::looks_like_a_date(cell));
            let epoch = dates::read(cell, None, true);
            profile.epochs += usize::from(epoch != dates::Reading::None);
            profile.times += usize::from(values::looks_like_a_time(cell));
            profile.machine += usize::from(is_for_machines(cell));
            distinct.insert(cell);
        }
        profile.distinct = distinct.len();
        profile
    }
}

fn is_for_machines(cell: &str) -> bool {
    let json = (cell.starts_with('[') && cell.ends_with(']'))
        || (cell.starts_with('{') && cell.ends_with('}'));
    json || (!cell.contains(' ') && (cell.starts_with("http://") || cell.starts_with("https://")))
}

impl Profile {
    fn most(&self, count: usize) -> bool {
        self.filled > 0 && count * 2 >= self.filled
    }

    /// Words in a cell, on average; 0 for a column that holds none.
    pub(super) fn mean_words(&self) -> f64 {
        if self.filled == 0 {
            return 0.0;
        }
        self.words as f64 / self.filled as f64
    }

    /// True if the cells are words rather than numbers, dates, addresses.
    pub(super) fn is_prose(&self) -> bool {
        self.filled > 0
            && !self.most(self.numbers)
            && !self.most(self.dates)
            && !self.most(self.machine)
    }

    /// True if most cells hold a score.
    pub(super) fn is_score(&self) -> bool {
        self.most(self.scores) && !self.most(self.dates)
    }

    /// True if most cells are a date or, where a name promises one, a number
    /// that stands for one.
    pub(super) fn is_date(&self) -> bool {
        self.most(self.dates.max(self.epochs))
    }

    /// True if nearly all cells are written as a date, whatever the name says.
    pub(super) fn is_plainly_date(&self) -> bool {
        self.filled > 0 && self.dates * 10 >= self.filled * 9
    }

    /// True if most cells are a time within a recording.
    pub(super) fn is_time(&self) -> bool {
        self.most(self.times)
    }

    /// True if a cell names its row among `rows`: nearly all rows have one, and
    /// at most one in five has been there before. (A product's id, in a table of
    /// reviews, comes again and again.)
    pub(super) fn names_rows(&self, rows: usize) -> bool {
        self.filled * 10 >= rows * 9
            && self.distinct * 5 >= self.filled * 4
            && self.mean_words() <= 3.0
    }

    /// True if the cells are answers to "how likely are you to recommend": whole
    /// numbers.
    pub(super) fn is_likelihood(&self) -> bool {
        self.is_score() && self.most(self.numbers)
    }

    /// True if the cells name a language each: short, and few different ones.
    pub(super) fn is_short(&self) -> bool {
        self.filled > 0 && self.mean_words() <= 3.0
    }

    /// True if all cells are numbers.
    pub(super) fn is_numbers(&self) -> bool {
        self.filled > 0 && self.numbers == self.filled
    }

    /// True if the cells are answers in people's own words and not choices from
    /// a list.
    pub(super) fn is_open_ended(&self) -> bool {
        let varied = self.distinct * 2 > self.filled;
        self.is_prose() && self.mean_words() >= 2.5 && (varied || self.mean_words() >= 8.0)
    }
}
