//! The record of a study: one SQLite database.
