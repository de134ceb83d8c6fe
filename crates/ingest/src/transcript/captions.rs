//! Captions joined into turns, and the text that is made of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use throughline_core::{Role, Segment};

use super::Spoken;
use super::census::{self, Candidate};
use super::cues::Cue;
use super::label;
use super::markup;
use super::words::Words;

/// A pause that ends a turn of an unknown speaker at the end of a sentence.
const PAUSE_MS: u64 = 1_500;
/// A pause that ends it anywhere.
const LONG_PAUSE_MS: u64 = 6_000;
/// So many bytes end it at the end of a sentence …
const FULL: usize = 600;
/// … and so many anywhere.
const MOST: usize = 2_000;
/// Captions roll if so many in a hundred begin with the line before.
const ROLLING: usize = 30;

/// What is said in one caption by one speaker.
#[derive(Debug)]
pub(super) struct Caption {
    pub(super) speaker: Option<Words>,
    pub(super) start_ms: Option<u64>,
    pub(super) end_ms: Option<u64>,
    /// Its lines; none is blank but that of a caption without words.
    pub(super) lines: Vec<Words>,
    /// True if a dash or `>>` says that somebody else speaks now.
    pub(super) changes: bool,
}

/// The captions of `cues`, with speakers by `<v Name>` or by `Name:`, and how
/// many lines were shown twice and are kept once.
pub(super) fn captions(
    text: &str,
    cues: &[Cue],
    given: &BTreeMap<String, Role>,
) -> (Vec<Caption>, u64) {
    let mut found: Vec<Caption> = Vec::new();
    for cue in cues {
        let mut voice: Option<Range<usize>> = None;
        let mut last: Option<Caption> = None;
        for line in &cue.lines {
            let (runs, open) = markup::runs(text, line.clone(), voice);
            voice = open;
            for run in runs {
                let speaker = run.voice.map(|name| markup::name(text, name));
                let words = run.words.trimmed(0..run.words.text().len());
                match &mut last {
                    Some(caption) if caption.speaker == speaker => caption.lines.push(words),
                    _ => found.extend(last.replace(Caption {
                        speaker,
                        start_ms: cue.start_ms,
                        end_ms: cue.end_ms,
                        lines: vec![words],
                        changes: false,
                    })),
                }
            }
        }
        found.extend(last);
    }
    let repeated = unroll(&mut found) + ungrow(&mut found);
    if found.iter().all(|caption| caption.speaker.is_none()) {
        found = with_labels(found, given);
    }
    (found, repeated)
}

/// Rolling captions repeat the last line above the new one: every line is kept
/// once. Gives the number of those left out.
fn unroll(captions: &mut Vec<Caption>) -> u64 {
    let repeats = captions
        .windows(2)
        .filter(|pair| match pair {
            [a, b] => match (a.lines.last(), b.lines.first()) {
                (Some(last), Some(first)) => last.text() == first.text(),
                _ => false,
            },
            _ => false,
        })
        .count();
    // Three captions are few, but not where each begins with the one before.
    let all = captions.len() == 3 && repeats == 2;
    if !all && (captions.len() < 4 || repeats * 100 < ROLLING * captions.len()) {
        return 0;
    }
    let mut before = String::new();
    let mut dropped = 0;
    for caption in captions.iter_mut() {
        caption.lines.retain(|line| {
            let repeated = line.text() == before;
            dropped += u64::from(repeated);
            if !repeated {
                line.text().clone_into(&mut before);
            }
            !repeated
        });
    }
    captions.retain(|caption| !caption.lines.is_empty());
    dropped
}

/// Live captions show a line again with every word that is added to it: only
/// the last is kept, from the time of the first. Gives the number of those left
/// out.
fn ungrow(captions: &mut Vec<Caption>) -> u64 {
    let whole: Vec<String> = captions
        .iter()
        .map(|caption| {
            let lines: Vec<_> = caption.lines.iter().map(Words::text).collect();
            lines.join(" ")
        })
        .collect();
    let grows: Vec<bool> = whole
        .windows(2)
        .map(|pair| match pair {
            [a, b] => !a.is_empty() && b.len() > a.len() && b.starts_with(a.as_str()),
            _ => false,
        })
        .collect();
    let count = grows.iter().filter(|grows| **grows).count();
    if captions.len() < 4 || count * 100 < ROLLING * captions.len() {
        return 0;
    }
    let mut began = None;
    let mut kept = Vec::new();
    for (index, mut caption) in std::mem::take(captions).into_iter().enumerate() {
        let start = began.take().unwrap_or(caption.start_ms);
        if grows.get(index) == Some(&true) {
            began = Some(start);
        } else {
            caption.start_ms = start;
            kept.push(caption);
        }
    }
    *captions = kept;
    count as u64
}

/// Splits lines at labels (`Dana: words`) and at marks of a new speaker.
pub(super) fn with_labels(captions: Vec<Caption>, given: &BTreeMap<String, Role>) -> Vec<Caption> {
    let speakers = speakers_in(&captions, given);
    let lines = captions.iter().flat_map(|caption| &caption.lines);
    let marked = lines.filter(|line| change_mark(line.text()).0).count() >= 2;
    let mut found: Vec<Caption> = Vec::new();
    for caption in captions {
        let (start_ms, end_ms) = (caption.start_ms, caption.end_ms);
        let mut last: Option<Caption> = None;
        let lines = caption.lines.iter();
        for line in lines.flat_map(|line| turns_within(line, marked)) {
            let (speaker, body, changes) = head(&line, &speakers, marked);
            let words = line.trimmed(body..line.text().len());
            match &mut last {
                Some(caption) if speaker.is_none() && !changes => caption.lines.push(words),
                _ => found.extend(last.replace(Caption {
                    speaker,
                    start_ms,
                    end_ms,
                    lines: vec![words],
                    changes,
                })),
            }
        }
        found.extend(last);
    }
    carry_speakers(&mut found);
    found
}

/// The labels in front of lines that are speakers.
fn speakers_in(
    captions: &[Caption],
    given: &BTreeMap<String, Role>,
) -> BTreeSet<(String, label::Style)> {
    let lines: Vec<&str> = captions
        .iter()
        .flat_map(|caption| &caption.lines)
        .map(|line| change_mark(line.text()).1)
        .collect();
    let candidates: Vec<_> = lines
        .iter()
        .filter_map(|line| {
            let label = label::label(line)?;
            Some(Candidate {
                name: line.get(label.name)?,
                style: label.style,
                shape: label.shape,
                opens: true,
                has_words: label.body < line.len(),
                sure_time: false,
            })
        })
        .collect();
    // Captions name a speaker only now and then.
    let openings = candidates.len().max(lines.len() / 8);
    let speakers = census::speakers(&candidates, openings, given);
    candidates
        .iter()
        .filter(|candidate| speakers.has(candidate.name, candidate.style))
        .map(|candidate| (candidate.name.to_owned(), candidate.style))
        .collect()
}

/// The speaker named in front of `line`, where the words begin, and whether a
/// mark says that somebody else speaks.
fn head(
    line: &Words,
    speakers: &BTreeSet<(String, label::Style)>,
    marked: bool,
) -> (Option<Words>, usize, bool) {
    let (mark, rest) = change_mark(line.text());
    let changes = mark && marked;
    let skipped = line.text().len() - rest.len();
    let label = label::label(rest).filter(|label| {
        let name = rest.get(label.name.clone()).unwrap_or_default();
        speakers.contains(&(name.to_owned(), label.style))
    });
    match label {
        Some(label) => {
            let name = skipped + label.name.start..skipped + label.name.end;
            (Some(line.trimmed(name)), skipped + label.body, changes)
        }
        None if changes => (None, skipped, true),
        None => (None, 0, false),
    }
}

/// Parts of a line such as "You did. - Yes, I did.", where dashes mark turns.
fn turns_within(line: &Words, marked: bool) -> Vec<Words> {
    let text = line.text();
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(" - ").filter(|_| marked) {
        let ends = text
            .get(..at)
            .is_some_and(|before| before.ends_with(['.', '!', '?', '…']));
        let (changes, _) = change_mark(text.get(at + 1..).unwrap_or_default());
        if ends && changes {
            parts.push(line.trimmed(start..at));
            start = at + 1;
        }
    }
    parts.push(line.trimmed(start..text.len()));
    parts
}

/// A leading dash or `>>`, and what follows it.
fn change_mark(line: &str) -> (bool, &str) {
    for mark in [">>>", ">>", "- ", "– ", "— ", "-"] {
        if let Some(rest) = line.strip_prefix(mark) {
            let rest = rest.trim_start();
            let starts = rest.starts_with(|c: char| !c.is_lowercase() && !matches!(c, '-' | '>'));
            return (starts, if starts { rest } else { line });
        }
    }
    (false, line)
}

/// Where speakers are named only when they change, the last one goes on.
pub(super) fn carry_speakers(captions: &mut [Caption]) {
    let mut last: Option<Words> = None;
    for caption in captions {
        if caption.speaker.is_some() {
            last.clone_from(&caption.speaker);
        } else if caption.changes {
            last = None;
        } else {
            caption.speaker.clone_from(&last);
        }
    }
}

/// A turn being joined.
struct Turn {
    speaker: Option<Words>,
    start_ms: Option<u64>,
    end_ms: Option<u64>,
    words: Words,
}

impl Turn {
    fn takes(&self, caption: &Caption) -> bool {
        let name = |words: &Option<Words>| words.as_ref().map(|words| words.text().to_owned());
        if name(&self.speaker) != name(&caption.speaker) || caption.changes {
            return false;
        }
        if self.speaker.is_some() {
            return true;
        }
        let pause = match (self.end_ms, caption.start_ms) {
            (Some(end), Some(start)) => start.saturating_sub(end),
            _ => 0,
        };
        goes_on(self.words.text(), pause)
    }
}

/// True if what is said `pause` milliseconds after `words`, by nobody knows
/// whom either, is of the same turn.
pub(crate) fn goes_on(words: &str, pause: u64) -> bool {
    let closed = words.trim_end_matches(['"', '\'', ')', '”', '’', ']']);
    let sentence = closed.ends_with(['.', '!', '?', '…', '。', '？', '！']);
    let ends = sentence && (pause >= PAUSE_MS || words.len() >= FULL);
    !ends && pause < LONG_PAUSE_MS && words.len() < MOST
}

/// Joins captions into turns and turns into a text: a paragraph each, with the
/// speaker's name in front where it is known.
pub(super) fn compose(
    captions: Vec<Caption>,
    segments: &[Segment],
) -> (String, Vec<Segment>, Vec<Spoken>) {
    let mut turns: Vec<Turn> = Vec::new();
    for caption in captions {
        let mut words = Words::default();
        for line in caption.lines.iter().filter(|line| !line.is_blank()) {
            words.join(line);
        }
        match turns.last_mut() {
            Some(turn) if turn.takes(&caption) => {
                turn.words.join(&words);
                turn.end_ms = caption.end_ms.or(turn.end_ms).max(turn.end_ms);
                turn.start_ms = turn.start_ms.or(caption.start_ms);
            }
            _ => turns.push(Turn {
                speaker: caption.speaker,
                start_ms: caption.start_ms,
                end_ms: caption.end_ms,
                words,
            }),
        }
    }
    let mut all = Words::default();
    let mut spoken = Vec::new();
    for turn in turns.into_iter().filter(|turn| !turn.words.is_blank()) {
        if !all.text().is_empty() {
            all.insert("\n\n");
        }
        if let Some(speaker) = &turn.speaker {
            all.append(speaker);
            all.insert(": ");
        }
        let start = all.text().len();
        all.append(&turn.words);
        spoken.push(Spoken {
            range: start..all.text().len(),
            speaker: turn.speaker.map(|speaker| speaker.text().to_owned()),
            start_ms: turn.start_ms,
            end_ms: turn.end_ms,
        });
    }
    if !spoken.is_empty() {
        all.insert("\n");
    }
    let (text, segments) = all.into_text(segments);
    (text, segments, spoken)
}
