//! What a passage gets depends on its own text and context alone, bit for bit.

use std::num::NonZeroUsize;
use std::path::Path;

use throughline_core::{Moment, Sentiment, Tagged, Touchpoint};
use throughline_nlp::{RtenTagger, TagInput, Tagger};

/// The models in the program, or the one in the folder that `THROUGHLINE_TEST_MODEL` names.
#[expect(clippy::unwrap_used, reason = "a test may fail so")]
fn models() -> Vec<RtenTagger> {
    let names = match std::env::var_os("THROUGHLINE_TEST_MODEL") {
        Some(folder) => vec![folder],
        None => vec!["throughline-l6".into(), "fast".into()],
    };
    let open = |name| RtenTagger::open(Path::new(name)).unwrap();
    names.iter().map(open).collect()
}

/// Texts of many lengths, with and without context, some of them no prose.
fn inputs() -> Vec<(String, Option<String>)> {
    let own = [
        ("Yes.", Some("Did you find the price?")),
        ("Yes.", Some("Interviewer: Did you find the price?")),
        ("Yes.", None),
        ("I gave up at the checkout.", Some("What happened?")),
        ("I gave up at the checkout.", None),
        (
            "The courier left it in the rain 😡 and nobody called.",
            None,
        ),
        (
            "Très déçu, but the café next door was lovely.",
            Some("Anything else?"),
        ),
        ("", Some("Anything else?")),
        (" \t\n", None),
        ("\u{200b}\u{feff}", None),
        ("\u{0}\u{1}", Some("\u{0}")),
        ("???", Some("  ")),
        ("[SEP] [CLS] [PAD] are not commands here.", None),
        ("价格太贵了，我不会再买。", None),
    ];
    let words = "the setup took me a whole evening because step four of the guide \
                 shows a menu that my version does not have and support kept me waiting";
    let words: Vec<_> = words.split(' ').collect();
    let growing = (1..=words.len()).map(|n| {
        let context = (n % 3 == 0).then(|| words[words.len() - n..].join(" "));
        (words[..n].join(" "), context)
    });
    let long = [
        (words.join(" ").repeat(12), Some(words.join(" ").repeat(40))),
        ("x".repeat(60_000), Some("é".repeat(60_000))),
    ];
    own.iter()
        .map(|(text, context)| ((*text).to_owned(), context.map(str::to_owned)))
        .chain(growing)
        .chain(long)
        .collect()
}

fn borrowed(inputs: &[(String, Option<String>)]) -> Vec<TagInput<'_>> {
    inputs
        .iter()
        .map(|(text, context)| TagInput {
            text,
            context: context.as_deref(),
        })
        .collect()
}

/// Every bit of a reading.
fn bits(tagged: &Tagged) -> (Vec<i8>, [u32; 5], String) {
    let tags = &tagged.tags;
    let numbers = [
        tags.moment.confidence,
        tags.sentiment.confidence,
        tags.valence,
        tags.pain.confidence,
        tags.touchpoint.confidence,
    ];
    assert!(numbers.iter().all(|n| n.is_finite()), "{tags:?}");
    let vector = tagged.vector.components().to_vec();
    (vector, numbers.map(f32::to_bits), format!("{tags:?}"))
}

fn all_bits(tagged: &[Tagged]) -> Vec<(Vec<i8>, [u32; 5], String)> {
    tagged.iter().map(bits).collect()
}

#[test]
fn alone_or_among_others_in_any_order_on_any_threads() {
    for model in models() {
        the_same_bits_whatever_the_company(model);
    }
}

#[expect(clippy::unwrap_used, reason = "a test may fail so")]
fn the_same_bits_whatever_the_company(model: RtenTagger) {
    let inputs = inputs();
    let inputs = borrowed(&inputs);
    let one = model.with_threads(NonZeroUsize::MIN);
    let together = all_bits(&one.tag(&inputs).unwrap());
    assert_eq!(together.len(), inputs.len());

    for (input, expected) in inputs.iter().zip(&together) {
        let alone = one.tag(std::slice::from_ref(input)).unwrap();
        assert_eq!(&bits(&alone[0]), expected, "alone: {input:?}");
    }

    let three = one.with_threads(NonZeroUsize::new(3).unwrap());
    let twice: Vec<_> = inputs.iter().rev().chain(&inputs).copied().collect();
    let twice = all_bits(&three.tag(&twice).unwrap());
    let expected: Vec<_> = together.iter().rev().chain(&together).cloned().collect();
    assert!(twice == expected, "reversed, then again, on three threads");

    let (first, second) = inputs.split_at(inputs.len() / 3);
    let mut steps = all_bits(&three.tag(first).unwrap());
    steps.extend(all_bits(&three.tag(second).unwrap()));
    assert!(steps == together, "added in two steps");

    let texts: Vec<_> = inputs.iter().map(|input| input.text).collect();
    let vectors = three.embed(&texts).unwrap();
    for ((vector, expected), text) in vectors.iter().zip(&together).zip(&texts) {
        assert_eq!(vector.components(), expected.0, "embedded: {text:?}");
    }
}

#[test]
fn the_context_informs_the_tags_and_never_the_vector() {
    let with = |context| TagInput {
        text: "It took three weeks.",
        context,
    };
    for tagger in models() {
        let tagged = tagger
            .tag(&[
                with(None),
                with(Some("How long did the delivery take?")),
                with(Some("Interviewer: How long did the delivery take?")),
                with(Some(" \n")),
            ])
            .unwrap();
        assert!(tagged.iter().all(|t| t.vector == tagged[0].vector));
        assert_ne!(tagged[0].tags, tagged[1].tags);
        assert_eq!(tagged[1].tags, tagged[2].tags);
        assert_eq!(tagged[0].tags, tagged[3].tags);
    }
}

#[test]
fn nothing_to_read_gets_the_answer_that_is_promised() {
    for tagger in models() {
        assert!(tagger.tag(&[]).unwrap().is_empty());
        for text in ["", " \t\n", "\u{200b}"] {
            let context = Some("What annoyed you?");
            let tagged = tagger.tag(&[TagInput { text, context }]).unwrap();
            let tags = tagged[0].tags;
            assert_eq!((tags.moment.label, tags.unclear), (Moment::None, false));
            assert_eq!(tags.sentiment.label, Sentiment::Neutral);
            assert_eq!(tags.touchpoint.label, Touchpoint::None);
            assert_eq!((tags.pain.label, tags.pain.confidence), (false, 1.0));
            assert_eq!(tags.valence, 0.0);
            assert!(tagged[0].vector.components().iter().all(|c| *c == 0));
        }
    }
}
