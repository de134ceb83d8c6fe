//! JSON Lines in, JSON Lines out: the engine without a study.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_core::{
    ContentHash, Document, Moment, NoStage, OtherReason, PassageId, Role, Sentiment, Span, Tagged,
    Touchpoint, Vector,
};
use throughline_ingest::{FileSummary, Options, SkippedFile, discover, read_file};
use throughline_nlp::{TagInput, Tagger};
use throughline_themes::{Item, Parameters, cluster};

use crate::{Frameworks, StudyError};

/// Lines that are held at a time. Enough to keep every core busy with batches
/// of equal length, little enough to be nothing in memory.
const CHUNK: usize = 2048;

/// One line of `tag -` on its way in.
#[derive(Debug, Deserialize)]
struct TagLine {
    #[serde(default)]
    id: Value,
    text: String,
    #[serde(default)]
    context: Option<String>,
}

/// One line of `tag -` on its way out.
///
/// `stages` maps each framework to its stage, or to null; why it is null stands
/// in `no_stage`. `moment` is the best label also where `unclear` says that the
/// engine abstains. Each confidence is that of the answer beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagRecord {
    /// The id that came in, unchanged.
    pub id: Value,
    /// The best moment.
    pub moment: Moment,
    /// Probability that the moment is right, 0…1.
    pub moment_confidence: f32,
    /// True if the engine abstains.
    pub unclear: bool,
    /// Framework id → stage id, or null.
    pub stages: BTreeMap<String, Option<String>>,
    /// Framework id → why its stage is null.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub no_stage: BTreeMap<String, NoStage>,
    /// The speaker's evaluation.
    pub sentiment: Sentiment,
    /// Probability that the sentiment is right, 0…1.
    pub sentiment_confidence: f32,
    /// P(positive) − P(negative), −1…+1.
    pub valence: f32,
    /// Whether a pain point is stated.
    pub pain: bool,
    /// Probability that the answer to `pain` is right, 0…1.
    pub pain_confidence: f32,
    /// The touchpoint.
    pub touchpoint: Touchpoint,
    /// Probability that the touchpoint is right, 0…1.
    pub touchpoint_confidence: f32,
    /// The 8-bit vector, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<Vec<i8>>,
}

/// What stands in place of a record where a line could not be used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRecord {
    /// The id that came in, or null where none could be read.
    pub id: Value,
    /// What was wrong, with the number of the line.
    pub error: String,
}

/// What a stream did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StreamOutcome {
    /// Lines answered with a record.
    pub answered: u64,
    /// Lines answered with an error.
    pub malformed: u64,
}

/// A line that was read: what it says, or what is wrong with it.
type Line<T> = Result<T, ErrorRecord>;

/// Tags passages from `input` to `output`: same order, one line for each line
/// that is not blank, in bounded memory whatever the length of the input.
///
/// # Errors
/// If a stream breaks or the model fails; a malformed line is no error but is
/// answered with an [`ErrorRecord`].
pub fn tag_stream(
    tagger: &dyn Tagger,
    frameworks: &Frameworks,
    embedding: bool,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<StreamOutcome, StudyError> {
    let mut outcome = StreamOutcome::default();
    let mut lines = Lines::new(input);
    loop {
        let chunk: Vec<Line<TagLine>> = lines.take(CHUNK)?;
        if chunk.is_empty() {
            output.flush()?;
            return Ok(outcome);
        }
        let inputs: Vec<TagInput<'_>> = chunk
            .iter()
            .flatten()
            .map(|line| TagInput {
                text: &line.text,
                context: line.context.as_deref(),
            })
            .collect();
        let mut tagged = tagger.tag(&inputs)?.into_iter();
        for line in &chunk {
            match line {
                Ok(line) => {
                    let Some(tagged) = tagged.next() else {
                        continue;
                    };
                    let record = tag_record(line.id.clone(), &tagged, frameworks, embedding);
                    write_line(output, &record)?;
                    outcome.answered += 1;
                }
                Err(error) => {
                    write_line(output, error)?;
                    outcome.malformed += 1;
                }
            }
        }
    }
}

fn tag_record(id: Value, tagged: &Tagged, frameworks: &Frameworks, embedding: bool) -> TagRecord {
    let tags = &tagged.tags;
    let mut stages = BTreeMap::new();
    let mut no_stage = BTreeMap::new();
    for (framework, place) in frameworks.place(tags) {
        stages.insert(framework.to_owned(), place.ok().map(str::to_owned));
        if let Err(reason) = place {
            no_stage.insert(framework.to_owned(), reason);
        }
    }
    TagRecord {
        id,
        moment: tags.moment.label,
        moment_confidence: tags.moment.confidence,
        unclear: tags.unclear,
        stages,
        no_stage,
        sentiment: tags.sentiment.label,
        sentiment_confidence: tags.sentiment.confidence,
        valence: tags.valence,
        pain: tags.pain.label,
        pain_confidence: tags.pain.confidence,
        touchpoint: tags.touchpoint.label,
        touchpoint_confidence: tags.touchpoint.confidence,
        embedding: embedding.then(|| tagged.vector.components().to_vec()),
    }
}

/// One line of `cluster -` on its way in.
#[derive(Debug, Deserialize)]
struct ClusterLine {
    #[serde(default)]
    id: Value,
    text: String,
}

/// One line of `cluster -` on its way out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterRecord {
    /// The id that came in, unchanged.
    pub id: Value,
    /// The theme, `t1` being the largest; null for a text in Other.
    pub theme: Option<String>,
    /// The theme's label, a slice of one of its texts; null in Other.
    pub label: Option<String>,
    /// Why the text is in Other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<OtherReason>,
}

/// Groups the texts of `input` into themes. Reads all before it answers; the
/// answers come in the order of the lines, and the themes do not depend on it.
///
/// # Errors
/// As [`tag_stream`].
pub fn cluster_stream(
    tagger: &dyn Tagger,
    parameters: &Parameters,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<StreamOutcome, StudyError> {
    let lines: Vec<Line<ClusterLine>> = Lines::new(input).take(usize::MAX)?;
    let texts: Vec<&str> = lines
        .iter()
        .flatten()
        .map(|line| line.text.as_str())
        .collect();
    let vectors = tagger.embed(&texts)?;
    let names = distinct_names(&texts);
    let items: Vec<Item<'_>> = texts
        .iter()
        .zip(&vectors)
        .zip(&names)
        .map(|((text, vector), (name, id))| item(*id, name, text, vector))
        .collect();
    let clustering = cluster(&items, parameters);
    let mut answers: Vec<ClusterRecord> = items.iter().map(|_| in_other(None)).collect();
    for (number, group) in clustering.groups.iter().enumerate() {
        let label = texts
            .get(group.label.member)
            .and_then(|text| text.get(group.label.range.clone()))
            .unwrap_or_default();
        for member in &group.members {
            if let Some(answer) = answers.get_mut(*member) {
                *answer = ClusterRecord {
                    id: Value::Null,
                    theme: Some(format!("t{}", number + 1)),
                    label: Some(label.to_owned()),
                    reason: None,
                };
            }
        }
    }
    for (member, reason) in &clustering.other {
        if let Some(answer) = answers.get_mut(*member) {
            *answer = in_other(Some(*reason));
        }
    }
    write_answers(&lines, answers, output)
}

fn item<'a>(id: PassageId, name: &'a str, text: &'a str, vector: &'a Vector) -> Item<'a> {
    Item {
        id,
        text,
        vector,
        document: name,
        participant: None,
    }
}

fn in_other(reason: Option<OtherReason>) -> ClusterRecord {
    ClusterRecord {
        id: Value::Null,
        theme: None,
        label: None,
        reason,
    }
}

/// A name and an id for each text that depend on the text alone, so that the
/// themes do not depend on the order of the lines: the same text a second time
/// gets the next number.
fn distinct_names(texts: &[&str]) -> Vec<(String, PassageId)> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    texts
        .iter()
        .map(|text| {
            let count = seen.entry(text).or_default();
            *count += 1;
            let hash = ContentHash::of(text.as_bytes());
            let name = format!("{hash}~{count}");
            let id = PassageId::of(
                &name,
                hash,
                Span {
                    start: 0,
                    end: text.len(),
                },
            );
            (name, id)
        })
        .collect()
}

fn write_answers(
    lines: &[Line<ClusterLine>],
    answers: Vec<ClusterRecord>,
    output: &mut dyn Write,
) -> Result<StreamOutcome, StudyError> {
    let mut outcome = StreamOutcome::default();
    let mut answers = answers.into_iter();
    for line in lines {
        match line {
            Ok(line) => {
                let Some(answer) = answers.next() else {
                    continue;
                };
                write_line(
                    output,
                    &ClusterRecord {
                        id: line.id.clone(),
                        ..answer
                    },
                )?;
                outcome.answered += 1;
            }
            Err(error) => {
                write_line(output, error)?;
                outcome.malformed += 1;
            }
        }
    }
    output.flush()?;
    Ok(outcome)
}

/// One line of `ingest --json`: one passage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassageRecord {
    /// The file, and for a row of a table `file#id`.
    pub doc: String,
    /// Number of the turn in its document, from 0.
    pub turn: usize,
    /// Number of the passage in its document, from 0.
    pub passage: usize,
    /// The speaker's label as the source writes it.
    pub speaker: Option<String>,
    /// The speaker's part in the conversation.
    pub role: Role,
    /// Start of the turn in milliseconds.
    pub start_ms: Option<u64>,
    /// End of the turn in milliseconds.
    pub end_ms: Option<u64>,
    /// First byte in the canonical text.
    pub start: usize,
    /// Byte after the last in the canonical text.
    pub end: usize,
    /// The words.
    pub text: String,
}

/// What `ingest` read.
#[derive(Debug, Default)]
pub struct IngestOutcome {
    /// Each file with what was found in it, or why it could not be read.
    pub files: Vec<(String, Result<FileSummary, StudyError>)>,
    /// Files that were not read because they are of no known format.
    pub skipped: Vec<SkippedFile>,
}

/// Reads files without a study and gives each passage to `each`.
///
/// # Errors
/// If an argument names nothing, or `each` fails; a file that cannot be read is
/// no error but part of the outcome.
pub fn ingest_files(
    arguments: &[PathBuf],
    options: &Options,
    each: &mut dyn FnMut(&PassageRecord) -> Result<(), StudyError>,
) -> Result<IngestOutcome, StudyError> {
    let discovery = discover(arguments)?;
    let mut outcome = IngestOutcome {
        skipped: discovery.skipped,
        ..IngestOutcome::default()
    };
    for input in discovery.inputs {
        let mut failure = None;
        let read = read_file(
            &input,
            options,
            &mut |document| match each_passage(&document, each) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            },
        );
        if let Some(error) = failure {
            return Err(error);
        }
        outcome
            .files
            .push((input.name, read.map_err(StudyError::from)));
    }
    Ok(outcome)
}

fn each_passage(
    document: &Document,
    each: &mut dyn FnMut(&PassageRecord) -> Result<(), StudyError>,
) -> Result<(), StudyError> {
    for (number, passage) in document.passages.iter().enumerate() {
        let Some(turn) = document.turns.get(passage.turn) else {
            continue;
        };
        each(&PassageRecord {
            doc: document.name.clone(),
            turn: passage.turn,
            passage: number,
            speaker: turn.speaker.clone(),
            role: turn.role,
            start_ms: turn.start_ms,
            end_ms: turn.end_ms,
            start: passage.span.start,
            end: passage.span.end,
            text: document.slice(passage.span).to_owned(),
        })?;
    }
    Ok(())
}

/// Writes one value as one line of JSON.
///
/// # Errors
/// If the stream breaks.
pub fn write_line<T: Serialize>(output: &mut dyn Write, value: &T) -> Result<(), StudyError> {
    serde_json::to_writer(&mut *output, value).map_err(std::io::Error::from)?;
    output.write_all(b"\n")?;
    Ok(())
}

/// Reads JSON Lines; blank lines are passed over.
struct Lines<'a> {
    input: &'a mut dyn BufRead,
    number: u64,
    buffer: Vec<u8>,
}

impl<'a> Lines<'a> {
    fn new(input: &'a mut dyn BufRead) -> Self {
        Self {
            input,
            number: 0,
            buffer: Vec::new(),
        }
    }

    /// The next `most` lines that are not blank; fewer at the end.
    fn take<T: for<'de> Deserialize<'de>>(
        &mut self,
        most: usize,
    ) -> Result<Vec<Line<T>>, StudyError> {
        let mut lines = Vec::new();
        while lines.len() < most {
            self.buffer.clear();
            if self.input.read_until(b'\n', &mut self.buffer)? == 0 {
                break;
            }
            self.number += 1;
            let line = self.buffer.trim_ascii();
            if !line.is_empty() {
                lines.push(parse(line, self.number));
            }
        }
        Ok(lines)
    }
}

fn parse<T: for<'de> Deserialize<'de>>(line: &[u8], number: u64) -> Line<T> {
    serde_json::from_slice(line).map_err(|error| {
        // The id is given back even where the rest is of no use.
        let id = serde_json::from_slice::<Value>(line)
            .ok()
            .and_then(|value| value.get("id").cloned())
            .unwrap_or(Value::Null);
        ErrorRecord {
            id,
            error: format!("line {number}: {error}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_line_keeps_its_id_and_its_place() {
        let mut input: &[u8] = b"{\"id\":1,\"text\":\"a\"}\n\n{\"id\":2}\nnot json\n";
        let lines: Vec<Line<ClusterLine>> = Lines::new(&mut input).take(10).unwrap();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0].as_ref().unwrap().text, "a");
        let second = lines[1].as_ref().unwrap_err();
        assert_eq!(second.id, 2);
        assert!(
            second.error.starts_with("line 3: missing field `text`"),
            "{}",
            second.error
        );
        assert_eq!(lines[2].as_ref().unwrap_err().id, Value::Null);
    }

    #[test]
    fn names_of_equal_texts_differ_and_do_not_depend_on_the_others() {
        let names = distinct_names(&["a", "b", "a"]);
        assert_ne!(names[0].1, names[2].1);
        assert_eq!(names[1], distinct_names(&["b"])[0]);
    }
}
