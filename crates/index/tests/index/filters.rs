//! Any filter's hits equal those of a scan by hand.

use crate::common::{found, index_of, parse, places, quote};
use proptest::prelude::*;
use throughline_core::{Date, Moment, Role, Sentiment, SourceKind, Touchpoint};
use throughline_index::Quote;

/// A condition as typed, and as anybody would check it by hand.
#[derive(Debug, Clone)]
enum Condition {
    Word(&'static str),
    Phrase(&'static str, &'static str),
    Slop(Vec<&'static str>, u8),
    Fuzzy(&'static str, u8),
    Prefix(&'static str),
    Moment(Option<Moment>),
    Stage,
    /// A stage that is told by its passages.
    Odd,
    Theme,
    Sentiment(Sentiment),
    Pain(bool),
    Touchpoint(Touchpoint),
    Role(Role),
    Kind(SourceKind),
    Speaker(&'static str),
    Document(u8),
    Participant(&'static str),
    Product(&'static str),
    Question(&'static str),
    Language(&'static str),
    RatingFrom(i8),
    RatingBetween(i8, i8),
    RatingBeyond(bool, i8),
    DateBefore(u8),
    DateBetween(u8, u8),
    /// A whole year, or a month of it.
    DateIn(u16, Option<u8>),
    DateAfterMonth(u16, u8),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Beside(Box<Condition>, Box<Condition>),
}

use Condition::{And, Beside, Not, Or};

/// Words that are their own stems and no others'.
const WORDS: [&str; 5] = ["slow", "cart", "app", "help", "blue"];
/// Words of the texts with letters wrong, missing, too many and swapped.
const MISSPELT: [&str; 6] = ["slow", "crat", "ap", "hepl", "bluu", "qcart"];
const SPEAKERS: [&str; 3] = ["Dana Ortiz", "Dana", "Kim"];
const PRODUCTS: [&str; 3] = ["Kettle", "Kettle Pro", "Pro"];
const BEGINNINGS: [&str; 4] = ["slo", "a", "hel", "carts"];

fn day(n: u8) -> Date {
    Date::new(2024 + u16::from(n) / 12, n % 12 + 1, 15).unwrap()
}

impl Condition {
    fn typed(&self) -> String {
        match self {
            Self::Word(word) => (*word).to_owned(),
            Self::Phrase(a, b) => format!("\"{a} {b}\""),
            Self::Slop(words, moves) => format!("\"{}\"~{moves}", words.join(" ")),
            Self::Fuzzy(word, distance) => format!("{word}~{distance}"),
            Self::Moment(None) => "moment:unclear".to_owned(),
            Self::Moment(Some(moment)) => format!("moment:{moment}"),
            Self::Prefix(beginning) => format!("{beginning}*"),
            Self::Stage => "stage:get".to_owned(),
            Self::Odd => "stage:odd".to_owned(),
            Self::Theme => "theme:\"What it costs\"".to_owned(),
            Self::Sentiment(sentiment) => format!("sentiment:{sentiment}"),
            Self::Pain(pain) => format!("pain:{pain}"),
            Self::Touchpoint(touchpoint) => format!("touchpoint:{touchpoint}"),
            Self::Role(role) => format!("role:{role}"),
            Self::Kind(kind) => format!("kind:{kind}"),
            Self::Speaker(name) => format!("speaker:\"{name}\""),
            Self::Document(n) => format!("doc:t.csv#{n}"),
            Self::Participant(name) => format!("participant:\"{name}\""),
            Self::Product(name) => format!("product:\"{name}\""),
            Self::Question(words) => format!("question:\"{words}\""),
            Self::Language(code) => format!("lang:{code}"),
            Self::RatingBeyond(above, bound) => {
                format!("rating:{}{bound}", if *above { ">" } else { "<" })
            }
            Self::DateIn(year, None) => format!("date:{year}"),
            Self::DateIn(year, Some(month)) => format!("date:{year}-{month:02}"),
            Self::DateAfterMonth(year, month) => format!("date:>{year}-{month:02}"),
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
            Self::Word(_) | Self::Fuzzy(..) | Self::Prefix(_) => true,
            Not(inner) => matches!(&**inner, Not(inner) if inner.is_word()),
            _ => false,
        }
    }

    fn holds(&self, quote: &Quote) -> bool {
        let words: Vec<&str> = quote.text.split_whitespace().collect();
        match self {
            Self::Word(word) => words.contains(word),
            Self::Phrase(a, b) => words.windows(2).any(|pair| pair == [*a, *b]),
            Self::Slop(phrase, moves) => {
                least_moves(phrase, &words).is_some_and(|least| least <= i64::from(*moves))
            }
            Self::Fuzzy(word, distance) => words
                .iter()
                .any(|other| letters_apart(word, other) <= usize::from(*distance)),
            Self::Prefix(beginning) => words.iter().any(|word| word.starts_with(beginning)),
            Self::Odd => [1, 3, 200].contains(&quote.id.as_bytes()[15]),
            Self::Theme => quote.id.as_bytes()[15] == 2,
            Self::Participant(name) => has_words(quote.participant.as_deref(), name),
            Self::Product(name) => has_words(quote.product.as_deref(), name),
            Self::Question(words) => has_words(quote.question.as_deref(), words),
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
            Self::Language(code) => quote.language.as_deref().unwrap_or("unknown") == *code,
            Self::RatingFrom(from) => quote.rating.is_some_and(|r| r >= f64::from(*from)),
            Self::RatingBetween(from, to) => {
                let (from, to) = (f64::from(*from), f64::from(*to));
                quote.rating.is_some_and(|r| (from..=to).contains(&r))
            }
            Self::RatingBeyond(above, bound) => {
                let bound = f64::from(*bound);
                let rating = quote.rating.filter(|rating| rating.is_finite());
                rating.is_some_and(|r| if *above { r > bound } else { r < bound })
            }
            Self::DateIn(year, month) => quote.date.is_some_and(|d| {
                let number = d.as_number();
                let of_month = month.is_none_or(|month| number / 100 % 100 == u32::from(month));
                number / 10_000 == u32::from(*year) && of_month
            }),
            Self::DateAfterMonth(year, month) => {
                let month = u32::from(*year) * 100 + u32::from(*month);
                quote.date.is_some_and(|d| d.as_number() / 100 > month)
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

/// True if `name` has the words of `wanted` in a row, whatever their case.
fn has_words(name: Option<&str>, wanted: &str) -> bool {
    let split = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let (name, wanted) = (split(name.unwrap_or_default()), split(wanted));
    name.windows(wanted.len()).any(|row| row == wanted)
}

/// The least moves from a row over every choice of places.
fn least_moves(phrase: &[&str], words: &[&str]) -> Option<i64> {
    let mut choices = vec![(i64::MAX, i64::MIN)];
    for (number, wanted) in phrase.iter().enumerate() {
        let places = words.iter().enumerate().filter(|(_, word)| *word == wanted);
        let places: Vec<i64> = places
            .map(|(place, _)| place as i64 - number as i64)
            .collect();
        choices = choices
            .iter()
            .flat_map(|(low, high)| places.iter().map(|p| (*low.min(p), *high.max(p))))
            .collect();
    }
    choices.iter().map(|(low, high)| high - low).min()
}

/// Letters wrong, missing, too many, or two neighbours swapped.
fn letters_apart(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let changed = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let mut least = changed.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        least = least.min(table[i - 2][j - 2] + 1);
                    }
                    least
                }
            };
        }
    }
    table[a.len()][b.len()]
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
        (prop::sample::subsequence(&WORDS[..], 2..4), 1_u8..6)
            .prop_map(|(words, moves)| Condition::Slop(words, moves)),
        (one_of(&MISSPELT), 1_u8..3).prop_map(|(word, distance)| Condition::Fuzzy(word, distance)),
        one_of(&["en", "de", "unknown"]).prop_map(Condition::Language),
        prop::option::of(one_of(Moment::ALL)).prop_map(Condition::Moment),
        one_of(&BEGINNINGS).prop_map(Condition::Prefix),
        Just(Condition::Stage),
        Just(Condition::Odd),
        Just(Condition::Theme),
        one_of(&SPEAKERS).prop_map(Condition::Participant),
        one_of(&PRODUCTS).prop_map(Condition::Product),
        one_of(&["help", "what help", "app"]).prop_map(Condition::Question),
        (any::<bool>(), -2_i8..7).prop_map(|(above, n)| Condition::RatingBeyond(above, n)),
        (2023_u16..2028, prop::option::of(1_u8..13)).prop_map(|(y, m)| Condition::DateIn(y, m)),
        (2023_u16..2028, 1_u8..13).prop_map(|(y, m)| Condition::DateAfterMonth(y, m)),
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
        text in prop::collection::vec(one_of(&WORDS), 0..8),
        language in prop::option::of(one_of(&["en", "de"])),
        speaker in prop::option::of(one_of(&SPEAKERS)),
        product in prop::option::of(one_of(&PRODUCTS)),
        question in prop::option::of(one_of(&["What help?", "App or cart", "help"])),
        document in 0_u8..6,
        (role, kind) in (one_of(Role::ALL), one_of(SourceKind::ALL)),
        (moment, unclear) in (one_of(Moment::ALL), any::<bool>()),
        (sentiment, touchpoint) in (one_of(Sentiment::ALL), one_of(Touchpoint::ALL)),
        pain in any::<bool>(),
        rating in prop::option::of(prop_oneof![-2.0_f64..7.0, Just(3.0), Just(f64::NAN)]),
        date in prop::option::of(0_u8..30),
    ) -> Quote {
        Quote {
            participant: speaker.map(|name| format!("t.csv/{name}")),
            speaker: speaker.map(str::to_owned),
            product: product.map(str::to_owned),
            question: question.map(str::to_owned),
            language: language.map(str::to_owned),
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
        let (places, ids) = places(&index);
        for condition in conditions {
            let mut hits = found(&index, &condition.typed());
            hits.sort_unstable();
            let by_hand: Vec<u8> = quotes.iter().filter(|q| condition.holds(q))
                .map(|q| q.id.as_bytes()[15]).collect();
            prop_assert_eq!(&hits, &by_hand, "{}", condition.typed());
            let matching = places.matching(&parse(&condition.typed())).unwrap();
            let placed = ids.iter().enumerate().filter(|(place, _)| matching.contains(*place));
            let mut placed: Vec<u8> = placed.map(|(_, id)| id.as_bytes()[15]).collect();
            placed.sort_unstable();
            prop_assert_eq!(placed, by_hand, "{}", condition.typed());
        }
    }

    #[test]
    fn highlights_are_slices_that_match_by_themselves(
        quote in tagged(),
        conditions in prop::collection::vec(conditions(), 20),
    ) {
        for condition in conditions {
            let query = parse(&condition.typed());
            let mut end = 0;
            for range in query.highlighter().ranges(&quote.text) {
                prop_assert!(end <= range.start && range.start < range.end, "{:?}", range);
                // Whole words of the text, and nothing beside them.
                let words = quote.text.get(range.clone()).map(|slice| slice.split(' '));
                prop_assert!(words.is_some_and(|mut words| words.all(|word| WORDS.contains(&word))));
                end = range.end;
            }
            let finds_words = matches!(condition, Condition::Word(_) | Condition::Phrase(..)
                | Condition::Slop(..) | Condition::Fuzzy(..) | Condition::Prefix(_));
            if finds_words {
                let marked = !query.highlighter().ranges(&quote.text).is_empty();
                prop_assert_eq!(marked, condition.holds(&quote), "{}", condition.typed());
            }
        }
    }
}
