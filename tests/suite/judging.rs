//! What people decide, end to end: corrections, codes, the codebook, validation.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{analysed, copy_folder, expect_code, json_lines, pipe, run, stderr, stdout};

/// A copy of the study that `analyze` kept, to work on.
fn study(folder: &Path) -> PathBuf {
    let copy = folder.join("study");
    copy_folder(&analysed().join("report.study"), &copy);
    copy
}

fn ok(study: &Path, arguments: &[&str]) -> std::process::Output {
    let output = run(study, arguments);
    expect_code(&output, 0);
    output
}

/// The largest themes of the study.
fn themes(study: &Path) -> Vec<Value> {
    let mut themes = json_lines(&ok(study, &["codebook", "show", "--json"]));
    themes.sort_by_key(|theme| std::cmp::Reverse(theme["mentions"].as_u64()));
    themes
}

fn report(study: &Path) -> Value {
    ok(study, &["report", "-o", "out", "--format", "json"]);
    serde_json::from_slice(&std::fs::read(study.join("out/report.json")).unwrap()).unwrap()
}

fn finding<'r>(report: &'r Value, id: &str) -> Option<&'r Value> {
    let stages = report["stages"].as_array().unwrap().iter();
    let mut findings = stages.flat_map(|stage| stage["findings"].as_array().unwrap());
    findings.find(|finding| finding["id"] == id)
}

#[test]
fn a_correction_counts_everywhere_until_it_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path());
    let found = json_lines(&ok(
        &study,
        &["search", "moment:delivery", "-n", "1", "--json"],
    ));
    let id = found[0]["passage"].as_str().unwrap();
    let support = |study: &Path| {
        let stats = json_lines(&ok(study, &["stats", "--json"]));
        stats[0]["moments"]["support"].as_u64().unwrap()
    };
    let before = support(&study);
    let reason = ["--reason", "the call centre", "--author", "Ann"];
    let correct = ["correct", &id[..12], "--moment", "support", "--pain", "no"];
    let said = ok(&study, &[&correct[..], &reason[..]].concat());
    assert!(stderr(&said).contains("undo 1"), "{}", stderr(&said));
    assert_eq!(support(&study), before + 1);
    let query = "moment:support pain:false";
    let found = json_lines(&ok(&study, &["search", query, "-n", "500", "--json"]));
    assert!(found.iter().any(|one| one["passage"] == id));
    let method = report(&study)["method"].to_string();
    assert!(method.contains("decided 2 tags of 1 passages"), "{method}");

    ok(&study, &["code", "add", "to check", id]);
    ok(&study, &["memo", "Ask again", &id[..12], "--author", "Ben"]);
    let log = json_lines(&ok(&study, &["log", "--json"]));
    let kinds: Vec<&str> = log
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["moment", "pain", "code", "memo"]);
    assert_eq!(
        (&log[0]["author"], &log[0]["reason"]),
        (&"Ann".into(), &"the call centre".into())
    );
    let codes = ok(&study, &["code", "list"]);
    assert!(stdout(&codes).contains("to check"));

    ok(&study, &["undo", "1"]);
    assert_eq!(support(&study), before);
    let log = json_lines(&ok(&study, &["log", "--json"]));
    assert_eq!(log[0]["standing"], "undone");
    ok(&study, &["undo"]);
    expect_code(&run(&study, &["undo", "99"]), 2);
    expect_code(&run(&study, &["correct", "zz", "--pain", "no"]), 1);
    expect_code(&run(&study, &["correct", id, "--moment", "shopping"]), 2);
    expect_code(&run(&study, &["correct", id]), 2);
}

#[test]
fn a_table_of_corrections_is_one_act() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path());
    let found = json_lines(&ok(&study, &["search", "pain:true", "-n", "3", "--json"]));
    let mut table = "passage,sentiment,pain\n".to_owned();
    for one in &found {
        table.push_str(&format!("{},mixed,\n", one["passage"].as_str().unwrap()));
    }
    std::fs::write(study.join("decided.csv"), table).unwrap();
    ok(&study, &["correct", "--csv", "decided.csv"]);
    assert_eq!(json_lines(&ok(&study, &["log", "--json"])).len(), 3);
    ok(&study, &["undo"]);
    let log = json_lines(&ok(&study, &["log", "--json"]));
    let undone = log.iter().filter(|one| one["standing"] == "undone").count();
    assert_eq!((log.len(), undone), (6, 3));
}

#[test]
fn themes_are_named_merged_moved_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path());
    let all = themes(&study);
    let one = all[0]["id"].as_str().unwrap();
    let of_stage = |theme: &&Value| theme["stage"] == all[0]["stage"] && theme["id"] != one;
    let other = all.iter().find(of_stage).expect("a stage with two themes");
    let other_id = other["id"].as_str().unwrap();
    let count = |theme: &Value| theme["mentions"].as_u64().unwrap();

    ok(&study, &["codebook", "rename", one, "What we call it"]);
    ok(&study, &["codebook", "merge", one, other_id]);
    let after = report(&study);
    let merged = finding(&after, one).unwrap();
    assert_eq!(merged["code"]["name"], "What we call it");
    assert_eq!(merged["counts"]["passages"], count(&all[0]) + count(other));
    assert!(finding(&after, other_id).is_none());

    let first = merged["members"][0].as_str().unwrap().to_owned();
    ok(&study, &["codebook", "move", &first, "--to", "none"]);
    let split = merged["members"][1].as_str().unwrap();
    ok(
        &study,
        &["codebook", "split", one, split, "--name", "A part"],
    );
    let now = themes(&study);
    let left = now.iter().find(|theme| theme["id"] == one).unwrap();
    assert_eq!(count(left), count(&all[0]) + count(other) - 2);
    let part = now.iter().find(|theme| theme["name"] == "A part").unwrap();
    assert_eq!(count(part), 1);

    ok(&study, &["codebook", "delete", one]);
    let after = report(&study);
    assert!(finding(&after, one).is_none());
    assert!(after["stages"].to_string().contains("set aside"));
    expect_code(&run(&study, &["codebook", "rename", "no-such", "x"]), 2);
    expect_code(&run(&study, &["codebook", "merge", one, one]), 2);
}

#[test]
fn a_frozen_codebook_codes_two_waves_alike() {
    let folder = tempfile::tempdir().unwrap();
    let first = study(folder.path());
    let second = folder.path().join("second");
    copy_folder(&first, &second);
    let before = themes(&first).len();
    let said = ok(&first, &["codebook", "freeze"]);
    assert!(
        stderr(&said).contains("coded as before"),
        "{}",
        stderr(&said)
    );
    assert!(themes(&first).len() >= before);
    // The second is coded by no book.
    expect_code(&run(folder.path(), &["diff", "study", "second"]), 2);
    ok(&first, &["codebook", "export", "../book.toml"]);
    ok(&second, &["codebook", "import", "../book.toml"]);
    expect_code(&run(&second, &["codebook", "import", "../book.toml"]), 2);
    let changes = json_lines(&ok(folder.path(), &["diff", "study", "second", "--json"]));
    assert!(!changes.is_empty());
    for change in &changes {
        assert_eq!(change["first"], change["second"], "the same study twice");
    }
    assert!(
        changes
            .iter()
            .any(|change| change["outside_codebook"] == false)
    );
    let book = std::fs::read_to_string(first.join("codebook.toml")).unwrap();
    std::fs::write(
        second.join("codebook.toml"),
        book.replacen("text = \"", "text = \"No. ", 1),
    )
    .unwrap();
    expect_code(&run(folder.path(), &["diff", "study", "second"]), 2);
}

#[test]
fn two_waves_without_a_codebook_are_grouped_together() {
    let folder = tempfile::tempdir().unwrap();
    let first = study(folder.path());
    let second = folder.path().join("second");
    copy_folder(&first, &second);
    ok(&second, &["remove", "peelwick/interviews/01-maureen.vtt"]);
    let themes_before = themes(&first).len();
    let changes = json_lines(&ok(folder.path(), &["diff", "study", "second", "--json"]));
    assert!(!changes.is_empty());
    for change in &changes {
        assert_eq!(
            (&change["jointly"], &change["outside_codebook"]),
            (&true.into(), &false.into())
        );
        let voices = |wave: &str| change[wave].as_u64().unwrap();
        assert!(
            voices("second") <= voices("first"),
            "one voice is gone: {change}"
        );
        assert!(!change["label"].as_str().unwrap().is_empty());
        let low = change["low"].as_f64().unwrap();
        assert!(low <= change["difference"].as_f64().unwrap());
    }
    let fewer = |one: &&Value| one["second"].as_u64() < one["first"].as_u64();
    assert!(changes.iter().any(|one| fewer(&one)));
    assert_eq!(themes(&first).len(), themes_before, "nothing of it is kept");
    let said = ok(folder.path(), &["diff", "study", "second"]);
    assert!(
        stderr(&said).contains("grouped together"),
        "{}",
        stderr(&said)
    );
}

#[test]
fn answers_stand_under_the_question_that_was_asked() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path());
    let asked = json_lines(&ok(&study, &["questions", "--json"]));
    assert!(!asked.is_empty());
    for one in &asked {
        assert!(one["documents_asked"].as_u64().unwrap() >= 2, "{one}");
        let wording = &one["wording"];
        if !wording.is_null() {
            assert_eq!(one["question"], wording["text"]);
        }
        for quote in one["quotes"].as_array().unwrap() {
            assert_eq!(quote["role"], "participant");
        }
    }
    let report = report(&study);
    let all = report["questions"]["asked"].as_array().unwrap();
    let names = |all: &[Value]| {
        all.iter()
            .map(|one| one["question"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(all), names(&asked));
    let table = stdout(&ok(&study, &["questions"]));
    assert!(table.contains("Asked in"), "{table}");
}

#[test]
fn a_sample_is_coded_in_the_terminal_and_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path());
    ok(&study, &["validate", "sample", "-n", "12", "-o", "ann.csv"]);
    let code = ["validate", "code", "ann.csv"];
    let said = pipe(
        &study,
        &code,
        b"use\nneg\nno\nproduct\nsetup\nmixed\nyes\ndocs\neffort\nunp\nnone\nq\n",
    );
    expect_code(&said, 0);
    assert!(stderr(&said).contains("Coded 2 of"), "{}", stderr(&said));
    let file = std::fs::read_to_string(study.join("ann.csv")).unwrap();
    assert!(file.contains(",use,negative,no,product,,,\n"), "{file}");
    assert!(
        file.contains(",setup,mixed,yes,docs,effort,unprompted,none\n"),
        "{file}"
    );
    let said = pipe(&study, &code, b"?\nloyalty\n\n\n\nq\n");
    assert!(stderr(&said).contains("Passage 3 of") && stderr(&said).contains("Coded 3 of"));
    ok(&study, &["validate", "score", "ann.csv"]);
    std::fs::write(study.join("ben.csv"), "moment\nuse\n").unwrap();
    expect_code(&run(&study, &["validate", "code", "ben.csv"]), 2);
}

#[test]
fn a_blind_sample_is_scored_and_the_report_says_how_well() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path());
    let said = ok(&study, &["validate", "sample", "-n", "60", "-o", "ann.csv"]);
    assert!(
        stderr(&said).contains("moment: need, discover"),
        "{}",
        stderr(&said)
    );
    expect_code(&run(&study, &["validate", "sample", "-o", "ann.csv"]), 2);
    // A coder who calls everything a pain of use.
    let blind = std::fs::read_to_string(study.join("ann.csv")).unwrap();
    assert_eq!(blind.lines().next().unwrap().split(',').count(), 10);
    let mut coded = "passage,moment,pain\n".to_owned();
    for line in blind.lines() {
        let id = line.split(',').next().unwrap();
        if id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            coded.push_str(&format!("{id},use,yes\n"));
        }
    }
    std::fs::write(study.join("ann.csv"), &coded).unwrap();
    std::fs::write(
        study.join("ben.csv"),
        coded.replacen("use,yes", "setup,yes", 5),
    )
    .unwrap();
    let score = json_lines(&ok(
        &study,
        &["validate", "score", "ann.csv", "ben.csv", "--json"],
    ));
    assert_eq!(score[0]["passages"], 60);
    let between = &score[0]["between_coders"];
    assert_eq!(between[0]["dimension"], "moment");
    assert!(between[0]["agreement"].as_f64().unwrap() > 0.5);
    let labels = between[0]["labels"].as_array().unwrap();
    let setup = labels.iter().find(|label| label["label"] == "setup");
    assert!(setup.is_none_or(|label| label["too_few"] == true));
    let pain = &score[0]["engine"][0][1]["labels"];
    assert!(pain.to_string().contains("precision"));
    let table = stdout(&ok(&study, &["validate", "score", "ann.csv"]));
    assert!(
        table.contains("The engine and ann.csv") && table.contains("Recall"),
        "{table}"
    );
    let method = report(&study)["method"].to_string();
    assert!(
        method.contains("Measured on this study: 60 passages"),
        "{method}"
    );
    std::fs::write(
        study.join("ben.csv"),
        "passage,pain\n00000000000000000000000000000000,yes\n",
    )
    .unwrap();
    expect_code(&run(&study, &["validate", "score", "ben.csv"]), 2);
}

#[test]
fn what_is_kept_in_a_collection_stands_in_the_report_with_its_source() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(folder.path());
    let by = ["--author", "Lee", "--reason", "for the talk"];
    let keep = |name: &str, query: &str| {
        let kept = ["collect", name, query, "-n", "3"];
        ok(&study, &[kept.as_slice(), &by].concat());
    };
    keep("Delivery", "moment:delivery");
    keep("Asked", "role:interviewer kind:interview");
    let formats = "json,html,md";
    ok(&study, &["report", "-o", "out", "--format", formats]);
    let report = std::fs::read(study.join("out/report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let collections = report["collections"].as_array().unwrap();
    let names = collections.iter().map(|one| one["name"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["Asked", "Delivery"]);
    for collection in collections {
        let quotes = collection["quotes"].as_array().unwrap();
        assert_eq!(quotes.len(), 3);
        let place = |quote: &Value| {
            let document = quote["document"].as_str().unwrap().to_owned();
            (document, quote["start"].as_u64())
        };
        assert!(quotes.is_sorted_by_key(place));
        assert!(quotes.iter().all(|quote| quote["reason"] == "for the talk"));
    }
    for file in ["out/report.html", "out/report.md"] {
        let text = std::fs::read_to_string(study.join(file)).unwrap();
        assert_eq!(text.matches("kept by Lee").count(), 6, "{file}");
    }
    ok(&study, &["verify", "out"]);
}
