//! Tables of a document whose rows are what somebody said.

use super::flow::{Block, Rows};
use crate::transcript::clock;
use crate::transcript::names;
use crate::transcript::words::Words;

/// What the columns of such a table are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Columns {
    time: Option<usize>,
    speaker: Option<usize>,
    text: usize,
}

const TEXTS: &[&str] = &[
    "content",
    "dialogue",
    "speech",
    "text",
    "transcript",
    "transcription",
    "utterance",
    "verbatim",
    "what was said",
];
const SPEAKERS: &[&str] = &["name", "participant", "person", "speaker", "who"];
const TIMES: &[&str] = &[
    "start",
    "start time",
    "time",
    "time code",
    "timecode",
    "timespan",
    "time span",
    "timestamp",
    "time stamp",
];

/// The paragraphs of a table: `[time] Speaker: text` where its columns are
/// these, else its cells one after another.
pub(super) fn blocks(rows: Rows) -> Vec<Block> {
    let rows: Rows = rows
        .into_iter()
        .filter(|row| row.iter().any(|cell| !cell.is_empty()))
        .collect();
    let by_header = rows.first().and_then(|row| header(row));
    match by_header.or_else(|| by_content(&rows)) {
        Some(columns) => {
            let first = usize::from(by_header.is_some());
            let turns = rows.into_iter().skip(first);
            turns
                .flat_map(|row| turn(row, columns))
                .chain([Block::end_of_table()])
                .collect()
        }
        None => rows.into_iter().flatten().flatten().collect(),
    }
}

/// What is written in a cell of one line; empty if it has more.
fn short(cell: &[Block]) -> &str {
    match cell {
        [block] if block.lines.len() == 1 => block.first_line(),
        _ => "",
    }
}

fn header(row: &[Vec<Block>]) -> Option<Columns> {
    let names: Vec<String> = row.iter().map(|cell| short(cell).to_lowercase()).collect();
    let find = |known: &[&str]| {
        names
            .iter()
            .position(|name| known.contains(&name.trim_end_matches([':', '(', ')'])))
    };
    let columns = Columns {
        time: find(TIMES),
        speaker: find(SPEAKERS),
        text: find(TEXTS)?,
    };
    (columns.time.is_some() || columns.speaker.is_some()).then_some(columns)
}

/// Columns told by what stands in them: times, names, and one of text.
fn by_content(rows: &Rows) -> Option<Columns> {
    let width = rows
        .iter()
        .map(Vec::len)
        .max()
        .filter(|width| (2..=4).contains(width))?;
    if rows.len() < 2 {
        return None;
    }
    let column = |index: usize| {
        rows.iter()
            .filter_map(move |row| row.get(index))
            .filter(|cell| !cell.is_empty())
    };
    let mostly = |index: usize, fits: fn(&str) -> bool| {
        let all = column(index).count();
        all >= 2 && column(index).filter(|cell| fits(short(cell))).count() * 10 >= all * 9
    };
    let is_time = |text: &str| clock::stamp(text).is_some_and(|stamp| stamp.len == text.len());
    let is_name = |text: &str| names::shape(text.trim_end_matches(':')).is_some();
    let time = (0..width).find(|index| mostly(*index, is_time));
    let speaker = (0..width).find(|index| Some(*index) != time && mostly(*index, is_name));
    let size = |index: usize| -> usize {
        column(index)
            .flatten()
            .flat_map(|block| &block.lines)
            .map(|line| line.words.text().len())
            .sum()
    };
    let text = (0..width)
        .filter(|index| Some(*index) != time && Some(*index) != speaker)
        .max_by_key(|index| size(*index))?;
    let longer = speaker.is_none_or(|speaker| size(text) > size(speaker));
    let known = speaker.is_some() || time.is_some();
    (known && longer).then_some(Columns {
        time,
        speaker,
        text,
    })
}

/// One row as paragraphs.
fn turn(mut row: Vec<Vec<Block>>, columns: Columns) -> Vec<Block> {
    let mut head = Words::default();
    let mut name = None;
    let cell = |row: &[Vec<Block>], column: Option<usize>| {
        let line = row.get(column?)?.first()?.lines.first()?;
        let words = line.words.trimmed(0..line.words.text().len());
        (!words.is_blank()).then_some(words)
    };
    if let Some(time) = cell(&row, columns.time) {
        let bracketed = time.text().starts_with(['[', '(', '{', '#']);
        head.insert(if bracketed { "" } else { "[" });
        head.append(&time);
        head.insert(if bracketed { " " } else { "] " });
    }
    if let Some(speaker) = cell(&row, columns.speaker) {
        let bare = speaker.text().trim_end_matches([':', ' ']);
        name = Some(bare.to_owned());
        head.append(&speaker.trimmed(0..bare.len()));
        head.insert(": ");
    }
    let mut text = match row.get_mut(columns.text) {
        Some(cell) => std::mem::take(cell),
        None => Vec::new(),
    };
    match text.first_mut().and_then(|block| block.lines.first_mut()) {
        Some(line) => {
            head.append(&line.words);
            line.words = head;
        }
        None if !head.is_blank() => text.push(Block::of(head)),
        None => {}
    }
    if let Some(first) = text.first_mut() {
        first.speaker = name;
    }
    text
}
