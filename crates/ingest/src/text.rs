//! From bytes to canonical text: UTF-8, LF, no byte order mark, with the way back.

use std::ops::Range;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use throughline_core::{Segment, Span};

/// How many bytes at the start of a file decide what kind of text it is.
const SAMPLE: usize = 1 << 20;

/// After this many bytes a piece of decoded text ends at the next space, so that
/// a segment leads back to a place and not to a whole line of megabytes.
const PIECE: usize = 200;

/// A text file as canonical text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// UTF-8 with LF line ends and no byte order mark in front.
    pub(crate) text: String,
    /// From ranges of `text` to ranges of the bytes, in order, without gaps in
    /// `text`. A UTF-8 file with LF line ends has one.
    pub(crate) segments: Vec<Segment>,
    /// The WHATWG name of the charset it was read as.
    pub(crate) charset: &'static str,
    /// Bytes that no character could be made of; U+FFFD stands in their place.
    pub(crate) replaced: u64,
    /// The line of the first of them, from 1.
    pub(crate) first_replaced_line: Option<u64>,
}

/// Reads `bytes` as text, whatever they are; nothing is refused.
///
/// A byte order mark decides; else zero bytes in every second place (UTF-16);
/// else UTF-8, also where a few bytes are broken; else the charset that is
/// likeliest by its letters.
pub(crate) fn decode(bytes: &[u8]) -> Decoded {
    let mut writer = Writer::default();
    if let Some(little) = utf32_mark(bytes) {
        decode_utf32(bytes, little, &mut writer);
        let charset = if little { "UTF-32LE" } else { "UTF-32BE" };
        return writer.finish(charset);
    }
    let (encoding, bom) = charset_of(bytes);
    if encoding == UTF_8 {
        decode_utf8(bytes, bom, &mut writer);
    } else if encoding == UTF_16LE {
        decode_utf16(bytes, bom, true, &mut writer);
    } else if encoding == UTF_16BE {
        decode_utf16(bytes, bom, false, &mut writer);
    } else {
        decode_legacy(bytes, encoding, &mut writer);
    }
    writer.finish(encoding.name())
}

/// True if `bytes` are no text in any charset: zero and control bytes that no
/// charset explains. UTF-16 is text. Only the first megabyte is looked at.
pub(crate) fn looks_binary(bytes: &[u8]) -> bool {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let (encoding, bom) = charset_of(sample);
    let (mut odd, mut all) = (0_usize, 0_usize);
    if let Some(little) = utf32_mark(sample) {
        for unit in sample.get(4..).unwrap_or_default().chunks_exact(4) {
            all += 1;
            odd += usize::from(!utf32_char(unit, little).is_some_and(is_of_text));
        }
        return odd * 20 > all;
    }
    if encoding == UTF_16LE || encoding == UTF_16BE {
        for unit in char::decode_utf16(units(sample, bom, encoding == UTF_16LE)) {
            all += 1;
            odd += usize::from(!unit.is_ok_and(is_of_text));
        }
        return odd * 20 > all;
    }
    for byte in sample {
        all += 1;
        odd += usize::from(!is_of_text(char::from(*byte)) && *byte < 0x80);
    }
    odd * 100 > all
}

/// False for what texts do not hold: controls other than white space, backspace
/// and escape, private use, non-characters.
fn is_of_text(c: char) -> bool {
    match c {
        '\t' | '\n' | '\x0b' | '\x0c' | '\r' | '\x08' | '\x1b' | '\x1a' => true,
        '\0'..='\x1f' | '\x7f' => false,
        '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => true,
    }
}

/// The charset of `bytes` and the length of its byte order mark.
fn charset_of(bytes: &[u8]) -> (&'static Encoding, usize) {
    if let Some((encoding, bom)) = Encoding::for_bom(bytes) {
        return (encoding, bom);
    }
    if let Some(encoding) = utf16_by_zeros(bytes) {
        return (encoding, 0);
    }
    if is_mostly_utf8(bytes) {
        return (UTF_8, 0);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    (detector.guess(None, Utf8Detection::Deny), 0)
}

/// Whether UTF-32 with a byte order mark has its bytes in little-endian order.
/// The mark begins as that of UTF-16 does, but text holds no zero character.
fn utf32_mark(bytes: &[u8]) -> Option<bool> {
    match bytes.get(..4)? {
        [0xFF, 0xFE, 0, 0] => Some(true),
        [0, 0, 0xFE, 0xFF] => Some(false),
        _ => None,
    }
}

fn utf32_char(unit: &[u8], little: bool) -> Option<char> {
    let unit: [u8; 4] = unit.try_into().ok()?;
    char::from_u32(match little {
        true => u32::from_le_bytes(unit),
        false => u32::from_be_bytes(unit),
    })
}

/// UTF-16 without a mark: most characters of a Latin text have a zero half, and
/// in every other script at least spaces, digits and line ends have.
fn utf16_by_zeros(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let (mut first, mut second) = (0_usize, 0_usize);
    for pair in sample.chunks_exact(2) {
        first += usize::from(pair.first() == Some(&0));
        second += usize::from(pair.last() == Some(&0));
    }
    let little = second > first;
    let (zeros, others) = (first.max(second), first.min(second));
    let pairs = sample.len() / 2;
    let enough = zeros * 5 >= pairs * 2
        || (zeros * 100 >= pairs && zeros > 0 && std::str::from_utf8(sample).is_err());
    if !enough || others * 20 > zeros {
        return None;
    }
    let (mut broken, mut all) = (0_usize, 0_usize);
    for unit in char::decode_utf16(units(sample, 0, little)) {
        all += 1;
        broken += usize::from(!unit.is_ok_and(is_of_text));
    }
    (broken * 100 <= all).then_some(if little { UTF_16LE } else { UTF_16BE })
}

/// True if `bytes` are UTF-8, or more of their characters beyond ASCII are
/// whole than broken: in other charsets whole ones come about by chance only.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken == 0 || whole > broken
}

/// The 16-bit units after the mark; half a unit at the end is left out.
fn units(bytes: &[u8], bom: usize, little: bool) -> impl Iterator<Item = u16> {
    bytes
        .get(bom..)
        .unwrap_or_default()
        .chunks_exact(2)
        .map(move |pair| match *pair {
            [a, b] if little => u16::from_le_bytes([a, b]),
            [a, b] => u16::from_be_bytes([a, b]),
            _ => 0,
        })
}

/// Gathers canonical text and its segments.
#[derive(Default)]
struct Writer {
    text: String,
    segments: Vec<Segment>,
    /// Start of source bytes that have made no text yet.
    waiting: Option<usize>,
    replaced: u64,
    first_replaced_line: Option<u64>,
}

impl Writer {
    fn push(&mut self, piece: &str, source: Range<usize>, exact: bool) {
        if piece.is_empty() {
            if !source.is_empty() {
                self.waiting.get_or_insert(source.start);
            }
            return;
        }
        let exact = exact && self.waiting.is_none();
        let source = Span {
            start: self.waiting.take().unwrap_or(source.start),
            end: source.end,
        };
        let start = self.text.len();
        self.text.push_str(piece);
        let end = self.text.len();
        if let Some(last) = self.segments.last_mut()
            && exact
            && last.exact
            && last.source.end == source.start
        {
            last.source.end = source.end;
            last.canonical.end = end;
            return;
        }
        self.segments.push(Segment {
            canonical: Span { start, end },
            source,
            part: None,
            exact,
        });
    }

    fn finish(self, charset: &'static str) -> Decoded {
        Decoded {
            text: self.text,
            segments: self.segments,
            charset,
            replaced: self.replaced,
            first_replaced_line: self.first_replaced_line,
        }
    }

    /// Notes `bytes` undecodable bytes at the end of the text so far.
    fn replace(&mut self, bytes: usize) {
        self.replaced += bytes as u64;
        if self.first_replaced_line.is_none() {
            let before = self.text.bytes().filter(|byte| *byte == b'\n').count();
            self.first_replaced_line = Some(before as u64 + 1);
        }
    }
}

fn decode_utf8(bytes: &[u8], bom: usize, writer: &mut Writer) {
    let mut at = bom;
    while bytes
        .get(at..)
        .is_some_and(|rest| rest.starts_with(b"\xEF\xBB\xBF"))
    {
        at += 3;
    }
    for chunk in bytes.get(at..).unwrap_or_default().utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some((before, after)) = rest.split_once('\r') {
            writer.push(before, at..at + before.len(), true);
            at += before.len();
            let (taken, left) = match after.strip_prefix('\n') {
                Some(left) => (2, left),
                None => (1, after),
            };
            writer.push("\n", at..at + taken, false);
            at += taken;
            rest = left;
        }
        writer.push(rest, at..at + rest.len(), true);
        at += rest.len();
        let broken = chunk.invalid().len();
        if broken > 0 {
            writer.replace(broken);
            writer.push("\u{FFFD}", at..at + broken, false);
            at += broken;
        }
    }
}

fn decode_utf16(bytes: &[u8], bom: usize, little: bool, writer: &mut Writer) {
    let mut decoded = char::decode_utf16(units(bytes, bom, little)).peekable();
    let (mut start, mut at) = (bom, bom);
    let mut piece = String::new();
    while let Some(next) = decoded.next() {
        let broken = next.is_err();
        let c = next.unwrap_or('\u{FFFD}');
        let width = c.len_utf16() * 2;
        let mark = c == '\u{FEFF}' && writer.text.is_empty() && piece.is_empty();
        let line_end = c == '\r' || c == '\n';
        if broken || mark || line_end {
            writer.push(&piece, start..at, false);
            piece.clear();
            start = at;
        }
        at += width;
        if c == '\r' && decoded.next_if_eq(&Ok('\n')).is_some() {
            at += 2;
        }
        if mark {
            start = at;
            continue;
        }
        if broken {
            writer.replace(2);
        }
        piece.push(if line_end { '\n' } else { c });
        if line_end || (c.is_whitespace() && piece.len() > PIECE) {
            writer.push(&piece, start..at, false);
            piece.clear();
            start = at;
        }
    }
    writer.push(&piece, start..at, false);
    if at < bytes.len() {
        writer.replace(bytes.len() - at);
        writer.push("\u{FFFD}", at..bytes.len(), false);
    }
}

fn decode_utf32(bytes: &[u8], little: bool, writer: &mut Writer) {
    let mut units = bytes.get(4..).unwrap_or_default().chunks(4).peekable();
    let (mut start, mut at) = (4, 4);
    let mut piece = String::new();
    while let Some(unit) = units.next() {
        let c = utf32_char(unit, little);
        let line_end = matches!(c, Some('\r' | '\n'));
        if line_end || c.is_none() {
            writer.push(&piece, start..at, false);
            piece.clear();
            start = at;
        }
        at += unit.len();
        let feed = |next: &&[u8]| utf32_char(next, little) == Some('\n');
        if c == Some('\r') && units.next_if(feed).is_some() {
            at += 4;
        }
        if c.is_none() {
            writer.replace(unit.len());
        }
        piece.push(match c {
            Some(_) if line_end => '\n',
            Some(c) => c,
            None => '\u{FFFD}',
        });
        if line_end || (c.is_none_or(char::is_whitespace) && piece.len() > PIECE) {
            writer.push(&piece, start..at, false);
            piece.clear();
            start = at;
        }
    }
    writer.push(&piece, start..at, false);
}

/// In every charset that is guessed at, CR, LF and the space are single bytes
/// and never the second half of a character: they may cut the source.
fn decode_legacy(bytes: &[u8], encoding: &'static Encoding, writer: &mut Writer) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut start = 0;
    while start < bytes.len() {
        let (end, line_end) = piece_end(bytes, start);
        feed(&mut decoder, bytes, start..end, writer);
        if line_end > end {
            feed(&mut decoder, bytes, end..line_end, writer);
        }
        start = line_end;
    }
    let mut out = String::with_capacity(16);
    let (_, _, broken) = decoder.decode_to_string(b"", &mut out, true);
    if broken {
        writer.replace(out.chars().count());
    }
    writer.push(&out, bytes.len()..bytes.len(), false);
}

/// Where the piece that begins at `start` ends, and where its line end does.
fn piece_end(bytes: &[u8], start: usize) -> (usize, usize) {
    let rest = bytes.get(start..).unwrap_or_default();
    for (i, byte) in rest.iter().enumerate() {
        match byte {
            b'\r' if rest.get(i + 1) == Some(&b'\n') => return (start + i, start + i + 2),
            b'\r' | b'\n' => return (start + i, start + i + 1),
            b' ' if i >= PIECE => return (start + i + 1, start + i + 1),
            _ => {}
        }
    }
    (bytes.len(), bytes.len())
}

fn feed(decoder: &mut Decoder, bytes: &[u8], range: Range<usize>, writer: &mut Writer) {
    let source = bytes.get(range.clone()).unwrap_or_default();
    let room = decoder.max_utf8_buffer_length(source.len()).unwrap_or(0);
    let mut out = String::with_capacity(room);
    let (_, _, broken) = decoder.decode_to_string(source, &mut out, false);
    if broken {
        writer.replace(out.chars().filter(|c| *c == '\u{FFFD}').count());
    }
    let exact = out.as_bytes() == source;
    if let Some(line) = out.strip_suffix("\r\n").or_else(|| out.strip_suffix('\r')) {
        let line = format!("{line}\n");
        writer.push(&line, range, false);
    } else {
        writer.push(&out, range, exact);
    }
}

#[cfg(test)]
mod tests;
