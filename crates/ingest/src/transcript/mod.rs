//! One transcript file into one document of turns and passages.
//!
//! Plain text and Markdown are kept as they stand: turns pick the words out of
//! the whole file. Captions (WebVTT, SubRip, and plain text with a time in front
//! of every line) cut through sentences, so their canonical text is made: one
//! paragraph a turn, with segments that lead back to every stretch. So is that of
//! JSON. Documents of other programs are turned into plain text first, by
//! `container`.

mod captions;
mod census;
pub(crate) mod clock;
mod cues;
mod header;
mod json;
mod label;
mod lyrics;
mod markup;
pub(crate) mod names;
mod plain;
pub(crate) mod words;

pub(crate) use captions::goes_on;
pub(crate) use cues::is_sbv_timing;
pub(crate) use json::is_transcript as is_json_transcript;
pub(crate) use markup::entity;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use throughline_core::{
    Document, DocumentBuilder, DocumentMeta, Role, Segment, SourceKind, SourceRef,
};

use crate::container::{self, Container, Markup, Unpacked};
use crate::passages::passages;
use crate::skip::Skips;
use crate::speakers;
use crate::text::{self, Decoded};
use crate::{IngestError, Skip};
use cues::CueFormat;

/// How a transcript is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TranscriptFormat {
    Plain,
    Markdown,
    WebVtt,
    Srt,
    Sbv,
    Lrc,
    Json,
    Container(Container),
    Markup(Markup),
}

impl TranscriptFormat {
    /// The name that a document's source carries.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "txt",
            Self::Markdown => "md",
            Self::WebVtt => "vtt",
            Self::Srt => "srt",
            Self::Sbv => "sbv",
            Self::Lrc => "lrc",
            Self::Json => "json",
            Self::Container(Container::Docx) => "docx",
            Self::Container(Container::Odt) => "odt",
            Self::Container(Container::Pdf) => "pdf",
            Self::Markup(Markup::Html) => "html",
            Self::Markup(Markup::Rtf) => "rtf",
        }
    }
}

/// What the person who gave the file says about it.
pub(crate) struct TranscriptOptions<'a> {
    /// Roles by label; they win over what is found.
    pub(crate) roles: &'a BTreeMap<String, Role>,
    /// True if every label is a speaker of its own.
    pub(crate) labels_apart: bool,
}

/// Words of one speaker in a canonical text.
#[derive(Debug, PartialEq, Eq)]
struct Spoken {
    range: Range<usize>,
    speaker: Option<String>,
    start_ms: Option<u64>,
    end_ms: Option<u64>,
}

/// Reads the transcript called `name` whose bytes are `bytes`; gives the charset
/// too.
///
/// # Errors
/// [`IngestError::Empty`] if there are no words in it, and
/// [`IngestError::Unreadable`] if it is not what it claims to be.
pub(crate) fn read_transcript(
    name: &str,
    bytes: &[u8],
    format: TranscriptFormat,
    options: &TranscriptOptions<'_>,
) -> Result<Transcript, IngestError> {
    let unreadable = |problem: String| IngestError::Unreadable {
        name: name.to_owned(),
        format: format.as_str(),
        problem,
    };
    let unpacked = unpack(bytes, format).map_err(unreadable)?;
    let charset = unpacked.decoded.charset;
    // Labels that are speakers however seldom they stand there.
    let mut known = options.roles.clone();
    for speaker in unpacked.speakers {
        known.entry(speaker).or_insert(Role::Unknown);
    }
    let (decoded, mut noted) = (unpacked.decoded, unpacked.skipped);
    check_text(name, &decoded, &mut noted)?;
    let mut skips = Skips::default();
    let mut meta = DocumentMeta::default();
    let composed = match format {
        TranscriptFormat::WebVtt => Some(cues::cues(&decoded.text, CueFormat::WebVtt, &mut skips)),
        TranscriptFormat::Srt => Some(cues::cues(&decoded.text, CueFormat::Srt, &mut skips)),
        TranscriptFormat::Sbv => Some(cues::cues(&decoded.text, CueFormat::Sbv, &mut skips)),
        TranscriptFormat::Lrc => Some(lyrics::cues(&decoded.text, &mut skips)),
        _ => None,
    };
    let (text, segments, spoken) = match composed {
        Some(found) => {
            meta.title = found.title;
            meta.attributes = found.attributes;
            let (lines, repeated) = captions::captions(&decoded.text, &found.cues, options.roles);
            if repeated > 0 {
                noted.push(Skip {
                    line: None,
                    count: repeated,
                    reason: "lines that rolling captions show twice; kept once".to_owned(),
                });
            }
            captions::compose(lines, &decoded.segments)
        }
        None if format == TranscriptFormat::Json => {
            let mut lines = json::captions(&decoded.text).map_err(unreadable)?;
            if lines.iter().all(|line| line.speaker.is_none()) {
                lines = captions::with_labels(lines, options.roles);
            }
            captions::compose(lines, &decoded.segments)
        }
        None => match plain::read(&decoded.text, &known, &mut meta) {
            plain::Reading::Turns(turns) => (decoded.text, decoded.segments, turns),
            plain::Reading::Captions(lines) => captions::compose(lines, &decoded.segments),
        },
    };
    if spoken.is_empty() {
        return Err(empty(name, "there are no words in it"));
    }
    let source = SourceRef {
        file: name.to_owned(),
        row: None,
        format: format.as_str().to_owned(),
    };
    let document = document(source, text, segments, spoken, meta, options).map_err(|source| {
        IngestError::Document {
            name: name.to_owned(),
            source,
        }
    })?;
    noted.extend(skips.into_vec());
    Ok(Transcript {
        document,
        charset,
        skipped: noted,
    })
}

/// The bytes of a transcript as text.
fn unpack(bytes: &[u8], format: TranscriptFormat) -> Result<Unpacked, String> {
    match format {
        TranscriptFormat::Container(kind) => container::unpack(bytes, kind),
        TranscriptFormat::Markup(markup) => {
            Ok(container::without_markup(text::decode(bytes), markup))
        }
        _ => Ok(Unpacked {
            decoded: text::decode(bytes),
            skipped: Vec::new(),
            speakers: BTreeSet::new(),
        }),
    }
}

/// A transcript that was read.
pub(crate) struct Transcript {
    pub(crate) document: Document,
    /// What its bytes were read as.
    pub(crate) charset: &'static str,
    /// What was left out or read with a doubt.
    pub(crate) skipped: Vec<Skip>,
}

fn empty(name: &str, detail: &str) -> IngestError {
    IngestError::Empty {
        name: name.to_owned(),
        detail: detail.to_owned(),
    }
}

/// Refuses a text without words, and notes the bytes of it that are no text.
fn check_text(name: &str, decoded: &Decoded, noted: &mut Vec<Skip>) -> Result<(), IngestError> {
    if decoded.text.is_empty() {
        return Err(empty(name, "the file is empty"));
    }
    if decoded.text.trim().is_empty() {
        return Err(empty(name, "there is only white space in the file"));
    }
    if decoded.replaced > 0 {
        noted.push(Skip {
            line: decoded.first_replaced_line,
            count: decoded.replaced,
            reason: format!(
                "bytes that are no {}; U+FFFD stands in their place",
                decoded.charset
            ),
        });
    }
    Ok(())
}

fn document(
    source: SourceRef,
    text: String,
    segments: Vec<Segment>,
    mut spoken: Vec<Spoken>,
    mut meta: DocumentMeta,
    options: &TranscriptOptions<'_>,
) -> Result<Document, throughline_core::CoreError> {
    let name = source.file.clone();
    spoken.retain(|turn| text.get(turn.range.clone()).is_some_and(has_words));
    let said = spoken
        .iter()
        .filter_map(|turn| Some((turn.speaker.as_deref()?, text.get(turn.range.clone())?)));
    let cast = speakers::cast(said, options.roles, options.labels_apart);
    let mut builder = DocumentBuilder::new(name.clone(), SourceKind::Interview, text);
    builder.source(source).segments(segments);
    for turn in spoken {
        let ranges: Vec<Range<usize>> = {
            let words = builder.text().get(turn.range.clone()).unwrap_or_default();
            passages(words)
                .into_iter()
                .filter(|range| words.get(range.clone()).is_some_and(has_words))
                .map(|range| turn.range.start + range.start..turn.range.start + range.end)
                .collect()
        };
        let speaker = turn.speaker.as_deref();
        let role = speaker.map_or(Role::Unknown, |speaker| cast.role(speaker));
        let mut adding = builder.turn(turn.range, speaker, role);
        adding.times(turn.start_ms, turn.end_ms);
        if let Some(participant) = speaker.and_then(|one| cast.participant(&name, one)) {
            adding.participant(participant);
        }
        for range in ranges {
            adding.passage(range)?;
        }
    }
    meta.speakers = cast.into_speakers();
    builder.meta(meta);
    builder.build()
}

/// True if `line` may begin a turn: with a speaker's label or a time.
pub(crate) fn may_begin_a_turn(line: &str) -> bool {
    clock::stamp(line).is_some() || label::label(line).is_some()
}

/// False for what is only marks: `---`, `***`, `…`.
fn has_words(text: &str) -> bool {
    let is_mark = |c: char| "-*_=~#>|.…–—".contains(c);
    text.chars().any(|c| !c.is_whitespace() && !is_mark(c))
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod hostile;
