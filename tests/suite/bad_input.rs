//! Input that is not as it should be: a clear message, the documented exit
//! code, and a study that is whole.

use std::path::Path;

use crate::support::{expect_code, json_lines, program, root, run, stderr, stdout};

/// Runs `analyze` on one of the prepared files beside a good one, checks that
/// the good one was read, and gives what was said.
fn beside_a_good_one(bad: &str, code: i32) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(
        root().join("tests/bad-input").join(bad),
        folder.path().join(bad),
    )
    .unwrap();
    good(folder.path());
    let output = run(folder.path(), &["analyze", "good.txt", bad, "-o", "report"]);
    expect_code(&output, code);
    let study = folder.path().join("report.study");
    let documents = stdout(&run(&study, &["stats", "--documents", "--json"]));
    assert!(documents.contains("good.txt"), "{documents}");
    let report = std::fs::read_to_string(folder.path().join("report/report.json")).unwrap();
    if code == 3 {
        assert!(report.contains(bad), "the report does not list {bad}");
        assert!(stderr(&output).contains(bad), "{}", stderr(&output));
    }
    stderr(&output)
}

fn good(folder: &Path) {
    let text = "Interviewer: How was it?\n\nDana: The app crashed twice. I gave up.\n";
    std::fs::write(folder.join("good.txt"), text).unwrap();
}

fn ingest(file: &Path) -> std::process::Output {
    run(
        root(),
        &["ingest".as_ref(), file.as_os_str(), "--json".as_ref()],
    )
}

fn prepared(name: &str) -> std::process::Output {
    ingest(&root().join("tests/bad-input").join(name))
}

#[test]
fn files_without_text_are_named() {
    for (file, word) in [
        ("empty.txt", "empty"),
        ("blank.txt", "white space"),
        ("binary.txt", "binary"),
    ] {
        let said = beside_a_good_one(file, 3).to_lowercase();
        assert!(
            said.contains(word) || said.contains("no text"),
            "{file}: {said}"
        );
    }
}

#[test]
fn tables_that_cannot_be_understood_say_what_to_do() {
    let said = beside_a_good_one("no-text-column.csv", 3);
    assert!(said.contains("--map text="), "{said}");
    beside_a_good_one("header-only.csv", 3);
    let said = beside_a_good_one("lone-quote.csv", 0);
    assert!(said.contains("lone-quote.csv:"), "{said}");
}

#[test]
fn rows_and_lines_that_are_wrong_are_counted_with_their_line() {
    for file in ["ragged.csv", "malformed.jsonl", "broken-timings.vtt"] {
        let said = beside_a_good_one(file, 0);
        let named = said.lines().any(|line| {
            let place = line.strip_prefix(&format!("{file}:")).unwrap_or_default();
            place
                .split(':')
                .next()
                .is_some_and(|number| number.parse::<u64>().is_ok())
        });
        assert!(named, "{file} is not named with a line: {said}");
    }
}

#[test]
fn charsets_and_line_ends_are_read_through() {
    for file in ["utf16-bom.txt", "utf16-nobom.txt", "cr-only.txt"] {
        let output = prepared(file);
        expect_code(&output, 0);
        let lines = json_lines(&output);
        assert!(lines.len() > 1, "{file}");
        assert!(
            lines.iter().any(|line| line["role"] == "participant"),
            "{file}: {lines:?}"
        );
        for line in lines {
            let text = line["text"].as_str().unwrap();
            assert!(
                !text.contains(['\r', '\u{feff}', '\0', '\u{fffd}']),
                "{file}: {text}"
            );
        }
    }
    let output = prepared("invalid-utf8.txt");
    expect_code(&output, 0);
    assert!(json_lines(&output).len() > 1);
}

#[test]
fn a_line_of_fifty_megabytes_is_read_in_a_moment() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("long.txt");
    std::fs::write(&file, "word ".repeat(10 << 20)).unwrap();
    let start = std::time::Instant::now();
    let output = run(folder.path(), &["ingest", "long.txt"]);
    expect_code(&output, 0);
    // In the development profile; the point is that it is not quadratic.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn a_folder_without_readable_files_is_said_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    std::fs::write(folder.path().join("in/photo.png"), [0x89, b'P', b'N', b'G']).unwrap();
    let output = run(folder.path(), &["analyze", "in", "-o", "report"]);
    expect_code(&output, 3);
    assert!(stderr(&output).contains("in"), "{}", stderr(&output));
    let output = run(folder.path(), &["analyze", "nowhere.txt", "-o", "report"]);
    expect_code(&output, 3);
    assert!(
        stderr(&output).contains("nowhere.txt"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_folder_that_is_no_study_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["search", "x"]);
    expect_code(&output, 2);
    assert!(
        stderr(&output).contains("throughline new"),
        "{}",
        stderr(&output)
    );
}

#[cfg(unix)]
#[test]
fn no_permission_is_said_and_the_rest_goes_on() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    good(folder.path());
    std::fs::write(
        folder.path().join("locked.txt"),
        "Dana: Hello there, friend.\n",
    )
    .unwrap();
    let lock = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.path().join("locked.txt"), permissions).unwrap();
    };
    lock(0o000);
    if std::fs::read(folder.path().join("locked.txt")).is_ok() {
        // The superuser may read everything: run the program as somebody else.
        let output = as_nobody(
            folder.path(),
            &["analyze", "good.txt", "locked.txt", "-o", "report"],
        );
        let Some(output) = output else { return };
        expect_code(&output, 3);
        assert!(
            stderr(&output).contains("locked.txt"),
            "{}",
            stderr(&output)
        );
    } else {
        let output = run(
            folder.path(),
            &["analyze", "good.txt", "locked.txt", "-o", "report"],
        );
        expect_code(&output, 3);
        assert!(
            stderr(&output).contains("locked.txt"),
            "{}",
            stderr(&output)
        );
    }
    lock(0o600);
}

/// Runs the program as the user `nobody`, from a copy that they may run; `None`
/// where the machine has no way to do so.
#[cfg(unix)]
fn as_nobody(folder: &Path, arguments: &[&str]) -> Option<std::process::Output> {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let copy = folder.join("throughline");
    std::fs::copy(env!("CARGO_BIN_EXE_throughline"), &copy).ok()?;
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o755)).ok()?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).ok()?;
    std::process::Command::new(&copy)
        .args(arguments)
        .current_dir(folder)
        .uid(65534)
        .gid(65534)
        .output()
        .ok()
}

/// A limit on the size of files stands in for a full disk: the system then
/// refuses a write in the same place and the same way.
#[cfg(unix)]
#[test]
fn a_full_disk_is_said_and_leaves_the_study_whole() {
    let folder = tempfile::tempdir().unwrap();
    good(folder.path());
    std::fs::copy(
        crate::support::sample().join("reviews.csv"),
        folder.path().join("reviews.csv"),
    )
    .unwrap();
    expect_code(
        &run(folder.path(), &["analyze", "good.txt", "-o", "report"]),
        0,
    );
    let program = env!("CARGO_BIN_EXE_throughline");
    let full = std::process::Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 80; exec \"$0\" analyze good.txt reviews.csv -o report",
        ])
        .arg(program)
        .current_dir(folder.path())
        .output()
        .unwrap();
    expect_code(&full, 7);
    assert!(
        ["space", "full", "large"]
            .iter()
            .any(|word| stderr(&full).contains(word)),
        "{}",
        stderr(&full)
    );
    expect_code(
        &run(
            folder.path(),
            &["analyze", "good.txt", "reviews.csv", "-o", "report"],
        ),
        0,
    );
    expect_code(
        &run(
            &folder.path().join("report.study"),
            &["search", "kind:review"],
        ),
        0,
    );
}

#[test]
fn two_runs_at_once_end_well() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(
        crate::support::sample().join("reviews.csv"),
        folder.path().join("reviews.csv"),
    )
    .unwrap();
    let start = || {
        program(folder.path())
            .args(["analyze", "reviews.csv", "-o", "report"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };
    let (one, other) = (start(), start());
    let ends = [one, other].map(|child| child.wait_with_output().unwrap());
    let mut codes = ends.each_ref().map(|end| end.status.code().unwrap());
    codes.sort_unstable();
    // Both in turn, or one refused at the door.
    assert!(
        codes == [0, 0] || codes == [0, 6],
        "{codes:?}: {}",
        stderr(&ends[0]) + &stderr(&ends[1])
    );
    expect_code(
        &run(folder.path(), &["analyze", "reviews.csv", "-o", "report"]),
        0,
    );
}

#[test]
fn mistakes_on_the_command_line_are_usage() {
    let folder = tempfile::tempdir().unwrap();
    good(folder.path());
    expect_code(&run(folder.path(), &["analyse"]), 2);
    expect_code(&run(folder.path(), &["analyze", "good.txt"]), 2);
    let wrong = run(
        folder.path(),
        &["analyze", "good.txt", "-o", "r", "--framework", "custmer"],
    );
    expect_code(&wrong, 2);
    assert!(
        stderr(&wrong).contains("customer, user, buyer"),
        "{}",
        stderr(&wrong)
    );
    let wrong = run(
        folder.path(),
        &["analyze", "good.txt", "-o", "r", "--map", "txet=a"],
    );
    assert_ne!(wrong.status.code(), Some(0));
    assert!(stderr(&wrong).contains("txet"), "{}", stderr(&wrong));
}
