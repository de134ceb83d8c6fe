//! Laws that hold for any passages.

use std::collections::BTreeSet;

use proptest::prelude::*;
use throughline_core::{ContentHash, OtherReason, PassageId, Span, Vector};
use throughline_themes::{Claim, Item, Name, Parameters, Proposals, Taken, choose_quotes, cluster};

/// A passage that owns what an [`Item`] borrows.
#[derive(Debug, Clone)]
struct Passage {
    id: PassageId,
    text: String,
    vector: Vector,
    document: String,
    participant: Option<String>,
}

impl Passage {
    fn new(number: usize, text: &str, values: &[f32], speaker: Option<u8>) -> Self {
        let document = format!("document {number}");
        let span = Span {
            start: 0,
            end: text.len(),
        };
        Self {
            id: PassageId::of(&document, ContentHash::of(text.as_bytes()), span),
            text: text.to_owned(),
            vector: Vector::quantise(values),
            document,
            participant: speaker.map(|n| format!("speaker {n}")),
        }
    }

    fn item(&self) -> Item<'_> {
        Item {
            id: self.id,
            text: &self.text,
            vector: &self.vector,
            document: &self.document,
            participant: self.participant.as_deref(),
        }
    }
}

fn items(passages: &[Passage]) -> Vec<Item<'_>> {
    passages.iter().map(Passage::item).collect()
}

/// The groups of some passages with their names, in words that do not depend on
/// the order of the passages.
fn told(passages: &[Passage], parameters: &Parameters) -> Vec<String> {
    let items = items(passages);
    let clustering = cluster(&items, parameters);
    let proposals = Proposals::of(&items, &clustering);
    let names = proposals.choose(&[], Claim::Any, &mut Taken::default());
    let id = |index: &usize| passages[*index].id.to_string();
    let ids = |list: &[usize]| list.iter().map(id).collect::<Vec<_>>();
    let named = |name: &Name| {
        let (label, terms) = (&name.label, &name.terms);
        format!("{} {:?} {terms:?}", id(&label.member), label.range)
    };
    let mut told = Vec::new();
    for (group, names) in clustering.groups.iter().zip(&names) {
        let parts = group.parts.iter().zip(&names.parts);
        let parts = parts.map(|(part, name)| format!("{:?} {}", ids(part), named(name)));
        let parts: Vec<String> = parts.collect();
        let (members, also) = (ids(&group.members), ids(&group.also));
        let name = named(&names.group);
        told.push(format!(
            "{members:?} {also:?} {parts:?} {name} {}",
            group.cohesion
        ));
    }
    let other = clustering.other.iter();
    told.extend(other.map(|(index, reason)| format!("{} {reason}", id(index))));
    told
}

const TEXTS: [&str; 8] = [
    "I could not find the price.",
    "The price was nowhere to be found, sadly.",
    "They never called me back",
    "nobody called back… twice!",
    "The app crashes 🙂 when I open it",
    "",
    "Why?",
    "L’appli ne marche pas, désolé",
];

/// Passages in loose bundles: some near each other, some alone, some empty.
fn passages() -> impl Strategy<Value = Vec<Passage>> {
    let one = (
        0_usize..5,
        prop::collection::vec(-0.3_f32..0.3, 6),
        0..TEXTS.len(),
        any::<Option<u8>>(),
    );
    prop::collection::vec(one, 0..40).prop_map(|rows| {
        rows.into_iter()
            .enumerate()
            .map(|(number, (bundle, mut values, text, speaker))| {
                if bundle < 4 {
                    values[bundle] += 1.0;
                } else {
                    values.fill(0.0);
                }
                Passage::new(number, TEXTS[text], &values, speaker.map(|n| n % 3))
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_order_of_passages_does_not_matter(
        (before, after) in passages().prop_flat_map(|p| (Just(p.clone()), Just(p).prop_shuffle())),
        sample in prop_oneof![Just(10_000_usize), 5_usize..30],
    ) {
        let parameters = Parameters { sample, divide_from: 4, ..Parameters::default() };
        prop_assert_eq!(told(&before, &parameters), told(&after, &parameters));
    }

    #[test]
    fn every_passage_is_counted_once(passages in passages(), smallest in 0_usize..6) {
        let parameters =
            Parameters { smallest_theme: smallest, divide_from: 4, ..Parameters::default() };
        let items = items(&passages);
        let clustering = cluster(&items, &parameters);
        let mut seen: Vec<usize> = clustering.groups.iter().flat_map(|g| g.members.clone()).collect();
        seen.extend(clustering.other.iter().map(|(index, _)| *index));
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..passages.len()).collect::<Vec<_>>());
        for group in &clustering.groups {
            prop_assert!(group.members.len() >= smallest.max(1));
            prop_assert!((-1.0..=1.0).contains(&group.cohesion));
            prop_assert!(group.also.iter().all(|index| !group.members.contains(index)));
            let parts = group.parts.concat();
            let distinct: BTreeSet<usize> = parts.iter().copied().collect();
            prop_assert_eq!(distinct.len(), parts.len());
            prop_assert!(distinct.iter().all(|index| group.members.contains(index)));
            prop_assert!(group.parts.len() != 1);
            prop_assert!(group.parts.iter().all(|part| part.len() >= smallest.max(1)));
        }
        let names = Proposals::of(&items, &clustering);
        let names = names.choose(&[], Claim::Any, &mut Taken::default());
        prop_assert_eq!(names.len(), clustering.groups.len());
        for (group, names) in clustering.groups.iter().zip(&names) {
            prop_assert_eq!(group.parts.len(), names.parts.len());
            let parts = group.parts.iter().zip(&names.parts);
            for (members, name) in parts.chain([(&group.members, &names.group)]) {
                let label = &name.label;
                prop_assert!(members.contains(&label.member) && name.terms.len() <= 6);
                prop_assert!(passages[label.member].text.get(label.range.clone()).is_some());
            }
        }
        let sizes: Vec<usize> = clustering.groups.iter().map(|g| g.members.len()).collect();
        prop_assert!(sizes.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn nobody_is_quoted_twice_while_others_wait(passages in passages(), most in 0_usize..8) {
        let all: Vec<usize> = (0..passages.len()).collect();
        let chosen = choose_quotes(&items(&passages), &all, most);
        prop_assert!(chosen.len() <= most);
        let voice = |index: usize| {
            let passage = &passages[index];
            passage.participant.clone().unwrap_or_else(|| passage.document.clone())
        };
        for (place, index) in chosen.iter().enumerate() {
            let earlier = &chosen[..place];
            prop_assert!(earlier.iter().all(|e| passages[*e].text != passages[*index].text));
            let times = |who: &str| earlier.iter().filter(|e| voice(**e) == who).count();
            let others_wait = all.iter().any(|other| {
                times(&voice(*other)) < times(&voice(*index))
                    && earlier.iter().all(|e| passages[*e].text != passages[*other].text)
            });
            prop_assert!(!others_wait);
        }
    }
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let passages: Vec<Passage> = (0..200)
        .map(|n| {
            let values: Vec<f32> = (0..16)
                .map(|d| ((n % 7 * 16 + d) as f32).sin() + ((n * d) as f32).cos() * 0.4)
                .collect();
            Passage::new(n, TEXTS[n % TEXTS.len()], &values, None)
        })
        .collect();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| told(&passages, &Parameters::default()))
    };
    let one = on(1);
    assert!(one.len() > 1);
    assert_eq!(one, on(4));
}

#[test]
fn little_or_nothing_is_no_theme() {
    let none = cluster(&[], &Parameters::default());
    assert!(none.groups.is_empty() && none.other.is_empty());
    let two = [0, 1].map(|n| Passage::new(n, TEXTS[0], &[1.0, 0.5], None));
    assert_eq!(
        cluster(&items(&two[..1]), &Parameters::default()).other,
        [(0, OtherReason::TooFar)]
    );
    let pair = cluster(&items(&two), &Parameters::default());
    assert!(pair.groups.is_empty());
    assert!(
        pair.other
            .iter()
            .all(|(_, reason)| *reason == OtherReason::TooFew)
    );
}

#[test]
fn what_all_say_alike_is_one_theme_and_silence_is_none() {
    let alike: Vec<Passage> = (0..50)
        .map(|n| Passage::new(n, TEXTS[2], &[0.2, -1.0, 3.0], None))
        .collect();
    let one = cluster(&items(&alike), &Parameters::default());
    assert_eq!((one.groups.len(), one.other.len()), (1, 0));
    assert_eq!(one.groups[0].members.len(), 50);
    let silent: Vec<Passage> = (0..50)
        .map(|n| Passage::new(n, TEXTS[2], &[0.0; 3], None))
        .collect();
    let none = cluster(&items(&silent), &Parameters::default());
    assert_eq!((none.groups.len(), none.other.len()), (0, 50));
    assert!(
        none.other
            .iter()
            .all(|(_, reason)| *reason == OtherReason::TooFar)
    );
}
