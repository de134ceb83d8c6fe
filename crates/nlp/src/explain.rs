//! Why a passage has its tags, by leaving words out and reading again.

mod units;

use throughline_core::{Carrier, Explanation, Scored, Span, Why};

use crate::{Distributions, NlpError, TagInput, Tagger};

/// Raised whenever [`explain`] would explain the same reading differently, so
/// that nobody keeps what an earlier program found.
pub const EXPLAIN_METHOD: u32 = 1;

/// Words named for one tag, at most.
const MOST_CARRIERS: usize = 5;
/// The least that words must carry to be named: five points of probability.
const FLOOR: f32 = 0.05;
/// And this part of what the heaviest carry: below it words differ by chance.
const BESIDE_HEAVIEST: f32 = 0.5;
/// Bytes of a passage in which words are tried: its first ones. A model of 256
/// tokens reads some 1,200 bytes of ordinary text.
const MAX_BYTES: usize = 4096;

/// Explains the tags of `inputs`, in their order: the next likely label of each,
/// and the words that carried it.
///
/// Each word of a passage is left out in turn and the rest is read again
/// (occlusion; Zeiler and Fergus 2014, section 3.1; for text Li, Monroe and
/// Jurafsky 2016, "Understanding neural networks through representation
/// erasure"). What the label's probability loses is what the word carried: at
/// least five points, and half as much as the heaviest word, to be named; five
/// words at most. Articles, pronouns and their like are not tried by themselves.
/// Where more than 24 words would have to be tried, neighbours within a clause are
/// left out together. Once more the passage is read without its context.
///
/// Where several words say the same none of them carries it alone. So each clause
/// is left out too (eight at most, of more neighbours together), and clauses are
/// named where no word can be. A tag that every clause would give by itself has
/// nothing named. What carried a tag is what moved this model, which need not be
/// what the speaker meant by it.
///
/// **Cost**: all readings of all passages go to the tagger in one call, at most
/// 34 for each passage (33 without context), about 20 for one of 27 words. Answers are the same bytes whatever the company, as the tagger's are.
///
/// # Errors
/// As [`Tagger::distributions`].
///
/// ```
/// use throughline_nlp::{RtenTagger, TagInput, explain};
///
/// let tagger = RtenTagger::embedded()?;
/// let text = "The courier left my parcel in the rain.";
/// let input = TagInput { text, context: None };
/// let why = explain(&tagger, &[input])?.remove(0);
/// let words: Vec<_> = why.moment.words.iter().filter_map(|w| w.span.slice(text)).collect();
/// assert!(words.contains(&"courier"));
/// assert_ne!(why.moment.runner_up.map(|other| other.label), Some(why.moment.answer.label));
/// # Ok::<(), throughline_nlp::NlpError>(())
/// ```
pub fn explain(tagger: &dyn Tagger, inputs: &[TagInput<'_>]) -> Result<Vec<Explanation>, NlpError> {
    let trials: Vec<Trial<'_>> = inputs.iter().map(Trial::of).collect();
    let readings: Vec<TagInput<'_>> = trials.iter().flat_map(Trial::readings).collect();
    let mut answers = tagger.distributions(&readings)?.into_iter();
    let explanations = trials.iter().map(|trial| {
        let whole = answers.next()?;
        let alone = match trial.has_context() {
            true => Some(answers.next()?),
            false => None,
        };
        let mut without = |spans: &[Span]| {
            let answers = answers.by_ref().take(spans.len());
            spans.iter().copied().zip(answers).collect()
        };
        let units = without(&trial.units);
        let stretches = without(&trial.stretches);
        let answers = Answers {
            whole,
            alone,
            units,
            stretches,
        };
        answers.explanation()
    });
    explanations
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| NlpError::Misfit {
            model: tagger.model().name.clone(),
            file: "heads".to_owned(),
            problem: "a passage was given no answer".to_owned(),
        })
}

/// A passage and what is to be left out of it.
struct Trial<'a> {
    input: TagInput<'a>,
    units: Vec<Span>,
    stretches: Vec<Span>,
    texts: Vec<String>,
}

impl<'a> Trial<'a> {
    fn of(input: &TagInput<'a>) -> Self {
        let end = input.text.floor_char_boundary(MAX_BYTES);
        let head = input.text.get(..end).unwrap_or_default();
        let (units, stretches) = (units::units(head), units::stretches(head));
        let left_out = units.iter().chain(&stretches);
        Self {
            input: *input,
            texts: left_out.map(|span| without(head, *span)).collect(),
            units,
            stretches,
        }
    }

    fn has_context(&self) -> bool {
        self.input
            .context
            .is_some_and(|text| !text.trim().is_empty())
    }

    /// The passage as it is, without its context, without each unit and without
    /// each stretch.
    fn readings(&self) -> impl Iterator<Item = TagInput<'_>> {
        let alone = self.has_context().then_some(TagInput {
            context: None,
            ..self.input
        });
        let shortened = self.texts.iter().map(|text| TagInput {
            text,
            context: self.input.context,
        });
        std::iter::once(self.input).chain(alone).chain(shortened)
    }
}

fn without(text: &str, unit: Span) -> String {
    let before = text.get(..unit.start).unwrap_or_default();
    let after = text.get(unit.end..).unwrap_or_default();
    [before, after].concat()
}

/// What the readings of one passage gave.
struct Answers {
    whole: Distributions,
    /// Without the context, if there is one.
    alone: Option<Distributions>,
    /// Without each unit.
    units: Vec<(Span, Distributions)>,
    /// Without each stretch.
    stretches: Vec<(Span, Distributions)>,
}

impl Answers {
    fn explanation(&self) -> Option<Explanation> {
        Some(Explanation {
            moment: self.why(|d| &d.moment)?,
            sentiment: self.why(|d| &d.sentiment)?,
            pain: self.why(|d| &d.pain)?,
            touchpoint: self.why(|d| &d.touchpoint)?,
        })
    }

    fn why<T: Copy + PartialEq>(
        &self,
        of: impl Fn(&Distributions) -> &[Scored<T>],
    ) -> Option<Why<T>> {
        let answer = best(of(&self.whole), None)?;
        let drop = |reading: &Distributions| {
            let same = of(reading).iter().find(|one| one.label == answer.label);
            answer.confidence - same.map_or(0.0, |one| one.confidence)
        };
        let drops = |readings: &[(Span, Distributions)]| {
            let drops = readings.iter().map(|(span, reading)| Carrier {
                span: *span,
                drop: drop(reading),
            });
            heaviest(drops.collect())
        };
        let mut words = drops(&self.units);
        if words.is_empty() {
            words = drops(&self.stretches);
        }
        Some(Why {
            answer,
            runner_up: best(of(&self.whole), Some(answer.label)),
            words,
            context: self.alone.as_ref().map(drop).filter(|drop| *drop >= FLOOR),
        })
    }
}

/// Those that are to be named, the heaviest first.
fn heaviest(mut words: Vec<Carrier>) -> Vec<Carrier> {
    words.sort_by(|a, b| b.drop.total_cmp(&a.drop).then(a.span.cmp(&b.span)));
    let most = words.first().map_or(0.0, |first| first.drop);
    let floor = FLOOR.max(most * BESIDE_HEAVIEST);
    words.retain(|word| word.drop >= floor);
    words.truncate(MOST_CARRIERS);
    words
}

/// The likeliest label but `except`; of equally likely ones the first.
fn best<T: Copy + PartialEq>(all: &[Scored<T>], except: Option<T>) -> Option<Scored<T>> {
    let others = all.iter().filter(|one| Some(one.label) != except);
    others.fold(None, |best, one| match best {
        Some(found) if one.confidence <= found.confidence => Some(found),
        _ => Some(*one),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use throughline_core::{ContentHash, Moment, Sentiment, Tagged, Touchpoint, Vector};

    use crate::ModelInfo;

    /// Sure of a moment by its cue words: each that is there adds as much.
    struct Cues(ModelInfo);

    impl Cues {
        fn new() -> Self {
            Self(ModelInfo {
                name: "cues".to_owned(),
                version: String::new(),
                licence: String::new(),
                sha256: ContentHash::of(b"cues"),
                backend: "test",
                dimension: 1,
                max_tokens: 256,
                max_context_tokens: 32,
            })
        }
    }

    fn pair<T>(first: T, second: T, share: f32) -> Vec<Scored<T>> {
        let scored = |label, confidence| Scored { label, confidence };
        vec![scored(first, share), scored(second, 1.0 - share)]
    }

    impl Tagger for Cues {
        fn model(&self) -> &ModelInfo {
            &self.0
        }

        fn tag(&self, _: &[TagInput<'_>]) -> Result<Vec<Tagged>, NlpError> {
            Ok(Vec::new())
        }

        fn distributions(&self, inputs: &[TagInput<'_>]) -> Result<Vec<Distributions>, NlpError> {
            let answer = |input: &TagInput<'_>| {
                let has = |cue: &str, share: f32| match input.text.contains(cue) {
                    true => share,
                    false => 0.0,
                };
                let asked = f32::from(u8::from(input.context.is_some()));
                Distributions {
                    moment: pair(
                        Moment::Delivery,
                        Moment::Use,
                        0.2 + has("parcel", 0.4) + has("courier", 0.25) + has("box", 0.06),
                    ),
                    sentiment: pair(
                        Sentiment::Neutral,
                        Sentiment::Negative,
                        1.0 - has("late", 0.9),
                    ),
                    pain: pair(false, true, 0.5),
                    touchpoint: pair(Touchpoint::Delivery, Touchpoint::None, 0.6 + asked * 0.3),
                }
            };
            Ok(inputs.iter().map(answer).collect())
        }

        fn embed(&self, _: &[&str]) -> Result<Vec<Vector>, NlpError> {
            Ok(Vec::new())
        }
    }

    fn one(text: &str, context: Option<&str>) -> Explanation {
        let inputs = [TagInput { text, context }];
        explain(&Cues::new(), &inputs).unwrap().remove(0)
    }

    #[test]
    fn the_words_that_carry_a_label_are_named_heaviest_first() {
        let text = "The courier left the box and the parcel, late.";
        let why = one(text, Some("How was it?"));
        let words: Vec<_> = why
            .moment
            .words
            .iter()
            .map(|w| w.span.slice(text))
            .collect();
        // The box carries less than half as much.
        assert_eq!(words, [Some("parcel"), Some("courier")]);
        assert!((why.moment.words[0].drop - 0.4).abs() < 1e-6);
        assert_eq!(why.moment.answer.label, Moment::Delivery);
        assert_eq!(why.moment.runner_up.unwrap().label, Moment::Use);
        assert_eq!(why.moment.context, None);
        let words: Vec<_> = why
            .sentiment
            .words
            .iter()
            .map(|w| w.span.slice(text))
            .collect();
        assert_eq!(words, [Some("late")]);
        assert!((why.touchpoint.context.unwrap() - 0.3).abs() < 1e-6);
        assert!(why.touchpoint.words.is_empty());
    }

    #[test]
    fn where_words_repeat_each_other_their_clause_is_named() {
        let text = "Late it came, late as ever, and it was late, late.";
        assert!(one(text, None).sentiment.words.is_empty());
        let text = "The box is blue, and it was late late as ever";
        let why = one(text, None).sentiment;
        let words: Vec<_> = why.words.iter().map(|w| w.span.slice(text)).collect();
        assert_eq!(words, [Some("and it was late late as ever")]);
    }

    #[test]
    fn of_equally_likely_labels_the_first_is_the_answer_and_the_other_follows() {
        let why = one("Well.", None).pain;
        assert!(!why.answer.label && why.runner_up.unwrap().label);
        let alone = best(&pair(1, 1, 1.0), Some(1));
        assert_eq!(alone, None);
    }

    #[test]
    fn company_changes_nothing_and_the_number_of_readings_is_bounded() {
        let long = "The parcel was never here, said the courier again. ".repeat(200);
        let texts = ["", "…", "Late.", long.as_str(), "A box."];
        let inputs = texts.map(|text| TagInput {
            text,
            context: Some("And?"),
        });
        let together = explain(&Cues::new(), &inputs).unwrap();
        assert_eq!(together.len(), inputs.len());
        for (text, explanation) in texts.iter().zip(&together) {
            assert_eq!(*explanation, one(text, Some("And?")));
            let input = TagInput {
                text,
                context: Some("And?"),
            };
            assert!(Trial::of(&input).readings().count() <= 34);
        }
    }
}
