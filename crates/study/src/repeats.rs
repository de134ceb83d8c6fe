//! Documents of a study that say what another one says already.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use throughline_core::SourceKind;
use throughline_ingest::{Duplicate, Duplicates, Occasion, Wording};
use throughline_store::PassageRow;

use crate::{Study, StudyError};

/// Gathers what participants say, document by document. Only their words count:
/// the same guide read out to two people does not make one interview of two.
#[derive(Default)]
pub(crate) struct Repeats {
    all: Duplicates,
    open: Option<(Arc<str>, Wording, Occasion)>,
}

impl Repeats {
    /// Takes in a passage; those of one document come one after another.
    pub(crate) fn take(&mut self, row: &PassageRow) {
        if row.heading || !row.role.is_evidence() {
            return;
        }
        match &mut self.open {
            Some((name, wording, _)) if *name == row.document => wording.add(&row.text),
            _ => {
                self.close();
                let mut wording = Wording::default();
                wording.add(&row.text);
                // A label in a conversation is no author: "P1" is somebody else
                // in the next one.
                let author = row.speaker.clone();
                let occasion = Occasion {
                    author: author.filter(|_| row.kind != SourceKind::Interview),
                    date: row.date,
                    product: row.product.clone(),
                    question: row.question.clone(),
                };
                self.open = Some((row.document.clone(), wording, occasion));
            }
        }
    }

    fn close(&mut self) {
        if let Some((name, wording, occasion)) = self.open.take() {
            self.all.add(&name, wording, occasion);
        }
    }

    /// The documents that repeat another, in order of name.
    pub(crate) fn find(mut self) -> Vec<Duplicate> {
        self.close();
        self.all.find()
    }
}

impl Study {
    /// Documents that say what another one says already, and which, by name.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn duplicates(&self) -> Result<BTreeMap<String, String>, StudyError> {
        let mut repeats = Repeats::default();
        self.store.each_passage(None, &mut |row| {
            repeats.take(&row);
            ControlFlow::Continue(())
        })?;
        let found = repeats.find().into_iter();
        Ok(found.map(|one| (one.document, one.of)).collect())
    }
}
