use super::{Finding, NotPlaced, Report, SCHEMA, SCHEMA_VERSION, StageReport};
use crate::ReportError;

impl Report {
    /// Checks that the report adds up: primary counts plus Other are the pain
    /// passages of every stage, every passage is in exactly one place of the
    /// coverage, every distribution has as many members as its group.
    ///
    /// # Errors
    /// [`ReportError::DoesNotAddUp`] naming the first sum that is wrong, or
    /// [`ReportError::OtherSchema`] if this is not a report of this version.
    pub fn check(&self) -> Result<(), ReportError> {
        if self.schema != SCHEMA || self.schema_version != SCHEMA_VERSION {
            return Err(ReportError::OtherSchema {
                found: format!("{} {}", self.schema, self.schema_version),
            });
        }
        for stage in &self.stages {
            stage.check()?;
        }
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
        self.findings.iter().try_for_each(Finding::check)
    }
}

impl Finding {
    fn check(&self) -> Result<(), ReportError> {
        let place = format!("finding '{}'", self.id);
        let mentions = self.counts.passages;
        let by_kind = self.by_kind.iter().map(|kind| kind.counts.passages).sum();
        let sums = [
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
            .try_for_each(|(what, one, other)| equal(&place, what, one, other))
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
