//! Words, numbers and marks of a text, with their places.

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Letters, with apostrophes and hyphens between them.
    Word,
    /// Digits.
    Number,
    /// Any other single character that is no space.
    Mark,
}

/// A token of a text.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) shape: Shape,
    /// In lower case; empty for numbers and marks, which have none.
    pub(crate) lower: String,
    /// True if it begins with a letter that is not a small one.
    pub(crate) capital: bool,
}

/// A text with its tokens.
#[derive(Debug)]
pub(crate) struct Tokens<'t> {
    pub(crate) text: &'t str,
    pub(crate) list: Vec<Token>,
}

impl<'t> Tokens<'t> {
    /// Cuts `text`, in one pass.
    pub(crate) fn of(text: &'t str) -> Self {
        let mut list = Vec::new();
        let mut chars = text.char_indices().peekable();
        while let Some((start, first)) = chars.next() {
            if first.is_whitespace() {
                continue;
            }
            let mut end = start + first.len_utf8();
            let shape = shape_of(first);
            if shape != Shape::Mark {
                while let Some(&(at, next)) = chars.peek() {
                    let inside = if shape == Shape::Word {
                        is_letter(next)
                            || (is_joint(next)
                                && text[at + next.len_utf8()..]
                                    .chars()
                                    .next()
                                    .is_some_and(is_letter))
                    } else {
                        shape_of(next) == Shape::Number
                    };
                    if !inside {
                        break;
                    }
                    end = at + next.len_utf8();
                    chars.next();
                }
            }
            let word = shape == Shape::Word;
            list.push(Token {
                start,
                end,
                shape,
                lower: if word {
                    fold(&text[start..end])
                } else {
                    String::new()
                },
                capital: word && !first.is_lowercase(),
            });
        }
        Self { text, list }
    }

    /// The token's words in lower case, or the token itself.
    pub(crate) fn said(&self, at: usize) -> &str {
        match self.list.get(at) {
            Some(token) if token.shape == Shape::Word => &token.lower,
            Some(token) => &self.text[token.start..token.end],
            None => "",
        }
    }

    /// True if token `at` is a word that begins with no small letter.
    pub(crate) fn is_capital(&self, at: usize) -> bool {
        self.list.get(at).is_some_and(|token| token.capital)
    }

    /// True if only blanks stand between token `at` and the one before it.
    pub(crate) fn follows(&self, at: usize) -> bool {
        at > 0
            && self
                .gap(at)
                .is_some_and(|gap| !gap.is_empty() && !gap.contains('\n'))
    }

    /// True if token `at` begins a line.
    pub(crate) fn begins_line(&self, at: usize) -> bool {
        at == 0 || self.gap(at).is_some_and(|gap| gap.contains('\n'))
    }

    /// True if token `at` begins a sentence, as far as marks tell.
    pub(crate) fn begins_sentence(&self, at: usize) -> bool {
        self.begins_line(at)
            || matches!(
                self.said(at - 1),
                "." | "!" | "?" | ":" | "…" | "\"" | "“" | "”" | "-" | "–" | "—" | "*" | "•" | ")"
            )
    }

    /// True if nothing follows token `at - 1` on its line.
    pub(crate) fn ends_line(&self, at: usize) -> bool {
        at >= self.list.len() || self.begins_line(at)
    }

    fn gap(&self, at: usize) -> Option<&str> {
        let before = self.list.get(at.checked_sub(1)?)?;
        self.text.get(before.end..self.list.get(at)?.start)
    }
}

/// Lower case, with the apostrophe that keyboards have.
pub(crate) fn fold(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c == '’' { '\'' } else { c }.to_lowercase())
        .collect()
}

/// A word without the ending that makes it a possessive.
pub(crate) fn bare(word: &str) -> &str {
    word.strip_suffix("'s")
        .or_else(|| word.strip_suffix("’s"))
        .or_else(|| word.strip_suffix("'S"))
        .or_else(|| word.strip_suffix("’S"))
        .unwrap_or(word)
}

fn shape_of(c: char) -> Shape {
    if is_letter(c) {
        Shape::Word
    } else if c.is_numeric() {
        Shape::Number
    } else {
        Shape::Mark
    }
}

fn is_letter(c: char) -> bool {
    // Combining marks belong to the letter before them.
    c.is_alphabetic() || ('\u{300}'..='\u{36f}').contains(&c)
}

fn is_joint(c: char) -> bool {
    matches!(c, '\'' | '’' | '-' | '‐')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_their_apostrophes_and_marks_stand_alone() {
        let tokens = Tokens::of("Anne-Marie’s no. 7, e\u{301}té\ntamsin_k");
        let all: Vec<&str> = tokens
            .list
            .iter()
            .map(|token| &tokens.text[token.start..token.end])
            .collect();
        assert_eq!(
            all,
            [
                "Anne-Marie’s",
                "no",
                ".",
                "7",
                ",",
                "e\u{301}té",
                "tamsin",
                "_",
                "k"
            ]
        );
        assert_eq!(bare(tokens.said(0)), "anne-marie");
        assert!(tokens.begins_line(6) && tokens.follows(1) && !tokens.follows(2));
    }
}
