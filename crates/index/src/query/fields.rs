//! The fields of the language and what their values mean.

use std::ops::Bound;

use throughline_core::{Date, Moment, Role, Sentiment, SourceKind, Touchpoint};

use super::Members;
use super::error::Problem;
use super::node::{Filter, Interval, Node};
use super::suggest;
use crate::words;

/// What a moment's place holds where the engine abstains.
pub(crate) const UNCLEAR: &str = "unclear";

/// Every field that can be typed, in the order they are listed.
const FIELDS: &[&str] = &[
    "stage",
    "moment",
    "sentiment",
    "pain",
    "touchpoint",
    "speaker",
    "role",
    "participant",
    "doc",
    "kind",
    "product",
    "question",
    "rating",
    "date",
    "text",
];

/// A field with a closed set of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LabelField {
    Moment,
    Sentiment,
    Pain,
    Touchpoint,
    Role,
    Kind,
}

/// A field whose value is a name or a sentence, compared by its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameField {
    Speaker,
    Participant,
    Document,
    Product,
    Question,
}

impl LabelField {
    const ALL: [Self; 6] = [
        Self::Moment,
        Self::Sentiment,
        Self::Pain,
        Self::Touchpoint,
        Self::Role,
        Self::Kind,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Moment => "moment",
            Self::Sentiment => "sentiment",
            Self::Pain => "pain",
            Self::Touchpoint => "touchpoint",
            Self::Role => "role",
            Self::Kind => "kind",
        }
    }

    fn labels(self) -> Vec<&'static str> {
        match self {
            Self::Moment => {
                let moments = Moment::ALL.iter().map(|label| label.as_str());
                moments.chain([UNCLEAR]).collect()
            }
            Self::Sentiment => Sentiment::ALL.iter().map(|label| label.as_str()).collect(),
            Self::Pain => vec!["yes", "no"],
            Self::Touchpoint => Touchpoint::ALL.iter().map(|label| label.as_str()).collect(),
            Self::Role => Role::ALL.iter().map(|label| label.as_str()).collect(),
            Self::Kind => SourceKind::ALL.iter().map(|label| label.as_str()).collect(),
        }
    }
}

impl NameField {
    const ALL: [Self; 5] = [
        Self::Speaker,
        Self::Participant,
        Self::Document,
        Self::Product,
        Self::Question,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Speaker => "speaker",
            Self::Participant => "participant",
            Self::Document => "doc",
            Self::Product => "product",
            Self::Question => "question",
        }
    }
}

/// A field and its value as typed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed<'t> {
    /// Byte of the field's name.
    pub(super) at: usize,
    pub(super) name: &'t str,
    /// Byte of the value, after an opening quotation mark.
    pub(super) value_at: usize,
    pub(super) value: &'t str,
    pub(super) quoted: bool,
}

/// The condition that `typed` stands for.
pub(super) fn node(
    typed: Typed<'_>,
    stages: &dyn Fn(&str) -> Option<Members>,
) -> Result<Node, Problem> {
    let name = typed.name.to_ascii_lowercase();
    if let Some(field) = LabelField::ALL.iter().find(|field| field.as_str() == name) {
        return label(*field, typed);
    }
    if let Some(field) = NameField::ALL.iter().find(|field| field.as_str() == name) {
        let (words, prefix) = name_words(typed)?;
        return Ok(Node::Filter(Filter::Name {
            field: *field,
            words,
            prefix,
        }));
    }
    match name.as_str() {
        "stage" => stage(typed, stages),
        "rating" => interval(typed, rating).map(|i| Node::Filter(Filter::Rating(i))),
        "date" => interval(typed, days).map(|i| Node::Filter(Filter::Date(i))),
        "text" => text(typed),
        _ => Err(Problem::new(
            typed.at,
            format!("there is no field '{}'", typed.name),
            format!(
                "{}; to search for these very words, put them in quotation marks",
                suggest::hint(&name, FIELDS)
            ),
        )),
    }
}

fn label(field: LabelField, typed: Typed<'_>) -> Result<Node, Problem> {
    let known = field.labels();
    let word = typed.value.trim().to_lowercase();
    let meant = match (field, word.as_str()) {
        (LabelField::Pain, "true" | "1") => "yes",
        (LabelField::Pain, "false" | "0") => "no",
        (_, other) => other,
    };
    let Some(label) = known.iter().find(|label| **label == meant).copied() else {
        let message = format!("'{}' is no {}", typed.value, field.as_str());
        let hint = suggest::hint(meant, &known);
        return Err(Problem::new(typed.value_at, message, hint));
    };
    Ok(Node::Filter(Filter::Label { field, label }))
}

fn stage(typed: Typed<'_>, stages: &dyn Fn(&str) -> Option<Members>) -> Result<Node, Problem> {
    let name = typed.value.trim();
    let Some(mut members) = stages(name) else {
        return Err(Problem::new(
            typed.value_at,
            format!("the framework in use has no stage '{name}'"),
            "`throughline frameworks` lists the stages of each",
        ));
    };
    if let Members::Passages(ids) = &mut members {
        ids.sort_unstable();
        ids.dedup();
    }
    Ok(Node::Filter(Filter::Stage {
        name: name.to_owned(),
        members,
    }))
}

fn text(typed: Typed<'_>) -> Result<Node, Problem> {
    let (mut words, prefix) = name_words(typed)?;
    Ok(match words.pop() {
        Some(word) if prefix => Node::Prefix(word),
        Some(word) => {
            words.push(word);
            if typed.quoted {
                Node::Phrase(words)
            } else {
                Node::Word(words)
            }
        }
        None => Node::All,
    })
}

/// The words of a value, at least one, and whether a star ends them.
fn name_words(typed: Typed<'_>) -> Result<(Vec<String>, bool), Problem> {
    let words = words::exact_words(typed.value);
    let prefix = !typed.quoted && typed.value.ends_with('*');
    if words.is_empty() {
        return Err(Problem::new(
            typed.value_at,
            format!("'{}' has no letter or digit", typed.value),
            format!("write a word after '{}:'", typed.name),
        ));
    }
    if prefix && words.len() > 1 {
        return Err(Problem::new(
            typed.value_at,
            "a star can end one word only",
            "leave the star out or all words but the last",
        ));
    }
    Ok((words, prefix))
}

/// Reads one end of an interval: the first and the last value it covers.
type ReadEnd<T> = fn(&str) -> Option<(T, T)>;

/// `5`, `1..3`, `..3`, `1..`, `>=4`, `>4`, `<=4`, `<4`.
fn interval<T: Copy + PartialOrd>(
    typed: Typed<'_>,
    read: ReadEnd<T>,
) -> Result<Interval<T>, Problem> {
    let problem = |message: String| {
        let hint = match typed.name.to_ascii_lowercase().as_str() {
            "date" => "write date:2025-02-10, date:2025-02, date:2024..2025-03 or date:>=2025",
            _ => "write rating:4, rating:1..3, rating:>=4 or rating:<2.5",
        };
        Problem::new(typed.value_at, message, hint)
    };
    let end = |text: &str| {
        read(text.trim()).ok_or_else(|| problem(format!("'{text}' is no {}", typed.name)))
    };
    let value = typed.value.trim();
    let above = |low| Interval {
        low,
        high: Bound::Unbounded,
    };
    let below = |high| Interval {
        low: Bound::Unbounded,
        high,
    };
    if let Some(rest) = value.strip_prefix(">=") {
        Ok(above(Bound::Included(end(rest)?.0)))
    } else if let Some(rest) = value.strip_prefix('>') {
        Ok(above(Bound::Excluded(end(rest)?.1)))
    } else if let Some(rest) = value.strip_prefix("<=") {
        Ok(below(Bound::Included(end(rest)?.1)))
    } else if let Some(rest) = value.strip_prefix('<') {
        Ok(below(Bound::Excluded(end(rest)?.0)))
    } else if let Some((from, to)) = value.split_once("..") {
        match (from.trim(), to.trim()) {
            ("", "") => Err(problem("the range has no end at all".to_owned())),
            (from, "") => Ok(above(Bound::Included(end(from)?.0))),
            ("", to) => Ok(below(Bound::Included(end(to)?.1))),
            (from, to) => {
                let (low, high) = (end(from)?.0, end(to)?.1);
                if high < low {
                    return Err(problem(format!("'{value}' ends before it starts")));
                }
                Ok(Interval {
                    low: Bound::Included(low),
                    high: Bound::Included(high),
                })
            }
        }
    } else {
        let (low, high) = end(value)?;
        Ok(Interval {
            low: Bound::Included(low),
            high: Bound::Included(high),
        })
    }
}

fn rating(text: &str) -> Option<(f64, f64)> {
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    // Minus zero is zero.
    let value = value + 0.0;
    Some((value, value))
}

/// The first and the last day of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
fn days(text: &str) -> Option<(Date, Date)> {
    let day = |text: String| text.parse::<Date>().ok();
    match text.len() {
        4 => Some((day(format!("{text}-01-01"))?, day(format!("{text}-12-31"))?)),
        7 => {
            let first = day(format!("{text}-01"))?;
            let last = (28..=31)
                .rev()
                .find_map(|last| day(format!("{text}-{last}")));
            Some((first, last?))
        }
        _ => day(text.to_owned()).map(|day| (day, day)),
    }
}
