//! Words beside which a name stands.

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

/// Words of the longest cue.
pub(crate) const LONGEST: usize = 4;

/// What a cue of these words asks of the name after it.
pub(crate) fn cues(words: &str) -> impl Iterator<Item = Then> + '_ {
    CUES.iter()
        .filter(move |(cue, _)| *cue == words)
        .map(|(_, then)| *then)
}

/// True if a cue ends in this word: where none does, none is looked for.
pub(crate) fn ends_a_cue(word: &str) -> bool {
    matches!(
        word,
        "is" | "was"
            | "name's"
            | "me"
            | "named"
            | "of"
            | "m'appelle"
            | "s'appelle"
            | "s'appelait"
            | "heiße"
            | "heisse"
            | "ist"
            | "llamo"
            | "llama"
            | "es"
            | "chiamo"
            | "chiama"
            | "heet"
            | "é"
            | "chamo"
            | "heter"
            | "to"
            | "with"
            | "for"
            | "into"
            | "i'm"
            | "am"
            | "bin"
            | "suis"
            | "ben"
            | "soy"
            | "it's"
            | "its"
            | "have"
            | "hi"
            | "hello"
            | "hey"
            | "dear"
            | "welcome"
            | "thanks"
            | "you"
            | "morning"
            | "afternoon"
            | "evening"
            | "bonjour"
            | "hallo"
            | "liebe"
            | "lieber"
            | "hola"
            | "ciao"
            | "regards"
            | "wishes"
            | "best"
            | "sincerely"
            | "faithfully"
            | "yours"
            | "cheers"
            | "love"
            | "grüße"
            | "cordialement"
            | "saludos"
            | "saluti"
            | "groeten"
    )
}

/// What stands before a surname.
pub(crate) fn is_title(word: &str) -> bool {
    matches!(
        word,
        "mr" | "mrs"
            | "ms"
            | "miss"
            | "mx"
            | "dr"
            | "prof"
            | "professor"
            | "doctor"
            | "sir"
            | "captain"
            | "nurse"
            | "officer"
            | "sister"
            | "father"
            | "reverend"
            | "rev"
            | "judge"
            | "sergeant"
            | "constable"
            | "inspector"
            | "lieutenant"
            | "colonel"
            | "rabbi"
            | "imam"
            | "herr"
            | "frau"
            | "monsieur"
            | "madame"
            | "mme"
            | "mlle"
            | "señor"
            | "señora"
            | "sra"
            | "signor"
            | "signora"
            | "signore"
            | "meneer"
            | "mevrouw"
            | "auntie"
            | "aunt"
            | "uncle"
            | "lord"
            | "lady"
            | "coach"
    )
}

/// A person by their relation to somebody; "my … Ann" is one.
pub(crate) fn is_relation(word: &str) -> bool {
    matches!(
        word,
        "husband"
            | "wife"
            | "son"
            | "daughter"
            | "brother"
            | "sister"
            | "mother"
            | "father"
            | "mum"
            | "mom"
            | "dad"
            | "partner"
            | "boyfriend"
            | "girlfriend"
            | "friend"
            | "friends"
            | "colleague"
            | "boss"
            | "manager"
            | "neighbour"
            | "neighbor"
            | "flatmate"
            | "roommate"
            | "housemate"
            | "cousin"
            | "aunt"
            | "uncle"
            | "niece"
            | "nephew"
            | "grandson"
            | "granddaughter"
            | "grandmother"
            | "grandfather"
            | "fiancé"
            | "fiancée"
            | "fiance"
            | "assistant"
            | "coworker"
            | "co-worker"
            | "teacher"
            | "therapist"
            | "dentist"
            | "ex"
            | "trainer"
            | "landlord"
            | "landlady"
            | "supervisor"
            | "teammate"
    )
}

/// Whose: what stands before a relation.
pub(crate) fn is_possessive(word: &str) -> bool {
    matches!(word, "my" | "his" | "her" | "our" | "their" | "your")
}

/// A person of whom it may be said that they are called something.
pub(crate) fn is_person(word: &str) -> bool {
    is_relation(word)
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
pub(crate) fn is_field(word: &str) -> bool {
    matches!(
        word,
        "name"
            | "contact"
            | "author"
            | "reviewer"
            | "customer"
            | "guest"
            | "signed"
            | "attn"
            | "from"
            | "firstname"
            | "surname"
            | "nombre"
            | "nom"
            | "nome"
            | "naam"
    )
}

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
