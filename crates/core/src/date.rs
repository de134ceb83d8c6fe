use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::CoreError;

/// A calendar day of the proleptic Gregorian calendar, without a time zone: the
/// day as the source writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day `year`-`month`-`day`; year 1…9999.
    ///
    /// # Errors
    /// [`CoreError::BadDate`] if there is no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, CoreError> {
        if !(1..=9999).contains(&year) || day == 0 || day > days_in(year, month) {
            return Err(CoreError::BadDate(format!("{year:04}-{month:02}-{day:02}")));
        }
        Ok(Self { year, month, day })
    }

    /// Year, 1…9999.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// Month, 1…12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// Day of the month, 1…31.
    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }

    /// The day as a number that orders and compares like the date: `YYYYMMDD`.
    #[must_use]
    pub fn as_number(self) -> u32 {
        u32::from(self.year) * 10_000 + u32::from(self.month) * 100 + u32::from(self.day)
    }

    /// Days since 1 January of the year 1, which was a Monday.
    #[must_use]
    pub fn ordinal(self) -> u32 {
        let years = u32::from(self.year) - 1;
        let months = (1..self.month).map(|month| u32::from(days_in(self.year, month)));
        let leap_days = years / 4 - years / 100 + years / 400;
        years * 365 + leap_days + months.sum::<u32>() + u32::from(self.day) - 1
    }

    /// The Monday on or before this day.
    #[must_use]
    pub fn monday(self) -> Self {
        let since = (self.ordinal() % 7) as u8;
        if since < self.day {
            let day = self.day - since;
            return Self { day, ..self };
        }
        // The calendar begins on a Monday, so that there is a month before.
        let (year, month) = match self.month {
            1 => (self.year - 1, 12),
            month => (self.year, month - 1),
        };
        let day = days_in(year, month) + self.day - since;
        Self { year, month, day }
    }

    /// The first day of this day's month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self { day: 1, ..self }
    }
}

/// Days of a month; none of one that there is not.
fn days_in(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = CoreError;

    /// Reads `YYYY-MM-DD` and nothing else; other spellings are ingest's work.
    fn from_str(text: &str) -> Result<Self, CoreError> {
        let bad = || CoreError::BadDate(text.to_owned());
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes.iter().enumerate().all(|(i, b)| match i {
                4 | 7 => *b == b'-',
                _ => b.is_ascii_digit(),
            });
        if !shaped {
            return Err(bad());
        }
        let number = |range: std::ops::Range<usize>| text[range].parse::<u16>().map_err(|_| bad());
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        Self::new(year, month as u8, day as u8).map_err(|_| bad())
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_do_not_exist_are_refused() {
        assert!(Date::new(2023, 2, 29).is_err());
        assert!(Date::new(1900, 2, 29).is_err());
        assert!(Date::new(2000, 2, 29).is_ok());
        assert!(Date::new(2024, 13, 1).is_err());
        for text in ["2024-1-01", "2024-01-01T00", "20é4-01-1", "", "2024-00-10"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn dates_round_trip_and_order() {
        let early: Date = "2024-02-29".parse().unwrap();
        assert_eq!(early.to_string(), "2024-02-29");
        assert!(early < "2024-03-01".parse().unwrap());
        assert_eq!(early.as_number(), 20_240_229);
    }
}
