//! Lines of a data file, plain or gzip, into values.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::TrainError;

/// One line as any of the kinds of file has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Line {
    pub(crate) id: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) context: Option<String>,
    pub(crate) doc: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) split: Option<String>,
    pub(crate) moment: Option<Value>,
    pub(crate) sentiment: Option<Value>,
    pub(crate) pain: Option<Value>,
    pub(crate) touchpoint: Option<Value>,
    pub(crate) label: Option<Value>,
    pub(crate) labels: Vec<Value>,
    #[serde(alias = "opinions", alias = "quads")]
    pub(crate) aspects: Vec<Aspect>,
}

/// An opinion on one thing.
#[derive(Debug, Deserialize)]
pub(crate) struct Aspect {
    pub(crate) polarity: String,
}

impl Line {
    /// The document that it comes from: its own, else itself.
    pub(crate) fn document(&self, number: usize) -> String {
        let source = self.source.as_deref().unwrap_or_default();
        let own = number.to_string();
        let doc = self.doc.as_deref().filter(|doc| !doc.is_empty());
        let doc = doc.or(self.id.as_deref()).or(self.key.as_deref());
        format!("{source}|{}", doc.unwrap_or(&own))
    }
}

/// A label as it is compared: strings as they are, numbers in digits, false as 0.
pub(crate) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(u8::from(*truth).to_string()),
        _ => None,
    }
}

/// The number that names a passage by its words: the first eight bytes of the hash
/// whose sixteen digits `models/build/pool.py` writes.
pub(crate) fn key(text: &str, context: &str) -> u64 {
    let hash = Sha256::digest(format!("{context}\0{text}"));
    hash.iter()
        .take(8)
        .fold(0, |key, byte| (key << 8) | u64::from(*byte))
}

/// Every line of a file that is not blank, with its number from 1.
pub(crate) fn lines(path: &Path) -> Result<Vec<(usize, Line)>, TrainError> {
    let file = File::open(path).map_err(TrainError::file(path))?;
    let reader: Box<dyn Read> = if path.extension().is_some_and(|e| e == "gz") {
        Box::new(flate2::read::MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut all = Vec::new();
    for (index, line) in BufReader::new(reader).lines().enumerate() {
        let line = line.map_err(TrainError::file(path))?;
        if line.trim().is_empty() {
            continue;
        }
        let parsed = serde_json::from_str(&line).map_err(|e| TrainError::Row {
            path: path.to_owned(),
            line: index + 1,
            problem: e.to_string(),
        })?;
        all.push((index + 1, parsed));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_key_is_that_of_the_pool() {
        // printf 'b\0a' | sha256sum
        assert_eq!(format!("{:016x}", super::key("a", "b")), "397c5716bfd1b6d6");
    }
}
