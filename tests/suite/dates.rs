//! The date that files bear, through the program.

use std::path::Path;
use std::process::Output;

use crate::support::{expect_code, program, stderr, unpacked};

fn analyze(folder: &Path, output: &str, seconds: &str) -> Output {
    let mut program = program(folder);
    program.args([
        "analyze",
        "a.txt",
        "-o",
        output,
        "--format",
        "docx,xlsx,qdpx,json",
    ]);
    program.env("SOURCE_DATE_EPOCH", seconds);
    program.output().unwrap()
}

#[test]
fn files_bear_the_date_that_is_set_and_are_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = "Interviewer: And?\n\nDana: The lid broke twice.\n";
    std::fs::write(folder.join("a.txt"), text).unwrap();
    expect_code(&analyze(folder, "one", "1700000000"), 0);
    expect_code(&analyze(folder, "two", "1700000000"), 0);
    for (name, part) in [
        ("report.docx", "docProps/core.xml"),
        ("report.xlsx", "docProps/core.xml"),
        ("report.qdpx", "project.qde"),
    ] {
        let read = |report: &str| std::fs::read(folder.join(report).join(name)).unwrap();
        assert_eq!(read("one"), read("two"), "{name}");
        let parts = unpacked(&read("one"));
        let (_, content) = parts.iter().find(|(found, _)| found == part).unwrap();
        let content = String::from_utf8_lossy(content);
        assert!(
            content.contains("2023-11-14T22:13:20Z"),
            "{name}: {content}"
        );
    }
    let json = std::fs::read_to_string(folder.join("one/report.json")).unwrap();
    assert!(json.contains("\"dated\": \"2023-11-14T22:13:20Z\""));
    let wrong = analyze(folder, "three", "yesterday");
    expect_code(&wrong, 2);
    assert!(
        stderr(&wrong).contains("seconds since 1970"),
        "{}",
        stderr(&wrong)
    );
}
