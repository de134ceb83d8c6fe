use std::fmt::Display;

use serde::Serialize;

use crate::data::{Quote, Reason};
use crate::{numbers, words};

/// Why one tag was given.
#[derive(Debug, Serialize)]
pub(crate) struct WhyView {
    pub(crate) tag: &'static str,
    /// `delivery 83%, then use 10%`.
    pub(crate) labels: String,
    /// What the label would have without each.
    pub(crate) without: Vec<WithoutView>,
    /// The same without what was asked or said before; or nothing.
    pub(crate) alone: Option<String>,
}

/// Words that carried a tag.
#[derive(Debug, Serialize)]
pub(crate) struct WithoutView {
    /// The exact words.
    pub(crate) text: String,
    /// The label's probability without them.
    pub(crate) left: String,
}

/// Why a quote has its tags, one item a tag; nothing where it is not known.
pub(crate) fn why(quote: &Quote) -> Vec<WhyView> {
    let Some(reasons) = &quote.why else {
        return Vec::new();
    };
    let pain = |pain: bool| if pain { "yes" } else { "no" };
    let all = [
        ("moment", one("Moment", &reasons.moment, |label| label)),
        (
            "sentiment",
            one("Sentiment", &reasons.sentiment, words::sentiment),
        ),
        ("pain", one("Pain", &reasons.pain, pain)),
        (
            "touchpoint",
            one("Touchpoint", &reasons.touchpoint, words::touchpoint),
        ),
    ];
    // What moved the model does not explain what a person or another head decided.
    let by_model = |(tag, _): &(&str, WhyView)| {
        let mut others = quote.corrected.iter().chain(&quote.adapted);
        !others.any(|one| one == tag)
    };
    let all = all.into_iter().filter(by_model);
    all.map(|(_, why)| why).collect()
}

fn one<T: Copy, W: Display>(
    tag: &'static str,
    reason: &Reason<T>,
    word: impl Fn(T) -> W,
) -> WhyView {
    let percent = |share: f32| numbers::percent(f64::from(share));
    let left = |drop: f32| percent((reason.confidence - drop).max(0.0));
    let mut labels = format!("{} {}", word(reason.label), percent(reason.confidence));
    if let (Some(label), Some(share)) = (reason.runner_up, reason.runner_up_confidence) {
        labels.push_str(&format!(", then {} {}", word(label), percent(share)));
    }
    let without = reason.words.iter().map(|carrier| WithoutView {
        text: carrier.text.clone(),
        left: left(carrier.drop),
    });
    WhyView {
        tag,
        labels,
        without: without.collect(),
        alone: reason.context_drop.map(left),
    }
}
