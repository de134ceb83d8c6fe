//! JSON Lines in, JSON Lines out.

use crate::support::{expect_code, json_lines, pipe, root, run, sample, stdout};
use serde::Deserialize;
use serde_json::{Value, json};

/// The contract of `tag -`: a field more or less is a change of contract.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "decoding is the test")]
struct TagLine {
    id: Value,
    moment: String,
    moment_confidence: f64,
    unclear: bool,
    stages: std::collections::BTreeMap<String, Option<String>>,
    #[serde(default)]
    no_stage: std::collections::BTreeMap<String, String>,
    sentiment: String,
    sentiment_confidence: f64,
    valence: f64,
    pain: bool,
    pain_confidence: f64,
    touchpoint: String,
    touchpoint_confidence: f64,
    #[serde(default)]
    stage_scores: Option<std::collections::BTreeMap<String, f64>>,
    #[serde(default)]
    explain: Option<ExplainObject>,
    #[serde(default)]
    embedding: Option<Vec<i8>>,
}

/// The contract of `explain` in a line of `tag - --explain`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExplainObject {
    moment: ReasonObject,
    sentiment: ReasonObject,
    pain: ReasonObject,
    touchpoint: ReasonObject,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonObject {
    label: Value,
    confidence: f64,
    runner_up: Option<Value>,
    runner_up_confidence: Option<f64>,
    words: Vec<WordsObject>,
    context_drop: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WordsObject {
    text: String,
    start: usize,
    end: usize,
    drop: f64,
}

/// The contract of `ingest --json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "decoding is the test")]
struct PassageLine {
    doc: String,
    turn: u64,
    passage: u64,
    speaker: Option<String>,
    role: String,
    language: Option<String>,
    start_ms: Option<u64>,
    end_ms: Option<u64>,
    start: u64,
    end: u64,
    text: String,
}

fn lines(values: &[Value]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| format!("{value}\n").into_bytes())
        .collect()
}

#[test]
fn tagging_keeps_order_and_answers_every_line() {
    let input = b"{\"id\":\"a\",\"text\":\"The courier never came and I waited all day.\"}\n\
        {\"id\":2,\"text\":\"Lovely, I would recommend it to anyone.\",\"context\":\"Would you tell a friend?\"}\n\
        {\"id\":3}\n\n{\"id\":4,\"text\":\"\"}\nno json\n";
    let output = pipe(root(), &["tag", "-", "--embedding"], input);
    expect_code(&output, 3);
    let answers = json_lines(&output);
    assert_eq!(answers.len(), 5);
    assert_eq!(answers[2]["id"], 3);
    assert!(answers[2]["error"].as_str().unwrap().contains("line 3"));
    assert_eq!(answers[4]["id"], Value::Null);
    for (place, id) in [(0, json!("a")), (1, json!(2)), (3, json!(4))] {
        let line: TagLine = serde_json::from_value(answers[place].clone()).unwrap();
        assert_eq!(line.id, id);
        assert_eq!(line.stages.len(), 7);
        assert_eq!(line.embedding.unwrap().len(), 384);
        for (framework, stage) in &line.stages {
            assert_eq!(
                stage.is_none(),
                line.no_stage.contains_key(framework),
                "{framework}"
            );
        }
    }
    assert_eq!(answers[0]["pain"], true, "{}", answers[0]);
    assert_eq!(answers[0]["moment"], "delivery");
    assert_eq!(answers[1]["sentiment"], "positive");
}

#[test]
fn every_tag_of_a_stream_can_be_explained() {
    let texts = [
        "The parcel came two weeks late, and the courier was rude.",
        "Très déçu. I would never buy it again!",
        "",
    ];
    let input: Vec<Value> = texts
        .iter()
        .map(|text| json!({"id": text, "text": text, "context": "How was it?"}))
        .collect();
    let plain = json_lines(&pipe(root(), &["tag", "-"], &lines(&input)));
    let explained = json_lines(&pipe(root(), &["tag", "-", "--explain"], &lines(&input)));
    let mut named = 0;
    for ((text, plain), answer) in texts.iter().zip(plain).zip(explained) {
        let mut rest = answer.clone();
        rest.as_object_mut().unwrap().remove("explain");
        assert_eq!(rest, plain);
        let line: TagLine = serde_json::from_value(answer.clone()).unwrap();
        let why = line.explain.unwrap();
        for (tag, reason) in [
            ("moment", &why.moment),
            ("sentiment", &why.sentiment),
            ("pain", &why.pain),
            ("touchpoint", &why.touchpoint),
        ] {
            assert_eq!(reason.label, answer[tag]);
            assert_eq!(
                json!(reason.confidence),
                answer[format!("{tag}_confidence")]
            );
            assert_eq!(reason.runner_up.is_none(), text.is_empty());
            assert!(reason.runner_up_confidence.unwrap_or(0.0) <= reason.confidence);
            assert!(reason.context_drop.is_none_or(|drop| drop >= 0.05));
            assert!(reason.words.len() <= 5);
            for words in &reason.words {
                named += 1;
                assert_eq!(text.get(words.start..words.end), Some(words.text.as_str()));
                assert!(words.drop >= 0.05 && words.drop <= reason.confidence);
            }
        }
    }
    assert!(named > 0);
}

#[test]
fn a_tag_does_not_depend_on_the_company() {
    let texts: Vec<Value> = (0..40)
        .map(|n| json!({"id": n, "text": format!("The app {} when I open it. {}", ["crashes", "sings"][n % 2], "Again. ".repeat(n / 4))}))
        .collect();
    let together = json_lines(&pipe(root(), &["tag", "-", "--embedding"], &lines(&texts)));
    let mut reversed = texts.clone();
    reversed.reverse();
    let mut backwards = json_lines(&pipe(
        root(),
        &["tag", "-", "--embedding"],
        &lines(&reversed),
    ));
    backwards.reverse();
    assert_eq!(together, backwards);
    let alone = json_lines(&pipe(
        root(),
        &["tag", "-", "--embedding"],
        &lines(&texts[7..8]),
    ));
    assert_eq!(together[7], alone[0]);
}

#[test]
fn the_context_changes_tags_at_most_and_never_the_vector() {
    let with = json!({"id": 1, "text": "It took two weeks.", "context": "How was the delivery?"});
    let without = json!({"id": 1, "text": "It took two weeks."});
    let answers = json_lines(&pipe(
        root(),
        &["tag", "-", "--embedding"],
        &lines(&[with, without]),
    ));
    assert_eq!(answers[0]["embedding"], answers[1]["embedding"]);
    assert_ne!(
        answers[0]["moment_confidence"],
        answers[1]["moment_confidence"]
    );
}

#[test]
fn clustering_answers_in_order_and_does_not_depend_on_it() {
    let topics = [
        "The parcel arrived %d days late.",
        "The app crashed %d times today.",
        "I was charged %d times for one order.",
    ];
    let mut texts: Vec<Value> = Vec::new();
    for n in 2..10 {
        for topic in topics {
            let text = topic.replace("%d", &n.to_string());
            texts.push(json!({"id": texts.len(), "text": text}));
        }
    }
    texts.push(json!({"id": "odd", "text": "Purple elephants sing opera under the moon."}));
    let answers = json_lines(&pipe(root(), &["cluster", "-"], &lines(&texts)));
    assert_eq!(answers.len(), texts.len());
    for (text, answer) in texts.iter().zip(&answers) {
        assert_eq!(text["id"], answer["id"]);
        assert_eq!(
            answer["theme"].is_null(),
            answer.get("reason").is_some(),
            "{answer}"
        );
    }
    let theme = |n: usize| answers[n]["theme"].as_str().unwrap();
    assert_eq!(theme(0), theme(3));
    assert_ne!(theme(0), theme(1));
    assert_ne!(theme(1), theme(2));
    assert!(answers[24]["theme"].is_null());
    let label = answers[0]["label"].as_str().unwrap();
    assert!(
        texts
            .iter()
            .any(|text| text["text"].as_str().unwrap().contains(label))
    );

    texts.reverse();
    let mut backwards = json_lines(&pipe(root(), &["cluster", "-"], &lines(&texts)));
    backwards.reverse();
    assert_eq!(answers, backwards);
}

#[test]
fn ingest_gives_every_passage_of_the_sample() {
    let output = run(
        root(),
        &["ingest".as_ref(), sample().as_os_str(), "--json".as_ref()],
    );
    expect_code(&output, 0);
    let mut documents = std::collections::BTreeSet::new();
    for line in stdout(&output).lines() {
        let line: PassageLine = serde_json::from_str(line).unwrap();
        assert!(line.end - line.start == line.text.len() as u64);
        documents.insert(line.doc);
    }
    assert!(
        documents
            .iter()
            .filter(|doc| doc.contains("reviews.csv#"))
            .count()
            >= 60
    );
    assert!(
        documents
            .iter()
            .filter(|doc| doc.contains("interviews/"))
            .count()
            >= 8
    );
}

#[test]
fn an_empty_stream_is_answered_with_nothing() {
    for command in ["tag", "cluster"] {
        let output = pipe(root(), &[command, "-"], b"");
        expect_code(&output, 0);
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn an_engine_or_a_model_that_is_not_there_is_a_matter_of_usage() {
    let line = br#"{"id": 1, "text": "The parcel came late."}"#;
    let rten = pipe(root(), &["tag", "-", "--backend", "rten"], line);
    expect_code(&rten, 0);
    let missing = pipe(root(), &["cluster", "-", "--model", "models/none"], line);
    expect_code(&missing, 2);
    assert!(String::from_utf8_lossy(&missing.stderr).contains("models/none"));
    let alone = pipe(root(), &["tag", "--zero-shot", "models/none"], line);
    expect_code(&alone, 2);
    if cfg!(feature = "torch") {
        return;
    }
    for asked in [["--backend", "torch"], ["--zero-shot", "models/none"]] {
        let output = pipe(root(), &[&["tag", "-"], asked.as_slice()].concat(), line);
        expect_code(&output, 2);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("--features torch"), "{said}");
    }
}
