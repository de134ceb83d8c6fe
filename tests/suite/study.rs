//! A study that lasts: repeated, interrupted, moved, withdrawn from.

use std::path::Path;
use std::time::Duration;

use crate::support::{expect_code, json_lines, pipe, program, run, sample, stderr, stdout};

/// Three interviews and the head of the reviews: enough to have themes.
fn small_inputs(folder: &Path) {
    let interviews = folder.join("interviews");
    std::fs::create_dir_all(&interviews).unwrap();
    let mut files: Vec<_> = std::fs::read_dir(sample().join("interviews"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in files.iter().take(3) {
        std::fs::copy(file, interviews.join(file.file_name().unwrap())).unwrap();
    }
    std::fs::copy(sample().join("reviews.csv"), folder.join("reviews.csv")).unwrap();
}

fn ok(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let output = run(folder, arguments);
    expect_code(&output, 0);
    output
}

fn report_of(study: &Path) -> Vec<u8> {
    ok(study, &["report", "-o", "out"]);
    std::fs::read(study.join("out/report.json")).unwrap()
}

#[test]
fn each_step_does_nothing_the_second_time_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    small_inputs(folder.path());
    ok(folder.path(), &["new", "s"]);
    let study = folder.path().join("s");
    expect_code(&run(folder.path(), &["new", "s"]), 2);
    ok(&study, &["add", "../interviews", "../reviews.csv"]);
    expect_code(&run(&study, &["themes"]), 2);
    ok(&study, &["tag"]);
    ok(&study, &["themes"]);

    let again = ok(&study, &["add", "../interviews", "../reviews.csv"]);
    assert!(stderr(&again).contains("Nothing new"), "{}", stderr(&again));
    let again = ok(&study, &["tag"]);
    assert!(stderr(&again).contains("Nothing new"), "{}", stderr(&again));
    let again = ok(&study, &["themes"]);
    assert!(
        stderr(&again).contains("Nothing has changed"),
        "{}",
        stderr(&again)
    );
}

#[test]
fn analyze_does_nothing_the_second_time_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    small_inputs(folder.path());
    let job = ["analyze", "interviews", "reviews.csv", "-o", "report"];
    let first = ok(folder.path(), &job);
    let page = folder.path().join("report/report.html");
    let written = std::fs::metadata(&page).unwrap().modified().unwrap();
    let second = ok(folder.path(), &job);
    assert!(
        stderr(&second).contains("nothing was done"),
        "{}",
        stderr(&second)
    );
    assert_eq!(stdout(&first), stdout(&second));
    assert_eq!(
        std::fs::metadata(&page).unwrap().modified().unwrap(),
        written
    );

    // A file that somebody has touched is written again.
    std::fs::write(&page, "edited").unwrap();
    ok(folder.path(), &job);
    assert!(std::fs::read_to_string(&page).unwrap().len() > 1000);

    // An input that is no longer named leaves the study.
    let fewer = ok(folder.path(), &["analyze", "interviews", "-o", "report"]);
    assert!(
        stderr(&fewer).contains("reviews.csv: no longer"),
        "{}",
        stderr(&fewer)
    );
}

#[test]
fn a_study_and_its_report_among_the_inputs_are_no_inputs() {
    let folder = tempfile::tempdir().unwrap();
    small_inputs(folder.path());
    let job = ["analyze", ".", "-o", "report"];
    let first = ok(folder.path(), &job);
    let second = ok(folder.path(), &job);
    for output in [&first, &second] {
        assert!(
            !stderr(output).contains("passed over"),
            "{}",
            stderr(output)
        );
    }
    assert!(
        stderr(&second).contains("nothing was done"),
        "{}",
        stderr(&second)
    );
}

#[test]
fn order_steps_and_threads_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    small_inputs(folder.path());
    let study = |name: &str| {
        ok(folder.path(), &["new", name]);
        folder.path().join(name)
    };
    let once = study("once");
    ok(&once, &["add", "../interviews", "../reviews.csv"]);
    ok(&once, &["tag"]);

    let steps = study("steps");
    ok(&steps, &["add", "../reviews.csv"]);
    ok(&steps, &["tag"]);
    // Under another framework: themes keep their ids from run to run, so that those of an earlier
    // run under the same one would give theirs to the later.
    ok(&steps, &["themes", "--framework", "user"]);
    ok(&steps, &["add", "../interviews"]);
    let tagged = program(&steps)
        .arg("tag")
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .unwrap();
    expect_code(&tagged, 0);

    let (one, other) = (report_of(&once), report_of(&steps));
    assert!(one == other, "the reports differ");

    // Without index and vectors the same answers come back.
    let query = ["search", "sentiment:negative", "--json", "-n", "50"];
    let before = stdout(&ok(&once, &query));
    std::fs::remove_dir_all(once.join("index")).unwrap();
    std::fs::remove_dir_all(once.join("vectors")).unwrap();
    assert_eq!(stdout(&ok(&once, &query)), before);
    assert_eq!(stdout(&ok(&steps, &query)), before);

    // A study folder can be moved as it is.
    let moved = folder.path().join("elsewhere");
    std::fs::rename(&once, &moved).unwrap();
    assert_eq!(stdout(&ok(&moved, &query)), before);
}

#[test]
fn a_run_killed_at_any_point_goes_on_and_ends_the_same() {
    let folder = tempfile::tempdir().unwrap();
    small_inputs(folder.path());
    let job =
        |output: &str| ["analyze", "interviews", "reviews.csv", "-o", output].map(str::to_owned);
    expect_code(&run(folder.path(), &job("whole")), 0);
    for milliseconds in [30, 120, 350, 800, 1700, 3000] {
        let mut child = program(folder.path())
            .args(job("cut"))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    expect_code(&run(folder.path(), &job("cut")), 0);
    for file in [
        "report.json",
        "report.md",
        "report.html",
        "findings.csv",
        "quotes.csv",
        "manifest.csv",
        "report.xlsx",
        "report.qdpx",
        "codebook.qdc",
    ] {
        let read = |report: &str| std::fs::read(folder.path().join(report).join(file)).unwrap();
        assert!(read("whole") == read("cut"), "{file} differs");
    }
    let stats = |study: &str| stdout(&ok(&folder.path().join(study), &["stats", "--json"]));
    assert_eq!(stats("whole.study"), stats("cut.study"));
}

#[test]
fn a_second_writer_is_told_and_readers_are_not_disturbed() {
    let folder = tempfile::tempdir().unwrap();
    small_inputs(folder.path());
    ok(folder.path(), &["analyze", "interviews", "-o", "report"]);
    let study = folder.path().join("report.study");
    let lock = std::fs::OpenOptions::new()
        .write(true)
        .open(study.join("study.lock"))
        .unwrap();
    lock.try_lock().unwrap();
    let busy = run(&study, &["add", "../reviews.csv"]);
    expect_code(&busy, 6);
    assert!(
        stderr(&busy).to_lowercase().contains("another"),
        "{}",
        stderr(&busy)
    );
    ok(&study, &["search", "pain:true"]);
    ok(&study, &["stats"]);
    lock.unlock().unwrap();
    ok(&study, &["add", "../reviews.csv"]);
}

#[test]
fn what_is_withdrawn_is_gone_from_every_file_of_the_study() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a.txt"),
        "Interviewer: Well?\n\nOrsolya: The quizzical zeppelinade broke at once.\n\n\
         Benedikt: Mine arrived late and nobody said sorry.\n",
    )
    .unwrap();
    std::fs::write(
        folder.path().join("b.csv"),
        "id,author,text\n1,wim,\"The flumdiddle cracked on day two.\"\n2,ada,\"Fine, no complaints.\"\n",
    )
    .unwrap();
    ok(folder.path(), &["new", "s"]);
    let study = folder.path().join("s");
    ok(&study, &["add", "../a.txt", "../b.csv"]);
    ok(&study, &["tag"]);
    assert_eq!(
        json_lines(&ok(&study, &["search", "zeppelinade", "--json"])).len(),
        1
    );

    ok(&study, &["remove", "--participant", "a.txt/Orsolya"]);
    ok(&study, &["remove", "b.csv#1"]);
    expect_code(&run(&study, &["remove", "b.csv#1"]), 1);
    ok(&study, &["tag"]);
    expect_code(&run(&study, &["search", "zeppelinade"]), 1);
    expect_code(&run(&study, &["search", "flumdiddle"]), 1);
    assert_eq!(
        json_lines(&ok(&study, &["search", "sorry", "--json"])).len(),
        1
    );
    for word in ["zeppelinade", "flumdiddle"] {
        assert!(
            holds(&study, word.as_bytes()).is_empty(),
            "{word}: {:?}",
            holds(&study, word.as_bytes())
        );
    }
    // Adding the same files again does not bring the words back.
    std::fs::write(folder.path().join("b.csv"), {
        let old = std::fs::read_to_string(folder.path().join("b.csv")).unwrap();
        format!("{old}3,eva,\"Quiet and quick.\"\n")
    })
    .unwrap();
    ok(&study, &["add", "../a.txt", "../b.csv"]);
    ok(&study, &["tag"]);
    expect_code(&run(&study, &["search", "flumdiddle"]), 1);
    expect_code(&run(&study, &["search", "quiet"]), 0);
}

/// The files of a folder that hold some bytes, whatever their case.
fn holds(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holds(&path, bytes));
        } else {
            let content = std::fs::read(&path).unwrap().to_ascii_lowercase();
            if content.windows(bytes.len()).any(|window| window == bytes) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn tags_of_a_study_are_those_of_the_stream() {
    let folder = tempfile::tempdir().unwrap();
    small_inputs(folder.path());
    ok(folder.path(), &["analyze", "reviews.csv", "-o", "report"]);
    let study = folder.path().join("report.study");
    let found = json_lines(&ok(
        &study,
        &["search", "kind:review", "--json", "-n", "100"],
    ));
    assert!(found.len() > 20);
    // Reviews have nobody before them, so that there is no context.
    let input: String = found
        .iter()
        .map(|one| {
            format!(
                "{}\n",
                serde_json::json!({"id": one["passage"], "text": one["text"]})
            )
        })
        .collect();
    let tagged = json_lines(&pipe(folder.path(), &["tag", "-"], input.as_bytes()));
    for (found, tagged) in found.iter().zip(&tagged) {
        assert_eq!(found["passage"], tagged["id"]);
        for key in ["moment", "sentiment", "pain", "touchpoint"] {
            assert_eq!(found[key], tagged[key], "{found}");
        }
        assert_eq!(found["stage"], tagged["stages"]["customer"]);
    }
}
