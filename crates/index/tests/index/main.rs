//! The index as its users see it: language, filters, order, history, folders.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail so"
)]

mod common;
mod filters;
mod folder;
mod history;
mod language;
mod ranker;
mod search;
