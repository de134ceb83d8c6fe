//! What labels themselves say: a role, or that nobody knows who spoke.

use throughline_core::Role;

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

/// Words for somebody whom the transcriber could not tell from others …
const UNIDENTIFIED: &[&str] = &[
    "inaudible",
    "multiple",
    "several",
    "unclear",
    "unidentified",
    "unknown",
    "unnamed",
    "various",
];
/// … or for many at a time.
const MANY: &[&str] = &[
    "all",
    "audience",
    "both",
    "crowd",
    "everybody",
    "everyone",
    "group",
    "man",
    "speakers",
    "voice",
    "voices",
    "woman",
];
/// Words that stand before what tells one from another: "Speaker 1".
const GENERIC: &[&str] = &[
    "female", "group", "male", "man", "member", "person", "speaker", "student", "team", "voice",
    "woman",
];

/// True for a label under which different people may speak: "Unknown speaker",
/// "All", "???". Nobody is a participant under it.
#[must_use]
pub fn is_unidentified(label: &str) -> bool {
    let words = words(label);
    let is = |list: &[&str], word: &String| list.contains(&word.as_str());
    match words.as_slice() {
        [] => true,
        [one] => {
            is(MANY, one) || is(UNIDENTIFIED, one) || (one == "speaker" && label.contains('?'))
        }
        [first, rest @ ..] => is(UNIDENTIFIED, first) && rest.len() <= 2,
    }
}

/// True for a word that many speakers share, so that it names nobody.
pub(super) fn is_generic(word: &str) -> bool {
    GENERIC.contains(&word) || one_word(word).is_some()
}

/// The words of a label in small letters, numbers apart from letters: "P-07" is
/// "p" and "07".
pub(super) fn words(label: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = None;
    for c in label.chars() {
        let kind = c.is_alphanumeric().then(|| c.is_numeric());
        if let Some(word) = words
            .last_mut()
            .filter(|_| kind.is_some() && kind == before)
        {
            word.extend(c.to_lowercase());
        } else if kind.is_some() {
            words.push(c.to_lowercase().collect());
        }
        before = kind;
    }
    words
}

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
