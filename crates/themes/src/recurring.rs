use std::collections::BTreeMap;

use throughline_core::Vector;

use crate::Parameters;
use crate::space::Space;

/// Finds the groups of different stages that tell of the same thing: lists of
/// two or more places in `groups`, which gives each group's stage and some or
/// all of its vectors. A group is in one list at most, and the lists are in the
/// order of their first groups.
///
/// Two groups belong together if each is the other's nearest of its stage, and
/// the mean cosine between their passages is at least [`Parameters::recurs_at`]
/// of what it is within them (the geometric mean of both). That is the
/// correlation corrected for attenuation (C. Spearman, The American Journal of
/// Psychology 15 (1904) 72–101): loose groups are held to what they are.
#[must_use]
pub fn recurring(groups: &[(usize, Vec<&Vector>)], parameters: &Parameters) -> Vec<Vec<usize>> {
    let all: Vec<&Vector> = groups
        .iter()
        .flat_map(|(_, vectors)| vectors)
        .copied()
        .collect();
    let told = Space::of(&all).centred(parameters.common_share);
    let mut from = 0;
    let spread: Vec<Spread> = groups
        .iter()
        .map(|(stage, vectors)| {
            let rows = from..from + vectors.len();
            from = rows.end;
            Spread::of(*stage, told.sum(rows), vectors.len())
        })
        .collect();
    let nearest: Vec<BTreeMap<usize, (f64, usize)>> = spread
        .iter()
        .map(|one| one.nearest(&spread, parameters.recurs_at))
        .collect();
    let mut named: Vec<usize> = (0..groups.len()).collect();
    for (a, near) in nearest.iter().enumerate() {
        for (_, b) in near.values() {
            let back = nearest.get(*b).and_then(|near| near.get(&spread[a].stage));
            if back.is_some_and(|(_, back)| *back == a) {
                let (keep, gone) = (named[a].min(named[*b]), named[a].max(named[*b]));
                named
                    .iter_mut()
                    .filter(|n| **n == gone)
                    .for_each(|n| *n = keep);
            }
        }
    }
    let mut lists: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (group, name) in named.into_iter().enumerate() {
        lists.entry(name).or_default().push(group);
    }
    lists.into_values().filter(|list| list.len() > 1).collect()
}

/// Where a group points and how far its passages agree.
struct Spread {
    stage: usize,
    sum: Vec<i64>,
    count: f64,
    /// Mean cosine between two of its passages; `None` where it is not above 0.
    within: Option<f64>,
}

impl Spread {
    fn of(stage: usize, sum: Vec<i64>, count: usize) -> Self {
        let count = count as f64;
        let within = (Space::product(&sum, &sum) - count) / (count * (count - 1.0)).max(1.0);
        Self {
            stage,
            sum,
            count,
            within: Some(within).filter(|within| *within > 0.0),
        }
    }

    /// The nearest group of each other stage that is near enough.
    fn nearest(&self, all: &[Self], recurs_at: f64) -> BTreeMap<usize, (f64, usize)> {
        let mut nearest = BTreeMap::new();
        for (place, other) in all
            .iter()
            .enumerate()
            .filter(|(_, o)| o.stage != self.stage)
        {
            let Some(likeness) = self.likeness(other).filter(|near| *near >= recurs_at) else {
                continue;
            };
            let best = nearest.entry(other.stage).or_insert((likeness, place));
            if likeness > best.0 {
                *best = (likeness, place);
            }
        }
        nearest
    }

    fn likeness(&self, other: &Self) -> Option<f64> {
        let between = Space::product(&self.sum, &other.sum) / (self.count * other.count);
        Some(between / (self.within? * other.within?).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(around: &[f32]) -> Vec<Vector> {
        (0..4)
            .map(|n| {
                let mut values = around.to_vec();
                values[n] += 0.5;
                Vector::quantise(&values)
            })
            .collect()
    }

    #[test]
    fn groups_of_other_stages_recur_and_those_of_one_stage_do_not() {
        let price = vectors(&[0.0, 0.0, 0.0, 0.0, 2.0, 0.0]);
        let late = vectors(&[0.0, 0.0, 0.0, 0.0, 0.0, 2.0]);
        let of = |stage, vectors: &'static str| (stage, vectors);
        let groups = [
            of(0, "price"),
            of(0, "late"),
            of(1, "late"),
            of(2, "late"),
            of(2, "late"),
        ];
        let groups: Vec<(usize, Vec<&Vector>)> = groups
            .iter()
            .map(|(stage, what)| {
                let vectors = if *what == "price" { &price } else { &late };
                (*stage, vectors.iter().collect())
            })
            .collect();
        let parameters = Parameters::default();
        assert_eq!(recurring(&groups, &parameters), [[1, 2, 3]]);
        assert!(recurring(&groups[..2], &parameters).is_empty());
        assert!(recurring(&[], &parameters).is_empty());
        assert!(recurring(&[(0, vec![]), (1, vec![])], &parameters).is_empty());
    }
}
