use throughline_report::{Report, ReportError, html, json, markdown};

use crate::sample::report;

fn all(report: &Report) -> [String; 3] {
    [
        html(report, &[]).unwrap(),
        markdown(report),
        json(report).unwrap(),
    ]
}

#[test]
fn the_same_report_gives_the_same_bytes_in_every_format() {
    assert_eq!(all(&report()), all(&report()));
}

#[test]
fn a_report_of_nothing_can_be_written_and_read() {
    let mut empty = report();
    empty.stages.clear();
    empty.apart = Default::default();
    empty.questions = None;
    empty.coverage = Default::default();
    empty.corpus.passages = 0;
    empty.corpus.by_kind.clear();
    empty.skipped.clear();
    empty.check().unwrap();
    for text in all(&empty) {
        assert!(!text.contains("NaN") && !text.contains("inf%"), "{text}");
    }
}

#[test]
fn what_does_not_add_up_is_found() {
    let mut lost = report();
    lost.stages[2].findings.pop();
    let error = lost.check().unwrap_err().to_string();
    assert!(
        error.contains("stage 'purchase'") && error.contains("17 against 13"),
        "{error}"
    );

    let mut dropped = report();
    dropped.coverage.unclear -= 1;
    assert!(matches!(
        dropped.check(),
        Err(ReportError::DoesNotAddUp { .. })
    ));

    let mut nothing = report();
    nothing.stages[0].sentiment.net.as_mut().unwrap().value = f64::NAN;
    assert!(matches!(nothing.check(), Err(ReportError::NoNumber { .. })));

    let mut later = report();
    later.schema_version += 1;
    assert!(matches!(
        later.check(),
        Err(ReportError::OtherSchema { .. })
    ));
}
