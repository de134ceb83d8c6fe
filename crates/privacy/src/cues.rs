//! Words beside which a name stands.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What must hold of a name that follows a cue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// Nothing: the cue says it all.
    Name,
    /// Two words, a comma after it, or a word such as "from": what follows is
    /// as often an adjective.
    Being,
    /// As [`Then::Being`], without the comma.
    Presence,
    /// A mark or the end of the line after it: a salutation.
    Closed,
    /// The end of the line after it: a signature.
    Last,
}

/// Cues by their words, in lower case; the name follows.
const CUES: &[(&str, Then)] = &[
    ("my name is", Then::Name),
    ("my name's", Then::Name),
    ("the name is", Then::Name),
    ("the name's", Then::Name),
    ("her name is", Then::Name),
    ("his name is", Then::Name),
    ("her name was", Then::Name),
    ("his name was", Then::Name),
    ("their name is", Then::Name),
    ("whose name is", Then::Name),
    ("whose name was", Then::Name),
    ("call me", Then::Name),
    ("named", Then::Name),
    ("by the name of", Then::Name),
    ("je m'appelle", Then::Name),
    ("s'appelle", Then::Name),
    ("s'appelait", Then::Name),
    ("ich heiße", Then::Name),
    ("ich heisse", Then::Name),
    ("mein name ist", Then::Name),
    ("me llamo", Then::Name),
    ("se llama", Then::Name),
    ("mi nombre es", Then::Name),
    ("mi chiamo", Then::Name),
    ("si chiama", Then::Name),
    ("mijn naam is", Then::Name),
    ("ik heet", Then::Name),
    ("meu nome é", Then::Name),
    ("me chamo", Then::Name),
    ("jag heter", Then::Name),
    ("spoke to", Then::Name),
    ("spoke with", Then::Name),
    ("speak to", Then::Name),
    ("speak with", Then::Name),
    ("spoken to", Then::Name),
    ("spoken with", Then::Name),
    ("speaking to", Then::Name),
    ("speaking with", Then::Name),
    ("talked to", Then::Name),
    ("talked with", Then::Name),
    ("talk to", Then::Name),
    ("talking to", Then::Name),
    ("chatted with", Then::Name),
    ("ask for", Then::Name),
    ("asked for", Then::Name),
    ("ran into", Then::Name),
    ("i'm", Then::Being),
    ("i am", Then::Being),
    ("ich bin", Then::Being),
    ("je suis", Then::Being),
    ("ik ben", Then::Being),
    ("soy", Then::Being),
    ("this is", Then::Presence),
    ("here is", Then::Presence),
    ("it's", Then::Presence),
    ("its", Then::Presence),
    ("it is", Then::Presence),
    ("we have", Then::Presence),
    ("hi", Then::Closed),
    ("hello", Then::Closed),
    ("hey", Then::Closed),
    ("dear", Then::Closed),
    ("welcome", Then::Closed),
    ("thanks", Then::Closed),
    ("thank you", Then::Closed),
    ("good morning", Then::Closed),
    ("good afternoon", Then::Closed),
    ("good evening", Then::Closed),
    ("bonjour", Then::Closed),
    ("hallo", Then::Closed),
    ("liebe", Then::Closed),
    ("lieber", Then::Closed),
    ("hola", Then::Closed),
    ("ciao", Then::Closed),
    ("regards", Then::Last),
    ("best wishes", Then::Last),
    ("wishes", Then::Last),
    ("best", Then::Last),
    ("sincerely", Then::Last),
    ("faithfully", Then::Last),
    ("yours", Then::Last),
    ("cheers", Then::Last),
    ("thanks", Then::Last),
    ("thank you", Then::Last),
    ("love", Then::Last),
    ("grüße", Then::Last),
    ("cordialement", Then::Last),
    ("saludos", Then::Last),
    ("saluti", Then::Last),
    ("groeten", Then::Last),
];

/// The last word of each cue.
pub(crate) fn last_words() -> impl Iterator<Item = &'static str> {
    CUES.iter()
        .map(|(cue, _)| cue.rsplit(' ').next().unwrap_or(cue))
}

/// Cues by their last words: the words before it, the last of them first, and
/// what is asked of the name; short cues before long ones.
static BY_LAST: LazyLock<BTreeMap<&'static str, Vec<Cue>>> = LazyLock::new(|| {
    let mut by_last = BTreeMap::<_, Vec<Cue>>::new();
    for (cue, then) in CUES {
        let mut words = cue.rsplit(' ');
        let last = words.next().unwrap_or(cue);
        let before = words.collect();
        by_last.entry(last).or_default().push(Cue {
            before,
            then: *then,
        });
    }
    for cues in by_last.values_mut() {
        cues.sort_by_key(|cue| cue.before.len());
    }
    by_last
});

/// A cue without its last word.
pub(crate) struct Cue {
    /// The words before the last, from the end on.
    pub(crate) before: Vec<&'static str>,
    pub(crate) then: Then,
}

/// The cues that end in `word`.
pub(crate) fn ending_in(word: &str) -> &'static [Cue] {
    BY_LAST.get(word).map_or(&[], Vec::as_slice)
}

/// True if the word stands before a surname.
pub(crate) fn is_title(word: &str) -> bool {
    TITLES.contains(&word)
}

/// What stands before a surname.
pub(crate) const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "prof",
    "professor",
    "doctor",
    "sir",
    "captain",
    "nurse",
    "officer",
    "sister",
    "father",
    "reverend",
    "rev",
    "judge",
    "sergeant",
    "constable",
    "inspector",
    "lieutenant",
    "colonel",
    "rabbi",
    "imam",
    "herr",
    "frau",
    "monsieur",
    "madame",
    "mme",
    "mlle",
    "señor",
    "señora",
    "sra",
    "signor",
    "signora",
    "signore",
    "meneer",
    "mevrouw",
    "auntie",
    "aunt",
    "uncle",
    "lord",
    "lady",
    "coach",
];

/// A person by their relation to somebody; "my … Ann" is one.
pub(crate) const RELATIONS: &[&str] = &[
    "husband",
    "wife",
    "son",
    "daughter",
    "brother",
    "sister",
    "mother",
    "father",
    "mum",
    "mom",
    "dad",
    "partner",
    "boyfriend",
    "girlfriend",
    "friend",
    "friends",
    "colleague",
    "boss",
    "manager",
    "neighbour",
    "neighbor",
    "flatmate",
    "roommate",
    "housemate",
    "cousin",
    "aunt",
    "uncle",
    "niece",
    "nephew",
    "grandson",
    "granddaughter",
    "grandmother",
    "grandfather",
    "fiancé",
    "fiancée",
    "fiance",
    "assistant",
    "coworker",
    "co-worker",
    "teacher",
    "therapist",
    "dentist",
    "ex",
    "trainer",
    "landlord",
    "landlady",
    "supervisor",
    "teammate",
];

/// Whose: what stands before a relation.
pub(crate) fn is_possessive(word: &str) -> bool {
    matches!(word, "my" | "his" | "her" | "our" | "their" | "your")
}

/// A person of whom it may be said that they are called something.
pub(crate) fn is_person(word: &str) -> bool {
    RELATIONS.contains(&word)
        || matches!(
            word,
            "person"
                | "lady"
                | "man"
                | "woman"
                | "guy"
                | "chap"
                | "bloke"
                | "girl"
                | "boy"
                | "someone"
                | "somebody"
                | "agent"
                | "rep"
                | "representative"
                | "adviser"
                | "advisor"
                | "driver"
                | "courier"
                | "technician"
                | "engineer"
                | "gentleman"
                | "employee"
                | "assistant"
                | "waiter"
                | "waitress"
                | "participant"
                | "customer"
        )
}

/// What stands after the name of somebody who says who they are.
pub(crate) fn is_presence(word: &str) -> bool {
    matches!(
        word,
        "from" | "speaking" | "calling" | "here" | "again" | "von" | "de"
    )
}

/// Where somebody of whom it is said that they are "from" there works.
pub(crate) fn is_department(word: &str) -> bool {
    matches!(
        word,
        "accounts"
            | "billing"
            | "complaints"
            | "customer"
            | "delivery"
            | "dispatch"
            | "despatch"
            | "downstairs"
            | "finance"
            | "hr"
            | "it"
            | "logistics"
            | "marketing"
            | "next"
            | "operations"
            | "reception"
            | "returns"
            | "sales"
            | "security"
            | "shipping"
            | "support"
            | "upstairs"
            | "tech"
            | "technical"
            | "your"
            | "our"
    )
}

/// What a line begins with that states somebody's name.
pub(crate) const FIELDS: &[&str] = &[
    "name",
    "contact",
    "author",
    "reviewer",
    "customer",
    "guest",
    "signed",
    "attn",
    "from",
    "firstname",
    "surname",
    "nombre",
    "nom",
    "nome",
    "naam",
];

/// A word that belongs to the surname after it.
pub(crate) fn is_particle(word: &str) -> bool {
    matches!(
        word,
        "van"
            | "der"
            | "den"
            | "de"
            | "von"
            | "zu"
            | "da"
            | "do"
            | "dos"
            | "di"
            | "del"
            | "della"
            | "la"
            | "le"
            | "du"
            | "al"
            | "el"
            | "bin"
            | "ibn"
            | "ter"
            | "ten"
            | "af"
            | "y"
    )
}
