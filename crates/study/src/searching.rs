//! Words, fields and ranges over the tagged quotes of a study.

use std::cell::RefCell;
use std::ops::{ControlFlow, Range};

use serde::{Deserialize, Serialize};
use throughline_core::{
    Date, Framework, Moment, NoStage, PassageId, Role, Sentiment, SourceKind, Touchpoint,
};
use throughline_index::{Members, Page, Query};
use throughline_nlp::Tagger;
use throughline_store::ModelKey;

use crate::study::model_key;
use crate::{Placer, Progress, Study, StudyError};

/// One quote that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// Place among all results, from 1.
    pub rank: u64,
    /// Names the passage.
    pub passage: PassageId,
    /// The file, and for a row of a table `file#id`.
    pub doc: String,
    /// What kind of source it is.
    pub kind: SourceKind,
    /// The exact words.
    pub text: String,
    /// First byte in the canonical text of the document.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Bytes of `text` that match the query's words.
    pub highlights: Vec<Range<usize>>,
    /// The speaker's label.
    pub speaker: Option<String>,
    /// The speaker's part.
    pub role: Role,
    /// Who spoke.
    pub participant: Option<String>,
    /// Start of the turn in milliseconds.
    pub start_ms: Option<u64>,
    /// The day of the document.
    pub date: Option<Date>,
    /// The rating of the document.
    pub rating: Option<f64>,
    /// The moment.
    pub moment: Moment,
    /// The stage in the framework asked for; null with a reason in `no_stage`.
    pub stage: Option<String>,
    /// Why there is no stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_stage: Option<NoStage>,
    /// The speaker's evaluation.
    pub sentiment: Sentiment,
    /// Whether a pain point is stated.
    pub pain: bool,
    /// The touchpoint.
    pub touchpoint: Touchpoint,
    /// BM25 score; quotes that match equally well are ordered by passage id.
    pub score: f32,
}

/// A page of results.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundPage {
    /// How many quotes match in all.
    pub total: u64,
    /// The quotes of this page.
    pub found: Vec<Found>,
}

impl Study {
    /// Looks for quotes, best first. The caches must be current
    /// ([`Study::refresh_caches`]); `framework` expands `stage:`.
    ///
    /// # Errors
    /// If the query cannot be understood, with the column and a hint.
    pub fn search(
        &self,
        query: &str,
        tagger: &dyn Tagger,
        framework: &Framework,
        page: Page,
    ) -> Result<FoundPage, StudyError> {
        let model = &model_key(tagger);
        let placer = Placer::new(framework, tagger)?;
        let query = self.query(query, model, &placer)?;
        let results = self.index()?.search(&query, &page)?;
        let mut found = Vec::new();
        for (number, hit) in results.hits.into_iter().enumerate() {
            let Some(row) = self.store.passage(Some(model), hit.id)? else {
                continue;
            };
            let Some(tags) = row.tags else { continue };
            let vector = self.store.vectors(model, &[hit.id])?.into_iter().next();
            let place = placer.place(&tags, vector.flatten().as_ref());
            found.push(Found {
                rank: (page.offset + number + 1) as u64,
                passage: hit.id,
                doc: row.document.to_string(),
                kind: row.kind,
                text: row.text,
                start: row.span.start,
                end: row.span.end,
                highlights: hit.highlights,
                speaker: row.speaker,
                role: row.role,
                participant: row.participant.map(|id| id.to_string()),
                start_ms: row.start_ms,
                date: row.date,
                rating: row.rating,
                moment: tags.moment.label,
                stage: place.ok().map(|stage| stage.id.clone()),
                no_stage: place.err(),
                sentiment: tags.sentiment.label,
                pain: tags.pain.label,
                touchpoint: tags.touchpoint.label,
                score: hit.score,
            });
        }
        Ok(FoundPage {
            total: results.total,
            found,
        })
    }

    /// Reads a query. What a stage holds that is told by exemplars is looked up
    /// only where the query asks for one.
    pub(crate) fn query(
        &self,
        text: &str,
        model: &ModelKey,
        placer: &Placer<'_>,
    ) -> Result<Query, StudyError> {
        let framework = placer.framework();
        if !framework.is_by_exemplars() {
            let stages = |word: &str| Some(Members::Moments(framework.find(word)?.all_moments()));
            return Ok(Query::parse(text, &stages)?);
        }
        let failure = RefCell::new(None);
        let members = |word: &str| {
            let stage = framework.find(word)?;
            match self.passages_of(&stage.id, model, placer) {
                Ok(passages) => Some(Members::Passages(passages)),
                Err(error) => {
                    *failure.borrow_mut() = Some(error);
                    None
                }
            }
        };
        let query = Query::parse(text, &members);
        match failure.into_inner() {
            Some(error) => Err(error),
            None => Ok(query?),
        }
    }

    /// Every passage of one stage, whoever spoke it.
    fn passages_of(
        &self,
        stage: &str,
        model: &ModelKey,
        placer: &Placer<'_>,
    ) -> Result<Vec<PassageId>, StudyError> {
        let nearest = placer.nearest(&self.store, model)?;
        let mut passages = Vec::new();
        self.store.each_passage(Some(model), &mut |row| {
            let place = row.tags.map(|tags| {
                let nearest = nearest.get(&row.id).copied();
                placer.place_nearest(&tags, nearest)
            });
            if matches!(place, Some(Ok(found)) if found.id == stage) {
                passages.push(row.id);
            }
            ControlFlow::Continue(())
        })?;
        Ok(passages)
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
