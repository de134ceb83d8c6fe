//! Index and vectors side by side, passages in one order.

use std::sync::Arc;

use throughline_core::PlaceSet;
use throughline_index::{Index, IndexError, Places, Query};
use throughline_vectors::VectorFile;

use crate::{Study, StudyError};

/// The index and the vectors of one state of a study, and the places that they
/// share: those of the vectors, which stand in the order of passage ids.
pub(crate) struct Layouts {
    /// The record's generation that they stand for.
    pub(crate) generation: u64,
    pub(crate) index: Index,
    pub(crate) vectors: VectorFile,
    pub(crate) places: Arc<Places>,
}

impl Layouts {
    fn open(study: &Study) -> Result<Self, StudyError> {
        let index = study.index()?;
        let vectors = study.vector_file()?;
        let places = index.places(vectors.len(), &|ids| vectors.positions(ids))?;
        Ok(Self {
            generation: index.generation()?,
            places: Arc::new(places),
            index,
            vectors,
        })
    }

    /// Where the conditions of a query hold; `None` for everywhere.
    pub(crate) fn within(&self, query: &Query) -> Result<Option<PlaceSet>, IndexError> {
        if *query == Query::all() {
            return Ok(None);
        }
        self.places.matching(query).map(Some)
    }
}

impl Study {
    /// Index and vectors, which [`Study::refresh_caches`] has made current. They
    /// are opened once and kept until the record or they have changed, so that
    /// only the first of many searches waits for it.
    pub(crate) fn layouts(&self) -> Result<Arc<Layouts>, StudyError> {
        let mut kept = self.layouts.borrow_mut();
        if let Some(layouts) = kept.as_ref()
            && layouts.generation == self.store.generation()?
        {
            return Ok(Arc::clone(layouts));
        }
        let layouts = Arc::new(Layouts::open(self)?);
        *kept = Some(Arc::clone(&layouts));
        Ok(layouts)
    }

    /// Lets go of what [`Self::layouts`] keeps, before it is written anew.
    pub(crate) fn close_layouts(&self) {
        self.layouts.take();
    }
}
