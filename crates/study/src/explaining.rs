//! Why quoted passages have their tags.

use std::collections::{BTreeMap, BTreeSet};

use throughline_core::{Explanation, PassageId, input_hash};
use throughline_nlp::{EXPLAIN_METHOD, TagInput, Tagger, explain};
use throughline_report::{Quote, Reasons, Report};
use throughline_store::ModelKey;

use crate::own_heads::{OwnHeads, adapted_kinds};
use crate::study::model_key;
use crate::{Progress, Step, Study, StudyError};

impl Study {
    /// Says of every quote of `report` why it has its tags. What the record
    /// knows is not found out again, and what is found out now is kept.
    pub(crate) fn explain_quotes(
        &mut self,
        tagger: &dyn Tagger,
        report: &mut Report,
        progress: &dyn Progress,
    ) -> Result<(), StudyError> {
        let ids: BTreeSet<PassageId> = report.quotes_mut().map(|quote| quote.passage).collect();
        let explanations = self.explanations(tagger, ids, progress)?;
        let corrections = self.store.corrections()?;
        let model = model_key(tagger);
        let has_heads = self.heads_in_force(&model)? != OwnHeads::default();
        for quote in report.quotes_mut() {
            let found = explanations.get(&quote.passage);
            quote.why = found.map(|why| Reasons::of(why, &quote.text, quote.start));
            let decided = corrections.get(&quote.passage);
            let decided = decided.map(|one| one.kinds()).unwrap_or_default();
            quote.corrected = decided.into_iter().map(str::to_owned).collect();
            if has_heads {
                quote.adapted = self.adapted_kinds(&model, quote)?;
            }
        }
        Ok(())
    }

    /// The tags of a quote that the study's own heads set, and no person.
    fn adapted_kinds(&self, model: &ModelKey, quote: &Quote) -> Result<Vec<String>, StudyError> {
        let row = self.store.passage(Some(model), quote.passage)?;
        let tags = row.and_then(|row| row.machine_tags.zip(row.adapted_tags));
        let kinds = tags.map(|(machine, adapted)| adapted_kinds(&machine, &adapted));
        let kinds = kinds.unwrap_or_default().into_iter().map(str::to_owned);
        Ok(kinds
            .filter(|kind| !quote.corrected.contains(kind))
            .collect())
    }

    fn explanations(
        &mut self,
        tagger: &dyn Tagger,
        ids: BTreeSet<PassageId>,
        progress: &dyn Progress,
    ) -> Result<BTreeMap<PassageId, Explanation>, StudyError> {
        let model = model_key(tagger);
        let ids: Vec<PassageId> = ids.into_iter().collect();
        let known = self.store.explanations(&model, EXPLAIN_METHOD, &ids)?;
        let mut explanations = BTreeMap::new();
        let mut missing = Vec::new();
        for (id, known) in ids.into_iter().zip(known) {
            match known {
                Some(why) => {
                    explanations.insert(id, why);
                }
                None => missing.extend(self.store.passage(None, id)?),
            }
        }
        if missing.is_empty() {
            return Ok(explanations);
        }
        progress.begin(Step::Explaining, Some(missing.len() as u64));
        let inputs: Vec<TagInput<'_>> = missing
            .iter()
            .map(|row| TagInput {
                text: &row.text,
                context: row.context.as_deref(),
            })
            .collect();
        let found: Vec<_> = missing
            .iter()
            .zip(explain(tagger, &inputs)?)
            .map(|(row, why)| {
                let input = input_hash(&row.text, row.context.as_deref());
                (row.id, input, why)
            })
            .collect();
        self.store
            .put_explanations(&model, EXPLAIN_METHOD, &found)?;
        progress.advance(found.len() as u64);
        progress.end();
        explanations.extend(found.into_iter().map(|(id, _, why)| (id, why)));
        Ok(explanations)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use throughline_core::{Tagged, Vector};
    use throughline_nlp::{Distributions, ModelInfo, NlpError, RtenTagger};

    use super::*;
    use crate::{Inputs, Silent};

    /// The default model, with its readings for explanations counted.
    struct Counting(RtenTagger, AtomicUsize);

    impl Tagger for Counting {
        fn model(&self) -> &ModelInfo {
            self.0.model()
        }

        fn tag(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Tagged>, NlpError> {
            self.0.tag(inputs)
        }

        fn distributions(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Distributions>, NlpError> {
            self.1.fetch_add(inputs.len(), Ordering::Relaxed);
            self.0.distributions(inputs)
        }

        fn embed(&self, texts: &[&str]) -> Result<Vec<Vector>, NlpError> {
            self.0.embed(texts)
        }
    }

    #[test]
    fn quotes_are_explained_once_and_by_their_own_words() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("reviews.csv");
        let rows = "id,text\n1,The parcel came two weeks late.\n2,I would buy it again.\n";
        std::fs::write(&source, rows).unwrap();
        let mut study = Study::create(&folder.path().join("study")).unwrap();
        let options = study.ingest_options(&[]).unwrap();
        let inputs = Inputs {
            arguments: &[source],
            except: &[],
        };
        study.add(inputs, &options, &Silent).unwrap();
        let tagger = Counting(RtenTagger::embedded().unwrap(), AtomicUsize::new(0));
        study.tag(&tagger, &Silent).unwrap();
        let framework = study.framework(None).unwrap().clone();
        let mut compose = || {
            let report = study.compose(&tagger, &framework, &[], &Silent).unwrap();
            (report, tagger.1.swap(0, Ordering::Relaxed))
        };
        let (mut first, readings) = compose();
        let mut quotes = 0;
        for quote in first.quotes_mut() {
            quotes += 1;
            let why = quote.why.as_ref().unwrap();
            assert_eq!(why.moment.label, quote.moment);
            assert_eq!(why.sentiment.label, quote.sentiment);
            assert_eq!(why.pain.label, quote.pain);
            assert_eq!(why.touchpoint.label, quote.touchpoint);
            for words in &why.moment.words {
                let place = words.start - quote.start..words.end - quote.start;
                assert_eq!(quote.text.get(place), Some(words.text.as_str()));
            }
        }
        assert!(quotes > 0 && readings > quotes);
        let (second, readings) = compose();
        assert_eq!(readings, 0);
        assert_eq!(first, second);
    }
}
