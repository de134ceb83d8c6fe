use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::CoreError;

/// Makes a closed set of labels with one spelling each, everywhere the same:
/// in JSON, in queries, in the database and in model folders.
macro_rules! labels {
    (
        $(#[$doc:meta])* $name:ident, $what:literal:
        $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)?
    ) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every label, in the order of the subject matter.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The one spelling of this label.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = CoreError;

            fn from_str(word: &str) -> Result<Self, CoreError> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(CoreError::UnknownLabel {
                        what: $what,
                        word: word.to_owned(),
                        known: [$($word),+].join(", "),
                    }),
                }
            }
        }
    };
}

labels! {
    /// Where in a journey a passage's main content sits. Frameworks map these
    /// to their stages.
    Moment, "moment":
    /// The problem, event or trigger before any product.
    Need = "need",
    /// First contact with the brand or product.
    Discover = "discover",
    /// Evaluating before committing.
    Research = "research",
    /// Deciding and buying.
    Purchase = "purchase",
    /// Receiving it.
    Delivery = "delivery",
    /// Getting started.
    Setup = "setup",
    /// Using or experiencing it.
    Use = "use",
    /// Getting help.
    Support = "support",
    /// Staying or leaving.
    Loyalty = "loyalty",
    /// Telling others.
    Advocacy = "advocacy",
    /// Not about a journey.
    None = "none",
}

labels! {
    /// The speaker's evaluation in a passage.
    Sentiment, "sentiment":
    /// Clearly negative.
    Negative = "negative",
    /// Factual, procedural, a question: no evaluation.
    Neutral = "neutral",
    /// Clearly positive.
    Positive = "positive",
    /// Both clearly present; kept, never averaged away.
    Mixed = "mixed",
}

labels! {
    /// The channel or thing a passage is about.
    Touchpoint, "touchpoint":
    /// Website, portal, form.
    Web = "web",
    /// Software that is the product, or its app.
    App = "app",
    /// The good itself, physical or content, room, food, vehicle.
    Product = "product",
    /// Shop, branch, premises.
    Place = "place",
    /// People face to face.
    Staff = "staff",
    /// Call centre.
    Phone = "phone",
    /// E-mail, chat, letters, notifications.
    Chat = "chat",
    /// Courier, shipping.
    Delivery = "delivery",
    /// Price, billing, fees, refunds of money.
    Pay = "pay",
    /// Advertising, brand, social media.
    Ads = "ads",
    /// Word of mouth, reviews, community.
    Peers = "peers",
    /// Instructions, help pages, policies.
    Docs = "docs",
    /// No touchpoint.
    None = "none",
}

labels! {
    /// Who runs a touchpoint.
    Owner, "owner class":
    /// The organisation itself.
    Brand = "brand-owned",
    /// A partner acting for it.
    Partner = "partner-owned",
    /// The customer.
    Customer = "customer-owned",
    /// Other people and the public.
    Social = "social/independent",
}

labels! {
    /// What part a speaker has in a conversation.
    Role, "role":
    /// Asks the questions; never evidence.
    Interviewer = "interviewer",
    /// Speaks of their own experience: evidence.
    Participant = "participant",
    /// Serves the customer on behalf of an organisation; never evidence.
    Agent = "agent",
    /// Not known; flagged, and kept out of participant counts.
    Unknown = "unknown",
}

labels! {
    /// The consequence that a pain passage states, from worst to mildest
    /// (see [`Severity::level`]). An ordinal: never averaged.
    Severity, "severity":
    /// Loss or leaving: money, data, health or order lost; cancelled, switched.
    Loss = "loss",
    /// The task failed or was given up.
    Failed = "failed",
    /// Extra effort, delay, cost, repeated tries, a workaround.
    Effort = "effort",
    /// Irritation, doubt, a wish.
    Irritation = "irritation",
    /// No consequence can be read.
    Unknown = "unknown",
}

labels! {
    /// Whether a mention's topic was brought up by somebody else first.
    Prompting, "prompting":
    /// The interviewer's previous turn or the survey's question brought it up.
    Prompted = "prompted",
    /// The participant brought it up.
    Unprompted = "unprompted",
    /// A bare yes or an echo; never evidence alone.
    Assent = "assent",
    /// Roles are unknown.
    Unknown = "unknown",
}

labels! {
    /// Why a passage belongs to no theme.
    OtherReason, "reason":
    /// Nothing else in its stage says something near enough.
    TooFar = "too far",
    /// Those that say the same are fewer than a theme needs.
    TooFew = "too few",
    /// A person put it in no theme, or deleted the theme that it was in.
    SetAside = "set aside",
}

impl Touchpoint {
    /// The owner class of this touchpoint; `None` for [`Touchpoint::None`].
    #[must_use]
    pub fn owner(self) -> Option<Owner> {
        match self {
            Self::Web
            | Self::App
            | Self::Product
            | Self::Place
            | Self::Staff
            | Self::Phone
            | Self::Chat
            | Self::Pay
            | Self::Ads
            | Self::Docs => Some(Owner::Brand),
            Self::Delivery => Some(Owner::Partner),
            Self::Peers => Some(Owner::Social),
            Self::None => None,
        }
    }
}

impl Role {
    /// True if this speaker's words can be evidence of a pain point.
    #[must_use]
    pub fn is_evidence(self) -> bool {
        self == Self::Participant
    }
}

impl Severity {
    /// 4 (loss or leaving) to 1 (irritation, doubt, a wish); `None` if unknown.
    #[must_use]
    pub fn level(self) -> Option<u8> {
        match self {
            Self::Loss => Some(4),
            Self::Failed => Some(3),
            Self::Effort => Some(2),
            Self::Irritation => Some(1),
            Self::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_has_one_spelling_that_parses_back() {
        for moment in Moment::ALL {
            assert_eq!(moment.as_str().parse::<Moment>().unwrap(), *moment);
            let json = serde_json::to_string(moment).unwrap();
            assert_eq!(json, format!("\"{moment}\""));
        }
        let error = "shopping".parse::<Moment>().unwrap_err().to_string();
        assert!(error.contains("need, discover"), "{error}");
    }

    #[test]
    fn severity_orders_by_consequence() {
        let levels: Vec<_> = Severity::ALL.iter().map(|s| s.level()).collect();
        assert_eq!(levels, [Some(4), Some(3), Some(2), Some(1), None]);
    }
}
