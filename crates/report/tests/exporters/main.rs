//! Every exporter on one rich, invented report: read it, and try to break it.
//!
//! `cfg(test)` is always true here; it tells clippy that helpers outside a test
//! function are tests too.

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod docx;
#[cfg(test)]
mod html;
#[cfg(test)]
mod json;
#[cfg(test)]
mod markdown;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod size;
