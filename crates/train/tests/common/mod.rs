//! A random encoder and its data, for the tests of whole runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use rust_bert::bert::BertConfig;
use serde_json::json;
use tch::Tensor;
use tempfile::TempDir;
use throughline_train::recipe::Precision;
use throughline_train::{Model, Recipe, Run, export};

const WORDS: [&str; 12] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "it", "was", "late", "fine", "broken", "cheap", "the",
    "app",
];

/// libtorch's generator is one for the whole process: one test at a time.
pub(crate) static GENERATOR: Mutex<()> = Mutex::new(());

/// A folder with a random base encoder, and sets of all kinds.
pub(crate) fn data() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("base");
    std::fs::create_dir(&base).unwrap();
    let config = BertConfig {
        hidden_size: 16,
        intermediate_size: 32,
        max_position_embeddings: 64,
        num_attention_heads: 2,
        num_hidden_layers: 2,
        vocab_size: WORDS.len() as i64,
        ..BertConfig::default()
    };
    let text = serde_json::to_string(&config).unwrap();
    std::fs::write(base.join("config.json"), text).unwrap();
    tch::manual_seed(5);
    let model = Model::new(&config, Precision::F32, &BTreeMap::new());
    export::weights(&model, &base.join("model.safetensors")).unwrap();
    std::fs::write(base.join("tokenizer.json"), tokenizer().to_string()).unwrap();

    let moments = ["use", "need", "none"];
    let rows = (0..48).map(|i| {
        let (word, pain) = [("late", 1), ("fine", 0), ("broken", 1)][i % 3];
        let context = if i % 4 == 0 {
            "Interviewer: the app"
        } else {
            ""
        };
        json!({"id": format!("r{i}"), "text": format!("it was {word} {}", WORDS[4 + i % 8]),
            "context": context, "moment": moments[i % 3], "pain": pain,
            "sentiment": if pain == 1 { "negative" } else { "positive" }, "touchpoint": "app"})
    });
    lines(&folder.path().join("journey.jsonl"), rows);
    let scores = ["low", "high"];
    let rows = (0..20)
        .map(|i| json!({"text": format!("cheap {}", WORDS[6 + i % 2]), "label": scores[i % 2]}));
    lines(&folder.path().join("score.jsonl"), rows);
    folder
}

fn tokenizer() -> serde_json::Value {
    let vocabulary: BTreeMap<&str, usize> = WORDS.iter().copied().zip(0..).collect();
    let mark = |name: &str, id: usize| json!({"id": name, "ids": [id], "tokens": [name]});
    let token = |name: &str| json!({"SpecialToken": {"id": name, "type_id": 0}});
    json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [token("[CLS]"), {"Sequence": {"id": "A", "type_id": 0}}, token("[SEP]")],
            "pair": [token("[CLS]"), {"Sequence": {"id": "A", "type_id": 0}}, token("[SEP]"),
                {"Sequence": {"id": "B", "type_id": 1}}, token("[SEP]")],
            "special_tokens": {"[CLS]": mark("[CLS]", 2), "[SEP]": mark("[SEP]", 3)},
        },
        "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    })
}

fn lines(path: &Path, rows: impl Iterator<Item = serde_json::Value>) {
    let text: Vec<String> = rows.map(|row| row.to_string()).collect();
    std::fs::write(path, text.join("\n")).unwrap();
}

/// A recipe of a few seconds; `more` belongs to `[loss]`.
pub(crate) fn recipe(precision: &str, more: &str) -> Recipe {
    let text = format!(
        r#"
        base = "base"
        seed = 3
        [steps]
        epochs = 6
        batch = 8
        threads = 1
        precision = "{precision}"
        checkpoint_every = 5
        [reading]
        max_tokens = 20
        max_context_tokens = 8
        [rates]
        encoder = 5e-3
        heads = 2e-2
        [loss]
        vector = 0.1
        {more}
        [[set]]
        path = "journey.jsonl"
        kind = "journey"
        [[auxiliary]]
        name = "score"
        path = "score.jsonl"
        kind = "label"
        labels = ["low", "high"]
        share = 0.25
        "#
    );
    let recipe: Recipe = toml::from_str(&text).unwrap();
    assert_eq!(recipe.problem(), None);
    recipe
}

/// Trains to a step or to the end, from the checkpoint if there is one. The losses.
pub(crate) fn train(recipe: &Recipe, data: &Path, out: &Path, until: Option<usize>) -> Vec<f64> {
    let mut losses = Vec::new();
    let mut run = Run::new(recipe.clone(), data, None).unwrap();
    run.resume(out).unwrap();
    run.train(out, until, &mut |progress| losses.push(progress.loss))
        .unwrap();
    losses
}

/// The bytes of all weights of a file.
pub(crate) fn weights(file: &Path) -> BTreeMap<String, Vec<u8>> {
    Tensor::read_safetensors(file)
        .unwrap()
        .into_iter()
        .map(|(name, tensor)| {
            let mut bytes = vec![0; tensor.numel() * 4];
            tensor.copy_data_u8(&mut bytes, tensor.numel());
            (name, bytes)
        })
        .collect()
}
