use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use throughline_core::{Tagged, Tags, Vector};

use crate::label::{first_words, stretches};
use crate::quotes::centre;
use crate::terms::{Weights, weigh};
use crate::words::{Word, words};
use crate::{Clustering, Item, Label, Name};

/// Labels are looked for among so many of the most typical members.
const READ: usize = 60;
/// So many stretches of one member are proposed, and more where members are few.
const OF_ONE: usize = 2;
/// So many stretches are proposed for one group.
const PROPOSED: usize = 24;
/// So many for one sub-theme: there are more of them, and less hangs on each.
const PROPOSED_PART: usize = 12;
/// So many are proposed in all, which the model reads in some seconds; groups share
/// them alike where that is less than what one may have,
const IN_ALL: usize = 8_000;
/// but each has this many.
const FEWEST: usize = 4;
/// What being near the centre weighs among members, against telling words.
const CENTRAL: f64 = 0.5;
/// What the label's own nearness to the group's centre weighs.
const NEAR: f64 = 1.0;
/// What it weighs that the label is nearer to its group than to any other.
const APART: f64 = 1.0;
/// What it weighs that the label says what the group is about.
const CLAIM: f64 = 1.5;

/// What the passages of a clustering have in common, which a label must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// They state pain points.
    Pain,
    /// They praise.
    Praise,
    /// Nothing is known: a label takes the side, good or bad, that most of the
    /// proposals for its group take.
    Any,
}

/// Labels that are in use, so that no two of one report are alike: two labels of
/// the same telling words are.
#[derive(Debug, Clone, Default)]
pub struct Taken(BTreeSet<Vec<String>>);

impl Taken {
    fn has(&self, label: &str) -> bool {
        self.0.contains(&Self::key(label))
    }

    /// Takes a label that something else is called by.
    pub fn take(&mut self, label: &str) {
        self.0.insert(Self::key(label));
    }

    fn key(label: &str) -> Vec<String> {
        let words = words(label);
        let telling: BTreeSet<&str> = words
            .iter()
            .filter(|word| word.is_content())
            .map(Word::stem)
            .collect();
        if telling.is_empty() {
            words.into_iter().map(|word| word.folded).collect()
        } else {
            telling.into_iter().map(str::to_owned).collect()
        }
    }
}

/// What a group is called, and its sub-themes in the order of [`Group::parts`](crate::Group::parts).
#[derive(Debug, Clone, PartialEq)]
pub struct Names {
    /// The group's own.
    pub group: Name,
    /// Those of its sub-themes.
    pub parts: Vec<Name>,
}

/// Words that the groups of a clustering could be called by, before a model has
/// read them.
///
/// A label must say what its group says. Which words those are, counting can
/// tell; whether a few of them by themselves still state it, a model must read.
/// So the caller has [`Self::texts`] read, and [`Self::choose`] decides.
#[derive(Debug)]
pub struct Proposals<'a> {
    items: &'a [Item<'a>],
    /// The groups, then the sub-themes of each: labels of one level must tell
    /// its groups apart.
    levels: Vec<Vec<Proposed>>,
}

/// What one group could be called.
#[derive(Debug)]
struct Proposed {
    centre: Vector,
    terms: Vec<String>,
    /// With the worth of each.
    labels: Vec<(Label, f64)>,
    /// Its most typical members, for want of a label.
    typical: Vec<usize>,
}

impl<'a> Proposals<'a> {
    /// Proposes labels for the groups of `clustering` and for their sub-themes.
    #[must_use]
    pub fn of(items: &'a [Item<'a>], clustering: &Clustering) -> Self {
        let groups = &clustering.groups;
        let whole: Vec<&[usize]> = groups.iter().map(|group| &*group.members).collect();
        let named = groups.iter().map(|group| 1 + group.parts.len());
        let share = (IN_ALL / named.sum::<usize>().max(1)).max(FEWEST);
        let parts = groups.par_iter().map(|group| {
            let parts: Vec<&[usize]> = group.parts.iter().map(|part| &**part).collect();
            propose(items, &parts, PROPOSED_PART.min(share))
        });
        let mut levels = vec![propose(items, &whole, PROPOSED.min(share))];
        levels.extend(parts.collect::<Vec<_>>());
        Self { items, levels }
    }

    /// What is proposed, each text once however many groups it is proposed for:
    /// a theme and its sub-themes have words in common. The order is one that
    /// [`Self::choose`] knows.
    #[must_use]
    pub fn texts(&self) -> Vec<&'a str> {
        let proposed = self.levels.iter().flatten();
        let labels = proposed.flat_map(|group| &group.labels);
        let texts: BTreeSet<&str> = labels
            .map(|(label, _)| words_of(self.items, label))
            .collect();
        texts.into_iter().collect()
    }

    /// Names every group and sub-theme, no two alike nor like one in `taken`.
    /// `read` is what a model made of each of [`Self::texts`]; where it says
    /// nothing of one, its words alone decide.
    #[must_use]
    pub fn choose(self, read: &[Tagged], claim: Claim, taken: &mut Taken) -> Vec<Names> {
        let items = self.items;
        let read: BTreeMap<&str, &Tagged> = self.texts().into_iter().zip(read).collect();
        let mut levels = self.levels.into_iter().map(|level| {
            let centres: Vec<Vector> = level.iter().map(|group| group.centre.clone()).collect();
            let mut names = Vec::with_capacity(level.len());
            for (number, group) in level.into_iter().enumerate() {
                let words = group.labels.iter().map(|(label, _)| words_of(items, label));
                let own: Vec<Option<&Tagged>> =
                    words.map(|words| read.get(words).copied()).collect();
                let worth = worth(&group, &own, claim, (number, &centres));
                let label = best(items, group.labels, &worth, taken)
                    .unwrap_or_else(|| plain(items, &group.typical, taken));
                taken.take(words_of(items, &label));
                names.push(Name {
                    label,
                    terms: group.terms,
                });
            }
            names
        });
        let groups = levels.next().unwrap_or_default();
        let names = groups.into_iter().zip(levels);
        names.map(|(group, parts)| Names { group, parts }).collect()
    }
}

fn words_of<'a>(items: &[Item<'a>], label: &Label) -> &'a str {
    let text = items.get(label.member).map_or("", |item| item.text);
    text.get(label.range.clone()).unwrap_or_default()
}

fn propose(items: &[Item<'_>], groups: &[&[usize]], most: usize) -> Vec<Proposed> {
    let weights = weigh(items, groups);
    let each = groups.par_iter().zip(weights);
    each.map(|(members, weights)| Proposed {
        centre: centre(members.iter().filter_map(|member| items.get(*member))),
        labels: proposed(items, members, &weights, most),
        terms: weights.terms,
        typical: members.iter().copied().take(READ).collect(),
    })
    .collect()
}

/// The `most` stretches of a group's members that are worth most, few of each
/// member.
fn proposed(
    items: &[Item<'_>],
    members: &[usize],
    weights: &Weights,
    most: usize,
) -> Vec<(Label, f64)> {
    let of_one = OF_ONE.max(most / members.len().max(1));
    let mut all = Vec::new();
    for (rank, member) in members.iter().take(READ).enumerate() {
        let text = items.get(*member).map_or("", |item| item.text);
        let central = CENTRAL / (1.0 + rank as f64 / 4.0);
        let mut own = stretches(text, weights);
        own.sort_by(|a, b| {
            let starts = a.range.start.cmp(&b.range.start);
            b.worth.total_cmp(&a.worth).then(starts)
        });
        let few = own.into_iter().take(of_one);
        all.extend(few.map(|stretch| {
            let (member, range) = (*member, stretch.range);
            (Label { member, range }, stretch.worth + central)
        }));
    }
    // The sort is stable: of equals the one of the more typical member.
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    all.truncate(most);
    all
}

/// What each proposal of a group is worth once it has been read.
fn worth(
    group: &Proposed,
    read: &[Option<&Tagged>],
    claim: Claim,
    (number, centres): (usize, &[Vector]),
) -> Vec<f64> {
    let valences = read.iter().flatten().map(|tagged| tagged.tags.valence);
    let usual = valences.clone().sum::<f32>() / valences.count().max(1) as f32;
    let heard = |tagged: &Tagged| {
        let near = |centre: &Vector| f64::from(tagged.vector.cosine(centre));
        let own = near(&group.centre);
        let others = centres.iter().enumerate().filter(|(n, _)| *n != number);
        let nearest = others.map(|(_, centre)| near(centre)).fold(0.0, f64::max);
        NEAR * own + APART * (own - nearest) + CLAIM * states(&tagged.tags, claim, usual)
    };
    let labels = group.labels.iter().zip(read);
    labels
        .map(|((_, worth), read)| worth + read.map_or(0.0, heard))
        .collect()
}

/// How surely some words state what their group is about, 0…1.
fn states(tags: &Tags, claim: Claim, usual: f32) -> f64 {
    let valence = tags.valence;
    let pain = match tags.pain.label {
        true => tags.pain.confidence,
        false => 1.0 - tags.pain.confidence,
    };
    f64::from(match claim {
        Claim::Pain => (pain + (1.0 - valence) / 2.0) / 2.0,
        Claim::Praise => (1.0 - pain + (1.0 + valence) / 2.0) / 2.0,
        Claim::Any => 1.0 - (valence - usual).abs() / 2.0,
    })
}

/// The label of most worth that is not taken.
fn best(
    items: &[Item<'_>],
    labels: Vec<(Label, f64)>,
    worth: &[f64],
    taken: &Taken,
) -> Option<Label> {
    let free = labels
        .into_iter()
        .zip(worth)
        .filter(|((label, _), _)| !taken.has(words_of(items, label)));
    free.reduce(|best, next| if next.1 > best.1 { next } else { best })
        .map(|((label, _), _)| label)
}

/// Where no stretch reads well: the first words of the most typical member
/// whose first words are not taken.
fn plain(items: &[Item<'_>], members: &[usize], taken: &Taken) -> Label {
    let found = members.iter().filter_map(|member| {
        let range = first_words(items.get(*member)?.text)?;
        let member = *member;
        Some(Label { member, range })
    });
    let found: Vec<Label> = found.collect();
    let free = |label: &&Label| !taken.has(words_of(items, label));
    let first = found.iter().find(free).or(found.first());
    first.cloned().unwrap_or(Label {
        member: members.first().copied().unwrap_or(0),
        range: 0..0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Parameters, cluster};
    use throughline_core::{ContentHash, Moment, PassageId, Scored, Sentiment, Span, Touchpoint};

    /// What a group of these texts, all of one meaning, is called. `pain` says
    /// how surely some words state a pain.
    fn label(texts: &[&str], pain: impl Fn(&str) -> f32) -> String {
        let vector = Vector::quantise(&[1.0, 0.5]);
        let items: Vec<Item<'_>> = (texts.iter().enumerate())
            .map(|(number, text)| Item {
                id: PassageId::of(
                    &number.to_string(),
                    ContentHash::of(text.as_bytes()),
                    Span {
                        start: 0,
                        end: text.len(),
                    },
                ),
                text,
                vector: &vector,
                document: "",
                participant: None,
            })
            .collect();
        let clustering = cluster(&items, &Parameters::default());
        let proposals = Proposals::of(&items, &clustering);
        let read: Vec<Tagged> = (proposals.texts().into_iter())
            .map(|text| tagged(pain(text), &vector))
            .collect();
        let names = proposals.choose(&read, Claim::Pain, &mut Taken::default());
        words_of(&items, &names[0].group.label).to_owned()
    }

    fn tagged(pain: f32, vector: &Vector) -> Tagged {
        fn scored<T>(label: T, confidence: f32) -> Scored<T> {
            Scored { label, confidence }
        }
        Tagged {
            tags: Tags {
                moment: scored(Moment::Use, 0.5),
                unclear: false,
                sentiment: scored(Sentiment::Neutral, 0.5),
                valence: 0.0,
                pain: scored(true, pain),
                touchpoint: scored(Touchpoint::None, 0.5),
            },
            vector: vector.clone(),
        }
    }

    #[test]
    fn a_label_keeps_what_turns_or_bends_its_claim() {
        let cases = include_str!("../tests/negation.txt");
        let cases = cases.lines().filter(|line| !line.starts_with('#'));
        for case in cases.filter(|line| !line.is_empty()) {
            let (text, kept) = case.split_once(" => ").unwrap();
            let found = label(&[text, text, text], |_| 0.5);
            assert!(text.contains(&found), "{found:?} is no slice of {text:?}");
            for word in kept.split(' ') {
                let keeps = words(&found).iter().any(|found| found.folded == word);
                assert!(keeps, "{found:?} lost {word:?} of {text:?}");
            }
        }
    }

    #[test]
    fn of_two_things_said_the_label_says_the_one_that_hurts() {
        let text = "The free wifi was lovely but the free wifi page was broken";
        let hurts = |text: &str| if text.contains("broken") { 0.9 } else { 0.1 };
        assert_eq!(label(&[text; 3], hurts), "the free wifi page was broken");
        let praised = |text: &str| 1.0 - hurts(text);
        assert_eq!(label(&[text; 3], praised), "The free wifi was lovely");
    }

    #[test]
    fn a_comma_that_is_missing_is_no_join() {
        let text = "When the app updates my schedule is gone";
        assert_eq!(label(&[text; 3], |_| 0.5), "my schedule is gone");
    }

    #[test]
    fn a_number_that_counts_nothing_is_left_out() {
        let text = "53 have to keep closing the app";
        assert_eq!(label(&[text; 3], |_| 0.5), "have to keep closing the app");
        let text = "3 parcels were lost";
        assert_eq!(label(&[text; 3], |_| 0.5), text);
    }

    #[test]
    fn labels_of_the_same_telling_words_are_the_same() {
        let mut taken = Taken::default();
        taken.take("The lids leak");
        assert!(taken.has("lid leak") && !taken.has("the lid cracks"));
        taken.take("It is.");
        assert!(taken.has("it is") && !taken.has("it was"));
    }

    #[test]
    fn a_text_that_reads_badly_still_has_a_label() {
        assert_eq!(label(&["…"; 3], |_| 0.5), "");
        assert_eq!(label(&["It is."; 3], |_| 0.5), "It is");
        assert_eq!(label(&["Slow!"; 3], |_| 0.5), "Slow");
    }
}
