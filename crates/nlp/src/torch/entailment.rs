use std::path::Path;

use rayon::prelude::*;

use super::checkpoint::{Folder, engine, misfit};
use super::config::CONFIG;
use super::nets::{Net, Nets, threads};
use super::reader::Reader;
use crate::NlpError;

/// The label that is looked for in `id2label`, in any case of letters.
const ENTAILMENT: &str = "entailment";

/// A checkpoint that says whether one text follows from another.
pub(crate) struct Entailment {
    name: String,
    reader: Reader,
    nets: Nets,
    /// The class that means that it follows.
    class: usize,
}

impl Entailment {
    /// The checkpoint in the folder `dir`: a BERT sequence classifier whose
    /// `config.json` names a label `entailment`.
    ///
    /// # Errors
    /// As [`super::Checkpoint::open`], and if there is no such label.
    pub(crate) fn open(dir: &Path) -> Result<Self, NlpError> {
        let folder = Folder::read(dir)?;
        let labels = &folder.config.id2label;
        let class = labels
            .values()
            .position(|label| label.eq_ignore_ascii_case(ENTAILMENT))
            .ok_or_else(|| {
                let known: Vec<&str> = labels.values().map(String::as_str).collect();
                NlpError::BadManifest {
                    path: dir.join(CONFIG),
                    problem: format!(
                        "'id2label' has no '{ENTAILMENT}' but {known:?}; zero-shot stages need \
                         a model trained on natural language inference"
                    ),
                }
            })?;
        let nets = Nets::new(threads(), || {
            Net::classifier(&folder.config, &folder.weights)
                .map_err(|problem| misfit(&folder.name, folder.weights_file, problem))
        })?;
        Ok(Self {
            name: folder.name,
            reader: folder.reader,
            nets,
            class,
        })
    }

    /// The logit of entailment of each hypothesis by each text, text by text;
    /// `None` where there is nothing to read in the text.
    pub(crate) fn logits(
        &self,
        texts: &[&str],
        hypotheses: &[String],
    ) -> Result<Vec<Option<f32>>, NlpError> {
        let pairs: Vec<(&str, &String)> = texts
            .iter()
            .flat_map(|text| hypotheses.iter().map(|hypothesis| (*text, hypothesis)))
            .collect();
        let readings = pairs
            .par_iter()
            .map(|(text, hypothesis)| self.reader.pair(text, hypothesis))
            .collect::<Result<Vec<_>, _>>()?;
        self.nets.map(&readings, |net, reading| {
            let Some(reading) = reading else {
                return Ok(None);
            };
            let logits = net
                .read(reading)
                .map_err(|problem| engine(&self.name, reading, problem))?;
            Ok(logits.get(self.class).copied())
        })
    }
}
