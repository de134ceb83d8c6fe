//! The 8-bit engine against the same weights in f32, and the second engine's law.
//!
//! The model that ships is tested, and the folder that `THROUGHLINE_TEST_MODEL`
//! names, if it names one.

#![cfg(feature = "torch")]
#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use throughline_core::{Tagged, Tags};
use throughline_nlp::{Backend, RtenTagger, TagInput, Tagger, TorchTagger, open_tagger};

const PASSAGES: usize = 500;

/// What rounding states to bytes may cost: cosine of the two vectors, on average
/// and at worst. 0.9995 and 0.9986 were measured: the bounds leave room for other
/// weights.
const MEAN_COSINE: f32 = 0.998;
const WORST_COSINE: f32 = 0.99;
/// Passages that get the same label, of each of the four. 0.978 to 0.996 were
/// measured: the rest are passages whose two likeliest labels are nearly as likely as
/// each other. Of 500 passages such a share has a standard error of 0.006: the bound
/// lies one of them below the least.
const SAME_LABEL: f32 = 0.97;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn models() -> Vec<PathBuf> {
    let further = std::env::var_os("THROUGHLINE_TEST_MODEL").map(PathBuf::from);
    let shipped = repository().join("models/throughline-l6");
    [shipped].into_iter().chain(further).collect()
}

/// Passages written for the models; every third has the one before as context.
fn passages() -> Vec<(String, Option<String>)> {
    let lines = std::fs::read_to_string(repository().join("models/build/calibration.jsonl"));
    let texts: Vec<String> = lines
        .unwrap()
        .lines()
        .take(PASSAGES)
        .map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            row["text"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(texts.len(), PASSAGES);
    let context = |at: usize| (at % 3 == 1).then(|| texts[at - 1].clone());
    (0..PASSAGES)
        .map(|at| (texts[at].clone(), context(at)))
        .collect()
}

fn inputs(passages: &[(String, Option<String>)]) -> Vec<TagInput<'_>> {
    let contexts = passages.iter().map(|(_, context)| context.as_deref());
    let texts = passages.iter().map(|(text, _)| text.as_str());
    texts
        .zip(contexts)
        .map(|(text, context)| TagInput { text, context })
        .collect()
}

fn labels(tags: &Tags) -> [String; 4] {
    [
        tags.moment.label.to_string(),
        tags.sentiment.label.to_string(),
        tags.pain.label.to_string(),
        tags.touchpoint.label.to_string(),
    ]
}

#[test]
fn bytes_and_floats_read_alike() {
    let passages = passages();
    let inputs = inputs(&passages);
    for folder in models() {
        let rten = RtenTagger::open(&folder).unwrap();
        let torch = open_tagger(Some(Backend::Torch), Some(&folder)).unwrap();
        assert_eq!(rten.model().sha256, torch.model().sha256);
        assert_eq!(rten.model().backend, "rten");
        assert_eq!(torch.model().backend, "torch");
        let (bytes, floats) = (rten.tag(&inputs).unwrap(), torch.tag(&inputs).unwrap());
        let pairs = || bytes.iter().zip(&floats);

        let cosines: Vec<f32> = pairs().map(|(a, b)| a.vector.cosine(&b.vector)).collect();
        let mean = cosines.iter().sum::<f32>() / PASSAGES as f32;
        let worst = cosines.iter().copied().fold(1.0, f32::min);
        let mut same = [0_usize; 4];
        for (a, b) in pairs() {
            for ((same, a), b) in same.iter_mut().zip(labels(&a.tags)).zip(labels(&b.tags)) {
                *same += usize::from(a == b);
            }
        }
        let shares = same.map(|same| same as f32 / PASSAGES as f32);
        let name = &rten.model().name;
        println!("{name}: cosine {mean:.4}, worst {worst:.4}; same labels {shares:?}");
        assert!(mean > MEAN_COSINE && worst > WORST_COSINE, "{mean} {worst}");
        assert!(
            shares.iter().all(|share| *share >= SAME_LABEL),
            "{shares:?}"
        );
    }
}

fn bits(tagged: &Tagged) -> (Vec<i8>, [u32; 3], [String; 4]) {
    let tags = &tagged.tags;
    let numbers = [tags.moment.confidence, tags.valence, tags.pain.confidence];
    let vector = tagged.vector.components().to_vec();
    (vector, numbers.map(f32::to_bits), labels(tags))
}

#[test]
fn a_passage_gets_the_same_bits_in_any_company() {
    let mut passages = passages();
    passages.truncate(30);
    let long = "the guide shows a menu that my version lacks ".repeat(60);
    for text in ["", " \t\n", "\u{0}", "[SEP] [CLS]", "太贵了", &long] {
        passages.push((text.to_owned(), Some(long.clone())));
        passages.push((text.to_owned(), None));
    }
    let inputs = inputs(&passages);
    for folder in models() {
        let with = |threads: usize| {
            let threads = NonZeroUsize::new(threads).unwrap();
            TorchTagger::open(&folder).unwrap().with_threads(threads)
        };
        let (one, three) = (with(1).unwrap(), with(3).unwrap());
        let together: Vec<_> = one.tag(&inputs).unwrap().iter().map(bits).collect();
        for (input, expected) in inputs.iter().zip(&together) {
            let alone = &one.tag(&[*input]).unwrap()[0];
            assert_eq!(&bits(alone), expected, "alone: {input:?}");
        }
        let turned: Vec<_> = inputs.iter().rev().copied().collect();
        let turned: Vec<_> = three.tag(&turned).unwrap().iter().rev().map(bits).collect();
        assert!(turned == together, "in another order on three threads");
        let texts: Vec<&str> = inputs.iter().map(|input| input.text).collect();
        for (vector, expected) in three.embed(&texts).unwrap().iter().zip(&together) {
            assert_eq!(vector.components(), expected.0, "embedded");
        }
        // The context informs the tags and never the vector.
        let (with, without) = (&together[40], &together[41]);
        assert_eq!(with.0, without.0);
        assert_ne!(with.1, without.1);
    }
}
