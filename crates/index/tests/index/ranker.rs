//! Shares of a plain text.

use std::sync::Arc;

use crate::common::{id, index_of, parse, places, quote};
use throughline_core::PlaceSet;
use throughline_index::{Index, Ranker, Shares};

fn index(folder: &std::path::Path) -> Index {
    index_of(
        folder,
        &[
            quote(1, "a", "The parcel came late."),
            quote(2, "a", "I called support."),
            quote(3, "b", "Late again: the parcels, the parcel!"),
            quote(4, "c", "Nothing to say."),
        ],
    )
}

/// The shares of the quotes 1 to 4, and those of their documents.
fn shares(text: &str, within: Option<&[u8]>) -> (Vec<f32>, Vec<f32>) {
    let folder = tempfile::tempdir().unwrap();
    let (places, ids) = places(&index(folder.path()));
    let ranker = Ranker::new(Arc::new(places)).unwrap();
    assert_eq!(ranker.documents(), ["a", "b", "c"]);
    let place = |n| ids.binary_search(&id(n)).unwrap();
    let within = within.map(|within| {
        let mut set = PlaceSet::new(4);
        within.iter().for_each(|n| set.insert(place(*n)));
        set
    });
    let Shares {
        passages,
        documents,
    } = ranker.shares(text, within.as_ref()).unwrap();
    assert_eq!(
        [1, 2, 3, 4].map(|n| ranker.document_of()[place(n)]),
        [0, 0, 1, 2]
    );
    ([1, 2, 3, 4].map(|n| passages[place(n)]).to_vec(), documents)
}

#[test]
fn shares_say_how_much_of_the_text_is_there() {
    let (passages, documents) = shares("late parcel", None);
    assert!(
        passages[2] > passages[0] && passages[0] > 0.3,
        "{passages:?}"
    );
    assert_eq!((passages[1], passages[3], documents[2]), (0.0, 0.0, 0.0));
    assert!(
        passages
            .iter()
            .chain(&documents)
            .all(|share| (0.0..1.0).contains(share))
    );
    // A word that occurs nowhere is a part of the text that nobody holds.
    let (with_unknown, _) = shares("late parcel zyzzyva", None);
    assert!(with_unknown[0] < passages[0] * 0.7);
    // A word that is said twice weighs twice.
    let (twice, _) = shares("support support parcel", None);
    let (once, _) = shares("support parcel", None);
    assert!(twice[1] > once[1] && twice[0] < once[0]);
}

#[test]
fn a_document_is_its_passages_together() {
    let (passages, documents) = shares("parcel support", None);
    assert!(documents[0] > passages[0].max(passages[1]));
    let (_, narrowed) = shares("parcel support", Some(&[1, 3]));
    assert!(narrowed[0] < documents[0]);
    assert_eq!(narrowed[1], documents[1]);
    let (_, nothing) = shares("parcel support", Some(&[]));
    assert_eq!(nothing, [0.0; 3]);
}

#[test]
fn nothing_in_a_text_is_syntax() {
    for text in [
        "",
        "\"",
        "late AND -parcel (",
        "stage:purchase",
        "a~9 *",
        "\u{0}:\u{feff}",
    ] {
        shares(text, None);
    }
    assert_eq!(
        shares("Late, \"PARCELS\"?", None),
        shares("late parcel", None)
    );
}

#[test]
fn holders_of_plain_words_have_the_shares_that_the_ranker_gives() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    let (places, ids) = places(&index);
    let places = Arc::new(places);
    let ranker = Ranker::new(Arc::clone(&places)).unwrap();
    for text in ["late parcel", "parcels zyzzyva late", "support", "zyzzyva"] {
        let plain = parse(text).plain().unwrap();
        assert_eq!(plain.text(), text);
        let holders = places.holders(&plain, None).unwrap();
        let shares = ranker.shares(text, None).unwrap();
        let shared = shares.passages.iter().filter(|share| **share > 0.0);
        assert_eq!(holders.len(), shared.count(), "{text}");
        for held in holders {
            // Scores of the index are rounded.
            assert!(
                (shares.passages[held.place] - held.share).abs() < 1e-2,
                "{text}"
            );
        }
    }
    let plain = parse("late doc:b parcel").plain().unwrap();
    assert_eq!(plain.text(), "late parcel");
    assert_eq!(plain.conditions(), &parse("doc:b"));
    let within = places.matching(plain.conditions()).unwrap();
    let held = places.holders(&plain, Some(&within)).unwrap();
    let held: Vec<_> = held.iter().map(|held| ids[held.place]).collect();
    assert_eq!(held, [id(3)]);
}

#[test]
fn quotes_without_a_place_are_a_reason_to_rebuild() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    let error = index
        .places(4, &|ids| vec![None; ids.len()])
        .unwrap_err()
        .to_string();
    assert!(error.contains("rebuild"), "{error}");
    assert!(
        index
            .places(3, &|ids| ids
                .iter()
                .map(|id| Some(usize::from(id.as_bytes()[15] - 1)))
                .collect())
            .is_err()
    );
}

#[test]
fn what_is_meant_as_it_is_said_is_not_plain() {
    for query in [
        "*",
        "\"late parcel\"",
        "late AND parcel",
        "-late",
        "doc:b",
        "late parc*",
    ] {
        assert_eq!(parse(query).plain(), None, "{query}");
    }
}
