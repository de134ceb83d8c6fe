//! The nearest of the words that could have been meant.

/// So many names can be listed in one line.
const FEW: usize = 12;

/// A hint for somebody who typed `word` where only `known` words are possible.
pub(super) fn hint(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None => format!("known are: {}", known.join(", ")),
    }
}

/// A hint for somebody who typed a name that is not among those that are known,
/// as far as one is near or they are few.
pub(super) fn of_names(name: &str, known: &[&str]) -> Option<String> {
    let lower: Vec<String> = known.iter().map(|name| name.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let near = nearest(name, &lower).and_then(|meant| lower.iter().position(|one| *one == meant));
    match near.and_then(|place| known.get(place)) {
        Some(meant) => Some(format!("did you mean '{meant}'?")),
        None if (1..=FEW).contains(&known.len()) => {
            Some(format!("known are: {}", known.join(", ")))
        }
        None => None,
    }
}

/// The known word that `word` begins or that is at most a third of its letters
/// away; the first of equals.
fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let letters = word.chars().count();
    if letters > 40 {
        return None;
    }
    let begun = known
        .iter()
        .find(|candidate| letters >= 2 && candidate.starts_with(word));
    let close = || {
        known
            .iter()
            .map(|candidate| (distance(word, candidate), candidate))
            .filter(|(distance, _)| *distance <= (letters / 3).max(1))
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, candidate)| candidate)
    };
    begun.or_else(close).copied()
}

/// Levenshtein distance: insertions, deletions and substitutions.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (to, costs) in b.iter().zip(row.windows(2)) {
            let inserted = next.last().map_or(0, |left| left + 1);
            let kept = costs[0] + usize::from(from != *to);
            next.push(inserted.min(kept).min(costs[1] + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_and_none_that_is_far() {
        let known = ["moment", "sentiment", "stage"];
        assert_eq!(hint("stge", &known), "did you mean 'stage'?");
        assert_eq!(hint("sent", &known), "did you mean 'sentiment'?");
        assert_eq!(hint("theme", &known), "known are: moment, sentiment, stage");
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
