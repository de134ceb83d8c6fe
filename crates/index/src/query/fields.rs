//! The fields of the language and what their values mean.

use std::ops::Bound;

use throughline_core::{Date, Moment, Role, Sentiment, SourceKind, Touchpoint};

use super::error::Problem;
use super::lexer;
use super::node::{Filter, Interval, Meaning, Node, SetField};
use super::pattern::Pattern;
use super::suggest;
use super::vocabulary::{Unknown, Vocabulary};
use crate::{Column, words};

/// What a moment's place holds where the engine abstains.
pub(crate) const UNCLEAR: &str = "unclear";
/// What a language's place holds where it could not be told.
pub(crate) const UNKNOWN: &str = "unknown";

/// Every field that can be typed, in the order they are listed.
const FIELDS: &[&str] = &[
    "stage",
    "theme",
    "framework",
    "moment",
    "sentiment",
    "pain",
    "touchpoint",
    "like",
    "near",
    "speaker",
    "role",
    "participant",
    "doc",
    "kind",
    "product",
    "question",
    "lang",
    "rating",
    "date",
    "text",
];

/// A field whose value is a name or a sentence, compared by its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameField {
    Speaker,
    Participant,
    Document,
    Product,
    Question,
}

/// Every value that a column can have; `None` for a column that takes any.
fn labels(column: Column) -> Option<Vec<&'static str>> {
    Some(match column {
        Column::Moment => {
            let moments = Moment::ALL.iter().map(|label| label.as_str());
            moments.chain([UNCLEAR]).collect()
        }
        Column::Sentiment => Sentiment::ALL.iter().map(|label| label.as_str()).collect(),
        Column::Pain => vec!["yes", "no"],
        Column::Touchpoint => Touchpoint::ALL.iter().map(|label| label.as_str()).collect(),
        Column::Role => Role::ALL.iter().map(|label| label.as_str()).collect(),
        Column::Kind => SourceKind::ALL.iter().map(|label| label.as_str()).collect(),
        Column::Language | Column::Document | Column::Participant | Column::Product => {
            return None;
        }
    })
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
#[derive(Debug)]
pub(super) struct Typed<'t> {
    /// Byte of the field's name.
    pub(super) at: usize,
    pub(super) name: &'t str,
    /// Byte of the value, after an opening quotation mark.
    pub(super) value_at: usize,
    pub(super) value: &'t str,
    /// The words of a value between quotation marks.
    pub(super) phrase: Option<Pattern>,
}

impl Typed<'_> {
    fn problem(&self, message: impl Into<String>, hint: impl Into<String>) -> Problem {
        Problem::new(self.value_at, message, hint)
    }

    /// The problem of a name that the study does not have.
    fn unknown(&self, unknown: &Unknown) -> Problem {
        let known: Vec<&str> = unknown.known.iter().map(String::as_str).collect();
        let word = self.value.trim().to_lowercase();
        let hint = suggest::of_names(&word, &known).unwrap_or_else(|| unknown.advice.clone());
        self.problem(unknown.message.clone(), hint)
    }
}

/// What names mean here: those of the study, looked at through one framework.
pub(super) struct Names<'s> {
    pub(super) vocabulary: &'s dyn Vocabulary,
    /// The framework that the query names.
    pub(super) framework: Option<String>,
}

/// The condition that `typed` stands for.
pub(super) fn node(typed: &Typed<'_>, names: &Names<'_>) -> Result<Node, Problem> {
    let name = typed.name.to_ascii_lowercase();
    if let Some(field) = NameField::ALL.iter().find(|field| field.as_str() == name) {
        let pattern = pattern(typed)?;
        return Ok(Node::Filter(Filter::Name {
            field: *field,
            pattern,
        }));
    }
    if name == "text" {
        return text(typed);
    }
    if matches!(typed.phrase, Some(Pattern::Slop(..))) {
        return Err(typed.problem(
            format!("'~' has no meaning in the field '{}'", typed.name),
            "leave it out",
        ));
    }
    let column = Column::ALL
        .into_iter()
        .find(|column| column.typed() == name);
    if let Some((column, labels)) = column.and_then(|column| Some((column, labels(column)?))) {
        return label(column, &labels, typed);
    }
    match name.as_str() {
        "stage" => set(SetField::Stage, typed, names),
        "theme" => set(SetField::Theme, typed, names),
        "framework" => framework(typed, names.vocabulary).map(Node::Framework),
        "like" => like(typed),
        "near" => near(typed, names.vocabulary),
        "lang" => language(typed),
        "rating" => interval(typed, rating).map(|i| Node::Filter(Filter::Rating(i))),
        "date" => interval(typed, days).map(|i| Node::Filter(Filter::Date(i))),
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

fn label(column: Column, known: &[&str], typed: &Typed<'_>) -> Result<Node, Problem> {
    let word = typed.value.trim().to_lowercase();
    let meant = match (column, word.as_str()) {
        (Column::Pain, "true" | "1") => "yes",
        (Column::Pain, "false" | "0") => "no",
        (_, other) => other,
    };
    if !known.contains(&meant) {
        let message = format!("'{}' is no {}", typed.value, column.as_str());
        let hint = suggest::hint(meant, known);
        return Err(typed.problem(message, hint));
    }
    Ok(Node::Filter(Filter::Value {
        column,
        value: meant.to_owned(),
    }))
}

fn set(field: SetField, typed: &Typed<'_>, names: &Names<'_>) -> Result<Node, Problem> {
    let name = typed.value.trim();
    let framework = names.framework.as_deref();
    let found = match field {
        SetField::Stage => names.vocabulary.stage(framework, name),
        SetField::Theme => names.vocabulary.theme(framework, name),
    };
    let members = found.map_err(|unknown| typed.unknown(&unknown))?;
    Ok(Node::Filter(Filter::Set {
        field,
        name: name.to_owned(),
        members: members.sorted(),
    }))
}

/// The id of the framework that `typed` names.
pub(super) fn framework(typed: &Typed<'_>, vocabulary: &dyn Vocabulary) -> Result<String, Problem> {
    let found = vocabulary.framework(typed.value.trim());
    found.map_err(|unknown| typed.unknown(&unknown))
}

fn like(typed: &Typed<'_>) -> Result<Node, Problem> {
    let words = typed.value.trim();
    if words::words(words).next().is_none() {
        return Err(typed.problem(
            "there is no letter or digit to be like",
            "write what somebody might have said: like:\"I could not find the price\"",
        ));
    }
    Ok(Node::Like {
        meaning: Meaning::Like(words.to_owned()),
        nearest: None,
    })
}

fn near(typed: &Typed<'_>, vocabulary: &dyn Vocabulary) -> Result<Node, Problem> {
    let found = vocabulary.passage(typed.value.trim());
    let id = found.map_err(|unknown| typed.unknown(&unknown))?;
    Ok(Node::Like {
        meaning: Meaning::Near(id),
        nearest: None,
    })
}

fn language(typed: &Typed<'_>) -> Result<Node, Problem> {
    let code = typed.value.trim().to_lowercase();
    let is_code = matches!(code.len(), 2 | 3) && code.bytes().all(|b| b.is_ascii_lowercase());
    if !is_code && code != UNKNOWN {
        return Err(typed.problem(
            format!("'{}' is no code of a language", typed.value),
            "write its two letters, as in lang:en; lang:unknown where it could not be told",
        ));
    }
    Ok(Node::Filter(Filter::Value {
        column: Column::Language,
        value: code,
    }))
}

fn text(typed: &Typed<'_>) -> Result<Node, Problem> {
    Ok(match pattern(typed)? {
        Pattern::Row(words) if typed.phrase.is_none() => Node::Word(words),
        pattern => Node::Exact(pattern),
    })
}

/// The words of a value, at least one, and what ends them.
fn pattern(typed: &Typed<'_>) -> Result<Pattern, Problem> {
    let words = words::exact_words(typed.value);
    if words.is_empty() {
        return Err(typed.problem(
            format!("'{}' has no letter or digit", typed.value),
            format!("write a word after '{}:'", typed.name),
        ));
    }
    match &typed.phrase {
        Some(pattern) => Ok(pattern.clone()),
        None => {
            let ended = lexer::pattern(typed.value_at, typed.value)?;
            Ok(ended.unwrap_or(Pattern::Row(words)))
        }
    }
}

/// Reads one end of an interval: the first and the last value it covers.
type ReadEnd<T> = fn(&str) -> Option<(T, T)>;

/// `5`, `1..3`, `..3`, `1..`, `>=4`, `>4`, `<=4`, `<4`.
fn interval<T: Copy + PartialOrd>(
    typed: &Typed<'_>,
    read: ReadEnd<T>,
) -> Result<Interval<T>, Problem> {
    let problem = |message: String| {
        let hint = match typed.name.to_ascii_lowercase().as_str() {
            "date" => "write date:2025-02-10, date:2025-02, date:2024..2025-03 or date:>=2025",
            _ => "write rating:4, rating:1..3, rating:>=4 or rating:<2.5",
        };
        typed.problem(message, hint)
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
