//! Full-text index over tagged quotes, with its query language.
