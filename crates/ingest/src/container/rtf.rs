//! Rich Text Format: groups, control words and the text between them.

use std::collections::BTreeMap;
use std::ops::Range;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::flow::{Block, Flow};

/// Groups whose content is no part of the text.
const PASSED_OVER: &[&str] = &[
    "annotation",
    "atnauthor",
    "atnid",
    "bkmkend",
    "bkmkstart",
    "colortbl",
    "comment",
    "datastore",
    "fldinst",
    "fontemb",
    "footer",
    "footerf",
    "footerl",
    "footerr",
    "footnote",
    "generator",
    "header",
    "headerf",
    "headerl",
    "headerr",
    "info",
    "latentstyles",
    "listoverridetable",
    "listtable",
    "nonshppict",
    "objdata",
    "pict",
    "pntext",
    "revtbl",
    "rsidtbl",
    "stylesheet",
    "themedata",
    "xmlnstbl",
];

/// What holds within a group.
#[derive(Debug, Clone)]
struct State {
    passed_over: bool,
    fonts: bool,
    bold: bool,
    hidden: bool,
    /// Characters that stand after `\uN` for readers that cannot show it.
    fallback: usize,
    charset: &'static Encoding,
    font: i32,
}

/// The paragraphs of the document in `text`.
pub(super) fn read(text: &str) -> Vec<Block> {
    let mut reader = Rtf {
        text,
        at: 0,
        flow: Flow::new(text),
        state: State {
            passed_over: false,
            fonts: false,
            bold: false,
            hidden: false,
            fallback: 1,
            charset: WINDOWS_1252,
            font: 0,
        },
        outer: Vec::new(),
        fonts: BTreeMap::new(),
        default_charset: WINDOWS_1252,
        bytes: (Vec::new(), 0..0),
        surrogate: None,
        skip: 0,
        in_cells: false,
    };
    reader.all();
    reader.flow.finish()
}

struct Rtf<'t> {
    text: &'t str,
    at: usize,
    flow: Flow<'t>,
    state: State,
    outer: Vec<State>,
    fonts: BTreeMap<i32, &'static Encoding>,
    default_charset: &'static Encoding,
    /// Bytes written as `\'hh` and where: of several, one character may be made.
    bytes: (Vec<u8>, Range<usize>),
    /// The first half of a surrogate pair, and where it stands.
    surrogate: Option<(u16, usize)>,
    /// Characters still to be left out, after `\uN`.
    skip: usize,
    /// True while paragraphs belong to cells of a table.
    in_cells: bool,
}

impl<'t> Rtf<'t> {
    fn all(&mut self) {
        while let Some(rest) = self.text.get(self.at..).filter(|rest| !rest.is_empty()) {
            let start = self.at;
            match rest.as_bytes().first() {
                Some(b'{') => {
                    self.flush();
                    self.outer.push(self.state.clone());
                    self.at += 1;
                }
                Some(b'}') => {
                    self.flush();
                    self.state = self.outer.pop().unwrap_or_else(|| self.state.clone());
                    self.skip = 0;
                    self.at += 1;
                }
                Some(b'\r' | b'\n' | 0) => self.at += 1,
                Some(b'\\') => self.control(rest),
                _ => {
                    let end = rest.find(['{', '}', '\\', '\r', '\n', '\0']);
                    self.at += end.unwrap_or(rest.len());
                    self.plain(start..self.at);
                }
            }
        }
        self.flush();
    }

    fn control(&mut self, rest: &str) {
        let start = self.at;
        let inner = rest.get(1..).unwrap_or_default();
        let letters = inner
            .bytes()
            .take(32)
            .take_while(u8::is_ascii_alphabetic)
            .count();
        if letters == 0 {
            self.symbol(inner, start);
            return;
        }
        let word = inner.get(..letters).unwrap_or_default();
        let after = inner.get(letters..).unwrap_or_default();
        let minus = usize::from(after.starts_with('-'));
        let digits = after
            .bytes()
            .skip(minus)
            .take(10)
            .take_while(u8::is_ascii_digit)
            .count();
        let written = if digits == 0 { 0 } else { minus + digits };
        let number = after
            .get(..written)
            .and_then(|number| number.parse::<i32>().ok());
        let rest = after.get(written..).unwrap_or_default();
        self.at = start + 1 + letters + written + usize::from(rest.starts_with(' '));
        if word != "u" {
            self.flush();
        }
        self.word(word, number, start..self.at);
    }

    /// A backslash and one character that is no letter.
    fn symbol(&mut self, inner: &str, start: usize) {
        let Some(c) = inner.chars().next() else {
            self.at += 1;
            return;
        };
        self.at += 1 + c.len_utf8();
        match c {
            '\'' => {
                let byte = inner
                    .get(1..3)
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok());
                self.at += if byte.is_some() { 2 } else { 0 };
                if let Some(byte) = byte {
                    self.byte(byte, start..self.at);
                }
            }
            '*' => self.state.passed_over = true,
            '~' => self.put("\u{a0}", start..self.at),
            '_' => self.put("-", start..self.at),
            '\\' | '{' | '}' => self.plain(start + 1..self.at),
            '\r' | '\n' => self.paragraph(),
            _ => {}
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>, range: Range<usize>) {
        let on = number != Some(0);
        match word {
            "par" | "sect" | "page" => self.paragraph(),
            "line" => self.if_shown(Flow::line_break),
            "tab" => self.if_shown(Flow::tab),
            "b" => self.state.bold = on,
            "v" | "deleted" => self.state.hidden = on,
            "plain" => (self.state.bold, self.state.hidden) = (false, false),
            "u" => self.unicode(number.unwrap_or(0), range),
            "uc" => {
                self.state.fallback = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(16);
            }
            "bin" => {
                let size = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
                let end = self.at.saturating_add(size).min(self.text.len());
                self.at = (end..=self.text.len())
                    .find(|end| self.text.is_char_boundary(*end))
                    .unwrap_or(self.text.len());
            }
            "fonttbl" => (self.state.fonts, self.state.passed_over) = (true, true),
            "ansicpg" => {
                self.default_charset = code_page(number.unwrap_or(1252));
                self.state.charset = self.default_charset;
            }
            "mac" => self.state.charset = encoding_rs::MACINTOSH,
            "f" => self.font(number.unwrap_or(0)),
            "fcharset" if self.state.fonts => {
                let charset = font_charset(number.unwrap_or(0));
                self.fonts
                    .extend(charset.map(|charset| (self.state.font, charset)));
            }
            "trowd" => self.row(),
            "intbl" => self.in_cells = true,
            "pard" => self.in_cells = false,
            "cell" | "nestcell" => self.if_shown(Flow::cell),
            "row" => self.in_cells = true,
            "emdash" => self.put("—", range),
            "endash" => self.put("–", range),
            "bullet" => self.put("•", range),
            "lquote" => self.put("‘", range),
            "rquote" => self.put("’", range),
            "ldblquote" => self.put("“", range),
            "rdblquote" => self.put("”", range),
            "emspace" | "enspace" => self.put(" ", range),
            _ if PASSED_OVER.contains(&word) => self.state.passed_over = true,
            _ => {}
        }
    }

    fn is_shown(&self) -> bool {
        !self.state.passed_over && !self.state.hidden
    }

    fn if_shown(&mut self, change: fn(&mut Flow<'t>)) {
        if self.is_shown() {
            change(&mut self.flow);
        }
    }

    /// Ends a table whose last row is over, before anything outside of it.
    fn leave_table(&mut self) {
        if self.flow.in_table() && !self.in_cells {
            self.flow.end_table();
        }
    }

    fn row(&mut self) {
        if !self.is_shown() {
            return;
        }
        if !self.flow.in_table() {
            self.flow.table();
        }
        self.in_cells = true;
        self.flow.row();
        self.flow.cell();
    }

    fn paragraph(&mut self) {
        if self.is_shown() {
            self.leave_table();
            self.flow.end_block();
        }
    }

    fn font(&mut self, font: i32) {
        self.state.font = font;
        if !self.state.fonts {
            let known = self.fonts.get(&font).copied();
            self.state.charset = known.unwrap_or(self.default_charset);
        }
    }

    fn put(&mut self, words: &str, range: Range<usize>) {
        self.flush();
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.is_shown() {
            self.leave_table();
            self.flow.decoded(words, range, self.state.bold);
        }
    }

    /// Adds text as it stands, without what is left out after `\uN`.
    fn plain(&mut self, range: Range<usize>) {
        self.flush();
        let words = self.text.get(range.clone()).unwrap_or_default();
        let skipped: usize = words.chars().take(self.skip).map(char::len_utf8).sum();
        self.skip -= self.skip.min(words.chars().take(self.skip).count());
        if self.is_shown() && skipped < words.len() {
            self.leave_table();
            self.flow
                .text(range.start + skipped..range.end, self.state.bold);
        }
    }

    fn byte(&mut self, byte: u8, range: Range<usize>) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        if self.bytes.0.is_empty() {
            self.bytes.1 = range.clone();
        }
        self.bytes.0.push(byte);
        self.bytes.1.end = range.end;
    }

    /// Decodes the bytes that were written one by one.
    fn flush(&mut self) {
        if self.bytes.0.is_empty() {
            return;
        }
        let (bytes, range) = std::mem::take(&mut self.bytes);
        if self.is_shown() {
            let (words, _) = self.state.charset.decode_without_bom_handling(&bytes);
            self.leave_table();
            self.flow.decoded(&words, range, self.state.bold);
        }
    }

    fn unicode(&mut self, number: i32, range: Range<usize>) {
        self.flush();
        self.skip = self.state.fallback;
        // Negative numbers are those above 32,767.
        let Ok(unit) = u16::try_from(number.rem_euclid(1 << 16)) else {
            return;
        };
        let (units, start) = match self.surrogate.take() {
            Some((high, start)) => (vec![high, unit], start),
            None if (0xD800..0xDC00).contains(&unit) => {
                self.surrogate = Some((unit, range.start));
                return;
            }
            None => (vec![unit], range.start),
        };
        if self.is_shown() {
            self.leave_table();
            let words = String::from_utf16_lossy(&units);
            self.flow.decoded(&words, start..range.end, self.state.bold);
        }
    }
}

/// The charset that a Windows code page is.
fn code_page(number: i32) -> &'static Encoding {
    let label = match number {
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        874 => "windows-874".to_owned(),
        10_000 => "macintosh".to_owned(),
        65_001 => "utf-8".to_owned(),
        number => format!("windows-{number}"),
    };
    Encoding::for_label(label.as_bytes()).unwrap_or(WINDOWS_1252)
}

/// The charset that a font's number for it means.
fn font_charset(number: i32) -> Option<&'static Encoding> {
    Some(code_page(match number {
        0 => 1252,
        77 => 10_000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::flow;

    fn said(rtf: &str) -> String {
        flow::text(&read(rtf), &[]).0
    }

    #[test]
    fn groups_words_and_characters() {
        let rtf = "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset204 Times;}}\
                   {\\*\\generator x;}{\\info{\\author Me}}\\pard\\f0 {\\b Dana:} I couldn\\rquote t\\line \n\
                   caf\\'e9 \\u8364?5 \\{ok\\}\\par\\f1 \\'cf\\'f0\\f0\\par \\uc0\\u-10179\\u-8638  x\\v y\\v0\\par}";
        assert_eq!(said(rtf), "Dana: I couldn’t\ncafé €5 {ok}\n\nПр\n\n🙂 x\n");
    }

    #[test]
    fn tables_and_what_is_broken() {
        let rtf = "{\\rtf1 \\trowd\\pard\\intbl Dana\\cell I left.\\cell\\row\\trowd\\pard\\intbl \
                   Ben\\cell Why did you leave?\\cell\\row\\pard After.\\par}";
        assert_eq!(
            said(rtf),
            "Dana: I left.\n\nBen: Why did you leave?\n\n---\n\nAfter.\n"
        );
        for broken in [
            "{\\rtf1 a\\",
            "{\\rtf1 }}} b",
            "{\\rtf1 \\'",
            "{\\rtf1 \\bin99999999 x",
            "\\u",
        ] {
            read(broken);
        }
    }
}
