//! Answers do not depend on how an index came about.

use std::sync::Arc;

use crate::common::{add, index_of, quote};
use proptest::prelude::*;
use throughline_core::PassageId;
use throughline_index::{Holder, Index, Listing, Quote, Ranker, Shares, Sort};

const WORDS: [&str; 7] = ["price", "prices", "slow", "checkout", "the", "app", "crash"];

/// Quotes in a handful of documents, with texts of few words, so that there are
/// many ties and many deletions.
fn quotes() -> impl Strategy<Value = Vec<Quote>> {
    let text = prop::collection::vec(prop::sample::select(&WORDS[..]), 0..16);
    prop::collection::vec((0_u8..4, text), 1..60).prop_map(|quotes| {
        let numbered = quotes.into_iter().zip(0_u8..);
        numbered
            .map(|((document, text), n)| quote(n, &format!("d{document}"), &text.join(" ")))
            .collect()
    })
}

/// Best hits of queries in the language, shares of plain texts with what they are
/// shares of, and who holds plain words.
type Answers = (
    Vec<Listing>,
    (Vec<PassageId>, Vec<String>, Vec<Shares>),
    Vec<Holder>,
);

fn answers(index: &Index) -> Answers {
    let queries = [
        "price",
        "slow checkout the app",
        "the the -crash",
        "\"the app\" OR crash",
        "pri* slow",
        "doc:d1 app checkout",
        // The engine adds these scores in the order of how rare the words are in
        // a segment.
        "price AND slow AND the AND app",
        "checkout AND crash AND \"the\" AND \"slow\" AND app",
    ];
    let answer = |query: &&str| {
        let query = crate::common::parse(query);
        index.list(&query, Sort::Relevance, 10).unwrap()
    };
    let (places, ids) = crate::common::places(index);
    let mut holders = places
        .holders(
            &crate::common::parse("slow price pri-ces the")
                .plain()
                .unwrap(),
            None,
        )
        .unwrap();
    holders.sort_unstable_by_key(|holder| holder.place);
    let ranker = Ranker::new(Arc::new(places)).unwrap();
    let texts = ["slow checkout, \"the app", "prices price: unheard-of crash"];
    let shares = texts.map(|text| ranker.shares(text, None).unwrap());
    let known = (ids, ranker.documents().to_vec(), shares.to_vec());
    (queries.iter().map(answer).collect(), known, holders)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn additions_removals_threads_and_rebuilds_leave_no_trace(
        quotes in quotes(),
        batches in 1_usize..5,
        removed in 0_u8..4,
    ) {
        let removed = format!("d{removed}");
        let kept: Vec<_> = quotes.iter().filter(|q| q.document != removed).cloned().collect();
        let fresh = tempfile::tempdir().unwrap();
        let expected = answers(&index_of(fresh.path(), &kept));

        let folder = tempfile::tempdir().unwrap();
        let index = Index::create(folder.path()).unwrap();
        for batch in quotes.chunks(quotes.len().div_ceil(batches)) {
            add(&index, batch);
        }
        let mut writer = index.writer(60_000_000, 3).unwrap();
        writer.remove_document(&removed);
        writer.commit(2).unwrap();
        prop_assert_eq!(&answers(&index), &expected);

        // Everything again in one batch, in another order, on three threads.
        let mut writer = index.writer(60_000_000, 3).unwrap();
        writer.clear().unwrap();
        for quote in kept.iter().rev() {
            writer.add(quote).unwrap();
        }
        writer.commit(3).unwrap();
        prop_assert_eq!(&answers(&index), &expected);
    }
}

#[test]
fn a_document_can_be_replaced_in_one_batch() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_of(
        folder.path(),
        &[quote(1, "a", "old"), quote(2, "A", "other")],
    );
    let mut writer = index.writer(0, 0).unwrap();
    writer.remove_document("a");
    writer.add(&quote(3, "a", "new")).unwrap();
    // Nothing is seen before the commit.
    assert_eq!(crate::common::found(&index, "old new other").len(), 2);
    writer.commit(9).unwrap();
    assert_eq!(index.generation().unwrap(), 9);
    let mut numbers = crate::common::found(&index, "*");
    numbers.sort_unstable();
    assert_eq!(numbers, [2, 3]);
}
