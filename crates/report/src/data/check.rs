use std::collections::BTreeSet;

use super::{
    Coverage, Estimate, Finding, Interval, NamedGroup, NotPlaced, Questions, Report, SCHEMA,
    SCHEMA_VERSION, SentimentSummary, StageReport,
};
use crate::ReportError;

impl Report {
    /// Checks that the report adds up: primary counts plus Other are the pain
    /// passages of every stage, every passage is in exactly one place of the
    /// coverage, every distribution has as many members as its group,
    /// and every number is one.
    ///
    /// # Errors
    /// [`ReportError::DoesNotAddUp`] naming the first sum that is wrong,
    /// [`ReportError::NoNumber`], or [`ReportError::OtherSchema`] if this is not a report of this version.
    pub fn check(&self) -> Result<(), ReportError> {
        if self.schema != SCHEMA || self.schema_version != SCHEMA_VERSION {
            return Err(ReportError::OtherSchema {
                found: format!("{} {}", self.schema, self.schema_version),
            });
        }
        for stage in &self.stages {
            stage.check()?;
        }
        self.questions
            .iter()
            .try_for_each(|all| all.check(&self.coverage))?;
        let coverage = &self.coverage;
        let placed = self.stages.iter().map(|stage| stage.counts.passages).sum();
        let in_other = self.stages.iter().map(|stage| stage.other.passages).sum();
        let pain = self.stages.iter().map(|stage| stage.pain_passages).sum();
        let apart = &self.apart;
        let passages = |part: &NotPlaced| part.counts.passages;
        let sums = [
            (
                "passages read",
                coverage.passages,
                coverage.counted + coverage.not_evidence,
            ),
            (
                "passages counted",
                coverage.counted,
                coverage.placed
                    + coverage.outside
                    + coverage.none
                    + coverage.unclear
                    + coverage.untagged,
            ),
            (
                "passages of the corpus",
                self.corpus.passages,
                coverage.passages,
            ),
            ("passages in stages", coverage.placed, placed),
            (
                "passages outside",
                coverage.outside,
                passages(&apart.outside),
            ),
            (
                "passages about no journey",
                coverage.none,
                passages(&apart.none),
            ),
            (
                "unclear passages",
                coverage.unclear,
                passages(&apart.unclear),
            ),
            (
                "untagged passages",
                coverage.untagged,
                passages(&apart.untagged),
            ),
            ("pain passages", coverage.pain_passages, pain),
            (
                "pain passages in findings and in Other",
                coverage.pain_passages,
                coverage.pain_in_findings + coverage.pain_in_other,
            ),
            ("pain passages in Other", coverage.pain_in_other, in_other),
        ];
        sums.into_iter()
            .try_for_each(|(what, one, other)| equal(&self.title, what, one, other))
    }
}

/// JSON has no sign for what is no number, so it may not come so far.
fn finite(place: &str, numbers: impl IntoIterator<Item = f64>) -> Result<(), ReportError> {
    match numbers.into_iter().all(f64::is_finite) {
        true => Ok(()),
        false => Err(ReportError::NoNumber {
            place: place.to_owned(),
        }),
    }
}

fn of_estimate(estimate: Option<&Estimate>) -> impl Iterator<Item = f64> {
    estimate.into_iter().flat_map(|estimate| {
        let interval = estimate.interval.as_ref();
        std::iter::once(estimate.value).chain(of_interval(interval))
    })
}

fn of_interval(interval: Option<&Interval>) -> impl Iterator<Item = f64> {
    interval.into_iter().flat_map(|i| [i.low, i.high, i.level])
}

fn of_sentiment(summary: &SentimentSummary) -> impl Iterator<Item = f64> {
    of_estimate(summary.net.as_ref()).chain(of_estimate(summary.valence.as_ref()))
}

impl StageReport {
    fn check(&self) -> Result<(), ReportError> {
        let place = format!("stage '{}'", self.id);
        let primary: usize = self.findings.iter().map(|f| f.counts.passages).sum();
        let reasons = self.other.groups.iter().map(|group| group.passages).sum();
        let by_kind = self.by_kind.iter().map(|kind| kind.counts.passages).sum();
        let sums = [
            (
                "pain passages in findings and in Other",
                self.pain_passages,
                primary + self.other.passages,
            ),
            ("reasons of Other", self.other.passages, reasons),
            ("sentiments", self.counts.passages, self.sentiment.total()),
            ("kinds of source", self.counts.passages, by_kind),
        ];
        sums.into_iter()
            .try_for_each(|(what, one, other)| equal(&place, what, one, other))?;
        finite(&place, of_sentiment(&self.sentiment))?;
        self.praise
            .iter()
            .try_for_each(|group| group.check(&place))?;
        self.findings.iter().try_for_each(Finding::check)
    }
}

impl Finding {
    fn check(&self) -> Result<(), ReportError> {
        let place = format!("finding '{}'", self.id);
        let mentions = self.counts.passages;
        let by_kind = self.by_kind.iter().map(|kind| kind.counts.passages).sum();
        let sums = [
            ("members", mentions, self.members.len()),
            ("sentiments", mentions, self.sentiment.total()),
            ("severities", mentions, self.severity.total()),
            ("promptings", mentions, self.prompting.total()),
            ("kinds of source", mentions, by_kind),
            (
                "participants",
                self.counts.participants,
                self.participants.count,
            ),
            ("documents", self.counts.documents, self.documents.count),
        ];
        sums.into_iter()
            .try_for_each(|(what, one, other)| equal(&place, what, one, other))?;
        let priority = &self.priority;
        let numbers = [priority.score, priority.severity, priority.reach]
            .into_iter()
            .chain(self.effective_voices)
            .chain(of_sentiment(&self.sentiment))
            .chain(of_interval(self.participants.interval.as_ref()))
            .chain(of_interval(self.documents.interval.as_ref()));
        finite(&place, numbers)?;
        let in_parts = self.parts.iter().flat_map(|part| &part.members);
        let distinct: BTreeSet<_> = in_parts.clone().collect();
        equal(&place, "sub-themes", in_parts.count(), distinct.len())?;
        let members: BTreeSet<_> = self.members.iter().collect();
        let theirs = distinct.intersection(&members).count();
        equal(&place, "members of sub-themes", theirs, distinct.len())?;
        self.parts.iter().try_for_each(|part| part.check(&place))
    }
}

impl Questions {
    fn check(&self, coverage: &Coverage) -> Result<(), ReportError> {
        let answers = self.asked.iter().map(|one| one.counts.passages);
        let all = answers.sum::<usize>() + self.elsewhere + self.unasked;
        let tagged = coverage.counted.saturating_sub(coverage.untagged);
        equal("answers by question", "passages counted", tagged, all)?;
        self.asked.iter().try_for_each(|one| {
            let place = format!("question '{}'", one.question);
            let sentiments = one.sentiment.total();
            equal(&place, "sentiments", one.counts.passages, sentiments)?;
            finite(&place, of_sentiment(&one.sentiment))
        })
    }
}

impl NamedGroup {
    fn check(&self, place: &str) -> Result<(), ReportError> {
        let sums = [
            ("members", self.counts.passages, self.members.len()),
            (
                "participants",
                self.counts.participants,
                self.participants.count,
            ),
            ("documents", self.counts.documents, self.documents.count),
        ];
        let place = format!("'{}' in {place}", self.label.text);
        sums.into_iter()
            .try_for_each(|(what, one, other)| equal(&place, what, one, other))?;
        let numbers = of_interval(self.participants.interval.as_ref());
        finite(
            &place,
            numbers.chain(of_interval(self.documents.interval.as_ref())),
        )
    }
}

fn equal(place: &str, what: &'static str, one: usize, other: usize) -> Result<(), ReportError> {
    if one == other {
        return Ok(());
    }
    Err(ReportError::DoesNotAddUp {
        place: place.to_owned(),
        what,
        one,
        other,
    })
}
