//! What the study's own heads say lies over what the model says.

use throughline_core::{
    Anchor, Moment, ParticipantId, PassageId, Scored, Sentiment, Tags, Touchpoint,
};
use throughline_store::{Judgement, Store, kind};

use crate::common::{model, passages, read, reading_of, store, tag_all, turns};
use crate::testing::document;

/// Two people's tagged words.
fn full(store: &mut Store) -> throughline_core::Document {
    let said = [("P1", "The café was dear. We left"), ("P2", "It was kind")];
    let talk = document("a.txt", &turns(&said));
    read(store, "a.txt", std::slice::from_ref(&talk));
    tag_all(store, &model("m"), 10);
    talk
}

/// The tags of a passage as heads would give them.
fn adapted(store: &Store, place: usize) -> Option<(PassageId, Tags)> {
    let row = passages(store, Some(&model("m"))).into_iter().nth(place)?;
    let mut tags = row.machine_tags?;
    tags.touchpoint = Scored {
        label: match tags.touchpoint.label {
            Touchpoint::Pay => Touchpoint::Staff,
            _ => Touchpoint::Pay,
        },
        confidence: 0.6,
    };
    tags.put_sentiment(Scored {
        label: Sentiment::Negative,
        confidence: 0.7,
    });
    Some((row.id, tags))
}

#[test]
fn heads_stand_between_the_model_and_the_people() {
    let (folder, mut store) = store();
    let talk = full(&mut store);
    let m = model("m");
    let before = passages(&store, Some(&m));
    let generation = store.generation().unwrap();
    let (id, tags) = adapted(&store, 0).unwrap();
    store.put_own_heads(&m, "heads", &[(id, tags)]).unwrap();
    assert!(store.generation().unwrap() > generation);
    assert_eq!(
        store.own_heads().unwrap(),
        [(m.clone(), "heads".to_owned())]
    );
    let now = passages(&store, Some(&m));
    assert_eq!((now[0].tags, now[0].adapted_tags), (Some(tags), Some(tags)));
    assert_eq!(tags.valence, -0.7);
    assert_eq!(now[0].machine_tags, before[0].tags);
    assert_eq!(now[1..], before[1..]);
    assert_eq!(store.passage(Some(&m), id).unwrap().as_ref(), Some(&now[0]));

    // What a person decides goes before, tag by tag.
    let span = talk.passages[0].span;
    let judgement = Judgement {
        id: "1.1".to_owned(),
        anchor: Anchor::on(&talk.name, &talk.text, span).unwrap(),
        kind: kind::TOUCHPOINT.to_owned(),
        value: "docs".to_owned(),
        author: "Lee".to_owned(),
        time: "2025-01-01T00:00:00Z".to_owned(),
        reason: None,
    };
    store.put_judgements(&[judgement]).unwrap();
    let tags = passages(&store, Some(&m))[0].tags.unwrap();
    assert_eq!(tags.touchpoint.label, Touchpoint::Docs);
    assert_eq!(tags.sentiment.label, Sentiment::Negative);

    // Others take their place; another model's passages have none.
    let (id, tags) = adapted(&store, 1).unwrap();
    store.put_own_heads(&m, "others", &[(id, tags)]).unwrap();
    let now = passages(&store, Some(&m));
    assert_eq!(now[0].adapted_tags, None);
    assert_eq!(now[1].tags, Some(tags));
    tag_all(&mut store, &model("other"), 10);
    assert_eq!(
        passages(&store, Some(&model("other")))[1].adapted_tags,
        None
    );

    store.close().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(passages(&store, Some(&m))[1].tags, Some(tags));
    assert!(store.remove_own_heads().unwrap());
    let generation = store.generation().unwrap();
    assert_eq!(passages(&store, Some(&m))[1..], before[1..]);
    assert!(store.own_heads().unwrap().is_empty());
    assert!(!store.remove_own_heads().unwrap());
    assert_eq!(store.generation().unwrap(), generation);
}

#[test]
fn heads_that_change_nothing_make_nothing_stale() {
    let (_folder, mut store) = store();
    full(&mut store);
    let generation = store.generation().unwrap();
    store.put_own_heads(&model("m"), "tested", &[]).unwrap();
    assert_eq!(store.generation().unwrap(), generation);
}

#[test]
fn what_heads_say_is_kept_with_the_reading_and_moves_with_its_words() {
    let (_folder, mut store) = store();
    let m = model("m");
    read(
        &mut store,
        "a.txt",
        &[document("a.txt", &turns(&[("P1", "One")]))],
    );
    let pending = store.pending(&m, 1).unwrap();
    let mut reading = reading_of(&pending[0]);
    reading.tagged.tags.moment.label = Moment::Use;
    let mut tags = reading.tagged.tags;
    tags.moment.label = Moment::Support;
    reading.adapted = Some(tags);
    store.put_tagged(&m, &[reading]).unwrap();
    assert_eq!(passages(&store, Some(&m))[0].tags, Some(tags));
    let longer = turns(&[("P1", "Before it"), ("P1", "One")]);
    read(&mut store, "a.txt", &[document("a.txt", &longer)]);
    let now = passages(&store, Some(&m));
    assert_eq!((now[0].tags, now[1].tags), (None, Some(tags)));
}

#[test]
fn who_withdraws_takes_the_heads_along() {
    let (_folder, mut store) = store();
    full(&mut store);
    let m = model("m");
    let one = adapted(&store, 0).unwrap();
    store.put_own_heads(&m, "heads", &[one]).unwrap();
    let gone = ParticipantId::speaker("a.txt", "P2");
    assert!(store.remove_participant(&gone).unwrap().own_heads);
    assert!(store.own_heads().unwrap().is_empty());
    let now = passages(&store, Some(&m));
    assert!(now.iter().all(|row| row.adapted_tags.is_none()));
    assert!(!store.remove_document("a.txt").unwrap().own_heads);
}
