use serde::{Deserialize, Serialize};

use super::{Counts, Label, Quote, SentimentSummary};

/// What participants said, by the question that they answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Questions {
    /// Questions that were asked in two documents at least: those of interviews
    /// in the order in which they mostly come, then those of surveys.
    pub asked: Vec<QuestionAnswers>,
    /// Passages that answer any other question of an interviewer or a survey.
    pub elsewhere: usize,
    /// Passages that answer no question.
    pub unasked: usize,
}

/// The answers to one question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionAnswers {
    /// The question, as it was asked: in an interview, the most typical wording.
    pub question: String,
    /// Where an interviewer says so; absent for the question of a survey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wording: Option<Label>,
    /// Documents in which it was asked, and answered or not.
    pub documents_asked: usize,
    /// Passages that answer it, with their documents and participants.
    pub counts: Counts,
    /// Those of the passages that state a pain point.
    pub pain_passages: usize,
    /// Sentiment of the answers.
    pub sentiment: SentimentSummary,
    /// The findings that answers are counted in, the most frequent first.
    pub findings: Vec<FindingAnswers>,
    /// Answers, typical and different.
    pub quotes: Vec<Quote>,
}

/// How many answers to a question are counted in one finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingAnswers {
    /// Id of the finding.
    pub finding: String,
    /// The answers, with their documents and participants.
    pub counts: Counts,
}
