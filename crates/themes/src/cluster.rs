use std::collections::BTreeMap;

use rayon::prelude::*;
use throughline_core::OtherReason;

use crate::label::name_groups;
use crate::linkage::average_linkage;
use crate::space::Space;
use crate::{Clustering, Group, Item, Parameters};

/// Groups items that tell of the same thing, and names each group.
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
    let placed = place(&meaning, parameters);

    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut other = Vec::new();
    for (place, index) in placed.iter().zip(0..) {
        match place {
            Ok(group) => members.entry(*group).or_default().push(index),
            Err(reason) => other.push((index, *reason)),
        }
    }
    let mut members: Vec<Vec<usize>> = members.into_values().collect();
    // Members are in the order of their ids, so the first has the smallest.
    members.sort_by_key(|group| (std::cmp::Reverse(group.len()), group.first().copied()));

    let cohesions: Vec<f32> = members.iter().map(|m| cohesion(&meaning, m)).collect();
    for group in &mut members {
        most_typical_first(&meaning, group);
    }
    let texts: Vec<&str> = order.iter().map(|index| items[*index].text).collect();
    let names = name_groups(&texts, &members);
    let groups = members
        .into_iter()
        .zip(cohesions)
        .zip(names)
        .map(|((members, cohesion), mut name)| {
            name.label.member = order[name.label.member];
            Group {
                members: members.into_iter().map(|place| order[place]).collect(),
                label: name.label,
                terms: name.terms,
                cohesion,
            }
        })
        .collect();
    Clustering {
        groups,
        other: other
            .into_iter()
            .map(|(place, reason)| (order[place], reason))
            .collect(),
    }
}

/// For each row the number of its group, or why it has none.
type Placed = Vec<Result<usize, OtherReason>>;

fn place(meaning: &Space, parameters: &Parameters) -> Placed {
    let smallest = parameters.smallest_theme.max(1);
    let told = meaning.centred(parameters.common_share);
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
    settle(&told, &groups, &mut placed, parameters.belong_share);
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
    let belong_at = belong_share * middle(&fits);
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

/// The median fit: what is usual in these data.
fn middle(fits: &[Option<f64>]) -> f64 {
    let mut known: Vec<f64> = fits.iter().copied().flatten().collect();
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

fn most_typical_first(meaning: &Space, group: &mut [usize]) {
    let centre = Space::directions(&[meaning.sum(group.iter().copied())]);
    group.sort_by(|a, b| {
        let (near_a, near_b) = (
            meaning.cosine_to(*a, &centre, 0),
            meaning.cosine_to(*b, &centre, 0),
        );
        near_b.total_cmp(&near_a).then(a.cmp(b))
    });
}

/// Mean cosine between two different members: the square of the length of their
/// sum holds every pair twice and every member once.
fn cohesion(meaning: &Space, group: &[usize]) -> f32 {
    let count = group.len() as f64;
    if group.len() < 2 {
        return 1.0;
    }
    let sum = meaning.sum(group.iter().copied());
    let pairs = Space::square(&sum) - count;
    (pairs / (count * (count - 1.0))).clamp(-1.0, 1.0) as f32
}
