//! The query language: what parses to what, and what is refused where.

use crate::common::{Names, parse};
use proptest::prelude::*;
use throughline_index::Query;

#[test]
fn a_query_prints_as_it_could_be_typed() {
    let cases = [
        ("Slow   CHECKOUT", "slow checkout"),
        ("\u{201c}Could not FIND\u{201d}", "\"could not find\""),
        ("pric* e-mail don\u{2019}t", "pric* e-mail don't"),
        ("slow,expensive... (ugly)", "slow expensive ugly"),
        ("a AND b OR NOT c d", "((a AND b) OR -c) d"),
        ("stage:get price OR cost", "stage:get (price OR cost)"),
        ("-(-x)", "x"),
        ("--x - y \u{2013} z", "-x y z"),
        ("NOT NOT x", "x"),
        ("*", "*"),
        ("-*", "-*"),
        (
            "Moment:Unclear PAIN:1 kind:survey",
            "moment:unclear pain:yes kind:survey",
        ),
        (
            "speaker:\"Dana Ortiz\" doc:reviews.csv#12",
            "speaker:\"dana ortiz\" doc:\"reviews csv 12\"",
        ),
        ("speaker:dan* stage:\"get\"", "speaker:dan* stage:get"),
        (
            "text:price text:\"a price\" text:pri*",
            "price \"a price\" pri*",
        ),
        (
            "rating:>=4 rating:1..3 rating:2.50 rating:..2",
            "rating:>=4 rating:1..3 rating:2.5 rating:<=2",
        ),
        ("rating:>-0 rating:<1e2", "rating:>0 rating:<100"),
        (
            "date:2024 date:2025-02",
            "date:2024-01-01..2024-12-31 date:2025-02-01..2025-02-28",
        ),
        (
            "date:>2024-02 date:<2024 date:2025-01..2025-03-10",
            "date:>2024-02-29 date:<2024-01-01 date:2025-01-01..2025-03-10",
        ),
        ("12:30 12-30", "12 30 12-30"),
        (
            "\"Could FIND\"~3 \"could find\"~0 text:\"a b\"~12",
            "\"could find\"~3 \"could find\" \"a b\"~12",
        ),
        (
            "Delivry~ price~ cost~1 costs~2 late~0",
            "delivry~2 price~1 cost~1 costs~2 \"late\"",
        ),
        (
            "text:delivry~1 speaker:Dana~ doc:\"dana interviews\"~4",
            "delivry~1 speaker:dana~1 doc:\"dana interviews\"~4",
        ),
        // Prose.
        ("5~10 ~5 a~b ~~", "5 10 5 a b"),
        (
            "theme:\"What it costs\" lang:EN lang:unknown",
            "theme:\"What it costs\" lang:en lang:unknown",
        ),
        (
            "stage:get FRAMEWORK:Other price",
            "stage:get framework:other price",
        ),
        (
            "(price AND like:\"It costs  too much!\") pain:yes",
            "(price AND like:\"It costs  too much!\") pain:yes",
        ),
        (
            "near:00000000000000000000000000000001",
            "near:00000000000000000000000000000001",
        ),
    ];
    for (typed, printed) in cases {
        let query = parse(typed);
        assert_eq!(query.to_string(), printed, "{typed}");
        assert_eq!(parse(printed), query, "{typed}");
    }
}

#[test]
fn a_wrong_query_is_refused_at_its_column_with_a_hint() {
    let cases = [
        ("", 1, "nothing to look for"),
        ("  ?! \u{1f642}", 1, "nothing to look for"),
        ("price (cost", 7, "not closed"),
        ("price cost)", 11, "closes nothing"),
        ("()", 2, "before this parenthesis"),
        ("caf\u{e9} \"price", 6, "not closed"),
        ("\"...\"", 2, "between the quotation marks"),
        ("\"a b\"~", 6, "not how near"),
        ("\"a b\"~51", 6, "a number up to 50"),
        ("\"a b a\"~3", 8, "each word only once"),
        ("\"price\"~2", 8, "write price~1"),
        ("\"a b\"*", 6, "'*' has no meaning"),
        ("price~3", 6, "one or two letters"),
        ("e-mail~", 7, "single word"),
        ("speaker:a.b~1", 12, "single word"),
        (
            "moment:\"use it\"~3",
            9,
            "'~' has no meaning in the field 'moment'",
        ),
        (
            "a theme:\"what it cost\"",
            10,
            "did you mean 'What it costs'?",
        ),
        ("a theme:price", 9, "known are: What it costs"),
        ("a framework:othr", 13, "did you mean 'other'?"),
        ("lang:english", 6, "its two letters"),
        ("like:\"...\"", 7, "no letter or digit to be like"),
        ("near:xyz", 6, "no id of a passage"),
        ("a OR like:b", 6, "beside OR"),
        ("a -(b like:c)", 7, "under NOT"),
        ("-framework:other", 2, "under NOT"),
        ("like:a b like:c", 10, "second like:"),
        ("stge:get", 1, "did you mean 'stage'?"),
        ("stage:gett", 7, "did you mean 'get'?"),
        ("stage:nowhere", 7, "known are: get, odd"),
        (
            "\u{e9}\u{e9} moment:purchas",
            11,
            "did you mean 'purchase'?",
        ),
        (
            "sentiment:\"sad\"",
            12,
            "known are: negative, neutral, positive, mixed",
        ),
        ("pain:perhaps", 6, "known are: yes, no"),
        ("speaker: dana", 9, "has no value"),
        ("speaker:(a OR b)", 9, "one value"),
        ("speaker:...", 9, "no letter or digit"),
        ("doc:a.b*", 8, "single word"),
        ("rating:good", 8, "'good' is no rating"),
        ("rating:nan", 8, "'nan' is no rating"),
        ("rating:3..1", 8, "ends before it starts"),
        ("date:2025-13", 6, "'2025-13' is no date"),
        ("date:..", 6, "no end at all"),
        ("a AND", 6, "missing at the end"),
        ("OR a", 1, "nothing to work on"),
        ("a OR AND b", 6, "nothing to work on"),
        ("pr*ce", 3, "single word"),
    ];
    for (typed, column, says) in cases {
        let error = Query::parse(typed, &Names).unwrap_err();
        assert_eq!(error.column, column, "{typed}: {error}");
        let shown = error.to_string();
        assert!(shown.contains(says), "{typed}: {shown}");
        assert!(shown.starts_with(&format!("column {column}: ")), "{shown}");
    }
    let error = Query::parse("caf\u{e9}\tmoment:purchas", &Names).unwrap_err();
    assert_eq!(error.pointed(), "caf\u{e9} moment:purchas\n            ^");
}

#[test]
fn endless_queries_are_refused() {
    for endless in [
        "(".repeat(100_000),
        "a ".repeat(100_000),
        "-(".repeat(50_000),
    ] {
        assert!(Query::parse(&endless, &Names).is_err());
    }
    // Long, but one part.
    assert!(Query::parse(&"NOT ".repeat(1_001), &Names).is_err());
    assert_eq!(parse(&("NOT ".repeat(1_000) + "x")), parse("x"));
}

/// Pieces that make queries which often parse.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "price",
        "Slow",
        "e-mail",
        "caf\u{e9}",
        "3.5",
        "\u{4fa1}\u{683c}",
        "pric*",
        "\"a b\"",
        "(",
        ")",
        " ",
        "AND",
        "OR",
        "NOT",
        "-",
        "*",
        "stage:get",
        "stage:\"get\"",
        "moment:use",
        "moment:unclear",
        "pain:no",
        "speaker:\"Dana Ortiz\"",
        "doc:a.txt",
        "doc:a*",
        "rating:>=4.5",
        "rating:1..3",
        "date:2025-01..",
        "date:<2024",
        "text:x",
        "\"a b c\"~3",
        "pricy~",
        "\u{e9}t\u{e9}~1",
        "speaker:dan~2",
        "theme:\"What it costs\"",
        "framework:other",
        "like:\"too dear\"",
        "like:dear",
        "near:000102030405060708090a0b0c0d0e0f",
        "lang:de",
        "~2",
        "\"",
        ":",
        "~",
        "rating:",
        "I\u{307}\u{130}",
        "\u{2019}s",
    ]);
    prop::collection::vec((piece, prop::sample::select(vec![" ", " ", ""])), 0..12)
        .prop_map(|pieces| pieces.into_iter().map(|(a, b)| a.to_owned() + b).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_panics_and_what_parses_round_trips(text in prop_oneof![any::<String>(), pieces()]) {
        match Query::parse(&text, &Names) {
            Ok(query) => {
                let printed = query.to_string();
                let again = Query::parse(&printed, &Names);
                prop_assert_eq!(again.as_ref(), Ok(&query), "{:?}", printed);
            }
            Err(error) => {
                prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1);
                prop_assert!(!error.hint.is_empty());
            }
        }
    }
}
