//! What was answered to each question of an interview guide or a survey.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use throughline_core::{PassageId, Role, Span};
use throughline_report::{FindingAnswers, Label, QuestionAnswers, Questions};
use throughline_store::PassageRow;
use throughline_themes::{Item, Parameters, cluster};

use super::counting;
use super::findings::{Scene, chosen};
use super::quoting::{Quoting, label_at};
use crate::StudyError;
use crate::evidence::Said;
use crate::study::model_key;

/// Documents in which a question must have been asked to be listed: what is asked
/// once is a follow-up, and no question of a guide.
const FEW: usize = 2;
/// Quotes of answers to one question, at most.
const QUOTES: usize = 2;
/// Words with which an interviewer asks without a question mark, among the first
/// of a passage: "so, could you" and the like may come before them.
const ASKING: [&str; 8] = [
    "tell me", "tell us", "walk me", "walk us", "talk me", "talk us", "describe", "explain",
];
/// How many words may be the first.
const FIRST: usize = 7;

/// A question as an interviewer asked it.
struct Asked {
    document: Arc<str>,
    passage: PassageId,
    span: Span,
    turn: usize,
    text: String,
}

/// What a passage answers.
enum Answered {
    /// An interviewer, by number in [`Heard::asked`].
    Interviewer(usize),
    /// A survey, by number in [`Heard::surveys`].
    Survey(usize),
}

/// Who asked what, and what answers it.
#[derive(Default)]
struct Heard {
    asked: Vec<Asked>,
    surveys: Vec<String>,
    /// In which documents each survey's question stands.
    survey_documents: Vec<usize>,
    answers: BTreeMap<PassageId, Answered>,
    document: Option<Arc<str>>,
    /// The interviewer's last question of the document that is read.
    current: Option<usize>,
}

/// Puts every passage of evidence under the question that it answers: the
/// interviewer's last one before it, or else that of its survey. `finding_of`
/// tells which finding a passage is counted in. `None` where nobody asked.
pub(crate) fn questions(
    scene: &Scene<'_>,
    quoting: &mut Quoting<'_>,
    finding_of: &BTreeMap<PassageId, &str>,
) -> Result<Option<Questions>, StudyError> {
    let heard = Heard::read(scene)?;
    if heard.answers.is_empty() {
        return Ok(None);
    }
    let groups = heard.guide(scene)?;
    let group_of: BTreeMap<usize, usize> = (groups.iter().enumerate())
        .flat_map(|(group, members)| members.iter().map(move |member| (*member, group)))
        .collect();
    let mut of_guide: Vec<Vec<&Said>> = vec![Vec::new(); groups.len()];
    let mut of_surveys: Vec<Vec<&Said>> = vec![Vec::new(); heard.surveys.len()];
    let (mut elsewhere, mut unasked) = (0, 0);
    for said in &scene.evidence.said {
        let place = match heard.answers.get(&said.id) {
            None => {
                unasked += 1;
                continue;
            }
            Some(Answered::Interviewer(asked)) => {
                let group = group_of.get(asked);
                group.and_then(|group| of_guide.get_mut(*group))
            }
            Some(Answered::Survey(survey)) => {
                let documents = heard.survey_documents.get(*survey).copied();
                let listed = documents.is_some_and(|documents| documents >= FEW);
                of_surveys.get_mut(*survey).filter(|_| listed)
            }
        };
        match place {
            Some(answers) => answers.push(said),
            None => elsewhere += 1,
        }
    }
    let mut answering = Answering {
        scene,
        quoting,
        finding_of,
    };
    let mut asked = Vec::new();
    for (members, said) in groups.iter().zip(&of_guide) {
        let wordings: Vec<&Asked> = members.iter().filter_map(|m| heard.asked.get(*m)).collect();
        let Some(wording) = wordings.first() else {
            continue;
        };
        let label = answering.wording(wording)?;
        let documents: BTreeSet<&str> = wordings.iter().map(|one| &*one.document).collect();
        let asking = (wording.text.clone(), label, documents.len());
        asked.push(answering.answers(asking, said)?);
    }
    let surveys = heard.surveys.iter().zip(&heard.survey_documents);
    for ((question, documents), said) in surveys.zip(&of_surveys) {
        if *documents >= FEW {
            let asking = (question.clone(), None, *documents);
            asked.push(answering.answers(asking, said)?);
        }
    }
    Ok(Some(Questions {
        asked,
        elsewhere,
        unasked,
    }))
}

impl Heard {
    fn read(scene: &Scene<'_>) -> Result<Self, StudyError> {
        let mut heard = Self::default();
        let mut surveys = BTreeMap::new();
        scene.study.store.each_passage(None, &mut |row| {
            heard.take(row, scene, &mut surveys);
            ControlFlow::Continue(())
        })?;
        Ok(heard)
    }

    fn take(&mut self, row: PassageRow, scene: &Scene<'_>, surveys: &mut BTreeMap<String, usize>) {
        let begins = self.document.as_ref() != Some(&row.document);
        if begins {
            self.document = Some(row.document.clone());
            self.current = None;
            if let Some(question) = &row.question {
                let next = self.surveys.len();
                let number = *surveys.entry(question.clone()).or_insert(next);
                if number == next {
                    self.surveys.push(question.clone());
                    self.survey_documents.push(0);
                }
                if let Some(documents) = self.survey_documents.get_mut(number) {
                    *documents += 1;
                }
            }
        }
        if row.role == Role::Interviewer && asks(&row.text) {
            self.current = Some(self.asked.len());
            self.asked.push(Asked {
                document: row.document,
                passage: row.id,
                span: row.span,
                turn: row.turn,
                text: row.text,
            });
        } else if scene.by_id.contains_key(&row.id) {
            let survey = || surveys.get(row.question.as_ref()?).copied();
            let answered = match self.current {
                Some(asked) => Some(Answered::Interviewer(asked)),
                None => survey().map(Answered::Survey),
            };
            self.answers.extend(answered.map(|what| (row.id, what)));
        }
    }

    /// The questions of a guide: wordings of one question that were asked in
    /// several interviews, the most typical first. The questions stand in the
    /// order of the turn in which they mostly come.
    fn guide(&self, scene: &Scene<'_>) -> Result<Vec<Vec<usize>>, StudyError> {
        let ids: Vec<PassageId> = self.asked.iter().map(|one| one.passage).collect();
        let vectors = scene.study.store.vectors(&model_key(scene.tagger), &ids)?;
        let known: Vec<usize> = (0..vectors.len())
            .filter(|number| vectors.get(*number).is_some_and(Option::is_some))
            .collect();
        let items: Vec<Item<'_>> = (self.asked.iter().zip(&vectors))
            .filter_map(|(asked, vector)| {
                Some(Item {
                    id: asked.passage,
                    text: &asked.text,
                    vector: vector.as_ref()?,
                    document: &asked.document,
                    participant: None,
                })
            })
            .collect();
        let parameters = Parameters {
            smallest_theme: FEW,
            ..scene.study.theme_parameters()
        };
        let groups = cluster(&items, &parameters).groups.into_iter();
        let mut guide: Vec<(usize, Vec<usize>)> = groups
            .map(|group| {
                let members = group.members.iter().filter_map(|m| known.get(*m).copied());
                members.collect::<Vec<usize>>()
            })
            .filter_map(|members| {
                let asked: Vec<&Asked> =
                    members.iter().filter_map(|m| self.asked.get(*m)).collect();
                let documents: BTreeSet<&str> = asked.iter().map(|one| &*one.document).collect();
                let mut turns: Vec<usize> = asked.iter().map(|one| one.turn).collect();
                turns.sort_unstable();
                let middle = turns.get(turns.len() / 2).copied()?;
                (documents.len() >= FEW).then_some((middle, members))
            })
            .collect();
        // The groups come largest first, and stay so where they share a turn.
        guide.sort_by_key(|(turn, _)| *turn);
        Ok(guide.into_iter().map(|(_, members)| members).collect())
    }
}

/// True if an interviewer's words ask for something.
fn asks(text: &str) -> bool {
    let first: Vec<&str> = text.split_whitespace().take(FIRST).collect();
    let first = first.join(" ").to_lowercase();
    text.contains(['?', '？', '؟']) || ASKING.iter().any(|asking| first.contains(asking))
}

/// What makes answers out of passages.
struct Answering<'a, 'q, 's> {
    scene: &'a Scene<'s>,
    quoting: &'a mut Quoting<'q>,
    finding_of: &'a BTreeMap<PassageId, &'a str>,
}

impl Answering<'_, '_, '_> {
    fn wording(&self, asked: &Asked) -> Result<Option<Label>, StudyError> {
        let document = self.scene.study.store.document(&asked.document)?;
        Ok(document.map(|document| label_at(&document, asked.span, asked.passage)))
    }

    fn answers(
        &mut self,
        (question, wording, documents_asked): (String, Option<Label>, usize),
        said: &[&Said],
    ) -> Result<QuestionAnswers, StudyError> {
        let mut findings: BTreeMap<&str, Vec<&Said>> = BTreeMap::new();
        for one in said {
            if let Some(finding) = self.finding_of.get(&one.id) {
                findings.entry(finding).or_default().push(one);
            }
        }
        let mut findings: Vec<FindingAnswers> = findings
            .into_iter()
            .map(|(finding, said)| FindingAnswers {
                finding: finding.to_owned(),
                counts: counting::counts(&said),
            })
            .collect();
        findings.sort_by_key(|one| std::cmp::Reverse(one.counts.passages));
        Ok(QuestionAnswers {
            question,
            wording,
            documents_asked,
            counts: counting::counts(said),
            pain_passages: said.iter().filter(|one| one.is_pain()).count(),
            sentiment: counting::sentiment(said),
            findings,
            quotes: chosen(self.scene, self.quoting, said, QUOTES)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interviewers_ask_with_and_without_a_question_mark() {
        assert!(asks("How did you hear of it?"));
        assert!(asks("So, please tell me about the first day."));
        assert!(asks("Walk me through it."));
        assert!(!asks("Right, thank you."));
        assert!(!asks("I see, and he did not tell anybody."));
    }
}
