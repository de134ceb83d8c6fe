//! Times of a recording as transcripts write them.

/// A time, or a stretch of time, and how much of the text it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Milliseconds from the start of the recording.
    pub(super) start_ms: u64,
    /// End of the stretch, where one is written.
    pub(super) end_ms: Option<u64>,
    /// Bytes that it takes, brackets included.
    pub(crate) len: usize,
    /// True if it stands in brackets or between `#`.
    pub(super) bracketed: bool,
    /// True if hours are written.
    pub(super) hours: bool,
}

const BRACKETS: &[(&str, &str)] = &[
    ("[", "]"),
    ("(", ")"),
    ("{", "}"),
    ("<", ">"),
    ("#", "#"),
    ("\\[", "\\]"),
];

/// A stamp at the very start of `text`.
pub(crate) fn stamp(text: &str) -> Option<Stamp> {
    for (open, close) in BRACKETS {
        let Some(inner) = text.strip_prefix(open) else {
            continue;
        };
        let found = times(inner.trim_start(), true)?;
        let used = inner.len() - inner.trim_start().len() + found.len;
        let rest = inner.get(used..)?;
        let closed = rest.trim_start().strip_prefix(close)?;
        return Some(Stamp {
            len: text.len() - closed.len(),
            bracketed: true,
            ..found
        });
    }
    let found = times(text, false)?;
    let next = text.get(found.len..)?.chars().next();
    let whole = next.is_none_or(|c| !c.is_ascii_digit() && !matches!(c, ':' | '.' | '%'));
    whole.then_some(found)
}

/// A stamp at the very end of `text`, and where it begins.
pub(super) fn stamp_at_end(text: &str) -> Option<(usize, Stamp)> {
    let closing = text.chars().next_back()?;
    let open = match closing {
        ']' => '[',
        ')' => '(',
        '}' => '{',
        '#' => '#',
        c if c.is_ascii_digit() => ' ',
        _ => return None,
    };
    let inner = text.get(..text.len() - closing.len_utf8())?;
    let mut start = None;
    for (i, c) in inner.char_indices().rev().take(40) {
        if c == open || (open == ' ' && c.is_whitespace()) {
            start = Some(if open == ' ' { i + c.len_utf8() } else { i });
            break;
        }
    }
    let mut start = start?;
    if open == '[' && inner.get(..start)?.ends_with('\\') {
        start -= 1;
    }
    let found = stamp(text.get(start..)?)?;
    (start + found.len == text.len()).then_some((start, found))
}

/// One time, or two with an arrow or a dash between them.
fn times(text: &str, dots: bool) -> Option<Stamp> {
    let (start_ms, mut len, hours) = time(text, dots)?;
    let mut end_ms = None;
    let rest = text.get(len..)?;
    for arrow in ["-->", "->", "–", "-"] {
        if let Some(after) = rest.trim_start().strip_prefix(arrow)
            && let Some((end, used, _)) = time(after.trim_start(), dots)
        {
            end_ms = Some(end).filter(|end| *end >= start_ms);
            len = text.len() - after.trim_start().len() + used;
            break;
        }
    }
    Some(Stamp {
        start_ms,
        end_ms,
        len,
        bracketed: false,
        hours,
    })
}

/// `[h:]mm:ss[.mmm]` at the start of `text`: milliseconds, bytes taken, whether
/// hours are written. With `dots`, `mm.ss` too. The fraction may stand after a
/// comma, or as tenths after a dash.
pub(super) fn time(text: &str, dots: bool) -> Option<(u64, usize, bool)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut parts: [u64; 3] = [0; 3];
    let mut count = 0;
    let separator = match bytes.iter().find(|byte| !byte.is_ascii_digit()) {
        Some(b':') => b':',
        Some(b'.') if dots => b'.',
        _ => return None,
    };
    loop {
        let (value, digits) = number(bytes, at);
        let fits = match count {
            0 => (1..=3).contains(&digits),
            _ => digits == 2 && value < 60,
        };
        if !fits {
            return None;
        }
        *parts.get_mut(count)? = value;
        count += 1;
        at += digits;
        let more = count < 3
            && bytes.get(at) == Some(&separator)
            && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !more {
            break;
        }
        at += 1;
    }
    let [a, b, c] = parts;
    let seconds = match count {
        2 => a * 60 + b,
        3 if b < 60 => a * 3_600 + b * 60 + c,
        _ => return None,
    };
    let mut ms = seconds * 1_000;
    if matches!(bytes.get(at), Some(b'.' | b',')) {
        let (value, digits) = number(bytes, at + 1);
        if let 1..=9 = digits {
            ms += fraction(value, digits);
            at += 1 + digits;
        }
    } else if bytes.get(at) == Some(&b'-') && bytes.get(at + 2) == Some(&b'#') {
        let (value, digits) = number(bytes, at + 1);
        if digits == 1 {
            ms += value * 100;
            at += 2;
        }
    }
    Some((ms, at, count == 3))
}

/// Thousandths out of `value` written with `digits` digits.
fn fraction(value: u64, digits: usize) -> u64 {
    match digits {
        1 => value * 100,
        2 => value * 10,
        3 => value,
        _ => value / 10_u64.pow(u32::try_from(digits - 3).unwrap_or(0)),
    }
}

/// The number at `at` and how many digits it has, at most nine.
fn number(bytes: &[u8], at: usize) -> (u64, usize) {
    let digits = bytes
        .iter()
        .skip(at)
        .take(9)
        .take_while(|byte| byte.is_ascii_digit());
    digits.fold((0, 0), |(value, count), digit| {
        (value * 10 + u64::from(digit - b'0'), count + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_start(text: &str) -> Option<(u64, Option<u64>, &str)> {
        stamp(text).map(|found| (found.start_ms, found.end_ms, &text[found.len..]))
    }

    #[test]
    fn every_way_to_write_a_time() {
        for (text, ms, rest) in [
            ("[00:01:02] Dana", 62_000, " Dana"),
            ("(1:02) x", 62_000, " x"),
            ("{00:01:02}", 62_000, ""),
            ("#00:01:02-3#", 62_300, ""),
            ("\\[01:02.5\\] x", 62_500, " x"),
            ("[01.02]", 62_000, ""),
            ("00:01:02,250 x", 62_250, " x"),
            ("00:03:40.5Zack:", 220_500, "Zack:"),
            ("123:04 x", 7_384_000, " x"),
        ] {
            assert_eq!(at_start(text), Some((ms, None, rest)), "{text}");
        }
        assert_eq!(
            at_start("[00:00.000 --> 00:02.500]  Hi"),
            Some((0, Some(2_500), "  Hi"))
        );
        assert_eq!(
            at_start("00:01 - 00:03 Hi"),
            Some((1_000, Some(3_000), " Hi"))
        );
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "1.02 euros",
            "12:345",
            "1:2",
            "00:61",
            "12:30:75",
            "2024-01-01",
            "[a]",
            "99",
            "3:15%",
            "",
        ] {
            assert_eq!(stamp(text), None, "{text}");
        }
    }

    #[test]
    fn stamps_at_the_end() {
        let text = "I gave up. #00:01:02-3#";
        assert_eq!(
            stamp_at_end(text).map(|(at, s)| (at, s.start_ms)),
            Some((11, 62_300))
        );
        assert_eq!(
            stamp_at_end("Dana  1:05").map(|(at, s)| (at, s.start_ms)),
            Some((6, 65_000))
        );
        assert_eq!(stamp_at_end("x \\[1:05\\]").map(|(at, _)| at), Some(2));
        assert_eq!(stamp_at_end("I paid [a lot]"), None);
        assert_eq!(stamp_at_end("é]"), None);
    }
}
