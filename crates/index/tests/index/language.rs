//! The query language: what parses to what, and what is refused where.

use crate::common::{parse, stages};
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
        ("\"a b\"~3", 6, "'~' has no meaning"),
        ("price~", 6, "'~' has no meaning"),
        ("a theme:price", 3, "no field 'theme'"),
        ("stge:get", 1, "did you mean 'stage'?"),
        ("stage:gett", 7, "no stage 'gett'"),
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
        ("doc:a.b*", 5, "one word only"),
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
        let error = Query::parse(typed, &stages).unwrap_err();
        assert_eq!(error.column, column, "{typed}: {error}");
        let shown = error.to_string();
        assert!(shown.contains(says), "{typed}: {shown}");
        assert!(shown.starts_with(&format!("column {column}: ")), "{shown}");
    }
}

#[test]
fn endless_queries_are_refused() {
    for endless in [
        "(".repeat(100_000),
        "a ".repeat(100_000),
        "-(".repeat(50_000),
    ] {
        assert!(Query::parse(&endless, &stages).is_err());
    }
    // Long, but one part.
    assert!(Query::parse(&"NOT ".repeat(1_001), &stages).is_err());
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
        match Query::parse(&text, &stages) {
            Ok(query) => {
                let printed = query.to_string();
                let again = Query::parse(&printed, &stages);
                prop_assert_eq!(again.as_ref(), Ok(&query), "{:?}", printed);
            }
            Err(error) => {
                prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1);
                prop_assert!(!error.hint.is_empty());
            }
        }
    }
}
