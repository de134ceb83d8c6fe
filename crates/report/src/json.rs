//! JSON, for machines: everything the report holds, in the order of
//! [`Report`]'s fields. Loses nothing. The format is published as
//! `schema/report-2.schema.json`.

use crate::ReportError;
use crate::data::Report;

/// The JSON schema of [`json`]'s output (draft 2020-12).
pub const JSON_SCHEMA: &str = include_str!("../schema/report-2.schema.json");

/// The report as indented JSON, ending in a line break.
///
/// # Errors
/// Those of [`Report::check`]: what does not add up is not written for machines.
pub fn json(report: &Report) -> Result<String, ReportError> {
    report.check()?;
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}

/// Reads what [`json`] has written; an unknown field is an error.
///
/// # Errors
/// [`ReportError::Json`] for anything else, [`ReportError::OtherSchema`] for a
/// report of another version, [`ReportError::DoesNotAddUp`] for one whose
/// numbers were changed.
pub fn read_json(text: &str) -> Result<Report, ReportError> {
    let report: Report = serde_json::from_str(text)?;
    report.check()?;
    Ok(report)
}
