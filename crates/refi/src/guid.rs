use std::fmt;
use std::str::FromStr;

use throughline_core::ContentHash;
use uuid::Uuid;

use crate::RefiError;

/// The id of a thing in a project: 8-4-4-4-12 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Guid(Uuid);

impl Guid {
    /// The id of the thing of this kind that `name` names: a hash of both
    /// (UUID version 8, RFC 9562), so that it is always the same.
    #[must_use]
    pub fn of(kind: &str, name: &str) -> Self {
        let hash = ContentHash::of(format!("throughline {kind}\0{name}").as_bytes());
        let mut bytes = [0; 16];
        bytes
            .iter_mut()
            .zip(hash.as_bytes())
            .for_each(|(to, from)| *to = *from);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for Guid {
    type Err = RefiError;

    /// Reads an id in any case, with or without braces.
    fn from_str(text: &str) -> Result<Self, RefiError> {
        let parsed = Uuid::try_parse(text.trim());
        parsed
            .map(Self)
            .map_err(|_| RefiError::BadGuid(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_same_every_time_and_read_in_every_form() {
        let id = Guid::of("code", "price");
        assert_eq!(id, Guid::of("code", "price"));
        assert_ne!(id, Guid::of("user", "price"));
        let text = id.to_string();
        assert_eq!(
            text.split('-').map(str::len).collect::<Vec<_>>(),
            [8, 4, 4, 4, 12]
        );
        let braced = format!("{{{}}}", text.to_uppercase());
        assert_eq!(braced.parse::<Guid>().unwrap(), id);
        assert!("12".parse::<Guid>().is_err());
    }
}
