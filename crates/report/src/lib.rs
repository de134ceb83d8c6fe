//! The report as plain data, and one exporter a format.

mod data;
mod error;

pub use data::*;
pub use error::ReportError;
