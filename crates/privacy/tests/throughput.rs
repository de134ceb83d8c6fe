//! How many bytes a second are searched. Timed, and so only on request:
//! `cargo test --release -p throughline-privacy --test throughput -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use throughline_privacy::{Roster, find};

/// Bytes of made-up reviews that are searched.
const BYTES: usize = 20_000_000;
/// Bytes that a core should search in a second.
const LEAST: f64 = 20e6;

const SENTENCES: &[&str] = &[
    "The kettle arrived two days late and the box was torn at one corner.",
    "I waited {n} minutes in the queue before anybody picked up the phone.",
    "Honestly, it's the best pair of boots I've owned; they've lasted since March 2021.",
    "Paid £{n}.99 for this and the zip broke within a week!",
    "After the update to version {n}.2.1 the app crashed every time I opened the basket.",
    "The courier left it with a neighbour, and nobody told me.",
    "My daughter loves the blue one, but the colour isn't what the picture shows.",
    "Customer service was polite and useless: \"we will look into it\", and that was all.",
    "It fits well, washes well, and doesn't shrink – what more could you ask?",
    "They refunded the postage, but not the {n} euros I'd paid for express delivery.",
    "Would I buy from Peelwick Goods again? Probably not.",
    "Great value. Five stars.",
    "we had to go through the whole checkout twice because the page timed out",
    "The café downstairs is lovely, and breakfast was served until 10:30.",
    "On Tuesday the driver rang the bell at 7:{n} in the morning, which woke the baby.",
    "Size {n} runs small; order one up.",
    "Instructions are in German and French only, so I gave up and watched a video.",
    "I spoke to Tobias, who couldn't find my order either.",
    "My order no. PW-{n}-8817 was cancelled without a word.",
    "The room overlooked Station Road and we hardly slept.",
    "Returned it to the shop in Manchester, no questions asked.",
    "The battery lasts about {n} hours, a good deal less than it says on the box.",
    "Nothing worked until I switched it off and on again.",
    "I'd rate the sound 8/10, the fit 6/10 and the charging case 2/10.",
];
/// What stands in about one review of twenty.
const PERSONAL: &[&str] = &[
    "Write to me at zofia.{n}@post.example if you want the pictures.",
    "Ring me on 07700 900 4{n} before five.",
    "It was meant to come to {n} Larch Grove, Peelwick PW1 2AB.",
    "Kind regards,\nHenrik Salo",
    "See https://shop.example/orders/8812{n}?token=ab12 for the whole story.",
];

/// Made-up reviews, the same each time.
fn reviews() -> Vec<String> {
    let mut state = 1_u64;
    let mut below = |bound: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default() % bound
    };
    let (mut all, mut bytes) = (Vec::new(), 0);
    while bytes < BYTES {
        let mut review = String::new();
        for _ in 0..4 + below(8) {
            let number = (10 + below(50)).to_string();
            review.push_str(&SENTENCES[below(SENTENCES.len())].replace("{n}", &number));
            review.push(if below(6) == 0 { '\n' } else { ' ' });
        }
        if below(20) == 0 {
            let number = (10 + below(50)).to_string();
            review.push_str(&PERSONAL[below(PERSONAL.len())].replace("{n}", &number));
        }
        bytes += review.len();
        all.push(review);
    }
    all
}

/// Bytes a second of searching each of `texts`, and how many places are found.
/// The best time of several counts for each: a busy machine makes any one wait.
fn rate(texts: &[Vec<String>]) -> (f64, usize) {
    let roster = Roster::default();
    let (mut bytes, mut places, mut sum) = (0, 0, Duration::ZERO);
    for block in texts {
        let mut best = Duration::MAX;
        let mut found = 0;
        for _ in 0..5 {
            let start = Instant::now();
            found = block
                .iter()
                .map(|text| find(text, &roster).found.len())
                .sum();
            best = best.min(start.elapsed());
        }
        places += found;
        sum += best;
        bytes += block.iter().map(String::len).sum::<usize>();
    }
    (bytes as f64 / sum.as_secs_f64(), places)
}

#[test]
#[ignore = "a measurement: run it in release"]
fn twenty_megabytes_a_second() {
    let reviews = reviews();
    let blocks: Vec<Vec<String>> = reviews.chunks(1_000).map(<[String]>::to_vec).collect();
    let (alone, places) = rate(&blocks);
    println!(
        "{} reviews, each by itself: {:.1} MB/s, {places} places",
        reviews.len(),
        alone / 1e6
    );
    let files: Vec<Vec<String>> = blocks.iter().map(|block| vec![block.concat()]).collect();
    let (together, places) = rate(&files);
    println!(
        "a thousand in a text: {:.1} MB/s, {places} places",
        together / 1e6
    );
    assert!(alone >= LEAST, "{:.1} MB/s", alone / 1e6);
    assert!(together >= LEAST, "{:.1} MB/s", together / 1e6);
}
