//! What a word may be: asked once for each word of a text.

use std::collections::HashMap;
use std::ops::{BitOr, BitOrAssign};
use std::sync::LazyLock;

use crate::cues;
use crate::lists::{AMBIGUOUS, GIVEN, ORDINARY, ROLES};

/// What a word may be; several at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sorts(u32);

impl Sorts {
    pub(crate) const ORDINARY: Self = Self(1);
    pub(crate) const ROLE: Self = Self(1 << 1);
    pub(crate) const GIVEN: Self = Self(1 << 2);
    pub(crate) const AMBIGUOUS: Self = Self(1 << 3);
    pub(crate) const TITLE: Self = Self(1 << 4);
    /// The last word of a cue.
    pub(crate) const CUE: Self = Self(1 << 5);
    pub(crate) const RELATION: Self = Self(1 << 6);
    pub(crate) const FIELD: Self = Self(1 << 7);
    pub(crate) const CALLED: Self = Self(1 << 8);
    /// Something that has a number which is somebody's: "account".
    pub(crate) const NUMBERED: Self = Self(1 << 9);
    pub(crate) const ENDING: Self = Self(1 << 10);
    /// What ends the name of a street: "Road".
    pub(crate) const STREET: Self = Self(1 << 11);
    /// What begins the name of a street after its number: "rue".
    pub(crate) const RUE: Self = Self(1 << 12);
    /// What begins the name of a street before its number: "Calle".
    pub(crate) const CALLE: Self = Self(1 << 13);
    pub(crate) const BOX: Self = Self(1 << 14);
    pub(crate) const DOT: Self = Self(1 << 15);
    pub(crate) const WWW: Self = Self(1 << 16);
    /// A digit that is spelt out.
    pub(crate) const DIGIT: Self = Self(1 << 17);
    /// What a part of a compound ("pre-order", "one-two") may be as well.
    pub(crate) const OF_PARTS: Self =
        Self(Self::NUMBERED.0 | Self::STREET.0 | Self::RUE.0 | Self::DIGIT.0);
    /// What leads to a name without a capital of its own.
    pub(crate) const LEADS: Self =
        Self(Self::CUE.0 | Self::RELATION.0 | Self::FIELD.0 | Self::CALLED.0);
    /// What is looked at beside names.
    pub(crate) const SIGNS: Self = Self(
        Self::OF_PARTS.0 | Self::ENDING.0 | Self::CALLE.0 | Self::BOX.0 | Self::DOT.0 | Self::WWW.0,
    );

    /// True if the word is any of `others`.
    pub(crate) fn any(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// What is in both.
    pub(crate) fn only(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }
}

impl BitOr for Sorts {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Sorts {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

const NUMBERED: &[&str] = &[
    "account",
    "accounts",
    "acct",
    "a",
    "sort",
    "routing",
    "iban",
    "order",
    "orders",
    "invoice",
    "booking",
    "reservation",
    "confirmation",
    "reference",
    "ref",
    "ticket",
    "case",
    "claim",
    "policy",
    "member",
    "membership",
    "customer",
    "client",
    "patient",
    "loyalty",
    "gift",
    "driving",
    "driver",
    "drivers",
    "license",
    "licence",
    "passport",
    "social",
    "national",
    "nhs",
    "ssn",
    "tracking",
    "parcel",
    "consignment",
    "shipment",
    "package",
    "frequent",
    "employee",
    "student",
    "badge",
    "tax",
    "vat",
    "imei",
    "contract",
    "meter",
    "konto",
    "kontonummer",
    "kundennummer",
    "bestellnummer",
    "auftragsnummer",
    "commande",
    "dossier",
    "pedido",
    "cuenta",
    "conto",
    "ordine",
    "klantnummer",
];
const RUE: &[&str] = &[
    "rue",
    "avenue",
    "av",
    "boulevard",
    "bd",
    "place",
    "chemin",
    "allée",
    "impasse",
    "quai",
    "route",
];
const CALLE: &[&str] = &[
    "calle", "c", "avenida", "plaza", "paseo", "carrer", "via", "viale", "piazza", "corso", "rua",
    "largo",
];
const DIGITS: &[&str] = &[
    "oh", "o", "zero", "nought", "one", "two", "three", "four", "five", "six", "seven", "eight",
    "nine", "double", "treble", "triple", "hundred",
];

static LEXICON: LazyLock<HashMap<&'static str, Sorts>> = LazyLock::new(|| {
    let mut lexicon: HashMap<&'static str, Sorts> = HashMap::new();
    let mut add = |words: &mut dyn Iterator<Item = &'static str>, sort: Sorts| {
        for word in words {
            *lexicon.entry(word).or_default() |= sort;
        }
    };
    // Each list is read in the order of its file.
    add(&mut ORDINARY.words(), Sorts::ORDINARY);
    add(&mut ROLES.words(), Sorts::ROLE);
    add(&mut GIVEN.words(), Sorts::GIVEN);
    add(&mut AMBIGUOUS.words(), Sorts::AMBIGUOUS);
    add(&mut cues::last_words(), Sorts::CUE);
    for (words, sort) in [
        (cues::TITLES, Sorts::TITLE),
        (cues::RELATIONS, Sorts::RELATION),
        (cues::FIELDS, Sorts::FIELD),
        (&["called"], Sorts::CALLED),
        (NUMBERED, Sorts::NUMBERED),
        (&["ending"], Sorts::ENDING),
        (crate::places::STREETS, Sorts::STREET),
        (RUE, Sorts::RUE),
        (CALLE, Sorts::CALLE),
        (&["box", "postfach"], Sorts::BOX),
        (&["dot"], Sorts::DOT),
        (&["www"], Sorts::WWW),
        (DIGITS, Sorts::DIGIT),
    ] {
        add(&mut words.iter().copied(), sort);
    }
    lexicon
});

/// What `word`, in lower case, may be.
pub(crate) fn sorts(word: &str) -> Sorts {
    LEXICON.get(word).copied().unwrap_or_default()
}
