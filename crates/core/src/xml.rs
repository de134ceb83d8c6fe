use std::borrow::Cow;

/// Digits of an escape: `_x001B_`.
const DIGITS: usize = 4;

/// True if XML 1.0 can hold `c`.
fn legal(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// A text in which characters that XML 1.0 cannot hold are written `_xHHHH_`, as
/// office formats do, and where it looks so already the underscore is written
/// `_x005F_`. [`restored_from_xml`] undoes it.
#[must_use]
pub fn escaped_for_xml(text: &str) -> Cow<'_, str> {
    if text.chars().all(legal) && !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let escapes = !legal(c) || (c == '_' && looks_escaped(&text[at..]));
        if escapes {
            out.push_str(&format!("_x{:04X}_", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The text that [`escaped_for_xml`] was given.
#[must_use]
pub fn restored_from_xml(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('_') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let (c, length) = escape(from).map_or(('_', 1), |c| (c, DIGITS + 3));
        out.push(c);
        rest = &from[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// True if `text` begins like an escape, whatever comes behind its digits: that
/// may become an underscore.
fn looks_escaped(text: &str) -> bool {
    let digits = text.strip_prefix("_x").and_then(|rest| rest.get(..DIGITS));
    digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The character that the escape at the beginning of `text` stands for.
fn escape(text: &str) -> Option<char> {
    let digits = text.strip_prefix("_x")?.get(..=DIGITS)?.strip_suffix('_')?;
    let hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, 16).ok().filter(|_| hex)?;
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_written_so_that_it_can() {
        assert_eq!(escaped_for_xml("a\u{1b}b"), "a_x001B_b");
        assert_eq!(escaped_for_xml("_x001B_"), "_x005F_x001B_");
        assert_eq!(escaped_for_xml("_x_ und _xyz_ é_x"), "_x_ und _xyz_ é_x");
        assert_eq!(restored_from_xml("_x005F_x001B_"), "_x001B_");
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "(_x[0-9A-F]{0,5}_?|[\\x00-\\x7fé🙂\u{fffe}_]){0,20}") {
            let there = escaped_for_xml(&text);
            prop_assert!(there.chars().all(legal));
            let back = restored_from_xml(&there);
            prop_assert_eq!(back.as_ref(), text.as_str());
        }
    }
}
