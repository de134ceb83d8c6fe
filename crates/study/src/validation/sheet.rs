//! A coder's file, filled in one passage at a time.

use std::path::{Path, PathBuf};

use throughline_ingest::PlainTable;

use super::DIMENSIONS;
use super::coded::{answers, codes, column_of, word_of};
use crate::StudyError;
use crate::writing::put_in_place;

/// A file of `throughline validate sample` while somebody codes it.
#[derive(Debug)]
pub struct CodingSheet {
    path: PathBuf,
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
    context: Option<usize>,
    text: usize,
    columns: Vec<CodeColumn>,
}

/// One thing that is coded of every passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeColumn {
    /// Its heading: `moment`, ….
    pub name: &'static str,
    /// The words that it takes; none where the id of any theme does.
    pub words: Vec<String>,
    /// True if it is coded of pain points alone.
    pub of_pain: bool,
    place: usize,
}

/// A passage to be coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SheetPassage<'a> {
    /// What was asked or said just before.
    pub context: Option<&'a str>,
    /// Its words.
    pub text: &'a str,
}

impl CodingSheet {
    /// Reads a coder's file, with what is coded in it so far.
    ///
    /// # Errors
    /// If it cannot be read, has no column `passage` or `text`, or holds what is
    /// no label, with the line.
    pub fn open(path: &Path) -> Result<Self, StudyError> {
        let table = PlainTable::read(path)?;
        // What would not be scored is better known before hours of work.
        answers(&table)?;
        let columns = DIMENSIONS.iter().zip(codes());
        let columns = columns.filter_map(|(name, (_, words))| {
            Some(CodeColumn {
                name,
                words,
                of_pain: matches!(*name, "severity" | "prompted" | "theme"),
                place: table.column(&[name])?,
            })
        });
        let rows = table.rows.iter().map(|row| {
            let cells = (0..table.columns.len()).map(|at| row.cell(at).unwrap_or_default());
            cells.map(str::to_owned).collect()
        });
        Ok(Self {
            path: path.to_owned(),
            rows: rows.collect(),
            context: table.column(&["context"]),
            text: column_of(&table, "text")?,
            columns: columns.collect(),
            headings: table.columns,
        })
    }

    /// What is coded, in the order in which it is asked for.
    #[must_use]
    pub fn columns(&self) -> &[CodeColumn] {
        &self.columns
    }

    /// Passages of the file.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True if the file has no passage.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Passages of which something is coded.
    #[must_use]
    pub fn coded(&self) -> usize {
        let numbers = 0..self.rows.len();
        numbers.filter(|number| self.is_coded(*number)).count()
    }

    /// The first passage from number `from` on of which nothing is coded.
    #[must_use]
    pub fn next_open(&self, from: usize) -> Option<usize> {
        (from..self.rows.len()).find(|number| !self.is_coded(*number))
    }

    fn is_coded(&self, number: usize) -> bool {
        let mut columns = self.columns.iter();
        columns.any(|column| self.cell(number, column.place).is_some())
    }

    fn cell(&self, number: usize, column: usize) -> Option<&str> {
        let cell = self.rows.get(number)?.get(column)?;
        Some(cell.as_str()).filter(|cell| !cell.is_empty())
    }

    /// The words of a passage, by its number from 0.
    #[must_use]
    pub fn passage(&self, number: usize) -> Option<SheetPassage<'_>> {
        Some(SheetPassage {
            context: self.context.and_then(|column| self.cell(number, column)),
            text: self.cell(number, self.text)?,
        })
    }

    /// Codes a passage in one column, in the one spelling of `word`.
    ///
    /// # Errors
    /// Why it is no word of this column; nothing is coded then.
    pub fn code(&mut self, number: usize, column: &CodeColumn, word: &str) -> Result<(), String> {
        let word = word_of((column.name, &column.words), word)?;
        let row = self.rows.get_mut(number);
        if let Some(cell) = row.and_then(|row| row.get_mut(column.place)) {
            *cell = word;
        }
        Ok(())
    }

    /// Takes back everything that is coded of a passage.
    pub fn clear(&mut self, number: usize) {
        if let Some(row) = self.rows.get_mut(number) {
            for column in &self.columns {
                if let Some(cell) = row.get_mut(column.place) {
                    cell.clear();
                }
            }
        }
    }

    /// Writes the file, whole or not at all, with commas between its cells.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(&self) -> Result<(), StudyError> {
        let mut bytes = Vec::new();
        let mut writer = csv::Writer::from_writer(&mut bytes);
        let mut write = || -> csv::Result<()> {
            writer.write_record(&self.headings)?;
            for row in &self.rows {
                writer.write_record(row)?;
            }
            Ok(writer.flush()?)
        };
        write().map_err(std::io::Error::from)?;
        drop(writer);
        put_in_place(&self.path, &bytes)
    }
}

#[cfg(test)]
mod tests {
    use throughline_core::PassageId;

    use super::*;

    #[test]
    fn a_sheet_keeps_what_was_coded_and_what_the_coder_added() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ann.csv");
        let id = |n: u8| PassageId::from_bytes([n; 16]);
        let table = format!(
            "passage;text;moment;pain;note\n{};One;use;;mine\n{};\"Two; or three\";;;\n",
            id(1),
            id(2)
        );
        std::fs::write(&path, table).unwrap();
        let mut sheet = CodingSheet::open(&path).unwrap();
        assert_eq!(
            (sheet.len(), sheet.coded(), sheet.next_open(0)),
            (2, 1, Some(1))
        );
        assert_eq!(sheet.passage(1).unwrap().text, "Two; or three");
        let [moment, pain] = sheet.columns().to_vec().try_into().unwrap();
        assert!(
            sheet
                .code(1, &moment, "buying")
                .unwrap_err()
                .contains("need, discover")
        );
        sheet.code(1, &moment, "Purchase").unwrap();
        sheet.code(1, &pain, "y").unwrap();
        sheet.save().unwrap();
        let mut sheet = CodingSheet::open(&path).unwrap();
        assert_eq!((sheet.coded(), sheet.next_open(0)), (2, None));
        let saved = std::fs::read_to_string(&path).unwrap();
        assert!(
            saved.contains("One,use,,mine") && saved.contains(",purchase,yes,"),
            "{saved}"
        );
        sheet.clear(0);
        assert_eq!(sheet.next_open(0), Some(0));
        std::fs::write(
            &path,
            format!("passage,text,moment\n{},One,buying\n", id(1)),
        )
        .unwrap();
        let error = CodingSheet::open(&path).unwrap_err().to_string();
        assert!(error.contains(":2:"), "{error}");
    }
}
