//! Cuts one record of separated values into cells.
//!
//! The `csv` crate says where a record stands in its source, not where the
//! cells of the record do, and every quote of a report must lead back to the
//! bytes it came from; hence a scanner of our own. On well-formed input it
//! agrees with that crate (a property test holds it to that).

use std::ops::Range;

/// The conventions of one file of separated values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    /// The byte between two cells.
    pub(super) delimiter: u8,
    /// True if a quote within a quoted cell is written `\"` rather than `""`.
    pub(super) backslash: bool,
    /// True if a bare CR ends a line: so in files that have no LF at all.
    pub(super) bare_cr: bool,
}

/// How a cell is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    /// As it is.
    Plain,
    /// Between quotes, with a doubled quote for a quote.
    Doubled,
    /// Between quotes, with a backslash before a quote.
    Escaped,
    /// A JSON string, seen without its quotes.
    Json,
}

/// One cell of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// Its bytes without the quotes around them.
    pub(super) range: Range<usize>,
    /// How it is written.
    pub(super) writing: Writing,
    /// True if it holds quotes that break the rules of its writing.
    pub(super) loose: bool,
}

/// What a look at the bytes in view gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scan {
    /// One whole record, line end included.
    Record {
        /// Its length in bytes.
        length: usize,
    },
    /// The record goes on beyond the view.
    More {
        /// Where a quote opened that is not closed in view.
        open: Option<usize>,
    },
    /// Nothing more will come, and the quote at this byte is still open.
    NeverClosed(usize),
}

/// What ends a cell.
enum End {
    Cell(usize),
    Record(usize),
    Unknown,
}

/// Which quotes that would open a cell are ordinary characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Literal {
    /// None.
    No,
    /// The one at this byte.
    At(usize),
    /// All from this byte on.
    From(usize),
}

impl Literal {
    /// The same, once the quote at byte `at` has turned out to be never closed.
    /// After a second one of a record no more are tried: each costs another look
    /// at all that follows.
    pub(super) fn and(self, at: usize) -> Self {
        match self {
            Self::No => Self::At(at),
            Self::At(first) | Self::From(first) => Self::From(first.min(at)),
        }
    }

    fn holds(self, at: usize) -> bool {
        match self {
            Self::No => false,
            Self::At(one) => at == one,
            Self::From(first) => at >= first,
        }
    }
}

/// Cuts the record at the start of `bytes` into `fields`. `complete` says that
/// nothing comes after `bytes`; quotes that are `literal` open no cell.
pub(super) fn scan(
    bytes: &[u8],
    complete: bool,
    dialect: Dialect,
    literal: Literal,
    fields: &mut Vec<Field>,
) -> Scan {
    fields.clear();
    let mut at = 0;
    loop {
        let quoted = bytes.get(at) == Some(&b'"') && !literal.holds(at);
        let field = if quoted {
            match closing_quote(bytes, at + 1, complete, dialect) {
                Closing::At { quote, loose } => Some(Field {
                    range: at + 1..quote,
                    writing: if dialect.backslash {
                        Writing::Escaped
                    } else {
                        Writing::Doubled
                    },
                    loose,
                }),
                Closing::NotQuoted => None,
                Closing::Never if complete => return Scan::NeverClosed(at),
                Closing::Never => return Scan::More { open: Some(at) },
                Closing::Unknown => return Scan::More { open: None },
            }
        } else {
            None
        };
        let end_of_cell = match &field {
            Some(field) => field.range.end + 1,
            None => plain_end(bytes, at, dialect),
        };
        fields.push(field.unwrap_or(Field {
            range: at..end_of_cell,
            writing: Writing::Plain,
            loose: quoted,
        }));
        match what_ends(bytes, end_of_cell, complete, dialect) {
            End::Cell(next) => at = next,
            End::Record(length) => return Scan::Record { length },
            End::Unknown => return Scan::More { open: None },
        }
    }
}

/// Where an unquoted cell that starts at `from` ends.
fn plain_end(bytes: &[u8], from: usize, dialect: Dialect) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let stop = if dialect.bare_cr {
        rest.iter()
            .position(|&byte| byte == dialect.delimiter || byte == b'\r')
    } else {
        rest.iter()
            .position(|&byte| byte == dialect.delimiter || byte == b'\n')
    };
    let end = stop.map_or(bytes.len(), |stop| from + stop);
    // The CR of a CR LF belongs to the line end.
    let is_line_end = bytes.get(end).is_none_or(|&byte| byte == b'\n');
    if is_line_end && end > from && bytes.get(end - 1) == Some(&b'\r') {
        end - 1
    } else {
        end
    }
}

/// What stands at `at`, where a cell has ended.
fn what_ends(bytes: &[u8], at: usize, complete: bool, dialect: Dialect) -> End {
    match bytes.get(at) {
        Some(&byte) if byte == dialect.delimiter => End::Cell(at + 1),
        Some(b'\n') => End::Record(at + 1),
        Some(b'\r') if dialect.bare_cr => End::Record(at + 1),
        Some(b'\r') => match bytes.get(at + 1) {
            Some(b'\n') => End::Record(at + 2),
            None if complete => End::Record(at + 1),
            _ => End::Unknown,
        },
        None if complete => End::Record(at),
        _ => End::Unknown,
    }
}

enum Closing {
    /// The quote that closes the cell.
    At { quote: usize, loose: bool },
    /// The quote that opens is closed in the midst of a cell: an ordinary cell
    /// that begins with a quoted word.
    NotQuoted,
    /// There is none in view.
    Never,
    /// What follows a quote is not in view.
    Unknown,
}

/// Finds the quote that closes a cell whose content starts at `from`.
fn closing_quote(bytes: &[u8], from: usize, complete: bool, dialect: Dialect) -> Closing {
    let mut at = from;
    let mut loose = false;
    // Where on this line a quote is known to end a cell: up to there no quote
    // needs to look ahead again, so that a line is read at most twice.
    let mut known = from;
    while let Some(found) = next_quote(bytes, at, dialect.backslash) {
        let after = found + 1;
        match bytes.get(after) {
            Some(b'"') if !dialect.backslash => {
                at = found + 2;
                continue;
            }
            None if complete => {
                return Closing::At {
                    quote: found,
                    loose,
                };
            }
            None => return Closing::Unknown,
            Some(&byte) if ends_cell(bytes, after, byte, complete, dialect) => {
                return Closing::At {
                    quote: found,
                    loose,
                };
            }
            Some(_) => {}
        }
        if found >= known {
            match closes_later_on_this_line(bytes, after, complete, dialect) {
                Ahead::Closes(quote) => known = quote,
                Ahead::DoesNot => return Closing::NotQuoted,
                Ahead::Unknown => return Closing::Unknown,
            }
        }
        loose = true;
        at = after;
    }
    Closing::Never
}

fn ends_cell(bytes: &[u8], at: usize, byte: u8, complete: bool, dialect: Dialect) -> bool {
    byte == dialect.delimiter
        || byte == b'\n'
        || (byte == b'\r'
            && (dialect.bare_cr
                || bytes.get(at + 1) == Some(&b'\n')
                || (complete && bytes.len() == at + 1)))
}

/// The next quote from `from` on that no backslash takes the meaning of.
fn next_quote(bytes: &[u8], from: usize, backslash: bool) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = bytes.get(at..)?;
        if !backslash {
            return rest.iter().position(|&byte| byte == b'"').map(|i| at + i);
        }
        let found = at + rest.iter().position(|&b| b == b'"' || b == b'\\')?;
        if bytes.get(found) == Some(&b'"') {
            return Some(found);
        }
        at = found + 2;
    }
}

enum Ahead {
    Closes(usize),
    DoesNot,
    Unknown,
}

/// After a quote that neither ends its cell nor is doubled: does another quote
/// on the same line end the cell, before the next quoted cell opens? Then the
/// first was a character that its writer forgot to double.
fn closes_later_on_this_line(bytes: &[u8], from: usize, complete: bool, dialect: Dialect) -> Ahead {
    let mut at = from;
    let mut before = None;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' => return Ahead::DoesNot,
            b'\r' if dialect.bare_cr => return Ahead::DoesNot,
            b'"' if before == Some(dialect.delimiter) => return Ahead::DoesNot,
            b'"' => match bytes.get(at + 1) {
                Some(&next) if ends_cell(bytes, at + 1, next, complete, dialect) => {
                    return Ahead::Closes(at);
                }
                None if complete => return Ahead::Closes(at),
                None => return Ahead::Unknown,
                Some(_) => {}
            },
            _ => {}
        }
        before = Some(byte);
        at += 1;
    }
    if complete {
        Ahead::DoesNot
    } else {
        Ahead::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Dialect = Dialect {
        delimiter: b',',
        backslash: false,
        bare_cr: false,
    };

    fn cells(line: &str, dialect: Dialect) -> Vec<String> {
        let mut fields = Vec::new();
        let scan = scan(line.as_bytes(), true, dialect, Literal::No, &mut fields);
        assert!(matches!(scan, Scan::Record { .. }), "{scan:?}");
        fields
            .iter()
            .map(|field| line[field.range.clone()].to_owned())
            .collect()
    }

    #[test]
    fn cells_end_at_delimiters_and_records_at_line_ends() {
        assert_eq!(cells("a,b c,\r\nnext", COMMA), ["a", "b c", ""]);
        assert_eq!(cells("\"a, b\",\"c\nd\"\nx", COMMA), ["a, b", "c\nd"]);
        assert_eq!(cells("one\rtwo,3\n", COMMA), ["one\rtwo", "3"]);
        let cr = Dialect {
            bare_cr: true,
            ..COMMA
        };
        assert_eq!(cells("a,b\rc,d\r", cr), ["a", "b"]);
    }

    #[test]
    fn quotes_that_nobody_doubled_are_read_as_written() {
        assert_eq!(
            cells("\"He said \"hi, there\" to me\",5", COMMA),
            ["He said \"hi, there\" to me", "5"]
        );
        assert_eq!(
            cells("\"Great\" hotel,\"nice\"", COMMA),
            ["\"Great\" hotel", "nice"]
        );
        assert_eq!(cells("5\" screen,x", COMMA), ["5\" screen", "x"]);
    }

    #[test]
    fn a_backslash_can_stand_before_a_quote() {
        let dialect = Dialect {
            backslash: true,
            ..COMMA
        };
        assert_eq!(
            cells(r#""a \"b\", c\\",d"#, dialect),
            [r#"a \"b\", c\\"#, "d"]
        );
    }

    #[test]
    fn an_open_quote_is_told_from_a_short_view() {
        let mut fields = Vec::new();
        let open = b"a,\"b\nc";
        assert_eq!(
            scan(open, false, COMMA, Literal::No, &mut fields),
            Scan::More { open: Some(2) }
        );
        assert_eq!(
            scan(open, true, COMMA, Literal::No, &mut fields),
            Scan::NeverClosed(2)
        );
        assert_eq!(
            scan(open, true, COMMA, Literal::At(2), &mut fields),
            Scan::Record { length: 5 }
        );
        for cut in ["a,b", "a,b\r", "\"a\"", "\"a\"\r", "\"a\"b", ""] {
            assert_eq!(
                scan(cut.as_bytes(), false, COMMA, Literal::No, &mut fields),
                Scan::More { open: None },
                "{cut:?}"
            );
        }
    }
}
