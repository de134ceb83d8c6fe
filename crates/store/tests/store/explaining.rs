//! Why passages have their tags.

use throughline_core::input_hash;
use throughline_store::{Store, StoreError};

use crate::common::{explanation, model, passages, read, store, tag_all, turns};
use crate::testing::document;

/// Explains every passage, each with a drop of its own.
fn explain_all(store: &mut Store, method: u32) {
    let explained: Vec<_> = passages(store, None)
        .iter()
        .enumerate()
        .map(|(number, row)| {
            let input = input_hash(&row.text, row.context.as_deref());
            (row.id, input, explanation(number as f32 / 8.0))
        })
        .collect();
    let kept = store
        .put_explanations(&model("m"), method, &explained)
        .unwrap();
    assert_eq!(kept, explained.len() as u64);
}

#[test]
fn an_explanation_belongs_to_a_passage_a_model_and_a_method() {
    let (_folder, mut store) = store();
    let said = turns(&[("INT", "Why"), ("P1", "Price. Queue")]);
    read(&mut store, "a.txt", &[document("a.txt", &said)]);
    tag_all(&mut store, &model("m"), 9);
    let generation = store.generation().unwrap();
    explain_all(&mut store, 1);
    assert_eq!(store.generation().unwrap(), generation);
    let ids: Vec<_> = passages(&store, None).iter().map(|row| row.id).collect();
    let why = store.explanations(&model("m"), 1, &ids).unwrap();
    assert_eq!(why[2], Some(explanation(0.25)));
    assert!(why.iter().all(Option::is_some));
    for (name, method) in [("other", 1), ("m", 2)] {
        let none = store.explanations(&model(name), method, &ids).unwrap();
        assert!(none.iter().all(Option::is_none));
    }
    explain_all(&mut store, 2);
    let earlier = store.explanations(&model("m"), 1, &ids).unwrap();
    assert!(earlier.iter().all(Option::is_none));
}

#[test]
fn it_stays_with_what_stayed_the_same_and_goes_with_what_went() {
    let (_folder, mut store) = store();
    let before = turns(&[("INT", "Why"), ("P1", "Price. Queue"), ("P1", "Staff")]);
    read(&mut store, "a.txt", &[document("a.txt", &before)]);
    explain_all(&mut store, 1);
    let after = turns(&[("INT", "Why"), ("P1", "Price. Noise"), ("P1", "Staff")]);
    read(&mut store, "a.txt", &[document("a.txt", &after)]);
    let ids: Vec<_> = passages(&store, None).iter().map(|row| row.id).collect();
    let why = store.explanations(&model("m"), 1, &ids).unwrap();
    let kept: Vec<_> = why.iter().map(Option::is_some).collect();
    assert_eq!(kept, [true, true, false, true]);

    let other = [(ids[0], input_hash("Other", None), explanation(0.5))];
    assert!(matches!(
        store.put_explanations(&model("m"), 1, &other),
        Err(StoreError::OtherInput(_))
    ));
    store.remove_source("a.txt").unwrap();
    let gone = [(ids[0], input_hash("Why", None), explanation(0.5))];
    let kept = store.put_explanations(&model("m"), 1, &gone).unwrap();
    assert_eq!(kept, 0);
}
