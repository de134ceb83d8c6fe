//! HTML in the cells of tables: entities become the characters that they stand
//! for, and tags go.

use std::ops::Range;

use encoding_rs::WINDOWS_1252;

use crate::entity::{Reference, reference};

/// A stretch of a text, and what is read in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    /// Where it stands.
    pub(super) range: Range<usize>,
    /// What is read instead.
    pub(super) text: String,
    /// True for a tag.
    pub(super) is_tag: bool,
}

/// A tag is looked for over this many bytes; what is longer is no tag.
const LONGEST_TAG: usize = 4_096;

/// Tags after which a new paragraph begins.
const PARAGRAPHS: &[&str] = &[
    "article",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "pre",
    "section",
    "table",
];

/// Tags after which a new line begins.
const LINES: &[&str] = &["br", "div", "dd", "dt", "hr", "li", "ol", "tr", "ul"];

/// Tags within a line; those between cells leave a space.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "body", "center", "code", "dl", "em", "font", "html", "i", "img", "ins",
    "label", "mark", "s", "small", "span", "strike", "strong", "sub", "sup", "tbody", "td", "th",
    "thead", "u",
];

/// What is to be changed in `text` so that it reads as it was meant: entities
/// always, tags if `tags` says so. Only tags of HTML are tags: `<3`, `a < b`
/// and `<name>` stay.
pub(super) fn edits(text: &str, tags: bool) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut at = 0;
    // Line ends that the text read so far ends with; none are put before it.
    let mut ends = 2;
    // Where nothing ends any more that must be closed, it is not looked for again.
    let mut closes = true;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find(['&', '<'])) {
        let start = at + found;
        ends = line_ends(text.get(at..start).unwrap_or_default(), ends);
        let rest = text.get(start..).unwrap_or_default();
        let read = if rest.starts_with('&') {
            entity(rest).map(|(text, len)| (text, len, false))
        } else if tags {
            tag(rest, ends, &mut closes).map(|(text, len)| (text, len, true))
        } else {
            None
        };
        at = match read {
            Some((text, len, is_tag)) => {
                ends = line_ends(&text, ends);
                edits.push(Edit {
                    range: start..start + len,
                    text,
                    is_tag,
                });
                start + len
            }
            None => {
                ends = 0;
                start + 1
            }
        };
    }
    edits
}

/// How many line ends stand at the end once `added` stands after `before` many.
fn line_ends(added: &str, before: usize) -> usize {
    let words = added.trim_end_matches(|c: char| c.is_whitespace());
    let after = added.get(words.len()..).unwrap_or_default();
    let new = after.matches('\n').count();
    if words.is_empty() { before + new } else { new }
}

/// The characters that the entity at the start of `rest` stands for, and its
/// length. An ampersand that was escaped once too often is seen through.
fn entity(rest: &str) -> Option<(String, usize)> {
    const TOO_OFTEN: usize = 3;
    let mut len = 1;
    for _ in 0..TOO_OFTEN {
        let inner = rest.get(len..)?;
        let Some(after) = inner.strip_prefix("amp;") else {
            break;
        };
        if named(after).is_none() {
            break;
        }
        len += "amp;".len();
    }
    let (text, used) = named(rest.get(len..)?)?;
    Some((text, len + used))
}

/// What `rest`, which stands after an ampersand, begins with.
fn named(rest: &str) -> Option<(String, usize)> {
    let (reference, len) = reference(rest)?;
    let text = match reference {
        Reference::Numbered(code) => numbered(code)?.to_string(),
        Reference::Named(words) => words.to_owned(),
    };
    Some((text, len))
}

/// The character with a number, as browsers read it: 128 to 159 are meant as
/// Windows-1252.
fn numbered(code: u32) -> Option<char> {
    if let Ok(byte @ 0x80..=0x9F) = u8::try_from(code) {
        let bytes = [byte];
        let (text, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
        return text.chars().next();
    }
    let c = char::from_u32(code)?;
    let harmless = !c.is_control() || matches!(c, '\n' | '\t');
    Some(if harmless { c } else { ' ' })
}

/// What is read for the tag at the start of `rest`, and its length.
fn tag(rest: &str, ends: usize, closes: &mut bool) -> Option<(String, usize)> {
    if rest.starts_with("<!--") {
        return Some((String::new(), closed_by(rest, "-->", closes)?));
    }
    let inner = rest.get(1..)?;
    let inner = inner.strip_prefix('/').unwrap_or(inner);
    let name_end = inner
        .bytes()
        .take(12)
        .position(|byte| !byte.is_ascii_alphanumeric())?;
    let name = inner.get(..name_end)?.to_ascii_lowercase();
    let name = name.as_str();
    if matches!(name, "script" | "style") && !rest.starts_with("</") {
        return Some((
            String::new(),
            closed_by(rest, &format!("</{name}>"), closes)?,
        ));
    }
    let is = |list: &[&str]| list.contains(&name);
    if !(is(PARAGRAPHS) || is(LINES) || is(INLINE)) {
        return None;
    }
    let after = inner.get(name_end..)?;
    let end = after
        .bytes()
        .take(LONGEST_TAG)
        .position(|byte| matches!(byte, b'>' | b'<'))?;
    let attributes = after.get(..end)?.trim().trim_end_matches('/').trim_end();
    let is_tag = after.as_bytes().get(end) == Some(&b'>')
        && (attributes.is_empty() || attributes.contains('='));
    if !is_tag {
        return None;
    }
    let wanted = if is(PARAGRAPHS) {
        2
    } else {
        usize::from(is(LINES))
    };
    // Each `<br>` is a line end of its own; other tags want only that there be one.
    let text = if name == "br" {
        "\n".to_owned()
    } else if matches!(name, "td" | "th") {
        " ".to_owned()
    } else {
        "\n".repeat(wanted.saturating_sub(ends))
    };
    let len = rest.len() - after.len() + end + 1;
    Some((text, len))
}

/// The length of what begins `rest` and ends with `end`.
fn closed_by(rest: &str, end: &str, closes: &mut bool) -> Option<usize> {
    if !*closes {
        return None;
    }
    let found = rest.find(end).map(|at| at + end.len());
    *closes = found.is_some();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, tags: bool) -> String {
        let mut read = text.to_owned();
        for edit in edits(text, tags).into_iter().rev() {
            read.replace_range(edit.range, &edit.text);
        }
        read
    }

    #[test]
    fn entities_are_the_characters_that_they_stand_for() {
        for (text, expected) in [
            ("couldn&#39;t &amp; won&rsquo;t", "couldn't & won’t"),
            ("couldn&amp;#39;t", "couldn't"),
            ("&amp;amp;quot;Fine&quot;", "\"Fine\""),
            ("caf&eacute; &#x1F642; it&#146;s", "café 🙂 it’s"),
            (
                "R&D; Q&A &bogus; & &#xD800; &;",
                "R&D; Q&A &bogus; & &#xD800; &;",
            ),
            ("a&#0;b&#13;", "a b "),
        ] {
            assert_eq!(read(text, false), expected, "{text}");
        }
    }

    #[test]
    fn tags_go_and_leave_the_lines_that_they_made() {
        for (text, expected) in [
            (
                "<p>One.</p><p>Two<br/>lines.</p>",
                "One.\n\nTwo\nlines.\n\n",
            ),
            ("<div>A</div>\n<div>B</div>", "A\n\nB\n"),
            (
                "I <b>really</b> <a href=\"x\">like</a> it",
                "I really like it",
            ),
            ("<ul><li>a</li><li>b</li></ul>", "a\nb\n"),
            ("x<!-- no -->y<script>if (a<b) {}</script>z", "xyz"),
            (
                "i <3 it, a < b, <name>, <b and c>",
                "i <3 it, a < b, <name>, <b and c>",
            ),
            ("Broken <a href=", "Broken <a href="),
        ] {
            assert_eq!(read(text, true), expected, "{text}");
        }
        assert_eq!(read("<p>kept</p>", false), "<p>kept</p>");
    }

    #[test]
    fn hostile_markup_takes_no_longer_than_its_length() {
        for piece in ["<!--", "<script>", "<a href=", "&amp;", "<", "&"] {
            let text = piece.repeat(1_000_000 / piece.len());
            let began = std::time::Instant::now();
            edits(&text, true);
            assert!(began.elapsed().as_secs() < 5, "{piece}");
        }
    }
}
