//! Sentences in quotes within a sentence, which goes on behind them: the sign
//! said “No refunds. No exceptions.” in red.

/// A longer quotation is cut like any other text.
const LONGEST: usize = 120;

/// Takes those of the `ends` of sentences in `window` back that stand within a
/// short quotation after which the sentence goes on with a small letter.
pub(super) fn join(window: &str, ends: &mut Vec<usize>) {
    // Looking at bytes is quicker: both other marks begin with this one.
    let may_close = |byte: u8| byte == b'"' || byte == 0xE2;
    if ends.len() < 2 || !window.bytes().any(may_close) {
        return;
    }
    let mut open: Option<(usize, char)> = None;
    let mut before = ' ';
    for (at, c) in window.char_indices() {
        let after = window.get(at + c.len_utf8()..).unwrap_or_default();
        match (open, c) {
            (_, '“' | '‘') => open = Some((at, if c == '“' { '”' } else { '’' })),
            (_, '"') if !before.is_alphanumeric() && after.starts_with(char::is_alphanumeric) => {
                open = Some((at, '"'));
            }
            (Some((from, close)), _) if c == close => {
                if at - from <= LONGEST && goes_on(after) {
                    let to = at + c.len_utf8();
                    ends.retain(|end| *end <= from || *end > to);
                }
                // An apostrophe within a quotation does not close it.
                if !(c == '’' && after.starts_with(char::is_alphanumeric)) {
                    open = None;
                }
            }
            _ => {}
        }
        before = c;
    }
}

fn goes_on(after: &str) -> bool {
    let mut chars = after.chars();
    chars.next() == Some(' ') && chars.next().is_some_and(char::is_lowercase)
}
