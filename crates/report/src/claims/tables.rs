//! Claims of tables: quotes and findings, told by their columns' names.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

use super::{Claim, Claims, Named, damaged};
use crate::ReportError;
use crate::data::Manifest;
use crate::tables::restored;

pub(super) fn of_csv(bytes: &[u8]) -> Result<Claims, ReportError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(bytes);
    let mut found = Claims::default();
    let mut columns = None;
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells: Vec<&str> = record.iter().map(restored).collect();
        match &mut columns {
            None => columns = Some(Columns::of(&cells)),
            Some(columns) => columns.take(&cells, &format!("line {line}"), &mut found)?,
        }
    }
    Ok(found)
}

pub(super) fn of_workbook(bytes: &[u8]) -> Result<Claims, ReportError> {
    let failed = |error: calamine::XlsxError| damaged(error.to_string());
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(failed)?;
    let mut found = Claims::default();
    for sheet in book.sheet_names() {
        let range = book.worksheet_range(&sheet).map_err(failed)?;
        let mut rows = (1..).zip(range.rows());
        let strings = |row: &[Data]| row.iter().map(ToString::to_string).collect::<Vec<_>>();
        let Some((_, head)) = rows.next() else {
            continue;
        };
        let head = strings(head);
        let mut columns = Columns::of(&head);
        for (number, row) in rows {
            columns.take(
                &strings(row),
                &format!("sheet '{sheet}', row {number}"),
                &mut found,
            )?;
        }
    }
    Ok(found)
}

/// Where a table has what.
struct Columns {
    quote: Option<Places>,
    label: Option<Places>,
    /// Columns of a manifest: name and value.
    manifest: Option<[usize; 2]>,
    /// What a row is one of, and the column of its id: a long quote has a row for
    /// each of its pieces.
    counted: Option<(&'static str, usize)>,
    /// The id of the last row.
    last: String,
}

/// The columns of one kind of claim.
struct Places {
    text: usize,
    document: usize,
    sha256: usize,
    start: usize,
    end: usize,
}

impl Columns {
    fn of<T: AsRef<str>>(head: &[T]) -> Self {
        let column = |name: &str| head.iter().position(|cell| cell.as_ref() == name);
        let places = |text: &str, prefix: &str| {
            let column_of = |name: &str| column(&format!("{prefix}{name}"));
            Some(Places {
                text: column(text)?,
                document: column_of("document")?,
                sha256: column_of("document_sha256")?,
                start: column_of("start")?,
                end: column_of("end")?,
            })
        };
        let manifest = column("name").zip(column("value"));
        // A list of clips has passages too, but not all of them.
        let passage = column("moment").and_then(|_| column("passage"));
        let finding = column("label").and_then(|_| column("theme"));
        let counted = passage.map(|id| (Manifest::EVIDENCE, id));
        Self {
            counted: counted.or(finding.map(|id| (Manifest::FINDINGS, id))),
            quote: places("text", ""),
            label: places("label", "label_"),
            manifest: manifest.map(|(name, value)| [name, value]),
            last: String::new(),
        }
    }

    fn take<T: AsRef<str>>(
        &mut self,
        row: &[T],
        at: &str,
        found: &mut Claims,
    ) -> Result<(), ReportError> {
        let cell = |column: usize| row.get(column).map_or("", AsRef::as_ref);
        for places in self.quote.iter().chain(&self.label) {
            let wrong = || damaged(format!("{at}: its place cannot be read"));
            let sha256 = cell(places.sha256).parse().map_err(|_| wrong())?;
            found.claims.push(Claim {
                at: at.to_owned(),
                document: Named::Exactly(cell(places.document).to_owned()),
                document_sha256: Some(sha256),
                // A long quote has a row for each of its pieces.
                passage: None,
                start: cell(places.start).parse().map_err(|_| wrong())?,
                end: cell(places.end).parse().map_err(|_| wrong())?,
                text: cell(places.text).to_owned(),
                on_one_line: false,
            });
        }
        if let Some([name, value]) = self.manifest.map(|columns| columns.map(cell)) {
            found.manifest_row(name, value);
            if let Some(name) = name.strip_prefix("SHA-256: ")
                && let Ok(sha256) = value.parse()
            {
                found.inputs.push((name.to_owned(), sha256));
            }
        }
        if let Some((what, id)) = self.counted
            && cell(id) != self.last
        {
            cell(id).clone_into(&mut self.last);
            *found.held.entry(what).or_default() += 1;
        }
        Ok(())
    }
}
