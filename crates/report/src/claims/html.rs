//! Claims of the HTML report: every element that says of which document its
//! text is which range.

use html5gum::{StartTag, Token, Tokenizer};

use super::{Claim, Claims, Named, damaged};
use crate::ReportError;

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
    let Ok(tokens) = Tokenizer::new(text).collect::<Result<Vec<_>, _>>();
    for token in tokens {
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
                0 => found.claims.extend(open.take().map(|open| open.claim)),
                _ => it.within -= 1,
            },
            _ => {}
        }
    }
    Ok(found)
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
