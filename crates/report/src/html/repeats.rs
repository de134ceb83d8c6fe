//! What a page quotes more than once.

use std::collections::BTreeMap;

use crate::view::QuoteView;

/// Marks every quote that the page holds already: it has its context and its
/// reasons where it stands first, and refers to that place.
pub(super) fn mark<'p>(quotes: impl Iterator<Item = &'p mut QuoteView>) {
    let mut first: BTreeMap<String, (usize, &mut QuoteView)> = BTreeMap::new();
    for (number, quote) in (1..).zip(quotes) {
        let Some(passage) = quote.stands.passage.clone() else {
            continue;
        };
        match first.get_mut(&passage) {
            Some((number, original)) => {
                original.anchor = format!("quote-{number}");
                quote.again.clone_from(&original.anchor);
            }
            None => {
                first.insert(passage, (number, quote));
            }
        }
    }
}
