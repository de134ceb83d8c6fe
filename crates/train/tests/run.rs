//! A run from recipe to export, on an encoder small enough to be drawn at random.
#![expect(clippy::unwrap_used, reason = "a test that fails should stop")]

mod common;

use std::path::Path;
use std::sync::PoisonError;

use common::{GENERATOR, data, recipe, train, weights};
use tch::Tensor;
use throughline_train::data::journey;
use throughline_train::predict::{Opened, Predictions, predict};
use throughline_train::{Run, export, measure};

#[test]
fn a_run_that_was_interrupted_ends_with_the_same_weights() {
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let data = data();
    for precision in ["f32", "bf16"] {
        let recipe = recipe(precision, "");
        let whole = data.path().join(format!("{precision}-whole"));
        train(&recipe, data.path(), &whole, None);
        let parts = data.path().join(format!("{precision}-parts"));
        for until in [Some(7), Some(20), None] {
            train(&recipe, data.path(), &parts, until);
        }
        let end = |run: &Path| weights(&run.join("checkpoint/model.safetensors"));
        assert!(end(&whole) == end(&parts), "{precision}");
        let mut other = recipe.clone();
        other.seed = 4;
        let mut run = Run::new(other, data.path(), None).unwrap();
        let error = run.resume(&parts).unwrap_err().to_string();
        assert!(error.contains("another recipe"), "{error}");
    }
}

#[test]
fn a_trained_model_is_measured_predicts_and_is_exported() {
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let data = data();
    let out = data.path().join("run");
    let mut longer = recipe("bf16", "");
    longer.steps.epochs = 20;
    let losses = train(&longer, data.path(), &out, None);
    assert!(!losses.is_empty());
    let file = data.path().join("journey.jsonl");
    let opened = Opened::open(&out).unwrap();
    let rows = journey(&file, &opened.tokens, None).unwrap();
    let predictions = predict(&opened.model, &rows).unwrap();
    let measures = measure::measures(&rows, &predictions, 50, 1).unwrap();
    let accuracy = measures["pain"]["accuracy"]["value"].as_f64().unwrap();
    assert!(accuracy > 0.9, "{measures:#}");

    let exported = data.path().join("model");
    export::export(&opened, &exported).unwrap();
    let again = Opened::open(&exported).unwrap();
    let same = predict(&again.model, &rows).unwrap();
    for (a, b) in predictions.logits.iter().zip(&same.logits) {
        assert!((a - b).abs().max().double_value(&[]) == 0.0);
    }
    let names: Vec<String> = Tensor::load_multi(exported.join("rust_model.ot"))
        .unwrap()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert!(
        names
            .iter()
            .any(|name| name == "encoder.layer.1.output.dense.weight")
    );
    assert!(names.iter().any(|name| name == "heads.pain.bias"));
    assert!(!names.iter().any(|name| name.starts_with("auxiliary")));

    // What it said is what another run can learn from.
    predictions
        .save(&data.path().join("soft.safetensors"))
        .unwrap();
    assert_eq!(
        Predictions::open(&data.path().join("soft.safetensors"))
            .unwrap()
            .keys
            .len(),
        48
    );
    let mut taught = recipe("f32", "soft = 0.5\ntemperature = 2.0");
    taught.sets[0].soft = Some("soft.safetensors".into());
    train(&taught, data.path(), &data.path().join("taught"), Some(3));
}
