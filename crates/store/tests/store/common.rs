//! What the tests share.

use std::ops::ControlFlow;

use tempfile::TempDir;
use throughline_core::{
    Carrier, ContentHash, Document, Explanation, Moment, Scored, Sentiment, Span, Tagged, Tags,
    Touchpoint, Vector, Why, input_hash,
};
use throughline_store::{
    ModelKey, NewSource, PassageRow, Pending, PutCounts, Reading, SourceSummary, Store,
};

/// An empty record in a folder of its own.
pub(crate) fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path()).unwrap();
    (folder, store)
}

/// Turns from pairs of label and words.
pub(crate) fn turns(said: &[(&str, &str)]) -> Vec<(String, String)> {
    said.iter()
        .map(|(label, words)| ((*label).to_owned(), (*words).to_owned()))
        .collect()
}

pub(crate) fn source(name: &str) -> NewSource {
    NewSource {
        name: name.to_owned(),
        path: format!("somewhere/{name}"),
        sha256: ContentHash::of(name.as_bytes()),
        bytes: 7,
        settings_hash: ContentHash::of(b"settings"),
    }
}

/// Reads a whole file into the record: what was put, and what was gone.
pub(crate) fn read(store: &mut Store, name: &str, documents: &[Document]) -> (PutCounts, u64) {
    store.begin_source(&source(name)).unwrap();
    let counts = store.put_documents(name, documents).unwrap();
    let gone = store
        .finish_source(name, &SourceSummary::default())
        .unwrap();
    (counts, gone)
}

pub(crate) fn model(name: &str) -> ModelKey {
    ModelKey {
        sha256: ContentHash::of(name.as_bytes()),
        backend: "test".to_owned(),
    }
}

/// Tags everything that is not tagged, `step` passages at a time, and tells how
/// many that were.
pub(crate) fn tag_all(store: &mut Store, model: &ModelKey, step: usize) -> usize {
    let mut count = 0;
    loop {
        let pending = store.pending(model, step).unwrap();
        if pending.is_empty() {
            return count;
        }
        let readings: Vec<_> = pending.iter().map(reading_of).collect();
        store.put_tagged(model, &readings).unwrap();
        count += readings.len();
    }
}

/// What a model says of a passage that it has not read.
pub(crate) fn reading_of(one: &Pending) -> Reading {
    let context = one.context.as_deref();
    Reading {
        passage: one.passage,
        input: input_hash(&one.text, context),
        tagged: tagged(&one.text, context),
        adapted: None,
    }
}

/// Every passage in order.
pub(crate) fn passages(store: &Store, model: Option<&ModelKey>) -> Vec<PassageRow> {
    let mut rows = Vec::new();
    store
        .each_passage(model, &mut |row| {
            rows.push(row);
            ControlFlow::Continue(())
        })
        .unwrap();
    rows
}

/// The words of every passage in order.
pub(crate) fn words(store: &Store) -> Vec<String> {
    passages(store, None)
        .into_iter()
        .map(|row| row.text)
        .collect()
}

/// What a model that hashes its input would say of it.
pub(crate) fn tagged(text: &str, context: Option<&str>) -> Tagged {
    let hash = input_hash(text, context);
    let [a, b, c, d, ..] = *hash.as_bytes();
    let share = |byte: u8| f32::from(byte) / 255.0;
    let tags = Tags {
        moment: Scored {
            label: pick(Moment::ALL, a),
            confidence: share(b),
        },
        unclear: a > 200,
        sentiment: Scored {
            label: pick(Sentiment::ALL, b),
            confidence: share(c),
        },
        valence: share(c) * 2.0 - 1.0,
        pain: Scored {
            label: c > 127,
            confidence: share(d),
        },
        touchpoint: Scored {
            label: pick(Touchpoint::ALL, d),
            confidence: share(a),
        },
    };
    let own = input_hash(text, None);
    let components = own
        .as_bytes()
        .iter()
        .map(|byte| byte.cast_signed())
        .collect();
    Tagged {
        tags,
        vector: Vector::from_components(components),
    }
}

fn pick<T: Copy>(all: &[T], byte: u8) -> T {
    all[usize::from(byte) % all.len()]
}

/// An explanation with something in every field; `drop` tells it from others.
pub(crate) fn explanation(drop: f32) -> Explanation {
    fn why<T>(label: T, other: Option<T>, drop: f32) -> Why<T> {
        let scored = |label| Scored {
            label,
            confidence: 0.4,
        };
        Why {
            answer: scored(label),
            runner_up: other.map(scored),
            words: vec![Carrier {
                span: Span { start: 0, end: 3 },
                drop,
            }],
            context: Some(0.1),
        }
    }
    Explanation {
        moment: why(Moment::Use, Some(Moment::Setup), drop),
        sentiment: why(Sentiment::Mixed, None, drop),
        pain: why(true, Some(false), drop),
        touchpoint: why(Touchpoint::Pay, Some(Touchpoint::None), drop),
    }
}
