use std::path::Path;

use tokenizers::{Encoding, PostProcessor, Tokenizer, TruncationDirection};

use super::config::Config;
use super::nets::Reading;
use crate::NlpError;

/// Name of the tokenizer within a checkpoint folder.
pub(crate) const TOKENIZER: &str = "tokenizer.json";

/// Bytes of a text that are looked at: its first ones. This only bounds the work
/// on a file that is no prose.
const MAX_BYTES: usize = 16 * 1024;

/// Turns texts and pairs of texts into readings, by a checkpoint's tokenizer.
pub(crate) struct Reader {
    tokenizer: Tokenizer,
    model: String,
    max_tokens: usize,
}

impl Reader {
    /// Reads a `tokenizer.json`, which must know no token that the net does not.
    pub(crate) fn load(
        bytes: &[u8],
        model: &str,
        config: &Config,
        max_tokens: usize,
    ) -> Result<Self, NlpError> {
        let misfit = |problem: String| NlpError::Misfit {
            model: model.to_owned(),
            file: TOKENIZER.to_owned(),
            problem,
        };
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|e| misfit(e.to_string()))?;
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(None)
            .map_err(|e| misfit(e.to_string()))?;
        let largest = tokenizer.get_vocab(true).into_values().max().unwrap_or(0);
        if i64::from(largest) >= config.vocab_size {
            return Err(misfit(format!(
                "it has a token {largest}, config.json makes it {} tokens",
                config.vocab_size
            )));
        }
        Ok(Self {
            tokenizer,
            model: model.to_owned(),
            max_tokens,
        })
    }

    /// Tokens of a text that are read, end marks included.
    pub(crate) fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// A text by itself; `None` if there is nothing to read.
    pub(crate) fn text(&self, text: &str) -> Result<Option<Reading>, NlpError> {
        let encoding = self.encode(text)?;
        if encoding.is_empty() {
            return Ok(None);
        }
        self.joined(encoding, None, text.len()).map(Some)
    }

    /// Two texts as one; of a long first text the end is left out, of a second
    /// one what is beyond half of the room. `None` if there is nothing to read in
    /// the first.
    pub(crate) fn pair(&self, first: &str, second: &str) -> Result<Option<Reading>, NlpError> {
        let (encoding, mut behind) = (self.encode(first)?, self.encode(second)?);
        if encoding.is_empty() {
            return Ok(None);
        }
        behind.truncate(self.max_tokens / 2, 0, TruncationDirection::Right);
        self.joined(encoding, Some(behind), first.len()).map(Some)
    }

    fn encode(&self, text: &str) -> Result<Encoding, NlpError> {
        let end = text.floor_char_boundary(MAX_BYTES);
        self.tokenizer
            .encode_fast(text.get(..end).unwrap_or_default(), false)
            .map_err(|e| self.failed(text.len(), e.to_string()))
    }

    /// Puts the end marks around what was encoded without them.
    fn joined(
        &self,
        mut first: Encoding,
        second: Option<Encoding>,
        bytes: usize,
    ) -> Result<Reading, NlpError> {
        let marks = self.tokenizer.get_post_processor();
        let marks = marks.map_or(0, |marks| marks.added_tokens(second.is_some()));
        let taken = marks + second.as_ref().map_or(0, Encoding::len);
        let room = self.max_tokens.saturating_sub(taken);
        first.truncate(room, 0, TruncationDirection::Right);
        let whole = self
            .tokenizer
            .post_process(first, second, true)
            .map_err(|e| self.failed(bytes, e.to_string()))?;
        let own = whole.get_type_ids().iter().take_while(|t| **t == 0).count();
        let ids = whole.get_ids().iter().take(self.max_tokens);
        Ok(Reading {
            ids: ids.map(|id| i64::from(*id)).collect(),
            own,
            masked: false,
        })
    }

    fn failed(&self, bytes: usize, problem: String) -> NlpError {
        NlpError::Tokenizer {
            model: self.model.clone(),
            bytes,
            problem,
        }
    }
}

/// The bytes of `file` in `folder`.
pub(crate) fn read(folder: &Path, file: &str) -> Result<Vec<u8>, NlpError> {
    let path = folder.join(file);
    std::fs::read(&path).map_err(|source| NlpError::Unreadable { path, source })
}
