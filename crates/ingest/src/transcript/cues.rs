//! The cues of a WebVTT, SubRip or SubViewer file, read as leniently as players do.

use std::collections::BTreeMap;
use std::ops::Range;

use super::clock;
use crate::skip::Skips;

/// One caption.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cue {
    pub(super) start_ms: Option<u64>,
    pub(super) end_ms: Option<u64>,
    /// Its lines, as ranges of the text.
    pub(super) lines: Vec<Range<usize>>,
}

/// What a caption file holds.
#[derive(Debug, Default)]
pub(super) struct Cues {
    pub(super) cues: Vec<Cue>,
    /// What stands after `WEBVTT`, and the `Key: value` lines below it.
    pub(super) title: Option<String>,
    pub(super) attributes: BTreeMap<String, String>,
}

/// Which of the formats with timing lines it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CueFormat {
    WebVtt,
    Srt,
    /// Timing lines of two times with a comma between them.
    Sbv,
}

enum Timing {
    Good(u64, u64),
    Broken(Option<u64>, Option<u64>),
}

/// Reads `text`; what is odd about it is noted in `skips`, and its words are kept.
pub(super) fn cues(text: &str, format: CueFormat, skips: &mut Skips) -> Cues {
    let lines = lines(text);
    let mut reader = Reader {
        text,
        lines: &lines,
        format,
        found: Cues::default(),
        open: false,
    };
    let mut at = reader.header(skips);
    while at < lines.len() {
        at = reader.line(at, skips);
    }
    reader.found.cues.retain(|cue| !cue.lines.is_empty());
    reader.found
}

fn lines(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        found.push(at..at + line.trim_end_matches('\n').len());
        at += line.len();
    }
    found
}

struct Reader<'t> {
    text: &'t str,
    lines: &'t [Range<usize>],
    format: CueFormat,
    found: Cues,
    /// True within a cue: lines are its words.
    open: bool,
}

impl<'t> Reader<'t> {
    fn at(&self, index: usize) -> &'t str {
        self.lines
            .get(index)
            .and_then(|range| self.text.get(range.clone()))
            .map_or("", str::trim)
    }

    fn timing(&self, index: usize) -> Option<Timing> {
        match self.format {
            CueFormat::Sbv => sbv_timing(self.at(index)),
            CueFormat::WebVtt | CueFormat::Srt => timing(self.at(index)),
        }
    }

    /// Reads the header; gives the index of the line after it.
    fn header(&mut self, skips: &mut Skips) -> usize {
        if self.format != CueFormat::WebVtt {
            return 0;
        }
        let Some(first) = (0..self.lines.len()).find(|i| !self.at(*i).is_empty()) else {
            return 0;
        };
        let Some(title) = self.at(first).strip_prefix("WEBVTT") else {
            skips.note(
                first as u64 + 1,
                "the line WEBVTT is missing; read as WebVTT all the same",
            );
            return 0;
        };
        let title = title.trim().trim_start_matches('-').trim();
        self.found.title = Some(title.to_owned()).filter(|title| !title.is_empty());
        let mut at = first + 1;
        while at < self.lines.len() && !self.at(at).is_empty() && self.timing(at).is_none() {
            if self.timing(at + 1).is_some() {
                break;
            }
            if let Some((key, value)) = self.at(at).split_once([':', '=']) {
                self.found
                    .attributes
                    .insert(key.trim().to_owned(), value.trim().to_owned());
            }
            at += 1;
        }
        at
    }

    /// Reads the line at `index`; gives the index of the next to read.
    fn line(&mut self, index: usize, skips: &mut Skips) -> usize {
        let line = self.at(index);
        let number = index as u64 + 1;
        if line.is_empty() {
            // Rolling captions begin with a line of one space.
            let blank = self.lines.get(index).is_none_or(Range::is_empty);
            self.open = self.open && !blank && !self.has_words();
            return index + 1;
        }
        if let Some(timing) = self.timing(index) {
            self.begin(timing, number, skips);
            return index + 1;
        }
        let is_id = self.format != CueFormat::Sbv && self.timing(index + 1).is_some();
        if self.open {
            let digits = line.bytes().all(|byte| byte.is_ascii_digit());
            if !(is_id && digits && self.has_words()) {
                self.words(index);
            }
            return index + 1;
        }
        if is_id {
            return index + 1;
        }
        if self.format == CueFormat::WebVtt && is_block(line) {
            let mut after = index + 1;
            while after < self.lines.len() && !self.at(after).is_empty() {
                after += 1;
            }
            return after;
        }
        self.stray(index, skips);
        index + 1
    }

    fn begin(&mut self, timing: Timing, number: u64, skips: &mut Skips) {
        match timing {
            Timing::Good(start, end) if end < start => {
                skips.note(
                    number,
                    "a cue ends before it starts; its words are kept, without an end",
                );
                self.cue(Some(start), None);
            }
            Timing::Good(start, end) => self.cue(Some(start), Some(end)),
            Timing::Broken(start, end) => {
                skips.note(
                    number,
                    "a timing line cannot be read; the cue's words are kept, without that time",
                );
                self.cue(start, end);
            }
        }
    }

    fn cue(&mut self, start_ms: Option<u64>, end_ms: Option<u64>) {
        self.open = true;
        self.found.cues.push(Cue {
            start_ms,
            end_ms,
            lines: Vec::new(),
        });
    }

    /// True if the last cue has words.
    fn has_words(&self) -> bool {
        self.found
            .cues
            .last()
            .is_some_and(|cue| !cue.lines.is_empty())
    }

    fn words(&mut self, index: usize) {
        if let (Some(cue), Some(line)) = (self.found.cues.last_mut(), self.lines.get(index)) {
            cue.lines.push(line.clone());
        }
    }

    /// Words outside of any cue: a blank line within one, or no timing at all.
    fn stray(&mut self, index: usize, skips: &mut Skips) {
        let number = index as u64 + 1;
        if self.at(index).bytes().all(|byte| byte.is_ascii_digit()) {
            skips.note(number, "a cue's number without a cue; left out");
            return;
        }
        if self.found.cues.is_empty() {
            skips.note(
                number,
                "words before the first timing line; kept, without a time",
            );
            self.cue(None, None);
        } else {
            skips.note(
                number,
                "words after a blank line, without a timing line; kept with the cue before",
            );
        }
        self.open = true;
        self.words(index);
    }
}

/// Blocks that are no captions.
fn is_block(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    match first {
        "NOTE" => true,
        "STYLE" | "REGION" => line == first,
        _ => false,
    }
}

/// A timing line, good or broken; `None` if `line` is words.
fn timing(line: &str) -> Option<Timing> {
    let (left, right) = line.split_once("-->")?;
    let (left, right) = (left.trim(), right.trim());
    let whole = |text: &str| {
        let (ms, used, _) = clock::time(text, false)?;
        (used == text.len()).then_some(ms)
    };
    let token = right.split_whitespace().next().unwrap_or_default();
    let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    match (whole(left), whole(token)) {
        (Some(start), Some(end)) => Some(Timing::Good(start, end)),
        (start, end) if left.is_empty() || digit(left) || digit(token) => {
            let words = left.split_whitespace().count() > 2;
            (!words).then_some(Timing::Broken(start, end))
        }
        _ => None,
    }
}

/// A timing line `0:00:01.000,0:00:03.500`.
pub(crate) fn is_sbv_timing(line: &str) -> bool {
    sbv_timing(line).is_some()
}

fn sbv_timing(line: &str) -> Option<Timing> {
    let (left, right) = line.trim().split_once(',')?;
    let whole = |text: &str| {
        let (ms, used, hours) = clock::time(text, false)?;
        (used == text.len() && hours && text.contains('.')).then_some(ms)
    };
    match (whole(left), whole(right)) {
        (Some(start), Some(end)) => Some(Timing::Good(start, end)),
        (Some(start), None) if right.contains(':') => Some(Timing::Broken(Some(start), None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Plain = (Option<u64>, Option<u64>, String);

    fn read(text: &str) -> (Vec<Plain>, Vec<crate::Skip>) {
        let mut skips = Skips::default();
        let format = match text.starts_with("WEBVTT") {
            true => CueFormat::WebVtt,
            false => CueFormat::Srt,
        };
        let found = cues(text, format, &mut skips);
        let cues = found.cues.into_iter().map(|cue| {
            let words: Vec<_> = cue.lines.into_iter().map(|line| &text[line]).collect();
            (cue.start_ms, cue.end_ms, words.join("|"))
        });
        (cues.collect(), skips.into_vec())
    }

    #[test]
    fn blocks_ids_and_settings_are_no_words() {
        let text = "WEBVTT - Talk\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE by\nme\n\n\
                    d3e1/32-0\n00:01.000 --> 00:02.500 align:start\nHi\nthere\n\n7\n1:00:00.000 --> 1:00:01.000\n42\n";
        let (got, skips) = read(text);
        assert_eq!(
            got,
            [
                (Some(1_000), Some(2_500), "Hi|there".to_owned()),
                (Some(3_600_000), Some(3_601_000), "42".to_owned())
            ]
        );
        assert!(skips.is_empty());
    }

    #[test]
    fn broken_timings_keep_their_words_and_name_their_line() {
        let text = "WEBVTT\n\n00:00:0x.000 --> 00:00:02.000\nOne\n\n00:09.000 --> 00:04.000\nTwo\n\
                    \nThree\n00:05.000 --> 00:06.000\nshe said --> go\n";
        let (got, skips) = read(text);
        let words: Vec<_> = got.iter().map(|cue| cue.2.as_str()).collect();
        assert_eq!(words, ["One", "Two", "she said --> go"]);
        assert_eq!(got[0].1, Some(2_000));
        assert_eq!(got[1].1, None);
        let lines: Vec<_> = skips.iter().map(|skip| skip.line).collect();
        assert_eq!(lines, [Some(3), Some(6)]);
    }

    #[test]
    fn subrip_without_blank_lines() {
        let text = "1\n00:00:01,000 --> 00:00:02,000\nOne\n2\n00:00:03.000 --> 00:00:04.000\nTwo\n";
        let (got, skips) = read(text);
        assert_eq!(
            got.iter().map(|cue| cue.2.as_str()).collect::<Vec<_>>(),
            ["One", "Two"]
        );
        assert!(skips.is_empty());
    }
}
