//! Parquet: one table, with its columns' names and kinds in it.
//!
//! The parquet crate knows the format. Rows are read one at a time, from the file
//! itself where it lies plainly on the disk, so that memory holds the pages at
//! hand. Columns within columns have names with a dot between, as in JSON; lists
//! are shown as JSON.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;

use bytes::Bytes;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, List, Map};
use parquet::schema::types::Type;
use throughline_core::Document;

use super::row::{Place, Row};
use super::sheet::{self, Sheet};
use super::workbook::Sheets;
use super::{FileContext, LARGEST_PACKED, TableSummary, dates};
use crate::contained::contained;
use crate::{IngestError, Options};

/// What every Parquet file begins and ends with.
pub(crate) const MAGIC: &[u8] = b"PAR1";

/// Columns lie within columns to this depth; one that lies deeper is left out.
const DEEPEST: usize = 8;

/// Reads all rows of the file that begins with `start`, goes on with `rest` and
/// lies at `context.path` unless it is packed, and hands every document to
/// `each`, until it breaks off.
///
/// # Errors
/// [`IngestError::BadWorkbook`] for a damaged file, [`IngestError::TooLarge`] for
/// one that is packed and too large to be held in memory, [`IngestError::Empty`].
pub(crate) fn read(
    context: &FileContext,
    start: Vec<u8>,
    rest: impl Read,
    options: &Options,
    each: &mut dyn FnMut(Document) -> ControlFlow<()>,
) -> Result<TableSummary, IngestError> {
    let reader = open(context, start, rest)?;
    let metadata = reader.metadata().file_metadata();
    if metadata.num_rows() == 0 {
        return Err(IngestError::Empty {
            name: context.name.clone(),
            detail: "there are columns and no row".to_owned(),
        });
    }
    let mut columns = Columns::default();
    columns.add(metadata.schema(), "", 0);
    let rows = RowIter::from_file_into(reader);
    let sheet = ParquetRows {
        names: Rc::from(columns.names),
        times: columns.times,
        by_name: columns.by_name,
        rows,
        number: None,
        left_out: 0,
        file: context.name.clone(),
    };
    let mut sheets = Sheets::new(context, "parquet", options, each);
    sheets.read(Box::new(sheet), "rows")?;
    sheets.finish()
}

fn open(
    context: &FileContext,
    start: Vec<u8>,
    rest: impl Read,
) -> Result<Box<dyn FileReader>, IngestError> {
    let failed = |error: ParquetError| damaged(&context.name, &error);
    if let Some(file) = lies_plainly(&context.path) {
        let opened = contained(|| SerializedFileReader::new(file));
        let reader = opened.map_err(|_| unreadable(&context.name))?;
        return Ok(Box::new(reader.map_err(failed)?));
    }
    let what = "the Parquet file, which is packed,";
    let bytes = context.whole(start, rest, (what, LARGEST_PACKED))?;
    let opened = contained(|| SerializedFileReader::new(Bytes::from(bytes)));
    let reader = opened.map_err(|_| unreadable(&context.name))?;
    Ok(Box::new(reader.map_err(failed)?))
}

/// The file at `path`, if that is one of its own and Parquet as it lies there.
fn lies_plainly(path: &Path) -> Option<File> {
    let mut magic = Vec::new();
    let file = File::open(path).ok()?;
    (&file).take(4).read_to_end(&mut magic).ok()?;
    (magic == MAGIC).then_some(file)
}

fn damaged(file: &str, error: &ParquetError) -> IngestError {
    let problem = match error {
        ParquetError::NYI(what) => {
            format!("the file is written in a way that is not read ({what}); save it as CSV")
        }
        // Of a codec that is left out, the library names the feature that it lacks.
        ParquetError::General(what) if what.contains("feature") => {
            "the file is compressed in a way that is not read; write it with Snappy, gzip, LZ4 or Zstandard"
                .to_owned()
        }
        other => format!("the file is damaged ({other}); copy it again or save it as CSV"),
    };
    IngestError::BadWorkbook {
        name: file.to_owned(),
        problem,
    }
}

fn unreadable(file: &str) -> IngestError {
    IngestError::BadWorkbook {
        name: file.to_owned(),
        problem: "the file is damaged; copy it again or save it as CSV".to_owned(),
    }
}

/// The columns that have values of their own, as the schema names them.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    by_name: BTreeMap<String, usize>,
    /// Those that hold times of which the library says only a number, with the
    /// parts of a second that it counts.
    times: BTreeMap<usize, i64>,
}

impl Columns {
    fn add(&mut self, group: &Type, prefix: &str, depth: usize) {
        for field in group.get_fields() {
            let info = field.get_basic_info();
            let name = dotted(prefix, field.name());
            let listed = matches!(
                info.converted_type(),
                ConvertedType::LIST | ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE
            ) || matches!(
                info.logical_type_ref(),
                Some(LogicalType::List | LogicalType::Map)
            );
            if field.is_group() && !listed {
                if depth < DEEPEST {
                    self.add(field, &name, depth + 1);
                }
                continue;
            }
            let at = self.names.len();
            if let Some(LogicalType::Timestamp(kind)) = info.logical_type_ref() {
                let parts = match kind.unit {
                    TimeUnit::MILLIS => 1_000,
                    TimeUnit::MICROS => 1_000_000,
                    TimeUnit::NANOS => 1_000_000_000,
                };
                self.times.insert(at, parts);
            }
            self.by_name.insert(name.clone(), at);
            self.names.push(name);
        }
    }
}

fn dotted(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}

/// The names of the columns, and then the rows.
struct ParquetRows {
    names: Rc<[String]>,
    by_name: BTreeMap<String, usize>,
    times: BTreeMap<usize, i64>,
    rows: RowIter<'static>,
    /// The number of the row that was read last; none before the names.
    number: Option<u64>,
    left_out: u64,
    file: String,
}

impl Sheet for ParquetRows {
    fn next(&mut self, row: &mut Row) -> Result<bool, IngestError> {
        let Some(number) = &mut self.number else {
            self.number = Some(0);
            sheet::begin(row, self.place(), 0);
            for (column, name) in self.names.iter().enumerate() {
                self.left_out += u64::from(!sheet::add(row, column, name));
            }
            return Ok(true);
        };
        *number += 1;
        let number = *number;
        let read = contained(|| self.rows.next()).map_err(|_| unreadable(&self.file))?;
        let Some(read) = read else {
            return Ok(false);
        };
        let read = read.map_err(|error| damaged(&self.file, &error))?;
        sheet::begin(row, self.place(), number);
        self.add(row, "", &read);
        Ok(true)
    }

    fn left_out(&self) -> u64 {
        self.left_out
    }

    fn is_named(&self) -> bool {
        true
    }
}

impl ParquetRows {
    fn place(&self) -> Place {
        Place::Named(Rc::clone(&self.names))
    }

    fn add(&mut self, row: &mut Row, prefix: &str, read: &parquet::record::Row) {
        for (name, field) in read.get_column_iter() {
            let name = dotted(prefix, name);
            if let Field::Group(inner) = field {
                self.add(row, &name, inner);
                continue;
            }
            let Some(&column) = self.by_name.get(&name) else {
                self.left_out += u64::from(!matches!(field, Field::Null));
                continue;
            };
            let text = match (field, self.times.get(&column)) {
                (Field::Long(parts), Some(&of_a_second)) => moment(*parts, of_a_second),
                _ => text_of(field),
            };
            if let Some(text) = text {
                self.left_out += u64::from(!sheet::add(row, column, &text));
            }
        }
    }
}

/// A value as text; none for one that holds nothing, or nothing to read.
fn text_of(field: &Field) -> Option<String> {
    Some(match field {
        Field::Null => return None,
        Field::Str(text) => text.clone(),
        // Old writers do not say which of their bytes are text.
        Field::Bytes(bytes) => std::str::from_utf8(bytes.data()).ok()?.to_owned(),
        Field::Float(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        Field::Float16(number) => number.to_f32().to_string(),
        Field::TimestampMillis(parts) => return moment(*parts, 1_000),
        Field::TimestampMicros(parts) => return moment(*parts, 1_000_000),
        Field::Date(days) => return moment(i64::from(*days) * 86_400, 1),
        Field::ListInternal(list) if list.elements().is_empty() => return None,
        Field::ListInternal(_) | Field::MapInternal(_) | Field::Group(_) => {
            as_json(field, 0).to_string()
        }
        // Whole numbers, decimals and times of day.
        other => other.to_string(),
    })
}

/// The moment that is `parts` after 1970 began, `of_a_second` of which make one, as
/// ISO 8601 writes it; its day alone, if that is all it says.
fn moment(parts: i64, of_a_second: i64) -> Option<String> {
    let seconds = u64::try_from(parts.div_euclid(of_a_second)).ok()?;
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let day = dates::from_days(days)?;
    if of_day == 0 {
        return Some(day.to_string());
    }
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    Some(format!("{day} {hour:02}:{minute:02}:{second:02}"))
}

fn as_json(field: &Field, depth: usize) -> serde_json::Value {
    if depth > DEEPEST {
        return serde_json::Value::Null;
    }
    let list = |list: &List| {
        let elements = list.elements().iter();
        elements.map(|field| as_json(field, depth + 1)).collect()
    };
    let map = |map: &Map| {
        let entries = map.entries().iter();
        entries
            .map(|(key, value)| {
                let key = text_of(key).unwrap_or_default();
                (key, as_json(value, depth + 1))
            })
            .collect()
    };
    match field {
        Field::Null => serde_json::Value::Null,
        Field::Bool(value) => (*value).into(),
        Field::ListInternal(inner) => serde_json::Value::Array(list(inner)),
        Field::MapInternal(inner) => serde_json::Value::Object(map(inner)),
        Field::Group(row) => {
            let fields = row.get_column_iter();
            let fields = fields.map(|(name, field)| (name.clone(), as_json(field, depth + 1)));
            serde_json::Value::Object(fields.collect())
        }
        other => text_of(other).map_or(serde_json::Value::Null, Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_days_and_times_of_day() {
        let all = [
            (0, 1, Some("1970-01-01")),
            (1_741_000_000_000, 1_000, Some("2025-03-03 11:06:40")),
            (1_740_787_200_000_000_001, 1_000_000_000, Some("2025-03-01")),
            (-1, 1_000, None),
            (i64::MAX, 1, None),
        ];
        for (parts, of_a_second, expected) in all {
            assert_eq!(moment(parts, of_a_second).as_deref(), expected);
        }
    }

    #[test]
    fn what_lies_packed_is_read_as_what_lies_plainly() {
        let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables/parquet-reviews");
        let path = case.join("input.parquet");
        let bytes = std::fs::read(&path).unwrap();
        let plain = texts(&path, Vec::new());
        assert_eq!(plain.len(), 4);
        assert_eq!(plain, texts(Path::new("packed.zip/input.parquet"), bytes));
    }

    fn texts(path: &Path, start: Vec<u8>) -> Vec<String> {
        let context = FileContext {
            path: path.to_owned(),
            ..FileContext::for_test("input.parquet")
        };
        let mut texts = Vec::new();
        let options = Options::default();
        let read = read(
            &context,
            start,
            std::io::empty(),
            &options,
            &mut |document| {
                texts.push(document.text.to_string());
                ControlFlow::Continue(())
            },
        );
        read.unwrap();
        texts
    }
}
