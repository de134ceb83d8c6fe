use std::io::{self, Read};

/// How the bytes that a window shows relate to the bytes of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// They are the same.
    Same,
    /// The file is UTF-16 and the window shows it as UTF-8: each UTF-16 unit is
    /// two bytes of the file.
    Wide,
    /// The source is a cell of a workbook, whose places are counted in
    /// characters.
    Characters,
}

/// A stream seen through a buffer that always starts at the current record and
/// grows until it holds all of it.
pub(super) struct Window<R> {
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    width: Width,
    /// Where the current record starts in the file.
    offset: u64,
}

/// Bytes asked for at a time.
const CHUNK: usize = 256 * 1024;

impl<R: Read> Window<R> {
    /// A window at the start of `reader`, which stands at byte `offset` of the
    /// file.
    pub(super) fn new(reader: R, width: Width, offset: u64) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            ended: false,
            width,
            offset,
        }
    }

    /// What is in view.
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// True if nothing comes after what is in view.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Where the view starts in the file.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Widens the view. A record that does not fit is looked at again from its
    /// start, so the view at least doubles and the whole stays linear.
    pub(super) fn widen(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let wanted = self.end.saturating_add(CHUNK.max(self.end));
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        while self.end < wanted {
            let Some(free) = self.buffer.get_mut(self.end..wanted) else {
                break;
            };
            match self.reader.read(free) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Moves the start of the view past `length` bytes.
    pub(super) fn pass(&mut self, length: usize) {
        let length = length.min(self.end - self.start);
        let passed = self
            .buffer
            .get(self.start..self.start + length)
            .unwrap_or_default();
        self.offset += source_len(passed, self.width);
        self.start += length;
    }
}

/// How many bytes of the file `bytes` of the window were.
pub(super) fn source_len(bytes: &[u8], width: Width) -> u64 {
    match width {
        Width::Same => bytes.len() as u64,
        // A UTF-8 sequence of four bytes is two UTF-16 units, any other is one.
        Width::Wide => bytes
            .iter()
            .map(|byte| match byte {
                0x80..=0xBF => 0,
                0xF0..=0xFF => 4,
                _ => 2,
            })
            .sum(),
        Width::Characters => bytes
            .iter()
            .filter(|byte| !matches!(byte, 0x80..=0xBF))
            .count() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_passes_over_a_stream_and_knows_where_it_is() {
        let text = "a".repeat(700_000);
        let mut window = Window::new(text.as_bytes(), Width::Same, 3);
        window.widen().unwrap();
        assert!(!window.ended());
        window.pass(100);
        window.widen().unwrap();
        window.widen().unwrap();
        assert!(window.ended());
        assert_eq!(window.bytes().len(), 700_000 - 100);
        assert_eq!(window.offset(), 103);
        window.pass(usize::MAX);
        assert!(window.bytes().is_empty());
    }

    #[test]
    fn wide_sources_are_measured_in_units_of_two_bytes() {
        let text = "aé漢🙂";
        let units = text.encode_utf16().count() as u64;
        assert_eq!(source_len(text.as_bytes(), Width::Wide), units * 2);
        assert_eq!(source_len(text.as_bytes(), Width::Same), text.len() as u64);
    }
}
