//! How large a page gets.

use throughline_core::{ContentHash, PassageId, Span};
use throughline_report::{ContextSlice, Finding, MatrixCell, MatrixRow, Quote, Report, html};

use crate::sample::{report, through_another};

/// Words as long as people's are.
const SAID: &str = "I looked for the price on every page before I gave my card, and then it was \
    another one, so I rang them and they could not say why either.";

/// What a made-up study of fifty interviews comes to: seven stages of five
/// findings, each with five quotes and four turns around each. Fifty real ones of
/// half an hour came to 33 findings.
fn fifty(mut report: Report) -> Report {
    let quote = report.stages[2].findings[0].quotes[0].clone();
    let finding = report.stages[2].findings[0].clone();
    let first = report.stages[2].clone();
    report.stages = (0..7)
        .map(|stage| {
            let mut one = first.clone();
            one.id = format!("stage-{stage}");
            one.findings = (0..5)
                .map(|number| illustrated(&finding, &quote, stage * 5 + number))
                .collect();
            one
        })
        .collect();
    let ids: Vec<&str> = (report.stages.iter())
        .flat_map(|stage| &stage.findings)
        .map(|finding| finding.id.as_str())
        .collect();
    report.matrix = (0..50)
        .map(|person| MatrixRow {
            participant: format!("interviews/interview-{person:02}.vtt/Participant {person}"),
            cells: (ids.iter().skip(person % 5).step_by(5))
                .map(|id| MatrixCell {
                    finding: (*id).to_owned(),
                    mentions: 2,
                    quote: throughline_report::Label {
                        text: SAID.to_owned(),
                        ..finding.label.clone()
                    },
                })
                .collect(),
        })
        .collect();
    report
}

fn illustrated(finding: &Finding, quote: &Quote, number: usize) -> Finding {
    let around = |start: usize| ContextSlice {
        text: format!("{SAID} {SAID}"),
        start,
        end: start + 2 * SAID.len() + 1,
        speaker: Some("Interviewer".to_owned()),
        role: quote.role,
    };
    let quotes = (0..5).map(|nth| {
        let start = 100_000 * number + 2_000 * nth;
        let span = Span {
            start,
            end: start + SAID.len(),
        };
        Quote {
            text: SAID.to_owned(),
            start,
            end: span.end,
            passage: PassageId::of("interviews/one.vtt", ContentHash::of(b"text"), span),
            before: vec![
                around(start - start.min(900)),
                around(start - start.min(400)),
            ],
            after: vec![around(start + 400), around(start + 900)],
            ..quote.clone()
        }
    });
    Finding {
        id: format!("t-{number}"),
        quotes: quotes.collect(),
        ..finding.clone()
    }
}

#[test]
fn fifty_interviews_fit_into_two_megabytes_through_three_frameworks() {
    let one = fifty(report());
    let others = [fifty(through_another()), fifty(through_another())];
    let mut others = others.map(|mut other| {
        other.stages.rotate_left(1);
        other
    });
    others[1].stages.truncate(3);
    let page = html(&one, &others).unwrap();
    assert_eq!(page.matches("type=\"radio\" name=\"lens\"").count(), 3);
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}
