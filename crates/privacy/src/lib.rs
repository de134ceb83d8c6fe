//! Finds what identifies people in texts.

mod cues;
mod find;
mod kind;
mod lists;
mod numbers;
mod online;
mod pattern;
mod people;
mod places;
mod roster;
mod secret;
mod tokens;

pub use find::{Findings, find};
pub use kind::{Found, Kind};
pub use roster::Roster;
