//! What people correct teaches heads of the study's own, end to end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::support::{copy_folder, expect_code, json_lines, run, stderr, stdout};

/// What is said of lids, and of all else: a subject and what comes of it.
const LIDS: [[&str; 12]; 2] = [
    [
        "The lid",
        "Its lid",
        "The plastic lid",
        "That flimsy lid",
        "The lid on mine",
        "My second lid",
        "The new lid",
        "The clear lid",
        "The lid of the jar",
        "The rubber edge of the lid",
        "The hinge of the lid",
        "The screw lid",
    ],
    [
        "does not close.",
        "came off again.",
        "rattles all day.",
        "leaks when it is full.",
        "cracked after a week.",
        "never fits.",
        "is too tight to open.",
        "popped off in my bag.",
        "bends and lets air in.",
        "broke at the first turn.",
        "slips out of my fingers.",
        "jams every morning.",
    ],
];
const ELSE: [[&str; 16]; 2] = [
    [
        "The parcel",
        "The delivery van",
        "The courier",
        "My order",
        "The woman in the shop",
        "The man at the till",
        "The website",
        "Their page",
        "The coffee",
        "The taste",
        "The colour",
        "The handle",
        "The hotline",
        "The booklet",
        "The advert",
        "My neighbour's one",
    ],
    [
        "was late by a week.",
        "took far too long.",
        "was a pleasure.",
        "made me angry.",
        "was better than I hoped.",
        "could not be found.",
        "was what I had wished for.",
        "let me down twice.",
        "looks lovely.",
        "was a bit confusing.",
        "is fine for every day.",
        "was very friendly.",
        "arrived broken.",
        "was slow to load.",
        "smells of smoke.",
        "is my favourite.",
    ],
];

/// Every subject with every second thing that comes of it.
fn sentences<const N: usize>([subjects, ends]: [[&str; N]; 2]) -> Vec<String> {
    let all = subjects.iter().enumerate().flat_map(|(place, subject)| {
        let ends = ends.iter().enumerate();
        let some = ends.filter(move |(end, _)| (place + end) % 2 == 0);
        some.map(move |(_, end)| format!("{subject} {end}"))
    });
    all.collect()
}

/// The convention that the model does not know: what is said of a lid is about the
/// instructions.
const CONVENTION: &str = "docs";

/// A study of made-up reviews, tagged, with a blind sample coded by the convention:
/// its folder, and what the model says of every passage that is in no sample.
struct Made {
    folder: tempfile::TempDir,
    lids: Vec<Value>,
    others: Vec<Value>,
}

impl Made {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let study = folder.path().join("study");
        let mut table = "id,text\n".to_owned();
        let texts = sentences(LIDS).into_iter().chain(sentences(ELSE));
        for (number, text) in texts.enumerate() {
            table.push_str(&format!("{number},{text}\n"));
        }
        std::fs::write(folder.path().join("reviews.csv"), table).unwrap();
        ok(folder.path(), &["new", "study"]);
        ok(&study, &["add", "../reviews.csv"]);
        ok(&study, &["tag"]);
        let found = ok(&study, &["search", "kind:review", "-n", "1000", "--json"]);
        let all: BTreeMap<String, Value> = json_lines(&found)
            .into_iter()
            .map(|one| (text(&one, "passage").to_owned(), one))
            .collect();
        ok(
            &study,
            &["validate", "sample", "-n", "60", "-o", "blind.csv"],
        );
        let blind = std::fs::read_to_string(study.join("blind.csv")).unwrap();
        let mut coded = "passage,touchpoint\n".to_owned();
        let mut rest = all.clone();
        for line in blind.lines().skip(1) {
            let id = line.split(',').next().unwrap();
            coded.push_str(&format!("{id},{}\n", by_the_convention(&all[id])));
            rest.remove(id);
        }
        std::fs::write(study.join("ann.csv"), coded).unwrap();
        let (lids, others) = rest.into_values().partition(is_of_a_lid);
        Self {
            folder,
            lids,
            others,
        }
    }

    fn study(&self) -> PathBuf {
        self.folder.path().join("study")
    }

    /// Corrects the touchpoint of some passages, as one act.
    fn correct(&self, decided: &[(&Value, &str)]) {
        let mut table = "passage,touchpoint\n".to_owned();
        for (one, touchpoint) in decided {
            table.push_str(&format!("{},{touchpoint}\n", text(one, "passage")));
        }
        std::fs::write(self.study().join("decided.csv"), table).unwrap();
        ok(
            &self.study(),
            &["correct", "--csv", "decided.csv", "--author", "Ann"],
        );
    }

    fn correct_lids(&self, count: usize) {
        let some = self.lids.get(..count).expect("enough of lids");
        let decided: Vec<_> = some.iter().map(|one| (one, CONVENTION)).collect();
        self.correct(&decided);
    }
}

fn ok(folder: &Path, arguments: &[&str]) -> Output {
    let output = run(folder, arguments);
    expect_code(&output, 0);
    output
}

/// Fails unless the program said these words.
fn says(said: &Output, words: &str) {
    let told = stderr(said);
    assert!(told.contains(words), "{told}");
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap()
}

fn is_of_a_lid(found: &Value) -> bool {
    text(found, "text").contains(" lid")
}

fn by_the_convention(found: &Value) -> &str {
    match is_of_a_lid(found) {
        true => CONVENTION,
        false => text(found, "touchpoint"),
    }
}

/// How many passages of lids are found under the convention's touchpoint, and how
/// many passages of anything.
fn counts(study: &Path) -> (usize, usize) {
    let query = format!("touchpoint:{CONVENTION}");
    let found = run(study, &["search", &query, "-n", "1000", "--json"]);
    let found = json_lines(&found);
    let of_lids = found.iter().filter(|one| is_of_a_lid(one)).count();
    (of_lids, found.len())
}

/// The report's files by name.
fn report(study: &Path) -> BTreeMap<String, Vec<u8>> {
    ok(study, &["report", "-o", "out", "--format", "json,md"]);
    let files = std::fs::read_dir(study.join("out")).unwrap();
    let files = files.map(|file| {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        (name, std::fs::read(file.path()).unwrap())
    });
    files.collect()
}

#[test]
fn a_convention_is_learnt_counts_everywhere_and_is_gone_when_switched_off() {
    let made = Made::new();
    let study = made.study();
    made.correct_lids(49);
    let said = ok(&study, &["validate", "score", "ann.csv"]);
    let few = "touchpoint: off, 49 corrections of the 50 that it needs";
    says(&said, few);
    let said = ok(&study, &["adapt", "ann.csv"]);
    says(&said, few);

    made.correct(&[(&made.lids[49], CONVENTION)]);
    ok(&study, &["adapt", "--off"]);
    let before = counts(&study);
    assert_eq!(before.0, 50);
    let state = json_lines(&ok(&study, &["adapt", "--json"]));
    assert_eq!(state[0]["tested"], Value::Null);
    let touchpoint = &state[0]["tags"][0];
    assert_eq!(
        (&touchpoint["corrections"], &touchpoint["on"]),
        (&50.into(), &false.into())
    );

    // Measuring alone changes no tag.
    let said = ok(&study, &["validate", "score", "ann.csv"]);
    says(&said, "touchpoint: on, 50 corrections");
    assert_eq!(counts(&study), before);
    let files = report(&study);

    let said = ok(&study, &["adapt", "ann.csv", "--author", "Ann"]);
    let on = "touchpoint: on, 50 corrections (50 unlike the model); agrees with the coder";
    says(&said, on);
    let after = counts(&study);
    assert!(after.0 > before.0 + 20, "{before:?}, then {after:?}");
    assert!(
        after.1 - after.0 < before.1 - before.0 + 5,
        "{before:?}, then {after:?}"
    );
    let adapted = report(&study);
    let json: Value = serde_json::from_slice(&adapted["report.json"]).unwrap();
    assert!(
        json["method"].to_string().contains(on),
        "{}",
        json["method"]
    );
    let markdown = String::from_utf8(adapted["report.md"].clone()).unwrap();
    assert!(markdown.contains(on));
    assert!(
        json["stages"]
            .to_string()
            .contains("\"adapted\":[\"touchpoint\"]")
    );
    let said = ok(&study, &["log"]);
    says(&said, on);
    // The same again is no work.
    let first = stdout(&ok(&study, &["adapt", "--json"]));
    assert_eq!(
        stdout(&ok(
            &study,
            &["adapt", "ann.csv", "--author", "Ben", "--json"]
        )),
        first
    );

    ok(&study, &["adapt", "--off"]);
    assert_eq!(counts(&study), before);
    assert!(report(&study) == files, "the same bytes as before");
}

#[test]
fn what_comes_later_is_read_by_the_heads_and_people_go_before_them() {
    let made = Made::new();
    let study = made.study();
    made.correct_lids(50);
    ok(&study, &["adapt", "ann.csv"]);
    let after = counts(&study).0;
    let later = "id,text\n900,That wobbly lid never closes.\n901,The lid fell off.\n";
    std::fs::write(made.folder.path().join("later.csv"), later).unwrap();
    ok(&study, &["add", "../later.csv"]);
    ok(&study, &["tag"]);
    assert_eq!(counts(&study).0, after + 2);
    made.correct(&[(&made.lids[50], "ads")]);
    assert_eq!(counts(&study).0, after + 1);
    let said = ok(&study, &["adapt"]);
    says(&said, "1 decision came since");
    ok(&study, &["undo"]);

    ok(&study, &["remove", "later.csv#900"]);
    let said = ok(&study, &["adapt"]);
    says(&said, "Nothing was tested");
    ok(&study, &["adapt", "ann.csv"]);
    assert_eq!(counts(&study).0, after + 1);
}

#[test]
fn corrections_without_a_rule_teach_nothing_and_two_waves_are_read_alike() {
    let made = Made::new();
    let study = made.study();
    let all = made.lids.iter().take(30).chain(made.others.iter().take(30));
    let labels = ["web", "app", "staff", "phone", "peers", "ads", "chat"];
    let decided: Vec<_> = all.zip(labels.into_iter().cycle()).collect();
    made.correct(&decided);
    let before = counts(&study);
    let said = ok(&study, &["adapt", "ann.csv"]);
    says(&said, "touchpoint: off, 60 corrections");
    says(&said, "no gain that can be told from chance");
    assert_eq!(counts(&study), before);

    ok(&study, &["undo"]);
    let other = made.folder.path().join("other");
    copy_folder(&study, &other);
    made.correct_lids(50);
    ok(&study, &["adapt", "ann.csv"]);
    let said = run(made.folder.path(), &["diff", "study", "other"]);
    expect_code(&said, 2);
    says(&said, "adapt --off");
    // Heads go on one model's answers.
    let said = run(&study, &["adapt", "--model", "fast"]);
    expect_code(&said, 2);
    says(&said, "heads for another model");
    // A coder's file of another study is none of this one.
    std::fs::write(study.join("ben.csv"), "passage,pain\n").unwrap();
    expect_code(&run(&study, &["adapt", "ben.csv"]), 2);
    expect_code(&run(&study, &["adapt", "nowhere.csv"]), 3);
}
