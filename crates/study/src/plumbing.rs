//! JSON Lines in, JSON Lines out: the engine without a study.

mod clustering;

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_core::{Document, Moment, NoStage, Role, Sentiment, Tagged, Touchpoint};
use throughline_ingest::{FileSummary, Options, SkippedFile, discover, read_file};
use throughline_nlp::{TagInput, Tagger, explain};
use throughline_report::Reasons;

pub use clustering::{ClusterRecord, cluster_stream};

use crate::{Frameworks, Placer, StageScorer, StudyError};

/// Lines that are held at a time. Enough to keep every core busy with batches
/// of equal length, little enough to be nothing in memory.
const CHUNK: usize = 2048;
/// The same where each line is explained and so read some twenty times.
const EXPLAINED: usize = 128;

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
    /// Stage id → its share by definition alone, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_scores: Option<BTreeMap<String, f32>>,
    /// Why it has its tags, where it was asked for; positions are bytes of the
    /// text that came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explain: Option<Reasons>,
    /// The 8-bit vector, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<Vec<i8>>,
}

/// What a [`TagRecord`] holds besides the tags.
#[derive(Clone, Copy, Default)]
pub struct TagExtras<'a> {
    /// The 8-bit vector.
    pub embedding: bool,
    /// Why the passage has its tags.
    pub explain: bool,
    /// What these stages get by their definitions.
    pub stages: Option<&'a StageScorer>,
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
pub(crate) type Line<T> = Result<T, ErrorRecord>;

/// Tags passages from `input` to `output`: same order, one line for each line
/// that is not blank, in bounded memory whatever the length of the input.
///
/// # Errors
/// If a stream breaks or the model fails; a malformed line is no error but is
/// answered with an [`ErrorRecord`].
pub fn tag_stream(
    tagger: &dyn Tagger,
    frameworks: &Frameworks,
    extras: TagExtras<'_>,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<StreamOutcome, StudyError> {
    let mut outcome = StreamOutcome::default();
    let placers = frameworks.placers(tagger)?;
    let mut lines = Lines::new(input);
    loop {
        let most = if extras.explain { EXPLAINED } else { CHUNK };
        let chunk: Vec<Line<TagLine>> = lines.take(most)?;
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
        let mut reasons = match extras.explain {
            true => explain(tagger, &inputs)?.into_iter(),
            false => Vec::new().into_iter(),
        };
        let mut scores = match extras.stages {
            Some(scorer) => {
                let texts: Vec<&str> = inputs.iter().map(|input| input.text).collect();
                scorer.scores(&texts)?.into_iter()
            }
            None => Vec::new().into_iter(),
        };
        for line in &chunk {
            match line {
                Ok(line) => {
                    let Some(tagged) = tagged.next() else {
                        continue;
                    };
                    let mut record = tag_record(line.id.clone(), &tagged, &placers);
                    record.stage_scores = scores.next();
                    let why = reasons.next();
                    record.explain = why.map(|why| Reasons::of(&why, &line.text, 0));
                    record.embedding = extras
                        .embedding
                        .then(|| tagged.vector.components().to_vec());
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

fn tag_record(id: Value, tagged: &Tagged, placers: &[Placer<'_>]) -> TagRecord {
    let tags = &tagged.tags;
    let mut stages = BTreeMap::new();
    let mut no_stage = BTreeMap::new();
    for placer in placers {
        let framework = &placer.framework().id;
        let place = placer.place(tags, Some(&tagged.vector));
        stages.insert(framework.clone(), place.ok().map(|stage| stage.id.clone()));
        if let Err(reason) = place {
            no_stage.insert(framework.clone(), reason);
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
        stage_scores: None,
        explain: None,
        embedding: None,
    }
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
    /// ISO 639 code of the document's language, where it could be told.
    pub language: Option<String>,
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
            language: document.meta.language.clone(),
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
pub(crate) struct Lines<'a> {
    input: &'a mut dyn BufRead,
    number: u64,
    buffer: Vec<u8>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(input: &'a mut dyn BufRead) -> Self {
        Self {
            input,
            number: 0,
            buffer: Vec::new(),
        }
    }

    /// The next `most` lines that are not blank; fewer at the end.
    pub(crate) fn take<T: for<'de> Deserialize<'de>>(
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
    use throughline_core::{ContentHash, Scored, Tags, Vector};
    use throughline_nlp::{Distributions, NlpError};

    use super::*;

    #[test]
    fn a_malformed_line_keeps_its_id_and_its_place() {
        let mut input: &[u8] = b"{\"id\":1,\"text\":\"a\"}\n\n{\"id\":2}\nnot json\n";
        let lines: Vec<Line<TagLine>> = Lines::new(&mut input).take(10).unwrap();
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

    /// A model that knows one word.
    struct OneWord(throughline_nlp::ModelInfo);

    impl Tagger for OneWord {
        fn model(&self) -> &throughline_nlp::ModelInfo {
            &self.0
        }

        fn tag(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Tagged>, NlpError> {
            let scored = |label, confidence| Scored { label, confidence };
            let tagged = |all: Distributions| Tagged {
                tags: Tags {
                    moment: all.moment[0],
                    unclear: false,
                    sentiment: all.sentiment[0],
                    valence: -0.5,
                    pain: scored(true, all.pain[0].confidence),
                    touchpoint: all.touchpoint[0],
                },
                vector: Vector::from_components(Box::default()),
            };
            let all = self.distributions(inputs)?;
            Ok(all.into_iter().map(tagged).collect())
        }

        fn distributions(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Distributions>, NlpError> {
            fn pair<T>(one: T, other: T, share: f32) -> Vec<Scored<T>> {
                let scored = |label, confidence| Scored { label, confidence };
                vec![scored(one, share), scored(other, 1.0 - share)]
            }
            let answer = |input: &TagInput<'_>| {
                let late = if input.text.contains("late") {
                    0.25
                } else {
                    0.0
                };
                let asked = if input.context.is_some() { 0.125 } else { 0.0 };
                Distributions {
                    moment: pair(Moment::Delivery, Moment::Use, 0.5 + late + asked),
                    sentiment: pair(Sentiment::Negative, Sentiment::Neutral, 0.5 + late),
                    pain: pair(true, false, 0.75),
                    touchpoint: pair(Touchpoint::Delivery, Touchpoint::None, 0.625 + asked),
                }
            };
            Ok(inputs.iter().map(answer).collect())
        }

        fn embed(&self, _: &[&str]) -> Result<Vec<Vector>, NlpError> {
            Ok(Vec::new())
        }
    }

    /// The schema of an explanation, by example.
    const EXPLAINED_LINE: &str = r#"{
        "moment": {
            "label": "delivery", "confidence": 0.875, "runner_up": "use",
            "runner_up_confidence": 0.125,
            "words": [{"text": "late", "start": 5, "end": 9, "drop": 0.25}],
            "context_drop": 0.125
        },
        "sentiment": {
            "label": "negative", "confidence": 0.75, "runner_up": "neutral",
            "runner_up_confidence": 0.25,
            "words": [{"text": "late", "start": 5, "end": 9, "drop": 0.25}],
            "context_drop": null
        },
        "pain": {
            "label": true, "confidence": 0.75, "runner_up": false,
            "runner_up_confidence": 0.25, "words": [], "context_drop": null
        },
        "touchpoint": {
            "label": "delivery", "confidence": 0.75, "runner_up": "none",
            "runner_up_confidence": 0.25, "words": [], "context_drop": 0.125
        }
    }"#;

    #[test]
    fn an_explained_line_looks_as_it_did() {
        let model = throughline_nlp::ModelInfo {
            name: "one word".to_owned(),
            version: String::new(),
            licence: String::new(),
            sha256: ContentHash::of(b"one word"),
            backend: "test",
            dimension: 0,
            max_tokens: 256,
            max_context_tokens: 32,
        };
        let extras = TagExtras {
            explain: true,
            ..TagExtras::default()
        };
        let mut input: &[u8] = b"{\"id\":1,\"text\":\"Two, late.\",\"context\":\"When?\"}\n{}\n";
        let mut output = Vec::new();
        let frameworks = Frameworks::built_in().unwrap();
        let tagger = OneWord(model);
        tag_stream(&tagger, &frameworks, extras, &mut input, &mut output).unwrap();
        let first = output.split(|byte| *byte == b'\n').next().unwrap();
        let line: Value = serde_json::from_slice(first).unwrap();
        let expected: Value = serde_json::from_str(EXPLAINED_LINE).unwrap();
        assert_eq!(line["explain"], expected);
    }
}
