//! The lines above the first turn: title, date, who and where.

use throughline_core::{Date, DocumentMeta};

/// Keys of a header, whatever their case and the punctuation in them.
const KEYS: &[&str] = &[
    "age",
    "attendees",
    "channel",
    "city",
    "company",
    "consent",
    "country",
    "created",
    "date",
    "datum",
    "duration",
    "email",
    "episode",
    "event",
    "file",
    "filename",
    "gender",
    "id",
    "industry",
    "interview",
    "interview date",
    "interview id",
    "interview number",
    "job",
    "job title",
    "language",
    "length",
    "location",
    "occupation",
    "participant id",
    "participant number",
    "participants",
    "place",
    "plan",
    "product",
    "profession",
    "project",
    "recorded",
    "recorded on",
    "recording",
    "recording date",
    "ref",
    "reference",
    "role",
    "segment",
    "session",
    "session date",
    "source",
    "speakers",
    "study",
    "time",
    "title",
    "topic",
    "transcribed by",
    "transcript",
    "transcript id",
    "transcription",
    "url",
    "version",
];
/// A value of a header is no longer than this, in words.
const VALUE: usize = 12;

/// One `Key: value` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field<'t> {
    pub(super) key: &'t str,
    pub(super) value: &'t str,
}

impl Field<'_> {
    /// True if nothing but a header has this key.
    pub(super) fn is_known(&self) -> bool {
        let key = self.key.to_lowercase().replace(['_', '-', '.', '#'], " ");
        KEYS.binary_search(&key.trim()).is_ok()
    }

    /// True if the value could be speech: a sentence, or long.
    pub(super) fn is_speech(&self) -> bool {
        let end = self.value.trim_end_matches(['"', '”', '*', ')', '’']);
        self.value.split_whitespace().count() > VALUE
            || (end.ends_with(['.', '!', '?', '…', '。', '？', '！', ',']) && end.contains(' '))
    }
}

/// Reads `line` as `Key: value`, with or without bold and a bullet.
pub(super) fn field(line: &str) -> Option<Field<'_>> {
    let line = line
        .trim()
        .trim_start_matches(['-', '*', '•', '+', '>', '#', ' ', '_']);
    let (key, value) = line.split_once([':', '：'])?;
    let clean = |text| str::trim_matches(text, ['*', '_', ' ', '\t']);
    let (key, value) = (clean(key), clean(value));
    let fits = (1..=40).contains(&key.chars().count())
        && key.split_whitespace().count() <= 4
        && key.chars().any(char::is_alphabetic)
        && !value.starts_with("//");
    fits.then_some(Field { key, value })
}

/// Adds `field` to what is known of the document.
pub(super) fn add(field: &Field<'_>, meta: &mut DocumentMeta) {
    let key = field.key.to_lowercase();
    if key == "title" && meta.title.is_none() {
        meta.title = Some(field.value.trim_matches(['"', '\'']).to_owned());
        return;
    }
    let is_date = key
        .split_whitespace()
        .any(|word| matches!(word, "date" | "datum" | "recorded" | "created"));
    if is_date
        && meta.date.is_none()
        && let Some(day) = field.value.get(..10)
        && let Ok(date) = day.parse::<Date>()
    {
        meta.date = Some(date);
    }
    meta.attributes
        .insert(field.key.to_owned(), field.value.to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_every_dress() {
        for line in [
            "Date: 2025-03-01",
            "**Date:** 2025-03-01",
            "- **Date**: 2025-03-01",
        ] {
            let field = field(line).unwrap();
            assert_eq!((field.key, field.value), ("Date", "2025-03-01"));
            assert!(field.is_known() && !field.is_speech());
            let mut meta = DocumentMeta::default();
            add(&field, &mut meta);
            assert_eq!(meta.date, Date::new(2025, 3, 1).ok());
            assert_eq!(meta.attributes["Date"], "2025-03-01");
        }
        assert!(field("https://example.org").is_none());
        assert!(field("Dana: I gave up.").unwrap().is_speech());
        assert!(KEYS.is_sorted());
    }
}
