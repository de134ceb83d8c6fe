use std::collections::BTreeMap;
use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_core::{ContentHash, OtherReason, PassageId, Span, Vector};
use throughline_nlp::Tagger;
use throughline_themes::{Claim, Item, Label, Parameters, Taken};

use super::{Line, Lines, StreamOutcome, write_line};
use crate::StudyError;
use crate::grouping::named_groups;

/// One line of `cluster -` on its way in.
#[derive(Debug, Deserialize)]
struct ClusterLine {
    #[serde(default)]
    id: Value,
    text: String,
}

/// One line of `cluster -` on its way out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterRecord {
    /// The id that came in, unchanged.
    pub id: Value,
    /// The theme, `t1` being the largest; null for a text in Other.
    pub theme: Option<String>,
    /// The theme's label, a slice of one of its texts; null in Other.
    pub label: Option<String>,
    /// The sub-theme, where the theme has some and the text is in one: `t1.1` is
    /// the largest of `t1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_theme: Option<String>,
    /// The sub-theme's label, a slice of one of its texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_label: Option<String>,
    /// Why the text is in Other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<OtherReason>,
}

/// Groups the texts of `input` into themes. Reads all before it answers; the
/// answers come in the order of the lines, and the themes do not depend on it.
///
/// # Errors
/// As [`super::tag_stream`].
pub fn cluster_stream(
    tagger: &dyn Tagger,
    parameters: &Parameters,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<StreamOutcome, StudyError> {
    let lines: Vec<Line<ClusterLine>> = Lines::new(input).take(usize::MAX)?;
    let texts: Vec<&str> = lines
        .iter()
        .flatten()
        .map(|line| line.text.as_str())
        .collect();
    let vectors = tagger.embed(&texts)?;
    let names = distinct_names(&texts);
    let items: Vec<Item<'_>> = texts
        .iter()
        .zip(&vectors)
        .zip(&names)
        .map(|((text, vector), (name, id))| item(*id, name, text, vector))
        .collect();
    let way = (parameters, Claim::Any);
    let (clustering, names) = named_groups(&items, way, tagger, &mut Taken::default())?;
    let words = |label: &Label| {
        let text = texts.get(label.member).copied().unwrap_or_default();
        Some(text.get(label.range.clone()).unwrap_or_default().to_owned())
    };
    let mut answers: Vec<ClusterRecord> = items.iter().map(|_| in_other(None)).collect();
    for (number, (group, names)) in (1..).zip(clustering.groups.iter().zip(&names)) {
        for member in &group.members {
            if let Some(answer) = answers.get_mut(*member) {
                answer.theme = Some(format!("t{number}"));
                answer.label = words(&names.group.label);
            }
        }
        for (part, (members, name)) in (1..).zip(group.parts.iter().zip(&names.parts)) {
            for member in members {
                if let Some(answer) = answers.get_mut(*member) {
                    answer.sub_theme = Some(format!("t{number}.{part}"));
                    answer.sub_label = words(&name.label);
                }
            }
        }
    }
    for (member, reason) in &clustering.other {
        if let Some(answer) = answers.get_mut(*member) {
            *answer = in_other(Some(*reason));
        }
    }
    write_answers(&lines, answers, output)
}

fn item<'a>(id: PassageId, name: &'a str, text: &'a str, vector: &'a Vector) -> Item<'a> {
    Item {
        id,
        text,
        vector,
        document: name,
        participant: None,
    }
}

fn in_other(reason: Option<OtherReason>) -> ClusterRecord {
    ClusterRecord {
        id: Value::Null,
        theme: None,
        label: None,
        sub_theme: None,
        sub_label: None,
        reason,
    }
}

/// A name and an id for each text that depend on the text alone, so that the
/// themes do not depend on the order of the lines: the same text a second time
/// gets the next number.
fn distinct_names(texts: &[&str]) -> Vec<(String, PassageId)> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    texts
        .iter()
        .map(|text| {
            let count = seen.entry(text).or_default();
            *count += 1;
            let hash = ContentHash::of(text.as_bytes());
            let name = format!("{hash}~{count}");
            let id = PassageId::of(
                &name,
                hash,
                Span {
                    start: 0,
                    end: text.len(),
                },
            );
            (name, id)
        })
        .collect()
}

fn write_answers(
    lines: &[Line<ClusterLine>],
    answers: Vec<ClusterRecord>,
    output: &mut dyn Write,
) -> Result<StreamOutcome, StudyError> {
    let mut outcome = StreamOutcome::default();
    let mut answers = answers.into_iter();
    for line in lines {
        match line {
            Ok(line) => {
                let Some(answer) = answers.next() else {
                    continue;
                };
                write_line(
                    output,
                    &ClusterRecord {
                        id: line.id.clone(),
                        ..answer
                    },
                )?;
                outcome.answered += 1;
            }
            Err(error) => {
                write_line(output, error)?;
                outcome.malformed += 1;
            }
        }
    }
    output.flush()?;
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_equal_texts_differ_and_do_not_depend_on_the_others() {
        let names = distinct_names(&["a", "b", "a"]);
        assert_ne!(names[0].1, names[2].1);
        assert_eq!(names[1], distinct_names(&["b"])[0]);
    }
}
