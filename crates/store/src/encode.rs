//! Turns and segments as compact bytes; the layout is told in `schema_v1.sql`.

use std::collections::BTreeMap;

use throughline_core::{ParticipantId, Role, Segment, Span, Turn};

use crate::StoreError;
use crate::codes::Coded;

const ROLE: u8 = 0b111;
const SPEAKER: u8 = 1 << 3;
const PARTICIPANT: u8 = 1 << 4;
const START: u8 = 1 << 5;
const END: u8 = 1 << 6;

const EXACT: u8 = 1;
const OTHER_LENGTH: u8 = 1 << 1;
const PART: u8 = 1 << 2;

/// The turns of a document as bytes.
pub(crate) fn encode_turns(turns: &[Turn]) -> Vec<u8> {
    let mut words = Words::default();
    let mut body = Vec::new();
    let mut end = 0;
    put(&mut body, turns.len() as u64);
    for turn in turns {
        put_span(&mut body, turn.span, &mut end);
        let speaker = turn.speaker.as_deref().map(|label| words.number(label));
        let participant = turn
            .participant
            .as_ref()
            .map(|id| words.number(id.as_str()));
        let flag = |bit: u8, set: bool| if set { bit } else { 0 };
        body.push(
            turn.role.code()
                | flag(SPEAKER, speaker.is_some())
                | flag(PARTICIPANT, participant.is_some())
                | flag(START, turn.start_ms.is_some())
                | flag(END, turn.end_ms.is_some()),
        );
        let numbers = [speaker, participant, turn.start_ms, turn.end_ms];
        numbers
            .into_iter()
            .flatten()
            .for_each(|number| put(&mut body, number));
    }
    words.before(body)
}

/// The turns of a document out of the record.
pub(crate) fn decode_turns(bytes: &[u8]) -> Result<Vec<Turn>, StoreError> {
    let mut input = Input(bytes);
    read_turns(&mut input)
        .filter(|_| input.0.is_empty())
        .ok_or_else(|| damaged("turns"))
}

fn read_turns(input: &mut Input<'_>) -> Option<Vec<Turn>> {
    let words = input.words()?;
    let mut end = 0;
    let mut turns = Vec::new();
    for _ in 0..input.number()? {
        let span = input.span(&mut end)?;
        let flags = input.byte()?;
        let speaker = input.number_if(flags & SPEAKER != 0)?;
        let participant = input.number_if(flags & PARTICIPANT != 0)?;
        turns.push(Turn {
            span,
            speaker: word_of(&words, speaker)?,
            role: Role::from_code(flags & ROLE).ok()?,
            participant: word_of(&words, participant)?.map(ParticipantId::from_record),
            start_ms: input.number_if(flags & START != 0)?,
            end_ms: input.number_if(flags & END != 0)?,
        });
    }
    Some(turns)
}

/// The segments of a document as bytes.
pub(crate) fn encode_segments(segments: &[Segment]) -> Vec<u8> {
    let mut words = Words::default();
    let mut body = Vec::new();
    let (mut end, mut source_end) = (0, 0_i64);
    put(&mut body, segments.len() as u64);
    for segment in segments {
        put_span(&mut body, segment.canonical, &mut end);
        let length = segment.canonical.end as i64 - segment.canonical.start as i64;
        let source = (segment.source.start as i64, segment.source.end as i64);
        let source_length = source.1.wrapping_sub(source.0);
        let part = segment.part.as_deref().map(|part| words.number(part));
        let flag = |bit: u8, set: bool| if set { bit } else { 0 };
        body.push(
            flag(EXACT, segment.exact)
                | flag(OTHER_LENGTH, source_length != length)
                | flag(PART, part.is_some()),
        );
        put(&mut body, zigzag(source.0.wrapping_sub(source_end)));
        if source_length != length {
            put(&mut body, zigzag(source_length));
        }
        if let Some(part) = part {
            put(&mut body, part);
        }
        source_end = source.1;
    }
    words.before(body)
}

/// The segments of a document out of the record.
pub(crate) fn decode_segments(bytes: &[u8]) -> Result<Vec<Segment>, StoreError> {
    let mut input = Input(bytes);
    read_segments(&mut input)
        .filter(|_| input.0.is_empty())
        .ok_or_else(|| damaged("segments"))
}

fn read_segments(input: &mut Input<'_>) -> Option<Vec<Segment>> {
    let words = input.words()?;
    let (mut end, mut source_end) = (0, 0_i64);
    let mut segments = Vec::new();
    for _ in 0..input.number()? {
        let canonical = input.span(&mut end)?;
        let flags = input.byte()?;
        let start = source_end.wrapping_add(unzigzag(input.number()?));
        let length = if flags & OTHER_LENGTH == 0 {
            canonical.len() as i64
        } else {
            unzigzag(input.number()?)
        };
        source_end = start.wrapping_add(length);
        let part = input.number_if(flags & PART != 0)?;
        let part = word_of(&words, part)?;
        let source = Span {
            start: usize::try_from(start).ok()?,
            end: usize::try_from(source_end).ok()?,
        };
        segments.push(Segment {
            canonical,
            source,
            part,
            exact: flags & EXACT != 0,
        });
    }
    Some(segments)
}

fn damaged(what: &str) -> StoreError {
    StoreError::corrupt(format!("the {what} of a document cannot be read"))
}

/// The string called `number`: `None` if there is none of that number,
/// `Some(None)` if none was asked for.
fn word_of(words: &[&str], number: Option<u64>) -> Option<Option<String>> {
    let Some(number) = number else {
        return Some(None);
    };
    let word = words.get(usize::try_from(number).ok()?)?;
    Some(Some((*word).to_owned()))
}

/// The different strings of a document, each written once.
#[derive(Default)]
struct Words<'a> {
    list: Vec<&'a str>,
    numbers: BTreeMap<&'a str, u64>,
}

impl<'a> Words<'a> {
    fn number(&mut self, word: &'a str) -> u64 {
        let next = self.list.len() as u64;
        *self.numbers.entry(word).or_insert_with(|| {
            self.list.push(word);
            next
        })
    }

    /// The strings, followed by `body`.
    fn before(self, body: Vec<u8>) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(body.len() + 16);
        put(&mut bytes, self.list.len() as u64);
        for word in self.list {
            put(&mut bytes, word.len() as u64);
            bytes.extend_from_slice(word.as_bytes());
        }
        bytes.extend(body);
        bytes
    }
}

/// Appends a varint.
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn put_span(bytes: &mut Vec<u8>, span: Span, end: &mut usize) {
    put(bytes, span.start.saturating_sub(*end) as u64);
    put(bytes, span.end.saturating_sub(span.start) as u64);
    *end = span.end;
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// What is left to read. Every step is `None` where the bytes end early.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// A number where there is one: the outer layer is `None` on damage.
    fn number_if(&mut self, there: bool) -> Option<Option<u64>> {
        if there {
            self.number().map(Some)
        } else {
            Some(None)
        }
    }

    fn span(&mut self, end: &mut usize) -> Option<Span> {
        let start = end.checked_add(usize::try_from(self.number()?).ok()?)?;
        *end = start.checked_add(usize::try_from(self.number()?).ok()?)?;
        Some(Span { start, end: *end })
    }

    fn words(&mut self) -> Option<Vec<&'a str>> {
        let mut words = Vec::new();
        for _ in 0..self.number()? {
            let length = usize::try_from(self.number()?).ok()?;
            let (word, rest) = self.0.split_at_checked(length)?;
            self.0 = rest;
            words.push(std::str::from_utf8(word).ok()?);
        }
        Some(words)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        prop::collection::vec((0..300_usize, 0..300_usize), 0..8).prop_map(|steps| {
            let mut end = 0;
            let step = |(gap, length): (usize, usize)| {
                let start = end + gap;
                end = start + length;
                Span { start, end }
            };
            steps.into_iter().map(step).collect()
        })
    }

    fn turn() -> impl Strategy<Value = Turn> {
        (
            prop::option::of("[a-zé🙂]{0,4}"),
            prop::sample::select(Role::ALL),
            prop::option::of("[a-z]{0,4}"),
            prop::option::of(any::<u64>()),
            prop::option::of(any::<u64>()),
        )
            .prop_map(|(speaker, role, participant, start_ms, end_ms)| Turn {
                span: Span { start: 0, end: 0 },
                speaker,
                role,
                participant: participant.map(ParticipantId::from_record),
                start_ms,
                end_ms,
            })
    }

    fn segment() -> impl Strategy<Value = Segment> {
        (
            0..9_000_000_usize,
            0..500_usize,
            prop::option::of("[a-z/.]{0,6}"),
            any::<bool>(),
        )
            .prop_map(|(start, length, part, exact)| Segment {
                canonical: Span { start: 0, end: 0 },
                source: Span {
                    start,
                    end: start + length,
                },
                part,
                exact,
            })
    }

    proptest! {
        #[test]
        fn turns_come_back(
            spans in spans(),
            turns in prop::collection::vec(turn(), 8),
        ) {
            let turns: Vec<_> =
                spans.into_iter().zip(turns).map(|(span, turn)| Turn { span, ..turn }).collect();
            prop_assert_eq!(decode_turns(&encode_turns(&turns)).unwrap(), turns);
        }

        #[test]
        fn segments_come_back(
            spans in spans(),
            segments in prop::collection::vec(segment(), 8),
        ) {
            let segments: Vec<_> = spans
                .into_iter()
                .zip(segments)
                .map(|(canonical, segment)| Segment { canonical, ..segment })
                .collect();
            prop_assert_eq!(decode_segments(&encode_segments(&segments)).unwrap(), segments);
        }

        #[test]
        fn damage_is_an_error_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = decode_turns(&bytes);
            let _ = decode_segments(&bytes);
        }
    }

    #[test]
    fn a_record_cut_short_is_damage() {
        let turns = [Turn {
            span: Span { start: 3, end: 9 },
            speaker: Some("Dana".to_owned()),
            role: Role::Participant,
            participant: None,
            start_ms: Some(1000),
            end_ms: None,
        }];
        let bytes = encode_turns(&turns);
        for length in 0..bytes.len() {
            assert!(decode_turns(&bytes[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn one_cue_of_a_transcript_takes_few_bytes() {
        let segments: Vec<_> = (0..1000)
            .map(|n| Segment {
                canonical: Span {
                    start: n * 60,
                    end: n * 60 + 59,
                },
                source: Span {
                    start: n * 100,
                    end: n * 100 + 59,
                },
                part: None,
                exact: true,
            })
            .collect();
        assert!(encode_segments(&segments).len() <= 4100);
    }
}
