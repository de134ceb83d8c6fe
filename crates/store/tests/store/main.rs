//! The record from outside: what goes in comes out, whatever happens between.

#[cfg(test)]
mod common;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod explaining;
#[cfg(test)]
mod judging;
#[cfg(test)]
mod opening;

mod own_heads;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tagging;
#[cfg(test)]
#[path = "../../src/testing.rs"]
mod testing;
#[cfg(test)]
mod withdrawal;
