//! What stands above the rows of a table: names of columns, in one line or, as
//! survey tools and spreadsheets write them, in two or three.

use std::collections::BTreeSet;

use super::aliases::{Use, normalised};
use super::canvas::Canvas;
use super::markup::edits;
use super::questions::is_question;
use super::sample::Asked;
use super::sniff;

/// So many records are looked at to tell names from data.
const LOOKED_AT: usize = 100;

/// Most lines of a title above the names of the columns.
const LINES_OF_TITLE: usize = 10;

/// The names of a table's columns.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// A name for each column, each unlike the others.
    pub(super) columns: Vec<String>,
    /// The name by which a column's use is told, where that is another one.
    pub(super) short: Vec<Option<String>>,
    /// What was asked, by the header's own word.
    pub(super) asked: Vec<Option<Asked>>,
    /// Records before the first row of data.
    pub(super) before: usize,
    /// What was decided, in words.
    pub(super) notes: Vec<String>,
}

/// Takes the header off the top of `rows`, the first records of a table. If it
/// `is_named`, the first of them is sure to belong to it.
pub(super) fn take(rows: &mut Vec<Vec<String>>, is_named: bool) -> Header {
    let title = if is_named { 0 } else { lines_of_title(rows) };
    let mut header = match rows.get(title..).unwrap_or_default() {
        [names, questions, ids, ..] if is_import_ids(ids) => qualtrics(names, questions, Some(ids)),
        [names, questions, ..] if says_the_same_twice(names, questions) => {
            qualtrics(names, questions, None)
        }
        [names, kinds, ..] if is_survey_monkey(names, kinds) => survey_monkey(names, kinds),
        [groups, names, rest @ ..] if is_grouped(groups, names, rest) => grouped(groups, names),
        [first, ..] if is_named => named(first),
        [first, rest @ ..] => one_line(first, rest),
        [] => Header::default(),
    };
    if title > 0 {
        header.before += title;
        header.notes.push(format!(
            "{title} line{} above the names of the columns left out",
            if title == 1 { "" } else { "s" }
        ));
    }
    rows.drain(..header.before.min(rows.len()));
    header
}

/// The name of a column that has none.
pub(super) fn numbered(column: usize) -> String {
    format!("column {}", column + 1)
}

/// Names that differ from each other; a column without a name has a number.
fn unique<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    names
        .enumerate()
        .map(|(at, name)| {
            let name = if name.is_empty() {
                numbered(at)
            } else {
                name.to_owned()
            };
            let mut unique = name.clone();
            let mut copy = 2;
            while !taken.insert(unique.clone()) {
                unique = format!("{name} ({copy})");
                copy += 1;
            }
            unique
        })
        .collect()
}

/// True if a column of this name is known from exports.
fn is_known(name: &str) -> bool {
    let name = normalised(name);
    Use::ALL
        .iter()
        .any(|purpose| purpose.aliases().any(|alias| alias == name))
}

fn filled(row: &[String]) -> usize {
    row.iter().filter(|cell| !cell.is_empty()).count()
}

/// Lines of at most one cell above a line of names that are known: the title
/// of a sheet, often over merged cells.
fn lines_of_title(rows: &[Vec<String>]) -> usize {
    let lines = rows
        .iter()
        .take(LINES_OF_TITLE)
        .take_while(|row| filled(row) <= 1 && !row.iter().any(|cell| is_known(cell)))
        .count();
    let names = rows.get(lines).filter(|row| {
        filled(row) >= 2
            && row.iter().any(|cell| is_known(cell))
            && !row.iter().any(|cell| sniff::is_plainly_data(cell))
    });
    if names.is_some() { lines } else { 0 }
}

/// The third line of a Qualtrics export: `{"ImportId":"QID1"}` in every cell.
fn is_import_ids(row: &[String]) -> bool {
    let ids = row
        .iter()
        .filter(|cell| cell.starts_with('{') && cell.contains("\"ImportId\""))
        .count();
    ids > 0 && ids * 2 >= filled(row)
}

/// True for two lines of names, codes and labels, in which known names recur
/// (`StartDate`, `Start Date`).
fn says_the_same_twice(codes: &[String], labels: &[String]) -> bool {
    let same = codes
        .iter()
        .zip(labels)
        .filter(|(code, label)| {
            !code.is_empty() && normalised(code) == normalised(label) && is_known(code)
        })
        .count();
    same >= 2 && codes != labels
}

/// Codes, questions, and perhaps ids of what was asked.
fn qualtrics(codes: &[String], questions: &[String], ids: Option<&[String]>) -> Header {
    let asked: Vec<Option<Asked>> = codes
        .iter()
        .enumerate()
        .map(|(at, code)| {
            let question = questions.get(at).map(|text| plain(text))?;
            let by_id = ids.map(|ids| ids.get(at).is_some_and(|id| id.contains("\"QID")));
            let is_asked = by_id.unwrap_or_else(|| normalised(code) != normalised(&question));
            (is_asked && !question.is_empty()).then(|| Asked {
                text: question,
                open: code.ends_with("_TEXT").then_some(true),
            })
        })
        .collect();
    let names = codes.iter().zip(&asked).map(|(code, asked)| match asked {
        Some(asked) => asked.text.as_str(),
        None => code.as_str(),
    });
    let columns = unique(names);
    Header {
        short: codes.iter().cloned().map(Some).collect(),
        columns,
        asked,
        before: 2 + usize::from(ids.is_some()),
        notes: vec![format!(
            "the first {} lines are a header: codes, questions{}",
            if ids.is_some() { "three" } else { "two" },
            if ids.is_some() { ", ids" } else { "" }
        )],
    }
}

/// A second line says, below each question, what kind of answer a column holds.
fn is_survey_monkey(names: &[String], kinds: &[String]) -> bool {
    names
        .first()
        .is_some_and(|name| normalised(name) == "respondentid")
        && kinds.first().is_some_and(String::is_empty)
        && filled(kinds) > 0
}

fn survey_monkey(names: &[String], kinds: &[String]) -> Header {
    let mut question = String::new();
    let (mut full, mut short, mut asked) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..names.len().max(kinds.len()) {
        let name = names.get(at).map(|name| plain(name)).unwrap_or_default();
        let kind = kinds.get(at).map(|kind| plain(kind)).unwrap_or_default();
        if !name.is_empty() {
            question.clone_from(&name);
        }
        if kind.is_empty() {
            full.push(name.clone());
            short.push(Some(name));
            asked.push(None);
            continue;
        }
        let what = normalised(&kind);
        let open = match what.as_str() {
            "openendedresponse" => Some(true),
            "response" => Some(false),
            other if other.starts_with("other") || other.starts_with("comment") => Some(true),
            _ => None,
        };
        let whole = if matches!(what.as_str(), "openendedresponse" | "response") {
            question.clone()
        } else {
            format!("{question} / {kind}")
        };
        asked.push(Some(Asked {
            text: whole.clone(),
            open,
        }));
        full.push(whole);
        short.push(Some(question.clone()));
    }
    Header {
        columns: unique(full.iter().map(String::as_str)),
        short,
        asked,
        before: 2,
        notes: vec!["the first two lines are a header: questions, kinds of answer".to_owned()],
    }
}

/// True if `names` are the names of columns and `groups`, above them, say what
/// several of them have in common: merged cells, of which the first holds the
/// words.
fn is_grouped(groups: &[String], names: &[String], rest: &[Vec<String>]) -> bool {
    let width = groups.len().max(names.len());
    let over = |at: usize| groups.get(at).is_none_or(String::is_empty);
    let below = |at: usize| names.get(at).is_some_and(|name| !name.is_empty());
    let spans = (1..width).any(|at| over(at) && below(at));
    let others = rest.get(..rest.len().min(LOOKED_AT)).unwrap_or_default();
    spans
        && filled(groups) > 0
        && filled(names) * 5 >= width * 4
        && filled(names) > filled(groups)
        && !rest.is_empty()
        && names.iter().any(|name| is_known(name))
        && !names.iter().any(|name| sniff::is_plainly_data(name))
        && !sniff::first_record_is_data(names, others)
}

fn grouped(groups: &[String], names: &[String]) -> Header {
    let mut group = String::new();
    let mut full = Vec::new();
    for (at, name) in names.iter().enumerate() {
        if let Some(own) = groups.get(at).filter(|own| !own.is_empty()) {
            group.clone_from(own);
        }
        full.push(match (group.is_empty(), name.is_empty()) {
            (true, _) => name.clone(),
            (false, true) => group.clone(),
            (false, false) => format!("{group} / {name}"),
        });
    }
    Header {
        columns: unique(full.iter().map(String::as_str)),
        short: names.iter().cloned().map(Some).collect(),
        asked: vec![None; names.len()],
        before: 2,
        notes: vec!["the first two lines are a header: groups of columns, names".to_owned()],
    }
}

/// Names in one line, or none at all.
fn one_line(first: &[String], rest: &[Vec<String>]) -> Header {
    let others = rest.get(..rest.len().min(LOOKED_AT)).unwrap_or_default();
    let known = first.iter().any(|cell| is_known(cell));
    let lone_sentence = matches!(
        first,
        [only] if only.split_whitespace().count() > 2 && !is_question(only)
    );
    let has_names = known || !(lone_sentence || sniff::first_record_is_data(first, others));
    if has_names {
        return named(first);
    }
    Header {
        before: 0,
        notes: vec![
            "the first line is data and not names: columns are called 'column 1', 'column 2', …"
                .to_owned(),
        ],
        ..named(&vec![String::new(); first.len()])
    }
}

/// A line of nothing but names.
fn named(names: &[String]) -> Header {
    let columns = unique(names.iter().map(String::as_str));
    Header {
        short: vec![None; columns.len()],
        asked: vec![None; columns.len()],
        columns,
        before: 1,
        notes: Vec::new(),
    }
}

/// A question as people read it: without HTML, on one line.
fn plain(text: &str) -> String {
    let mut canvas = Canvas::default();
    canvas.insert(text);
    let canvas = canvas.edited(&edits(text, true));
    canvas.text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[&str]) -> Vec<Vec<String>> {
        lines
            .iter()
            .map(|line| line.split('|').map(str::to_owned).collect())
            .collect()
    }

    fn columns(lines: &[&str]) -> (Vec<String>, usize) {
        let mut rows = rows(lines);
        let header = take(&mut rows, false);
        assert_eq!(rows.len(), lines.len() - header.before);
        assert_eq!(header.asked.len(), header.columns.len());
        assert_eq!(header.short.len(), header.columns.len());
        (header.columns, header.before)
    }

    #[test]
    fn one_line_of_names_is_one_line() {
        let (names, before) = columns(&["id|comment", "1|It is fine"]);
        assert_eq!(
            (names, before),
            (vec!["id".to_owned(), "comment".to_owned()], 1)
        );
        let (names, before) = columns(&["1|It is fine.", "2|It is not."]);
        assert_eq!((names[0].as_str(), before), ("column 1", 0));
        let (names, _) = columns(&["a|a|", "x|y|z"]);
        assert_eq!(names, ["a", "a (2)", "column 3"]);
    }

    #[test]
    fn groups_span_the_columns_below_them() {
        let (names, before) = columns(&[
            "|Shop||Delivery|",
            "id|rating|comment|rating|comment",
            "1|4|Nice|2|Late",
        ]);
        assert_eq!(before, 2);
        assert_eq!(names[2], "Shop / comment");
        assert_eq!(names[4], "Delivery / comment");
    }

    #[test]
    fn a_title_above_the_names_is_left_out() {
        let (names, before) = columns(&["Feedback of May|", "|", "id|comment", "1|Nice"]);
        assert_eq!((names[1].as_str(), before), ("comment", 3));
        // A short first row of data is no title.
        let (_, before) = columns(&["comment", "It is fine|or not", "x|y"]);
        assert_eq!(before, 1);
    }

    #[test]
    fn no_rows_have_no_header() {
        assert_eq!(take(&mut Vec::new(), false).before, 0);
        assert_eq!(columns(&["a"]).1, 1);
    }
}
