use serde::{Deserialize, Serialize};

use super::{Counts, Label};

/// A pain point that recurs in several stages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recurring {
    /// Ids of its findings, in the order of the stages.
    pub findings: Vec<String>,
    /// What they come to together: who mentions it in two stages is counted
    /// once.
    pub counts: Counts,
}

/// What one interviewed participant said of the findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixRow {
    /// Id of the participant.
    pub participant: String,
    /// The findings they mention, in the order of the report.
    pub cells: Vec<MatrixCell>,
}

/// What one participant said of one finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixCell {
    /// Id of the finding.
    pub finding: String,
    /// How many of their passages are counted in it.
    pub mentions: usize,
    /// The most typical of these, in their exact words.
    pub quote: Label,
}
