use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{ContentHash, CoreError, DocumentMeta, PassageId, Role, Span};

/// What kind of source a document comes from. Counts are kept apart by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// A conversation with turns: an interview, a focus group, a meeting.
    Interview,
    /// A text that somebody wrote unasked: a review, a comment.
    Review,
    /// An answer to a survey's question.
    Survey,
}

impl SourceKind {
    /// Every kind, in the order they are reported.
    pub const ALL: &'static [Self] = &[Self::Interview, Self::Review, Self::Survey];

    /// The one spelling of this kind.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Interview => "interview",
            Self::Review => "review",
            Self::Survey => "survey",
        }
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where a document came from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SourceRef {
    /// Name of the source file within the study: relative, NFC, `/` between
    /// parts.
    pub file: String,
    /// For a row of a table: its id column, else its row number from 1.
    pub row: Option<String>,
    /// Name of the format it was read as: `vtt`, `csv`, ….
    pub format: String,
}

/// A stretch of canonical text and the stretch of the source it was made from.
///
/// Canonical text between segments was put in by the reader (a line break
/// between two cues, say) and stands nowhere in the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Where it stands in the canonical text.
    pub canonical: Span,
    /// Where it stands in the source: bytes of the file, or of the part named
    /// below. For a compressed file or part, bytes after decompression.
    pub source: Span,
    /// The part of a container, for formats that are one: `word/document.xml`.
    pub part: Option<String>,
    /// True if both stretches are the same bytes; false if something was
    /// decoded on the way (a charset, CR LF, an escape, an entity).
    pub exact: bool,
}

/// Names one participant of a study.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ParticipantId(String);

impl ParticipantId {
    /// A speaker of one document. `Speaker 1` in two files is two people.
    #[must_use]
    pub fn speaker(document: &str, label: &str) -> Self {
        Self(format!("{document}/{label}"))
    }

    /// An author named by a table; the same author of the same table is one
    /// person, however many rows they wrote.
    #[must_use]
    pub fn author(table: &str, author: &str) -> Self {
        Self(format!("{table}@{author}"))
    }

    /// An id as a record holds it.
    #[must_use]
    pub fn from_record(id: String) -> Self {
        Self(id)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ParticipantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A stretch of one person's speech, or one cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Where the words stand, without label and time stamp.
    pub span: Span,
    /// The label as the source writes it.
    pub speaker: Option<String>,
    /// The speaker's part in the conversation.
    pub role: Role,
    /// Who that is, for turns that can be evidence and have a known speaker.
    pub participant: Option<ParticipantId>,
    /// Start in milliseconds from the start of the recording.
    pub start_ms: Option<u64>,
    /// End in milliseconds from the start of the recording.
    pub end_ms: Option<u64>,
}

/// One to three sentences of one turn: the unit that is tagged and quoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// Names it within every study.
    pub id: PassageId,
    /// Index of its turn.
    pub turn: usize,
    /// Where it stands.
    pub span: Span,
}

/// A transcript, or one row of a table.
///
/// Made by [`DocumentBuilder`], which keeps the promises: spans on character
/// boundaries, everything in order, passages within their turns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Names it within its study: the file's name, and for a row `file#row`.
    pub name: String,
    /// What kind of source it is.
    pub kind: SourceKind,
    /// Where it came from.
    pub source: SourceRef,
    /// The canonical text: UTF-8, LF, no byte order mark.
    pub text: String,
    /// SHA-256 of [`Self::text`].
    pub hash: ContentHash,
    /// From the canonical text back to the source, in order.
    pub segments: Vec<Segment>,
    /// Who said what, in order.
    pub turns: Vec<Turn>,
    /// What is tagged, in order.
    pub passages: Vec<Passage>,
    /// What else is known.
    pub meta: DocumentMeta,
}

impl Document {
    /// The words at `span`: empty if the span does not belong to this document.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        span.slice(&self.text).unwrap_or_default()
    }

    /// True if a passage is the heading of a text that follows it: the title of
    /// a review, a turn of its own. It can be searched, and it is no mention
    /// beside the text that it announces.
    #[must_use]
    pub fn is_heading(&self, passage: &Passage) -> bool {
        let (Some(title), Some(first)) = (self.meta.title.as_deref(), self.turns.first()) else {
            return false;
        };
        self.kind != SourceKind::Interview
            && passage.turn == 0
            && self.turns.len() > 1
            && self.slice(first.span) == title
    }

    /// What a passage answers: the turn just before its own if somebody else
    /// spoke it, or the question of the whole document where there is no turn
    /// before. A tagger reads it beside the passage; a vector never does.
    #[must_use]
    pub fn context_of(&self, passage: &Passage) -> Option<&str> {
        let spoken = self.turn_before(passage).map(|turn| self.slice(turn.span));
        spoken.or(self.meta.question.as_deref())
    }

    /// The part of whoever spoke what [`Self::context_of`] gives; `None` where
    /// that is a written question, or nothing.
    #[must_use]
    pub fn asker_of(&self, passage: &Passage) -> Option<Role> {
        self.turn_before(passage).map(|turn| turn.role)
    }

    /// The turn just before a passage's own, if somebody else spoke it.
    fn turn_before(&self, passage: &Passage) -> Option<&Turn> {
        let turn = self.turns.get(passage.turn)?;
        let before = self.turns.get(passage.turn.checked_sub(1)?)?;
        (before.speaker.is_some() && before.speaker != turn.speaker).then_some(before)
    }

    /// True if nothing is said in the passage's turn before it, so that it
    /// follows its context directly.
    #[must_use]
    pub fn opens_turn(&self, passage: &Passage) -> bool {
        let before = self.turns.get(passage.turn).map(|turn| Span {
            start: turn.span.start,
            end: passage.span.start,
        });
        before
            .and_then(|span| span.slice(&self.text))
            .is_none_or(|text| text.trim().is_empty())
    }
}

/// Builds a [`Document`] from front to back.
#[derive(Debug)]
pub struct DocumentBuilder {
    document: Document,
}

/// Adds to the turn that [`DocumentBuilder::turn`] has just begun.
#[derive(Debug)]
pub struct TurnBuilder<'b> {
    document: &'b mut Document,
}

impl DocumentBuilder {
    /// Begins a document called `name` with the canonical text `text`.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: SourceKind, text: impl Into<String>) -> Self {
        let (name, text) = (name.into(), text.into());
        let document = Document {
            kind,
            source: SourceRef {
                file: name.clone(),
                row: None,
                format: String::new(),
            },
            hash: ContentHash::of(text.as_bytes()),
            name,
            text,
            segments: Vec::new(),
            turns: Vec::new(),
            passages: Vec::new(),
            meta: DocumentMeta::default(),
        };
        Self { document }
    }

    /// The canonical text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.document.text
    }

    /// Says where the document came from.
    pub fn source(&mut self, source: SourceRef) -> &mut Self {
        self.document.source = source;
        self
    }

    /// Says what else is known of it.
    pub fn meta(&mut self, meta: DocumentMeta) -> &mut Self {
        self.document.meta = meta;
        self
    }

    /// Says what the canonical text was made from.
    pub fn segments(&mut self, segments: Vec<Segment>) -> &mut Self {
        self.document.segments = segments;
        self
    }

    /// Begins the next turn. Its range is checked by [`Self::build`].
    pub fn turn(
        &mut self,
        range: Range<usize>,
        speaker: Option<&str>,
        role: Role,
    ) -> TurnBuilder<'_> {
        self.document.turns.push(Turn {
            span: Span {
                start: range.start,
                end: range.end,
            },
            speaker: speaker.map(str::to_owned),
            role,
            participant: None,
            start_ms: None,
            end_ms: None,
        });
        TurnBuilder {
            document: &mut self.document,
        }
    }

    /// The finished document.
    ///
    /// # Errors
    /// [`CoreError`] if turns, passages or segments overlap, are out of order or
    /// leave the text.
    pub fn build(self) -> Result<Document, CoreError> {
        let document = self.document;
        let text = document.text.as_str();
        in_order("turn", text, document.turns.iter().map(|turn| turn.span))?;
        in_order(
            "passage",
            text,
            document.passages.iter().map(|passage| passage.span),
        )?;
        in_order(
            "segment",
            text,
            document.segments.iter().map(|segment| segment.canonical),
        )?;
        Ok(document)
    }
}

impl TurnBuilder<'_> {
    /// Says when the turn was spoken, in milliseconds.
    pub fn times(&mut self, start_ms: Option<u64>, end_ms: Option<u64>) -> &mut Self {
        if let Some(turn) = self.document.turns.last_mut() {
            turn.start_ms = start_ms;
            turn.end_ms = end_ms;
        }
        self
    }

    /// Says who spoke.
    pub fn participant(&mut self, participant: ParticipantId) -> &mut Self {
        if let Some(turn) = self.document.turns.last_mut() {
            turn.participant = Some(participant);
        }
        self
    }

    /// Adds a passage to the turn.
    ///
    /// # Errors
    /// [`CoreError`] if the range is no range of whole characters of the turn.
    pub fn passage(&mut self, range: Range<usize>) -> Result<&mut Self, CoreError> {
        let span = Span::within(range, &self.document.text)?;
        let turn = self
            .document
            .turns
            .len()
            .checked_sub(1)
            .ok_or(CoreError::PassageWithoutTurn)?;
        let within = self.document.turns[turn].span;
        if !within.contains(span) {
            return Err(CoreError::PassageOutsideTurn {
                start: span.start,
                end: span.end,
                turn_start: within.start,
                turn_end: within.end,
            });
        }
        let id = PassageId::of(&self.document.name, self.document.hash, span);
        self.document.passages.push(Passage { id, turn, span });
        Ok(self)
    }
}

fn in_order(
    what: &'static str,
    text: &str,
    spans: impl Iterator<Item = Span>,
) -> Result<(), CoreError> {
    let mut end = 0;
    for span in spans {
        Span::within(span.range(), text)?;
        if span.start < end {
            return Err(CoreError::OutOfOrder {
                what,
                at: span.start,
            });
        }
        end = span.end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Q: Why?\nA: No reason. None.\nA: Well.\n";

    fn builder() -> DocumentBuilder {
        DocumentBuilder::new("doc", SourceKind::Interview, TEXT)
    }

    #[test]
    fn context_is_what_somebody_else_said_just_before() {
        let mut b = builder();
        b.turn(3..7, Some("Q"), Role::Interviewer)
            .passage(3..7)
            .unwrap();
        b.turn(11..27, Some("A"), Role::Participant)
            .passage(11..21)
            .unwrap()
            .passage(22..27)
            .unwrap();
        b.turn(31..36, Some("A"), Role::Participant)
            .passage(31..36)
            .unwrap();
        b.meta(DocumentMeta {
            question: Some("Guide?".to_owned()),
            ..DocumentMeta::default()
        });
        let document = b.build().unwrap();
        let contexts: Vec<_> = document
            .passages
            .iter()
            .map(|p| document.context_of(p).unwrap())
            .collect();
        assert_eq!(contexts, ["Guide?", "Why?", "Why?", "Guide?"]);
        let askers = document.passages.iter().map(|p| document.asker_of(p));
        let interviewer = Some(Role::Interviewer);
        let askers: Vec<_> = askers.collect();
        assert_eq!(askers, [None, interviewer, interviewer, None]);
        let opens = document.passages.iter().map(|p| document.opens_turn(p));
        assert_eq!(opens.collect::<Vec<_>>(), [true, true, false, true]);
    }

    #[test]
    fn a_title_is_a_heading_only_before_a_text() {
        let review = |text: &str, turns: &[Range<usize>]| {
            let mut b = DocumentBuilder::new("r.csv#1", SourceKind::Review, text);
            b.meta(DocumentMeta {
                title: Some("Too tall".to_owned()),
                ..DocumentMeta::default()
            });
            for turn in turns {
                b.turn(turn.clone(), None, Role::Participant)
                    .passage(turn.clone())
                    .unwrap();
            }
            let document = b.build().unwrap();
            let headings: Vec<bool> = document
                .passages
                .iter()
                .map(|p| document.is_heading(p))
                .collect();
            headings
        };
        assert_eq!(
            review("Too tall\n\nIt does not fit.", &[0..8, 10..26]),
            [true, false]
        );
        assert_eq!(review("Too tall", std::slice::from_ref(&(0..8))), [false]);
        assert_eq!(
            review("It fits.\n\nIt does not fit.", &[0..8, 10..26]),
            [false, false]
        );
    }

    #[test]
    fn a_builder_refuses_what_it_could_not_keep() {
        let mut outside = builder();
        assert!(
            outside
                .turn(3..7, None, Role::Unknown)
                .passage(3..9)
                .is_err()
        );
        let mut reversed = builder();
        reversed.turn(11..27, None, Role::Unknown);
        reversed.turn(3..7, None, Role::Unknown);
        assert!(matches!(
            reversed.build(),
            Err(CoreError::OutOfOrder {
                what: "turn",
                at: 3
            })
        ));
        let mut beyond = builder();
        beyond.turn(3..700, None, Role::Unknown);
        assert!(beyond.build().is_err());
    }

    #[test]
    fn the_same_text_under_two_names_is_two_passages() {
        let ids: Vec<_> = ["t.csv#1", "t.csv#2"]
            .map(|name| {
                let mut b = DocumentBuilder::new(name, SourceKind::Review, "Good.");
                b.turn(0..5, None, Role::Participant).passage(0..5).unwrap();
                b.build().unwrap().passages[0].id
            })
            .to_vec();
        assert_ne!(ids[0], ids[1]);
    }
}
