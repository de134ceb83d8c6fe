use std::path::Path;

use crate::NlpError;

/// Stages of one's own, by their definitions, without any training.
///
/// A model of natural language inference (a checkpoint folder: a BERT sequence
/// classifier with a label `entailment`) is asked of each passage and each
/// definition whether "This is about {definition}." follows from the passage
/// (Yin, Hay and Roth 2019, "Benchmarking Zero-shot Text Classification"). The
/// answers of one passage are set against each other by softmax. Needs the cargo
/// feature `torch`.
///
/// ```no_run
/// use std::path::Path;
/// use throughline_nlp::ZeroShot;
///
/// let model = ZeroShot::open(Path::new("bert-base-mnli"))?;
/// let stages = ["paying for the order", "getting the parcel"];
/// let scores = model.stages(&stages, &["The courier never rang."])?;
/// assert!(scores[0][1] > scores[0][0]);
/// # Ok::<(), throughline_nlp::NlpError>(())
/// ```
pub struct ZeroShot {
    #[cfg(feature = "torch")]
    model: crate::torch::Entailment,
    #[cfg(not(feature = "torch"))]
    model: std::convert::Infallible,
}

impl ZeroShot {
    /// The checkpoint in the folder `dir`.
    ///
    /// # Errors
    /// [`NlpError::NoTorch`] in a program without the feature `torch`; else a
    /// file that is missing or does not fit, or a model without the label
    /// `entailment`.
    #[cfg(feature = "torch")]
    pub fn open(dir: &Path) -> Result<Self, NlpError> {
        let model = crate::torch::Entailment::open(dir)?;
        Ok(Self { model })
    }

    /// The checkpoint in the folder `dir`.
    ///
    /// # Errors
    /// [`NlpError::NoTorch`]: this program was built without the feature `torch`.
    #[cfg(not(feature = "torch"))]
    pub fn open(_: &Path) -> Result<Self, NlpError> {
        Err(NlpError::NoTorch {
            what: "zero-shot stages",
        })
    }

    /// For each of `texts` the share of each of `definitions`, in their order:
    /// 0…1, 1 in sum. They are shares and not probabilities: some stage gets the
    /// largest also where none fits. A text with nothing to read gets equal
    /// shares.
    ///
    /// # Errors
    /// Where the engine itself fails; never because of what a text says.
    pub fn stages(&self, definitions: &[&str], texts: &[&str]) -> Result<Vec<Vec<f32>>, NlpError> {
        let hypotheses: Vec<String> = definitions.iter().map(|d| hypothesis(d)).collect();
        if hypotheses.is_empty() {
            return Ok(vec![Vec::new(); texts.len()]);
        }
        let logits = self.logits(texts, &hypotheses)?;
        Ok(logits.chunks(hypotheses.len()).map(shares).collect())
    }

    #[cfg(feature = "torch")]
    fn logits(&self, texts: &[&str], hypotheses: &[String]) -> Result<Vec<Option<f32>>, NlpError> {
        self.model.logits(texts, hypotheses)
    }

    #[cfg(not(feature = "torch"))]
    fn logits(&self, _: &[&str], _: &[String]) -> Result<Vec<Option<f32>>, NlpError> {
        match self.model {}
    }
}

fn hypothesis(definition: &str) -> String {
    let definition = definition.trim().trim_end_matches('.');
    format!("This is about {definition}.")
}

fn shares(logits: &[Option<f32>]) -> Vec<f32> {
    let read = || logits.iter().map(|logit| logit.unwrap_or(0.0));
    let largest = read().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = read().map(|logit| (logit - largest).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_nothing_to_read_gets_equal_ones() {
        assert_eq!(shares(&[None, None]), [0.5, 0.5]);
        let three = shares(&[Some(3.0_f32.ln()), Some(0.0), Some(0.0)]);
        assert!((three[0] - 0.6).abs() < 1e-6, "{three:?}");
    }

    #[test]
    fn a_definition_becomes_a_sentence() {
        assert_eq!(hypothesis(" Paying. "), "This is about Paying.");
    }

    #[cfg(not(feature = "torch"))]
    #[test]
    fn without_the_engine_the_error_says_how_to_get_it() {
        let error = ZeroShot::open(Path::new("any")).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("--features torch"), "{error}");
    }
}
