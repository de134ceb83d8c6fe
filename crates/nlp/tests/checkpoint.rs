//! Checkpoints of others, on tiny random nets that the tests write themselves.

#![cfg(feature = "torch")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use throughline_nlp::{Backend, Checkpoint, NlpError, TagInput, Tagger, ZeroShot, open_tagger};

const WORDS: [&str; 14] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "this", "is", "about", "the", "parcel", "price", "late",
    "paying", ".", "was",
];
const WIDTH: usize = 8;
const INNER: usize = 16;
const POSITIONS: usize = 24;

fn config() -> Value {
    json!({
        "model_type": "bert", "hidden_act": "gelu", "hidden_size": WIDTH,
        "intermediate_size": INNER, "max_position_embeddings": POSITIONS,
        "num_attention_heads": 2, "num_hidden_layers": 2, "type_vocab_size": 2,
        "vocab_size": WORDS.len(),
        "id2label": {"0": "CONTRADICTION", "1": "ENTAILMENT", "2": "NEUTRAL"},
    })
}

fn tokenizer() -> Value {
    let vocabulary: serde_json::Map<String, Value> = WORDS
        .iter()
        .enumerate()
        .map(|(id, word)| ((*word).to_owned(), json!(id)))
        .collect();
    let piece = |id: &str, kind: u32| json!({"SpecialToken": {"id": id, "type_id": kind}});
    let text = |id: &str, kind: u32| json!({"Sequence": {"id": id, "type_id": kind}});
    json!({
        "version": "1.0", "truncation": {"direction": "Right", "max_length": 5,
            "strategy": "LongestFirst", "stride": 0},
        "padding": {"strategy": {"Fixed": 20}, "direction": "Right", "pad_to_multiple_of": null,
            "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": [], "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {"type": "TemplateProcessing",
            "single": [piece("[CLS]", 0), text("A", 0), piece("[SEP]", 0)],
            "pair": [piece("[CLS]", 0), text("A", 0), piece("[SEP]", 0), text("B", 1),
                piece("[SEP]", 1)],
            "special_tokens": {
                "[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
        "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    })
}

/// Every weight of the net by its name in checkpoints, with its shape.
fn shapes() -> Vec<(String, Vec<usize>)> {
    let mut all = vec![
        (
            "bert.embeddings.word_embeddings.weight".to_owned(),
            vec![WORDS.len(), WIDTH],
        ),
        (
            "bert.embeddings.position_embeddings.weight".to_owned(),
            vec![POSITIONS, WIDTH],
        ),
        (
            "bert.embeddings.token_type_embeddings.weight".to_owned(),
            vec![2, WIDTH],
        ),
        // As old checkpoints name them.
        ("bert.embeddings.LayerNorm.gamma".to_owned(), vec![WIDTH]),
        ("bert.embeddings.LayerNorm.beta".to_owned(), vec![WIDTH]),
        ("bert.pooler.dense.weight".to_owned(), vec![WIDTH, WIDTH]),
        ("bert.pooler.dense.bias".to_owned(), vec![WIDTH]),
        ("classifier.weight".to_owned(), vec![3, WIDTH]),
        ("classifier.bias".to_owned(), vec![3]),
    ];
    for layer in 0..2 {
        for (name, to, from) in [
            ("attention.self.query", WIDTH, WIDTH),
            ("attention.self.key", WIDTH, WIDTH),
            ("attention.self.value", WIDTH, WIDTH),
            ("attention.output.dense", WIDTH, WIDTH),
            ("intermediate.dense", INNER, WIDTH),
            ("output.dense", WIDTH, INNER),
        ] {
            let key = format!("bert.encoder.layer.{layer}.{name}");
            all.push((format!("{key}.weight"), vec![to, from]));
            all.push((format!("{key}.bias"), vec![to]));
        }
        for name in ["attention.output.LayerNorm", "output.LayerNorm"] {
            let key = format!("bert.encoder.layer.{layer}.{name}");
            all.push((format!("{key}.weight"), vec![WIDTH]));
            all.push((format!("{key}.bias"), vec![WIDTH]));
        }
    }
    all
}

/// The safetensors format: eight bytes of length, a header in JSON, the numbers.
fn safetensors(shapes: &[(String, Vec<usize>)]) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    let mut numbers = Vec::new();
    let mut state = 1_u64;
    for (name, shape) in shapes {
        let start = numbers.len();
        for _ in 0..shape.iter().product() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let number = (state >> 40) as f32 / (1 << 24) as f32 - 0.5;
            numbers.extend_from_slice(&number.to_le_bytes());
        }
        let entry = json!({"dtype": "F32", "shape": shape, "data_offsets": [start, numbers.len()]});
        header.insert(name.clone(), entry);
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(numbers);
    file
}

fn folder() -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("config.json"), config().to_string()).unwrap();
    fs::write(dir.path().join("tokenizer.json"), tokenizer().to_string()).unwrap();
    fs::write(dir.path().join("model.safetensors"), safetensors(&shapes())).unwrap();
    dir
}

fn amend(dir: &Path, file: &str, change: impl Fn(&mut Value)) {
    let path = dir.join(file);
    let mut value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut value);
    fs::write(path, value.to_string()).unwrap();
}

fn error<T>(result: Result<T, NlpError>) -> String {
    match result {
        Ok(_) => panic!("a damaged folder was opened"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_checkpoint_gives_vectors_that_depend_on_their_text_alone() {
    let dir = folder();
    let model = Checkpoint::open(dir.path()).unwrap();
    assert_eq!(
        (model.model().dimension, model.model().backend),
        (WIDTH, "torch")
    );
    assert_eq!(model.model().max_tokens, POSITIONS);
    let long = "the parcel was late ".repeat(50);
    let texts = [
        "the parcel was late",
        "the price",
        "",
        &long,
        "the parcel was late",
        "zzz",
    ];
    let together = model.embed(&texts).unwrap();
    assert_eq!(together[0], together[4]);
    assert_ne!(together[0], together[1]);
    assert!(together[2].components().iter().all(|c| *c == 0));
    for (text, vector) in texts.iter().zip(&together) {
        assert_eq!(&model.embed(&[text]).unwrap()[0], vector, "{text:?}");
    }
    let again = Checkpoint::open(dir.path()).unwrap();
    assert_eq!(again.embed(&texts).unwrap(), together);
    assert_eq!(again.model(), model.model());
}

#[test]
fn pooling_is_what_the_folder_says() {
    let dir = folder();
    let text = ["the parcel was late"];
    let mean = Checkpoint::open(dir.path()).unwrap();
    fs::create_dir(dir.path().join("1_Pooling")).unwrap();
    let pooling = dir.path().join("1_Pooling/config.json");
    fs::write(
        &pooling,
        r#"{"word_embedding_dimension": 8, "pooling_mode_cls_token": true}"#,
    )
    .unwrap();
    let first = Checkpoint::open(dir.path()).unwrap();
    assert_ne!(mean.embed(&text).unwrap(), first.embed(&text).unwrap());
    assert_ne!(mean.model().sha256, first.model().sha256);
    fs::write(&pooling, r#"{"pooling_mode_mean_tokens": true}"#).unwrap();
    let again = Checkpoint::open(dir.path()).unwrap();
    assert_eq!(mean.embed(&text).unwrap(), again.embed(&text).unwrap());
    fs::write(&pooling, r#"{"pooling_mode_lasttoken": true}"#).unwrap();
    assert!(error(Checkpoint::open(dir.path())).contains("1_Pooling"));
    fs::remove_file(pooling).unwrap();
    let dense = r#"[{"type": "sentence_transformers.models.Dense"}]"#;
    fs::write(dir.path().join("modules.json"), dense).unwrap();
    assert!(error(Checkpoint::open(dir.path())).contains("Dense"));
}

#[test]
fn tags_are_refused_with_the_reason() {
    let dir = folder();
    let model = open_tagger(None, Some(dir.path())).unwrap();
    let input = TagInput {
        text: "the price",
        context: None,
    };
    let refused = error(model.tag(&[input]));
    assert!(
        refused.contains("no heads") && refused.contains("cluster"),
        "{refused}"
    );
    assert!(model.distributions(&[input]).is_err());
    let other = error(open_tagger(Some(Backend::Rten), Some(dir.path())));
    assert!(other.contains("torch"), "{other}");
}

#[test]
fn parts_that_do_not_fit_are_named() {
    let dir = folder();
    amend(dir.path(), "config.json", |config| {
        config["num_hidden_layers"] = json!(3)
    });
    assert!(error(Checkpoint::open(dir.path())).contains("encoder.layer.2"));
    amend(dir.path(), "config.json", |config| {
        config["num_hidden_layers"] = json!(2);
        config["intermediate_size"] = json!(17);
    });
    assert!(error(Checkpoint::open(dir.path())).contains("17"));
    amend(dir.path(), "config.json", |config| {
        config["vocab_size"] = json!(5)
    });
    assert!(error(Checkpoint::open(dir.path())).contains("tokenizer.json"));

    let dir = folder();
    let weights = dir.path().join("model.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    bytes.truncate(bytes.len() / 2);
    fs::write(&weights, bytes).unwrap();
    assert!(error(Checkpoint::open(dir.path())).contains("model.safetensors"));
    fs::remove_file(weights).unwrap();
    assert!(error(Checkpoint::open(dir.path())).contains("model.safetensors"));
}

#[test]
fn zero_shot_shares_out_each_text_among_the_definitions() {
    let dir = folder();
    let model = ZeroShot::open(dir.path()).unwrap();
    let stages = ["the price", "paying.", "late parcel"];
    let long = "the parcel was late ".repeat(50);
    let texts = ["the parcel was late", "", "paying was late", &long];
    let scores = model.stages(&stages, &texts).unwrap();
    assert_eq!(scores.len(), 4);
    for row in &scores {
        assert_eq!(row.len(), 3);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{row:?}");
    }
    assert_eq!(scores[1], [1.0 / 3.0; 3]);
    assert_ne!(scores[0], scores[2]);
    // Alone, in another order, and opened again: the same bits.
    let again = ZeroShot::open(dir.path()).unwrap();
    for (text, row) in texts.iter().zip(&scores).rev() {
        assert_eq!(&again.stages(&stages, &[text]).unwrap()[0], row);
    }
    let turned = again
        .stages(&["late parcel", "the price"], &texts[..1])
        .unwrap();
    let ratio = (turned[0][0] / turned[0][1]) / (scores[0][2] / scores[0][0]);
    assert!(
        (ratio - 1.0).abs() < 1e-4,
        "shares keep their ratio: {ratio}"
    );
    assert_eq!(
        model.stages(&[], &texts).unwrap(),
        vec![Vec::<f32>::new(); 4]
    );
}

#[test]
fn a_model_without_the_label_is_refused() {
    let dir = folder();
    amend(dir.path(), "config.json", |config| {
        config["id2label"] = json!({"0": "bad", "1": "fair", "2": "good"});
    });
    let message = error(ZeroShot::open(dir.path()));
    assert!(
        message.contains("entailment") && message.contains("fair"),
        "{message}"
    );
    amend(dir.path(), "config.json", |config| {
        config["id2label"] = json!({"0": "entailment", "1": "not_entailment"});
    });
    // The classifier of the folder has three classes.
    assert!(error(ZeroShot::open(dir.path())).contains("classifier"));
}
