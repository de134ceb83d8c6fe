//! Projects out and in again.
//!
//! `cfg(test)` is always true here; it tells clippy that helpers outside a test
//! function are tests too.

#[cfg(test)]
mod round_trip;
