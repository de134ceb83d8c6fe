//! Searches as a researcher types them, on the sample study.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{analysed, expect_code, json_lines, run, stderr, stdout};

fn study() -> PathBuf {
    analysed().join("report.study")
}

/// Runs `search`, which must end with `code`.
fn searched(arguments: &[&str], code: i32) -> std::process::Output {
    let all: Vec<&str> = ["search"].iter().chain(arguments).copied().collect();
    let output = run(&study(), &all);
    expect_code(&output, code);
    output
}

/// The quotes that a search finds, as JSON.
fn quotes(arguments: &[&str]) -> Vec<Value> {
    let all: Vec<&str> = arguments.iter().chain(&["--json"]).copied().collect();
    json_lines(&searched(&all, 0))
}

fn text(quote: &Value) -> &str {
    quote["text"].as_str().unwrap()
}

fn names(quotes: &[Value]) -> BTreeSet<&str> {
    quotes
        .iter()
        .map(|quote| quote["passage"].as_str().unwrap())
        .collect()
}

#[test]
fn words_tags_and_ranges_hold_for_every_quote() {
    let found = quotes(&[
        "filter kind:review rating:<=2 date:2025-04..2025-06",
        "-n",
        "50",
    ]);
    assert!(found.len() > 2);
    for quote in &found {
        assert!(text(quote).to_lowercase().contains("filter"), "{quote}");
        assert!(quote["rating"].as_f64().unwrap() <= 2.0);
        let date = quote["date"].as_str().unwrap();
        assert!(("2025-04-01".."2025-07-01").contains(&date), "{date}");
        for range in quote["highlights"].as_array().unwrap() {
            let place = |end: &str| range[end].as_u64().unwrap() as usize;
            let word = &text(quote)[place("start")..place("end")];
            assert!(word.to_lowercase().starts_with("filter"), "{word}");
        }
    }
    // Phrases, words near each other, misspelt ones, and what is left out.
    let phrase = quotes(&["\"discount code\"", "-n", "50"]);
    let near = quotes(&["\"code discount\"~2", "-n", "50"]);
    assert!(!phrase.is_empty() && names(&phrase).is_subset(&names(&near)));
    let misspelt = quotes(&["discuont~1", "-n", "50"]);
    assert!(names(&phrase).is_subset(&names(&misspelt)));
    let without = quotes(&["-filter", "-n", "2000"]);
    assert!(without.iter().all(|quote| !text(quote).contains("filters")));
}

#[test]
fn meaning_finds_other_words_and_says_which_sentence() {
    let like = [
        "--like",
        "Nobody tells you what the refills cost before you buy.",
    ];
    let found = quotes(&like);
    assert!(found.len() > 4);
    let about = |quote: &Value| {
        let text = text(quote).to_lowercase();
        ["filter", "refill", "cost", "price"]
            .iter()
            .any(|word| text.contains(word))
    };
    assert!(found.iter().filter(|quote| about(quote)).count() * 2 > found.len());
    let scores: Vec<f64> = found.iter().map(|q| q["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    for quote in &found {
        let place = |end: &str| quote["sentence"][end].as_u64().unwrap() as usize;
        assert!(text(quote).get(place("start")..place("end")).is_some());
    }
    // Conditions hold within, and a passage is not like itself.
    let reviews = quotes(&[like[0], like[1], "kind:interview"]);
    assert!(reviews.iter().all(|quote| quote["kind"] == "interview"));
    let first = found[0]["passage"].as_str().unwrap();
    let near = quotes(&[&format!("near:{}", &first[..12])]);
    assert!(!near.is_empty() && !names(&near).contains(first));
}

#[test]
fn pages_by_cursor_are_slices_of_one_order() {
    for sort in ["relevance", "date", "rating", "document"] {
        let query = ["pain:yes filter*", "--sort", sort];
        let whole = quotes(&[query[0], query[1], query[2], "-n", "40"]);
        assert!(whole.len() > 12, "{sort}");
        let mut paged: Vec<Value> = Vec::new();
        while paged.len() < whole.len() {
            let mut arguments = query.to_vec();
            arguments.extend(["-n", "5"]);
            let cursor = paged
                .last()
                .map(|last| last["cursor"].as_str().unwrap().to_owned());
            if let Some(cursor) = &cursor {
                arguments.extend(["--after", cursor.as_str()]);
            }
            paged.extend(quotes(&arguments));
        }
        assert_eq!(paged[..whole.len()], whole[..], "{sort}");
    }
    let other = quotes(&["filter", "-n", "1"])[0]["cursor"]
        .as_str()
        .unwrap()
        .to_owned();
    let refused = searched(&["courier", "--after", &other], 2);
    assert!(stderr(&refused).contains("no cursor of this search"));
}

#[test]
fn quotes_are_put_together_by_whatever_is_asked() {
    let total = quotes(&["role:participant", "-n", "5000"]).len() as u64;
    for by in ["theme", "stage", "participant", "document"] {
        let output = run(&study(), &["quotes", "--by", by, "--each", "2", "--json"]);
        expect_code(&output, 0);
        let groups = json_lines(&output);
        let sum: u64 = groups
            .iter()
            .map(|group| group["quotes"].as_u64().unwrap())
            .sum();
        assert_eq!(sum, total, "{by}");
        for quote in groups.iter().flat_map(|group| group["found"].as_array()) {
            assert!(quote.len() <= 2);
            assert!(quote.iter().all(|quote| quote["role"] == "participant"));
        }
    }
    let some = run(
        &study(),
        &["quotes", "sentiment:negative OR pain:yes", "--by", "stage"],
    );
    expect_code(&some, 0);
    let asked = json_lines(&run(&study(), &["questions", "--json"]));
    let answered = stdout(&run(&study(), &["quotes", "--by", "question"]));
    for one in &asked {
        assert!(
            answered.contains(one["question"].as_str().unwrap()),
            "{one}"
        );
    }
    let refused = run(&study(), &["quotes", "lid", "--by", "question"]);
    assert!(
        stderr(&refused).contains("takes no query"),
        "{}",
        stderr(&refused)
    );
}

#[test]
fn counts_and_groups_cover_the_whole_result() {
    let total = quotes(&["role:participant", "-n", "5000"]).len() as u64;
    let counts = json_lines(&searched(&["role:participant", "--facets", "--json"], 0));
    for facet in [
        "stage",
        "theme",
        "moment",
        "sentiment",
        "pain",
        "touchpoint",
        "role",
        "kind",
    ] {
        let of_facet = counts.iter().filter(|count| count["facet"] == facet);
        let sum: u64 = of_facet
            .map(|count| count["quotes"].as_u64().unwrap())
            .sum();
        assert_eq!(sum, total, "{facet}");
    }
    // A count is what its value finds when it is typed: the first of some facets.
    for (facet, field) in [
        ("stage", "stage"),
        ("theme", "theme"),
        ("touchpoint", "touchpoint"),
        ("language", "lang"),
    ] {
        let count = counts.iter().find(|count| count["facet"] == facet).unwrap();
        let query = format!(
            "role:participant {field}:\"{}\"",
            count["value"].as_str().unwrap()
        );
        let found = quotes(&[&query, "-n", "5000"]).len() as u64;
        assert_eq!(count["quotes"].as_u64(), Some(found), "{query}");
    }
    let groups = json_lines(&searched(
        &[
            "price", "--group", "document", "--each", "2", "-n", "4", "--json",
        ],
        0,
    ));
    assert_eq!(groups.len(), 4);
    for group in &groups {
        let found = group["found"].as_array().unwrap();
        assert!((1..=2).contains(&found.len()));
        assert!(found.iter().all(|quote| quote["doc"] == group["value"]));
    }
}

#[test]
fn a_framework_in_the_query_says_whose_stages_are_meant() {
    let support = quotes(&["framework:user stage:help", "-n", "500"]);
    assert_eq!(
        names(&support),
        names(&quotes(&["moment:support", "-n", "500"]))
    );
    let buyer = searched(&["framework:buyer stage:retention"], 2);
    assert!(stderr(&buyer).contains("'buyer' has no stage 'retention'"));
    let outside = quotes(&["framework:buyer stage:outside", "-n", "5000"]);
    assert!(outside.iter().all(|quote| quote["no_stage"] == "outside"));
}

#[test]
fn mistakes_are_pointed_at_and_misspelt_words_are_put_right() {
    let wrong = searched(&["filter sentiment:negatve"], 2);
    let said = stderr(&wrong);
    assert!(said.contains("did you mean 'negative'?"), "{said}");
    assert!(
        said.ends_with("filter sentiment:negatve\n                 ^\n"),
        "{said}"
    );
    let nothing = searched(&["couriar \"discuont code\""], 1);
    let said = stderr(&nothing);
    assert!(
        said.contains("Did you mean: courier \"discount code\""),
        "{said}"
    );
    assert!(stdout(&nothing).is_empty());
}

#[test]
fn searches_of_the_settings_run_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let study = folder.path().join("study");
    std::fs::write(
        folder.path().join("r.csv"),
        "id,text\n1,The parcel came late.\n2,Fine.\n",
    )
    .unwrap();
    let run = |arguments: &[&str], code| {
        let output = run(&study, arguments);
        expect_code(&output, code);
        output
    };
    std::fs::create_dir(&study).unwrap();
    run(&["new", "."], 0);
    run(&["add", "../r.csv"], 0);
    run(&["tag"], 0);
    let settings = study.join("throughline.toml");
    std::fs::write(
        &settings,
        "[searches]\nlate = \"late OR delay*\"\nbad = \"stage:x\"\n",
    )
    .unwrap();
    assert_eq!(json_lines(&run(&["search", "@late", "--json"], 0)).len(), 1);
    run(&["search", "@late -parcel"], 1);
    let unknown = stderr(&run(&["search", "@lat"], 2));
    assert!(unknown.contains("there are: @bad, @late"), "{unknown}");
    let bad = stderr(&run(&["search", "@bad"], 2));
    assert!(
        bad.contains("'@bad' in throughline.toml") && bad.ends_with("stage:x\n      ^\n"),
        "{bad}"
    );
}

#[test]
fn results_are_read_in_lines_with_context_and_in_spreadsheets() {
    let lines = stdout(&searched(&["\"courier\"", "--kwic", "-n", "3"], 0));
    for line in lines.lines() {
        let place = line.to_lowercase().find("courier");
        assert_eq!(
            place.map(|at| line[..at].chars().count()),
            Some(46),
            "{lines}"
        );
    }
    let context = quotes(&[
        "kind:interview filter role:participant",
        "-C",
        "2",
        "-n",
        "3",
    ]);
    for quote in &context {
        let context = &quote["context"];
        assert!(
            context["turn"]["text"]
                .as_str()
                .unwrap()
                .contains(text(quote))
        );
        let around = |side: &str| context[side].as_array().unwrap().len();
        assert!(around("before") <= 2 && around("before") + around("after") > 0);
    }
    let csv = stdout(&searched(&["rating:<=1", "--csv", "-n", "5"], 0));
    assert!(csv.starts_with("rank,text,doc,"));
    // A question of a query needs no `--`, also where it begins with a minus.
    searched(&["-filter kind:review", "-n", "1"], 0);
}
