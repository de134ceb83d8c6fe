//! Lines of an LRC file: `[01:02.50]words`, as players of songs show them.

use std::ops::Range;

use super::clock;
use super::cues::{Cue, Cues};
use crate::skip::Skips;

/// A line that begins with a time in square brackets, as LRC writes it.
fn stamp(line: &str) -> Option<(u64, usize)> {
    let inner = line.strip_prefix('[')?;
    let (ms, used, _) = clock::time(inner, false)?;
    let rest = inner.get(used..)?;
    rest.starts_with(']').then_some((ms, used + 2))
}

/// `[ti:Title]` and its like: the key and the value.
fn tag(line: &str) -> Option<(&str, &str)> {
    let inner = line.strip_prefix('[')?.strip_suffix(']')?;
    let (key, value) = inner.split_once(':')?;
    let is_key = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'#');
    is_key.then_some((key, value.trim()))
}

/// Reads `text`. A line lasts until the next time, which may have no words.
pub(super) fn cues(text: &str, skips: &mut Skips) -> Cues {
    let mut found = Cues::default();
    let mut offset = 0_i64;
    let mut at = 0;
    for (index, raw) in text.split_inclusive('\n').enumerate() {
        let range = at + (raw.len() - raw.trim_start().len())..at + raw.trim_end().len();
        at += raw.len();
        let line = raw.trim();
        if line.is_empty() {
            continue;
        }
        if let Some((ms, len)) = stamp(line) {
            timed(&mut found.cues, ms, range.start + len..range.end, text);
        } else if let Some((key, value)) = tag(line) {
            match key {
                "offset" => offset = value.parse().unwrap_or(0),
                "ti" => found.title = Some(value.to_owned()).filter(|title| !title.is_empty()),
                _ => {
                    found.attributes.insert(key.to_owned(), value.to_owned());
                }
            }
        } else {
            skips.note(
                index as u64 + 1,
                "a line without a time; kept with the line before",
            );
            match found.cues.last_mut() {
                Some(cue) => cue.lines.push(range),
                None => found.cues.push(Cue {
                    start_ms: None,
                    end_ms: None,
                    lines: vec![range],
                }),
            }
        }
    }
    // A positive offset shows lines earlier.
    let shift = |ms: Option<u64>| ms.map(|ms| ms.saturating_add_signed(-offset.clamp(-HOUR, HOUR)));
    for cue in &mut found.cues {
        (cue.start_ms, cue.end_ms) = (shift(cue.start_ms), shift(cue.end_ms));
    }
    found.cues.retain(|cue| !cue.lines.is_empty());
    found
}

/// Larger offsets are mistakes.
const HOUR: i64 = 3_600_000;

/// Adds a line at `ms`, which ends the line before. Of several times in front
/// of one line, a chorus, the first counts.
fn timed(cues: &mut Vec<Cue>, ms: u64, range: Range<usize>, text: &str) {
    let mut start = range.start;
    while let Some((_, len)) = text.get(start..range.end).and_then(stamp) {
        start += len;
    }
    if let Some(last) = cues.last_mut() {
        let ends = last.end_ms.is_none() && last.start_ms.is_some_and(|start| start <= ms);
        last.end_ms = if ends { Some(ms) } else { last.end_ms };
    }
    let words = text.get(start..range.end).unwrap_or_default();
    cues.push(Cue {
        start_ms: Some(ms),
        end_ms: None,
        lines: (!words.trim().is_empty())
            .then_some(start..range.end)
            .into_iter()
            .collect(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    type Plain<'t> = (Option<u64>, Option<u64>, Vec<&'t str>);

    fn read(text: &str) -> (Vec<Plain<'_>>, usize) {
        let mut skips = Skips::default();
        let found = cues(text, &mut skips);
        let plain = |cue: Cue| {
            let lines = cue.lines.into_iter().map(|line| &text[line]).collect();
            (cue.start_ms, cue.end_ms, lines)
        };
        (
            found.cues.into_iter().map(plain).collect(),
            skips.into_vec().len(),
        )
    }

    #[test]
    fn a_line_lasts_until_the_next_time() {
        let text = "[ti:Talk]\n[offset:+500]\n[00:01.50]One\n[00:02.50]\n\n[00:04.00][01:00.00]Two\nmore\n";
        let (got, skipped) = read(text);
        assert_eq!(
            got,
            [
                (Some(1_000), Some(2_000), vec!["One"]),
                (Some(3_500), None, vec!["Two", "more"])
            ]
        );
        assert_eq!(skipped, 1);
    }
}
