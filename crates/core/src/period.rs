use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Date;

/// A stretch of the calendar by which dated documents are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// Monday to Sunday, the week of ISO 8601; also where a year turns in it.
    Week,
    /// A month of the calendar.
    Month,
}

impl Period {
    /// The first day of the one that `day` is in: a Monday, or the first of a
    /// month.
    #[must_use]
    pub fn first_day(self, day: Date) -> Date {
        match self {
            Self::Week => day.monday(),
            Self::Month => day.first_of_month(),
        }
    }

    /// The number of the one that `day` is in, counted since the year 1: those
    /// that follow each other have numbers that do.
    #[must_use]
    pub fn number(self, day: Date) -> u32 {
        match self {
            Self::Week => day.ordinal() / 7,
            Self::Month => (u32::from(day.year()) - 1) * 12 + u32::from(day.month()) - 1,
        }
    }

    /// What the one that `day` is in is called: a week by its Monday
    /// (`2025-03-03`), a month by year and month (`2025-03`).
    #[must_use]
    pub fn name(self, day: Date) -> String {
        match self {
            Self::Week => day.monday().to_string(),
            Self::Month => format!("{:04}-{:02}", day.year(), day.month()),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Week => "week",
            Self::Month => "month",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn monday(day: &str) -> String {
        Period::Week.name(day.parse().unwrap())
    }

    #[test]
    fn a_week_holds_seven_days_across_months_and_years() {
        // 2020 has a week 53, which ends in 2021.
        for day in ["2020-12-28", "2020-12-31", "2021-01-01", "2021-01-03"] {
            assert_eq!(monday(day), "2020-12-28");
        }
        assert_eq!(monday("2021-01-04"), "2021-01-04");
        assert_eq!(monday("2024-03-02"), "2024-02-26");
        assert_eq!(monday("2023-03-02"), "2023-02-27");
        assert_eq!(monday("0001-01-07"), "0001-01-01");
        assert_eq!(monday("9999-12-31"), "9999-12-27");
    }

    #[test]
    fn numbers_follow_each_other_and_change_with_the_name() {
        let days = (2019..=2025).flat_map(|year| {
            let months = (1..=12).flat_map(move |month| (1..=31).map(move |day| (month, day)));
            months.filter_map(move |(month, day)| Date::new(year, month, day).ok())
        });
        let days: Vec<Date> = days.collect();
        for period in [Period::Week, Period::Month] {
            for pair in days.windows(2) {
                let [before, after] = [pair[0], pair[1]];
                let step = period.number(after) - period.number(before);
                let begins = period.first_day(after) == after;
                assert_eq!(step, u32::from(begins), "{period} of {after}");
                assert_eq!(period.name(before) != period.name(after), begins);
            }
        }
        for pair in days.windows(2) {
            assert_eq!(pair[0].ordinal() + 1, pair[1].ordinal());
        }
    }
}
