//! What the researcher decided of themes, on top of what was found: ids that
//! last, mergers, deletions, and passages put elsewhere by hand.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use throughline_core::{OtherReason, PassageId, Span, SubTheme, Theme};
use throughline_store::{Corrections, NO_THEME, Other};

use super::Codebook;
use super::coding::whole;
use crate::evidence::{Evidence, Said};

/// The least share of passages in common, of all that either has, by which two
/// groupings are thought to hold the same theme.
const SAME: f64 = 0.3;

/// Which themes are as before, and which are not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Matched {
    /// Ids that no theme has any more.
    pub gone: Vec<String>,
    /// Ids that no theme had before.
    pub new: Vec<String>,
}

/// Themes and the rest of the pain passages while they are settled.
pub(crate) struct Settling<'a> {
    pub book: &'a Codebook,
    /// Id of the framework.
    pub framework: &'a str,
    pub themes: Vec<Theme>,
    pub other: Vec<Other>,
}

impl Settling<'_> {
    /// Names, merges and moves, in this order; `before` are the themes of the last
    /// time.
    pub(crate) fn settle(
        &mut self,
        before: Option<&[Theme]>,
        evidence: &Evidence,
        corrections: &Corrections,
    ) -> Matched {
        let ids = |themes: &[Theme]| -> BTreeSet<String> {
            themes.iter().map(|theme| theme.id.clone()).collect()
        };
        self.name(before.unwrap_or_default());
        self.merge();
        self.put_by_hand(evidence, corrections);
        self.tidy();
        let Some(before) = before else {
            return Matched::default();
        };
        let (then, now) = (ids(before), ids(&self.themes));
        Matched {
            gone: then.difference(&now).cloned().collect(),
            new: now.difference(&then).cloned().collect(),
        }
    }

    /// Gives themes the ids that they had: those of the book by their exemplars,
    /// the others by the passages that they share with themes of `before`.
    /// Themes that the book has coded have theirs.
    fn name(&mut self, before: &[Theme]) {
        let coded = |theme: &Theme| self.book.entry(self.framework, &theme.id).is_some();
        let named: BTreeSet<String> = self
            .themes
            .iter()
            .filter(|theme| coded(theme) && self.book.is_frozen(self.framework))
            .map(|theme| theme.id.clone())
            .collect();
        let booked: Vec<Known> = self
            .book
            .themes
            .iter()
            .filter(|entry| entry.framework == self.framework && !named.contains(&entry.id))
            .map(|entry| Known {
                id: entry.id.clone(),
                stage: &entry.stage,
                passages: entry
                    .exemplars
                    .iter()
                    .filter_map(|one| one.passage)
                    .collect(),
                whole: false,
            })
            .collect();
        let ids: BTreeSet<String> = booked.iter().map(|known| known.id.clone()).collect();
        let known = booked.into_iter().chain(
            before
                .iter()
                .filter(|theme| !ids.contains(&theme.id) && !named.contains(&theme.id))
                .map(|theme| Known {
                    id: theme.id.clone(),
                    stage: &theme.stage,
                    passages: theme.members.iter().copied().collect(),
                    whole: true,
                }),
        );
        let known: Vec<Known> = known.collect();
        let given = best_match(&self.themes, &known, &named);
        for (number, known) in given {
            if let Some(theme) = self.themes.get_mut(number) {
                theme.id = known;
            }
        }
    }

    /// Merges and deletes as the book says.
    fn merge(&mut self) {
        let mut kept: Vec<Theme> = Vec::new();
        let mut moved = Vec::new();
        for theme in std::mem::take(&mut self.themes) {
            match self.book.end_of(self.framework, &theme.id) {
                Some(end) if end == theme.id => kept.push(theme),
                Some(end) => moved.push((end.to_owned(), theme)),
                None => {
                    let aside = |id: PassageId| (id, theme.stage.clone(), OtherReason::SetAside);
                    self.other.extend(theme.members.iter().copied().map(aside));
                }
            }
        }
        for (end, mut theme) in moved {
            match kept.iter_mut().find(|kept| kept.id == end) {
                Some(kept) => {
                    kept.members.append(&mut theme.members);
                    kept.also.append(&mut theme.also);
                    kept.parts.append(&mut theme.parts);
                }
                None => kept.push(Theme { id: end, ..theme }),
            }
        }
        self.themes = kept;
    }

    /// Puts passages where people put them. What is no pain point of the theme's
    /// stage stays where it is.
    fn put_by_hand(&mut self, evidence: &Evidence, corrections: &Corrections) {
        let by_hand: BTreeMap<PassageId, &str> = corrections
            .iter()
            .filter_map(|(id, one)| Some((*id, one.theme.as_deref()?)))
            .collect();
        if by_hand.is_empty() {
            return;
        }
        let spans: BTreeMap<PassageId, Span> = evidence
            .said
            .iter()
            .map(|one: &Said| (one.id, one.span))
            .collect();
        let stages = self.stages();
        for (id, target) in by_hand {
            let (Some(stage), Some(span)) = (stages.get(&id), spans.get(&id)) else {
                continue;
            };
            if target == NO_THEME {
                self.take_out(id);
                self.other.push((id, stage.clone(), OtherReason::SetAside));
                continue;
            }
            let fits = |theme: &&mut Theme| theme.id == target && theme.stage == *stage;
            if self.themes.iter_mut().find(fits).is_some() {
                self.take_out(id);
                if let Some(theme) = self.themes.iter_mut().find(fits) {
                    theme.members.push(id);
                }
            } else if let Some(entry) = self.book.entry(self.framework, target)
                && entry.stage == *stage
            {
                self.take_out(id);
                self.themes.push(Theme {
                    id: entry.id.clone(),
                    stage: stage.clone(),
                    label: whole(id, *span),
                    terms: entry.terms.clone(),
                    members: vec![id],
                    also: Vec::new(),
                    parts: Vec::new(),
                });
            }
        }
        self.themes.retain(|theme| !theme.members.is_empty());
        for theme in &mut self.themes {
            if !theme.members.contains(&theme.label.passage)
                && let Some(first) = theme.members.first()
                && let Some(span) = spans.get(first)
            {
                theme.label = whole(*first, *span);
            }
        }
    }

    /// Keeps sub-themes and second themes true once passages have moved: a part is of
    /// the theme's own passages and holds the words it is called by, and what is
    /// named as fitting too is counted in another theme of the stage.
    fn tidy(&mut self) {
        let mut homes: BTreeMap<PassageId, String> = BTreeMap::new();
        for theme in &self.themes {
            homes.extend(theme.members.iter().map(|id| (*id, theme.stage.clone())));
        }
        for theme in &mut self.themes {
            let members: BTreeSet<PassageId> = theme.members.iter().copied().collect();
            let elsewhere = |id: &PassageId| homes.get(id) == Some(&theme.stage);
            theme
                .also
                .retain(|id| !members.contains(id) && elsewhere(id));
            for part in &mut theme.parts {
                part.members.retain(|id| members.contains(id));
            }
            let called = |part: &SubTheme| part.members.contains(&part.label.passage);
            theme.parts.retain(called);
            theme.parts.sort_by_key(|part| Reverse(part.members.len()));
        }
    }

    /// The stage in which each passage is a pain point.
    fn stages(&self) -> BTreeMap<PassageId, String> {
        let members = self.themes.iter().flat_map(|theme| {
            let stage = &theme.stage;
            theme.members.iter().map(move |id| (*id, stage.clone()))
        });
        let rest = self.other.iter().map(|(id, stage, _)| (*id, stage.clone()));
        members.chain(rest).collect()
    }

    fn take_out(&mut self, id: PassageId) {
        for theme in &mut self.themes {
            theme.members.retain(|member| *member != id);
        }
        self.other.retain(|(member, ..)| *member != id);
    }
}

/// A theme whose id is to be given again.
struct Known<'a> {
    id: String,
    stage: &'a str,
    passages: BTreeSet<PassageId>,
    /// True if these are all of its passages, and not the most typical.
    whole: bool,
}

impl Known<'_> {
    /// How sure it is that a theme with `shared` of its passages is the same,
    /// 0…1.
    fn alike(&self, shared: usize, members: usize) -> f64 {
        let all = if self.whole {
            self.passages.len() + members - shared
        } else {
            self.passages.len()
        };
        shared as f64 / all.max(1) as f64
    }
}

/// For each theme the known one that it is, one to one, the surest first. Those
/// in `named` have their id already.
fn best_match(
    themes: &[Theme],
    known: &[Known<'_>],
    named: &BTreeSet<String>,
) -> BTreeMap<usize, String> {
    let mut at: BTreeMap<PassageId, Vec<usize>> = BTreeMap::new();
    for (number, known) in known.iter().enumerate() {
        for passage in &known.passages {
            at.entry(*passage).or_default().push(number);
        }
    }
    let mut pairs = Vec::new();
    for (number, theme) in themes.iter().enumerate() {
        if named.contains(&theme.id) {
            continue;
        }
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        let candidates = theme.members.iter().filter_map(|id| at.get(id)).flatten();
        for candidate in candidates {
            *shared.entry(*candidate).or_default() += 1;
        }
        for (candidate, shared) in shared {
            let Some(one) = known.get(candidate).filter(|one| one.stage == theme.stage) else {
                continue;
            };
            let alike = one.alike(shared, theme.members.len());
            if alike >= SAME {
                // The book's come first.
                pairs.push((one.whole, alike, candidate, number));
            }
        }
    }
    pairs.sort_by(|a, b| {
        a.0.cmp(&b.0)
            .then(b.1.total_cmp(&a.1))
            .then((a.2, a.3).cmp(&(b.2, b.3)))
    });
    let (mut given, mut used) = (BTreeMap::new(), BTreeSet::new());
    for (_, _, candidate, number) in pairs {
        let free = !given.contains_key(&number) && !used.contains(&candidate);
        if let Some(known) = known.get(candidate).filter(|_| free) {
            used.insert(candidate);
            given.insert(number, known.id.clone());
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::{BookEntry, BookExemplar};

    fn id(n: u8) -> PassageId {
        PassageId::from_bytes([n; 16])
    }

    fn theme(name: &str, members: &[u8]) -> Theme {
        Theme {
            id: name.to_owned(),
            stage: "use".to_owned(),
            label: whole(id(members[0]), Span { start: 0, end: 1 }),
            terms: Vec::new(),
            members: members.iter().map(|n| id(*n)).collect(),
            also: Vec::new(),
            parts: Vec::new(),
        }
    }

    fn entry(name: &str, exemplars: &[u8]) -> BookEntry {
        BookEntry {
            id: name.to_owned(),
            framework: "f".to_owned(),
            stage: "use".to_owned(),
            exemplars: exemplars
                .iter()
                .map(|n| BookExemplar {
                    text: String::new(),
                    passage: Some(id(*n)),
                })
                .collect(),
            ..BookEntry::default()
        }
    }

    fn settling(book: &Codebook, themes: Vec<Theme>) -> Settling<'_> {
        Settling {
            book,
            framework: "f",
            themes,
            other: vec![(id(99), "use".to_owned(), OtherReason::TooFar)],
        }
    }

    fn ids(settling: &Settling<'_>) -> Vec<String> {
        settling
            .themes
            .iter()
            .map(|theme| theme.id.clone())
            .collect()
    }

    #[test]
    fn themes_keep_their_ids_by_the_passages_they_share() {
        let before = [theme("a", &[1, 2, 3, 4]), theme("b", &[5, 6, 7])];
        let book = Codebook::default();
        let now = vec![
            theme("n1", &[5, 6, 8]),
            theme("n2", &[1, 2, 3, 9]),
            theme("n3", &[11]),
        ];
        let mut settling = settling(&book, now);
        let nothing = (&Evidence::default(), &Corrections::default());
        let matched = settling.settle(Some(&before), nothing.0, nothing.1);
        assert_eq!(ids(&settling), ["b", "a", "n3"]);
        assert_eq!(matched.new, ["n3"]);
        assert!(matched.gone.is_empty());
        let mut other = super::tests::settling(&book, vec![theme("n", &[1, 21, 22, 23, 24])]);
        let matched = other.settle(Some(&before), nothing.0, nothing.1);
        assert_eq!(matched.gone, ["a", "b"]);
        assert_eq!(other.settle(None, nothing.0, nothing.1), Matched::default());
    }

    #[test]
    fn the_books_themes_are_known_by_their_exemplars() {
        let book = Codebook {
            themes: vec![entry("booked", &[1, 2])],
            ..Codebook::default()
        };
        let before = [theme("a", &[1, 2, 3, 4, 5, 6, 7])];
        let now = vec![theme("n", &[1, 2, 3, 4, 5, 6, 7])];
        let mut settling = settling(&book, now);
        settling.name(&before);
        assert_eq!(ids(&settling), ["booked"]);
    }

    #[test]
    fn merged_passages_are_counted_once_and_deleted_ones_set_aside() {
        let mut book = Codebook {
            themes: vec![entry("a", &[1]), entry("b", &[2]), entry("c", &[3])],
            ..Codebook::default()
        };
        book.themes[0].into = Some("b".to_owned());
        book.themes[2].deleted = true;
        let themes = vec![theme("a", &[1, 11]), theme("b", &[2]), theme("c", &[3])];
        let mut settling = settling(&book, themes);
        settling.merge();
        assert_eq!(ids(&settling), ["b"]);
        assert_eq!(settling.themes[0].members, [id(2), id(1), id(11)]);
        assert_eq!(
            settling.other[1],
            (id(3), "use".to_owned(), OtherReason::SetAside)
        );
    }

    #[test]
    fn a_hand_decides_where_a_passage_is() {
        let book = Codebook {
            themes: vec![entry("split", &[2])],
            ..Codebook::default()
        };
        let themes = vec![theme("a", &[1, 2]), theme("b", &[3])];
        let mut settling = settling(&book, themes);
        let said = |n: u8| Said {
            id: id(n),
            document: 0,
            participant: None,
            kind: throughline_core::SourceKind::Review,
            span: Span { start: 0, end: 7 },
            place: Ok(0),
            moment: throughline_core::Moment::Use,
            unclear: false,
            sentiment: throughline_core::Sentiment::Negative,
            valence: 0.0,
            touchpoint: throughline_core::Touchpoint::None,
            wish: false,
            pain: None,
        };
        let mut evidence = Evidence::default();
        evidence.said.extend([1, 2, 3, 99].map(said));
        let decided = |n: u8, theme: &str| {
            let theme = Some(theme.to_owned());
            (
                id(n),
                throughline_store::Correction {
                    theme,
                    ..Default::default()
                },
            )
        };
        let corrections = [
            decided(1, "split"),
            decided(3, NO_THEME),
            decided(99, "a"),
            decided(50, "a"),
            decided(2, "unknown"),
        ];
        settling.put_by_hand(&evidence, &corrections.into_iter().collect());
        assert_eq!(ids(&settling), ["a", "split"]);
        assert_eq!(settling.themes[0].members, [id(2), id(99)]);
        assert_eq!(settling.themes[0].label.passage, id(2));
        assert_eq!(settling.themes[1].members, [id(1)]);
        assert_eq!(
            settling.other,
            [(id(3), "use".to_owned(), OtherReason::SetAside)]
        );
    }
}
