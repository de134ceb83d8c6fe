use super::FileContext;
use super::csv::CsvRecords;
use super::dates;
use super::row::Row;
use super::scan::Dialect;
use super::window::Width;

/// The delimiters that are tried; at equal consistency the earlier wins.
const DELIMITERS: &[u8] = b",;\t|";

/// Records looked at for each delimiter, and bytes at most.
const RECORDS: usize = 100;
const BYTES: usize = 1 << 20;

/// Finds the conventions of the file that begins with `start`. `promised` is
/// the delimiter that the file's name promises.
///
/// The delimiter is the one that cuts the most records into the same number of
/// cells, two or more, quotes respected; where none does, the file has a single
/// column.
pub(super) fn dialect(start: &[u8], whole: bool, promised: u8) -> Dialect {
    let (start, whole) = match start.get(..BYTES) {
        Some(beginning) => (beginning, false),
        None => (start, whole),
    };
    let bare_cr = !start.contains(&b'\n') && start.contains(&b'\r');
    let backslash = escapes_with_backslash(start);
    let with = |delimiter| Dialect {
        delimiter,
        backslash,
        bare_cr,
    };
    let mut best = (0.0_f64, with(promised));
    let others = DELIMITERS.iter().filter(|&&byte| byte != promised);
    for &delimiter in std::iter::once(&promised).chain(others) {
        let score = consistency(start, whole, with(delimiter));
        // The promise of the name holds unless another is clearly better.
        let handicap = if best.1.delimiter == promised {
            1.1
        } else {
            1.0
        };
        if score > best.0 * handicap {
            best = (score, with(delimiter));
        }
    }
    best.1
}

/// The share of records that have as many cells as the first, or 0 if that is
/// one. The first record counts for more because it holds the names.
fn consistency(start: &[u8], whole: bool, dialect: Dialect) -> f64 {
    let counts = cell_counts(start, whole, dialect);
    let Some(&first) = counts.first() else {
        return 0.0;
    };
    if first < 2 {
        return 0.0;
    }
    let same = counts.iter().filter(|&&count| count == first).count();
    same as f64 / counts.len() as f64
}

fn cell_counts(start: &[u8], whole: bool, dialect: Dialect) -> Vec<usize> {
    let context = FileContext::default();
    let mut records = CsvRecords::new(start, 0, Width::Same, dialect, context);
    if !whole {
        records = records.cut_off();
    }
    let mut row = Row::default();
    let mut counts = Vec::new();
    while counts.len() < RECORDS
        && let Ok(Some(_)) = records.next(&mut row)
    {
        counts.push(row.cells.len());
    }
    counts
}

/// True if quotes within cells are written `\"`: there is such a quote in the
/// midst of a line, and no doubled quote between letters.
fn escapes_with_backslash(start: &[u8]) -> bool {
    let mut escaped = 0_usize;
    let mut doubled = 0_usize;
    for window in start.windows(4) {
        let [before, first, second, after] = *window else {
            continue;
        };
        if second != b'"' {
            continue;
        }
        let goes_on = !matches!(after, b'"' | b',' | b';' | b'\t' | b'|' | b'\r' | b'\n');
        let within = !matches!(before, b',' | b';' | b'\t' | b'|' | b'\r' | b'\n');
        escaped += usize::from(first == b'\\' && before != b'\\' && goes_on);
        doubled += usize::from(first == b'"' && goes_on && within && before != b'"');
    }
    escaped > doubled
}

/// True if the first record is one of data and not of names, judged by its
/// `first` cells and by up to a hundred records of `others` after it.
pub(super) fn first_record_is_data(first: &[String], others: &[Vec<String>]) -> bool {
    let recurs = |column: usize, cell: &String| {
        !cell.is_empty()
            && others
                .iter()
                .any(|record| record.get(column).is_some_and(|other| other == cell))
    };
    first
        .iter()
        .enumerate()
        .any(|(column, cell)| is_plainly_data(cell) || recurs(column, cell))
}

/// True for a number, a date, an address of the web, or a sentence that is no
/// question.
pub(super) fn is_plainly_data(cell: &str) -> bool {
    let cell = cell.trim();
    if cell.is_empty() {
        return false;
    }
    let words = cell.split_whitespace().count();
    let sentence = (words >= 3 && cell.ends_with(['.', '!'])) || words > 40;
    cell.parse::<f64>().is_ok()
        || dates::looks_like_a_date(cell)
        || cell.starts_with("http://")
        || cell.starts_with("https://")
        || (sentence && !cell.contains('?'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(text: &str) -> char {
        char::from(dialect(text.as_bytes(), true, b',').delimiter)
    }

    #[test]
    fn the_delimiter_that_cuts_evenly_is_chosen() {
        assert_eq!(delimiter("a,b\n1,x\n2,\"y; z\"\n"), ',');
        assert_eq!(delimiter("a;b\n1;x, and y, and z\n2;\"p, q\"\n3;r\n"), ';');
        assert_eq!(delimiter("a\tb\n1\tone, two\n2\tthree\n"), '\t');
        assert_eq!(delimiter("a|b|c\n1|x, y|2\n2|z|3\n"), '|');
        assert_eq!(delimiter("a,b\n1,\"x;y\n;z\"\n2,\"p;q;r\"\n"), ',');
    }

    #[test]
    fn one_column_of_prose_is_not_cut_by_what_its_rows_hold() {
        assert_eq!(delimiter("text\nGood, I think; yes\nBad, no\n"), ',');
        let ragged = "comment\nA, b, c\nD\nE, f\n";
        assert_eq!(
            cell_counts(
                ragged.as_bytes(),
                true,
                dialect(ragged.as_bytes(), true, b',')
            )[0],
            1
        );
    }

    #[test]
    fn backslashes_before_quotes_are_seen() {
        assert!(escapes_with_backslash(br#"a,"say \"hi\" now",b"#));
        assert!(!escapes_with_backslash(br#"a,"say ""hi"" now",b"#));
        assert!(!escapes_with_backslash(br#"a,"C:\dir\","b""#));
    }

    #[test]
    fn a_first_record_of_data_is_no_header() {
        let row = |cells: &[&str]| cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let others = vec![row(&["pos", "Fine by me"]), row(&["neg", "No"])];
        assert!(first_record_is_data(&row(&["pos", "Love it"]), &others));
        assert!(first_record_is_data(&row(&["5", "Love it"]), &others));
        assert!(first_record_is_data(
            &row(&["x", "I did not like it."]),
            &others
        ));
        assert!(!first_record_is_data(&row(&["label", "Comment"]), &others));
        assert!(!first_record_is_data(
            &row(&["id", "What, if anything, would you change about it?"]),
            &others
        ));
    }
}
