//! Any filter's hits equal those of a scan by hand.

use crate::common::{found, index_of, quote};
use proptest::prelude::*;
use throughline_core::{Date, Moment, Role, Sentiment, SourceKind, Touchpoint};
use throughline_index::Quote;

/// A condition as typed, and as anybody would check it by hand.
#[derive(Debug, Clone)]
enum Condition {
    Word(&'static str),
    Phrase(&'static str, &'static str),
    Moment(Option<Moment>),
    Stage,
    Sentiment(Sentiment),
    Pain(bool),
    Touchpoint(Touchpoint),
    Role(Role),
    Kind(SourceKind),
    Speaker(&'static str),
    Document(u8),
    RatingFrom(i8),
    RatingBetween(i8, i8),
    DateBefore(u8),
    DateBetween(u8, u8),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Beside(Box<Condition>, Box<Condition>),
}

use Condition::{And, Beside, Not, Or};

/// Words that are their own stems and no others'.
const WORDS: [&str; 5] = ["slow", "cart", "app", "help", "blue"];
const SPEAKERS: [&str; 3] = ["Dana Ortiz", "Dana", "Kim"];

fn day(n: u8) -> Date {
    Date::new(2024 + u16::from(n) / 12, n % 12 + 1, 15).unwrap()
}

impl Condition {
    fn typed(&self) -> String {
        match self {
            Self::Word(word) => (*word).to_owned(),
            Self::Phrase(a, b) => format!("\"{a} {b}\""),
            Self::Moment(None) => "moment:unclear".to_owned(),
            Self::Moment(Some(moment)) => format!("moment:{moment}"),
            Self::Stage => "stage:get".to_owned(),
            Self::Sentiment(sentiment) => format!("sentiment:{sentiment}"),
            Self::Pain(pain) => format!("pain:{pain}"),
            Self::Touchpoint(touchpoint) => format!("touchpoint:{touchpoint}"),
            Self::Role(role) => format!("role:{role}"),
            Self::Kind(kind) => format!("kind:{kind}"),
            Self::Speaker(name) => format!("speaker:\"{name}\""),
            Self::Document(n) => format!("doc:t.csv#{n}"),
            Self::RatingFrom(from) => format!("rating:>={from}"),
            Self::RatingBetween(from, to) => format!("rating:{from}..{to}"),
            Self::DateBefore(n) => format!("date:<{}", day(*n)),
            Self::DateBetween(from, to) => format!("date:{}..{}", day(*from), day(*to)),
            Not(inner) => format!("-({})", inner.typed()),
            And(a, b) => format!("({}) AND ({})", a.typed(), b.typed()),
            Or(a, b) => format!("({}) OR ({})", a.typed(), b.typed()),
            Beside(a, b) => format!("({}) ({})", a.typed(), b.typed()),
        }
    }

    /// True for a plain word, also where it is negated twice.
    fn is_word(&self) -> bool {
        match self {
            Self::Word(_) => true,
            Not(inner) => matches!(&**inner, Not(inner) if inner.is_word()),
            _ => false,
        }
    }

    fn holds(&self, quote: &Quote) -> bool {
        let words: Vec<&str> = quote.text.split(' ').collect();
        match self {
            Self::Word(word) => words.contains(word),
            Self::Phrase(a, b) => words.windows(2).any(|pair| pair == [*a, *b]),
            Self::Moment(None) => quote.unclear,
            Self::Moment(Some(moment)) => !quote.unclear && quote.moment == *moment,
            Self::Stage => {
                !quote.unclear && matches!(quote.moment, Moment::Purchase | Moment::Delivery)
            }
            Self::Sentiment(sentiment) => quote.sentiment == *sentiment,
            Self::Pain(pain) => quote.pain == *pain,
            Self::Touchpoint(touchpoint) => quote.touchpoint == *touchpoint,
            Self::Role(role) => quote.role == *role,
            Self::Kind(kind) => quote.kind == *kind,
            Self::Speaker(name) => {
                let speaker = quote.speaker.as_deref();
                speaker.is_some_and(|s| s == *name || (s == "Dana Ortiz" && *name == "Dana"))
            }
            Self::Document(n) => quote.document == format!("t.csv#{n}"),
            Self::RatingFrom(from) => quote.rating.is_some_and(|r| r >= f64::from(*from)),
            Self::RatingBetween(from, to) => {
                let (from, to) = (f64::from(*from), f64::from(*to));
                quote.rating.is_some_and(|r| (from..=to).contains(&r))
            }
            Self::DateBefore(n) => quote.date.is_some_and(|d| d < day(*n)),
            Self::DateBetween(from, to) => quote
                .date
                .is_some_and(|d| (day(*from)..=day(*to)).contains(&d)),
            Not(inner) => !inner.holds(quote),
            And(a, b) => a.holds(quote) && b.holds(quote),
            Or(a, b) => a.holds(quote) || b.holds(quote),
            // Of two plain words side by side one is enough.
            Beside(a, b) if a.is_word() && b.is_word() => a.holds(quote) || b.holds(quote),
            Beside(a, b) => a.holds(quote) && b.holds(quote),
        }
    }
}

fn one_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

fn conditions() -> impl Strategy<Value = Condition> {
    let word = || one_of(&WORDS);
    let between = |(a, b): (i8, i8)| (a.min(b), a.max(b));
    let leaf = prop_oneof![
        word().prop_map(Condition::Word),
        (word(), word()).prop_map(|(a, b)| Condition::Phrase(a, b)),
        prop::option::of(one_of(Moment::ALL)).prop_map(Condition::Moment),
        Just(Condition::Stage),
        one_of(Sentiment::ALL).prop_map(Condition::Sentiment),
        any::<bool>().prop_map(Condition::Pain),
        one_of(Touchpoint::ALL).prop_map(Condition::Touchpoint),
        one_of(Role::ALL).prop_map(Condition::Role),
        one_of(SourceKind::ALL).prop_map(Condition::Kind),
        one_of(&SPEAKERS).prop_map(Condition::Speaker),
        (0_u8..6).prop_map(Condition::Document),
        (-2_i8..7).prop_map(Condition::RatingFrom),
        (-2_i8..7, -2_i8..7).prop_map(move |pair| {
            let (from, to) = between(pair);
            Condition::RatingBetween(from, to)
        }),
        (0_u8..30).prop_map(Condition::DateBefore),
        (0_u8..30, 0_u8..30).prop_map(|(a, b)| Condition::DateBetween(a.min(b), a.max(b))),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        let two = || {
            (
                inner.clone().prop_map(Box::new),
                inner.clone().prop_map(Box::new),
            )
        };
        prop_oneof![
            inner.clone().prop_map(|a| Not(Box::new(a))),
            two().prop_map(|(a, b)| And(a, b)),
            two().prop_map(|(a, b)| Or(a, b)),
            two().prop_map(|(a, b)| Beside(a, b)),
        ]
    })
}

prop_compose! {
    fn tagged()(
        text in prop::collection::vec(one_of(&WORDS), 0..5),
        speaker in prop::option::of(one_of(&SPEAKERS)),
        document in 0_u8..6,
        (role, kind) in (one_of(Role::ALL), one_of(SourceKind::ALL)),
        (moment, unclear) in (one_of(Moment::ALL), any::<bool>()),
        (sentiment, touchpoint) in (one_of(Sentiment::ALL), one_of(Touchpoint::ALL)),
        pain in any::<bool>(),
        rating in prop::option::of(prop_oneof![-2.0_f64..7.0, Just(3.0), Just(f64::NAN)]),
        date in prop::option::of(0_u8..30),
    ) -> Quote {
        Quote {
            speaker: speaker.map(str::to_owned),
            role, kind, moment, unclear, sentiment, touchpoint, pain, rating,
            date: date.map(day),
            ..quote(0, &format!("t.csv#{document}"), &text.join(" "))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn hits_equal_those_of_a_scan(
        quotes in prop::collection::vec(tagged(), 1..60),
        conditions in prop::collection::vec(conditions(), 20),
    ) {
        let quotes: Vec<_> = quotes.into_iter().zip(0_u8..).map(|(tags, n)| Quote {
            id: quote(n, "", "").id,
            ..tags
        }).collect();
        let folder = tempfile::tempdir().unwrap();
        let index = index_of(folder.path(), &quotes);
        for condition in conditions {
            let mut hits = found(&index, &condition.typed());
            hits.sort_unstable();
            let by_hand: Vec<u8> = quotes.iter().filter(|q| condition.holds(q))
                .map(|q| q.id.as_bytes()[15]).collect();
            prop_assert_eq!(hits, by_hand, "{}", condition.typed());
        }
    }
}
