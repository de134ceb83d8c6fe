//! What a coder wrote, and what the engine says, of each passage.

use std::collections::BTreeMap;
use std::path::Path;

use throughline_core::{Moment, PassageId, Prompting, Sentiment, Severity, Touchpoint};
use throughline_ingest::PlainTable;
use throughline_nlp::severity;
use throughline_store::{PassageRow, yes_or_no};

use super::DIMENSIONS;
use crate::StudyError;
use crate::own_heads::{Task, UNCLEAR};
use crate::prompted::prompted;

/// The answers to each passage, in the order of [`DIMENSIONS`]; `None` where
/// nothing was said.
pub(super) type Answers = BTreeMap<PassageId, [Option<String>; DIMENSIONS.len()]>;

/// The words that each column takes; none where any word does.
pub(super) fn codes() -> Vec<(&'static str, Vec<String>)> {
    let known = DIMENSIONS.into_iter().map(|dimension| {
        let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect();
        let words: Vec<String> = match dimension {
            "moment" => labels(Moment::ALL).chain([UNCLEAR.to_owned()]).collect(),
            "sentiment" => labels(Sentiment::ALL).collect(),
            "pain" => words(&["yes", "no"]),
            "touchpoint" => labels(Touchpoint::ALL).collect(),
            "severity" => labels(Severity::ALL).collect(),
            "prompted" => labels(Prompting::ALL).collect(),
            _ => Vec::new(),
        };
        (dimension, words)
    });
    known.collect()
}

fn labels<T: ToString>(all: &[T]) -> impl Iterator<Item = String> {
    all.iter().map(T::to_string)
}

/// Reads a coder's file.
pub(super) fn read(path: &Path) -> Result<Answers, StudyError> {
    answers(&PlainTable::read(path)?)
}

/// The place of a column that every coder's file has.
pub(super) fn column_of(table: &PlainTable, name: &str) -> Result<usize, StudyError> {
    table.column(&[name]).ok_or_else(|| {
        let problem = format!(
            "no column is called {name}; code a file that `throughline validate sample` wrote"
        );
        StudyError::refused(&table.name, problem)
    })
}

/// What a coder's file holds.
pub(super) fn answers(table: &PlainTable) -> Result<Answers, StudyError> {
    let passage = column_of(table, "passage")?;
    let codes = codes();
    let columns: Vec<Option<usize>> = DIMENSIONS
        .iter()
        .map(|name| table.column(&[name]))
        .collect();
    let mut answers = Answers::new();
    for row in &table.rows {
        let Some(id) = row.cell(passage).and_then(|cell| cell.parse().ok()) else {
            let problem = "the column passage holds no passage's id".to_owned();
            return Err(table.problem(row, problem).into());
        };
        let mut given: [Option<String>; DIMENSIONS.len()] = Default::default();
        for ((slot, column), (dimension, known)) in given.iter_mut().zip(&columns).zip(&codes) {
            *slot = column
                .and_then(|column| row.cell(column))
                .map(|cell| word_of((dimension, known), cell))
                .transpose()
                .map_err(|problem| table.problem(row, problem))?;
        }
        if answers.insert(id, given).is_some() {
            let problem = format!("passage {id} stands here a second time");
            return Err(table.problem(row, problem).into());
        }
    }
    Ok(answers)
}

/// The one spelling of an answer, or why it is none.
pub(super) fn word_of((dimension, known): (&str, &[String]), cell: &str) -> Result<String, String> {
    let word = match (dimension, yes_or_no(cell)) {
        ("pain", Some(true)) => "yes".to_owned(),
        ("pain", Some(false)) => "no".to_owned(),
        _ => cell.to_lowercase(),
    };
    if known.is_empty() || known.contains(&word) {
        return Ok(word);
    }
    let known = known.join(", ");
    Err(format!("'{cell}' is no {dimension}; use one of: {known}"))
}

/// What the model says of a passage, whatever heads make of it and people corrected.
/// Consequences and prompting are told of pain points only.
pub(super) fn engine_answers(row: &PassageRow, theme: &str) -> [Option<String>; DIMENSIONS.len()] {
    let Some(tags) = row.machine_tags else {
        return Default::default();
    };
    let pain = tags.pain.label;
    let [moment, sentiment, states, touchpoint] = Task::ALL.map(|task| Some(task.word(&tags)));
    [
        moment,
        sentiment,
        states,
        touchpoint,
        pain.then(|| severity(&row.text).to_string()),
        pain.then(|| prompted(row).to_string()),
        Some(theme.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coders_file_is_read_and_a_slip_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let id = PassageId::from_bytes([7; 16]);
        let write = |rows: &str| {
            let table = format!("passage;Moment;pain;theme\n{rows}");
            std::fs::write(&path, table).unwrap();
            read(&path)
        };
        let found = write(&format!("{id};Use;Y;\n")).unwrap();
        let [moment, sentiment, pain, .., theme] = &found[&id];
        assert_eq!(moment.as_deref(), Some("use"));
        assert_eq!(pain.as_deref(), Some("yes"));
        assert_eq!((sentiment, theme), (&None, &None));
        for (rows, wanted) in [
            (format!("{id};buying;;\n"), "need, discover"),
            (format!("{id};;;\n{id};;;\n"), ":3:"),
            ("x;;;\n".to_owned(), "no passage's id"),
        ] {
            let error = write(&rows).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
    }
}
