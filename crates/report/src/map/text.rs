use unicode_segmentation::UnicodeSegmentation;

/// Breaks `text` into at most `most` lines of `width` units, at spaces where it
/// can. What does not fit is left out, and an ellipsis says so; the whole text
/// stands elsewhere in the report.
pub(crate) fn wrap(text: &str, width: f64, size: f64, most: usize) -> Vec<String> {
    let text = drawable(text);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let fits = |line: &str| estimate(line) * size <= width;
    for word in text
        .split_whitespace()
        .flat_map(|word| pieces(word, width / size))
    {
        let longer = match line.is_empty() {
            true => word.text.clone(),
            false if word.joined => format!("{line}{}", word.text),
            false => format!("{line} {}", word.text),
        };
        if fits(&longer) {
            line = longer;
        } else {
            lines.push(std::mem::replace(&mut line, word.text));
        }
        if lines.len() == most {
            break;
        }
    }
    if lines.len() < most && !line.is_empty() {
        lines.push(line);
    } else if let Some(last) = lines.last_mut().filter(|_| !line.is_empty()) {
        shorten(last, width / size);
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// The text with blanks for what no picture can show, and no XML can hold.
pub(crate) fn drawable(text: &str) -> String {
    text.replace(
        |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'),
        " ",
    )
}

/// Takes words off the end until an ellipsis fits behind; signs, where there is
/// but one word.
fn shorten(line: &mut String, ems: f64) {
    while estimate(line) + estimate("…”") > ems {
        let Some(at) = line.rfind(' ') else { break };
        line.truncate(at);
    }
    while estimate(line) + estimate("…”") > ems {
        let Some((at, _)) = line.grapheme_indices(true).next_back() else {
            break;
        };
        line.truncate(at);
    }
    line.truncate(line.trim_end_matches([' ', ',', '.', ';', ':']).len());
    line.push('…');
}

/// A word, or a part of one that is too long for a line.
struct Piece {
    text: String,
    /// True if no space comes before it.
    joined: bool,
}

fn pieces(word: &str, ems: f64) -> Vec<Piece> {
    let mut pieces = vec![Piece {
        text: String::new(),
        joined: false,
    }];
    let mut width = 0.0;
    for sign in word.graphemes(true) {
        let wide = estimate(sign);
        if width + wide > ems && width > 0.0 {
            pieces.push(Piece {
                text: String::new(),
                joined: true,
            });
            width = 0.0;
        }
        width += wide;
        if let Some(last) = pieces.last_mut() {
            last.text.push_str(sign);
        }
    }
    pieces
}

/// Width of `text` in ems, as a common sans-serif face would set it, a little
/// on the wide side.
pub(super) fn estimate(text: &str) -> f64 {
    text.graphemes(true)
        .map(|sign| match sign.chars().next() {
            None => 0.0,
            Some('i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '!' | '|' | '\'' | '’') => 0.29,
            Some('f' | 't' | 'r' | ' ' | '(' | ')' | '“' | '”' | '-' | '"') => 0.37,
            Some('m' | 'w' | 'M' | 'W' | '…' | '%' | '@') => 0.92,
            Some(c) if c.is_ascii_uppercase() => 0.72,
            Some(c) if u32::from(c) < 0x1100 => 0.58,
            Some(_) => 1.1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_does_not_fit_is_marked() {
        let lines = wrap(
            "the price was hidden until the very last page",
            80.0,
            12.0,
            2,
        );
        assert_eq!(lines, ["the price", "was…"]);
        assert_eq!(wrap("short", 80.0, 12.0, 2), ["short"]);
        assert!(wrap("  ", 80.0, 12.0, 2).is_empty());
    }

    #[test]
    fn a_long_word_is_broken_between_whole_signs() {
        let lines = wrap(&"👩‍👩‍👧".repeat(9), 60.0, 12.0, 9);
        assert!(
            lines.len() > 1 && lines.iter().all(|l| l.starts_with('👩')),
            "{lines:?}"
        );
        assert_eq!(lines.concat(), "👩‍👩‍👧".repeat(9));
    }

    proptest! {
        #[test]
        fn lines_are_few_and_narrow(text in any::<String>(), most in 1_usize..4) {
            let lines = wrap(&text, 90.0, 12.0, most);
            prop_assert!(lines.len() <= most);
            for line in &lines {
                prop_assert!(estimate(line) * 12.0 <= 90.0, "{line}");
            }
        }
    }
}
