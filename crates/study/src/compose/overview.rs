//! What a report says of the whole study: what was read and where every passage
//! went.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use throughline_core::{Date, Framework, NoStage, Role, SourceKind};
use throughline_nlp::Tagger;
use throughline_report::{
    Apart, Corpus, CorpusKind, Coverage, Days, Input, Lens, Manifest, ModelInfo, MomentCount,
    NotPlaced, Reliability, Report, RoleCount, Skipped, StageReport,
};
use throughline_stats::Bootstrap;

use super::counting;
use super::quoting::Quoting;
use crate::evidence::{Evidence, Said};
use crate::{Study, StudyError};

/// Examples shown of the passages that belong to no stage, per reason.
const EXAMPLES: usize = 3;

/// What was run, on what, with what.
pub(crate) fn manifest(
    study: &Study,
    tagger: &dyn Tagger,
    (framework, reliability): (&Framework, Option<Reliability>),
    command: &[String],
) -> Result<Manifest, StudyError> {
    let model = tagger.model();
    let counts = study.store.counts()?;
    Ok(Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: command.to_vec(),
        dated: study.dated.clone(),
        framework: Lens {
            id: framework.id.clone(),
            name: framework.name.clone(),
            description: framework.description.clone(),
            cyclic: framework.cyclic,
            reliability,
        },
        parameters: parameters(study, framework),
        seeds: BTreeMap::from(
            ["bootstrap", "saturation"].map(|of| (of.to_owned(), Bootstrap::default().seed)),
        ),
        inputs: study
            .store
            .sources()?
            .into_iter()
            .map(|source| {
                let summary = source.summary.unwrap_or_default();
                Input {
                    name: source.name,
                    sha256: source.sha256,
                    bytes: source.bytes,
                    format: summary.format,
                    charset: summary.charset,
                    documents: summary.documents as usize,
                    passages: summary.passages as usize,
                }
            })
            .collect(),
        model: ModelInfo {
            name: model.name.clone(),
            sha256: model.sha256,
            backend: model.backend.to_owned(),
        },
        counts: BTreeMap::from([
            ("sources".to_owned(), counts.sources),
            ("documents".to_owned(), counts.documents),
            ("turns".to_owned(), counts.turns),
            ("passages".to_owned(), counts.passages),
            ("participants".to_owned(), counts.participants),
        ]),
    })
}

/// Adds to the manifest how much there is to be shown, so that what is missing
/// from a file can be told.
pub(crate) fn count_what_is_shown(report: &mut Report) {
    let findings: usize = report.stages.iter().map(|stage| stage.findings.len()).sum();
    let shown = [
        (Manifest::QUOTES, report.quotes_mut().count()),
        (Manifest::FINDINGS, findings),
        (Manifest::EVIDENCE, report.corpus.evidence_passages),
    ];
    let counts = shown.map(|(name, count)| (name.to_owned(), count as u64));
    report.manifest.counts.extend(counts);
}

/// The settings that decide what a report says, by their names. Whom `speakers`
/// names is nobody's business where a report goes.
fn parameters(study: &Study, framework: &Framework) -> BTreeMap<String, String> {
    let config = &study.config;
    let report = &config.report;
    let columns = config.columns.iter();
    let columns = columns.map(|(meaning, column)| format!("{meaning}={column}"));
    let period = report.period.map(|period| period.to_string());
    let redacts = study.redacts.then(|| ("redact", "true".to_owned()));
    let settings = [
        ("framework", framework.id.clone()),
        ("privacy", config.privacy.as_str().to_owned()),
        ("unknown_speakers", config.unknown_speakers.to_string()),
        ("speakers", format!("{} set", config.speakers.len())),
        ("labels_apart", config.labels_apart.to_string()),
        ("languages", config.languages.join(", ")),
        ("keep_duplicates", config.keep_duplicates.to_string()),
        ("columns", columns.collect::<Vec<_>>().join(", ")),
        ("themes", format!("{:?}", study.theme_parameters())),
        ("themes.smallest", config.themes.smallest.to_string()),
        ("report.quotes", report.quotes.to_string()),
        ("report.findings", report.findings.to_string()),
        ("report.few_voices", report.few_voices.to_string()),
        ("report.severity_weight", report.severity_weight.to_string()),
        ("report.reach_weight", report.reach_weight.to_string()),
        ("report.segments", report.segments.join(", ")),
        ("report.small_cell", report.small_cell.to_string()),
        ("report.period", period.unwrap_or_default()),
    ];
    let settings = settings.into_iter().chain(redacts);
    settings
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// What was read, apart by kind of source and by role.
pub(crate) fn corpus(study: &Study, evidence: &Evidence) -> Result<Corpus, StudyError> {
    let mut kinds: BTreeMap<SourceKind, CorpusKind> = BTreeMap::new();
    let mut roles: BTreeMap<Role, RoleCount> = BTreeMap::new();
    let mut days: Option<Days> = None;
    study.store.documents(&mut |row| {
        let kind = kinds.entry(row.kind).or_insert(CorpusKind {
            kind: row.kind,
            documents: 0,
            participants: 0,
            turns: 0,
            passages: 0,
            evidence_passages: 0,
        });
        kind.documents += 1;
        kind.turns += row.turns as usize;
        kind.passages += row.passages as usize;
        if let Some(date) = row.meta.date {
            days = Some(widen(days, date));
        }
        ControlFlow::Continue(())
    })?;
    for ((kind, role), spoken) in &evidence.roles {
        let count = roles.entry(*role).or_insert(RoleCount {
            role: *role,
            turns: 0,
            passages: 0,
        });
        count.turns += spoken.turns as usize;
        count.passages += spoken.passages as usize;
        if let Some(kind) = kinds.get_mut(kind).filter(|_| role.is_evidence()) {
            kind.evidence_passages += (spoken.passages - spoken.uncounted) as usize;
        }
    }
    for (kind, said) in counting::grouped(evidence.said.iter(), |one| one.kind) {
        if let Some(part) = kinds.get_mut(&kind) {
            part.participants = counting::counts(&said).participants;
        }
    }
    let sum = |part: fn(&CorpusKind) -> usize| kinds.values().map(part).sum::<usize>();
    Ok(Corpus {
        documents: sum(|kind| kind.documents),
        participants: evidence.participants.len(),
        turns: sum(|kind| kind.turns),
        passages: sum(|kind| kind.passages),
        evidence_passages: sum(|kind| kind.evidence_passages),
        by_kind: kinds.into_values().collect(),
        by_role: roles.into_values().collect(),
        days,
    })
}

fn widen(days: Option<Days>, date: Date) -> Days {
    match days {
        Some(known) => Days {
            first: known.first.min(date),
            last: known.last.max(date),
        },
        None => Days {
            first: date,
            last: date,
        },
    }
}

/// Passages of participants that belong to no stage, by reason.
pub(crate) fn apart(evidence: &Evidence, quoting: &mut Quoting<'_>) -> Result<Apart, StudyError> {
    let mut part = |reason| {
        let said: Vec<&Said> = evidence.without_stage(reason).collect();
        not_placed(&said, reason, quoting)
    };
    Ok(Apart {
        outside: part(NoStage::Outside)?,
        none: part(NoStage::None)?,
        unclear: part(NoStage::Unclear)?,
        untagged: NotPlaced::default(),
    })
}

fn not_placed(
    said: &[&Said],
    reason: NoStage,
    quoting: &mut Quoting<'_>,
) -> Result<NotPlaced, StudyError> {
    let mut by_moment: Vec<MomentCount> = counting::grouped(said.iter().copied(), |one| one.moment)
        .into_iter()
        .map(|(moment, group)| MomentCount {
            moment,
            passages: group.len(),
        })
        .collect();
    by_moment.sort_by_key(|count| (std::cmp::Reverse(count.passages), count.moment));
    if reason == NoStage::None {
        by_moment.clear();
    }
    Ok(NotPlaced {
        counts: counting::counts(said),
        pain_passages: said.iter().filter(|one| one.is_pain()).count(),
        by_moment,
        examples: quoting.quotes(spread(said, EXAMPLES))?,
    })
}

/// A few passages from all over a list, so that examples do not all come from
/// the first document.
fn spread<'s>(said: &[&'s Said], most: usize) -> Vec<&'s Said> {
    let step = said.len().div_ceil(most).max(1);
    said.iter().copied().step_by(step).take(most).collect()
}

/// What was kept out of the results, by file: documents in languages that are
/// not tagged, and those that repeat another.
fn kept_out(study: &Study, evidence: &Evidence) -> Result<Vec<Skipped>, StudyError> {
    let mut of = BTreeMap::new();
    if !study.config.keep_duplicates {
        let pairs = evidence.duplicates.iter();
        of.extend(pairs.map(|one| (one.document.as_str(), one.of.as_str())));
    }
    let mut reasons: BTreeMap<(String, String), (u64, String)> = BTreeMap::new();
    study.store.documents(&mut |row| {
        let mut note = |reason: &str, first: String| {
            let key = (row.source.file.clone(), reason.to_owned());
            reasons.entry(key).or_insert((0, first)).0 += 1;
        };
        let language = row.meta.language.as_deref();
        if !study.config.reads(language) {
            let reason = format!(
                "documents in another language ({}), not tagged; `languages` in throughline.toml \
                 says which are",
                language.unwrap_or_default()
            );
            note(&reason, format!("the first is '{}'", row.name));
        }
        if let Some(of) = of.get(row.name.as_str()) {
            note(
                "documents that repeat another and count with it, unless --keep-duplicates is given",
                format!("the first is '{}', which repeats '{of}'", row.name),
            );
        }
        ControlFlow::Continue(())
    })?;
    let list = reasons.into_iter();
    Ok(list
        .map(|((file, reason), (count, first))| Skipped {
            file,
            line: None,
            count,
            reason: format!("{reason}; {first}"),
        })
        .collect())
}

/// What could not be read and what was kept out, in order of file and line.
pub(crate) fn skipped(study: &Study, evidence: &Evidence) -> Result<Vec<Skipped>, StudyError> {
    let mut list: Vec<Skipped> = study
        .unread()?
        .into_iter()
        .map(|unread| Skipped {
            file: unread.file,
            line: None,
            count: 1,
            reason: unread.reason,
        })
        .collect();
    list.extend(kept_out(study, evidence)?);
    for source in study.store.sources()? {
        let skipped = source.summary.unwrap_or_default().skipped;
        list.extend(skipped.into_iter().map(|rows| Skipped {
            file: source.name.clone(),
            line: rows.line,
            count: rows.count,
            reason: rows.reason,
        }));
    }
    list.sort_by(|a, b| (&a.file, a.line, &a.reason).cmp(&(&b.file, b.line, &b.reason)));
    Ok(list)
}

/// Where every passage went.
pub(crate) fn coverage(
    study: &Study,
    evidence: &Evidence,
    stages: &[StageReport],
) -> Result<Coverage, StudyError> {
    let all: u64 = evidence.roles.values().map(|spoken| spoken.passages).sum();
    let counted = evidence.said.len() + evidence.untagged as usize;
    let placed = evidence.said.iter().filter(|one| one.place.is_ok()).count();
    let without = |reason| evidence.without_stage(reason).count();
    let pain_passages = stages.iter().map(|stage| stage.pain_passages).sum();
    let pain_in_other = stages.iter().map(|stage| stage.other.passages).sum();
    let sources = study.store.sources()?;
    Ok(Coverage {
        passages: all as usize,
        not_evidence: all as usize - counted,
        counted,
        placed,
        outside: without(NoStage::Outside),
        none: without(NoStage::None),
        unclear: without(NoStage::Unclear),
        untagged: evidence.untagged as usize,
        pain_passages,
        pain_in_findings: pain_passages - pain_in_other,
        pain_in_other,
        pain_not_placed: evidence
            .said
            .iter()
            .filter(|one| one.place.is_err() && one.is_pain())
            .count(),
        files_read: sources.len(),
        files_skipped: study.unread()?.len(),
        parts_skipped: sources
            .iter()
            .filter_map(|source| source.summary.as_ref())
            .flat_map(|summary| &summary.skipped)
            .map(|rows| rows.count)
            .sum(),
    })
}
