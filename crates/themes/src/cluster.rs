use std::collections::BTreeMap;

use rayon::prelude::*;
use throughline_core::OtherReason;

use crate::linkage::average_linkage;
use crate::space::Space;
use crate::{Clustering, Group, Item, Parameters};

/// Groups items that tell of the same thing. [`Proposals`](crate::Proposals)
/// finds names for the groups.
///
/// The number of groups follows from the data. Every item is in exactly one
/// group or in [`Clustering::other`]. The result does not depend on the order of
/// the items nor on the number of threads; items of equal id keep the caller's
/// order among themselves.
///
/// How: (1) the direction that all share is partly taken out; (2) each item is
/// drawn towards its log₂ n nearest neighbours; (3) average linkage joins groups
/// while their mean cosine allows it; (4) each item that fits no group large
/// enough is placed in the nearest one it fits, and leaves a group that it does
/// not fit. Above [`Parameters::sample`] items, steps 2 and 3 see a sample, the
/// items with the smallest ids (ids are hashes, so that is a fair draw), and
/// step 4 places everything else.
#[must_use]
pub fn cluster(items: &[Item<'_>], parameters: &Parameters) -> Clustering {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|index| (items[*index].id, *index));
    let vectors: Vec<_> = order.iter().map(|index| items[*index].vector).collect();
    let meaning = Space::of(&vectors);
    let found = Found::of(&meaning, parameters);
    let named = |places: Vec<usize>| -> Vec<usize> {
        places.into_iter().map(|place| order[place]).collect()
    };
    let groups = found.groups.into_par_iter().map(|rows| {
        let parts = parts(&meaning, &rows.members, parameters);
        Group {
            cohesion: cohesion(&meaning, &rows.members),
            members: named(rows.members),
            parts: parts.into_iter().map(named).collect(),
            also: named(rows.also),
        }
    });
    Clustering {
        groups: groups.collect(),
        other: found
            .other
            .into_iter()
            .map(|(place, reason)| (order[place], reason))
            .collect(),
    }
}

/// The rows of one group, most typical first, and those that fit it as well.
struct Rows {
    members: Vec<usize>,
    also: Vec<usize>,
}

/// Every row in one group or in the rest.
struct Found {
    groups: Vec<Rows>,
    other: Vec<(usize, OtherReason)>,
}

impl Found {
    fn of(meaning: &Space, parameters: &Parameters) -> Self {
        let told = meaning.centred(parameters.common_share);
        let placed = place(&told, parameters);
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut other = Vec::new();
        for (row, place) in placed.into_iter().enumerate() {
            match place {
                Ok(group) => members.entry(group).or_default().push(row),
                Err(reason) => other.push((row, reason)),
            }
        }
        let mut members: Vec<Vec<usize>> = members.into_values().collect();
        // Rows are in the order of their ids, so the first has the smallest.
        members.sort_by_key(|group| (std::cmp::Reverse(group.len()), group.first().copied()));
        let also = also(&told, &members);
        let groups = members
            .into_iter()
            .zip(also)
            .map(|(members, also)| {
                let centre = Space::directions(&[meaning.sum(members.iter().copied())]);
                Rows {
                    members: most_typical_first(meaning, &centre, members),
                    also: most_typical_first(meaning, &centre, also),
                }
            })
            .collect();
        Self { groups, other }
    }
}

/// For each group the rows of other groups that fit it as well as half of its
/// own rows do.
fn also(told: &Space, groups: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let sums: Vec<Vec<i64>> = groups
        .iter()
        .map(|rows| told.sum(rows.iter().copied()))
        .collect();
    let centres = Space::directions(&sums);
    let usual: Vec<f64> = groups
        .par_iter()
        .zip(&sums)
        .map(|(rows, sum)| middle(rows.iter().filter_map(|row| told.cosine_to_rest(*row, sum))))
        .collect();
    let numbered = groups.iter().enumerate();
    let members: Vec<(usize, usize)> = numbered
        .flat_map(|(own, rows)| rows.iter().map(move |row| (own, *row)))
        .collect();
    // One row after the other, so that what is read again and again are the
    // centres: they fit into a processor's cache, and all rows do not.
    let fits = |group: usize, row| told.cosine_to(row, &centres, group) >= usual[group];
    let fitting: Vec<(usize, usize)> = members
        .par_iter()
        .flat_map_iter(|(own, row)| {
            let others = (0..groups.len()).filter(move |group| group != own);
            let fits = &fits;
            others
                .filter(move |group| fits(*group, *row))
                .map(|group| (group, *row))
        })
        .collect();
    let mut also = vec![Vec::new(); groups.len()];
    for (group, row) in fitting {
        also[group].push(row);
    }
    also
}

/// The kinds that the rows of a group fall into, largest first: what the same
/// method finds within it, once more. None where it is of one kind.
fn parts(meaning: &Space, members: &[usize], parameters: &Parameters) -> Vec<Vec<usize>> {
    if members.len() < parameters.divide_from {
        return Vec::new();
    }
    let inner = Parameters {
        smallest_theme: parameters
            .smallest_theme
            .max(members.len().min(parameters.part_sample) / 20),
        sample: parameters.part_sample,
        ..*parameters
    };
    let mut rows = members.to_vec();
    rows.sort_unstable();
    let told = meaning.select(&rows).centred(parameters.part_share);
    let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let placed = place(&told, &inner);
    for member in members {
        if let Ok(place) = rows.binary_search(member)
            && let Some(Ok(group)) = placed.get(place)
        {
            found.entry(*group).or_default().push(*member);
        }
    }
    let mut parts: Vec<Vec<usize>> = found.into_values().collect();
    parts.sort_by_key(|part| (std::cmp::Reverse(part.len()), part.iter().min().copied()));
    if parts.len() > 1 { parts } else { Vec::new() }
}

/// For each row the number of its group, or why it has none.
type Placed = Vec<Result<usize, OtherReason>>;

fn place(told: &Space, parameters: &Parameters) -> Placed {
    let smallest = parameters.smallest_theme.max(1);
    let sample: Vec<usize> = (0..told.len())
        .filter(|row| !told.is_zero(*row))
        .take(parameters.sample)
        .collect();
    let neighbours = (sample.len().max(1) as f64).log2().round() as usize;
    let drawn = told
        .select(&sample)
        .drawn_together(neighbours, parameters.neighbour_pull);
    let join_at = parameters.join_at + parameters.join_step * neighbours as f64;
    let joined = average_linkage(&drawn, join_at);

    let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, group) in sample.iter().zip(joined) {
        found.entry(group).or_default().push(*row);
    }
    let mut placed: Placed = vec![Err(OtherReason::TooFar); told.len()];
    let mut groups = Vec::new();
    for rows in found.into_values() {
        if rows.len() >= smallest {
            for row in &rows {
                placed[*row] = Ok(groups.len());
            }
            groups.push(rows);
        } else if rows.len() > 1 {
            for row in rows {
                placed[row] = Err(OtherReason::TooFew);
            }
        }
    }
    settle(told, &groups, &mut placed, parameters.belong_share);
    drop_small(&mut placed, groups.len(), smallest);
    placed
}

/// Places every row without a group in the nearest that it fits, and takes
/// rows out of groups that they do not fit. All decisions are taken against the
/// groups as they were found, so that none depends on another.
fn settle(told: &Space, groups: &[Vec<usize>], placed: &mut Placed, belong_share: f64) {
    let sums: Vec<Vec<i64>> = groups
        .iter()
        .map(|rows| told.sum(rows.iter().copied()))
        .collect();
    let centres = Space::directions(&sums);
    let fits = own_fits(told, &sums, placed);
    let belong_at = belong_share * middle(fits.iter().copied().flatten());
    let settled: Placed = placed
        .par_iter()
        .zip(&fits)
        .enumerate()
        .map(|(row, (place, fit))| {
            if fit.is_some_and(|fit| fit >= belong_at) {
                return *place;
            }
            let reason = place.err().unwrap_or(OtherReason::TooFar);
            (0..groups.len())
                .filter(|group| *place != Ok(*group))
                .map(|group| (group, told.cosine_to(row, &centres, group)))
                .filter(|(_, near)| *near >= belong_at && !told.is_zero(row))
                .reduce(|best, next| if next.1 > best.1 { next } else { best })
                .map(|(group, _)| group)
                .ok_or(reason)
        })
        .collect();
    *placed = settled;
}

/// For each row in a group its cosine to the rest of the group: its own words
/// must not vouch for it. A group of one has no rest, and its row fits.
fn own_fits(told: &Space, sums: &[Vec<i64>], placed: &Placed) -> Vec<Option<f64>> {
    placed
        .par_iter()
        .enumerate()
        .map(|(row, place)| {
            let sum = sums.get((*place).ok()?)?;
            Some(told.cosine_to_rest(row, sum).unwrap_or(1.0))
        })
        .collect()
}

/// The median fit: what is usual.
fn middle(fits: impl Iterator<Item = f64>) -> f64 {
    let mut known: Vec<f64> = fits.collect();
    known.sort_by(f64::total_cmp);
    known.get(known.len() / 2).copied().unwrap_or(1.0)
}

/// A group that lost too many of its rows is no theme any more.
fn drop_small(placed: &mut Placed, groups: usize, smallest: usize) {
    let mut sizes = vec![0_usize; groups];
    for group in placed.iter().flatten() {
        sizes[*group] += 1;
    }
    for place in placed {
        if let Ok(group) = *place
            && sizes[group] < smallest
        {
            *place = Err(OtherReason::TooFew);
        }
    }
}

fn most_typical_first(meaning: &Space, centre: &Space, rows: Vec<usize>) -> Vec<usize> {
    let near = |row| meaning.cosine_to(row, centre, 0);
    let mut ranked: Vec<(f64, usize)> = rows.into_iter().map(|row| (near(row), row)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    ranked.into_iter().map(|(_, row)| row).collect()
}

/// Mean cosine between two different members: the square of the length of their
/// sum holds every pair twice and every member once.
fn cohesion(meaning: &Space, group: &[usize]) -> f32 {
    let count = group.len() as f64;
    if group.len() < 2 {
        return 1.0;
    }
    let sum = meaning.sum(group.iter().copied());
    let pairs = Space::product(&sum, &sum) - count;
    (pairs / (count * (count - 1.0))).clamp(-1.0, 1.0) as f32
}
