//! What a head gains on passages that a person coded blind.

use serde::{Deserialize, Serialize};
use throughline_stats::{Bootstrap, weighted_clustered_mean, weighted_share};

use super::LEAST;
use super::task::Task;
use crate::Range;
use crate::evidence::Voice;

/// What is known of one head of a study's own: what it learnt from, what it gains,
/// and whether it is on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadTrial {
    /// The tag that it gives: `moment`, `sentiment`, `pain` or `touchpoint`.
    pub tag: String,
    /// Passages of which people decided the tag, without those of blind samples,
    /// which never train.
    pub corrections: usize,
    /// Those on which they decided otherwise than the model.
    pub unlike: usize,
    /// Passages of the blind sample that were coded for it.
    pub blind: usize,
    /// Share of these on which the model agrees with the coder, 0…1, weighted by
    /// the chance to be drawn; absent where nothing was tested.
    pub model: Option<f64>,
    /// The same of the model with the head.
    pub head: Option<f64>,
    /// The second less the first, −1…1, with an interval in which whole voices are
    /// drawn.
    pub gain: Option<Range>,
    /// True if the head is good enough to be on: from 50 corrections, and with an
    /// interval of the gain above 0.
    pub on: bool,
}

/// A passage that was coded blind.
pub(super) struct Blind {
    pub voice: Voice,
    /// One over the chance to be drawn.
    pub weight: f64,
    /// True if the model agrees with the coder.
    pub model: bool,
    /// True if the model with the head does.
    pub head: bool,
}

impl HeadTrial {
    /// A trial of which only the corrections are known.
    pub(super) fn untested(task: Task, corrections: usize, unlike: usize) -> Self {
        Self {
            tag: task.name().to_owned(),
            corrections,
            unlike,
            blind: 0,
            model: None,
            head: None,
            gain: None,
            on: false,
        }
    }

    /// True if there are corrections enough to learn from.
    pub(super) fn is_enough(&self) -> bool {
        self.corrections >= LEAST
    }

    /// Takes in what was found on passages that were coded blind.
    pub(super) fn measure(&mut self, blind: &[Blind]) {
        let share = |agrees: &dyn Fn(&Blind) -> bool| {
            let units: Vec<_> = blind.iter().map(|one| (agrees(one), one.weight)).collect();
            Some(weighted_share(&units)?.share)
        };
        let gains = blind.iter().map(|one| {
            let gain = f64::from(u8::from(one.head)) - f64::from(u8::from(one.model));
            (one.voice, gain, one.weight)
        });
        let gain = weighted_clustered_mean(gains, Bootstrap::default());
        self.blind = blind.len();
        self.model = share(&|one| one.model);
        self.head = share(&|one| one.head);
        self.gain = gain.map(|gain| Range {
            value: gain.value,
            low: gain.interval.map(|interval| interval.low),
            high: gain.interval.map(|interval| interval.high),
            passages: blind.len(),
        });
        let low = self.gain.and_then(|gain| gain.low);
        self.on = self.is_enough() && low.is_some_and(|low| low > 0.0);
    }

    /// How it stands and why: one clause.
    #[must_use]
    pub fn in_words(&self) -> String {
        let (state, counted) = (if self.on { "on" } else { "off" }, self.counted());
        match (self.is_enough(), &self.gain) {
            (false, _) => format!("{}: off, {counted} of the {LEAST} that it needs", self.tag),
            (true, None) => format!(
                "{}: off, {counted}, and nothing coded blind to test it on",
                self.tag
            ),
            (true, Some(gain)) => format!(
                "{}: {state}, {counted} ({} unlike the model); {}",
                self.tag,
                self.unlike,
                self.tested(gain)
            ),
        }
    }

    fn counted(&self) -> String {
        let plural = if self.corrections == 1 { "" } else { "s" };
        format!("{} correction{plural}", self.corrections)
    }

    fn tested(&self, gain: &Range) -> String {
        let percent = |share: Option<f64>| format!("{:.0} %", 100.0 * share.unwrap_or_default());
        let range = gain.low.zip(gain.high).map_or_else(
            || "one voice, so that nothing can be said".to_owned(),
            |(low, high)| format!("{}…{}", points(low), points(high)),
        );
        let doubt = match self.on {
            true => "",
            false => ", which is no gain that can be told from chance",
        };
        format!(
            "agrees with the coder on {} instead of {} of {} blind passages, {} points ({range}){doubt}",
            percent(self.head),
            percent(self.model),
            self.blind,
            points(gain.value)
        )
    }
}

/// Points of a hundred with their sign, a tenth where that tells them from 0.
fn points(share: f64) -> String {
    let points = 100.0 * share;
    match points.abs() {
        none if none < 0.05 => "0".to_owned(),
        little if little < 1.0 => format!("{points:+.1}"),
        _ => format!("{points:+.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Passages of ten people, each of `better` of whom the head sets one right of
    /// four.
    fn blind(better: u32) -> Vec<Blind> {
        let one = |number: u32| {
            let (person, place) = (number % 10, number / 10);
            let helped = place == 0 && person < better;
            Blind {
                voice: Voice::Participant(person),
                weight: 1.0 + f64::from(place),
                model: !helped && place != 1,
                head: place != 1,
            }
        };
        (0..40).map(one).collect()
    }

    fn trial(corrections: usize, better: u32) -> HeadTrial {
        let mut trial = HeadTrial::untested(Task::Pain, corrections, corrections);
        if trial.is_enough() {
            trial.measure(&blind(better));
        }
        trial
    }

    #[test]
    fn a_head_is_on_with_enough_corrections_and_a_gain_beyond_chance() {
        let on = trial(50, 8);
        // Weights 1, 2, 3 and 4 a person: eight of a hundred set right.
        let gain = on.gain.unwrap();
        assert!((gain.value - 0.08).abs() < 1e-12, "{gain:?}");
        assert!(gain.low.unwrap() > 0.0 && gain.high.unwrap() <= 0.1 + 1e-12);
        assert!((on.model.unwrap() - 0.72).abs() < 1e-12);
        assert!((on.head.unwrap() - 0.8).abs() < 1e-12);
        assert!(on.on);
        let words = "pain: on, 50 corrections (50 unlike the model); agrees with the coder on 80 % \
                     instead of 72 % of 40 blind passages, +8 points (+5…+10)";
        assert_eq!(on.in_words(), words);
        assert!(!trial(49, 8).on);
        assert_eq!(
            trial(49, 8).in_words(),
            "pain: off, 49 corrections of the 50 that it needs"
        );
        // What one person says may be chance.
        let chance = trial(50, 1);
        assert!(!chance.on && chance.gain.unwrap().value > 0.0);
        assert!(chance.in_words().contains("told from chance"));
        let nothing = trial(50, 0);
        assert!(!nothing.on && nothing.in_words().contains(" 0 points (0…0)"));
    }

    #[test]
    fn what_cannot_be_tested_stays_off() {
        let mut untested = HeadTrial::untested(Task::Pain, 60, 9);
        assert!(untested.in_words().contains("nothing coded blind"));
        untested.measure(&[]);
        assert!(!untested.on && untested.gain.is_none());
        let alone: Vec<Blind> = blind(8)
            .into_iter()
            .map(|one| Blind {
                voice: Voice::Participant(1),
                ..one
            })
            .collect();
        untested.measure(&alone);
        assert!(!untested.on && untested.in_words().contains("one voice"));
    }
}
