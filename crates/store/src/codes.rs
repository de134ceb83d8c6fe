//! The numbers that stand for labels in the record.
//!
//! They are spelled out, not taken from the order of core's enums, so that a
//! label added or moved there never changes what an old record says. A number
//! is never given to another label.

use throughline_core::{
    Moment, OtherReason, Role, Scored, Sentiment, SourceKind, Tags, Touchpoint,
};

use crate::StoreError;

/// A closed set of labels whose place in the list is its number.
pub(crate) trait Coded: Copy + PartialEq + 'static {
    /// The labels by number.
    const CODES: &'static [Self];
    /// What they are, for a message.
    const WHAT: &'static str;

    /// The label's number.
    fn code(self) -> u8 {
        // Every label is in its list (tested below).
        Self::CODES
            .iter()
            .position(|label| *label == self)
            .unwrap_or(usize::from(u8::MAX)) as u8
    }

    /// The label with the number `code`.
    fn from_code(code: u8) -> Result<Self, StoreError> {
        let known = Self::CODES.get(usize::from(code)).copied();
        known.ok_or_else(|| StoreError::corrupt(format!("{} number {code}", Self::WHAT)))
    }
}

impl Coded for SourceKind {
    const CODES: &'static [Self] = &[Self::Interview, Self::Review, Self::Survey];
    const WHAT: &'static str = "kind";
}

impl Coded for Role {
    const CODES: &'static [Self] = &[
        Self::Interviewer,
        Self::Participant,
        Self::Agent,
        Self::Unknown,
    ];
    const WHAT: &'static str = "role";
}

impl Coded for Moment {
    const CODES: &'static [Self] = &[
        Self::Need,
        Self::Discover,
        Self::Research,
        Self::Purchase,
        Self::Delivery,
        Self::Setup,
        Self::Use,
        Self::Support,
        Self::Loyalty,
        Self::Advocacy,
        Self::None,
    ];
    const WHAT: &'static str = "moment";
}

impl Coded for Sentiment {
    const CODES: &'static [Self] = &[Self::Negative, Self::Neutral, Self::Positive, Self::Mixed];
    const WHAT: &'static str = "sentiment";
}

impl Coded for Touchpoint {
    const CODES: &'static [Self] = &[
        Self::Web,
        Self::App,
        Self::Product,
        Self::Place,
        Self::Staff,
        Self::Phone,
        Self::Chat,
        Self::Delivery,
        Self::Pay,
        Self::Ads,
        Self::Peers,
        Self::Docs,
        Self::None,
    ];
    const WHAT: &'static str = "touchpoint";
}

impl Coded for OtherReason {
    const CODES: &'static [Self] = &[Self::TooFar, Self::TooFew, Self::SetAside];
    const WHAT: &'static str = "reason";
}

const UNCLEAR: u8 = 1;
const PAIN: u8 = 2;

/// Bytes of tags in the record.
pub(crate) const TAG_BYTES: usize = 24;

/// Tags as the record holds them; see `schema_v1.sql`.
pub(crate) fn encode_tags(tags: &Tags) -> [u8; TAG_BYTES] {
    let flags = if tags.unclear { UNCLEAR } else { 0 } | if tags.pain.label { PAIN } else { 0 };
    let labels = [
        tags.moment.label.code(),
        tags.sentiment.label.code(),
        tags.touchpoint.label.code(),
        flags,
    ];
    let numbers = [
        tags.moment.confidence,
        tags.sentiment.confidence,
        tags.valence,
        tags.pain.confidence,
        tags.touchpoint.confidence,
    ];
    let mut bytes = [0; TAG_BYTES];
    let all = labels
        .into_iter()
        .chain(numbers.into_iter().flat_map(f32::to_le_bytes));
    bytes.iter_mut().zip(all).for_each(|(to, from)| *to = from);
    bytes
}

/// Tags out of the record.
pub(crate) fn decode_tags(bytes: &[u8]) -> Result<Tags, StoreError> {
    let bytes: &[u8; TAG_BYTES] = bytes
        .try_into()
        .map_err(|_| StoreError::corrupt("tags of a wrong length"))?;
    let [moment, sentiment, touchpoint, flags, numbers @ ..] = bytes;
    let mut floats = [0.0; 5];
    for (float, four) in floats.iter_mut().zip(numbers.as_chunks().0) {
        *float = f32::from_le_bytes(*four);
    }
    let [in_moment, in_sentiment, valence, in_pain, in_touchpoint] = floats;
    Ok(Tags {
        moment: Scored {
            label: Moment::from_code(*moment)?,
            confidence: in_moment,
        },
        unclear: flags & UNCLEAR != 0,
        sentiment: Scored {
            label: Sentiment::from_code(*sentiment)?,
            confidence: in_sentiment,
        },
        valence,
        pain: Scored {
            label: flags & PAIN != 0,
            confidence: in_pain,
        },
        touchpoint: Scored {
            label: Touchpoint::from_code(*touchpoint)?,
            confidence: in_touchpoint,
        },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all_are_listed<T: Coded + std::fmt::Debug>(all: &[T]) {
        for label in all {
            assert_eq!(T::from_code(label.code()).unwrap(), *label);
        }
        assert_eq!(all.len(), T::CODES.len());
        assert!(T::from_code(T::CODES.len() as u8).is_err());
    }

    #[test]
    fn every_label_has_a_number_of_its_own() {
        all_are_listed(SourceKind::ALL);
        all_are_listed(Role::ALL);
        all_are_listed(Moment::ALL);
        all_are_listed(Sentiment::ALL);
        all_are_listed(Touchpoint::ALL);
        all_are_listed(OtherReason::ALL);
    }

    #[test]
    fn tags_of_another_length_are_damage() {
        assert!(decode_tags(&[0; TAG_BYTES - 1]).is_err());
        assert!(decode_tags(&[99; TAG_BYTES]).is_err());
    }

    fn scored<T: Coded + std::fmt::Debug>() -> impl Strategy<Value = Scored<T>> {
        (prop::sample::select(T::CODES), 0.0_f32..=1.0)
            .prop_map(|(label, confidence)| Scored { label, confidence })
    }

    proptest! {
        #[test]
        fn tags_come_back_bit_for_bit(
            moment in scored::<Moment>(),
            sentiment in scored::<Sentiment>(),
            touchpoint in scored::<Touchpoint>(),
            unclear: bool,
            pain: bool,
            valence in -1.0_f32..=1.0,
            confidence in 0.0_f32..=1.0,
        ) {
            let pain = Scored { label: pain, confidence };
            let tags = Tags { moment, unclear, sentiment, valence, pain, touchpoint };
            prop_assert_eq!(decode_tags(&encode_tags(&tags)).unwrap(), tags);
        }
    }
}
