//! The words of a caption line: tags and entities taken out.

use std::borrow::Cow;
use std::ops::Range;

use super::words::Words;
use crate::entity::{Reference, reference};

/// A run of words in one voice.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// The name a `<v Name>` tag gives, and where it stands.
    pub(super) voice: Option<Range<usize>>,
    pub(super) words: Words,
}

/// Tags that are markup; `<redacted>` and `<3` are words.
const TAGS: &[&str] = &[
    "b", "br", "c", "font", "i", "lang", "p", "rt", "ruby", "s", "span", "u", "v",
];

/// The runs of the line at `line` of `text`. `voice` is the voice still open
/// from the line before; the one open at the end is given back.
pub(super) fn runs(
    text: &str,
    line: Range<usize>,
    mut voice: Option<Range<usize>>,
) -> (Vec<Run>, Option<Range<usize>>) {
    let mut done = Vec::new();
    let mut run = Run {
        voice: voice.clone(),
        words: Words::default(),
    };
    let mut at = line.start;
    while at < line.end {
        let rest = text.get(at..line.end).unwrap_or_default();
        let plain = rest.find(['<', '&', '{']).unwrap_or(rest.len());
        run.words.copy(text, at..at + plain);
        at += plain;
        let rest = text.get(at..line.end).unwrap_or_default();
        if let Some(tag) = tag(rest) {
            if tag.is_voice {
                let name = tag.name.map(|name| at + name.start..at + name.end);
                voice = name.clone();
                done.push(std::mem::replace(
                    &mut run,
                    Run {
                        voice: name,
                        words: Words::default(),
                    },
                ));
            } else if tag.is_break {
                run.words.space();
            }
            at += tag.len;
        } else if let Some((decoded, len)) = entity(rest) {
            run.words.decode_all(&decoded, at..at + len);
            at += len;
        } else if let Some(len) = override_code(rest) {
            at += len;
        } else if let Some(c) = rest.chars().next() {
            run.words.copy(text, at..at + c.len_utf8());
            at += c.len_utf8();
        }
    }
    done.push(run);
    done.retain(|run| !run.words.is_blank());
    (done, voice)
}

/// The name at `range`, its entities decoded.
pub(super) fn name(text: &str, range: Range<usize>) -> Words {
    let (runs, _) = runs(text, range.clone(), None);
    match runs.into_iter().next() {
        Some(run) => run.words,
        None => Words::copied(text, range),
    }
}

struct Tag {
    len: usize,
    is_voice: bool,
    is_break: bool,
    name: Option<Range<usize>>,
}

/// The tag at the start of `rest`, a time among them.
fn tag(rest: &str) -> Option<Tag> {
    let inner = rest.strip_prefix('<')?;
    let end = inner.char_indices().take(240).find(|(_, c)| *c == '>')?.0;
    let inner = inner.get(..end)?;
    let len = end + 2;
    let closing = inner.starts_with('/');
    let name = inner.trim_start_matches('/');
    let kind = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()?
        .to_ascii_lowercase();
    let is_time = super::clock::time(inner, false).is_some_and(|(_, used, _)| used == inner.len());
    if !is_time && TAGS.binary_search(&kind.as_str()).is_err() {
        return None;
    }
    let is_voice = kind == "v";
    let gap = inner.find(char::is_whitespace);
    let name = gap.filter(|_| is_voice && !closing).and_then(|gap| {
        let words = inner.get(gap..)?;
        let start = 1 + gap + (words.len() - words.trim_start().len());
        Some(start..start + words.trim().len()).filter(|name| !name.is_empty())
    });
    Some(Tag {
        len,
        is_voice,
        is_break: kind == "br",
        name,
    })
}

/// The characters that an entity at the start of `rest` stands for, and the
/// entity's length.
pub(crate) fn entity(rest: &str) -> Option<(Cow<'static, str>, usize)> {
    let (reference, len) = reference(rest.strip_prefix('&')?)?;
    let decoded = match reference {
        Reference::Named(words) => Cow::Borrowed(words),
        Reference::Numbered(code) => {
            // A control character would break the line it stands in.
            let c = char::from_u32(code).map(|c| if c.is_control() { ' ' } else { c })?;
            Cow::Owned(c.to_string())
        }
    };
    Some((decoded, len + 1))
}

/// Length of a positioning code such as `{\an8}`.
fn override_code(rest: &str) -> Option<usize> {
    rest.strip_prefix("{\\")?;
    rest.char_indices()
        .take(60)
        .find(|(_, c)| *c == '}')
        .map(|(i, _)| i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<(Option<&str>, String)> {
        let (runs, _) = runs(line, 0..line.len(), None);
        runs.into_iter()
            .map(|run| {
                (
                    run.voice.map(|voice| &line[voice]),
                    run.words.text().to_owned(),
                )
            })
            .collect()
    }

    #[test]
    fn tags_go_and_entities_are_decoded() {
        assert_eq!(
            read("<v.loud Dana O&#39;>I couldn&#39;t &lt;pay&gt;</v>"),
            [(Some("Dana O&#39;"), "I couldn't <pay>".to_owned())]
        );
        assert_eq!(
            read("{\\an8}<i>So</i><00:00:01.000><c> it</c> is <3 &amp; R&D"),
            [(None, "So it is <3 & R&D".to_owned())]
        );
        assert_eq!(
            read("<v A>Hi</v> <v B>Ho"),
            [(Some("A"), "Hi".to_owned()), (Some("B"), "Ho".to_owned())]
        );
        assert_eq!(
            read("a &bogus; <redacted> &#xD800; < >"),
            [(None, "a &bogus; <redacted> &#xD800; < >".to_owned())]
        );
        assert_eq!(
            read("caf&eacute; &euro;5 &CounterClockwiseContourIntegral;"),
            [(None, "café €5 ∳".to_owned())]
        );
        assert!(read("<i> </i>").is_empty());
    }
}
