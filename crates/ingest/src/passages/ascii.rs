//! Unicode's sentence boundaries (UAX #29) for ASCII, where a byte tells its
//! class: most texts are ASCII throughout or in long stretches, and looking
//! every character up in the tables of all Unicode takes most of the time that
//! reading a table takes.

/// Ends of the sentences of `text`, which is ASCII; the last is its length.
/// The same as the boundaries of the `unicode-segmentation` crate (a property
/// test holds it to that). The names of rules are those of UAX #29.
pub(super) fn sentence_ends(text: &[u8]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\r' | b'\n' => {
                at = after_line_end(text, at);
                ends.push(at);
            }
            b'.' | b'!' | b'?' => match after_terminator(text, at) {
                After::Boundary(end) => {
                    ends.push(end);
                    at = end;
                }
                After::GoesOn(next) => at = next,
            },
            _ => at += 1,
        }
    }
    if ends.last() != Some(&text.len()) && !text.is_empty() {
        ends.push(text.len());
    }
    ends
}

/// `text` in ASCII, byte for byte: each other character as often one of its class as
/// it has bytes, which changes no boundary. `None` if it holds one that is not known
/// here: accents, typographers' quotes and dashes are what most texts have.
pub(super) fn alike(text: &str) -> Option<Vec<u8>> {
    let mut alike = Vec::with_capacity(text.len());
    for c in text.chars() {
        let class = match c {
            '\0'..='\x7f' => c as u8,
            'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ſ' if c.is_lowercase() => b'a',
            'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ſ' if c.is_uppercase() => b'A',
            '‘' | '’' | '‚' | '“' | '”' | '„' | '«' | '»' | '‹' | '›' => b'"',
            '–' | '—' => b'-',
            '\u{a0}' => b' ',
            '…' | '•' | '·' | '€' | '£' | '°' | '×' | '™' | '©' | '®' => b'#',
            _ => return None,
        };
        alike.extend(std::iter::repeat_n(class, c.len_utf8()));
    }
    Some(alike)
}

enum After {
    Boundary(usize),
    GoesOn(usize),
}

/// What the terminator at `at` ends.
fn after_terminator(text: &[u8], at: usize) -> After {
    let full_stop = text.get(at) == Some(&b'.');
    let next = at + 1;
    if full_stop && let Some(&byte) = text.get(next) {
        let letter = at
            .checked_sub(1)
            .and_then(|before| text.get(before))
            .is_some_and(u8::is_ascii_alphabetic);
        // SB6, SB7: "3.5", "U.S".
        if byte.is_ascii_digit() || (letter && byte.is_ascii_uppercase()) {
            return After::GoesOn(next);
        }
    }
    // SB9, SB10: brackets and quotes, then spaces, belong to the sentence.
    let closed = pass(text, next, is_close);
    let spaced = pass(text, closed, is_space);
    match text.get(spaced) {
        None => After::Boundary(spaced),
        Some(b'\r' | b'\n') => After::Boundary(after_line_end(text, spaced)),
        // SB8a.
        Some(b',' | b'-' | b':' | b';' | b'.' | b'!' | b'?') => After::GoesOn(spaced),
        // SB8.
        Some(_) if full_stop && small_letter_follows(text, spaced) => After::GoesOn(spaced),
        // SB11.
        Some(_) => After::Boundary(spaced),
    }
}

/// True if the next letter, before any line end or terminator, is a small one.
fn small_letter_follows(text: &[u8], from: usize) -> bool {
    text.get(from..)
        .unwrap_or_default()
        .iter()
        .find(|byte| {
            byte.is_ascii_alphabetic() || matches!(byte, b'\r' | b'\n' | b'.' | b'!' | b'?')
        })
        .is_some_and(u8::is_ascii_lowercase)
}

fn after_line_end(text: &[u8], at: usize) -> usize {
    if text.get(at..at + 2) == Some(b"\r\n") {
        at + 2
    } else {
        at + 1
    }
}

fn pass(text: &[u8], from: usize, class: fn(u8) -> bool) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let length = rest.iter().take_while(|byte| class(**byte)).count();
    from + length
}

fn is_close(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'(' | b')' | b'[' | b']' | b'{' | b'}')
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0B | 0x0C)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    use super::*;

    fn by_unicode(text: &str) -> Vec<usize> {
        text.split_sentence_bound_indices()
            .map(|(at, sentence)| at + sentence.len())
            .collect()
    }

    #[test]
    fn every_ascii_character_is_of_its_class() {
        for byte in 0..128_u8 {
            let c = char::from(byte);
            for around in [
                "a.{} B", "a. {}b", "a.{}B", "A!{}b", "a?\"{} c", "{}. {}", "1.{}a {}",
            ] {
                let text = around.replace("{}", &c.to_string());
                assert_eq!(
                    sentence_ends(text.as_bytes()),
                    by_unicode(&text),
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn every_character_that_is_known_is_of_its_class() {
        let known = ('\u{80}'..='\u{2fff}').filter(|c| alike(&c.to_string()).is_some());
        let mut count = 0;
        for c in known {
            count += 1;
            for around in [
                "a.{} B", "a. {}b", "a.{}B", "A!{}b", "a?\"{} c", "{}. {}", "{}.B", "1.{}a {}",
                "a. {} b",
            ] {
                let text = around.replace("{}", &c.to_string());
                let alike = alike(&text).unwrap();
                assert_eq!(sentence_ends(&alike), by_unicode(&text), "{text:?}");
            }
        }
        assert!(count > 140, "{count}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn boundaries_are_those_of_unicode(text in "[ab AB1.!?,;:\"')(\\-\t\n\r\x0b\x0c_/~\x00]{0,24}") {
            prop_assert_eq!(sentence_ends(text.as_bytes()), by_unicode(&text));
        }

        #[test]
        fn those_of_what_is_alike_are_the_same(text in "[ab AB1.!?,\"\n éÉ’“”–…\u{a0}•€]{0,24}") {
            let alike = alike(&text).unwrap();
            prop_assert_eq!(sentence_ends(&alike), by_unicode(&text));
        }
    }
}
