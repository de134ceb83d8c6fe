//! The fields of the index for a search server, where one machine is outgrown.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use throughline_core::{Framework, PassageId, Role, Sentiment, SourceKind, Touchpoint};
use throughline_index::Quote;
use throughline_nlp::Tagger;
use throughline_store::PassageRow;

use crate::caches::quote_of;
use crate::plumbing::write_line;
use crate::walking::walk;
use crate::{Placer, Study, StudyError, model_key};

/// How an index of Quickwit is to be made for what [`Study::export_quickwit`]
/// writes.
const MAPPING: &str = include_str!("quickwit.yaml");

/// A tagged passage as a search server takes it in: what the query language can
/// ask for, under the same names.
#[derive(Debug, Serialize)]
struct Exported<'r> {
    passage: PassageId,
    text: &'r str,
    /// The same words again, since a field is indexed in one way only.
    exact: &'r str,
    doc: &'r str,
    start: u64,
    end: usize,
    kind: SourceKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<&'r str>,
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    participant: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lang: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<f64>,
    moment: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'r str>,
    sentiment: Sentiment,
    pain: bool,
    touchpoint: Touchpoint,
}

impl Study {
    /// Writes every tagged passage for an index of Quickwit into `folder`, which is
    /// made if it is missing: `index.yaml`, the doc mapping, with the two commands
    /// that load it, and `quotes.ndjson`. Quickwit has no vectors of passages, so
    /// that a search there is by words and conditions; a stage is the one in
    /// `framework`, as it is now. Returns how many passages were written.
    ///
    /// # Errors
    /// If the record cannot be read or the folder cannot be written.
    pub fn export_quickwit(
        &self,
        folder: &Path,
        tagger: &dyn Tagger,
        framework: &Framework,
    ) -> Result<u64, StudyError> {
        self.require_tags(tagger)?;
        fs::create_dir_all(folder).map_err(StudyError::io(folder))?;
        let mapping = folder.join("index.yaml");
        fs::write(&mapping, MAPPING).map_err(StudyError::io(&mapping))?;
        let path = folder.join("quotes.ndjson");
        let file = File::create(&path).map_err(StudyError::io(&path))?;
        let mut out = BufWriter::new(file);
        let model = model_key(tagger);
        let placer = Placer::new(framework, tagger)?;
        let nearest = placer.nearest(&self.store, &model)?;
        let mut written = 0;
        let passages = |f: &mut dyn FnMut(_) -> _| self.store.each_passage(Some(&model), f);
        walk(passages, |row: PassageRow| {
            let place = row.tags.as_ref().and_then(|tags| {
                let place = placer.place_nearest(tags, nearest.get(&row.id).copied());
                place.ok()
            });
            let end = row.span.end;
            let Some(quote) = quote_of(row) else {
                return Ok(());
            };
            let stage = place.map(|stage| stage.id.as_str());
            written += 1;
            write_line(&mut out, &exported(&quote, end, stage))
        })?;
        out.flush().map_err(StudyError::io(&path))?;
        Ok(written)
    }
}

fn exported<'q>(quote: &'q Quote, end: usize, stage: Option<&'q str>) -> Exported<'q> {
    Exported {
        passage: quote.id,
        text: &quote.text,
        exact: &quote.text,
        doc: &quote.document,
        start: quote.start,
        end,
        kind: quote.kind,
        speaker: quote.speaker.as_deref(),
        role: quote.role,
        participant: quote.participant.as_deref(),
        product: quote.product.as_deref(),
        question: quote.question.as_deref(),
        lang: quote.language.as_deref(),
        date: quote.date.map(|date| format!("{date}T00:00:00Z")),
        rating: quote.rating,
        moment: if quote.unclear {
            "unclear"
        } else {
            quote.moment.as_str()
        },
        stage,
        sentiment: quote.sentiment,
        pain: quote.pain,
        touchpoint: quote.touchpoint,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Inputs, Silent};
    use throughline_nlp::RtenTagger;

    #[test]
    fn every_passage_is_written_with_no_field_that_the_mapping_does_not_have() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("reviews.csv");
        let rows = "id,date,rating,product,author,text\n1,2025-03-02,2,Kettle,Ana,\
                    It arrived late and the lid was broken.\n2,,,,,It boils water.\n";
        fs::write(&file, rows).unwrap();
        let mut study = Study::create(&folder.path().join("study")).unwrap();
        let options = study.ingest_options(&[]).unwrap();
        let inputs = Inputs {
            arguments: &[file],
            except: &[],
        };
        study.add(inputs, &options, &Silent).unwrap();
        let tagger = RtenTagger::embedded().unwrap();
        study.tag(&tagger, &Silent).unwrap();
        let out = folder.path().join("quickwit");
        let framework = study.framework(None).unwrap();
        assert_eq!(study.export_quickwit(&out, &tagger, framework).unwrap(), 2);

        let mapping = fs::read_to_string(out.join("index.yaml")).unwrap();
        let names = mapping
            .lines()
            .filter_map(|line| line.split_once("name: ")?.1.split_once(','));
        let names: BTreeSet<&str> = names.map(|(name, _)| name).collect();
        let quotes = fs::read_to_string(out.join("quotes.ndjson")).unwrap();
        let mut used = BTreeSet::new();
        for line in quotes.lines() {
            let quote: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(line).unwrap();
            assert_eq!(quote["text"], quote["exact"]);
            used.extend(quote.keys().cloned());
        }
        assert!(
            used.iter().all(|name| names.contains(name.as_str())),
            "{used:?}"
        );
        assert!(
            quotes.contains("\"date\":\"2025-03-02T00:00:00Z\""),
            "{quotes}"
        );
    }
}
