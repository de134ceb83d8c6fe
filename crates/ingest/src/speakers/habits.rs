//! Who asks and who answers, by how they speak.

use std::collections::BTreeMap;

use throughline_core::Role;

/// Fewer turns say nothing about how somebody speaks.
const TURNS: usize = 3;
/// A speaker with a smaller share of the turns is left out of the comparison.
const SHARE: f64 = 0.05;
/// Interviewers end at least this share of their turns with a question …
const ASKS: f64 = 0.12;
/// … at least so many times as often as anybody else …
const MARGIN: f64 = 2.0;
/// … whose share is taken to be no smaller than this.
const FLOOR: f64 = 0.03;
/// The others' turns are longer by this factor, and of so many words …
const LONGER: f64 = 1.25;
const ANSWER: f64 = 30.0;
/// … unless one speaker asks in this share of turns and the others in less than that.
const ASKS_MOSTLY: f64 = 0.4;
const ASKS_SELDOM: f64 = 0.15;

/// How somebody speaks.
#[derive(Default)]
pub(super) struct Habits {
    turns: usize,
    words: usize,
    /// Turns that end with a question.
    questions: usize,
    /// True for whoever speaks first.
    pub(super) opens: bool,
}

impl Habits {
    pub(super) fn add(&mut self, words: &str) {
        self.turns += 1;
        self.words += words.split_whitespace().count();
        let end = words.trim_end_matches(|c: char| {
            c.is_whitespace() || matches!(c, '"' | '\'' | ')' | ']' | '”' | '’' | '»' | '*' | '_')
        });
        self.questions += usize::from(end.ends_with(['?', '？', '؟']));
    }

    fn asks(&self) -> f64 {
        self.questions as f64 / self.turns.max(1) as f64
    }

    fn length(&self) -> f64 {
        self.words as f64 / self.turns.max(1) as f64
    }
}

/// Interviewers and participants by how they speak, and how sure that is; empty
/// where it is not clear. Interviewers come first.
pub(super) fn inferred(speakers: &BTreeMap<usize, Habits>) -> Vec<(usize, Role, f32)> {
    let turns: usize = speakers.values().map(|habits| habits.turns).sum();
    let mut main: Vec<(usize, &Habits)> = speakers
        .iter()
        .filter(|(_, habits)| habits.turns >= TURNS && habits.turns as f64 >= SHARE * turns as f64)
        .map(|(person, habits)| (*person, habits))
        .collect();
    main.sort_by(|a, b| b.1.asks().total_cmp(&a.1.asks()));
    for split in 1..main.len().min(3) {
        let (hosts, guests) = main.split_at(split);
        if let Some(confidence) = clearness(hosts, guests) {
            let host = hosts
                .iter()
                .map(|(person, _)| (*person, Role::Interviewer, confidence));
            let guest = guests
                .iter()
                .map(|(person, _)| (*person, Role::Participant, confidence));
            return host.chain(guest).collect();
        }
    }
    Vec::new()
}

/// How sure it is that `hosts` interview `guests`, if it is clear at all.
fn clearness(hosts: &[(usize, &Habits)], guests: &[(usize, &Habits)]) -> Option<f32> {
    let ((_, least), (_, most)) = (hosts.last()?, guests.first()?);
    let mostly = hosts.len() == 1 && least.asks() >= ASKS_MOSTLY && most.asks() <= ASKS_SELDOM;
    let longest = hosts
        .iter()
        .map(|(_, habits)| habits.length())
        .fold(0.0, f64::max);
    let longer = guests
        .iter()
        .all(|(_, habits)| habits.length() >= ANSWER.max(longest * LONGER));
    let more = least.asks() >= ASKS && least.asks() >= MARGIN * most.asks().max(FLOOR);
    let opens = hosts.iter().any(|(_, habits)| habits.opens);
    let clear = match (mostly, more && longer && hosts.len() <= guests.len() + 1) {
        (true, true) => 0.95,
        (true, false) => 0.8,
        (false, true) => 0.85,
        (false, false) => return None,
    };
    // Whoever speaks first is the interviewer more often than not.
    Some(if opens { clear } else { clear - 0.15 })
}
