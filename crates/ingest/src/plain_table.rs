use std::path::Path;

use crate::{IngestError, text};

/// A small table that a person wrote or filled in: a heading line and rows
/// below it, cells between commas, semicolons or tabs, in any charset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainTable {
    /// The file, for messages.
    pub name: String,
    /// The headings.
    pub columns: Vec<String>,
    /// The rows, none of which is out of shape.
    pub rows: Vec<PlainRow>,
}

/// One row of a [`PlainTable`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainRow {
    /// Its line in the file, from 1.
    pub line: u64,
    cells: Vec<String>,
}

impl PlainTable {
    /// Reads the table at `path`.
    ///
    /// # Errors
    /// If it cannot be read, or a row is out of shape, with its line.
    pub fn read(path: &Path) -> Result<Self, IngestError> {
        let bytes = std::fs::read(path).map_err(|error| IngestError::io(path, error))?;
        let name = path.display().to_string();
        Self::parse(&name, &text::decode(&bytes).text)
    }

    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, IngestError> {
        // Blank lines in front of a record are its own to the reader.
        let line_at = |position: &csv::Position| {
            let rest = usize::try_from(position.byte())
                .ok()
                .and_then(|byte| text.get(byte..))
                .unwrap_or_default();
            let blank = rest.bytes().take_while(|byte| *byte == b'\n').count();
            position.line() + blank as u64
        };
        let bad = |error: csv::Error| IngestError::BadTable {
            name: name.to_owned(),
            line: error.position().map_or(1, line_at),
            problem: error.to_string(),
        };
        let heading = text.lines().next().unwrap_or_default();
        let delimiter = *[b'\t', b';', b',']
            .iter()
            .find(|mark| heading.as_bytes().contains(mark))
            .unwrap_or(&b',');
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
        let columns = cells(reader.headers().map_err(bad)?);
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(bad)?;
            rows.push(PlainRow {
                line: record.position().map_or(1, line_at),
                cells: cells(&record),
            });
        }
        Ok(Self {
            name: name.to_owned(),
            columns,
            rows,
        })
    }

    /// The place of the column with the first of these headings that there is,
    /// in capitals or not.
    #[must_use]
    pub fn column(&self, headings: &[&str]) -> Option<usize> {
        let find = |wanted: &&str| {
            let mut columns = self.columns.iter();
            columns.position(|column| column.eq_ignore_ascii_case(wanted))
        };
        headings.iter().find_map(find)
    }

    /// What is wrong with a row, as an error that names file and line.
    #[must_use]
    pub fn problem(&self, row: &PlainRow, problem: String) -> IngestError {
        IngestError::BadTable {
            name: self.name.clone(),
            line: row.line,
            problem,
        }
    }
}

impl PlainRow {
    /// What stands in a column; `None` if nothing does.
    #[must_use]
    pub fn cell(&self, column: usize) -> Option<&str> {
        let cell = self.cells.get(column).map(String::as_str);
        cell.filter(|cell| !cell.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_by_their_heading() {
        let table = PlainTable::parse("t.csv", "Passage;Moment\nab; use \ncd;\n").unwrap();
        let moment = table.column(&["nothing", "moment"]).unwrap();
        let cells: Vec<_> = table.rows.iter().map(|row| row.cell(moment)).collect();
        assert_eq!(cells, [Some("use"), None]);
        assert_eq!(table.rows[1].line, 3);
        let error = table.problem(&table.rows[1], "empty".to_owned());
        assert_eq!(error.to_string(), "t.csv:3: empty");
        assert!(PlainTable::parse("t.csv", "a,b\n1\n").is_err());
    }
}
