//! Words, meaning, tags and ranges over the tagged quotes of a study.
//!
//! [`Study::search`] understands a query and gives a [`Search`], which answers
//! for it: pages of quotes ([`Search::page`]), counts over all of them
//! ([`Search::facets`]), the best of each group ([`Search::groups`]), and what
//! could have been meant where there are none ([`Search::suggestion`]).

mod cursor;
mod facets;
mod found;
mod meant;
mod names;

use std::sync::Arc;

use throughline_core::{Framework, PassageId, PlaceSet};
use throughline_index::{Listing, Meaning, Query, Sort};
use throughline_nlp::Tagger;
use throughline_store::ModelKey;

use crate::layouts::Layouts;
use crate::placing::is_zero;
use crate::study::model_key;
use crate::{Placer, Progress, Study, StudyError};
use cursor::Cursor;
pub use facets::{Facet, FacetCount, FacetCounts, Group, Groups};
pub use found::{Context, Found, TurnWords};
use meant::{Meant, Said};
use names::Names;

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
    layouts: Arc<Layouts>,
    /// As it was typed.
    query: Query,
    /// What matches: the query, and for its plain words what says the same.
    matching: Query,
    meant: Option<Meant>,
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
            layouts: self.layouts()?,
            meant: None,
            matching: query.clone(),
            model,
            query,
        };
        if let Some(meant) = search.likeness()? {
            let alike = meant.alike(&search.layouts);
            search.query = search.query.with_nearest(alike);
            search.matching = search.query.clone();
            search.meant = Some(meant);
        } else if let Some(plain) = search.query.plain() {
            let text = plain.text();
            // Neither waits for the other.
            let layouts = &*search.layouts;
            let (vector, said) = rayon::join(
                || tagger.embed(&[text.as_str()]),
                || Said::of(layouts, &plain),
            );
            if let Some(vector) = vector?.pop().filter(|vector| !is_zero(vector)) {
                let meant = Meant::by_words_and_meaning(layouts, said?, vector);
                let alike = meant.alike(layouts);
                search.matching = search.query.clone().or_alike(&text, alike);
                search.meant = Some(meant);
            }
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
        if !self.is_searchable(tagger)? {
            self.require_tags(tagger)?;
            self.refresh_caches(tagger, progress)?;
        }
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
                (self.list(None, request.sort, most)?, from)
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
        Ok(self.layouts.index.ids(&self.matching)?)
    }

    /// Where every passage stands that matches.
    pub(crate) fn places(&self) -> Result<PlaceSet, StudyError> {
        Ok(self.layouts.places.matching(&self.matching)?)
    }

    /// What the query could have been meant to say, where words of it are said by
    /// nobody: the nearest that somebody says in their place, as it could be typed.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn suggestion(&self) -> Result<Option<String>, StudyError> {
        let respelt = self.layouts.index.respelt(&self.query)?;
        Ok(respelt.map(|query| query.to_string()))
    }

    /// True if nobody says one of the query's plain words: all that is found says
    /// them in others.
    #[must_use]
    pub fn is_by_meaning_alone(&self) -> bool {
        let meant = self.meant.as_ref();
        self.query.meaning().is_none() && meant.is_some_and(Meant::is_by_meaning_alone)
    }

    fn asked(&self, sort: Sort) -> u32 {
        let framework = &self.placer.framework().id;
        cursor::asked(&self.query.to_string(), framework, sort)
    }

    /// The first `most` hits of the query, or of one that narrows it.
    fn list(
        &self,
        narrowed: Option<&Query>,
        sort: Sort,
        most: usize,
    ) -> Result<Listing, StudyError> {
        let Layouts { index, places, .. } = &*self.layouts;
        let Some(meant) = self.meant.as_ref().filter(|_| sort == Sort::Relevance) else {
            return Ok(index.list(narrowed.unwrap_or(&self.matching), sort, most)?);
        };
        let within = narrowed.map(|query| places.matching(query)).transpose()?;
        let total = within.as_ref().map_or(meant.len(), PlaceSet::len);
        Ok(Listing {
            total: total as u64,
            listed: meant.best(&self.layouts, within.as_ref(), most),
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
            let listing = self.list(None, sort, most)?;
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
        let itself = match meaning {
            Meaning::Like(_) => None,
            Meaning::Near(id) => Some(id),
        };
        let within = self.layouts.within(&self.query)?;
        let within = within.as_ref();
        Ok(Some(Meant::by_meaning(
            &self.layouts,
            vector,
            within,
            itself,
        )))
    }
}
