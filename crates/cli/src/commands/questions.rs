//! Answers by question.

use std::path::Path;

use throughline_study::{QuestionAnswers, Study};

use super::tagger;
use crate::args::Engine;
use crate::exit::Code;
use crate::output::{Output, count, say, shortened};
use crate::progress::progress;

/// Characters of a question in a table.
const QUESTION_WIDTH: usize = 70;

pub(crate) fn questions(
    lens: Option<&str>,
    folder: &Path,
    json: bool,
    engine: &Engine,
) -> anyhow::Result<Code> {
    let mut study = Study::open(folder)?;
    let framework = study.framework(lens)?.clone();
    let tagger = tagger(engine, Some(folder))?;
    let found = study.questions(tagger.as_ref(), &framework, progress().as_ref())?;
    study.close()?;
    let Some(found) = found else {
        say("Nobody asks anything here: no interviewer, and no survey.");
        return Ok(Code::NothingFound);
    };
    let mut output = Output::new();
    if json {
        for one in &found.asked {
            output.json(one)?;
        }
    } else {
        let headings = [
            "Question",
            "Asked in",
            "Answers",
            "Documents",
            "People",
            "With a pain",
            "Net",
        ];
        output.table(&headings, 1..headings.len(), found.asked.iter().map(line))?;
    }
    output.finish()?;
    say(&format!(
        "{} {} another question, and {} none.",
        count(found.elsewhere as u64, "passage"),
        if found.elsewhere == 1 {
            "answers"
        } else {
            "answer"
        },
        found.unasked
    ));
    Ok(match found.asked.is_empty() {
        true => Code::NothingFound,
        false => Code::Done,
    })
}

fn line(one: &QuestionAnswers) -> Vec<String> {
    let net = one.sentiment.net.as_ref();
    vec![
        shortened(&one.question.replace('\n', " "), QUESTION_WIDTH),
        one.documents_asked.to_string(),
        one.counts.passages.to_string(),
        one.counts.documents.to_string(),
        one.counts.participants.to_string(),
        one.pain_passages.to_string(),
        net.map_or_else(|| "–".to_owned(), |net| format!("{:+.0}", net.value)),
    ]
}
