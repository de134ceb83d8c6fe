//! The commands of the README, run as they are written.

use crate::support::{expect_code, root, run, stdout};

/// The commands of the README's `sh` blocks, one a line.
fn commands() -> Vec<String> {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    readme
        .split("```sh\n")
        .skip(1)
        .filter_map(|block| block.split("```").next())
        .flat_map(str::lines)
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_main_job_runs_as_the_readme_says() {
    let commands = commands();
    let job = commands
        .iter()
        .find_map(|command| command.strip_prefix("cargo run --release -- "))
        .expect("the README shows the main job");
    // The same arguments, with the report in a folder of its own.
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    let arguments: Vec<String> = job
        .split_whitespace()
        .map(|word| match word {
            "report/" => report.display().to_string(),
            word => word.to_owned(),
        })
        .collect();
    assert!(arguments.contains(&report.display().to_string()), "{job}");

    let output = run(root(), &arguments);
    expect_code(&output, 0);
    let text = stdout(&output);
    for stage in [
        "Awareness",
        "Consideration",
        "Purchase",
        "Onboarding",
        "Use",
        "Retention",
    ] {
        assert!(text.contains(stage), "{text}");
    }
    for file in ["report.html", "report.md", "report.json"] {
        assert!(report.join(file).is_file(), "{file}");
        assert!(text.contains(file), "{text}");
    }
    assert!(folder.path().join("report.study/study.db").is_file());
}

#[test]
fn the_checks_run_the_tests_as_the_readme_says() {
    let commands = commands();
    let test = commands
        .iter()
        .find(|command| command.starts_with("cargo test"))
        .unwrap();
    let checks = std::fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(
        checks.lines().any(|line| line == test),
        "{test} is not a line of .ci/run"
    );
}

#[test]
fn every_command_of_the_readme_exists() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let mut seen = 0;
    for line in readme
        .split("```text\n")
        .skip(1)
        .filter_map(|b| b.split("```").next())
    {
        for command in line
            .lines()
            .filter_map(|line| line.split("throughline ").nth(1))
        {
            let word = command.split_whitespace().next().unwrap_or_default();
            expect_code(&run(root(), &[word, "--help"]), 0);
            seen += 1;
        }
    }
    assert!(seen > 8, "only {seen} commands were found");
}
