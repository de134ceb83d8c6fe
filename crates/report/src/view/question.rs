use serde::Serialize;

use super::finding::{Place, QuoteView, source};
use super::group::{LinkView, Links};
use super::{Row, row};
use crate::data::{QuestionAnswers, Questions, Report};
use crate::{numbers, words};

/// Answers by question.
#[derive(Debug, Serialize)]
pub(crate) struct QuestionsView {
    pub(crate) lead: String,
    pub(crate) asked: Vec<QuestionView>,
}

/// The answers to one question.
#[derive(Debug, Serialize)]
pub(crate) struct QuestionView {
    /// The exact words of an interviewer, or those of a survey.
    pub(crate) question: String,
    /// Where an interviewer says so; absent for a survey.
    pub(crate) source: Option<String>,
    pub(crate) stands: Option<Place>,
    pub(crate) rows: Vec<Row>,
    /// The findings that answers are counted in.
    pub(crate) findings: Vec<AnswersView>,
    pub(crate) quotes: Vec<QuoteView>,
}

/// A finding that answers are counted in.
#[derive(Debug, Serialize)]
pub(crate) struct AnswersView {
    pub(crate) link: LinkView,
    pub(crate) about: String,
}

impl QuestionsView {
    pub(crate) fn of(report: &Report, links: &Links<'_>) -> Option<Self> {
        let questions = report.questions.as_ref()?;
        let asked = questions.asked.iter();
        Some(Self {
            lead: lead(questions),
            asked: asked.map(|one| QuestionView::of(one, links)).collect(),
        })
    }
}

fn lead(questions: &Questions) -> String {
    format!(
        "{} asked in two documents at least. Passages that answer any other question: {}; that \
         answer none: {}.",
        numbers::counted(questions.asked.len(), "question"),
        numbers::count(questions.elsewhere),
        numbers::count(questions.unasked),
    )
}

impl QuestionView {
    fn of(answers: &QuestionAnswers, links: &Links<'_>) -> Self {
        let sentiment = &answers.sentiment;
        let findings = answers.findings.iter().filter_map(|one| {
            Some(AnswersView {
                link: links.get(one.finding.as_str())?.clone(),
                about: words::counts(&one.counts, "answer"),
            })
        });
        Self {
            question: answers.question.clone(),
            source: answers.wording.as_ref().map(source),
            stands: answers.wording.as_ref().map(Place::of),
            rows: vec![
                row(
                    "Asked",
                    format!(
                        "in {}",
                        numbers::counted(answers.documents_asked, "document")
                    ),
                ),
                row("Answers", words::counts(&answers.counts, "passage")),
                row("With a pain", numbers::count(answers.pain_passages)),
                row(
                    "Net sentiment",
                    words::estimate_long(sentiment.net.as_ref(), 0),
                ),
            ],
            findings: findings.collect(),
            quotes: answers.quotes.iter().map(QuoteView::of).collect(),
        }
    }
}
