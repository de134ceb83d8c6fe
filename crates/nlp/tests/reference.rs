//! The engine that ships says what the script that made the model says.
//!
//! `reference.jsonl` of the model folder holds what another engine made of some
//! passages while the model was built: tokens, encoder, context and heads.

use std::path::{Path, PathBuf};

use throughline_nlp::verify_model;

#[test]
fn two_engines_read_the_same() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/minilm-l6-v2");
    let folder = std::env::var_os("THROUGHLINE_TEST_MODEL").map_or(shipped, PathBuf::from);
    let verified = verify_model(&folder).unwrap();
    assert!(verified.is_sound(), "{verified:#?}");
    assert!(verified.reference.unwrap().passages > 20);
}
