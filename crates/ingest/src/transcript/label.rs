//! Speaker labels: what may be one on a line.

use std::ops::Range;

use super::clock::{Stamp, stamp, stamp_at_end};
use super::names::{LONGEST, Shape, shape};

/// How a label is set apart from the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Style {
    /// `Dana: words`
    Colon,
    /// `**Dana:** words`
    Bold,
    /// `**Dana**` on a line of its own
    BoldLine,
    /// `Dana (00:01:02): words`, `Dana  1:05`
    Timed,
    /// `Interviewer - words`
    Dash,
    /// `[Dana] words`
    Bracket,
    /// `## Dana`
    Heading,
    /// `<v Dana>words`
    Voice,
}

/// Something at the start of a line that may be a speaker's label. Positions
/// are bytes of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) name: Range<usize>,
    /// Where the words begin.
    pub(super) body: usize,
    pub(super) stamp: Option<Stamp>,
    pub(super) style: Style,
    pub(super) shape: Shape,
}

/// The possible label at the start of `line`, which has no white space and no
/// time in front.
pub(super) fn label(line: &str) -> Option<Label> {
    let of_markup = voice(line).or_else(|| bold(line)).or_else(|| heading(line));
    of_markup
        .or_else(|| bracket(line))
        .or_else(|| timed(line))
        .or_else(|| colon(line))
        .or_else(|| dash(line))
}

/// `From Dana Ortiz to Everyone: words`, as a chat is written behind its times:
/// who writes, and not to whom.
pub(super) fn of_chat(line: &str) -> Option<Label> {
    let rest = line.strip_prefix("From")?;
    let start = line.len() - rest.trim_start().len();
    let colon = line
        .char_indices()
        .take(3 * LONGEST)
        .find_map(|(at, c)| (c == ':').then_some(at))?;
    let names = line.get(start..colon).filter(|_| rest.starts_with(' '))?;
    let name = names.split(" to ").next().unwrap_or_default();
    make(
        line,
        start..start + name.len(),
        colon + 1,
        None,
        Style::Colon,
    )
}

fn voice(line: &str) -> Option<Label> {
    let inner = line.strip_prefix("<v")?;
    let close = inner.find('>')?;
    let gap = inner.get(..close)?.find(char::is_whitespace)?;
    make(line, 2 + gap..2 + close, 3 + close, None, Style::Voice)
}

/// `**Name:** words`, `**Name**: words`, `**Name** (00:01): words`, `**Name**`,
/// and the same with `__`, `*` and `_`.
fn bold(line: &str) -> Option<Label> {
    let mark = ["**", "__", "*", "_"]
        .into_iter()
        .find(|mark| line.starts_with(mark))?;
    let inner = line.get(mark.len()..)?;
    let close = inner.find(mark)?;
    let words = inner.get(..close)?;
    let after = inner.get(close + mark.len()..)?;
    let start = mark.len();
    let mut body = start + close + mark.len();
    let trimmed = words.trim_end();
    if let Some(name) = trimmed.strip_suffix([':', '：']) {
        let (name, time) = split_stamp(name);
        return make(line, start..start + name.len(), body, time, Style::Bold);
    }
    let (name, mut time) = split_stamp(trimmed);
    let rest = after.trim_start();
    let rest = match stamp(rest) {
        Some(found) if found.bracketed && time.is_none() => {
            time = Some(found);
            rest.get(found.len..)?.trim_start()
        }
        _ => rest,
    };
    if let Some(rest) = rest.strip_prefix([':', '：']) {
        body = line.len() - rest.len();
        return make(line, start..start + name.len(), body, time, Style::Bold);
    }
    if time.is_some() {
        body = line.len() - rest.len();
        return make(line, start..start + name.len(), body, time, Style::Timed);
    }
    let alone = rest.is_empty() && mark.len() == 2;
    alone.then(|| {
        make(
            line,
            start..start + name.len(),
            line.len(),
            None,
            Style::BoldLine,
        )
    })?
}

/// `Name (00:01:02)` without the time.
fn split_stamp(text: &str) -> (&str, Option<Stamp>) {
    match stamp_at_end(text) {
        Some((at, found)) => (
            text.get(..at)
                .unwrap_or_default()
                .trim_end_matches(|c: char| {
                    c.is_whitespace() || matches!(c, ',' | '|' | '-' | '–' | '·')
                }),
            Some(found),
        ),
        None => (text.trim_end(), None),
    }
}

fn heading(line: &str) -> Option<Label> {
    let content = line.trim_start_matches('#');
    let hashes = line.len() - content.len();
    if !(1..=6).contains(&hashes) || !content.starts_with(' ') {
        return None;
    }
    let start = line.len() - content.trim_start().len();
    let words = line.get(start..)?.trim_end_matches(['#', ' ']);
    let (name, time) = split_stamp(words.trim_end_matches([':', '*']));
    let name = name.trim_end_matches(':');
    let skip = name.len() - name.trim_start_matches('*').len();
    make(
        line,
        start + skip..start + name.len(),
        line.len(),
        time,
        Style::Heading,
    )
}

fn bracket(line: &str) -> Option<Label> {
    let close = match line.chars().next()? {
        '[' => ']',
        '{' => '}',
        _ => return None,
    };
    let end = line.find(close)?;
    let after = line.get(end + 1..)?;
    let (body, style) = match after.strip_prefix([':', '：']) {
        Some(rest) => (line.len() - rest.len(), Style::Colon),
        None => (end + 1, Style::Bracket),
    };
    make(line, 1..end, body, None, style)
}

/// `Name (00:01:02): words`, `Name [1:02] words`, and `Name  1:05` with nothing
/// after it.
fn timed(line: &str) -> Option<Label> {
    let head_end = line
        .char_indices()
        .nth(LONGEST)
        .map_or(line.len(), |(i, _)| i);
    let head = line.get(..head_end)?;
    let open = head.find(['(', '[', '{', '<', '\\']);
    if let Some(at) = open
        && let Some(found) = line.get(at..).and_then(stamp)
    {
        let rest = line.get(at + found.len..)?;
        let rest = rest.trim_start().strip_prefix([':', '：']).unwrap_or(rest);
        let name = line
            .get(..at)?
            .trim_end_matches([' ', '\t', ',', '|', '-', '–', '·', ':']);
        if is_sentence(name) {
            return None;
        }
        return make(
            line,
            0..name.len(),
            line.len() - rest.len(),
            Some(found),
            Style::Timed,
        );
    }
    let whole = line.trim_end().trim_end_matches(':');
    let (name, time) = split_stamp(whole);
    let found = time.filter(|_| !is_sentence(name))?;
    make(line, 0..name.len(), line.len(), Some(found), Style::Timed)
}

/// True for "Dana: I left", where a time behind it is among the words.
fn is_sentence(name: &str) -> bool {
    name.contains(": ") || name.contains('：')
}

fn colon(line: &str) -> Option<Label> {
    let skip = usize::from(line.starts_with(['#', '@']));
    let at = line
        .char_indices()
        .take(LONGEST + 2)
        .find(|(_, c)| matches!(c, ':' | '：'))
        .map(|(i, _)| i)?;
    let after = line.get(at..)?.chars().nth(1);
    let before = line.get(..at)?.chars().next_back()?;
    if after == Some('/') || (before.is_ascii_digit() && after.is_some_and(|c| c.is_ascii_digit()))
    {
        return None;
    }
    let mark = line.get(at..)?.chars().next()?;
    make(line, skip..at, at + mark.len_utf8(), None, Style::Colon)
}

fn dash(line: &str) -> Option<Label> {
    let marks = [" - ", " – ", " — "];
    let found = marks
        .iter()
        .filter_map(|mark| Some((line.find(mark)?, mark)));
    let (at, mark) = found.min().filter(|(at, _)| *at <= LONGEST)?;
    make(line, 0..at, at + mark.len(), None, Style::Dash)
}

/// A label if what stands at `name` can be one.
fn make(
    line: &str,
    name: Range<usize>,
    body: usize,
    stamp: Option<Stamp>,
    style: Style,
) -> Option<Label> {
    let raw = line.get(name.clone())?;
    let text = raw.trim();
    let start = name.start + (raw.len() - raw.trim_start().len());
    let shape = if style == Style::Voice && !text.is_empty() {
        Shape::Name
    } else {
        shape(text)?
    };
    Some(Label {
        name: start..start + text.len(),
        body,
        stamp,
        style,
        shape,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(&str, &str, Style, Option<u64>)> {
        label(line).map(|l| {
            (
                &line[l.name],
                line[l.body..].trim(),
                l.style,
                l.stamp.map(|s| s.start_ms),
            )
        })
    }

    #[test]
    fn every_style_of_label() {
        use Style::{Bold, BoldLine, Bracket, Colon, Dash, Heading, Timed, Voice};
        for (line, name, body, style, ms) in [
            ("P1: I left.", "P1", "I left.", Colon, None),
            ("Dana Ortiz：はい", "Dana Ortiz", "はい", Colon, None),
            ("田中: はい", "田中", "はい", Colon, None),
            ("@Dana: Hi", "Dana", "Hi", Colon, None),
            ("[Dana]: Hi", "Dana", "Hi", Colon, None),
            ("**Dana:** Hi", "Dana", "Hi", Bold, None),
            ("**Dana**: Hi", "Dana", "Hi", Bold, None),
            ("**Dana (00:01):** Hi", "Dana", "Hi", Bold, Some(1_000)),
            ("**Dana** [00:01]: Hi", "Dana", "Hi", Bold, Some(1_000)),
            ("**Dana**", "Dana", "", BoldLine, None),
            ("Dana (00:01:02):", "Dana", "", Timed, Some(62_000)),
            ("Dana [1:02] Hi", "Dana", "Hi", Timed, Some(62_000)),
            ("Dana Ortiz  1:05", "Dana Ortiz", "", Timed, Some(65_000)),
            (
                "Dana: I left at 0:15",
                "Dana",
                "I left at 0:15",
                Colon,
                None,
            ),
            (
                "Dana: It took (0:15)",
                "Dana",
                "It took (0:15)",
                Colon,
                None,
            ),
            ("Dana Ortiz | 01:05", "Dana Ortiz", "", Timed, Some(65_000)),
            ("Interviewer - Why?", "Interviewer", "Why?", Dash, None),
            ("[Dana] Hi", "Dana", "Hi", Bracket, None),
            ("## Dana", "Dana", "", Heading, None),
            ("<v Dana Ortiz>Hi", "Dana Ortiz", "Hi", Voice, None),
        ] {
            assert_eq!(read(line), Some((name, body, style, ms)), "{line}");
        }
    }

    #[test]
    fn who_writes_in_a_chat_is_known_and_not_to_whom() {
        for line in [
            "From Dana Ortiz : Hi",
            "From  Dana Ortiz to Everyone: Hi",
            "From Dana Ortiz to Ben Marsh (Direct Message) : Hi",
        ] {
            let label = of_chat(line).unwrap();
            assert_eq!(&line[label.name], "Dana Ortiz");
            assert_eq!(line[label.body..].trim(), "Hi");
        }
        assert!(of_chat("Fromage: yes").is_none() && of_chat("From here on").is_none());
    }

    #[test]
    fn what_is_no_label() {
        for line in [
            "17:30 we left",
            "https://shop.example/a",
            "Note: this",
            "Warning 2: hot",
            "12: x",
            ": x",
            "He paid, then said: no",
            "I looked it up. Then: nothing",
            "",
            "Step 3: pay",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
        assert_eq!(
            label("Here is what I did: I left").map(|l| l.shape),
            Some(Shape::Word)
        );
        assert_eq!(
            label("Ludwig van Beethoven: Hm").map(|l| l.shape),
            Some(Shape::Name)
        );
    }
}
