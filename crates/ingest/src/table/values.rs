/// The number that a score begins with: `4`, `4.5`, `4,5`, `4/5`, `4 stars`,
/// `4.0 out of 5 stars`, `★★★★☆`.
pub(super) fn score(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    if cell.is_empty() || cell.len() > 40 {
        return None;
    }
    let stars = cell.matches('★').count();
    if stars > 0 && cell.chars().all(|c| c == '★' || c == '☆') {
        return Some(stars as f64);
    }
    let end = cell
        .char_indices()
        .find(|(at, c)| {
            !(c.is_ascii_digit() || matches!(c, '.' | ',') || (*at == 0 && matches!(c, '-' | '+')))
        })
        .map_or(cell.len(), |(at, _)| at);
    let (number, rest) = cell.split_at_checked(end)?;
    let number: f64 = number.replace(',', ".").parse().ok()?;
    let rest = rest.trim().to_lowercase();
    let unit = rest.is_empty()
        || rest.starts_with('/')
        || rest.starts_with("star")
        || rest.starts_with("out of")
        || rest.starts_with("of ")
        || rest.starts_with('★');
    (unit && number.is_finite()).then_some(number)
}

/// The best score that a scale allows, by the scores given: 5, 10 or 100, with
/// 1 or 0 at its other end. None if it cannot be told.
pub(super) fn best<'c>(cells: impl Iterator<Item = &'c str>) -> Option<f64> {
    const BEST: [f64; 3] = [5.0, 10.0, 100.0];
    let highest = cells.filter_map(score).max_by(f64::total_cmp)?;
    // Nobody below three: too few scores, or a vote up or down.
    let scale = BEST.into_iter().find(|best| highest <= *best)?;
    (highest >= 3.0).then_some(scale)
}

/// A time within a recording: what it says, before its unit is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Time {
    /// In milliseconds, from a clock such as `1:02:03.5`.
    Clock(u64),
    /// A bare number: seconds or milliseconds.
    Number(f64),
}

/// Reads a time such as `83.1`, `83100`, `1:23`, `00:01:23,100`.
pub(super) fn time(cell: &str) -> Option<Time> {
    let cell = cell.trim().trim_matches(['[', ']', '(', ')']);
    let cell = cell.replace(',', ".");
    if !cell.contains(':') {
        let number: f64 = cell.strip_suffix('s').unwrap_or(&cell).parse().ok()?;
        return (number.is_finite() && number >= 0.0).then_some(Time::Number(number));
    }
    let parts: Vec<&str> = cell.split(':').collect();
    if parts.len() > 3 {
        return None;
    }
    let mut seconds = 0.0;
    for (at, part) in parts.iter().enumerate() {
        let last = at + 1 == parts.len();
        let plain = !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (last && byte == b'.'));
        let value: f64 = plain.then(|| part.parse().ok()).flatten()?;
        if at > 0 && value >= 60.0 {
            return None;
        }
        seconds = seconds * 60.0 + value;
    }
    Some(Time::Clock(milliseconds(seconds)))
}

/// Reads a time, or when something begins and ends: `0:00.0 - 0:04.5`.
pub(super) fn times(cell: &str) -> Option<(Time, Option<Time>)> {
    if let Some(time) = time(cell) {
        return Some((time, None));
    }
    let marks = ["-->", "–", "-"];
    let (start, end) = marks.iter().find_map(|mark| cell.split_once(mark))?;
    match (time(start)?, time(end)?) {
        (start @ Time::Clock(_), end @ Time::Clock(_)) => Some((start, Some(end))),
        _ => None,
    }
}

/// True if `cell` is a time within a recording, or a span of it.
pub(super) fn looks_like_a_time(cell: &str) -> bool {
    times(cell).is_some()
}

/// Seconds as whole milliseconds.
pub(super) fn milliseconds(seconds: f64) -> u64 {
    // A saturating cast: negative and not-a-number become 0.
    (seconds * 1000.0).round() as u64
}

/// True for what shops write where nobody gave a name: many people share it, so
/// it is nobody's.
pub(super) fn is_nobody(author: &str) -> bool {
    const NOBODY: &[&str] = &[
        "a customer",
        "a google user",
        "amazon customer",
        "anonymous",
        "anonymous user",
        "anon",
        "customer",
        "guest",
        "guest user",
        "kindle customer",
        "n/a",
        "na",
        "name withheld",
        "nan",
        "none",
        "null",
        "not provided",
        "unknown",
        "user",
        "-",
        "?",
    ];
    NOBODY.contains(&author.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_read_with_their_units() {
        for (cell, expected) in [
            ("4", 4.0),
            ("-1", -1.0),
            ("4,5", 4.5),
            ("4/5", 4.0),
            ("4.0 out of 5 stars", 4.0),
            ("3 Stars", 3.0),
            ("★★★☆☆", 3.0),
        ] {
            assert_eq!(score(cell), Some(expected), "{cell}");
        }
        for cell in ["", "good", "4 people", "2008-11-10", "1.2.3", "inf", "5GB"] {
            assert_eq!(score(cell), None, "{cell}");
        }
    }

    #[test]
    fn times_are_clocks_or_numbers() {
        assert_eq!(time("1:02:03.5"), Some(Time::Clock(3_723_500)));
        assert_eq!(time("[00:01:23,100]"), Some(Time::Clock(83_100)));
        assert_eq!(time("83.1"), Some(Time::Number(83.1)));
        for cell in [
            "",
            "1:2:3:4",
            "1:75",
            "noon",
            "-3",
            "a:b",
            "2020-01-01 10:00:00",
        ] {
            assert_eq!(time(cell), None, "{cell}");
        }
    }
}
