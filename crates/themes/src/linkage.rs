use rayon::prelude::*;

use crate::space::Space;

/// Joins rows into groups by average linkage: whichever two groups are nearest
/// by the mean cosine between their rows are joined, until none are at least
/// `join_at` apart. Returns each row's group, named by its smallest row.
///
/// Two groups that are each other's nearest may be joined in any order without
/// changing the outcome, so a chain of nearest neighbours finds them in O(n²)
/// time (F. Murtagh, The Computer Journal 26 (1983) 354–359; the update of the
/// means is G. N. Lance and W. T. Williams, The Computer Journal 9 (1967)
/// 373–380). A group whose nearest is further than `join_at` is finished: a mean
/// of cosines below the bound stays below it.
pub(crate) fn average_linkage(space: &Space, join_at: f64) -> Vec<usize> {
    let mut table = Table::new(space);
    let mut chain: Vec<usize> = Vec::new();
    let mut next = 0;
    loop {
        let Some(&last) = chain.last() else {
            match (next..table.len).find(|row| table.is_open(*row)) {
                Some(row) => {
                    next = row;
                    chain.push(row);
                    continue;
                }
                None => return table.groups(),
            }
        };
        let before = chain
            .len()
            .checked_sub(2)
            .and_then(|i| chain.get(i))
            .copied();
        match table.nearest(last, before) {
            Some((nearest, cosine)) if f64::from(cosine) >= join_at => {
                if Some(nearest) == before {
                    chain.truncate(chain.len() - 2);
                    table.join(last, nearest);
                } else {
                    chain.push(nearest);
                }
            }
            _ => {
                table.close(last);
                chain.pop();
            }
        }
    }
}

/// The mean cosine between every two groups that can still be joined.
struct Table {
    len: usize,
    /// Square and symmetric, so that a group's row is read in one stretch.
    cosines: Vec<f32>,
    /// Groups that can still be joined, in order.
    open: Vec<usize>,
    /// Rows in each group.
    sizes: Vec<usize>,
    /// The group that a group was joined into, or itself.
    joined: Vec<usize>,
}

impl Table {
    fn new(space: &Space) -> Self {
        let len = space.len();
        let mut cosines = vec![0.0_f32; len * len];
        cosines
            .par_chunks_mut(len.max(1))
            .enumerate()
            .for_each(|(a, row)| {
                for (b, cosine) in row.iter_mut().enumerate() {
                    *cosine = space.cosine(a, b) as f32;
                }
            });
        Self {
            len,
            cosines,
            open: (0..len).collect(),
            sizes: vec![1; len],
            joined: (0..len).collect(),
        }
    }

    fn is_open(&self, group: usize) -> bool {
        self.open.binary_search(&group).is_ok()
    }

    fn close(&mut self, group: usize) {
        if let Ok(place) = self.open.binary_search(&group) {
            self.open.remove(place);
        }
    }

    /// The open group nearest to `group`; of equals `before`, so that a chain
    /// ends, then the first.
    fn nearest(&self, group: usize, before: Option<usize>) -> Option<(usize, f32)> {
        let row = self.cosines.get(group * self.len..(group + 1) * self.len)?;
        let mut best = before.and_then(|other| Some((other, *row.get(other)?)));
        for other in self.open.iter().copied().filter(|other| *other != group) {
            let Some(cosine) = row.get(other).copied() else {
                continue;
            };
            if best.is_none_or(|(_, most)| cosine > most) {
                best = Some((other, cosine));
            }
        }
        best
    }

    /// Joins two groups under the smaller name.
    fn join(&mut self, a: usize, b: usize) {
        let (keep, gone) = (a.min(b), a.max(b));
        self.close(gone);
        let (kept_size, gone_size) = (self.sizes[keep], self.sizes[gone]);
        let size = kept_size + gone_size;
        let share = gone_size as f64 / size as f64;
        for &other in &self.open {
            let kept = f64::from(self.cosines[keep * self.len + other]);
            let lost = f64::from(self.cosines[gone * self.len + other]);
            let mean = (kept + share * (lost - kept)) as f32;
            self.cosines[keep * self.len + other] = mean;
            self.cosines[other * self.len + keep] = mean;
        }
        self.sizes[keep] = size;
        self.joined[gone] = keep;
    }

    fn groups(mut self) -> Vec<usize> {
        // A group is only ever joined into one with a smaller name, which is
        // already resolved when it is reached.
        for group in 0..self.len {
            self.joined[group] = self.joined[self.joined[group]];
        }
        self.joined
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use throughline_core::Vector;

    fn space(rows: &[Vec<f32>]) -> Space {
        let vectors: Vec<Vector> = rows.iter().map(|row| Vector::quantise(row)).collect();
        Space::of(&vectors.iter().collect::<Vec<_>>())
    }

    /// Average linkage as it is defined: joins the nearest pair, one at a time.
    fn by_definition(space: &Space, join_at: f64) -> Vec<usize> {
        let mut groups: Vec<Vec<usize>> = (0..space.len()).map(|row| vec![row]).collect();
        loop {
            let mean = |a: &[usize], b: &[usize]| {
                let pairs = a.iter().flat_map(|x| b.iter().map(move |y| (*x, *y)));
                pairs.map(|(x, y)| space.cosine(x, y)).sum::<f64>() / (a.len() * b.len()) as f64
            };
            let mut best: Option<(usize, usize, f64)> = None;
            for a in 0..groups.len() {
                for b in a + 1..groups.len() {
                    let near = mean(&groups[a], &groups[b]);
                    if near >= join_at && best.is_none_or(|(_, _, most)| near > most) {
                        best = Some((a, b, near));
                    }
                }
            }
            let Some((a, b, _)) = best else { break };
            let gone = groups.remove(b);
            groups[a].extend(gone);
        }
        let mut named = vec![0; space.len()];
        for group in groups {
            let name = group.iter().copied().min().unwrap_or(0);
            for row in group {
                named[row] = name;
            }
        }
        named
    }

    #[test]
    fn two_bundles_stay_two() {
        let rows = [[1.0, 0.0], [0.0, 1.0], [1.0, 0.1], [0.1, 1.0]].map(Vec::from);
        assert_eq!(average_linkage(&space(&rows), 0.5), [0, 1, 0, 1]);
        assert_eq!(average_linkage(&space(&rows), -1.0), [0, 0, 0, 0]);
        assert_eq!(average_linkage(&space(&[]), 0.5), Vec::<usize>::new());
    }

    #[test]
    fn equals_do_not_go_round_in_circles() {
        let rows = vec![vec![1.0, 1.0]; 50];
        assert_eq!(average_linkage(&space(&rows), 0.9), vec![0; 50]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_chain_finds_what_the_definition_says(
            rows in prop::collection::vec(prop::collection::vec(-1.0_f32..1.0, 8), 1..25),
            join_at in -0.2_f64..0.9,
        ) {
            let space = space(&rows);
            prop_assert_eq!(average_linkage(&space, join_at), by_definition(&space, join_at));
        }
    }
}
