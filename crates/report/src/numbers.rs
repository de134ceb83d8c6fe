//! Every number that a reader sees is written here, and nowhere else.

use throughline_core::Date;

/// U+2212: wider than a hyphen, and read aloud as what it is.
const MINUS: char = '−';

/// A count with thousands apart: `12,345`.
pub(crate) fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 passage`, `2 passages`, `2 passages in stages`.
/// The noun's first word takes the plural.
pub(crate) fn counted(n: usize, noun: &str) -> String {
    let (head, tail) = noun.split_once(' ').unwrap_or((noun, ""));
    let space = if tail.is_empty() { "" } else { " " };
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {head}{plural}{space}{tail}", count(n))
}

/// A share of 0…1 as whole per cent; what is not quite none or all is not
/// rounded to it.
pub(crate) fn percent(share: f64) -> String {
    let hundredths = share * 100.0;
    if hundredths > 0.0 && hundredths < 0.5 {
        "<1%".to_owned()
    } else if (99.5..100.0).contains(&hundredths) {
        ">99%".to_owned()
    } else {
        format!("{hundredths:.0}%")
    }
}

/// An interval of shares: `53…98%`.
pub(crate) fn percent_range(low: f64, high: f64) -> String {
    format!("{:.0}…{:.0}%", low * 100.0, high * 100.0)
}

/// A number with its sign and `decimals` places: `+12`, `−0.31`, `0`.
pub(crate) fn signed(value: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    if digits.chars().all(|c| matches!(c, '0' | '.')) {
        digits
    } else if value < 0.0 {
        format!("{MINUS}{digits}")
    } else {
        format!("+{digits}")
    }
}

/// An interval of signed numbers: `−12…+8`.
pub(crate) fn signed_range(low: f64, high: f64, decimals: usize) -> String {
    format!("{}…{}", signed(low, decimals), signed(high, decimals))
}

/// The probability of a test: `p = .031`, or that it is below a thousandth.
pub(crate) fn probability(p: f64) -> String {
    if p < 0.001 {
        "p < .001".to_owned()
    } else {
        format!("p = {}", format!("{p:.3}").trim_start_matches('0'))
    }
}

/// A part of a priority, 0…1, with two places.
pub(crate) fn part(value: f64) -> String {
    format!("{value:.2}")
}

/// A rating as its source would write it: `4`, `3.5`.
pub(crate) fn rating(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A place in a recording: `03:07`, `1:02:09`.
pub(crate) fn time(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

/// The size of a file: `812 B`, `14 kB`, `2.3 MB`.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..=999 => format!("{bytes} B"),
        1000..=999_499 => format!("{:.0} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// A stretch of days: `2024-01-03 to 2024-02-09`, or the one day.
pub(crate) fn days(first: Date, last: Date) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first} to {last}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(999), "999");
        assert_eq!(counted(1, "mention"), "1 mention");
        assert_eq!(counted(0, "passage in stages"), "0 passages in stages");
        assert_eq!(signed(-0.4, 0), "0");
        assert_eq!(signed_range(-12.0, 8.2, 0), "−12…+8");
        assert_eq!(signed(-0.314, 2), "−0.31");
        assert_eq!(probability(0.0312), "p = .031");
        assert_eq!(probability(0.0004), "p < .001");
        assert_eq!(rating(4.0), "4");
        assert_eq!(rating(10.0), "10");
        assert_eq!(rating(3.5), "3.5");
        assert_eq!(time(3_729_999), "1:02:09");
        assert_eq!(size(999_500), "1.0 MB");
    }

    #[test]
    fn a_share_is_rounded_but_never_to_none_or_all() {
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(0.001), "<1%");
        assert_eq!(percent(0.426), "43%");
        assert_eq!(percent(0.999), ">99%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent_range(0.528, 0.978), "53…98%");
    }
}
