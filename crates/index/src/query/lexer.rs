//! From characters to the parts of a query.

use super::error::Problem;
use super::fields::Typed;
use super::pattern::{MOST_SLOP, Pattern};
use crate::words;

/// One part of a query and the byte it begins at.
#[derive(Debug)]
pub(super) struct Part<'t> {
    pub(super) at: usize,
    pub(super) token: Token<'t>,
}

#[derive(Debug)]
pub(super) enum Token<'t> {
    Open,
    Close,
    And,
    Or,
    Not,
    All,
    Word(Vec<String>),
    Exact(Pattern),
    Field(Typed<'t>),
}

/// A query of more parts is a mistake, and would be slow.
const MOST_PARTS: usize = 1024;

/// The parts of `text`. Characters that are in no word and mean nothing in the
/// language are passed over, so that prose can be pasted.
pub(super) fn parts(text: &str) -> Result<Vec<Part<'_>>, Problem> {
    let mut lexer = Lexer {
        text,
        at: 0,
        parts: Vec::new(),
    };
    while let Some(c) = lexer.peek() {
        lexer.step(c)?;
        if lexer.parts.len() > MOST_PARTS {
            return Err(Problem::new(
                lexer.at,
                format!("the query has more than {MOST_PARTS} parts"),
                "search for less at once",
            ));
        }
    }
    Ok(lexer.parts)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    parts: Vec<Part<'t>>,
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}')
}

fn ends_chunk(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')') || is_quote(c)
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, at: usize, token: Token<'t>) {
        self.parts.push(Part { at, token });
    }

    fn step(&mut self, c: char) -> Result<(), Problem> {
        let at = self.at;
        match c {
            _ if c.is_whitespace() => self.at += c.len_utf8(),
            '(' | ')' => {
                self.at += 1;
                let token = if c == '(' { Token::Open } else { Token::Close };
                self.push(at, token);
            }
            '-' => {
                self.at += 1;
                if self.is_operand() {
                    self.push(at, Token::Not);
                }
            }
            _ if is_quote(c) => {
                let (inside_at, inside) = self.quoted()?;
                let words = words::exact_words(inside);
                if words.is_empty() {
                    return Err(Problem::new(
                        inside_at,
                        "there is no letter or digit between the quotation marks",
                        "write the words to be found in a row",
                    ));
                }
                let pattern = self.after_quotes(words)?;
                self.push(at, Token::Exact(pattern));
            }
            _ => {
                let rest = self.rest();
                let chunk = rest.split(ends_chunk).next().unwrap_or(rest);
                self.at += chunk.len();
                self.chunk(at, chunk)?;
            }
        }
        Ok(())
    }

    /// True if what follows a minus can be negated by it; otherwise the minus is
    /// punctuation.
    fn is_operand(&self) -> bool {
        let rest = self.rest();
        let begins = |c: char| c.is_alphanumeric() || c == '(' || is_quote(c);
        rest.starts_with(begins) || rest.split(ends_chunk).next() == Some("*")
    }

    /// What stands between the quotation mark here and the next one.
    fn quoted(&mut self) -> Result<(usize, &'t str), Problem> {
        let open = self.at;
        let start = open + self.peek().map_or(0, char::len_utf8);
        self.at = start;
        let rest = self.rest();
        let Some((inside, close)) = rest.char_indices().find(|(_, c)| is_quote(*c)) else {
            return Err(Problem::new(
                open,
                "this quotation mark is not closed",
                "close it, or leave it out",
            ));
        };
        self.at = start + inside + close.len_utf8();
        Ok((start, rest.get(..inside).unwrap_or_default()))
    }

    /// The words of a phrase that has just been closed, with how near to each
    /// other they must stand.
    fn after_quotes(&mut self, words: Vec<String>) -> Result<Pattern, Problem> {
        let at = self.at;
        match self.peek() {
            Some('*') => Err(Problem::new(
                at,
                "'*' has no meaning after a quotation mark",
                "leave it out, or put a space before it",
            )),
            Some('~') => {
                let rest = self.rest().get(1..).unwrap_or_default();
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                self.at += 1 + digits;
                slop(at, words, rest.get(..digits).unwrap_or_default())
            }
            _ => Ok(Pattern::Row(words)),
        }
    }

    /// Characters without a space, a parenthesis or a quotation mark.
    fn chunk(&mut self, at: usize, chunk: &'t str) -> Result<(), Problem> {
        match chunk {
            "AND" => self.push(at, Token::And),
            "OR" => self.push(at, Token::Or),
            "NOT" => self.push(at, Token::Not),
            "*" => self.push(at, Token::All),
            _ => match chunk.split_once(':') {
                Some((name, value)) if is_field_name(name) => self.field(at, name, value)?,
                _ => self.words(at, chunk)?,
            },
        }
        Ok(())
    }

    fn field(&mut self, at: usize, name: &'t str, value: &'t str) -> Result<(), Problem> {
        let mut typed = Typed {
            at,
            name,
            value_at: at + name.len() + 1,
            value,
            phrase: None,
        };
        if value.is_empty() {
            match self.peek() {
                Some(c) if is_quote(c) => {
                    (typed.value_at, typed.value) = self.quoted()?;
                    let words = words::exact_words(typed.value);
                    typed.phrase = Some(self.after_quotes(words)?);
                }
                Some('(') => {
                    return Err(Problem::new(
                        self.at,
                        "a field has one value, not a group",
                        format!("write ({name}:… OR {name}:…)"),
                    ));
                }
                _ => {
                    return Err(Problem::new(
                        self.at,
                        format!("'{name}:' has no value"),
                        "write the value without a space after the colon",
                    ));
                }
            }
        }
        self.push(at, Token::Field(typed));
        Ok(())
    }

    fn words(&mut self, at: usize, chunk: &'t str) -> Result<(), Problem> {
        let ranges: Vec<_> = words::words(chunk).collect();
        if ranges.is_empty() {
            return Ok(());
        }
        if let Some(pattern) = pattern(at, chunk)? {
            self.push(at, Token::Exact(pattern));
            return Ok(());
        }
        let mut word = Vec::new();
        let mut end = None;
        for range in ranges {
            let joined = end.is_some_and(|end: usize| holds_together(&chunk[end..range.start]));
            if !joined && !word.is_empty() {
                self.push(at, Token::Word(std::mem::take(&mut word)));
            }
            end = Some(range.end);
            word.extend(words::exact_words(&chunk[range]));
        }
        if !word.is_empty() {
            self.push(at, Token::Word(word));
        }
        Ok(())
    }
}

/// The phrase of `words` with `moves` as typed after the '~' at byte `at`.
fn slop(at: usize, words: Vec<String>, moves: &str) -> Result<Pattern, Problem> {
    let problem = |message: &str, hint: String| Err(Problem::new(at, message, hint));
    match moves.parse::<u8>() {
        Ok(0) => Ok(Pattern::Row(words)),
        Ok(moves) if moves <= MOST_SLOP => {
            let mut sorted = words.clone();
            sorted.sort_unstable();
            if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
                let hint = "leave one of the two out, or the '~'".to_owned();
                return problem("a phrase with '~' can hold each word only once", hint);
            }
            if words.len() > 1 {
                return Ok(Pattern::Slop(words, moves));
            }
            let hint = format!("write {}~1 for other spellings", words.concat());
            problem("one word alone cannot be near itself", hint)
        }
        _ => problem(
            "this says not how near the words must stand",
            format!("write \"could find\"~3, with a number up to {MOST_SLOP}"),
        ),
    }
}

/// The pattern that `chunk`, which begins at byte `at`, stands for if it ends
/// with a star, or with a '~' and at most one digit.
pub(super) fn pattern(at: usize, chunk: &str) -> Result<Option<Pattern>, Problem> {
    let one_word = |text: &str| {
        let mut words = words::words(text);
        let range = words.next()?;
        let ends = range.end == text.len() && words.next().is_none();
        words::exact_words(text).pop().filter(|_| ends)
    };
    let first_end = words::words(chunk).next().map_or(0, |range| range.end);
    if let Some(star) = chunk.find('*').filter(|star| *star >= first_end) {
        let word = chunk.strip_suffix('*').and_then(one_word);
        return match word {
            Some(word) => Ok(Some(Pattern::Prefix(word))),
            None => Err(Problem::new(
                at + star,
                "a star can only end a single word",
                "write pric* for price, prices and pricing",
            )),
        };
    }
    let Some((text, letters)) = chunk.rsplit_once('~') else {
        return Ok(None);
    };
    if text.len() < first_end || letters.len() > 1 || !letters.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let problem = |message: &str, hint: &str| Err(Problem::new(at + text.len(), message, hint));
    match (one_word(text), letters) {
        (None, _) => problem(
            "'~' can only end a single word",
            "write delivry~ for delivery; for words near each other, \"could find\"~3",
        ),
        (Some(word), "") => Ok(Some(Pattern::fuzzy(word))),
        (Some(word), "0") => Ok(Some(Pattern::Row(vec![word]))),
        (Some(word), "1") => Ok(Some(Pattern::Fuzzy(word, 1))),
        (Some(word), "2") => Ok(Some(Pattern::Fuzzy(word, 2))),
        _ => problem(
            "a word can be looked for with one or two letters wrong",
            "write delivry~1 or delivry~2",
        ),
    }
}

fn is_field_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
}

/// True if what stands between two words makes them one: nothing, or a hyphen
/// or the like. Other punctuation sets them apart.
fn holds_together(between: &str) -> bool {
    matches!(
        between,
        "" | "-" | "." | "_" | "@" | "&" | "+" | "#" | "\u{2010}" | "\u{2011}"
    )
}
