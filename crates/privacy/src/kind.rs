use std::fmt;

use serde::{Deserialize, Serialize};
use throughline_core::Span;

/// What sort of thing identifies somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A person's name, or the handle they go by.
    Person,
    /// An e-mail address, also one that was spelt out aloud.
    Email,
    /// A telephone number, also one that was spelt out aloud.
    Phone,
    /// The number of a payment card.
    Card,
    /// The number of an account, order, booking, ticket, policy or document.
    Account,
    /// A postal address or a part of one that finds a house.
    Address,
    /// An address on the web that leads to one person's page or file.
    Url,
    /// The address of a machine on the internet.
    Ip,
}

impl Kind {
    /// Every kind, in the order they are reported.
    pub const ALL: &'static [Self] = &[
        Self::Person,
        Self::Email,
        Self::Phone,
        Self::Card,
        Self::Account,
        Self::Address,
        Self::Url,
        Self::Ip,
    ];

    /// The one spelling of this kind.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Card => "card",
            Self::Account => "account",
            Self::Address => "address",
            Self::Url => "url",
            Self::Ip => "ip",
        }
    }

    /// What one of them, or several, are called in a sentence.
    #[must_use]
    pub fn in_words(self, count: u64) -> &'static str {
        let one = count == 1;
        match self {
            Self::Person if one => "name of a person",
            Self::Person => "names of people",
            Self::Email if one => "e-mail address",
            Self::Email => "e-mail addresses",
            Self::Phone if one => "phone number",
            Self::Phone => "phone numbers",
            Self::Card if one => "card number",
            Self::Card => "card numbers",
            Self::Account if one => "account or order number",
            Self::Account => "account or order numbers",
            Self::Address if one => "postal address",
            Self::Address => "postal addresses",
            Self::Url if one => "personal web address",
            Self::Url => "personal web addresses",
            Self::Ip if one => "IP address",
            Self::Ip => "IP addresses",
        }
    }

    /// What stands in a text for the `number`th of this kind.
    #[must_use]
    pub fn pseudonym(self, number: u32) -> String {
        match self {
            Self::Person => format!("Person {number}"),
            other => format!("[{other} {number}]"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Something in a text that identifies somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Where it stands: bytes of the text, on character boundaries.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}
