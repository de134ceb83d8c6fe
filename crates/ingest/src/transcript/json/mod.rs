//! Transcripts that speech recognisers write as JSON.
//!
//! Whisper and its kin, whisper.cpp, AssemblyAI, Deepgram, Rev.ai, Amazon,
//! Google, Watson, Speechmatics, Azure, and any list of objects with a text and
//! a speaker or a time.

mod node;
mod recogniser;
mod shape;

pub(crate) use shape::is_transcript;

use node::{Fields, Node};

use super::captions::Caption;
use super::words::Words;

/// Names of the field that holds what was said.
const TEXTS: &[&str] = &[
    "text",
    "transcript",
    "content",
    "utterance",
    "dialog",
    "dialogue",
    "sentence",
    "caption",
];
/// Names of the field that says who spoke.
const SPEAKERS: &[&str] = &[
    "speaker",
    "speaker_label",
    "speaker_name",
    "speakerName",
    "speaker_id",
    "speakerId",
];
/// Names of the fields that say when.
const STARTS: &[&str] = &["start", "start_time", "startTime", "start_ms", "from"];
const ENDS: &[&str] = &["end", "end_time", "endTime", "end_ms", "to"];

/// Items that last longer than this on average, in seconds, are given in
/// milliseconds.
const LONGEST_ITEM_S: f64 = 200.0;

/// Lists are looked for to this depth.
const DEEPEST: usize = 6;

/// Something said, with times in the file's own unit.
#[derive(Debug, Default)]
struct Said {
    speaker: Option<Words>,
    start: Option<f64>,
    end: Option<f64>,
    words: Words,
}

/// The captions of the JSON in `text`.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn captions(text: &str) -> Result<Vec<Caption>, String> {
    let root = Node::root(text).map_err(|error| format!("the JSON is broken: {error}"))?;
    let said = recogniser::read(root).or_else(|| listed(root, 0));
    let said = said.ok_or("this JSON is no transcript of a known kind")?;
    Ok(into_captions(said))
}

/// The first list of objects that have a text, and a speaker or a time.
fn listed(node: Node<'_>, depth: usize) -> Option<Vec<Said>> {
    let found: Vec<Said> = node.items().into_iter().filter_map(item).collect();
    let known = |said: &Said| said.speaker.is_some() || said.start.is_some();
    if found.iter().any(known) {
        return Some(found);
    }
    if depth >= DEEPEST {
        return None;
    }
    node.children()
        .into_iter()
        .find_map(|child| listed(child, depth + 1))
}

/// An object with a text, a speaker and times under their usual names.
fn item(node: Node<'_>) -> Option<Said> {
    let fields = node.fields();
    let words = fields.first(TEXTS).filter(|text| text.is_string())?.words();
    let role = || fields.get("role").filter(|role| role.is_string());
    Some(Said {
        speaker: speaker(&fields).or_else(|| role().map(Node::words)),
        start: time(&fields, STARTS),
        end: time(&fields, ENDS),
        words,
    })
}

fn time(fields: &Fields<'_>, names: &[&str]) -> Option<f64> {
    fields.first(names).and_then(Node::number)
}

/// Who spoke. A letter or a number alone is no name that can be shown.
fn speaker(fields: &Fields<'_>) -> Option<Words> {
    let node = fields.first(SPEAKERS)?;
    let name = node
        .fields()
        .first(&["name", "label", "id"])
        .unwrap_or(node);
    Some(named(&name.words())).filter(|name| !name.is_blank())
}

fn named(label: &Words) -> Words {
    let label = label.trimmed(0..label.text().len());
    let bare = label.text().chars().count() == 1
        || (!label.is_blank() && label.text().bytes().all(|byte| byte.is_ascii_digit()));
    if !bare {
        return label;
    }
    let mut name = Words::default();
    name.insert("Speaker ");
    name.append(&label);
    name
}

fn into_captions(said: Vec<Said>) -> Vec<Caption> {
    let lasting: Vec<f64> = said
        .iter()
        .filter_map(|said| Some(said.end? - said.start?))
        .collect();
    let mean = lasting.iter().sum::<f64>() / lasting.len().max(1) as f64;
    let factor = if mean > LONGEST_ITEM_S { 1.0 } else { 1_000.0 };
    // Nothing that is recorded lasts as long as a float can say.
    let ms = |time: f64| (time * factor).round().clamp(0.0, 1e12) as u64;
    said.into_iter()
        .map(|said| Caption {
            speaker: said.speaker,
            start_ms: said.start.map(ms),
            end_ms: said
                .end
                .filter(|end| said.start.is_none_or(|start| start <= *end))
                .map(ms),
            lines: vec![said.words.trimmed(0..said.words.text().len())],
            changes: false,
        })
        .collect()
}
