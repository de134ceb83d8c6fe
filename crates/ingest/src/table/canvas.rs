use std::ops::Range;

use encoding_rs::UTF_8;
use throughline_core::{Segment, Span};

use super::markup::{Edit, edits};
use super::row::{Cell, Charset, Row};
use super::scan::Writing;
use super::window::{Width, source_len};

/// A copied run shorter than this between two changes joins them: otherwise a
/// text whose every letter is escaped would carry a segment a letter.
const SHORT: usize = 16;

/// A document's canonical text in the making, and the way back from it.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    /// The text so far.
    pub(super) text: String,
    /// Where it came from.
    pub(super) segments: Vec<Segment>,
    /// Bytes that no character could be made of.
    pub(super) replaced: u64,
}

/// A place in the row, and the same place in the file.
#[derive(Clone, Copy)]
struct Place {
    row: usize,
    file: u64,
}

/// Writes one cell. Bytes are looked at once, from front to back.
struct CellWriter<'a> {
    canvas: &'a mut Canvas,
    bytes: &'a [u8],
    charset: Charset,
    place: Place,
    part: Option<String>,
}

impl Canvas {
    /// Puts in text that stands nowhere in the source.
    pub(super) fn insert(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds all of `other` at the end and returns by how much it has moved.
    pub(super) fn append(&mut self, other: Self) -> usize {
        let shift = self.text.len();
        self.text.push_str(&other.text);
        self.replaced += other.replaced;
        self.segments
            .extend(other.segments.into_iter().map(|segment| Segment {
                canonical: Span {
                    start: segment.canonical.start + shift,
                    end: segment.canonical.end + shift,
                },
                ..segment
            }));
        shift
    }

    /// Writes `cell` of `row` and returns where its text stands, white space at
    /// its ends left out.
    pub(super) fn write(&mut self, row: &Row, cell: &Cell, charset: Charset) -> Range<usize> {
        let from = self.text.len();
        let part = row.part(cell.column);
        let file = if part.is_some() {
            0
        } else {
            let before = row.bytes.get(..cell.range.start).unwrap_or_default();
            row.offset + source_len(before, charset.width)
        };
        let mut writer = CellWriter {
            place: Place {
                row: cell.range.start,
                file,
            },
            part,
            canvas: self,
            bytes: &row.bytes,
            charset,
        };
        writer.write(cell);
        trimmed(&self.text, from..self.text.len())
    }

    /// The same text with `edits` made, which are in order and do not overlap.
    pub(super) fn edited(self, edits: &[Edit]) -> Self {
        let mut edited = Self {
            replaced: self.replaced,
            ..Self::default()
        };
        let mut copied = Copied {
            from: &self,
            next: 0,
        };
        let mut at = 0;
        for edit in edits {
            copied.keep(at..edit.range.start, &mut edited);
            copied.change(edit, &mut edited);
            at = edit.range.end;
        }
        copied.keep(at..self.text.len(), &mut edited);
        edited
    }

    /// Writes `cell` like [`Self::write`], its HTML undone: entities, and tags if
    /// `tags` says so. Tells beside the place whether there were tags.
    pub(super) fn write_read(
        &mut self,
        row: &Row,
        cell: &Cell,
        charset: Charset,
        tags: bool,
    ) -> (Range<usize>, bool) {
        let bytes = row.bytes.get(cell.range.clone()).unwrap_or_default();
        let escaped = cell.writing == Writing::Json && bytes.contains(&b'\\');
        if !escaped && !bytes.contains(&b'&') && !bytes.contains(&b'<') {
            return (self.write(row, cell, charset), false);
        }
        let mut own = Self::default();
        own.write(row, cell, charset);
        let edits = edits(&own.text, tags);
        let had_tags = edits.iter().any(|edit| edit.is_tag);
        if !edits.is_empty() {
            own = own.edited(&edits);
        }
        let length = own.text.len();
        let shift = self.append(own);
        (trimmed(&self.text, shift..shift + length), had_tags)
    }

    fn push(&mut self, text: &str, source: Range<u64>, part: Option<&str>, exact: bool) {
        if text.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text);
        let segment = Segment {
            canonical: Span {
                start,
                end: self.text.len(),
            },
            source: Span {
                start: to_usize(source.start),
                end: to_usize(source.end),
            },
            part: part.map(str::to_owned),
            exact,
        };
        self.join_short_run(&segment);
        match self.segments.last_mut() {
            Some(last) if last.exact == exact && touches(last, &segment) => {
                last.canonical.end = segment.canonical.end;
                last.source.end = segment.source.end;
            }
            // Two pieces of one change, which cannot be told apart in the source.
            Some(last) if last.source.end > segment.source.start && last.part == segment.part => {
                last.canonical.end = segment.canonical.end;
                last.source.end = last.source.end.max(segment.source.end);
                last.exact = false;
            }
            _ => self.segments.push(segment),
        }
    }

    /// Before a change: takes a short copied run into the change before it.
    fn join_short_run(&mut self, next: &Segment) {
        let [.., changed, run] = self.segments.as_mut_slice() else {
            return;
        };
        let joins = !next.exact
            && run.exact
            && run.canonical.len() < SHORT
            && !changed.exact
            && touches(changed, run)
            && touches(run, next);
        if joins {
            changed.canonical.end = run.canonical.end;
            changed.source.end = run.source.end;
            self.segments.pop();
        }
    }
}

/// A canvas whose text is copied from front to back, with changes.
struct Copied<'c> {
    from: &'c Canvas,
    /// The first segment that has not been passed.
    next: usize,
}

impl Copied<'_> {
    /// The segments that `range` of the text lies in.
    fn segments(&mut self, range: &Range<usize>) -> &[Segment] {
        let all = &self.from.segments;
        while all
            .get(self.next)
            .is_some_and(|segment| segment.canonical.end <= range.start)
        {
            self.next += 1;
        }
        let rest = all.get(self.next..).unwrap_or_default();
        let count = rest
            .iter()
            .take_while(|segment| segment.canonical.start < range.end)
            .count();
        rest.get(..count).unwrap_or_default()
    }

    /// Copies `range` as it is.
    fn keep(&mut self, range: Range<usize>, to: &mut Canvas) {
        let text = &self.from.text;
        let mut at = range.start;
        for segment in self.segments(&range) {
            let start = segment.canonical.start.max(range.start);
            let end = segment.canonical.end.min(range.end);
            to.insert(text.get(at..start).unwrap_or_default());
            let part = segment.part.as_deref();
            let words = text.get(start..end).unwrap_or_default();
            let source = source_of(segment, start..end, text);
            to.push(words, source, part, segment.exact);
            at = end;
        }
        to.insert(text.get(at..range.end).unwrap_or_default());
    }

    /// Puts the text of `edit` in the place of its range.
    fn change(&mut self, edit: &Edit, to: &mut Canvas) {
        let text = &self.from.text;
        let range = edit.range.clone();
        let segments = self.segments(&range);
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
            to.insert(&edit.text);
            return;
        };
        if edit.text.is_empty() {
            return;
        }
        let start = range.start.max(first.canonical.start)..first.canonical.end;
        let end = last.canonical.start..range.end.min(last.canonical.end);
        let source = source_of(first, start, text).start..source_of(last, end, text).end;
        to.push(&edit.text, source, first.part.as_deref(), false);
    }
}

/// Where `range` of the text, which lies within `segment`, stands in the
/// source: for a segment that is not exact, somewhere within all of it.
fn source_of(segment: &Segment, range: Range<usize>, text: &str) -> Range<u64> {
    let whole = segment.source.start as u64..segment.source.end as u64;
    if !segment.exact {
        return whole;
    }
    let units = |range: Range<usize>| {
        let words = text.get(range).unwrap_or_default();
        let width = match segment.part {
            Some(_) => Width::Characters,
            None => Width::Same,
        };
        source_len(words.as_bytes(), width)
    };
    let start = whole.start + units(segment.canonical.start..range.start);
    start..start + units(range)
}

fn touches(before: &Segment, after: &Segment) -> bool {
    before.source.end == after.source.start
        && before.canonical.end == after.canonical.start
        && before.part == after.part
}

fn to_usize(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// `range` of `text` without white space at its ends.
pub(super) fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = text.get(range.clone()).unwrap_or_default();
    let start = range.start + (part.len() - part.trim_start().len());
    let end = start + part.trim().len();
    start..end
}

impl CellWriter<'_> {
    fn write(&mut self, cell: &Cell) {
        let end = cell.range.end;
        while self.place.row < end {
            let rest = self.bytes.get(self.place.row..end).unwrap_or_default();
            let special = rest.iter().position(|&byte| match byte {
                b'\r' => true,
                b'"' => cell.writing == Writing::Doubled,
                b'\\' => matches!(cell.writing, Writing::Escaped | Writing::Json),
                _ => false,
            });
            match special {
                Some(0) => self.special(rest, cell.writing),
                Some(run) => self.run(run),
                None => self.run(rest.len()),
            }
        }
    }

    /// Writes `length` bytes that mean themselves.
    fn run(&mut self, length: usize) {
        let bytes = self.bytes;
        let run = bytes
            .get(self.place.row..self.place.row + length)
            .unwrap_or_default();
        if self.charset.width != Width::Wide && self.charset.encoding == UTF_8 {
            if let Ok(text) = std::str::from_utf8(run) {
                self.put(text, length, true);
                return;
            }
            for chunk in run.utf8_chunks() {
                self.put(chunk.valid(), chunk.valid().len(), true);
                let broken = chunk.invalid().len();
                if broken > 0 {
                    self.canvas.replaced += broken as u64;
                    self.put("\u{FFFD}", broken, false);
                }
            }
            return;
        }
        let (text, broken) = self.charset.encoding.decode_without_bom_handling(run);
        let unreadable = text.matches('\u{FFFD}').count() as u64;
        if broken || self.charset.width == Width::Wide {
            self.canvas.replaced += unreadable;
        }
        let exact = self.charset.width == Width::Same && text.as_bytes() == run;
        self.put(&text, length, exact);
    }

    /// Writes what begins at a byte that does not mean itself.
    fn special(&mut self, rest: &[u8], writing: Writing) {
        match (rest, writing) {
            ([b'\r', b'\n', ..], _) => self.put("\n", 2, false),
            ([b'\r', ..], _) => self.put("\n", 1, false),
            ([b'"', b'"', ..], _) => self.put("\"", 2, false),
            ([b'\\', b'"', ..], _) => self.put("\"", 2, false),
            ([b'\\', b'\\', ..], _) => self.put("\\", 2, false),
            ([b'\\', kind, ..], Writing::Json) => self.json_escape(rest, *kind),
            _ => self.run(1),
        }
    }

    fn json_escape(&mut self, rest: &[u8], kind: u8) {
        match kind {
            b'n' => self.put("\n", 2, false),
            b'r' if rest.starts_with(br"\r\n") => self.put("\n", 4, false),
            b'r' => self.put("\n", 2, false),
            b't' => self.put("\t", 2, false),
            b'b' => self.put("\u{8}", 2, false),
            b'f' => self.put("\u{c}", 2, false),
            b'/' => self.put("/", 2, false),
            b'u' => {
                let (c, length) = unicode_escape(rest);
                let mut buffer = [0; 4];
                match c {
                    Some(c) => self.put(c.encode_utf8(&mut buffer), length, false),
                    None => {
                        self.canvas.replaced += length as u64;
                        self.put("\u{FFFD}", length, false);
                    }
                }
            }
            _ => self.run(1),
        }
    }

    /// Puts down `text` for the next `length` bytes of the row.
    fn put(&mut self, text: &str, length: usize, exact: bool) {
        if length == 0 {
            return;
        }
        let source = self.place.file..self.after(length);
        self.canvas
            .push(text, source.clone(), self.part.as_deref(), exact);
        self.place = Place {
            row: self.place.row + length,
            file: source.end,
        };
    }

    fn after(&self, length: usize) -> u64 {
        let bytes = self
            .bytes
            .get(self.place.row..self.place.row + length)
            .unwrap_or_default();
        self.place.file + source_len(bytes, self.charset.width)
    }
}

/// The character that the escape at the start of `rest` stands for, and the
/// length of the escape; two surrogates are one character.
fn unicode_escape(rest: &[u8]) -> (Option<char>, usize) {
    let unit = |at: usize| -> Option<u32> {
        if rest.get(at..at + 2)? != br"\u" {
            return None;
        }
        let digits = std::str::from_utf8(rest.get(at + 2..at + 6)?).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(0) else {
        return (None, rest.len().min(2));
    };
    if let (0xD800..=0xDBFF, Some(second @ 0xDC00..=0xDFFF)) = (first, unit(6)) {
        let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (char::from_u32(code), 12);
    }
    (char::from_u32(first), 6)
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;

    use super::*;

    const PLAIN_UTF8: Charset = Charset {
        encoding: UTF_8,
        width: Width::Same,
    };

    fn row(raw: &[u8], writing: Writing) -> (Row, Cell) {
        let cell = Cell {
            column: 0,
            range: 0..raw.len(),
            writing,
        };
        let row = Row {
            offset: 100,
            bytes: raw.to_vec(),
            ..Row::default()
        };
        (row, cell)
    }

    fn written(raw: &[u8], writing: Writing, charset: Charset) -> Canvas {
        let (row, cell) = row(raw, writing);
        let mut canvas = Canvas::default();
        canvas.write(&row, &cell, charset);
        canvas
    }

    fn shape(canvas: &Canvas) -> Vec<(&str, Range<usize>, bool)> {
        canvas
            .segments
            .iter()
            .map(|s| {
                let text = s.canonical.slice(&canvas.text).unwrap();
                (text, s.source.range(), s.exact)
            })
            .collect()
    }

    #[test]
    fn copied_bytes_are_exact_and_changes_are_not() {
        let canvas = written(
            "a word of \"\"mine\"\" here, and a long run after it".as_bytes(),
            Writing::Doubled,
            PLAIN_UTF8,
        );
        assert_eq!(
            canvas.text,
            "a word of \"mine\" here, and a long run after it"
        );
        assert_eq!(
            shape(&canvas),
            [
                ("a word of ", 100..110, true),
                ("\"mine\"", 110..118, false),
                (" here, and a long run after it", 118..148, true),
            ]
        );
    }

    #[test]
    fn line_ends_become_lf() {
        let canvas = written(b"a\r\nb\rc\nd", Writing::Plain, PLAIN_UTF8);
        assert_eq!(canvas.text, "a\nb\nc\nd");
        let canvas = written(br"a\r\nb\rc\n\r\n\n", Writing::Json, PLAIN_UTF8);
        assert_eq!(canvas.text, "a\nb\nc\n\n\n");
        let last = canvas.segments.last().unwrap();
        assert_eq!(last.source.end, 100 + br"a\r\nb\rc\n\r\n\n".len());
    }

    #[test]
    fn json_escapes_are_undone() {
        let canvas = written(
            br#"\u0041\u00e9\ud83d\ude42\"\\\/\t\ud83d."#,
            Writing::Json,
            PLAIN_UTF8,
        );
        assert_eq!(canvas.text, "A\u{e9}\u{1F642}\"\\/\t\u{FFFD}.");
        assert_eq!(canvas.replaced, 6);
        let canvas = written(br"\u12", Writing::Json, PLAIN_UTF8);
        assert_eq!(canvas.text, "\u{FFFD}12");
    }

    #[test]
    fn charsets_are_decoded_and_broken_bytes_replaced() {
        let latin = Charset {
            encoding: WINDOWS_1252,
            width: Width::Same,
        };
        let canvas = written(b"caf\xe9 now", Writing::Plain, latin);
        assert_eq!(shape(&canvas), [("café now", 100..108, false)]);
        let canvas = written(b"all ascii", Writing::Plain, latin);
        assert_eq!(shape(&canvas), [("all ascii", 100..109, true)]);
        let canvas = written(b"bro\xffken", Writing::Plain, PLAIN_UTF8);
        assert_eq!(
            (canvas.text.as_str(), canvas.replaced),
            ("bro\u{FFFD}ken", 1)
        );
    }

    #[test]
    fn a_text_of_escapes_alone_has_one_segment() {
        let raw = r"\u00e9 a\n".repeat(500);
        let canvas = written(raw.as_bytes(), Writing::Json, PLAIN_UTF8);
        assert_eq!(canvas.segments.len(), 1);
        assert_eq!(canvas.segments[0].source.range(), 100..100 + raw.len());
    }

    #[test]
    fn white_space_around_a_cell_is_no_part_of_its_turn() {
        let (row, cell) = row(b"  good \n", Writing::Plain);
        let mut canvas = Canvas::default();
        let range = canvas.write(&row, &cell, PLAIN_UTF8);
        assert_eq!(canvas.text, "  good \n");
        assert_eq!(range, 2..6);
    }
}
