//! The models that there are, and the one that reads.

use std::path::Path;

use serde_json::Value;

use crate::support::{expect_code, json_lines, root, run, stderr, stdout};

fn listed(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = run(folder, &[&["models", "--json"], arguments].concat());
    expect_code(&output, 0);
    json_lines(&output)
}

/// The name of the default model, and its folder in the repository.
fn default_model() -> (String, std::path::PathBuf) {
    let first = listed(&std::env::temp_dir(), &[]).remove(0);
    let name = first["name"].as_str().unwrap().to_owned();
    let folder = root().join("models").join(&name);
    (name, folder)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

#[test]
fn each_model_is_listed_with_all_there_is_to_know_and_one_is_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let models = listed(folder.path(), &[]);
    for model in &models {
        for key in ["name", "version", "licence"] {
            assert!(!model[key].as_str().unwrap().is_empty(), "{key}: {model}");
        }
        assert_eq!(model["sha256"].as_str().unwrap().len(), 64);
        assert!(model["bytes"].as_u64().unwrap() > 100_000);
        assert!(model["dimension"].as_u64().unwrap() > 0);
        assert_eq!(model["tags"], true);
        assert_eq!(model["backends"][0], "rten");
        assert_eq!(model["folder"], Value::Null);
    }
    let chosen: Vec<bool> = models.iter().map(|m| m["selected"] == true).collect();
    assert!(chosen[0] && !chosen[1..].contains(&true), "{chosen:?}");
    let shown = stdout(&run(folder.path(), &["models"]));
    assert!(shown.contains("in the program"), "{shown}");
}

#[test]
fn a_study_names_its_model_and_a_wrong_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    expect_code(&run(folder.path(), &["new", "s"]), 0);
    let study = folder.path().join("s");
    let (name, source) = default_model();
    let mine = study.join("models/mine");
    copy(&source, &mine);

    expect_code(&run(&study, &["models", "use", "mine"]), 0);
    let settings = std::fs::read_to_string(study.join("throughline.toml")).unwrap();
    assert!(
        settings.lines().any(|line| line == "model = \"mine\""),
        "{settings}"
    );
    let chosen: Vec<Value> = listed(&study, &[])
        .into_iter()
        .filter(|model| model["selected"] == true)
        .collect();
    assert_eq!(chosen.len(), 1);
    assert!(chosen[0]["folder"].as_str().unwrap().ends_with("mine"));
    // What is asked for goes before what the settings say.
    let asked = listed(&study, &["--model", &name]);
    assert!(asked[0]["selected"] == true && asked[0]["folder"].is_null());
    // From outside of the study it is the same model.
    let outside = listed(folder.path(), &["--study", "s"]);
    assert!(
        outside
            .iter()
            .any(|m| m["selected"] == true && !m["folder"].is_null())
    );

    let sound = run(&study, &["models", "verify", "mine"]);
    expect_code(&sound, 0);
    assert!(stdout(&sound).contains("as when it was built: the same labels in"));
    let tokenizer = mine.join("tokenizer.json");
    let mut bytes = std::fs::read(&tokenizer).unwrap();
    bytes.push(b' ');
    std::fs::write(&tokenizer, bytes).unwrap();
    let wrong = run(&study, &["models", "verify", "mine"]);
    expect_code(&wrong, 5);
    let line = stdout(&wrong);
    let line = line.lines().find(|line| line.contains("tokenizer.json"));
    assert!(line.unwrap().contains("OTHER BYTES"), "{line:?}");
    std::fs::remove_file(&tokenizer).unwrap();
    let missing = run(&study, &["models", "verify", "mine", "--json"]);
    expect_code(&missing, 5);
    let files = json_lines(&missing)[0]["files"].clone();
    let gone = |file: &Value| file["file"] == "tokenizer.json" && file["found"].is_null();
    assert!(files.as_array().unwrap().iter().any(gone), "{files}");

    let none = run(&study, &["models", "use", "minilmm"]);
    expect_code(&none, 2);
    assert!(stderr(&none).contains(&name), "{}", stderr(&none));
}
