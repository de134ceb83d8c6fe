//! What a search finds, in which order, and what it says of each hit.

use crate::common::{add, found, id, index_of, parse, quote, search};
use throughline_core::{Moment, Role, Sentiment, SourceKind};
use throughline_index::{Column, Index, Listed, Members, Query, Quote, Sort, SortKey};

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
            language: Some("en".to_owned()),
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

/// Queries, and the quotes that they find.
const LANGUAGE: &[(&str, &[u8])] = &[
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
    ("\"find prices\"~1", &[1]),
    ("\"find prices\"~1 -\"find prices\"", &[1]),
    ("\"prices find\"~2", &[]),
    ("\"prices find\"~3", &[1]),
    ("-\"find prices\"~1", &[2, 3, 4, 5, 6]),
    ("\"could the prices\"~9 checkuot~1", &[1]),
    ("chekout~1", &[1, 3]),
    ("chekcot~1", &[]),
    ("chekcot~2", &[1, 3]),
    ("speaker:dnaa~1", &[1]),
    ("theme:\"What it costs\"", &[2]),
    ("-theme:\"What it costs\" role:interviewer", &[]),
    ("stage:get framework:other", &[2, 5, 6]),
    ("lang:en", &[1]),
    ("lang:unknown kind:survey", &[5]),
    ("like:\"too dear\" kind:survey", &[5]),
];

#[test]
fn each_part_of_the_language_finds_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_of(folder.path(), &quotes());
    for (query, numbers) in LANGUAGE {
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
    let listed = search(&index, "price checkout find").listed;
    assert_eq!(listed[0].id, quotes[0].id);
    let (every_word, score) = relevance(&listed[0]);
    assert!(every_word && !relevance(&listed[1]).0);
    assert!(score > 0.0 && score < 100.0);
    let text = &quotes[0].text;
    let highlights = parse("price checkout find").highlighter().ranges(text);
    let words: Vec<_> = highlights.into_iter().map(|range| &text[range]).collect();
    assert_eq!(words, ["find", "prices", "checkout"]);
    // Two prices in few words beat one in many.
    assert_eq!(found(&index, "price")[0], 4);
    // Fields alone score nothing; ids decide.
    let all = search(&index, "kind:review").listed;
    assert!(all.iter().all(|hit| relevance(hit).1 == 0.0));
    assert!(all.is_sorted_by_key(|hit| hit.id));
}

/// Whether a hit has every word, and its score.
fn relevance(hit: &Listed) -> (bool, f32) {
    match hit.key {
        SortKey::Relevance { every_word, score } => (every_word, score),
        _ => panic!("{hit:?}"),
    }
}

#[test]
fn a_shorter_list_is_the_beginning_of_a_longer_one() {
    let folder = tempfile::tempdir().unwrap();
    // Many ties, in several segments.
    let quotes: Vec<_> = (0..150)
        .map(|n| quote(n, "a", if n % 3 == 0 { "price" } else { "the price" }))
        .collect();
    let index = Index::create(folder.path()).unwrap();
    for batch in quotes.chunks(40) {
        add(&index, batch);
    }
    let first = |most| index.list(&parse("price"), Sort::Relevance, most).unwrap();
    let whole = first(usize::MAX);
    assert_eq!((whole.total, whole.listed.len()), (150, 150));
    let is_longer = |hit: &Listed| hit.id.as_bytes()[15] % 3 != 0;
    assert!(
        whole
            .listed
            .is_sorted_by_key(|hit| (is_longer(hit), hit.id))
    );
    for most in [0, 1, 7, 64, 130, 150, 151] {
        let part = first(most);
        assert_eq!(part.total, 150);
        assert_eq!(part.listed, whole.listed[..most.min(150)], "{most}");
    }
}

#[test]
fn a_query_takes_the_nearest_in_meaning_and_is_narrowed() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_of(folder.path(), &quotes());
    let numbers = |query: &Query| {
        let ids = index.ids(query).unwrap();
        sorted(ids.iter().map(|id| id.as_bytes()[15]).collect())
    };
    let query = parse("like:\"too dear\" role:participant");
    assert_eq!(numbers(&query), [1, 3, 4, 5, 6]);
    let nearest = query.clone().with_nearest([4, 2, 3].map(id).to_vec());
    assert_eq!(numbers(&nearest), [3, 4]);
    assert_eq!(nearest.to_string(), query.to_string());

    let all = Query::all();
    let with = |column, value| numbers(&all.clone().with(column, value));
    assert_eq!(with(Column::Moment, "unclear"), [4]);
    assert_eq!(with(Column::Pain, "yes"), [1]);
    assert_eq!(with(Column::Document, "reviews.csv#1"), [3]);
    assert_eq!(with(Column::Product, "Kettle"), [4]);
    assert_eq!(with(Column::Language, "unknown"), [2, 3, 4, 5, 6]);
    let dana = "interviews/dana.vtt/Dana Ortiz";
    assert_eq!(with(Column::Participant, dana), [1]);
    assert!(with(Column::Participant, "interviews/dana.vtt/Dana").is_empty());
    let stage = Members::Moments(vec![Moment::Purchase]);
    assert_eq!(numbers(&parse("price find").in_stage("buy", stage)), [1]);
    let theme = Members::Passages(vec![id(5), id(1)]);
    assert_eq!(numbers(&parse("find price").in_theme("t", theme)), [1, 5]);
    let both = parse("price").and(parse("-find")).unwrap();
    assert_eq!(numbers(&both), [3, 4, 5]);
    assert!(query.clone().and(query).is_err());
}

#[test]
fn hits_are_counted_by_their_values() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::create(folder.path()).unwrap();
    // In two segments.
    let quotes = quotes();
    add(&index, &quotes[..3]);
    add(&index, &quotes[3..]);
    let columns = [Column::Moment, Column::Product, Column::Document];
    let counts = index.counts(&parse("-role:interviewer"), &columns).unwrap();
    let counts: Vec<Vec<(&str, u64)>> = counts
        .iter()
        .map(|counts| {
            counts
                .iter()
                .map(|(value, n)| (value.as_str(), *n))
                .collect()
        })
        .collect();
    assert_eq!(
        counts[0],
        [("delivery", 1), ("purchase", 1), ("unclear", 1), ("use", 2)]
    );
    assert_eq!(counts[1], [("Kettle", 1), ("Kettle Pro", 1)]);
    assert_eq!(counts[2].len(), 5);
    assert!(
        index
            .counts(&parse("-*"), &columns)
            .unwrap()
            .iter()
            .all(|c| c.is_empty())
    );
}

#[test]
fn hits_are_listed_in_other_orders_and_those_without_come_last() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::create(folder.path()).unwrap();
    let quotes = quotes();
    for batch in quotes.chunks(2) {
        add(&index, batch);
    }
    let list = |sort: Sort, most: usize| {
        let listing = index.list(&parse("*"), sort, most).unwrap();
        assert_eq!(listing.total, 6);
        let in_order = listing
            .listed
            .is_sorted_by(|a, b| sort.compare(a, b).is_lt());
        assert!(in_order, "{sort:?}: {:?}", listing.listed);
        let numbers = listing.listed.iter().map(|one| one.id.as_bytes()[15]);
        numbers.collect::<Vec<_>>()
    };
    // In the order of their ids: 5, 2, 4, 1, 6, 3.
    let by_date = |reverse| list(Sort::Date { reverse }, 9);
    assert_eq!(by_date(false), [3, 2, 1, 4, 5, 6]);
    assert_eq!(by_date(true), [4, 2, 1, 3, 5, 6]);
    assert_eq!(list(Sort::Rating { reverse: false }, 4), [6, 4, 3, 5]);
    assert_eq!(list(Sort::Rating { reverse: true }, 3), [3, 4, 6]);
    let by_name = |reverse| list(Sort::Document { reverse }, 9);
    assert_eq!(by_name(false), [1, 2, 3, 4, 6, 5]);
    assert_eq!(by_name(true), [5, 6, 4, 3, 1, 2]);
    assert_eq!(list(Sort::Relevance, 9).len(), 6);
    assert!(list(Sort::Date { reverse: false }, 0).is_empty());
}

#[test]
fn words_that_nobody_said_are_put_right() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_of(folder.path(), &quotes());
    let respelt = |query: &str| {
        let found = index.respelt(&parse(query)).unwrap();
        found.map(|query| query.to_string())
    };
    assert_eq!(respelt("chekcout quik").as_deref(), Some("checkout quick"));
    assert_eq!(respelt("\"teh prcie\"").as_deref(), Some("\"the price\""));
    assert_eq!(
        respelt("chekcout role:agent").as_deref(),
        Some("checkout role:agent")
    );
    // Known by its stem, known, or too far from everything.
    assert_eq!(respelt("pricing"), None);
    assert_eq!(respelt("price"), None);
    assert_eq!(respelt("zeppelin"), None);
}
