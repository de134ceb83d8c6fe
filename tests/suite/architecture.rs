//! The plan of the house, held against the house.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Crates that know `core` and nothing else of ours.
const LEVEL_1: [&str; 10] = [
    "ingest", "privacy", "nlp", "vectors", "index", "themes", "stats", "report", "refi", "store",
];

/// The one crate that may depend on each of these.
const OWNERS: [(&str, &str); 12] = [
    ("tantivy", "index"),
    ("regex-automata", "privacy"),
    ("rten", "nlp"),
    ("tokenizers", "nlp"),
    ("rust-bert", "nlp"),
    ("tch", "nlp"),
    ("rusqlite", "store"),
    ("minijinja", "report"),
    ("rust_xlsxwriter", "report"),
    ("memmap2", "vectors"),
    ("clap", "cli"),
    ("indicatif", "cli"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Each crate of ours with what it depends on outside of its tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let mut crates = BTreeMap::new();
    for entry in std::fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "train" {
            continue;
        }
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        assert_eq!(
            manifest["package"]["name"].as_str(),
            Some(format!("throughline-{name}").as_str()),
            "a package is named for its folder"
        );
        let of = |table: &str| manifest.get(table).and_then(|t| t.as_table()).cloned();
        let names = ["dependencies", "build-dependencies"]
            .into_iter()
            .filter_map(of)
            .flat_map(|table| table.into_iter().map(|(name, _)| name))
            .collect();
        crates.insert(name, names);
    }
    crates
}

fn ours(names: &BTreeSet<String>) -> BTreeSet<&str> {
    names
        .iter()
        .filter_map(|name| name.strip_prefix("throughline-"))
        .collect()
}

#[test]
fn dependencies_run_in_one_direction() {
    for (name, names) in dependencies() {
        let allowed: BTreeSet<&str> = match name.as_str() {
            "core" => BTreeSet::new(),
            "study" => LEVEL_1.into_iter().chain(["core"]).collect(),
            "cli" => ["core", "study"].into(),
            level_1 if LEVEL_1.contains(&level_1) => ["core"].into(),
            other => panic!("crates/{other} has no place in the plan: give it one"),
        };
        let extra: Vec<_> = ours(&names).difference(&allowed).copied().collect();
        assert!(
            extra.is_empty(),
            "crates/{name} must not depend on {extra:?}"
        );
    }
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let direct: Vec<&String> = manifest["dependencies"]
        .as_table()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(direct, ["throughline-cli"]);
}

#[test]
fn heavy_dependencies_have_one_owner() {
    let crates = dependencies();
    for (dependency, owner) in OWNERS {
        let users: Vec<&str> = crates
            .iter()
            .filter(|(_, names)| names.contains(dependency))
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(users, [owner], "{dependency}");
    }
}

#[test]
fn core_does_no_input_or_output() {
    for file in sources(&root().join("crates/core/src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for forbidden in ["std::fs", "std::net", "std::process", "std::env", "File::"] {
            assert!(
                !text.contains(forbidden),
                "{} uses {forbidden}",
                file.display()
            );
        }
    }
}

/// Macros that print are found by a lint; this finds the rest.
#[test]
fn only_cli_writes_to_the_terminal_or_exits() {
    for name in dependencies().keys().filter(|name| *name != "cli") {
        for file in sources(&root().join("crates").join(name).join("src")) {
            let text = std::fs::read_to_string(&file).unwrap();
            for forbidden in ["io::stdout", "io::stderr", "process::exit"] {
                let used = text
                    .lines()
                    .any(|line| line.contains(forbidden) && !line.trim_start().starts_with("//"));
                assert!(!used, "{} uses {forbidden}", file.display());
            }
        }
    }
}

#[test]
fn the_map_of_the_crates_is_complete_and_its_paths_exist() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for name in dependencies().keys() {
        assert!(
            map.contains(&format!("| `{name}` |")),
            "crates/{name} is not in the table"
        );
    }
    for place in map.split('`').skip(1).step_by(2) {
        let path = place.trim_end_matches("*.toml");
        if path.contains('/') && !path.contains(' ') && !path.contains(':') {
            assert!(
                root().join(path).exists() || path == "crates/train",
                "ARCHITECTURE.md names {place}, which does not exist"
            );
        }
    }
}

#[test]
fn links_in_the_documents_are_alive() {
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ] {
        let text = std::fs::read_to_string(root().join(name)).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let path = link.split('#').next().unwrap_or_default();
            if !path.is_empty() && !path.contains("://") {
                assert!(root().join(path).exists(), "{name} links to {path}");
            }
        }
    }
}

#[test]
fn files_are_short_enough_to_be_read() {
    let mut long = Vec::new();
    for folder in ["crates", "src", "tests", "benches"] {
        for file in sources(&root().join(folder)) {
            let lines = std::fs::read_to_string(&file).unwrap().lines().count();
            if lines > 600 {
                long.push(format!("{} ({lines})", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "files over 600 lines: {long:?}");
}

/// Every Rust file below a folder, build folders left out.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return files;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
