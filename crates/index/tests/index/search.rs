//! What a search finds, in which order, and what it says of each hit.

use crate::common::{add, found, index_of, parse, quote, search};
use throughline_core::{Moment, Role, Sentiment, SourceKind};
use throughline_index::{Index, Page, Query, Quote};

/// Six quotes that differ in everything a query can ask for.
fn quotes() -> Vec<Quote> {
    vec![
        Quote {
            speaker: Some("Dana Ortiz".to_owned()),
            participant: Some("interviews/dana.vtt/Dana Ortiz".to_owned()),
            kind: SourceKind::Interview,
            moment: Moment::Purchase,
            sentiment: Sentiment::Negative,
            pain: true,
            date: "2025-01-31".parse().ok(),
            ..quote(
                1,
                "interviews/dana.vtt",
                "I could not find the prices at the checkout.",
            )
        },
        Quote {
            speaker: Some("Interviewer".to_owned()),
            role: Role::Interviewer,
            kind: SourceKind::Interview,
            date: "2025-01-31".parse().ok(),
            ..quote(2, "interviews/dana.vtt", "What did you pay?")
        },
        Quote {
            rating: Some(4.5),
            date: "2025-03-01".parse().ok(),
            moment: Moment::Delivery,
            product: Some("Kettle Pro".to_owned()),
            ..quote(3, "reviews.csv#1", "Checkout was quick; the price is fine.")
        },
        Quote {
            rating: Some(1.0),
            date: "2024-12-31".parse().ok(),
            moment: Moment::Purchase,
            unclear: true,
            product: Some("Kettle".to_owned()),
            ..quote(
                4,
                "reviews.csv#10",
                "The price! The price! And the caf\u{e9} was shut.",
            )
        },
        Quote {
            question: Some("What would you change?".to_owned()),
            kind: SourceKind::Survey,
            ..quote(5, "survey.csv#1", "Pricing e-mails, please.")
        },
        Quote {
            rating: Some(-0.0),
            ..quote(6, "reviews.csv#2", "")
        },
    ]
}

fn sorted(mut numbers: Vec<u8>) -> Vec<u8> {
    numbers.sort_unstable();
    numbers
}

#[test]
fn each_part_of_the_language_finds_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_of(folder.path(), &quotes());
    let cases: &[(&str, &[u8])] = &[
        ("price", &[1, 3, 4, 5]),
        ("\"price\"", &[3, 4]),
        ("\"the price\"", &[3, 4]),
        ("\"the prices\"", &[1]),
        ("\"price the\"", &[4]),
        ("pri*", &[1, 3, 4, 5]),
        ("cafe", &[4]),
        ("\"cafe\"", &[]),
        ("e-mails", &[5]),
        ("price -checkout", &[4, 5]),
        ("price AND checkout", &[1, 3]),
        ("quick OR find", &[1, 3]),
        ("quick find", &[1, 3]),
        ("nowhere quick", &[3]),
        ("\"quick\" find", &[]),
        ("-price", &[2, 6]),
        ("* -role:interviewer", &[1, 3, 4, 5, 6]),
        ("-*", &[]),
        ("price OR -price", &[1, 2, 3, 4, 5, 6]),
        ("stage:get", &[1, 3]),
        ("stage:odd", &[1, 3]),
        ("-stage:odd", &[2, 4, 5, 6]),
        ("price -stage:odd", &[4, 5]),
        ("stage:odd AND price AND pain:no", &[3]),
        ("stage:odd OR rating:0", &[1, 3, 6]),
        ("moment:purchase", &[1]),
        ("moment:unclear", &[4]),
        ("sentiment:negative", &[1]),
        ("pain:yes", &[1]),
        ("pain:no", &[2, 3, 4, 5, 6]),
        ("role:interviewer", &[2]),
        ("kind:survey", &[5]),
        ("speaker:dana", &[1]),
        ("speaker:\"ortiz dana\"", &[]),
        ("participant:dana.vtt/dana", &[1]),
        ("speaker:int*", &[2]),
        ("doc:reviews.csv", &[3, 4, 6]),
        ("doc:reviews.csv#1", &[3]),
        ("doc:csv#1", &[3, 5]),
        ("product:kettle -product:pro", &[4]),
        ("question:\"would you\"", &[5]),
        ("rating:>=4", &[3]),
        ("rating:0", &[6]),
        ("rating:<=1", &[4, 6]),
        ("rating:<1", &[6]),
        ("rating:1..4.5", &[3, 4]),
        ("date:2025-01", &[1, 2]),
        ("date:2025", &[1, 2, 3]),
        ("date:<2025", &[4]),
        ("date:>2025-01", &[3]),
        ("date:2024..2025-01", &[1, 2, 4]),
        ("-\"the price\" price", &[1, 5]),
        ("-(\"the price\" OR speaker:\"dana ortiz\")", &[2, 5, 6]),
    ];
    for (query, numbers) in cases {
        let parsed = parse(query);
        assert_eq!(&sorted(found(&index, query)), numbers, "{query}");
        assert_eq!(
            index.count(&parsed).unwrap(),
            numbers.len() as u64,
            "{query}"
        );
        let ids = index.ids(&parsed).unwrap();
        assert!(ids.is_sorted());
        let of_ids = ids.iter().map(|id| id.as_bytes()[15]).collect();
        assert_eq!(&sorted(of_ids), numbers, "{query}");
    }
    assert_eq!(index.count(&Query::all()).unwrap(), 6);
}

#[test]
fn every_word_comes_before_some_words_and_a_hit_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let quotes = quotes();
    let index = index_of(folder.path(), &quotes);
    let results = search(&index, "price checkout find");
    let first = &results.hits[0];
    assert_eq!(first.id, quotes[0].id);
    assert_eq!(
        (first.start, first.document.as_str()),
        (100, "interviews/dana.vtt")
    );
    assert!(first.every_word && !results.hits[1].every_word);
    assert!(first.score > 0.0 && first.score < 100.0);
    let words: Vec<_> = first
        .highlights
        .iter()
        .map(|r| &first.text[r.clone()])
        .collect();
    assert_eq!(words, ["find", "prices", "checkout"]);
    // Two prices in few words beat one in many.
    assert_eq!(found(&index, "price")[0], 4);
    // Fields alone score nothing; ids decide.
    let all = search(&index, "kind:review");
    assert!(all.hits.iter().all(|hit| hit.score == 0.0));
    assert!(all.hits.is_sorted_by_key(|hit| hit.id));
}

#[test]
fn pages_are_slices_of_one_order() {
    let folder = tempfile::tempdir().unwrap();
    // Many ties, in several segments.
    let quotes: Vec<_> = (0..150)
        .map(|n| quote(n, "a", if n % 3 == 0 { "price" } else { "the price" }))
        .collect();
    let index = Index::create(folder.path()).unwrap();
    for batch in quotes.chunks(40) {
        add(&index, batch);
    }
    let page = |limit, offset| {
        index
            .search(&parse("price"), &Page { limit, offset })
            .unwrap()
    };
    let whole = page(usize::MAX, 0);
    assert_eq!((whole.total, whole.hits.len()), (150, 150));
    let better = |hit: &throughline_index::Hit| (-hit.score as i32, hit.id);
    assert!(
        whole
            .hits
            .is_sorted_by_key(|hit| (hit.text.len(), better(hit).1))
    );
    for (limit, offset) in [(0, 0), (1, 0), (7, 3), (40, 130), (5, 150), (5, usize::MAX)] {
        let part = page(limit, offset);
        assert_eq!(part.total, 150);
        let expected: Vec<_> = whole
            .hits
            .iter()
            .skip(offset)
            .take(limit)
            .cloned()
            .collect();
        assert_eq!(part.hits, expected, "{limit} from {offset}");
    }
}
