//! Nearest neighbours against a search by brute force.

use proptest::prelude::*;
use throughline_core::{PassageId, PlaceSet, Vector};
use throughline_vectors::{Neighbour, VectorFile};

const DIMENSION: usize = 6;

/// Few distinct values, so that ties are common.
fn vectors() -> impl Strategy<Value = Vec<Vector>> {
    let component = prop_oneof![Just(0_i8), Just(-128), Just(127), -2_i8..3];
    let vector = prop::collection::vec(component, DIMENSION);
    prop::collection::vec(
        vector.prop_map(|v| Vector::from_components(v.into())),
        0..80,
    )
}

fn numbered(n: usize) -> PassageId {
    // Not in the order of `n`, so that files are written out of order.
    let mut bytes = [0; 16];
    bytes[0] = (n as u8).wrapping_mul(167);
    bytes[15] = n as u8;
    PassageId::from_bytes(bytes)
}

fn brute(
    vectors: &[(PassageId, Vector)],
    query: &Vector,
    k: usize,
    passes: impl Fn(&PassageId) -> bool,
) -> Vec<Neighbour> {
    let mut ids: Vec<_> = vectors.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    let mut all: Vec<_> = vectors
        .iter()
        .filter(|(id, _)| passes(id))
        .map(|(id, vector)| Neighbour {
            id: *id,
            position: ids.partition_point(|other| other < id),
            cosine: vector.cosine(query),
        })
        .collect();
    all.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.id.cmp(&b.id)));
    all.truncate(k);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nearest_equals_brute_force(
        vectors in vectors(),
        query in prop::collection::vec(-3_i8..4, DIMENSION),
        k in 0_usize..100,
        odd in any::<bool>(),
    ) {
        let query = Vector::from_components(query.into());
        let vectors: Vec<_> = vectors.into_iter().enumerate().map(|(n, v)| (numbered(n), v)).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v");
        VectorFile::write(&path, 1, DIMENSION, vectors.clone()).unwrap();
        let file = VectorFile::open(&path).unwrap().unwrap();

        prop_assert_eq!(file.nearest(&query, k, None), brute(&vectors, &query, k, |_| true));
        let cosines = file.cosines(&query);
        prop_assert_eq!(cosines.len(), vectors.len());
        for (id, vector) in &vectors {
            prop_assert_eq!(cosines[file.position(id).unwrap()], vector.cosine(&query));
        }

        let passes = |id: &PassageId| (id.as_bytes()[15] % 2 == 1) == odd;
        let expected = brute(&vectors, &query, k, passes);
        let mut within = PlaceSet::new(file.len());
        let ids = vectors.iter().map(|(id, _)| id).filter(|id| passes(id));
        ids.for_each(|id| within.insert(file.position(id).unwrap()));
        prop_assert_eq!(&file.nearest(&query, k, Some(&within)), &expected);
        let positions: Vec<_> = expected.iter().map(|near| near.position).collect();
        let cosines: Vec<_> = expected.iter().map(|near| near.cosine).collect();
        prop_assert_eq!(file.cosines_at(&query, &positions), cosines);
    }
}

/// So many vectors that they are compared by their signs first, around as many
/// directions as a collection may have subjects.
#[test]
fn the_nearest_of_very_many_are_found_by_their_signs_first() {
    const WIDE: usize = 64;
    let mut state = 7_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f32 / (1_u64 << 30) as f32 - 1.0
    };
    let subjects: Vec<Vec<f32>> = (0..500)
        .map(|_| (0..WIDE).map(|_| next()).collect())
        .collect();
    let all = VectorFile::COMPARED_EXACTLY * 6 / 5;
    let vectors: Vec<_> = (0..all)
        .map(|n| {
            let about = subjects[n % subjects.len()].iter();
            let components: Vec<f32> = about.map(|c| c + next()).collect();
            (
                PassageId::from_bytes((n as u128).to_be_bytes()),
                Vector::quantise(&components),
            )
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    VectorFile::write(&path, 1, WIDE, vectors).unwrap();
    let file = VectorFile::open(&path).unwrap().unwrap();
    let halves = [0, 1].map(|half| {
        let mut set = PlaceSet::new(all);
        (0..all)
            .filter(|n| n % 2 == half)
            .for_each(|n| set.insert(n));
        set
    });
    let (mut found, mut wanted) = (0, 0);
    for subject in &subjects[..8] {
        let query = Vector::quantise(subject);
        let near = file.nearest(&query, 10, None);
        // Half of them is compared exactly.
        let of_halves = halves
            .iter()
            .map(|half| file.nearest(&query, 10, Some(half)));
        let mut exact: Vec<_> = of_halves.flatten().collect();
        exact.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.id.cmp(&b.id)));
        exact.truncate(10);
        found += near.iter().filter(|near| exact.contains(near)).count();
        wanted += exact.len();
        let one = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        assert_eq!(one.install(|| file.nearest(&query, 10, None)), near);

        let limits = file.limits(&query, None);
        assert_eq!(file.nearest_within(&query, 10, None, &limits), near);
        let limits: Vec<f32> = (0..all).map(|position| limits.at(position)).collect();
        let cosines = file.cosines(&query);
        assert!(
            limits
                .iter()
                .zip(&cosines)
                .all(|(limit, cosine)| limit >= cosine)
        );
        let below = limits.iter().filter(|limit| **limit < 0.9).count();
        assert!(below > all / 2, "{below} limits say something");
    }
    assert!(found * 100 >= wanted * 98, "{found} of {wanted}");
}

#[test]
fn many_blocks_and_any_number_of_threads_give_one_answer() {
    // Pseudo-random components from a fixed congruence, with repeats.
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 30) as i8 - 1
    };
    let vectors: Vec<_> = (0_u128..20_000)
        .map(|n| {
            let components: Vec<i8> = (0..DIMENSION).map(|_| next()).collect();
            let id = PassageId::from_bytes(n.to_be_bytes());
            (id, Vector::from_components(components.into()))
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    VectorFile::write(&path, 1, DIMENSION, vectors.clone()).unwrap();
    let file = VectorFile::open(&path).unwrap().unwrap();
    let query = Vector::from_components([2, -1, 0, 1, 1, 0].into());
    let expected = brute(&vectors, &query, 500, |_| true);
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let found = pool.install(|| file.nearest(&query, 500, None));
        assert!(found == expected, "{threads} threads");
    }
    let other = Vector::from_components([1].into());
    assert!(file.nearest(&other, 5, None).is_empty());
    assert_eq!(file.cosines_at(&other, &[0, 7]), [0.0, 0.0]);
    assert_eq!(file.limits(&other, None).at(7), 1.0);
}
