/// Characters that mean something in CommonMark, GitHub's tables or Pandoc,
/// wherever they stand.
const ANYWHERE: &str = "\\`*_[]<|~$^";

/// Plain text as Markdown that shows exactly this text.
///
/// Signs that Markdown would read get a backslash; white space at either end
/// of a line becomes an entity, since Markdown drops it; a line break becomes a
/// hard one (a backslash at the end of the line), and at either end of the text
/// an entity. [`unescape`] undoes it.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let (before, rest) = text.split_at(text.len() - text.trim_start_matches('\n').len());
    let (lines, after) = rest.split_at(rest.trim_end_matches('\n').len());
    out.push_str(&"&#10;".repeat(before.len()));
    for (i, line) in lines.split('\n').enumerate() {
        if i > 0 {
            out.push_str("\\\n");
        }
        escape_line(line, &mut out);
    }
    out.push_str(&"&#10;".repeat(after.len()));
    out
}

fn escape_line(line: &str, out: &mut String) {
    let is_space = |c: char| c == ' ' || c == '\t';
    let words_end = line.trim_end_matches(is_space).len();
    let words_start = line.len() - line.trim_start_matches(is_space).len();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    for (at, c) in line.char_indices() {
        let next = line[at + c.len_utf8()..].chars().next();
        let opens = at == words_start && opens_block(c, next);
        let lists = at == digits && digits > 0 && matches!(c, '.' | ')') && ends_marker(next);
        let links = c == ':' && line[at..].starts_with("://");
        let is_entity = c == '&' && next.is_some_and(|n| n == '#' || n.is_ascii_alphanumeric());
        if is_space(c) && (at < words_start || at >= words_end) || c == '\r' {
            out.push_str(&format!("&#{};", u32::from(c)));
        } else {
            if opens || lists || links || is_entity || ANYWHERE.contains(c) {
                out.push('\\');
            }
            out.push(c);
        }
    }
}

/// True if `c` at the start of a line, before `next`, opens a block.
fn opens_block(c: char, next: Option<char>) -> bool {
    match c {
        '#' | '=' | ':' | '>' => true,
        '+' | '-' => ends_marker(next) || next == Some(c),
        _ => false,
    }
}

/// True if a list's marker may end before `next`.
fn ends_marker(next: Option<char>) -> bool {
    next.is_none_or(char::is_whitespace)
}

/// The text that [`escape`] was given.
///
/// To read a quote back from a report: take the lines of a block quote up to
/// the empty one, take `> ` off each, join them with line breaks, and give them
/// to this function.
#[must_use]
pub fn unescape(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some(at) = rest.find(['\\', '&']) {
        out.push_str(&rest[..at]);
        let mut after = rest[at..].chars();
        let sign = after.next();
        rest = after.as_str();
        if sign == Some('\\') {
            let escaped = after.next();
            out.push(escaped.unwrap_or('\\'));
            rest = after.as_str();
        } else if let Some((c, tail)) = entity(rest) {
            out.push(c);
            rest = tail;
        } else {
            out.push('&');
        }
    }
    out.push_str(rest);
    out
}

/// The character of `#NN;`, and what follows.
fn entity(text: &str) -> Option<(char, &str)> {
    let (number, tail) = text.strip_prefix('#')?.split_once(';')?;
    Some((char::from_u32(number.parse().ok()?)?, tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    /// The text that a reader of the rendered Markdown sees in a block quote;
    /// `None` if anything but text comes out.
    fn shown(markdown: &str) -> Option<String> {
        let quoted: Vec<_> = markdown.split('\n').map(|l| format!("> {l}")).collect();
        let mut text = String::new();
        let options = Options::all() - Options::ENABLE_SMART_PUNCTUATION;
        for event in Parser::new_ext(&quoted.join("\n"), options) {
            match event {
                Event::Text(words) => text.push_str(&words),
                Event::HardBreak => text.push('\n'),
                Event::Start(Tag::Paragraph | Tag::BlockQuote(_))
                | Event::End(TagEnd::Paragraph | TagEnd::BlockQuote(_)) => {}
                _ => return None,
            }
        }
        Some(text)
    }

    #[test]
    fn signs_of_markdown_are_shown_and_not_read() {
        for text in [
            "a | b * _c_ [link](x) <b>&amp; `code` ~~no~~ \\ ![i](j)",
            "# no heading",
            "1. no list\n2) nor this",
            "- - -",
            "see https://example.org now",
            "a\n===",
            "price: $5 and $6, x^2",
            "    four spaces, and one behind ",
            "[x]: y",
            "+ no list",
            "-",
            "\n\nbreaks around\n",
            "&#32; &amp; & AT&T",
            "مرحبا 👩‍👩‍👧 é",
        ] {
            assert_eq!(unescape(&escape(text)), text);
            assert_eq!(
                shown(&escape(text)).as_deref(),
                Some(text),
                "{}",
                escape(text)
            );
        }
    }

    #[test]
    fn readable_text_stays_readable() {
        for text in [
            "I couldn't find the price (twice!), so I left: 100% sure. 3.5 stars - no more",
            "+62 (+30…+92)",
            "0.66 = 0.75 × 0.88",
            "-5 degrees & more",
        ] {
            assert_eq!(escape(text), text);
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in any::<String>()) {
            prop_assert_eq!(unescape(&escape(&text)), text);
        }

        #[test]
        fn every_printable_text_is_shown_as_it_is(text in "[ -~éß🙂\u{5d0}]{0,30}(\n[ -~]{1,20}){0,2}") {
            prop_assume!(!text.is_empty());
            prop_assert_eq!(shown(&escape(&text)), Some(text));
        }
    }
}
