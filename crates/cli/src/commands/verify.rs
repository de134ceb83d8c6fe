//! Reports against their sources.

use throughline_study::{VerifyRequest, verify as run};

use super::shown;
use crate::args::Verify;
use crate::exit::Code;
use crate::output::{Output, count, say, shortened};

/// Characters of a quote that is named.
const WIDTH: usize = 80;

pub(crate) fn verify(asked: Verify) -> anyhow::Result<Code> {
    let json = asked.json.json;
    let outcome = run(&VerifyRequest {
        reports: asked.reports,
        study: asked.study,
        sources: asked.sources,
        columns: asked.columns.map,
    })?;
    let mut output = Output::new();
    for wrong in &outcome.wrong {
        if json {
            output.json(&serde_json::json!({
                "file": wrong.file,
                "at": wrong.at,
                "problem": wrong.problem,
                "text": wrong.text,
            }))?;
            continue;
        }
        let place = [&wrong.file, &wrong.at].map(String::as_str);
        let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
        output.line(&format!("{}: {}", place.join(", "), wrong.problem))?;
        if !wrong.text.is_empty() {
            let words = shortened(&wrong.text.replace('\n', " "), WIDTH);
            output.line(&format!("  the report says “{words}”"))?;
        }
    }
    for file in &outcome.files {
        let name = shown(&file.path);
        let (claims, redacted) = (file.claims, file.redacted);
        if json {
            output.json(&serde_json::json!({
                "file": name,
                "quotes_and_labels": claims,
                "redacted": redacted,
            }))?;
            continue;
        }
        let how = if redacted { ", redacted" } else { "" };
        output.line(&format!("{name}: {claims} quotes and labels{how}"))?;
    }
    output.finish()?;
    if outcome.wrong.is_empty() {
        say(&format!(
            "All as they stand in {}, read again.",
            count(outcome.sources as u64, "source")
        ));
        return Ok(Code::Done);
    }
    say(&format!(
        "{} found.",
        count(outcome.wrong.len() as u64, "difference")
    ));
    Ok(Code::Unverified)
}
