//! Plain text and Markdown: lines, their labels and times, and turns.

use std::collections::BTreeMap;
use std::ops::Range;

use throughline_core::{DocumentMeta, Role};

use super::Spoken;
use super::captions::{self, Caption};
use super::census::{self, Candidate, Speakers};
use super::clock::{self, Stamp};
use super::header;
use super::label::{self, Label, Style};
use super::names;
use super::words::Words;

/// What a transcript in lines holds.
pub(super) enum Reading {
    /// Turns that are stretches of the text as it stands.
    Turns(Vec<Spoken>),
    /// A text with a time in front of every line, which cuts through sentences:
    /// its lines are captions.
    Captions(Vec<Caption>),
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    /// `---`
    Rule,
    Heading,
    Text,
}

struct Line<'t> {
    /// Without white space at its ends.
    range: Range<usize>,
    kind: Kind,
    stamp: Option<Stamp>,
    /// Where it goes on after its stamp.
    after_stamp: usize,
    label: Option<Label>,
    name: &'t str,
}

/// Reads `text`; what stands above the first turn goes into `meta`.
pub(super) fn read(text: &str, given: &BTreeMap<String, Role>, meta: &mut DocumentMeta) -> Reading {
    let mut lines = lines(text);
    drop_chance_stamps(&mut lines);
    let start = read_header(text, &lines, meta);
    let body = lines.get(start..).unwrap_or_default();
    let (candidates, paragraphs) = candidates(text, body);
    let speakers = census::speakers(&candidates, paragraphs, given);
    if has_times_within_sentences(text, body, &speakers) || has_fragments(text, body, &speakers) {
        return Reading::Captions(line_captions(text, body, &speakers));
    }
    if meta.title.is_none() {
        meta.title = title(text, &lines, &speakers);
    }
    let mut turns = Turns::new(text, &speakers);
    for line in body {
        turns.line(line);
    }
    Reading::Turns(turns.finish())
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    for raw in text.split_inclusive('\n') {
        let start = at + (raw.len() - raw.trim_start().len());
        found.push(line(text, start..start.max(at + raw.trim_end().len())));
        at += raw.len();
    }
    found
}

fn line(text: &str, range: Range<usize>) -> Line<'_> {
    let words = text.get(range.clone()).unwrap_or_default();
    let quoted = words.trim_start_matches(['>', ' ']);
    let mut at = range.end - quoted.len();
    let kind = kind_of(quoted);
    let stamp = clock::stamp(quoted).filter(|_| kind == Kind::Text);
    if let Some(stamp) = stamp {
        let rest = quoted.get(stamp.len..).unwrap_or_default();
        at = range.end
            - rest
                .trim_start_matches([' ', '\t', '|', '-', '–', ':'])
                .len();
    }
    let labelled = text.get(at..range.end).unwrap_or_default();
    let label = match kind {
        Kind::Text | Kind::Heading => stamp
            .and_then(|_| label::of_chat(labelled))
            .or_else(|| label::label(labelled)),
        Kind::Blank | Kind::Rule => None,
    };
    let name = label
        .as_ref()
        .and_then(|label| text.get(at + label.name.start..at + label.name.end))
        .unwrap_or_default();
    Line {
        range,
        kind,
        stamp,
        after_stamp: at,
        label,
        name,
    }
}

fn kind_of(line: &str) -> Kind {
    let mut marks = line.chars().filter(|c| !c.is_whitespace());
    let Some(first) = marks.next() else {
        return Kind::Blank;
    };
    if matches!(first, '-' | '*' | '_' | '=' | '~' | '—')
        && line.len() >= 3
        && marks.all(|c| c == first)
    {
        return Kind::Rule;
    }
    let hashes = line.len() - line.trim_start_matches('#').len();
    match (1..=6).contains(&hashes) && line.get(hashes..).is_some_and(|rest| rest.starts_with(' '))
    {
        true => Kind::Heading,
        false => Kind::Text,
    }
}

/// A bare "17:30 we left" is a time of the recording only if lines usually
/// begin with one.
fn drop_chance_stamps(lines: &mut [Line<'_>]) {
    let bare = |line: &Line<'_>| {
        line.stamp
            .is_some_and(|stamp| !stamp.bracketed && !stamp.hours)
    };
    let texts = lines.iter().filter(|line| line.kind == Kind::Text).count();
    let count = lines.iter().filter(|line| bare(line)).count();
    if count >= 2 && count * 4 >= texts {
        return;
    }
    for line in lines.iter_mut().filter(|line| bare(line)) {
        line.stamp = None;
        line.after_stamp = line.range.start;
        line.label = None;
        line.name = "";
    }
}

/// Reads the header; gives the index of the first line below it.
fn read_header(text: &str, lines: &[Line<'_>], meta: &mut DocumentMeta) -> usize {
    let words = |line: &Line<'_>| text.get(line.range.clone()).unwrap_or_default();
    if let Some(end) = front_matter(text, lines) {
        for line in lines.get(1..end).unwrap_or_default() {
            if let Some(field) = header::field(words(line)).filter(|field| !field.value.is_empty())
            {
                header::add(&field, meta);
            }
        }
        return end + 1;
    }
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.label.is_some()) {
        *names.entry(line.name).or_default() += 1;
    }
    let recurring = names.values().filter(|count| **count >= 2).count();
    let mut end = 0;
    let mut at = 0;
    while at < lines.len() {
        let block = lines.get(at..).unwrap_or_default();
        let size = block
            .iter()
            .take_while(|line| line.kind == Kind::Text)
            .count();
        if size == 0 {
            at += 1;
            continue;
        }
        let block = block.get(..size).unwrap_or_default();
        let fields: Option<Vec<_>> = block
            .iter()
            .map(|line| {
                let field = header::field(words(line))?;
                let once = names.get(field.key).is_none_or(|count| *count <= 1);
                (field.is_known() || (once && !field.is_speech() && !field.value.is_empty()))
                    .then_some(field)
            })
            .collect();
        let Some(fields) = fields else { break };
        let known = fields.iter().any(header::Field::is_known);
        let names_speakers_below = end == 0 && recurring >= 2;
        if !known && !names_speakers_below {
            break;
        }
        fields.iter().for_each(|field| header::add(field, meta));
        at += size;
        end = at;
    }
    end
}

/// The first heading, if it stands above all words and is no speaker.
fn title(text: &str, lines: &[Line<'_>], speakers: &Speakers<'_>) -> Option<String> {
    let fields = |line: &&Line<'_>| {
        let words = text.get(line.range.clone()).unwrap_or_default();
        line.kind == Kind::Text && header::field(words).is_none()
    };
    let first_words = lines
        .iter()
        .position(|line| fields(&line))
        .unwrap_or(lines.len());
    let heading = lines
        .iter()
        .take(first_words)
        .find(|line| line.kind == Kind::Heading)?;
    if speakers.has(heading.name, Style::Heading) {
        return None;
    }
    let words = text
        .get(heading.range.clone())?
        .trim_matches(['#', ' ', '*']);
    Some(words.to_owned()).filter(|title| !title.is_empty())
}

/// The index of the line that closes YAML front matter.
fn front_matter(text: &str, lines: &[Line<'_>]) -> Option<usize> {
    let is_fence = |line: &Line<'_>| text.get(line.range.clone()) == Some("---");
    lines.first().filter(|line| is_fence(line))?;
    let close = lines.iter().skip(1).take(60).position(is_fence)? + 1;
    let inner = lines.get(1..close)?;
    let fits = inner.iter().all(|line| {
        let words = text.get(line.range.clone()).unwrap_or_default();
        words.is_empty() || words.starts_with(['-', '#']) || header::field(words).is_some()
    });
    (fits && !inner.is_empty()).then_some(close)
}

fn candidates<'t>(text: &'t str, lines: &[Line<'t>]) -> (Vec<Candidate<'t>>, usize) {
    let mut found = Vec::new();
    let (mut paragraphs, mut opens) = (0, true);
    for line in lines {
        if line.kind == Kind::Text && opens {
            paragraphs += 1;
        }
        let mut below_words = false;
        if let Some(label) = &line.label {
            let body = text.get(line.after_stamp + label.body..line.range.end);
            below_words = body.is_some_and(|words| !words.trim().is_empty());
            let after_time = text
                .get(..line.after_stamp + label.body)
                .unwrap_or_default();
            found.push(Candidate {
                name: line.name,
                style: label.style,
                shape: label.shape,
                opens: opens || line.stamp.is_some(),
                has_words: below_words,
                sure_time: label.stamp.is_some_and(|stamp| stamp.hours)
                    || after_time.ends_with(':'),
            });
        }
        opens = line.kind != Kind::Text || below_words;
    }
    (found, paragraphs)
}

fn has_words(line: &Line<'_>) -> bool {
    line.kind == Kind::Text && line.after_stamp < line.range.end
}

/// True if sentences run on across times that stand in front of lines: most
/// lines have a time and no label, or go on where the line before broke off.
fn has_times_within_sentences(text: &str, lines: &[Line<'_>], speakers: &Speakers<'_>) -> bool {
    let (mut texts, mut within, mut going_on) = (0, 0, 0);
    let mut ended = true;
    for line in lines.iter().filter(|line| has_words(line)) {
        texts += 1;
        let labelled = line
            .label
            .as_ref()
            .is_some_and(|label| speakers.has(line.name, label.style));
        if line.stamp.is_some() && !labelled {
            within += 1;
            going_on += usize::from(!ended);
        }
        let words = text.get(line.range.clone()).unwrap_or_default();
        let words = words.trim_end_matches(['"', '\'', ')', ']', '”', '’']);
        ended = words.ends_with(['.', '!', '?', '…', ':', '。', '？', '！']);
    }
    within >= 2 && (within * 2 > texts || (going_on >= 2 && going_on * 4 >= within))
}

/// True if the words of one speaker are cut into pieces, each with the
/// speaker's label again: pieces follow each other, and some break off within a
/// sentence.
fn has_fragments(text: &str, lines: &[Line<'_>], speakers: &Speakers<'_>) -> bool {
    let (mut labels, mut again, mut broken) = (0, 0, 0);
    let mut last: Option<&str> = None;
    let mut ended = true;
    for line in lines.iter().filter(|line| has_words(line)) {
        let label = line.label.as_ref();
        let label = label.filter(|label| speakers.has(line.name, label.style));
        let mut start = line.after_stamp;
        if let Some(label) = label {
            labels += 1;
            start += label.body;
            if last == Some(line.name) {
                again += 1;
                broken += usize::from(!ended);
            }
            last = Some(line.name);
        }
        let words = text.get(start..line.range.end).unwrap_or_default();
        if !words.trim().is_empty() {
            let words = words.trim_end_matches(['"', '\'', ')', ']', '”', '’']);
            ended = words.ends_with(['.', '!', '?', '…', ':', '。', '？', '！']);
        }
    }
    again >= 3 && again * 5 >= labels && broken >= 2 && broken * 4 >= again
}

fn line_captions(text: &str, lines: &[Line<'_>], speakers: &Speakers<'_>) -> Vec<Caption> {
    let mut found: Vec<Caption> = Vec::new();
    for line in lines.iter().filter(|line| has_words(line)) {
        let mut speaker = None;
        let mut start = line.after_stamp;
        let mut stamp = line.stamp;
        if let Some(label) = &line.label
            && speakers.has(line.name, label.style)
        {
            stamp = label.stamp.or(stamp);
            speaker = Some(Words::copied(
                text,
                start + label.name.start..start + label.name.end,
            ));
            start += label.body;
        }
        let words = Words::copied(text, start..line.range.end);
        let words = words.trimmed(0..words.text().len());
        found.push(Caption {
            speaker,
            start_ms: stamp.map(|stamp| stamp.start_ms),
            end_ms: stamp.and_then(|stamp| stamp.end_ms),
            lines: vec![words],
            changes: false,
        });
    }
    captions::carry_speakers(&mut found);
    found
}

/// Builds turns line by line.
struct Turns<'t, 's> {
    text: &'t str,
    speakers: &'s Speakers<'t>,
    done: Vec<Spoken>,
    open: Option<Spoken>,
    /// Who goes on speaking when words come without a label.
    speaker: Option<&'t str>,
    /// A time that stands before the words it belongs to, and its end.
    time: Option<(u64, Option<u64>)>,
}

impl<'t, 's> Turns<'t, 's> {
    fn new(text: &'t str, speakers: &'s Speakers<'t>) -> Self {
        Self {
            text,
            speakers,
            done: Vec::new(),
            open: None,
            speaker: None,
            time: None,
        }
    }

    fn line(&mut self, line: &Line<'t>) {
        let label = line
            .label
            .as_ref()
            .filter(|label| self.speakers.has(line.name, label.style));
        match line.kind {
            Kind::Blank => {
                // Without speakers, every paragraph is a turn.
                if self.speakers.is_empty() {
                    self.close();
                }
                return;
            }
            Kind::Rule | Kind::Heading if label.is_none() => {
                self.close();
                self.speaker = None;
                return;
            }
            _ => {}
        }
        let mut start = line.after_stamp;
        if let Some(stamp) = line.stamp {
            self.close();
            self.time = Some((stamp.start_ms, stamp.end_ms));
        }
        if let Some(label) = label {
            self.close();
            self.speaker = Some(line.name);
            start += label.body;
            if let Some(stamp) = label.stamp.or(line.stamp) {
                self.time = Some((stamp.start_ms, stamp.end_ms));
            }
        } else if self.is_stage(line) {
            self.close();
            self.speaker = None;
            return;
        }
        self.words(start..line.range.end);
    }

    /// "**Break**" and "**Music:** [01:44]" say that nobody speaks.
    fn is_stage(&self, line: &Line<'_>) -> bool {
        line.label.as_ref().is_some_and(|label| {
            let body = self.text.get(line.after_stamp + label.body..line.range.end);
            let body = body.unwrap_or_default().trim();
            let silent =
                clock::stamp(body).map_or(body.is_empty(), |stamp| stamp.len == body.len());
            let marked = matches!(
                label.style,
                Style::Bold | Style::BoldLine | Style::Colon | Style::Bracket
            );
            marked && silent && names::is_no_speech(line.name)
        })
    }

    fn words(&mut self, range: Range<usize>) {
        let body = self.text.get(range.clone()).unwrap_or_default();
        let words = body.trim_start();
        let mut start = range.end - words.len();
        let mut end = range.start + body.trim_end().len();
        if let Some(stamp) = clock::stamp(words).filter(|stamp| stamp.bracketed) {
            self.close();
            self.time = Some((stamp.start_ms, stamp.end_ms));
            let rest = words.get(stamp.len..).unwrap_or_default();
            start = range.end - rest.trim_start().len();
        }
        let last = self
            .text
            .get(start..end)
            .and_then(clock::stamp_at_end)
            .filter(|(_, stamp)| {
                stamp.bracketed
                    && self
                        .text
                        .get(..end)
                        .is_some_and(|t| t.ends_with(['#', ']']))
            });
        if let Some((at, _)) = last {
            let words = self.text.get(start..start + at).unwrap_or_default();
            end = start + words.trim_end().len();
        }
        if start < end {
            self.extend(start..end);
        }
        if let Some((_, stamp)) = last {
            if let Some(open) = &mut self.open {
                open.end_ms = Some(stamp.start_ms)
                    .filter(|end| open.start_ms.is_none_or(|start| start <= *end));
            }
            self.close();
            self.time = Some((stamp.start_ms, None));
        }
    }

    fn extend(&mut self, range: Range<usize>) {
        if let Some(open) = &mut self.open {
            open.range.end = range.end;
            return;
        }
        let time = self.time.take();
        self.open = Some(Spoken {
            range,
            speaker: self.speaker.map(str::to_owned),
            start_ms: time.map(|(start, _)| start),
            end_ms: time.and_then(|(_, end)| end),
        });
    }

    fn close(&mut self) {
        self.done.extend(self.open.take());
    }

    fn finish(mut self) -> Vec<Spoken> {
        self.close();
        self.done
    }
}
