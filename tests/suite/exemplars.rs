//! Stages of one's own that are told by exemplars, wherever stages are reported.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{expect_code, json_lines, pipe, run, stderr, stdout};

/// Three stages of renting a flat.
const FLAT: &str = r##"
id = "flat"
name = "Renting a flat"
description = "From the first advert to the keys handed back."
unclear_below = 0.4

[[stage]]
id = "viewing"
name = "Viewing"
definition = "Seeing a flat: appointments, tours, the agent showing it."
goal = "Know what it is like."
colour = "#2f8f9d"
exemplars = [
    "The agent was half an hour late to show us round.",
    "We saw the flat together with forty other people.",
    "The tour took five minutes and we could not ask anything.",
    "They did a video tour of the flat, as we lived abroad.",
]

[[stage]]
id = "lease"
name = "Lease"
definition = "Signing the lease: documents, deposit, clauses."
goal = "Sign on fair terms."
colour = "#3c8d5a"
exemplars = [
    "The lease was forty pages long.",
    "They wanted three months' deposit in cash.",
    "One clause of the contract said we must repaint every two years.",
    "The landlord changed the terms a day before signing.",
]

[[stage]]
id = "noise"
name = "Neighbours"
definition = "Neighbours and noise in the house."
goal = "Sleep."
colour = "#c0663a"
exemplars = [
    "The neighbours upstairs are loud every night.",
    "You can hear every step through the ceiling.",
    "Somebody plays the drums next door until midnight.",
    "The people below complain about our children.",
]
"##;

/// What three tenants say: one passage of each stage.
const SAID: &str = "id,author,text\n\
    1,Ada,The estate agent never turned up for the second viewing of the flat.\n\
    2,Ben,The deposit in the lease was far higher than the advert had said.\n\
    3,Cleo,The neighbours downstairs keep us awake with loud music every night.\n";

fn ok(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let output = run(folder, arguments);
    expect_code(&output, 0);
    output
}

/// A tagged study that knows the framework, which was written after tagging.
fn study(folder: &Path) -> PathBuf {
    std::fs::write(folder.join("said.csv"), SAID).unwrap();
    ok(folder, &["new", "s"]);
    let study = folder.join("s");
    ok(&study, &["add", "../said.csv"]);
    ok(&study, &["tag"]);
    std::fs::write(study.join("flat.toml"), FLAT).unwrap();
    let settings = study.join("throughline.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let text = text.replace("frameworks = []", "frameworks = [\"flat.toml\"]");
    std::fs::write(&settings, text).unwrap();
    study
}

#[test]
fn report_and_search_look_through_it_without_tagging_again() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path());
    let again = ok(&study, &["tag"]);
    assert!(stderr(&again).contains("Nothing new"), "{}", stderr(&again));

    ok(&study, &["report", "--framework", "flat", "-o", "out"]);
    let report = std::fs::read(study.join("out/report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let stages = report["stages"].as_array().unwrap();
    assert_eq!(stages.len(), 3);
    for stage in stages {
        assert_eq!(stage["counts"]["passages"], 1, "{}", stage["id"]);
        assert_eq!(stage["moments"].as_array().unwrap().len(), 0);
        let reliability = &stage["reliability"];
        assert_eq!(reliability["exemplars"], 4);
        assert_eq!(reliability["interval"]["unit"], "exemplar");
    }
    let overall = &report["manifest"]["framework"]["reliability"];
    assert_eq!(overall["exemplars"], 12);
    assert!(overall["right"].as_u64().unwrap() >= 8, "{overall}");
    let method = report["method"].to_string();
    assert!(method.contains("told by exemplars"), "{method}");
    let markdown = std::fs::read_to_string(study.join("out/report.md")).unwrap();
    assert!(markdown.contains("Told by exemplars: left out one at a time"));

    let search = |query: &str| {
        let lens = ["--framework", "flat", "--json"];
        let found = run(&study, &[&["search", query], lens.as_slice()].concat());
        let lines = json_lines(&found).into_iter();
        let mut stages: Vec<(String, String)> = lines
            .map(|line| {
                let of = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
                (of("doc"), of("stage"))
            })
            .collect();
        stages.sort();
        stages
    };
    let pair = |n: u8, stage: &str| (format!("said.csv#{n}"), stage.to_owned());
    assert_eq!(search("stage:lease"), [pair(2, "lease")]);
    assert_eq!(search("stage:Neighbours flat"), []);
    let others = [pair(1, "viewing"), pair(3, "noise")];
    assert_eq!(search("stage:viewing OR stage:noise"), others);
    let unknown = run(&study, &["search", "stage:rent", "--framework", "flat"]);
    expect_code(&unknown, 2);
    // Other frameworks are what they were.
    ok(&study, &["report", "--framework", "customer"]);
}

#[test]
fn a_file_is_measured_and_used_without_a_study() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("flat.toml"), FLAT).unwrap();
    let shown = ok(folder.path(), &["frameworks", "flat.toml"]);
    assert!(stdout(&shown).contains("of 4 exemplars came back"));
    let line = &json_lines(&ok(folder.path(), &["frameworks", "flat.toml", "--json"]))[0];
    assert_eq!(line["reliability"]["overall"]["exemplars"], 12);
    assert_eq!(line["reliability"]["stages"][2]["stage"], "noise");
    assert_eq!(line["stage"][0]["exemplars"].as_array().unwrap().len(), 4);

    let input =
        b"{\"text\":\"Somebody upstairs walks about all night, I cannot sleep in this flat.\"}\n";
    let arguments = ["tag", "-", "--framework", "flat.toml"];
    let tagged = pipe(folder.path(), &arguments, input);
    expect_code(&tagged, 0);
    let line = &json_lines(&tagged)[0];
    assert_eq!(line["stages"]["flat"], "noise", "{line}");
    assert!(line["stages"].get("customer").is_some());
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (
            "exemplars = [\n    \"The lease",
            "moments = [\"use\"]\nexemplars = [\n    \"The lease",
            "every stage moments",
        ),
        (
            "    \"The lease was forty pages long.\",\n    \"They wanted three months' deposit in cash.\",\n",
            "",
            "has 2 of the 3",
        ),
        ("\"The lease was forty pages long.\"", "\" \"", "blank"),
        (
            "id = \"lease\"",
            "id = \"noise\"",
            "two stages are called 'noise'",
        ),
    ];
    for (from, to, says) in cases {
        let broken = FLAT.replace(from, to);
        assert_ne!(broken, FLAT, "{says}");
        std::fs::write(folder.path().join("flat.toml"), broken).unwrap();
        let output = run(folder.path(), &["frameworks", "flat.toml"]);
        expect_code(&output, 2);
        assert!(stderr(&output).contains(says), "{}", stderr(&output));
    }
}
