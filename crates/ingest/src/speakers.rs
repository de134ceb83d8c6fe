//! What part each speaker has in a conversation.
//!
//! A label that says it ("Interviewer", "P3") is believed. Where labels are
//! names, the one who keeps ending turns with a question is the interviewer, but
//! only where that is clear; else nobody's role is known.

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

const INTERVIEWER: &[&str] = &[
    "ai",
    "assistant",
    "enquêteur",
    "enquêtrice",
    "entrevistador",
    "entrevistadora",
    "facilitator",
    "host",
    "i",
    "int",
    "interviewer",
    "interviewerin",
    "intervieweur",
    "intervieweuse",
    "intervistatore",
    "mod",
    "moderator",
    "moderatorin",
    "q",
    "question",
    "researcher",
    "インタビュアー",
    "司会",
    "聞き手",
];
const PARTICIPANT: &[&str] = &[
    "a",
    "answer",
    "befragte",
    "befragter",
    "buyer",
    "caller",
    "client",
    "consumer",
    "customer",
    "entrevistada",
    "entrevistado",
    "guest",
    "informant",
    "interviewee",
    "interviewte",
    "p",
    "participant",
    "participante",
    "patient",
    "proband",
    "probandin",
    "r",
    "resp",
    "respondent",
    "shopper",
    "subject",
    "teilnehmer",
    "teilnehmerin",
    "tester",
    "user",
    "visitor",
    "参加者",
    "回答者",
];
const AGENT: &[&str] = &[
    "adviser",
    "advisor",
    "agent",
    "csr",
    "operator",
    "rep",
    "representative",
    "support",
    "technician",
];
/// People in the room whose words are neither questions nor evidence.
const BYSTANDER: &[&str] = &[
    "interpreter",
    "narrator",
    "notetaker",
    "observer",
    "transcriber",
    "transcriptionist",
    "translator",
];
/// Words that also state a role in front of a name.
const STARTING: &[&str] = &[
    "interviewer",
    "interviewee",
    "moderator",
    "participant",
    "respondent",
];
/// Labels that answer only where another label asks.
const ANSWERS: &[&str] = &["a", "r"];

/// The role that a label itself states, if it states one.
pub(crate) fn stated(label: &str) -> Option<Role> {
    let label = label
        .trim()
        .trim_matches(['[', ']', '(', ')', '*', ':'])
        .to_lowercase();
    let bare = label
        .trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ' ' | '#' | '-' | '_' | '.'));
    for whole in [label.as_str(), bare] {
        if let Some(role) = one_word(whole) {
            return Some(role);
        }
    }
    // What Zoom calls whoever dialled in.
    if label.starts_with("call-in ") {
        return None;
    }
    // "Interviewer (Ann)", "Support agent", "Ann, UX researcher", "Participant A".
    let parts = label.split(['(', ')', '[', ']', ',', '/', '|', '–']);
    let roles: Vec<_> = parts.filter_map(part_role).collect();
    [
        Role::Agent,
        Role::Interviewer,
        Role::Participant,
        Role::Unknown,
    ]
    .into_iter()
    .find(|role| roles.contains(role))
}

/// The role that a part of a label ends with, as "UX researcher" does, or begins
/// with, if nothing else can be meant ("Participant Dana", but not "User Interface").
fn part_role(part: &str) -> Option<Role> {
    let words: Vec<_> = part
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 2 && word.chars().any(char::is_alphabetic))
        .collect();
    if words.len() > 4 {
        return None;
    }
    // "For my final question" states none.
    if words.len() > 1 && matches!(words.last(), Some(&("question" | "answer" | "subject"))) {
        return None;
    }
    let begins = |word: &&&str| STARTING.contains(*word);
    let last = words.last().and_then(|word| one_word(word));
    last.or_else(|| words.first().filter(begins).and_then(|word| one_word(word)))
}

fn one_word(word: &str) -> Option<Role> {
    let is = |list: &[&str]| list.contains(&word);
    if is(AGENT) {
        Some(Role::Agent)
    } else if is(INTERVIEWER) {
        Some(Role::Interviewer)
    } else if is(PARTICIPANT) {
        Some(Role::Participant)
    } else if is(BYSTANDER) {
        Some(Role::Unknown)
    } else {
        None
    }
}

/// The role of every label among `turns` (label, words). `given` wins over
/// everything, by exact label or else whatever the case of its letters.
pub(crate) fn roles<'t>(
    turns: impl Iterator<Item = (&'t str, &'t str)>,
    given: &BTreeMap<String, Role>,
) -> BTreeMap<String, Role> {
    let mut speakers: BTreeMap<&str, Habits> = BTreeMap::new();
    for (label, words) in turns {
        speakers.entry(label).or_default().add(words);
    }
    let mut roles: BTreeMap<String, Role> = BTreeMap::new();
    for label in speakers.keys() {
        if let Some(role) = given_role(label, given).or_else(|| stated(label)) {
            roles.insert((*label).to_owned(), role);
        }
    }
    let asks = |role: &Role| matches!(role, Role::Interviewer | Role::Agent);
    let somebody_asks = roles.values().any(asks);
    if !somebody_asks {
        roles.retain(|label, _| {
            given_role(label, given).is_some() || !ANSWERS.contains(&label.to_lowercase().as_str())
        });
        let somebody_answers = roles.values().any(|role| *role == Role::Participant);
        for (label, role) in inferred(&speakers) {
            let contradicts = roles.get(&label).is_some_and(|stated| *stated != role);
            if contradicts && role == Role::Interviewer {
                break;
            }
            if !somebody_answers || role == Role::Interviewer {
                roles.entry(label).or_insert(role);
            }
        }
    }
    let other = if somebody_asks {
        Role::Participant
    } else {
        Role::Unknown
    };
    for label in speakers.keys() {
        roles.entry((*label).to_owned()).or_insert(other);
    }
    roles
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

/// How somebody speaks.
#[derive(Default)]
struct Habits {
    turns: usize,
    words: usize,
    /// Turns that end with a question.
    questions: usize,
}

impl Habits {
    fn add(&mut self, words: &str) {
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

/// Interviewers and participants by how they speak; empty where it is not clear.
/// Interviewers come first.
fn inferred(speakers: &BTreeMap<&str, Habits>) -> Vec<(String, Role)> {
    let turns: usize = speakers.values().map(|habits| habits.turns).sum();
    let mut main: Vec<(&str, &Habits)> = speakers
        .iter()
        .filter(|(_, habits)| habits.turns >= TURNS && habits.turns as f64 >= SHARE * turns as f64)
        .map(|(label, habits)| (*label, habits))
        .collect();
    main.sort_by(|a, b| b.1.asks().total_cmp(&a.1.asks()));
    for split in 1..main.len().min(3) {
        let (hosts, guests) = main.split_at(split);
        if is_clear(hosts, guests) {
            let host = hosts
                .iter()
                .map(|(label, _)| ((*label).to_owned(), Role::Interviewer));
            let guest = guests
                .iter()
                .map(|(label, _)| ((*label).to_owned(), Role::Participant));
            return host.chain(guest).collect();
        }
    }
    Vec::new()
}

fn is_clear(hosts: &[(&str, &Habits)], guests: &[(&str, &Habits)]) -> bool {
    let (Some((_, least)), Some((_, most))) = (hosts.last(), guests.first()) else {
        return false;
    };
    let mostly = hosts.len() == 1 && least.asks() >= ASKS_MOSTLY && most.asks() <= ASKS_SELDOM;
    let longest = hosts
        .iter()
        .map(|(_, habits)| habits.length())
        .fold(0.0, f64::max);
    let longer = guests
        .iter()
        .all(|(_, habits)| habits.length() >= ANSWER.max(longest * LONGER));
    let more = least.asks() >= ASKS && least.asks() >= MARGIN * most.asks().max(FLOOR);
    mostly || (more && longer && hosts.len() <= guests.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(turns: &[(&str, &str)]) -> Vec<(String, Role)> {
        roles(turns.iter().copied(), &BTreeMap::new())
            .into_iter()
            .collect()
    }

    fn role(label: &str) -> Option<Role> {
        stated(label)
    }

    #[test]
    fn labels_state_roles() {
        for label in [
            "I",
            "INT",
            "Interviewer",
            "Interviewer 2",
            "Q",
            "Moderator",
            "AI",
            "UX Researcher",
            "Ann (Interviewer)",
        ] {
            assert_eq!(role(label), Some(Role::Interviewer), "{label}");
        }
        for label in [
            "P",
            "P1",
            "P-07",
            "Participant A",
            "Participant Dana",
            "Respondent",
            "User",
            "CUSTOMER",
            "Guest 2",
            "Teilnehmerin 3",
        ] {
            assert_eq!(role(label), Some(Role::Participant), "{label}");
        }
        for label in ["Agent", "Customer Support", "Support agent (Kim)", "Rep"] {
            assert_eq!(role(label), Some(Role::Agent), "{label}");
        }
        for label in [
            "Dana",
            "Speaker 1",
            "Call-in User 1",
            "P. Miller",
            "田中",
            "Project Manager",
            "User Interface",
            "My final question",
            "",
        ] {
            assert_eq!(role(label), None, "{label}");
        }
    }

    #[test]
    fn names_beside_an_interviewer_are_participants() {
        let got = of(&[
            ("Assistant", "Hello"),
            ("User", "Hi"),
            ("AI", "So"),
            ("Dana", "Well"),
        ]);
        let roles: Vec<_> = got.iter().map(|(_, role)| *role).collect();
        use Role::{Interviewer, Participant};
        assert_eq!(roles, [Interviewer, Interviewer, Participant, Participant]);
    }

    #[test]
    fn a_letter_answers_only_where_another_asks() {
        assert_eq!(of(&[("Q", "Why"), ("A", "So")])[0].1, Role::Participant);
        assert_eq!(
            of(&[("A", "Why"), ("B", "So"), ("C", "No")])[0].1,
            Role::Unknown
        );
    }

    #[test]
    fn the_one_who_asks_is_the_interviewer_if_that_is_clear() {
        let asked = [("Ann", "And why was that?"), ("Ben", "Because it broke.")].repeat(4);
        assert_eq!(
            of(&asked),
            [
                ("Ann".to_owned(), Role::Interviewer),
                ("Ben".to_owned(), Role::Participant)
            ]
        );
        let both = [("Ann", "And why was that?"), ("Ben", "Did it not break?")].repeat(4);
        assert!(of(&both).iter().all(|(_, role)| *role == Role::Unknown));
        let short = [("Ann", "And why was that?"), ("Ben", "Because.")];
        assert!(of(&short).iter().all(|(_, role)| *role == Role::Unknown));
    }

    #[test]
    fn what_is_given_wins() {
        let given = BTreeMap::from([
            ("ann".to_owned(), Role::Participant),
            ("User".to_owned(), Role::Agent),
        ]);
        let got = roles([("Ann", "Why?"), ("User", "So.")].into_iter(), &given);
        assert_eq!(got["Ann"], Role::Participant);
        assert_eq!(got["User"], Role::Agent);
    }
}
