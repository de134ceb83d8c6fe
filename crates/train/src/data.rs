//! Sets of labelled passages, read as a recipe says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::TrainError;
use crate::jsonl::{Line, key, lines, plain};
use crate::predict::Predictions;
use crate::recipe::{Auxiliary, Kind, Set, find};
use crate::tasks::{COUNT, TASKS, named};
use crate::tokens::{Reading, Tokens};

/// A passage that trains, or is measured on, the four tasks.
#[derive(Debug, Clone)]
pub struct Row {
    /// Names the passage by its words.
    pub key: u64,
    /// The document that it comes from.
    pub doc: String,
    /// Its tokens.
    pub reading: Reading,
    /// The column of its label, for each task that it has one for.
    pub labels: [Option<usize>; COUNT],
    /// Weight of its error.
    pub weight: f32,
    /// Logits of all tasks, one after the other, that it should lead to.
    pub soft: Option<Vec<f32>>,
}

/// A passage of an auxiliary set.
#[derive(Debug, Clone)]
pub struct AuxiliaryRow {
    /// Its tokens.
    pub reading: Reading,
    /// The column of its label.
    pub label: i64,
}

/// One part of the documents, of several that are equally likely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    part: u64,
    of: u64,
}

impl Fold {
    /// Whether a document is of this part: by a hash of its name.
    pub fn has(&self, doc: &str) -> bool {
        let hash = Sha256::digest(doc);
        let number = hash
            .iter()
            .take(8)
            .fold(0, |n: u64, byte| (n << 8) | u64::from(*byte));
        number % self.of == self.part - 1
    }
}

impl FromStr for Fold {
    type Err = String;

    /// `K/N`, with K from 1 to N.
    fn from_str(text: &str) -> Result<Self, String> {
        let (part, of) = text.split_once('/').unwrap_or_default();
        match (part.parse(), of.parse()) {
            (Ok(part), Ok(of)) if (1..=of).contains(&part) => Ok(Self { part, of }),
            _ => Err(format!("'{text}' is not K/N with K from 1 to N")),
        }
    }
}

/// Every row of the sets but those of the documents left out.
pub fn rows(
    sets: &[Set],
    data: &Path,
    tokens: &Tokens,
    leave: Option<Fold>,
) -> Result<Vec<Row>, TrainError> {
    let mut all = Vec::new();
    for set in sets {
        let soft = match &set.soft {
            Some(path) => Some(Predictions::open(&find(path, data)?)?.by_key()),
            None => None,
        };
        let before = all.len();
        for passage in passages(set, data)? {
            let left = !set.whole && leave.is_some_and(|fold| fold.has(&passage.doc));
            if left {
                continue;
            }
            let key = key(&passage.text, &passage.context);
            all.push(Row {
                key,
                doc: passage.doc,
                reading: tokens.read(&passage.text, &passage.context)?,
                labels: passage.labels,
                weight: set.weight,
                soft: soft.as_ref().and_then(|soft| soft.get(&key).cloned()),
            });
        }
        let with = all
            .iter()
            .skip(before)
            .filter(|row| row.soft.is_some())
            .count();
        if all.len() == before || (set.soft.is_some() && with == 0) {
            return Err(TrainError::Nothing(format!(
                "set {} gives {} rows, {with} of them with soft targets: check 'map', 'split' and 'soft'",
                set.path.display(),
                all.len() - before
            )));
        }
    }
    Ok(all)
}

/// The rows of a file of passages, to be measured on or predicted for.
pub fn journey(path: &Path, tokens: &Tokens, only: Option<Fold>) -> Result<Vec<Row>, TrainError> {
    let mut rows = Vec::new();
    for (number, line) in lines(path)? {
        let doc = line.document(number);
        if only.is_some_and(|fold| !fold.has(&doc)) {
            continue;
        }
        let labels = four(&line).map_err(wrong(path, number))?;
        let text = text(&line).map_err(wrong(path, number))?;
        let context = line.context.unwrap_or_default();
        rows.push(Row {
            key: key(&text, &context),
            doc,
            reading: tokens.read(&text, &context)?,
            labels,
            weight: 1.0,
            soft: None,
        });
    }
    if rows.is_empty() {
        return Err(TrainError::Nothing(format!(
            "{} has no passage",
            path.display()
        )));
    }
    Ok(rows)
}

/// The rows of an auxiliary set.
pub fn auxiliary(
    set: &Auxiliary,
    data: &Path,
    tokens: &Tokens,
) -> Result<Vec<AuxiliaryRow>, TrainError> {
    let path = find(&set.path, data)?;
    let mut rows = Vec::new();
    for (number, line) in lines(&path)? {
        if !taken(&line, &set.split) {
            continue;
        }
        let column = |label: &String| set.labels.iter().position(|known| known == label);
        let label = labels_of(&line, set.kind).iter().filter_map(column).max();
        if let Some(label) = label {
            let text = text(&line).map_err(wrong(&path, number))?;
            rows.push(AuxiliaryRow {
                reading: tokens.read(&text, "")?,
                label: label as i64,
            });
        }
    }
    if rows.is_empty() {
        return Err(TrainError::Nothing(format!(
            "auxiliary {} gives no row: check 'labels' and 'split'",
            set.name
        )));
    }
    Ok(rows)
}

/// A passage before it is read.
struct Passage {
    doc: String,
    text: String,
    context: String,
    labels: [Option<usize>; COUNT],
}

fn passages(set: &Set, data: &Path) -> Result<Vec<Passage>, TrainError> {
    let path = find(&set.path, data)?;
    let lines = lines(&path)?;
    let mut pool = match &set.pool {
        Some(pool) => texts(&find(pool, data)?, &lines)?,
        None => BTreeMap::new(),
    };
    let mut all = Vec::new();
    for (number, mut line) in lines {
        if !taken(&line, &set.split) {
            continue;
        }
        let labels = match set.kind {
            Kind::Journey | Kind::Readings => four(&line).map_err(wrong(&path, number))?,
            Kind::Texts => [None; COUNT],
            Kind::Label | Kind::Aspects => match mapped(set, &line) {
                Some(labels) => labels,
                None => continue,
            },
        };
        if set.kind == Kind::Readings {
            let key = line.key.clone().unwrap_or_default();
            line = pool.remove(&key).ok_or_else(|| {
                wrong(&path, number)(format!(
                    "the pool has no text for key '{key}', or it came twice"
                ))
            })?;
        }
        all.push(Passage {
            doc: line.document(number),
            text: text(&line).map_err(wrong(&path, number))?,
            context: line.context.unwrap_or_default(),
            labels,
        });
    }
    Ok(all)
}

/// The lines of a pool that some readings name, by key.
fn texts(pool: &Path, readings: &[(usize, Line)]) -> Result<BTreeMap<String, Line>, TrainError> {
    let wanted: BTreeSet<&str> = readings
        .iter()
        .filter_map(|(_, line)| line.key.as_deref())
        .collect();
    let mut found = BTreeMap::new();
    for (_, line) in lines(pool)? {
        if let Some(key) = line.key.clone().filter(|key| wanted.contains(key.as_str())) {
            found.insert(key, line);
        }
    }
    Ok(found)
}

fn wrong(path: &Path, line: usize) -> impl FnOnce(String) -> TrainError {
    let path = path.to_owned();
    move |problem| TrainError::Row {
        path,
        line,
        problem,
    }
}

fn text(line: &Line) -> Result<String, String> {
    let text = line.text.clone().filter(|text| !text.trim().is_empty());
    text.ok_or_else(|| "'text' is missing or empty".to_owned())
}

fn taken(line: &Line, split: &[String]) -> bool {
    split.is_empty() || line.split.as_ref().is_some_and(|own| split.contains(own))
}

/// The labels of the four tasks, where a line has them.
fn four(line: &Line) -> Result<[Option<usize>; COUNT], String> {
    let mut columns = [None; COUNT];
    let values = [&line.moment, &line.sentiment, &line.pain, &line.touchpoint];
    for ((column, task), value) in columns.iter_mut().zip(&TASKS).zip(values) {
        if let Some(value) = value {
            let label = plain(value).unwrap_or_default();
            let found = task.column(&label);
            *column = Some(found.ok_or_else(|| format!("'{label}' is no {}", task.name))?);
        }
    }
    Ok(columns)
}

/// The labels of a line of a general set.
fn labels_of(line: &Line, kind: Kind) -> Vec<String> {
    if kind == Kind::Aspects {
        return polarity(line).into_iter().collect();
    }
    line.label
        .iter()
        .chain(&line.labels)
        .filter_map(plain)
        .collect()
}

/// The polarity that all aspects share, neutral ones aside, or `mixed`.
fn polarity(line: &Line) -> Option<String> {
    let all: BTreeSet<&str> = line.aspects.iter().map(|a| a.polarity.as_str()).collect();
    let strong: Vec<&str> = all.iter().copied().filter(|p| *p != "neutral").collect();
    match strong.as_slice() {
        [] => all.first().map(|only| (*only).to_owned()),
        [only] => Some((*only).to_owned()),
        _ => Some("mixed".to_owned()),
    }
}

/// The labels of a line of a general set as those of its task; `None` to leave it out.
fn mapped(set: &Set, line: &Line) -> Option<[Option<usize>; COUNT]> {
    let index = named(set.task.as_deref()?)?;
    let task = TASKS.get(index)?;
    let column = labels_of(line, set.kind)
        .iter()
        .filter_map(|label| task.column(set.map.get(label)?))
        .max()?;
    let mut labels = [None; COUNT];
    *labels.get_mut(index)? = Some(column);
    Some(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(json: &str) -> Line {
        serde_json::from_str(json).unwrap()
    }

    fn set(more: &str) -> Set {
        toml::from_str(&format!("path = 'x'\n{more}")).unwrap()
    }

    #[test]
    fn the_four_labels_are_read_where_they_are() {
        let labels = four(&line(
            r#"{"moment": "need", "pain": 1, "touchpoint": "none"}"#,
        ));
        assert_eq!(labels.unwrap(), [Some(0), None, Some(1), Some(12)]);
        let unknown = four(&line(r#"{"moment": "shopping"}"#)).unwrap_err();
        assert!(unknown.contains("shopping"), "{unknown}");
    }

    #[test]
    fn general_labels_are_led_to_those_of_a_task() {
        let feedback =
            set("kind = 'label'\ntask = 'pain'\nmap = { complaint = '1', comment = '0' }");
        let pain = |json: &str| mapped(&feedback, &line(json)).map(|labels| labels[2]);
        assert_eq!(
            pain(r#"{"labels": ["comment", "complaint"]}"#),
            Some(Some(1))
        );
        assert_eq!(pain(r#"{"labels": ["comment"]}"#), Some(Some(0)));
        assert_eq!(pain(r#"{"labels": ["meaningless"]}"#), None);
        let same = "map = { positive = 'positive', mixed = 'mixed', neutral = 'neutral' }";
        let aspects = set(&format!("kind = 'aspects'\ntask = 'sentiment'\n{same}"));
        for (polarities, expected) in [
            (vec!["positive", "neutral"], Some(Some(2))),
            (vec!["positive", "negative"], Some(Some(3))),
            (vec!["neutral"], Some(Some(1))),
            (vec!["negative"], None),
            (vec![], None),
        ] {
            let aspects_of: Vec<_> = polarities
                .iter()
                .map(|p| serde_json::json!({"polarity": p}))
                .collect();
            let row = line(&serde_json::json!({"quads": aspects_of}).to_string());
            let found = mapped(&aspects, &row).map(|labels| labels[1]);
            assert_eq!(found, expected, "{polarities:?}");
        }
    }

    #[test]
    fn parts_divide_the_documents() {
        assert!(Fold::from_str("0/5").is_err() && Fold::from_str("6/5").is_err());
        for doc in ["a", "b", "c", "d"] {
            let in_parts = (1..=5).filter(|part| Fold { part: *part, of: 5 }.has(doc));
            assert_eq!(in_parts.count(), 1);
        }
    }
}
