//! A layer of its own for the vector of a model that was trained on random weights.
#![expect(clippy::unwrap_used, reason = "a test that fails should stop")]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use common::{GENERATOR, data, recipe, train, weights};
use serde_json::Value;
use tch::Tensor;
use tempfile::TempDir;
use throughline_train::data::{Row, journey};
use throughline_train::model::{Wanted, configuration};
use throughline_train::predict::{Opened, predict};
use throughline_train::recipe::Precision;
use throughline_train::tokens::{Batch, Tokens};
use throughline_train::vector::VectorRecipe;
use throughline_train::{Model, VectorRun, export};

/// The fixture, and in it a model that was trained for some steps.
fn trained() -> (TempDir, PathBuf) {
    let data = data();
    let run = data.path().join("run");
    train(&recipe("f32", ""), data.path(), &run, Some(20));
    let model = data.path().join("model");
    export::export(&Opened::open(&run).unwrap(), &model).unwrap();
    (data, model)
}

/// `inner` is below the 32 units that the random encoder has.
fn layer(precision: &str) -> VectorRecipe {
    let text = format!(
        r#"
        teacher = "base"
        texts = ["journey.jsonl", "score.jsonl"]
        seed = 3
        inner = 24
        precision = "{precision}"
        threads = 1
        epochs = 25
        tokens = 60
        max_tokens = 20
        rate = 1e-2
        warmup = 5
        checkpoint_every = 7
        "#
    );
    let recipe: VectorRecipe = toml::from_str(&text).unwrap();
    assert_eq!(recipe.problem(), None);
    recipe
}

fn teach(
    recipe: &VectorRecipe,
    model: &Path,
    data: &Path,
    out: &Path,
    until: Option<usize>,
) -> Vec<f64> {
    let mut losses = Vec::new();
    let mut run = VectorRun::new(recipe.clone(), model, data).unwrap();
    run.resume(out).unwrap();
    run.train(out, until, &mut |progress| losses.push(progress.loss))
        .unwrap();
    losses
}

fn vectors(model: &Path, data: &Path) -> (Tensor, Vec<Tensor>) {
    let opened = Opened::open(model).unwrap();
    let rows: Vec<Row> = journey(&data.join("journey.jsonl"), &opened.tokens, None).unwrap();
    let said = predict(&opened.model, &rows).unwrap();
    (said.vectors, said.logits)
}

#[test]
fn only_the_vector_moves_and_it_comes_nearer_to_the_teacher() {
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let (data, model) = trained();
    let before = weights(&model.join("model.safetensors"));
    for precision in ["f32", "bf16"] {
        let out = data.path().join(precision);
        let losses = teach(&layer(precision), &model, data.path(), &out, None);
        let (first, last) = (losses[0], losses[losses.len() - 1]);
        assert!(last < first * 0.5 && last < 0.1, "{precision}: {losses:?}");

        let after = weights(&out.join("model.safetensors"));
        let (own, rest): (Vec<_>, Vec<_>) = after
            .iter()
            .partition(|(name, _)| name.starts_with("vector."));
        let others = before
            .iter()
            .filter(|(name, _)| !name.starts_with("vector."));
        assert!(others.eq(rest.into_iter()), "{precision}");
        // Sixteen of the layer, and the map.
        assert_eq!(own.len(), 18, "{own:?}");
        let bytes = |name: &str| after[&format!("vector.{name}")].len();
        assert_eq!(bytes("weight"), 16 * 4 * 16 * 4);
        assert_eq!(bytes("layer.intermediate.dense.weight"), 24 * 16 * 4);
        let config = std::fs::read_to_string(out.join("config.json")).unwrap();
        let config: Value = serde_json::from_str(&config).unwrap();
        assert_eq!(config["vector_intermediate_size"], 24);
        assert_eq!(config["intermediate_size"], 32);
        assert!(!out.join("checkpoint").exists());

        // Answers are those of the model as it was; vectors are not.
        let ((old, logits), (new, same)) =
            (vectors(&model, data.path()), vectors(&out, data.path()));
        assert!(logits.iter().zip(&same).all(|(a, b)| a == b));
        let (old, new) = (near(&old, data.path()), near(&new, data.path()));
        assert!(new > old && new > 0.95, "{old} {new}");
    }
}

/// The mean cosine between vectors of length 1 and the teacher's.
fn near(vectors: &Tensor, data: &Path) -> f64 {
    let products = vectors * taught(data);
    products.sum(tch::Kind::Float).double_value(&[]) / 48.0
}

/// The teacher's vectors, scaled to length 1.
fn taught(data: &Path) -> Tensor {
    let base = data.join("base");
    let config = configuration(&base.join("config.json"), 0.0).unwrap();
    let mut teacher = Model::new(&config, Precision::F32, &BTreeMap::new());
    let file = base.join("model.safetensors");
    teacher.load(&file, Wanted::Encoder).unwrap();
    let tokens = Tokens::open(&base.join("tokenizer.json"), 20, 8).unwrap();
    let rows = journey(&data.join("journey.jsonl"), &tokens, None).unwrap();
    let readings: Vec<_> = rows.iter().map(|row| &row.reading).collect();
    let pooled = teacher.states(&Batch::of(&readings), false).unwrap().pooled;
    let length = pooled.norm_scalaropt_dim(2, [1].as_slice(), true);
    pooled / length
}

#[test]
fn a_training_that_was_interrupted_ends_with_the_same_bytes() {
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let (data, model) = trained();
    for precision in ["f32", "bf16"] {
        let mut recipe = layer(precision);
        recipe.epochs = 4;
        let whole = data.path().join(format!("{precision}-whole"));
        teach(&recipe, &model, data.path(), &whole, None);
        let parts = data.path().join(format!("{precision}-parts"));
        for until in [Some(5), Some(16)] {
            teach(&recipe, &model, data.path(), &parts, until);
            assert!(parts.join("checkpoint").exists());
            // What is there of it can be opened.
            assert_eq!(Opened::open(&parts).unwrap().model.own_inner(), Some(24));
        }
        let mut other = recipe.clone();
        other.likeness = 1.0;
        let mut run = VectorRun::new(other, &model, data.path()).unwrap();
        let error = run.resume(&parts).unwrap_err().to_string();
        assert!(error.contains("another recipe"), "{error}");
        teach(&recipe, &model, data.path(), &parts, None);
        for file in ["model.safetensors", "config.json", "tasks.json"] {
            let bytes = |run: &Path| std::fs::read(run.join(file)).unwrap();
            assert!(bytes(&whole) == bytes(&parts), "{precision} {file}");
        }
    }
}

#[test]
fn a_model_with_an_own_layer_is_exported_and_taught_again() {
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let (data, model) = trained();
    let mut recipe = layer("f32");
    recipe.epochs = 4;
    let first = data.path().join("first");
    teach(&recipe, &model, data.path(), &first, None);
    let again = data.path().join("again");
    export::export(&Opened::open(&first).unwrap(), &again).unwrap();
    let (a, b) = (vectors(&first, data.path()), vectors(&again, data.path()));
    assert!(a.0 == b.0 && a.1 == b.1);
    let names = Tensor::load_multi(again.join("rust_model.ot")).unwrap();
    let own = |name: &str| name == "vector.layer.attention.self.query.weight";
    assert!(names.iter().any(|(name, _)| own(name)));
    // A fresh layer takes the place of the one that was there.
    let second = data.path().join("second");
    teach(&recipe, &first, data.path(), &second, None);
    let of = |folder: &Path| weights(&folder.join("model.safetensors"));
    assert!(of(&first) == of(&second));
    // Onward, the one that was there is learnt further.
    let onward = VectorRecipe {
        onward: true,
        ..recipe.clone()
    };
    let further = data.path().join("further");
    let fresh = data.path().join("fresh");
    let losses = [
        teach(&recipe, &model, data.path(), &fresh, None),
        teach(&onward, &first, data.path(), &further, None),
    ];
    let last = losses.map(|losses| losses[losses.len() - 1]);
    assert!(last[1] < last[0] * 0.8, "{last:?}");
    let none = VectorRun::new(onward, &model, data.path()).err().unwrap();
    assert!(none.to_string().contains("missing"), "{none}");
    // A model is not written over what it is made of.
    let mut run = VectorRun::new(recipe, &first, data.path()).unwrap();
    let error = run
        .train(&first, None, &mut |_| ())
        .unwrap_err()
        .to_string();
    assert!(error.contains("another folder"), "{error}");
}

#[test]
fn a_further_training_moves_the_own_layer_with_the_others() {
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let (data, model) = trained();
    let with_layer = data.path().join("with-layer");
    teach(&layer("f32"), &model, data.path(), &with_layer, None);
    let mut onward = recipe("f32", "likeness = 4.0");
    onward.base = with_layer.clone();
    onward.teacher = Some("base".into());
    onward.loss.vector = 4.0;
    let run = data.path().join("onward");
    train(&onward, data.path(), &run, None);
    let out = data.path().join("moved");
    export::export(&Opened::open(&run).unwrap(), &out).unwrap();
    let of = |folder: &Path| weights(&folder.join("model.safetensors"));
    let (before, after) = (of(&with_layer), of(&out));
    for name in [
        "vector.weight",
        "vector.layer.output.dense.weight",
        "heads.pain.weight",
    ] {
        assert!(
            before[name].len() == after[name].len() && before[name] != after[name],
            "{name}"
        );
    }
    let near = near(&vectors(&out, data.path()).0, data.path());
    assert!(near > 0.95, "{near}");
}

#[test]
fn what_does_not_fit_the_teacher_is_named() {
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let (data, model) = trained();
    let problem = |change: &dyn Fn(&mut VectorRecipe)| {
        let mut recipe = layer("f32");
        change(&mut recipe);
        let run = VectorRun::new(recipe, &model, data.path());
        run.err().unwrap().to_string()
    };
    assert!(problem(&|r| r.inner = Some(33)).contains("32 units"));
    assert!(problem(&|r| r.max_tokens = 65).contains("64 positions"));
    assert!(problem(&|r| r.texts = vec!["none.jsonl".into()]).contains("none.jsonl"));
    std::fs::write(data.path().join("bare.jsonl"), "{\"text\": \"late\"}\n{}\n").unwrap();
    assert!(problem(&|r| r.texts = vec!["bare.jsonl".into()]).contains("line 2"));
}
