use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use throughline_core::{Document, Role, SourceKind};

use crate::speakers::same_label;
use crate::{IngestError, PlainTable};

/// Names of the column that says who a row is about, best first.
const WHO: &[&str] = &[
    "participant",
    "speaker",
    "respondent",
    "label",
    "author",
    "user",
    "name",
    "id",
    "pid",
];
/// Names of the column that says in which file they speak.
const WHERE: &[&str] = &["file", "document", "doc", "transcript", "interview"];

/// A table of participants: what is known of each beside their words.
///
/// One row a person, with a heading line. A column called `participant` (or
/// `speaker`, `respondent`, `label`, `author`, `user`, `name`, `id`; else the
/// first) holds their label, or their id as `stats --participants` lists it; a
/// column called `file` says in which file, where a label occurs in several.
/// Every other column is an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParticipantTable {
    rows: Vec<Person>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Person {
    /// The line of the table.
    line: u64,
    who: String,
    file: Option<String>,
    attributes: BTreeMap<String, String>,
}

impl ParticipantTable {
    /// Reads the table at `path`: cells between commas, semicolons or tabs.
    ///
    /// # Errors
    /// [`IngestError`] if it cannot be read, holds no rows, or a row names
    /// nobody or is out of shape, with its line.
    pub fn read(path: &Path) -> Result<Self, IngestError> {
        Self::of(&PlainTable::read(path)?)
    }

    fn of(table: &PlainTable) -> Result<Self, IngestError> {
        let bad = |line: u64, problem: String| IngestError::Participants {
            name: table.name.clone(),
            line,
            problem,
        };
        let columns = &table.columns;
        let who = table.column(WHO).unwrap_or(0);
        let file = table.column(WHERE).filter(|column| *column != who);
        let mut rows = Vec::new();
        for row in &table.rows {
            let Some(label) = row.cell(who) else {
                let column = columns.get(who).map_or("", String::as_str);
                return Err(bad(row.line, format!("the column '{column}' is empty")));
            };
            let rest = columns
                .iter()
                .enumerate()
                .filter(|(column, _)| *column != who && Some(*column) != file);
            rows.push(Person {
                line: row.line,
                who: label.to_owned(),
                file: file.and_then(|column| row.cell(column)).map(str::to_owned),
                attributes: rest
                    .filter_map(|(column, name)| {
                        Some((name.to_owned(), row.cell(column)?.to_owned()))
                    })
                    .collect(),
            });
        }
        if rows.is_empty() {
            return Err(bad(
                1,
                "there are no rows below the heading line".to_owned(),
            ));
        }
        Ok(Self { rows })
    }

    /// The lines of all rows, in order.
    pub fn lines(&self) -> impl Iterator<Item = u64> {
        self.rows.iter().map(|person| person.line)
    }

    /// Gives the participants of `document` their attributes; those of an author
    /// go to the whole document, which keeps what it says itself. The lines of
    /// the rows that speak of somebody in it go to `met`.
    pub fn join(&self, document: &mut Document, met: &mut BTreeSet<u64>) {
        let names = [
            document.name.clone(),
            document.source.file.clone(),
            document.source.row.clone().unwrap_or_default(),
        ];
        let here = |person: &&Person| {
            person
                .file
                .as_deref()
                .is_none_or(|file| names.iter().any(|name| is_file(name, file)))
        };
        if document.kind == SourceKind::Interview {
            for speaker in &mut document.meta.speakers {
                if speaker.role != Role::Participant {
                    continue;
                }
                let id = format!("{}/{}", document.name, speaker.name());
                for person in self.rows.iter().filter(here) {
                    let labelled = |label: &String| same_label(label, &person.who);
                    if person.who == id || speaker.labels.iter().any(labelled) {
                        met.insert(person.line);
                        speaker.attributes.extend(person.attributes.clone());
                    }
                }
            }
            return;
        }
        let author = document.turns.iter().find_map(|turn| turn.speaker.clone());
        let Some(author) = author else {
            return;
        };
        for person in self.rows.iter().filter(here) {
            if person.who == author || person.who == format!("{}@{author}", document.source.file) {
                met.insert(person.line);
                for (column, value) in &person.attributes {
                    let attributes = &mut document.meta.attributes;
                    attributes
                        .entry(column.clone())
                        .or_insert_with(|| value.clone());
                }
            }
        }
    }
}

/// True if `file` names the document: whole, by its last part, or without its
/// ending.
fn is_file(name: &str, file: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    !file.is_empty() && (name == file || last == file || stem == file)
}

#[cfg(test)]
mod tests {
    use throughline_core::{DocumentBuilder, RoleBasis, Speaker};

    use super::*;

    fn talk(name: &str) -> Document {
        let mut document = DocumentBuilder::new(name, SourceKind::Interview, "x")
            .build()
            .unwrap();
        for (label, role) in [("Dana", Role::Participant), ("Sam", Role::Interviewer)] {
            document.meta.speakers.push(Speaker {
                labels: vec![label.to_owned()],
                role,
                confidence: 1.0,
                basis: RoleBasis::Given,
                attributes: BTreeMap::new(),
            });
        }
        document
    }

    fn ages(table: &str, mut document: Document) -> Vec<Option<String>> {
        let table = PlainTable::parse("people.csv", table).unwrap();
        let table = ParticipantTable::of(&table).unwrap();
        table.join(&mut document, &mut BTreeSet::new());
        let speakers = document.meta.speakers.iter();
        speakers
            .map(|one| one.attributes.get("Age").cloned())
            .collect()
    }

    #[test]
    fn participants_get_the_attributes_of_their_row() {
        let joined = [Some("34".to_owned()), None];
        assert_eq!(
            ages("Age;Speaker\n34;DANA\n50;Sam\n", talk("a.txt")),
            joined
        );
        assert_eq!(ages("who,Age\na.txt/Dana,34\n", talk("a.txt")), joined);
        let files = "participant,file,Age\nDana,b,34\nDana,c.txt,35\n";
        assert_eq!(ages(files, talk("x/b.txt")), joined);
        assert_eq!(ages(files, talk("d.txt")), [None, None]);
    }

    #[test]
    fn rows_that_speak_of_nobody_are_known() {
        let table = "who,Age\nDana,34\n\nDanna,35\nSam,50\n";
        let table = PlainTable::parse("people.csv", table).unwrap();
        let table = ParticipantTable::of(&table).unwrap();
        let mut met = BTreeSet::new();
        table.join(&mut talk("a.txt"), &mut met);
        assert_eq!(table.lines().collect::<Vec<_>>(), [2, 4, 5]);
        assert_eq!(met, BTreeSet::from([2]), "Sam interviews");
    }

    #[test]
    fn a_row_out_of_shape_is_named() {
        for (table, wanted) in [
            ("who,Age\nDana,34\nSam\n", ":3:"),
            ("who,Age\n,34\n", ":2:"),
            ("who,Age\n", "no rows"),
            ("", "no rows"),
        ] {
            let read = PlainTable::parse("people.csv", table);
            let error = read.and_then(|table| ParticipantTable::of(&table));
            let error = error.unwrap_err().to_string();
            assert!(
                error.contains("people.csv") && error.contains(wanted),
                "{error}"
            );
        }
    }
}
