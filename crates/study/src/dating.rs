//! The date that the files of reports bear, where a build system sets one.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::{Study, StudyError};

impl Study {
    /// Lets the files of reports bear the moment `seconds` after 1970 as their date,
    /// in place of the last day of the study's documents: what `SOURCE_DATE_EPOCH`
    /// says, by the specification of reproducible builds. Nothing changes where
    /// there is none.
    ///
    /// # Errors
    /// [`StudyError::Refused`] if it is no number of seconds that ends in a year
    /// from 1900 to 9999.
    pub fn date_reports(&mut self, seconds: Option<&str>) -> Result<(), StudyError> {
        self.dated = seconds.map(moment).transpose()?;
        Ok(())
    }
}

/// RFC 3339, in UTC.
fn moment(seconds: &str) -> Result<String, StudyError> {
    let moment = seconds
        .parse()
        .ok()
        .map(OffsetDateTime::from_unix_timestamp);
    moment
        .and_then(Result::ok)
        .filter(|moment| moment.year() >= 1900)
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .ok_or_else(|| {
            let problem = "it takes seconds since 1970, as `date +%s` prints them";
            StudyError::refused(format!("SOURCE_DATE_EPOCH={seconds}"), problem)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_a_moment_and_nothing_else_does() {
        assert_eq!(moment("0").unwrap(), "1970-01-01T00:00:00Z");
        assert_eq!(moment("1700000000").unwrap(), "2023-11-14T22:13:20Z");
        for wrong in ["", "yesterday", "1.5", "99999999999999", "-9999999999"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }
}
