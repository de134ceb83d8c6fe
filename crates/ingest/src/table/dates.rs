use throughline_core::Date;

/// In which order a table writes the parts of a date like `10/11/2008`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// 10 November 2008.
    DayMonth,
    /// 11 October 2008.
    MonthDay,
}

/// What a cell says about a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// This day.
    Day(Date),
    /// One of two days, by the order of its parts.
    Either,
    /// Nothing that can be read.
    None,
}

/// Reads the day out of `cell`: ISO dates with or without time, dates with the
/// English name of a month, dates in numbers, and with `epoch` seconds or
/// milliseconds since 1970 (UTC). Dates in numbers need `order` unless one of
/// the parts can only be a day.
pub(super) fn read(cell: &str, order: Option<Order>, epoch: bool) -> Reading {
    let cell = cell.trim();
    if cell.is_empty() || cell.len() > 100 {
        return Reading::None;
    }
    if let Some(day) = iso(cell).or_else(|| with_month_name(cell)) {
        return Reading::Day(day);
    }
    if let Some((a, b, year, german)) = in_numbers(cell) {
        return numbers(
            a,
            b,
            year,
            if german { Some(Order::DayMonth) } else { order },
        );
    }
    match epoch.then(|| since_1970(cell)).flatten() {
        Some(day) => Reading::Day(day),
        None => Reading::None,
    }
}

/// The order of day and month that `cells` betray by a part that can only be a
/// day; `None` if none does, or if they disagree.
pub(super) fn order_of<'c>(cells: impl Iterator<Item = &'c str>) -> Option<Order> {
    let (mut day_first, mut month_first) = (false, false);
    for (a, b, _, german) in cells.filter_map(|cell| in_numbers(cell.trim())) {
        day_first |= german || (a > 12 && b <= 12);
        month_first |= b > 12 && a <= 12;
    }
    match (day_first, month_first) {
        (true, false) => Some(Order::DayMonth),
        (false, true) => Some(Order::MonthDay),
        _ => None,
    }
}

/// True if `cell` is written as a date, though its order may be open.
pub(super) fn looks_like_a_date(cell: &str) -> bool {
    read(cell, Some(Order::DayMonth), false) != Reading::None
        || read(cell, Some(Order::MonthDay), false) != Reading::None
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    let (year, month, day) = (
        u16::try_from(year).ok()?,
        u8::try_from(month).ok()?,
        u8::try_from(day).ok()?,
    );
    if !(1000..=2999).contains(&year) {
        return None;
    }
    Date::new(year, month, day).ok()
}

/// `2008-11-10`, `2008/11/10`, `2008.11.10`, each also with a time after it,
/// and `20081110`.
fn iso(cell: &str) -> Option<Date> {
    let end = cell
        .find(|c: char| c == 'T' || c.is_whitespace())
        .unwrap_or(cell.len());
    let (head, rest) = cell.split_at_checked(end)?;
    if !rest.is_empty() && !is_time(rest.trim_start_matches('T').trim()) {
        return None;
    }
    if head.len() == 8 && head.bytes().all(|byte| byte.is_ascii_digit()) {
        let year = head.get(..4)?.parse().ok()?;
        let plausible = (1900..=2100).contains(&year);
        return if plausible {
            date(
                year,
                head.get(4..6)?.parse().ok()?,
                head.get(6..)?.parse().ok()?,
            )
        } else {
            None
        };
    }
    let separator = head.chars().find(|c| !c.is_ascii_digit())?;
    if !matches!(separator, '-' | '/' | '.') {
        return None;
    }
    let mut parts = head.split(separator);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    date(number(year)?, number(month)?, number(day)?)
}

/// A time of day as it follows a date: `13:45`, `13:45:00.5Z`, `1:45 PM`, ….
fn is_time(text: &str) -> bool {
    text.contains(':')
        && text.starts_with(|first: char| first.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ":.,+- ()/".contains(c))
}

fn number(text: &str) -> Option<u32> {
    let short = !text.is_empty() && text.len() <= 4;
    (short && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// `Nov 10 2008`, `10 November 2008`, `10-Nov-08`, `Mon, 10 Nov 2008 13:45:00
/// GMT`, `Reviewed in France on November 10th, 2008`, ….
fn with_month_name(cell: &str) -> Option<Date> {
    let words: Vec<&str> = cell
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '-' | '/' | '.'))
        .filter(|word| !word.is_empty() && !word.contains(':') && !word.starts_with('+'))
        .collect();
    let (at, month) = words
        .iter()
        .enumerate()
        .find_map(|(at, word)| Some((at, month_named(word)?)))?;
    let before = at.checked_sub(1).and_then(|i| words.get(i)).copied();
    let after = words.get(at + 1).copied();
    let full_year = words
        .iter()
        .filter(|word| word.len() == 4)
        .find_map(|word| number(word));
    let (day, year) = if let Some(day) = after.and_then(day_number)
        && let Some(year) = full_year
    {
        (day, year)
    } else {
        let day = before.and_then(day_number)?;
        let short = after
            .filter(|word| word.len() == 2)
            .and_then(number)
            .map(century);
        (day, full_year.or(short)?)
    };
    date(year, month, day)
}

/// 1…12 for the English name of a month, whole or cut to three or four letters.
fn month_named(word: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.to_ascii_lowercase();
    if word.len() < 3 {
        return None;
    }
    let at = NAMES
        .iter()
        .position(|name| *name == word || (word.len() <= 4 && name.starts_with(&word)))?;
    u32::try_from(at + 1).ok()
}

/// A day of the month: `7`, `07`, `7th`.
fn day_number(word: &str) -> Option<u32> {
    let lower = word.to_ascii_lowercase();
    let digits = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|suffix| lower.strip_suffix(suffix))
        .unwrap_or(&lower);
    let day = (digits.len() <= 2).then(|| number(digits)).flatten()?;
    (1..=31).contains(&day).then_some(day)
}

/// A year of two digits: 69…99 are the last century, as in POSIX.
fn century(year: u32) -> u32 {
    if year >= 69 { 1900 + year } else { 2000 + year }
}

/// The parts of `10/11/2008`, `10-11-08` or `10.11.2008`, with or without a
/// time, and whether the separator is the point, with which the day comes first.
fn in_numbers(cell: &str) -> Option<(u32, u32, u32, bool)> {
    let end = cell
        .find(|c: char| c == ',' || c.is_whitespace())
        .unwrap_or(cell.len());
    let (head, rest) = cell.split_at_checked(end)?;
    let rest = rest.trim_start_matches(',').trim();
    if !rest.is_empty() && !is_time(rest) {
        return None;
    }
    let separator = head.chars().find(|c| !c.is_ascii_digit())?;
    if !matches!(separator, '/' | '-' | '.') {
        return None;
    }
    let mut parts = head.split(separator);
    let (a, b, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || a.len() > 2 || b.len() > 2 {
        return None;
    }
    let year = match year.len() {
        4 => number(year)?,
        // With points, two digits are rather a version than a year.
        2 if separator != '.' => century(number(year)?),
        _ => return None,
    };
    Some((number(a)?, number(b)?, year, separator == '.'))
}

fn numbers(a: u32, b: u32, year: u32, order: Option<Order>) -> Reading {
    let day_first = date(year, b, a);
    let month_first = date(year, a, b);
    let read = match (order, day_first, month_first) {
        (Some(Order::DayMonth), day, _) => day,
        (Some(Order::MonthDay), _, day) => day,
        (None, Some(one), Some(other)) if one != other => return Reading::Either,
        (None, one, other) => one.or(other),
    };
    read.map_or(Reading::None, Reading::Day)
}

/// Ten digits are seconds, thirteen milliseconds; either may have a fraction.
fn since_1970(cell: &str) -> Option<Date> {
    let whole = cell.split('.').next()?;
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds: u64 = match whole.len() {
        9 | 10 => whole.parse().ok()?,
        12 | 13 => whole.parse::<u64>().ok()? / 1000,
        _ => return None,
    };
    from_days(seconds / 86_400)
}

/// The day that is `days` after 1 January 1970, by the algorithm of H. Hinnant
/// ("chrono-compatible low-level date algorithms", `civil_from_days`).
pub(super) fn from_days(days: u64) -> Option<Date> {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_based = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_based + 2) / 5 + 1;
    let month = if march_based < 10 {
        march_based + 3
    } else {
        march_based - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    date(
        u32::try_from(year).ok()?,
        u32::try_from(month).ok()?,
        u32::try_from(day).ok()?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(cell: &str) -> String {
        match read(cell, None, true) {
            Reading::Day(day) => day.to_string(),
            Reading::Either => "either".to_owned(),
            Reading::None => "none".to_owned(),
        }
    }

    #[test]
    fn many_spellings_are_one_day() {
        for cell in [
            "2008-11-10",
            "2008-11-10T13:45:00Z",
            "2008-11-10 13:45:00.123+02:00",
            "2008/11/10",
            "20081110",
            "Nov 10 2008",
            "Nov 10, 2008",
            "November 10th, 2008 at 5",
            "10 November 2008",
            "10-Nov-08",
            "10.11.2008",
            "10.11.2008 13:45",
            "Mon, 10 Nov 2008 13:45:00 GMT",
            "Mon Nov 10 13:45:00 +0000 2008",
            "Reviewed in the United States on November 10, 2008",
            "1226318400",
            "1226318400123",
        ] {
            assert_eq!(day(cell), "2008-11-10", "{cell}");
        }
    }

    #[test]
    fn what_is_no_day_is_not_made_one() {
        for cell in [
            "",
            "yesterday",
            "2008",
            "Nov 2008",
            "2008-13-01",
            "99999999",
            "5",
            "3.5",
            "1.2.3",
            "1.2.20",
            "v1.2.2008x",
            "may be late 2008",
            "12/2008",
            "10/11/12/13",
            "123456789012345678",
        ] {
            assert_eq!(day(cell), "none", "{cell}");
        }
    }

    #[test]
    fn day_and_month_in_numbers_need_evidence() {
        assert_eq!(day("10/11/2008"), "either");
        assert_eq!(day("11/11/2008"), "2008-11-11");
        assert_eq!(day("23/11/2008"), "2008-11-23");
        assert_eq!(day("11/23/2008 9:05 PM"), "2008-11-23");
        assert_eq!(
            order_of(["1/2/2008", "1/13/2008"].into_iter()),
            Some(Order::MonthDay)
        );
        assert_eq!(
            order_of(["1/2/2008", "13/1/2008"].into_iter()),
            Some(Order::DayMonth)
        );
        assert_eq!(order_of(["13/1/2008", "1/13/2008"].into_iter()), None);
        assert_eq!(order_of(["1/2/2008", "2/3/2008"].into_iter()), None);
        let read = read("10/11/2008", Some(Order::MonthDay), false);
        assert_eq!(read, Reading::Day(Date::new(2008, 10, 11).unwrap()));
    }

    #[test]
    fn days_since_1970_are_counted_through_leap_years() {
        assert_eq!(day("951782400"), "2000-02-29");
        assert_eq!(day("1588687728923"), "2020-05-05");
        assert_eq!(day("4102444799"), "2099-12-31");
    }
}
