//! What a reference such as `&amp;` or `&#39;` stands for in HTML.

use quick_xml::escape::resolve_html5_entity;

/// What follows an ampersand, read; which character a number means is the
/// reader's affair, as captions and cells differ in it.
pub(crate) enum Reference {
    /// The characters of a name.
    Named(&'static str),
    /// A number of a character.
    Numbered(u32),
}

/// The longest name in HTML, and its semicolon.
const LONGEST: usize = 33;

/// The reference that `rest`, which stands after an ampersand, begins with, and
/// its length with the semicolon.
pub(crate) fn reference(rest: &str) -> Option<(Reference, usize)> {
    let end = rest.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = rest.get(..end)?;
    let reference = match name.strip_prefix('#') {
        None => Reference::Named(resolve_html5_entity(name)?),
        Some(digits) => Reference::Numbered(match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => digits.parse().ok()?,
        }),
    };
    Some((reference, end + 1))
}
