//! The engine that ships says what the weights say.
//!
//! `reference.jsonl` of the model folder holds what the weights in float made of some
//! passages while the model was built, in another engine and in another language:
//! tokens, encoder, context and heads. The engine that ships has them in bytes.

use std::path::{Path, PathBuf};

use throughline_nlp::verify_model;

#[test]
fn bytes_say_what_floats_say() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let folders = match std::env::var_os("THROUGHLINE_TEST_MODEL") {
        Some(folder) => vec![PathBuf::from(folder)],
        None => ["throughline-l6", "fast"]
            .map(|name| shipped.join(name))
            .to_vec(),
    };
    for folder in folders {
        let verified = verify_model(&folder).unwrap();
        println!("{verified:#?}");
        assert!(verified.is_sound(), "{verified:#?}");
        assert!(verified.reference.unwrap().passages > 200);
    }
}
