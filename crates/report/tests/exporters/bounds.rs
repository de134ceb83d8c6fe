use throughline_report::{FORMATS, Format, ReportError};

use crate::sample::report;

#[test]
fn the_same_report_gives_the_same_bytes_in_every_format() {
    for format in FORMATS {
        assert_eq!(
            format.write(&report()).unwrap(),
            format.write(&report()).unwrap()
        );
        assert_eq!(format.as_str().parse::<Format>().unwrap(), *format);
        assert!(format.file_name().ends_with(&format!(".{format}")));
    }
    let error = "docx".parse::<Format>().unwrap_err().to_string();
    assert!(error.contains("html, md, json"), "{error}");
}

#[test]
fn a_report_of_nothing_can_be_written_and_read() {
    let mut empty = report();
    empty.stages.clear();
    empty.apart = Default::default();
    empty.coverage = Default::default();
    empty.corpus.passages = 0;
    empty.corpus.by_kind.clear();
    empty.skipped.clear();
    empty.check().unwrap();
    for format in FORMATS {
        let text = format.write(&empty).unwrap();
        assert!(!text.contains("NaN") && !text.contains("inf%"), "{format}");
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
    later.schema_version = 2;
    assert!(matches!(
        later.check(),
        Err(ReportError::OtherSchema { .. })
    ));
}
