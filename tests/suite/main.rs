//! The program as its users meet it, and the repository as its developers do.
//!
//! One binary for all of it: the program is linked once, and the sample study
//! is analysed once for every test that reads its report.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that fails should stop"
)]

mod adapting;
mod architecture;
mod bad_input;
mod browser;
mod dates;
mod exemplars;
mod gallery;
mod hard_cases;
mod judging;
mod models;
mod plumbing;
mod privacy;
mod readme;
mod sample;
mod search;
mod study;
mod support;
mod verify;
