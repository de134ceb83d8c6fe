//! Quotes and queries that the tests share.

use std::path::Path;

use throughline_core::{Moment, PassageId, Role, Sentiment, SourceKind, Touchpoint};
use throughline_index::{Index, Listing, Members, Places, Query, Quote, Sort, Unknown, Vocabulary};

/// The names that the tests know. Stages: buying and receiving, and one that
/// holds the quotes 1, 3 and 200; in the framework `other`, `get` is using. Themes:
/// one of quote 2.
pub(crate) struct Names;

impl Vocabulary for Names {
    fn framework(&self, name: &str) -> Result<String, Unknown> {
        if name.eq_ignore_ascii_case("other") {
            return Ok("other".to_owned());
        }
        Err(Unknown {
            known: vec!["other".to_owned()],
            ..Unknown::new(format!("there is no framework '{name}'"))
        })
    }

    fn stage(&self, framework: Option<&str>, name: &str) -> Result<Members, Unknown> {
        match (framework, name) {
            (None, "get") => Ok(Members::Moments(vec![Moment::Purchase, Moment::Delivery])),
            (Some(_), "get") => Ok(Members::Moments(vec![Moment::Use])),
            (_, "odd") => Ok(Members::Passages([3, 200, 1, 3].map(id).to_vec())),
            _ => Err(Unknown {
                message: format!("there is no stage '{name}'"),
                known: vec!["get".to_owned(), "odd".to_owned()],
                advice: "look into the list".to_owned(),
            }),
        }
    }

    fn theme(&self, _: Option<&str>, name: &str) -> Result<Members, Unknown> {
        match name {
            "What it costs" => Ok(Members::Passages(vec![id(2)])),
            _ => Err(Unknown {
                known: vec!["What it costs".to_owned()],
                ..Unknown::new(format!("there is no theme '{name}'"))
            }),
        }
    }
}

pub(crate) fn parse(query: &str) -> Query {
    Query::parse(query, &Names).unwrap_or_else(|error| panic!("{query:?}: {error}"))
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
        language: None,
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
pub(crate) fn search(index: &Index, query: &str) -> Listing {
    let listing = index.list(&parse(query), Sort::Relevance, 100);
    listing.expect("a listing")
}

/// Numbers of the quotes found, best first.
pub(crate) fn found(index: &Index, query: &str) -> Vec<u8> {
    let listed = search(index, query).listed;
    listed.iter().map(|hit| hit.id.as_bytes()[15]).collect()
}

/// The quotes in the order of their ids, and those ids.
pub(crate) fn places(index: &Index) -> (Places, Vec<PassageId>) {
    let ids = index.ids(&Query::all()).expect("ids");
    let places = index.places(ids.len(), &|some| {
        some.iter().map(|id| ids.binary_search(id).ok()).collect()
    });
    (places.expect("places"), ids)
}
