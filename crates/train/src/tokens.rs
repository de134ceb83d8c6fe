//! Texts into the ids that the encoder reads, and ids into batches.

use std::path::{Path, PathBuf};

use tch::{Kind, Tensor};
use tokenizers::Tokenizer;

use crate::TrainError;
use crate::context::shown;

/// A passage as the encoder reads it, in two parts: `[CLS] text [SEP]`, and then
/// `[CLS]`, the tag token, followed by `context [SEP]` and some `[PAD]` if there is a
/// context. That padding is seen like any other token: it makes the second part one of
/// few lengths, so that at work readings of the same shape are many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The ids of both parts.
    pub ids: Vec<i64>,
    /// Tokens of the first part; the tag token stands right after them.
    pub own: usize,
}

/// The tokens of a context, its end mark included, are filled up to a multiple of this.
const STEP: usize = 8;

/// Makes readings.
#[derive(Debug)]
pub struct Tokens {
    tokenizer: Tokenizer,
    path: PathBuf,
    max_text: usize,
    max_context: usize,
    padding: i64,
}

impl Tokens {
    /// Reads a `tokenizer.json`. Its own padding and truncation are switched off.
    /// `max_text` counts the two end marks, `max_context` none of them.
    pub fn open(path: &Path, max_text: usize, max_context: usize) -> Result<Self, TrainError> {
        let bytes = std::fs::read(path).map_err(TrainError::file(path))?;
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(TrainError::content(path))?;
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(None)
            .map_err(TrainError::content(path))?;
        let padding = tokenizer.token_to_id("[PAD]").map_or(0, i64::from);
        Ok(Self {
            padding,
            tokenizer,
            path: path.to_owned(),
            max_text,
            max_context,
        })
    }

    /// The reading of a text and the context before it, which may be empty.
    pub fn read(&self, text: &str, context: &str) -> Result<Reading, TrainError> {
        let text = self.ids(text)?;
        let context = self.ids(shown(context))?;
        let mut reading =
            two_parts(&text, &context, self.max_text, self.max_context).ok_or_else(|| {
                TrainError::Content {
                    path: self.path.clone(),
                    problem: "this tokenizer puts no marks at both ends of a text".to_owned(),
                }
            })?;
        let told = reading.ids.len() - reading.own - 1;
        let filled = reading.own + 1 + told.next_multiple_of(STEP);
        reading.ids.resize(filled, self.padding);
        Ok(reading)
    }

    /// The first part of a text's reading by itself: enough for a vector, not for heads.
    pub fn alone(&self, text: &str) -> Result<Reading, TrainError> {
        let mut reading = self.read(text, "")?;
        reading.ids.truncate(reading.own);
        Ok(reading)
    }

    fn ids(&self, text: &str) -> Result<Vec<i64>, TrainError> {
        let encoding = self
            .tokenizer
            .encode_fast(text, true)
            .map_err(TrainError::content(&self.path))?;
        Ok(encoding.get_ids().iter().map(|id| i64::from(*id)).collect())
    }
}

/// Joins a text and a context, both with their end marks: the start of the text, the
/// end of the context. `None` if the marks are missing.
fn two_parts(
    text: &[i64],
    context: &[i64],
    max_text: usize,
    max_context: usize,
) -> Option<Reading> {
    let (first, rest) = text.split_first()?;
    let (last, inner) = rest.split_last()?;
    let shown = inner.len().min(max_text.saturating_sub(2));
    let mut ids = vec![*first];
    ids.extend(inner.iter().take(shown));
    ids.push(*last);
    let own = ids.len();
    ids.push(*first);
    let words = context.get(1..context.len().checked_sub(1)?)?;
    if !words.is_empty() {
        ids.extend(words.iter().skip(words.len().saturating_sub(max_context)));
        ids.push(*last);
    }
    Some(Reading { ids, own })
}

/// Readings side by side, padded to the longest.
#[derive(Debug)]
pub struct Batch {
    /// Ids, `[rows, tokens]`.
    pub ids: Tensor,
    /// 1 in the second part, else 0; `[rows, tokens]`.
    pub types: Tensor,
    /// Whether a token may look at another, `[rows, from, to]`: those of the first
    /// part see the first part, the others all that is not padding.
    pub visible: Tensor,
    /// Whether a token is of the first part, `[rows, tokens]`.
    pub own: Tensor,
    /// Where the tag tokens stand once rows are laid end to end, `[rows]`. Nothing where
    /// readings have no second part.
    pub tags: Tensor,
}

impl Batch {
    /// A batch of at least one reading.
    pub fn of(readings: &[&Reading]) -> Self {
        let rows = readings.len() as i64;
        let longest = readings.iter().map(|r| r.ids.len()).max().unwrap_or(0);
        let mut ids = vec![0; readings.len() * longest];
        for (row, reading) in ids.chunks_mut(longest.max(1)).zip(readings) {
            for (to, from) in row.iter_mut().zip(&reading.ids) {
                *to = *from;
            }
        }
        let count = |of: fn(&Reading) -> usize| -> Vec<i64> {
            readings.iter().map(|reading| of(reading) as i64).collect()
        };
        let length = longest as i64;
        let at = Tensor::arange(length, (Kind::Int64, tch::Device::Cpu)).unsqueeze(0);
        let owns = count(|reading| reading.own);
        let own = at.lt_tensor(&Tensor::from_slice(&owns).unsqueeze(1));
        let real = at.lt_tensor(&Tensor::from_slice(&count(|r| r.ids.len())).unsqueeze(1));
        let visible = own.unsqueeze(2).logical_and(&own.unsqueeze(1)).logical_or(
            &own.logical_not()
                .unsqueeze(2)
                .logical_and(&real.unsqueeze(1)),
        );
        let tags: Vec<i64> = (0..rows)
            .zip(&owns)
            .map(|(r, own)| r * length + own)
            .collect();
        Self {
            ids: Tensor::from_slice(&ids).view([rows, length]),
            types: real.logical_and(&own.logical_not()).to_kind(Kind::Int64),
            visible,
            own,
            tags: Tensor::from_slice(&tags),
        }
    }

    /// The mean of states over the first part, in single precision, `[rows, width]`.
    pub fn mean(&self, states: &Tensor) -> Tensor {
        let own = self.own.to_kind(Kind::Float).unsqueeze(-1);
        let over = |tensor: &Tensor| tensor.sum_dim_intlist([1].as_slice(), false, Kind::Float);
        over(&(states.to_kind(Kind::Float) * &own)) / over(&own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_of_a_text_and_the_end_of_a_context_are_read() {
        let (text, context) = ([101, 1, 2, 3, 102], [101, 7, 8, 9, 102]);
        let read = |max_text, max_context| two_parts(&text, &context, max_text, max_context);
        assert_eq!(
            read(9, 9).unwrap(),
            Reading {
                ids: vec![101, 1, 2, 3, 102, 101, 7, 8, 9, 102],
                own: 5
            }
        );
        assert_eq!(read(4, 2).unwrap().ids, [101, 1, 2, 102, 101, 8, 9, 102]);
        let alone = two_parts(&text, &[101, 102], 9, 9).unwrap();
        assert_eq!((alone.ids.last(), alone.ids.len()), (Some(&101), 6));
        assert_eq!(two_parts(&[101], &[101, 102], 9, 9), None);
    }

    #[test]
    fn the_first_part_sees_itself_only() {
        let short = Reading {
            ids: vec![101, 5, 102, 101],
            own: 3,
        };
        let long = Reading {
            ids: vec![101, 5, 102, 101, 7, 102],
            own: 3,
        };
        let batch = Batch::of(&[&short, &long]);
        let seen = |row: i64, from: i64| -> Vec<bool> {
            Vec::try_from(batch.visible.get(row).get(from)).unwrap()
        };
        assert_eq!(seen(0, 1), [true, true, true, false, false, false]);
        assert_eq!(seen(0, 3), [true, true, true, true, false, false]);
        assert_eq!(seen(1, 2), [true, true, true, false, false, false]);
        assert_eq!(seen(1, 3), [true; 6]);
        assert_eq!(Vec::<i64>::try_from(&batch.tags).unwrap(), [3, 9]);
        let types = Vec::<i64>::try_from(&batch.types.get(1)).unwrap();
        assert_eq!(types, [0, 0, 0, 1, 1, 1]);
    }
}
