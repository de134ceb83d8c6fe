//! An invented study of an invented bicycle hire, Pedalo: every kind of number
//! and of hostile words that an exporter can meet, and a stage without voices.

mod stages;
mod words;

use std::collections::BTreeMap;

use throughline_core::{ContentHash, Date, Moment, Role, SourceKind};
use throughline_report::*;

pub(crate) use words::{HOSTILE, LONG, MARKDOWN, RTL};
use words::{label, quote, unclear};

/// The whole report.
pub(crate) fn report() -> Report {
    let stages = stages::stages();
    let coverage = coverage(&stages);
    let questions = questions(&coverage, &stages);
    let report = Report {
        schema: SCHEMA.to_owned(),
        schema_version: SCHEMA_VERSION,
        title: "Pedalo: what riders told us".to_owned(),
        manifest: manifest(),
        corpus: corpus(coverage.passages),
        apart: apart(),
        coverage,
        recurring: vec![Recurring {
            findings: vec!["t-price".to_owned(), "t-app".to_owned()],
            counts: Counts {
                passages: 15,
                documents: 11,
                participants: 9,
            },
        }],
        matrix: vec![MatrixRow {
            participant: "interviews/ana.md/Ana".to_owned(),
            cells: vec![MatrixCell {
                finding: "t-price".to_owned(),
                mentions: 2,
                quote: stages[2].findings[0].label.clone(),
            }],
        }],
        questions: Some(questions),
        crosstabs: vec![Crosstab {
            attribute: "plan".to_owned(),
            rows: vec![CrosstabRow {
                finding: "t-price".to_owned(),
                values: stages[2].findings[0].segments[0].values.clone(),
                adjusted: Some(0.031),
            }],
        }],
        life_cycle: Some(LifeCycle {
            counts: Counts {
                passages: 60,
                documents: 15,
                participants: 9,
            },
            sentiment: stages[0].sentiment.clone(),
            voices_by_stages: vec![5, 3, 1, 0],
        }),
        saturation: Some(saturation()),
        co_occurrence: vec![CoOccurrence {
            one: "t-price".to_owned(),
            other: "t-gone".to_owned(),
            unit: "voice".to_owned(),
            with_one: 12,
            with_other: 2,
            with_both: 2,
            coefficient: 2.0 / 12.0,
            unequal: true,
        }],
        collections: collections(&stages[2].findings[0].quotes[0]),
        stages,
        skipped: skipped(),
        method: items(&[
            (
                "Tagging",
                "Each passage of one to three sentences got one moment, one sentiment, a yes or no \
                 to pain, and one touchpoint. Below the threshold the engine abstains.",
            ),
            (
                "Priority",
                "Median severity divided by 4, times the share of participants who spoke about \
                 the stage; documents where authors are not named.",
            ),
        ]),
        limits: items(&[(
            "Who was asked",
            "Riders who answered an invitation. The numbers say how often something was said, not \
             how often it happens.",
        )]),
    };
    report.check().unwrap();
    report
}

/// A question of a guide and one of a survey.
fn questions(coverage: &Coverage, stages: &[StageReport]) -> Questions {
    let answers = |question: &str, wording: Option<Label>, passages: usize| QuestionAnswers {
        question: question.to_owned(),
        wording,
        documents_asked: 2,
        counts: Counts {
            passages,
            documents: 2,
            participants: 2,
        },
        pain_passages: 1,
        sentiment: stages::feelings([passages - 1, 0, 0, 1]),
        findings: vec![FindingAnswers {
            finding: stages[2].findings[0].id.clone(),
            counts: Counts {
                passages: 1,
                documents: 1,
                participants: 1,
            },
        }],
        quotes: vec![quote("Nobody ever called me back about the deposit.")],
    };
    let spoken = label("What happened when you paid?");
    Questions {
        asked: vec![
            answers(&spoken.text.clone(), Some(spoken), 3),
            answers("Anything | else?", None, 2),
        ],
        elsewhere: 4,
        unasked: coverage.counted - coverage.untagged - 9,
    }
}

fn saturation() -> Saturation {
    Saturation {
        people: 8,
        ideas: 31,
        singletons: 14,
        estimated: 44.5,
        coverage: 0.697,
        coverage_interval: stages::interval(0.55, 0.83),
        new_information: Some(0.21),
        new_information_range: Some(stages::interval(0.08, 0.4)),
        curve: vec![6.0, 11.25, 15.5, 19.0],
        curve_range: [(3.0, 9.0), (8.0, 14.0), (12.5, 18.0), (19.0, 19.0)]
            .map(|(low, high)| stages::interval(low, high))
            .to_vec(),
        cannot_tell: true,
        sentence: "Cannot tell: these are few people.".to_owned(),
    }
}

/// The same study through another framework, whose first stage is another one.
pub(crate) fn through_another() -> Report {
    let mut report = report();
    let lens = &mut report.manifest.framework;
    (lens.id, lens.name) = ("rider".to_owned(), "Rider’s journey".to_owned());
    lens.cyclic = false;
    report.stages.remove(1);
    report.stages[0].name = "Curiosity".to_owned();
    report
}

/// A quote of a finding that was kept as well, and words that are no passage.
fn collections(quote: &Quote) -> Vec<Collection> {
    let kept = KeptQuote {
        text: quote.text.clone(),
        document: quote.document.clone(),
        document_sha256: quote.document_sha256,
        start: quote.start,
        end: quote.end,
        passage: Some(quote.passage),
        speaker: quote.speaker.clone(),
        role: quote.role,
        start_ms: quote.start_ms,
        date: quote.date,
        rating: quote.rating,
        author: "Lee".to_owned(),
        reason: Some("says it (all) · *plainly*".to_owned()),
    };
    let hostile = KeptQuote {
        text: HOSTILE.to_owned(),
        end: quote.start + HOSTILE.len(),
        passage: None,
        speaker: None,
        role: Role::Interviewer,
        date: Date::new(2025, 2, 3).ok(),
        rating: Some(2.5),
        author: String::new(),
        reason: None,
        ..kept.clone()
    };
    vec![Collection {
        name: "For the <talk> & *more*".to_owned(),
        quotes: vec![kept, hostile],
        lost: 1,
    }]
}

fn items(list: &[(&str, &str)]) -> Vec<TextItem> {
    list.iter()
        .map(|(heading, text)| TextItem {
            heading: (*heading).to_owned(),
            text: (*text).to_owned(),
        })
        .collect()
}

fn strings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn input(name: &str, format: &str, charset: &str, documents: usize, passages: usize) -> Input {
    Input {
        name: name.to_owned(),
        sha256: ContentHash::of(name.as_bytes()),
        bytes: 1000 * passages as u64 + 37,
        format: format.to_owned(),
        charset: charset.to_owned(),
        documents,
        passages,
    }
}

fn manifest() -> Manifest {
    Manifest {
        version: "0.1.0".to_owned(),
        dated: Some("2024-03-05T06:07:08Z".to_owned()),
        command: ["throughline", "analyze", "pedalo", "-o", "report"]
            .map(str::to_owned)
            .to_vec(),
        framework: Lens {
            id: "customer".to_owned(),
            name: "Customer journey".to_owned(),
            description: "One customer’s whole relation with a brand.".to_owned(),
            cyclic: true,
            reliability: Some(stages::reliability()),
        },
        parameters: strings(&[
            ("language", "en"),
            ("tagging.unclear_below", "0.45"),
            ("themes.smallest", "3"),
        ]),
        seeds: BTreeMap::from([("bootstrap".to_owned(), 20_240_229)]),
        inputs: vec![
            input("interviews/dana.vtt", "vtt", "UTF-8", 1, 61),
            input("interviews/élodie.txt", "txt", "windows-1252", 1, 48),
            input("reviews & <more>.csv", "csv", "UTF-8", 14, 33),
        ],
        model: ModelInfo {
            name: "all-MiniLM-L6-v2-int8".to_owned(),
            sha256: ContentHash::of(b"model"),
            backend: "rten".to_owned(),
        },
        counts: BTreeMap::from([("documents".to_owned(), 16), ("tags".to_owned(), 142)]),
    }
}

fn corpus(passages: usize) -> Corpus {
    let kind = |kind, documents, participants, turns, passages, evidence_passages| CorpusKind {
        kind,
        documents,
        participants,
        turns,
        passages,
        evidence_passages,
    };
    Corpus {
        documents: 16,
        participants: 10,
        turns: 84,
        passages,
        evidence_passages: passages - 40,
        by_kind: vec![
            kind(
                SourceKind::Interview,
                2,
                2,
                70,
                passages - 33,
                passages - 73,
            ),
            kind(SourceKind::Review, 14, 8, 14, 33, 33),
        ],
        by_role: vec![
            RoleCount {
                role: Role::Interviewer,
                turns: 35,
                passages: 38,
            },
            RoleCount {
                role: Role::Participant,
                turns: 47,
                passages: passages - 40,
            },
            RoleCount {
                role: Role::Unknown,
                turns: 2,
                passages: 2,
            },
        ],
        days: Some(Days {
            first: "2024-02-29".parse().unwrap(),
            last: "2024-04-02".parse().unwrap(),
        }),
    }
}

fn coverage(stages: &[StageReport]) -> Coverage {
    let sum = |count: fn(&StageReport) -> usize| stages.iter().map(count).sum::<usize>();
    let placed = sum(|s| s.counts.passages);
    let pain_passages = sum(|s| s.pain_passages);
    let pain_in_other = sum(|s| s.other.passages);
    let counted = placed + 4 + 9 + 5 + 1;
    Coverage {
        passages: counted + 38,
        not_evidence: 38,
        counted,
        placed,
        outside: 4,
        none: 9,
        unclear: 5,
        untagged: 1,
        pain_passages,
        pain_in_findings: pain_passages - pain_in_other,
        pain_in_other,
        pain_not_placed: 3,
        files_read: 3,
        files_skipped: 1,
        parts_skipped: 7,
    }
}

fn apart() -> Apart {
    let part = |passages, pain_passages, moments: &[(Moment, usize)], examples| NotPlaced {
        counts: Counts {
            passages,
            documents: passages.min(2),
            participants: 1,
        },
        pain_passages,
        by_moment: moments
            .iter()
            .map(|(moment, passages)| MomentCount {
                moment: *moment,
                passages: *passages,
            })
            .collect(),
        examples,
    };
    Apart {
        outside: part(
            4,
            2,
            &[(Moment::Support, 3), (Moment::Loyalty, 1)],
            vec![quote("Nobody ever called me back about the deposit.")],
        ),
        none: part(9, 0, &[], vec![quote("Is the recorder on?")]),
        unclear: part(
            5,
            1,
            &[(Moment::Use, 4), (Moment::Purchase, 1)],
            vec![unclear("Well, it is what it is.")],
        ),
        untagged: part(1, 0, &[], Vec::new()),
    }
}

fn skipped() -> Vec<Skipped> {
    let skip = |file: &str, line, count, reason: &str| Skipped {
        file: file.to_owned(),
        line,
        count,
        reason: reason.to_owned(),
    };
    vec![
        skip(
            "interviews/photo.txt",
            None,
            1,
            "it holds bytes that no text has; is it a picture?",
        ),
        skip(
            "reviews & <more>.csv",
            Some(12),
            7,
            "the row has 3 cells where the header has 5; check its quotation marks | and commas",
        ),
    ]
}
