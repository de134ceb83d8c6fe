//! One transcript file into one document of turns and passages.
//!
//! Plain text and Markdown are kept as they stand: turns pick the words out of
//! the whole file. Captions (WebVTT, SubRip, and plain text with a time in front
//! of every line) cut through sentences, so their canonical text is made: one
//! paragraph a turn, with segments that lead back to every stretch.

mod captions;
mod census;
mod clock;
mod cues;
mod header;
mod label;
mod markup;
mod names;
mod plain;
mod words;

pub(crate) use captions::goes_on;

use std::collections::BTreeMap;
use std::ops::Range;

use throughline_core::{
    Document, DocumentBuilder, DocumentMeta, Role, Segment, SourceKind, SourceRef,
};

use crate::passages::passages;
use crate::skip::Skips;
use crate::speakers;
use crate::text::Decoded;
use crate::{IngestError, Skip};

/// How a transcript is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TranscriptFormat {
    Plain,
    Markdown,
    WebVtt,
    Srt,
}

impl TranscriptFormat {
    fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "txt",
            Self::Markdown => "md",
            Self::WebVtt => "vtt",
            Self::Srt => "srt",
        }
    }
}

/// What the person who gave the file says about it.
pub(crate) struct TranscriptOptions<'a> {
    /// Roles by label; they win over what is found.
    pub(crate) roles: &'a BTreeMap<String, Role>,
}

/// Words of one speaker in a canonical text.
#[derive(Debug, PartialEq, Eq)]
struct Spoken {
    range: Range<usize>,
    speaker: Option<String>,
    start_ms: Option<u64>,
    end_ms: Option<u64>,
}

/// Reads the transcript called `name`.
///
/// # Errors
/// [`IngestError::Empty`] if there are no words in it.
pub(crate) fn read_transcript(
    name: &str,
    decoded: Decoded,
    format: TranscriptFormat,
    options: &TranscriptOptions<'_>,
) -> Result<(Document, Vec<Skip>), IngestError> {
    let empty = |detail: &str| IngestError::Empty {
        name: name.to_owned(),
        detail: detail.to_owned(),
    };
    if decoded.text.is_empty() {
        return Err(empty("the file is empty"));
    }
    if decoded.text.trim().is_empty() {
        return Err(empty("there is only white space in the file"));
    }
    let mut noted = Vec::new();
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
    let mut skips = Skips::default();
    let mut meta = DocumentMeta::default();
    let (text, segments, spoken) = match format {
        TranscriptFormat::Plain | TranscriptFormat::Markdown => {
            match plain::read(&decoded.text, options.roles, &mut meta) {
                plain::Reading::Turns(turns) => (decoded.text, decoded.segments, turns),
                plain::Reading::Captions(lines) => captions::compose(lines, &decoded.segments),
            }
        }
        TranscriptFormat::WebVtt | TranscriptFormat::Srt => {
            let vtt = format == TranscriptFormat::WebVtt;
            let found = cues::cues(&decoded.text, vtt, &mut skips);
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
    };
    if spoken.is_empty() {
        return Err(empty("there are no words in it"));
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
    Ok((document, noted))
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
    let cast = speakers::cast(said, options.roles);
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

/// False for what is only marks: `---`, `***`, `…`.
fn has_words(text: &str) -> bool {
    let is_mark = |c: char| "-*_=~#>|.…–—".contains(c);
    text.chars().any(|c| !c.is_whitespace() && !is_mark(c))
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod hostile;
