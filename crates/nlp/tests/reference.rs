//! The engine that ships says what the script that trained the heads says.
//!
//! `reference.jsonl` of the model folder holds what another engine made of some
//! passages while the model was built: tokens, encoder, context and heads.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use throughline_core::{Moment, Scored, Sentiment, Touchpoint, Vector};
use throughline_nlp::{RtenTagger, TagInput, Tagger};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    text: String,
    context: String,
    moment: Scored<Moment>,
    sentiment: Scored<Sentiment>,
    pain: Scored<bool>,
    touchpoint: Scored<Touchpoint>,
    vector: Vec<i8>,
}

/// The two engines round halves of a step and add in different orders, so that
/// a byte here and there differs by one step.
const CONFIDENCE: f32 = 0.03;
const COSINE: f32 = 0.998;

#[test]
fn two_engines_read_the_same() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/minilm-l6-v2");
    let folder = std::env::var_os("THROUGHLINE_TEST_MODEL").map_or(shipped, PathBuf::from);
    let lines = std::fs::read_to_string(folder.join("reference.jsonl")).unwrap();
    let expected: Vec<Expected> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(expected.len() > 20);
    let inputs: Vec<_> = expected
        .iter()
        .map(|e| TagInput {
            text: &e.text,
            context: Some(&e.context),
        })
        .collect();
    let tagged = RtenTagger::open(&folder).unwrap().tag(&inputs).unwrap();
    for (tagged, expected) in tagged.iter().zip(&expected) {
        let (tags, text) = (&tagged.tags, &expected.text);
        near(tags.moment, expected.moment, text);
        near(tags.sentiment, expected.sentiment, text);
        near(tags.pain, expected.pain, text);
        near(tags.touchpoint, expected.touchpoint, text);
        let vector = Vector::from_components(expected.vector.clone().into());
        let cosine = tagged.vector.cosine(&vector);
        assert!(cosine > COSINE, "cosine {cosine}: {text}");
    }
}

fn near<T: PartialEq + std::fmt::Debug>(found: Scored<T>, expected: Scored<T>, text: &str) {
    let distance = (found.confidence - expected.confidence).abs();
    assert!(
        distance < CONFIDENCE,
        "{found:?}, expected {expected:?}: {text}"
    );
    // Two labels that are about as likely may change places.
    let tie = expected.confidence < 0.5 + CONFIDENCE;
    assert!(
        tie || found.label == expected.label,
        "{found:?}, expected {expected:?}: {text}"
    );
}
