//! Quotes and queries that the tests share.

use std::path::Path;

use throughline_core::{Moment, PassageId, Role, Sentiment, SourceKind, Touchpoint};
use throughline_index::{Index, Members, Page, Query, Quote, Results};

/// The stages that the tests know: buying and receiving, and one that holds the
/// quotes 1, 3 and 200.
pub(crate) fn stages(name: &str) -> Option<Members> {
    match name {
        "get" => Some(Members::Moments(vec![Moment::Purchase, Moment::Delivery])),
        "odd" => Some(Members::Passages([3, 200, 1, 3].map(id).to_vec())),
        _ => None,
    }
}

pub(crate) fn parse(query: &str) -> Query {
    Query::parse(query, &stages).unwrap_or_else(|error| panic!("{query:?}: {error}"))
}

/// The id of quote number `n`: ids are in another order than numbers.
pub(crate) fn id(n: u8) -> PassageId {
    let mut id = [0; 16];
    id[0] = n.wrapping_mul(167);
    id[15] = n;
    PassageId::from_bytes(id)
}

/// Quote number `n`, about nothing, without a date and the like.
pub(crate) fn quote(n: u8, document: &str, text: &str) -> Quote {
    Quote {
        id: id(n),
        document: document.to_owned(),
        kind: SourceKind::Review,
        text: text.to_owned(),
        speaker: None,
        role: Role::Participant,
        participant: None,
        date: None,
        rating: None,
        product: None,
        question: None,
        start: u64::from(n) * 100,
        moment: Moment::Use,
        unclear: false,
        sentiment: Sentiment::Neutral,
        pain: false,
        touchpoint: Touchpoint::None,
    }
}

/// Adds quotes in one commit.
pub(crate) fn add<'q>(index: &Index, quotes: impl IntoIterator<Item = &'q Quote>) {
    let mut writer = index.writer(15_000_000, 1).expect("a writer");
    for quote in quotes {
        writer.add(quote).expect("room");
    }
    writer.commit(1).expect("a commit");
}

/// A new index with quotes in it.
pub(crate) fn index_of(folder: &Path, quotes: &[Quote]) -> Index {
    let index = Index::create(folder).expect("an index");
    add(&index, quotes);
    index
}

/// The first hundred hits.
pub(crate) fn search(index: &Index, query: &str) -> Results {
    let page = Page {
        limit: 100,
        offset: 0,
    };
    index.search(&parse(query), &page).expect("results")
}

/// Numbers of the quotes found, best first.
pub(crate) fn found(index: &Index, query: &str) -> Vec<u8> {
    let hits = search(index, query).hits;
    hits.iter().map(|hit| hit.id.as_bytes()[15]).collect()
}
