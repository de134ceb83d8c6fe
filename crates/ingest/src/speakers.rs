//! Who speaks in a conversation, and in what part.
//!
//! A label that says it ("Interviewer", "P3") is believed. Where labels are
//! names, the one who keeps ending turns with a question is the interviewer, the
//! more surely if they also speak first; but only where that is clear, else
//! nobody's role is known. How sure it is, and why, is kept with each speaker.

mod habits;
mod labels;
mod variants;

use std::collections::BTreeMap;

use throughline_core::{ParticipantId, Role, RoleBasis, Speaker};

use habits::Habits;
pub use labels::is_unidentified;
pub(crate) use labels::stated;
use variants::Label;

/// Labels that answer only where another label asks.
const ANSWERS: &[&str] = &["a", "r"];

/// How sure a role is that the label states.
const STATED: f32 = 0.95;
/// How sure it is that those are participants who speak beside an interviewer.
const BESIDE: f32 = 0.8;

/// Those who speak in one document.
pub(crate) struct Cast {
    speakers: Vec<Speaker>,
    by_label: BTreeMap<String, usize>,
}

impl Cast {
    /// The part of whoever speaks under `label`.
    pub(crate) fn role(&self, label: &str) -> Role {
        self.speaker(label)
            .map_or(Role::Unknown, |speaker| speaker.role)
    }

    /// Which participant of `document` speaks under `label`; nobody where that
    /// cannot be told.
    pub(crate) fn participant(&self, document: &str, label: &str) -> Option<ParticipantId> {
        let speaker = self.speaker(label)?;
        let is_one = speaker.role == Role::Participant && !is_unidentified(label);
        is_one.then(|| ParticipantId::speaker(document, speaker.name()))
    }

    /// All of them, in order of first appearance.
    pub(crate) fn into_speakers(self) -> Vec<Speaker> {
        self.speakers
    }

    fn speaker(&self, label: &str) -> Option<&Speaker> {
        self.speakers.get(*self.by_label.get(label)?)
    }
}

/// Who speaks in `turns` (label, words). `given` wins over everything, by exact
/// label or else whatever the case of its letters. With `labels_apart`, no two
/// labels are spellings of one.
pub(crate) fn cast<'t>(
    turns: impl Iterator<Item = (&'t str, &'t str)>,
    given: &BTreeMap<String, Role>,
    labels_apart: bool,
) -> Cast {
    let turns: Vec<(&str, &str)> = turns.collect();
    let labels = labels_of(&turns);
    let said: Vec<Option<(Role, RoleBasis)>> = labels
        .iter()
        .map(|one| {
            let given = given_role(one.label, given).map(|role| (role, RoleBasis::Given));
            given.or_else(|| Some((stated(one.label)?, RoleBasis::Label)))
        })
        .collect();
    let role_of = |index: usize| said.get(index).copied().flatten().map(|(role, _)| role);
    let apart = |a: usize, b: usize| match (role_of(a), role_of(b)) {
        _ if labels_apart => true,
        (Some(a), Some(b)) => a != b,
        _ => false,
    };
    let people = variants::people(&labels, &apart);
    let mut by_label = BTreeMap::new();
    let mut parts: Vec<Option<(Role, RoleBasis, f32)>> = Vec::new();
    for (person, members) in people.iter().enumerate() {
        let part = members
            .iter()
            .filter_map(|index| said.get(*index).copied().flatten())
            .min_by_key(|(_, basis)| *basis)
            .map(|(role, basis)| match basis {
                RoleBasis::Given => (role, basis, 1.0),
                _ => (role, basis, STATED),
            });
        parts.push(part);
        for label in members.iter().filter_map(|index| labels.get(*index)) {
            by_label.insert(label.label.to_owned(), person);
        }
    }
    let names: Vec<Vec<String>> = people
        .iter()
        .map(|members| {
            let label = |index: &usize| labels.get(*index).map(|one| one.label.to_owned());
            members.iter().filter_map(label).collect()
        })
        .collect();
    settle(&mut parts, &names, &turns, &by_label);
    let speakers = names
        .into_iter()
        .zip(parts)
        .map(|(labels, part)| {
            let (role, basis, confidence) =
                part.unwrap_or((Role::Unknown, RoleBasis::Nothing, 0.0));
            Speaker {
                labels,
                role,
                confidence,
                basis,
                attributes: BTreeMap::new(),
            }
        })
        .collect();
    Cast { speakers, by_label }
}

/// The labels of `turns` in order of first appearance.
fn labels_of<'t>(turns: &[(&'t str, &'t str)]) -> Vec<Label<'t>> {
    let mut labels: Vec<Label<'t>> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let mut before: Option<usize> = None;
    for (label, _) in turns {
        let next = labels.len();
        let index = *known.entry(label).or_insert(next);
        if index == next {
            labels.push(Label {
                label,
                ..Label::default()
            });
        }
        if let Some(one) = labels.get_mut(index) {
            one.turns += 1;
            if let Some(before) = before.filter(|before| *before != index) {
                *one.beside.entry(before).or_default() += 1;
            }
        }
        if let Some(before) = before.filter(|before| *before != index)
            && let Some(one) = labels.get_mut(before)
        {
            *one.beside.entry(index).or_default() += 1;
        }
        before = Some(index);
    }
    labels
}

/// Finds the parts of people that neither a setting nor a label tells.
fn settle(
    parts: &mut [Option<(Role, RoleBasis, f32)>],
    names: &[Vec<String>],
    turns: &[(&str, &str)],
    by_label: &BTreeMap<String, usize>,
) {
    let unidentified: Vec<bool> = names
        .iter()
        .map(|labels| labels.iter().all(|label| is_unidentified(label)))
        .collect();
    let is_somebody = |person: usize| !unidentified.get(person).copied().unwrap_or_default();
    let asks = |part: &Option<(Role, RoleBasis, f32)>| {
        matches!(part, Some((Role::Interviewer | Role::Agent, _, _)))
    };
    if parts.iter().any(asks) {
        for (person, part) in parts.iter_mut().enumerate() {
            if part.is_none() && is_somebody(person) {
                *part = Some((Role::Participant, RoleBasis::Others, BESIDE));
            }
        }
        return;
    }
    for (part, labels) in parts.iter_mut().zip(names) {
        let answers = labels
            .iter()
            .any(|label| ANSWERS.contains(&label.to_lowercase().as_str()));
        if answers && matches!(part, Some((_, RoleBasis::Label, _))) {
            *part = None;
        }
    }
    let mut habits: BTreeMap<usize, Habits> = BTreeMap::new();
    for (number, (label, words)) in turns.iter().enumerate() {
        if let Some(person) = by_label.get(*label).filter(|person| is_somebody(**person)) {
            let one = habits.entry(*person).or_default();
            one.add(words);
            one.opens |= number == 0;
        }
    }
    let is_participant =
        |part: &Option<(Role, RoleBasis, f32)>| matches!(part, Some((Role::Participant, _, _)));
    let somebody_answers = parts.iter().any(is_participant);
    for (person, role, confidence) in habits::inferred(&habits) {
        let Some(part) = parts.get_mut(person) else {
            continue;
        };
        match part {
            Some((said, _, _)) if *said != role && role == Role::Interviewer => break,
            Some(_) => {}
            None if !somebody_answers || role == Role::Interviewer => {
                *part = Some((role, RoleBasis::Questions, confidence));
            }
            None => {}
        }
    }
}

/// True if two labels differ in capitals and punctuation alone.
pub(crate) fn same_label(a: &str, b: &str) -> bool {
    labels::words(a) == labels::words(b)
}

fn given_role(label: &str, given: &BTreeMap<String, Role>) -> Option<Role> {
    let lower = label.to_lowercase();
    given.get(label).copied().or_else(|| {
        given
            .iter()
            .find(|(name, _)| name.to_lowercase() == lower)
            .map(|(_, role)| *role)
    })
}

#[cfg(test)]
mod tests;
