//! Claims of the HTML report: every element that says of which document its
//! text is which range.

use html5gum::{StartTag, Token, Tokenizer};

use super::{Claim, Claims, Named, damaged};
use crate::ReportError;
use crate::data::Manifest;

/// An element whose text is being read.
struct Open {
    claim: Claim,
    name: Vec<u8>,
    /// Elements of the same name within it that are open.
    within: usize,
}

pub(super) fn claims(text: &str) -> Result<Claims, ReportError> {
    let mut found = Claims::default();
    let mut open: Option<Open> = None;
    let (mut quotes, mut fact) = (0, Fact::default());
    // The manifest counts what is seen through the first framework alone.
    let mut counted = true;
    let Ok(tokens) = Tokenizer::new(text).collect::<Result<Vec<_>, _>>();
    for token in tokens {
        if let Some((name, value)) = fact.take(&token) {
            found.manifest_row(&name, &value);
        }
        if let Token::StartTag(tag) = &token {
            counted = is_counted(tag).unwrap_or(counted);
        }
        match (token, &mut open) {
            (Token::StartTag(tag), None) => open = begin(&tag, found.claims.len())?,
            (Token::StartTag(tag), Some(open)) => {
                open.within += usize::from(*tag.name == *open.name);
            }
            (Token::String(words), Some(open)) => {
                open.claim
                    .text
                    .push_str(&String::from_utf8_lossy(&words.value));
            }
            (Token::EndTag(tag), Some(it)) if *tag.name == *it.name => match it.within {
                0 => {
                    // A quote in its context is the same once more.
                    let again = it.name == b"mark" || it.claim.passage.is_none();
                    quotes += u64::from(counted && !again);
                    found.claims.extend(open.take().map(|open| open.claim));
                }
                _ => it.within -= 1,
            },
            _ => {}
        }
    }
    found.held.insert(Manifest::QUOTES, quotes);
    Ok(found)
}

/// Whether the quotes after `tag` are counted, if it begins what is seen through
/// one framework or through all.
fn is_counted(tag: &StartTag<()>) -> Option<bool> {
    let class = tag.attributes.get(b"class".as_slice())?;
    let through = class.value.strip_prefix(b"seen seen-");
    let all = || (**class.value == *b"all").then_some(true);
    through.map(|number| number == b"0").or_else(all)
}

/// A name and what is said of it, while they are read.
#[derive(Default)]
struct Fact {
    /// The element that is open, `dt` or `dd`.
    within: Option<&'static str>,
    name: String,
    value: String,
}

impl Fact {
    /// Takes in a token; name and value when both are whole.
    fn take(&mut self, token: &Token) -> Option<(String, String)> {
        match token {
            Token::StartTag(tag) if **tag.name == *b"dt" => {
                self.within = Some("dt");
                self.name.clear();
            }
            Token::StartTag(tag) if **tag.name == *b"dd" => self.within = Some("dd"),
            Token::String(words) => {
                let words = String::from_utf8_lossy(&words.value);
                match self.within {
                    Some("dt") => self.name.push_str(&words),
                    Some(_) => self.value.push_str(&words),
                    None => {}
                }
            }
            Token::EndTag(tag) if **tag.name == *b"dt" => self.within = None,
            Token::EndTag(tag) if **tag.name == *b"dd" => {
                self.within = None;
                return Some((self.name.clone(), std::mem::take(&mut self.value)));
            }
            _ => {}
        }
        None
    }
}

fn begin(tag: &StartTag<()>, number: usize) -> Result<Option<Open>, ReportError> {
    let get = |name: &str| {
        let value = tag.attributes.get(name.as_bytes())?;
        Some(String::from_utf8_lossy(&value.value).into_owned())
    };
    let Some(document) = get("data-document") else {
        return Ok(None);
    };
    let at = format!("quote or label {}", number + 1);
    let wrong = || damaged(format!("{at}: its place cannot be read"));
    let place = |name| {
        get(name)
            .and_then(|value| value.parse().ok())
            .ok_or_else(wrong)
    };
    let passage = get("data-passage").map(|id| id.parse());
    Ok(Some(Open {
        claim: Claim {
            start: place("data-start")?,
            end: place("data-end")?,
            passage: passage.transpose().map_err(|_| wrong())?,
            document: Named::Exactly(document),
            document_sha256: None,
            text: String::new(),
            on_one_line: false,
            at,
        },
        name: tag.name.to_vec(),
        within: 0,
    }))
}
