use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use throughline_core::ContentHash;

use super::Reliability;

/// What was run, on what, with what: enough to run it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the program.
    pub version: String,
    /// The command as typed, without private paths.
    pub command: Vec<String>,
    /// The moment that files bear as their date, where `SOURCE_DATE_EPOCH` set one:
    /// RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dated: Option<String>,
    /// The framework looked through.
    pub framework: Lens,
    /// Settings by their name in `throughline.toml`, as they would be typed
    /// there.
    pub parameters: BTreeMap<String, String>,
    /// Seeds of everything random, by what they are for.
    pub seeds: BTreeMap<String, u64>,
    /// The files that were read, by name.
    pub inputs: Vec<Input>,
    /// The model that tagged the passages.
    pub model: ModelInfo,
    /// Sizes of the record by name: `documents`, `passages`, …; and what there is
    /// of the report: [`Manifest::QUOTES`], [`Manifest::FINDINGS`],
    /// [`Manifest::EVIDENCE`].
    pub counts: BTreeMap<String, u64>,
}

impl Manifest {
    /// The count of quotes that the report shows.
    pub const QUOTES: &str = "quotes";
    /// The count of findings.
    pub const FINDINGS: &str = "findings";
    /// The count of passages of evidence, which tables and projects hold.
    pub const EVIDENCE: &str = "evidence";
}

/// A framework, without its stages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lens {
    /// Short name: `customer`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// True if its last stage leads back to the first.
    pub cyclic: bool,
    /// How well its stages together can be told by their exemplars, where they
    /// have any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reliability: Option<Reliability>,
}

/// One file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Its name within the study.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: ContentHash,
    /// Its size.
    pub bytes: u64,
    /// The format it was read as: `vtt`, `csv`, ….
    pub format: String,
    /// The character set it was read in: `UTF-8`, `windows-1252`, ….
    pub charset: String,
    /// Documents made from it.
    pub documents: usize,
    /// Passages made from it.
    pub passages: usize,
}

/// The model that tagged the passages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelInfo {
    /// Its name.
    pub name: String,
    /// SHA-256 that names its files.
    pub sha256: ContentHash,
    /// What ran it.
    pub backend: String,
}
