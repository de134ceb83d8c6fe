use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding};

/// A stream of UTF-16 shown as UTF-8. A unit that belongs to no character shows
/// as U+FFFD, which is one unit too, so that places can be counted back.
pub(super) struct AsUtf8<R> {
    reader: R,
    decoder: Decoder,
    input: Vec<u8>,
    at: usize,
    ended: bool,
    output: Vec<u8>,
    given: usize,
}

const CHUNK: usize = 64 * 1024;

impl<R: Read> AsUtf8<R> {
    /// `reader` stands after the byte order mark.
    pub(super) fn new(reader: R, encoding: &'static Encoding) -> Self {
        Self {
            reader,
            decoder: encoding.new_decoder_without_bom_handling(),
            input: Vec::new(),
            at: 0,
            ended: false,
            output: Vec::new(),
            given: 0,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        if self.at >= self.input.len() {
            self.input.clear();
            self.at = 0;
            let read = self
                .reader
                .by_ref()
                .take(CHUNK as u64)
                .read_to_end(&mut self.input)?;
            self.ended = read == 0;
        }
        self.output.resize(2 * CHUNK, 0);
        self.given = 0;
        let input = self.input.get(self.at..).unwrap_or_default();
        let (result, read, written, _) =
            self.decoder
                .decode_to_utf8(input, &mut self.output, self.ended);
        self.at += read;
        self.output.truncate(written);
        if result == CoderResult::OutputFull && written == 0 {
            return Err(io::Error::other("the decoder of UTF-16 made no progress"));
        }
        Ok(())
    }
}

impl<R: Read> Read for AsUtf8<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.output.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let ready = self.output.get(self.given..).unwrap_or_default();
        let length = ready.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(ready) {
            *to = *from;
        }
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_16BE, UTF_16LE};

    use super::*;

    #[test]
    fn utf16_is_shown_as_utf8_over_any_number_of_chunks() {
        let text = "aé漢🙂\r\n".repeat(40_000);
        let units: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for (bytes, encoding) in [(little, UTF_16LE), (big, UTF_16BE)] {
            let mut shown = String::new();
            AsUtf8::new(bytes.as_slice(), encoding)
                .read_to_string(&mut shown)
                .unwrap();
            assert_eq!(shown, text);
        }
    }

    #[test]
    fn half_characters_show_as_replacements() {
        let bytes = [0x41, 0, 0x3D, 0xD8, 0x42, 0, 0x43];
        let mut shown = String::new();
        AsUtf8::new(bytes.as_slice(), UTF_16LE)
            .read_to_string(&mut shown)
            .unwrap();
        assert_eq!(shown, "A\u{FFFD}B\u{FFFD}");
    }
}
