use super::nets::Reading;
use crate::batch;

/// Text and tag token, with or without context, in one reading.
pub(crate) fn both(reading: &batch::Reading) -> Reading {
    let ids = reading.text.iter().chain(&reading.second);
    Reading {
        ids: ids.map(|id| i64::from(*id)).collect(),
        own: reading.text.len(),
        masked: true,
    }
}

/// A text by itself.
pub(crate) fn alone(text: &[i32]) -> Reading {
    Reading {
        ids: text.iter().map(|id| i64::from(*id)).collect(),
        own: text.len(),
        masked: true,
    }
}
