//! Lists of words, as data files beside the sources.

use std::sync::LazyLock;

/// Words of one list, in order.
pub(crate) struct Words(Vec<&'static str>);

impl Words {
    /// True if the list holds `word`.
    pub(crate) fn contains(&self, word: &str) -> bool {
        self.0.binary_search(&word).is_ok()
    }

    /// Every word of the list.
    pub(crate) fn words(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().copied()
    }

    fn of(words: impl Iterator<Item = &'static str>) -> Self {
        let mut words: Vec<_> = words.collect();
        words.sort_unstable();
        Self(words)
    }
}

/// Given names that are no ordinary words.
pub(crate) static GIVEN: LazyLock<Words> =
    LazyLock::new(|| words(include_str!("../data/given_names.txt")));
/// Names that are also ordinary words, places, months or brands.
pub(crate) static AMBIGUOUS: LazyLock<Words> =
    LazyLock::new(|| words(include_str!("../data/ambiguous_names.txt")));
/// Words that are never part of a name.
pub(crate) static ORDINARY: LazyLock<Words> =
    LazyLock::new(|| words(include_str!("../data/ordinary_words.txt")));
/// Parts in a conversation.
pub(crate) static ROLES: LazyLock<Words> =
    LazyLock::new(|| words(include_str!("../data/roles.txt")));
/// Words of file names.
pub(crate) static FILE_WORDS: LazyLock<Words> =
    LazyLock::new(|| words(include_str!("../data/file_words.txt")));
/// Brands that are made of somebody's name: two words each.
pub(crate) static BRANDS: LazyLock<Words> =
    LazyLock::new(|| Words::of(lines(include_str!("../data/brands.txt"))));

/// True if a word (lower case) is never part of a name where nothing says so.
pub(crate) fn is_ordinary(word: &str) -> bool {
    ORDINARY.contains(word)
}

fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn words(list: &'static str) -> Words {
    Words::of(lines(list).flat_map(str::split_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_in_lower_case_and_names_are_in_one_of_them() {
        for list in [
            &*GIVEN,
            &*AMBIGUOUS,
            &*ORDINARY,
            &*ROLES,
            &*FILE_WORDS,
            &*BRANDS,
        ] {
            let odd: Vec<_> = list
                .words()
                .filter(|word| *word != crate::tokens::fold(word))
                .collect();
            assert!(odd.is_empty(), "{odd:?}");
        }
        let both: Vec<_> = GIVEN
            .words()
            .filter(|name| AMBIGUOUS.contains(name) || ORDINARY.contains(name))
            .collect();
        assert!(both.is_empty(), "{both:?}");
    }
}
