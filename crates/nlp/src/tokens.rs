use tokenizers::Tokenizer;

use crate::NlpError;
use crate::manifest::Manifest;

/// Bytes of a passage that are looked at: its first ones. The 256 tokens that
/// the model reads are some 1,200 bytes of ordinary text, so that this only
/// bounds the work on a file that is no prose.
const MAX_BYTES: usize = 16 * 1024;

/// The least that a reading has: its two end marks.
const MARKS: usize = 2;

/// Turns text into the numbers that an encoder reads.
pub(crate) struct Tokens {
    tokenizer: Tokenizer,
    model: String,
    max_text: usize,
    max_context: usize,
}

impl Tokens {
    /// Reads a `tokenizer.json`. Its own padding and truncation are switched
    /// off: a padded batch would mix passages, and the length is settled here.
    pub(crate) fn load(bytes: &[u8], manifest: &Manifest) -> Result<Self, NlpError> {
        let misfit = |problem: String| NlpError::Misfit {
            model: manifest.name.clone(),
            file: manifest.files.tokenizer.file.clone(),
            problem,
        };
        let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|e| misfit(e.to_string()))?;
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(None)
            .map_err(|e| misfit(e.to_string()))?;
        Ok(Self {
            tokenizer,
            model: manifest.name.clone(),
            max_text: manifest.encoder.max_tokens.saturating_sub(MARKS),
            max_context: manifest.encoder.max_context_tokens,
        })
    }

    /// The ids of a passage, from its start; `None` if there is nothing to read.
    pub(crate) fn text(&self, text: &str) -> Result<Option<Vec<i32>>, NlpError> {
        let end = text.floor_char_boundary(MAX_BYTES);
        let ids = self.ids(text.get(..end).unwrap_or_default())?;
        Ok(cut(ids, self.max_text, false))
    }

    /// The ids of a context, up to its end; `None` if there is nothing to read.
    pub(crate) fn context(&self, context: &str) -> Result<Option<Vec<i32>>, NlpError> {
        Ok(cut(self.ids(context)?, self.max_context, true))
    }

    fn ids(&self, text: &str) -> Result<Vec<i32>, NlpError> {
        let encoding = self
            .tokenizer
            .encode_fast(text, true)
            .map_err(|e| NlpError::Tokenizer {
                model: self.model.clone(),
                bytes: text.len(),
                problem: e.to_string(),
            })?;
        // A vocabulary is far smaller than 2^31.
        Ok(encoding.get_ids().iter().map(|id| *id as i32).collect())
    }
}

/// Keeps the end marks and at most `limit` ids between them, the last or the
/// first ones.
fn cut(mut ids: Vec<i32>, limit: usize, keep_last: bool) -> Option<Vec<i32>> {
    let inner = ids.len().checked_sub(MARKS).filter(|n| *n > 0)?;
    if inner > limit {
        let start = if keep_last { 1 } else { 1 + limit };
        ids.drain(start..start + inner - limit);
    }
    Some(ids)
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn the_marks_stay_and_the_right_end_is_cut() {
        let ids = vec![101, 1, 2, 3, 4, 102];
        assert_eq!(cut(ids.clone(), 2, false), Some(vec![101, 1, 2, 102]));
        assert_eq!(cut(ids.clone(), 2, true), Some(vec![101, 3, 4, 102]));
        assert_eq!(cut(ids.clone(), 4, true), Some(ids));
        assert_eq!(cut(vec![101, 102], 4, true), None);
        assert_eq!(cut(vec![], 4, true), None);
    }
}
