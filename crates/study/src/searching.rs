//! Words, meaning, tags and ranges over the tagged quotes of a study.
//!
//! [`Study::search`] understands a query and gives a [`Search`], which answers
//! for it: pages of quotes ([`Search::page`]), counts over all of them
//! ([`Search::facets`]), the best of each group ([`Search::groups`]), and what
//! could have been meant where there are none ([`Search::suggestion`]).

mod cursor;
mod facets;
mod found;
mod names;

use throughline_core::{Framework, PassageId, Vector};
use throughline_index::{Index, Listed, Listing, Meaning, Query, Sort, SortKey};
use throughline_nlp::Tagger;
use throughline_store::ModelKey;
use throughline_vectors::Neighbour;

use crate::hybrid::{LEAST_NEAR, RankedQuote};
use crate::placing::is_zero;
use crate::study::model_key;
use crate::{Placer, Progress, Study, StudyError};
use cursor::Cursor;
pub use facets::{Facet, FacetCount, FacetCounts, Group, Groups};
pub use found::{Context, Found, TurnWords};
use names::Names;

/// Quotes that answer `like:` and `near:` are at most so many.
const MOST_ALIKE: usize = 1000;

/// A page of the results, and how it is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageRequest<'a> {
    /// Quotes on it at most.
    pub limit: usize,
    /// Where it begins.
    pub start: Start<'a>,
    /// The order of the results.
    pub sort: Sort,
    /// So many turns on either side of each quote, with its own; `None` for the
    /// quote alone.
    pub context: Option<usize>,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start<'a> {
    /// After so many of the first quotes.
    Offset(usize),
    /// After the quote with this [`Found::cursor`]: what comes or goes before it
    /// does not move the page.
    After(&'a str),
}

/// A page of results.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundPage {
    /// How many quotes match in all.
    pub total: u64,
    /// The quotes of this page.
    pub found: Vec<Found>,
    /// True if there are more after them.
    pub more: bool,
}

/// A query that was understood.
pub struct Search<'s> {
    study: &'s Study,
    tagger: &'s dyn Tagger,
    model: ModelKey,
    placer: Placer<'s>,
    index: Index,
    /// As it was typed.
    query: Query,
    /// What matches: the query, and for its plain words what says the same.
    matching: Query,
    meant: Option<Meant>,
}

/// What the query means, and the order that comes of it.
struct Meant {
    vector: Vector,
    /// The best first.
    ranked: Vec<RankedQuote>,
}

impl Study {
    /// Understands a query; [`throughline_index::Query`] says what may be typed,
    /// and `@name` stands for a search of the settings. Index and vectors must be
    /// current ([`Study::prepare_search`]). Stages and themes are those of
    /// `framework`, unless the query names another.
    ///
    /// # Errors
    /// If the query cannot be understood, with the column and a hint.
    pub fn search<'s>(
        &'s self,
        text: &str,
        tagger: &'s dyn Tagger,
        framework: &'s Framework,
    ) -> Result<Search<'s>, StudyError> {
        let model = model_key(tagger);
        let query = self.query(text, tagger, framework)?;
        let framework = match query.framework() {
            Some(id) => self.framework(Some(id))?,
            None => framework,
        };
        let mut search = Search {
            study: self,
            tagger,
            placer: Placer::new(framework, tagger)?,
            index: self.index()?,
            meant: None,
            matching: query.clone(),
            model,
            query,
        };
        if let Some(meant) = search.likeness()? {
            let ids = meant.ranked.iter().map(|near| near.id);
            search.query = search.query.with_nearest(ids.collect());
            search.matching = search.query.clone();
            search.meant = Some(meant);
        } else if let Some(plain) = search.query.plain()
            && let Some(vector) = tagger.embed(&[plain.text().as_str()])?.pop()
            && !is_zero(&vector)
        {
            let ranked = self.quotes_by_words_and_meaning(&search.index, &plain, &vector)?;
            let alike = ranked.iter().filter(|quote| !quote.by_words);
            let alike = alike.map(|quote| quote.id).collect();
            search.matching = search.query.clone().or_alike(&plain.text(), alike);
            search.meant = Some(Meant { vector, ranked });
        }
        Ok(search)
    }

    /// Reads a query as [`Self::search`] does, without looking for what is like it.
    pub(crate) fn query(
        &self,
        text: &str,
        tagger: &dyn Tagger,
        framework: &Framework,
    ) -> Result<Query, StudyError> {
        Names::new(self, tagger, &model_key(tagger), framework).query_with_saved(text)
    }

    /// Makes a study that lags behind its record searchable: tags must be
    /// there, caches are repaired.
    ///
    /// # Errors
    /// [`StudyError::NotTagged`], or if the caches cannot be written.
    pub fn prepare_search(
        &self,
        tagger: &dyn Tagger,
        progress: &dyn Progress,
    ) -> Result<(), StudyError> {
        self.require_tags(tagger)?;
        self.refresh_caches(tagger, progress)?;
        Ok(())
    }
}

impl Search<'_> {
    /// One page of the results.
    ///
    /// # Errors
    /// [`StudyError::NoCursor`], or if record or index cannot be read.
    pub fn page(&self, request: &PageRequest<'_>) -> Result<FoundPage, StudyError> {
        let asked = self.asked(request.sort);
        let (listing, from) = match request.start {
            Start::Offset(from) => {
                let most = from.saturating_add(request.limit);
                (self.list(&self.matching, request.sort, most)?, from)
            }
            Start::After(text) => {
                let cursor = cursor::read(text).filter(|cursor| cursor.asked == asked);
                let cursor = cursor.ok_or_else(|| StudyError::NoCursor(text.to_owned()))?;
                self.list_after(&cursor, request)?
            }
        };
        let hits = listing.listed.get(from..).unwrap_or_default();
        let hits = hits.get(..request.limit).unwrap_or(hits);
        Ok(FoundPage {
            total: listing.total,
            found: self.found(hits, from + 1, request.context, asked)?,
            more: ((from + hits.len()) as u64) < listing.total && !hits.is_empty(),
        })
    }

    /// Every passage that matches, ascending.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn ids(&self) -> Result<Vec<PassageId>, StudyError> {
        Ok(self.index.ids(&self.matching)?)
    }

    /// What the query could have been meant to say, where words of it are said by
    /// nobody: the nearest that somebody says in their place, as it could be typed.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn suggestion(&self) -> Result<Option<String>, StudyError> {
        let respelt = self.index.respelt(&self.query)?;
        Ok(respelt.map(|query| query.to_string()))
    }

    /// True if nobody says one of the query's plain words: all that is found says
    /// them in others.
    #[must_use]
    pub fn is_by_meaning_alone(&self) -> bool {
        let ranked = self.meant.as_ref().map(|meant| &meant.ranked);
        self.query.meaning().is_none()
            && ranked.is_some_and(|all| !all.is_empty() && all.iter().all(|one| !one.by_words))
    }

    fn asked(&self, sort: Sort) -> u32 {
        let framework = &self.placer.framework().id;
        cursor::asked(&self.query.to_string(), framework, sort)
    }

    /// The first `most` hits of the query, or of one that narrows it.
    fn list(&self, query: &Query, sort: Sort, most: usize) -> Result<Listing, StudyError> {
        let Some(meant) = self.meant.as_ref().filter(|_| sort == Sort::Relevance) else {
            return Ok(self.index.list(query, sort, most)?);
        };
        let within = self.index.ids(query)?;
        let ranked = meant.ranked.iter();
        let hits = ranked.filter(|quote| within.binary_search(&quote.id).is_ok());
        let listed = hits.map(|quote| Listed {
            id: quote.id,
            key: SortKey::Relevance {
                every_word: false,
                score: quote.score,
            },
        });
        Ok(Listing {
            total: within.len() as u64,
            listed: listed.take(most).collect(),
        })
    }

    /// The hits up to the end of the page after `cursor`, and where the page
    /// begins among them.
    fn list_after(
        &self,
        cursor: &Cursor,
        request: &PageRequest<'_>,
    ) -> Result<(Listing, usize), StudyError> {
        let sort = request.sort;
        let mut most = request.limit.saturating_mul(2).max(100);
        loop {
            let listing = self.list(&self.matching, sort, most)?;
            let from = listing
                .listed
                .partition_point(|hit| sort.compare(hit, &cursor.hit).is_le());
            let are_all = listing.listed.len() < most;
            if are_all || listing.listed.len() - from >= request.limit {
                return Ok((listing, from));
            }
            most = most.saturating_mul(2);
        }
    }

    /// What is like what the query says, within its conditions.
    fn likeness(&self) -> Result<Option<Meant>, StudyError> {
        let Some(meaning) = self.query.meaning() else {
            return Ok(None);
        };
        let vector = match meaning {
            Meaning::Like(words) => self.tagger.embed(&[words.as_str()])?.pop(),
            Meaning::Near(id) => {
                let vectors = self.study.store.vectors(&self.model, &[*id])?;
                vectors.into_iter().next().flatten()
            }
        };
        let vector = vector
            .filter(|vector| !is_zero(vector))
            .ok_or_else(|| StudyError::NoMeaning(meaning.to_string()))?;
        let file = self.study.vector_file()?;
        let within: Vec<PassageId> = self.index.ids(&self.query)?;
        let near = file.nearest_among(&vector, MOST_ALIKE + 1, &file.positions(&within));
        let is_itself = |near: &Neighbour| *meaning == Meaning::Near(near.id);
        let ranked = near
            .into_iter()
            .filter(|near| near.cosine >= LEAST_NEAR && !is_itself(near))
            .take(MOST_ALIKE)
            .map(|near| RankedQuote {
                id: near.id,
                score: near.cosine,
                by_words: false,
            })
            .collect();
        Ok(Some(Meant { vector, ranked }))
    }
}
