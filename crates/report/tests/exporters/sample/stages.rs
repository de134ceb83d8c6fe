use throughline_core::{
    ContentHash, Date, Moment, OtherReason, PassageId, Period, Prompting, Sentiment, Severity,
    SourceKind, Span, Touchpoint,
};
use throughline_report::*;

use super::words::{HOSTILE, LONG, MARKDOWN, RTL, label, praise, quote};

pub(super) fn interval(low: f64, high: f64) -> Interval {
    Interval {
        low,
        high,
        level: 0.95,
        unit: Unit::Participant,
        method: "Wilson".to_owned(),
    }
}

fn estimate(value: f64, range: Option<(f64, f64)>, units: usize) -> Option<Estimate> {
    Some(Estimate {
        value,
        interval: range.map(|(low, high)| Interval {
            method: "bootstrap of participants".to_owned(),
            ..interval(low, high)
        }),
        units,
    })
}

fn counts(passages: usize, documents: usize, participants: usize) -> Counts {
    Counts {
        passages,
        documents,
        participants,
    }
}

fn kinds(passages: usize, reviews: usize) -> Vec<KindCounts> {
    let kind = |kind, counts| KindCounts { kind, counts };
    let mut kinds = Vec::new();
    if passages > reviews {
        let said = counts(
            passages - reviews,
            2.min(passages - reviews),
            2.min(passages - reviews),
        );
        kinds.push(kind(SourceKind::Interview, said));
    }
    if reviews > 0 {
        kinds.push(kind(
            SourceKind::Review,
            counts(reviews, reviews, reviews / 2),
        ));
    }
    kinds
}

fn touch(touchpoint: Touchpoint, passages: usize, pain_passages: usize) -> TouchpointCount {
    TouchpointCount {
        touchpoint,
        owner: touchpoint.owner(),
        counts: counts(passages, passages.min(5), passages.min(4)),
        pain_passages,
    }
}

/// Negative, neutral, positive, mixed.
pub(super) fn feelings(each: [usize; 4]) -> SentimentSummary {
    use Sentiment::{Mixed, Negative, Neutral, Positive};
    let kinds = [Negative, Neutral, Positive, Mixed];
    let list = kinds.into_iter().zip(each);
    SentimentSummary::of(list.flat_map(|(kind, n)| std::iter::repeat_n(kind, n)))
}

/// What became of six exemplars that were left out in turn.
pub(crate) fn reliability() -> Reliability {
    Reliability {
        exemplars: 6,
        right: 4,
        unclear: 1,
        interval: Some(Interval {
            unit: Unit::Exemplar,
            ..interval(0.3, 0.903)
        }),
    }
}

/// A stage without findings.
fn stage(
    id: &str,
    name: &str,
    colour: &str,
    moments: &[Moment],
    each: [usize; 4],
    (documents, participants): (usize, usize),
) -> StageReport {
    let sentiment = feelings(each);
    let passages = sentiment.total();
    StageReport {
        id: id.to_owned(),
        name: name.to_owned(),
        definition: format!("What is said about {}.", name.to_lowercase()),
        goal: "To know what it costs, and to be on the road within a minute.".to_owned(),
        colour: colour.to_owned(),
        moments: moments.to_vec(),
        reliability: None,
        counts: counts(passages, documents, participants),
        by_kind: kinds(passages, passages / 3),
        sentiment,
        touchpoints: Vec::new(),
        pain_passages: 0,
        too_few_voices: false,
        works: Vec::new(),
        praise: Vec::new(),
        wishes: None,
        findings: Vec::new(),
        other: Other::default(),
    }
}

fn finding(id: &str, words: &str, rank: Option<usize>, severities: &[Severity]) -> Finding {
    let mentions = severities.len();
    let severity = SeverityCounts::of(severities.iter().copied());
    let level = severity.median.and_then(Severity::level);
    let part = level.map_or(0.5, |level| f64::from(level) / 4.0);
    let promptings = (0..mentions).map(|i| match i {
        0 => Prompting::Prompted,
        1 => Prompting::Assent,
        2 => Prompting::Unknown,
        _ => Prompting::Unprompted,
    });
    let people = mentions.min(7);
    let share = |count, of, denominator| Share {
        count,
        of,
        denominator,
        interval: Some(interval(0.529, 0.978)),
    };
    Finding {
        id: id.to_owned(),
        label: label(words),
        terms: ["price", "last page", "card"].map(str::to_owned).to_vec(),
        rank,
        priority: Priority {
            score: part * people as f64 / 8.0,
            severity: part,
            severity_assumed: level.is_none(),
            reach: people as f64 / 8.0,
            ranks: None,
        },
        counts: counts(mentions, people, people),
        participants: share(people, 8, Denominator::StageParticipants),
        documents: share(people, 23, Denominator::AllDocuments),
        effective_voices: Some(people as f64 - 0.5),
        by_kind: kinds(mentions, mentions / 2),
        severity,
        sentiment: SentimentSummary {
            net: estimate(-75.0, Some((-100.0, -40.0)), people),
            valence: estimate(-0.6, None, people),
            ..feelings([mentions - 1, 0, 0, 1])
        },
        prompting: PromptingCounts::of(promptings),
        touchpoints: vec![touch(Touchpoint::Web, mentions - 1, mentions - 1)],
        quotes: vec![quote(words)],
        counter_evidence: Vec::new(),
        members: (0..mentions)
            .map(|i| {
                PassageId::of(
                    words,
                    ContentHash::of(b""),
                    Span {
                        start: i,
                        end: i + 1,
                    },
                )
            })
            .collect(),
        parts: Vec::new(),
        also: Vec::new(),
        recurs_in: Vec::new(),
        code: None,
        impact: Vec::new(),
        segments: Vec::new(),
        trend: None,
    }
}

/// A named group of some of the members of `of`.
fn group(words: &str, of: &[PassageId], quotes: Vec<Quote>) -> NamedGroup {
    let share = |denominator| Share {
        count: of.len(),
        of: 8,
        denominator,
        interval: Some(interval(0.1, 0.7)),
    };
    NamedGroup {
        label: label(words),
        terms: vec!["page".to_owned(), "<i>last</i>".to_owned()],
        counts: counts(of.len(), of.len(), of.len()),
        participants: share(Denominator::StageParticipants),
        documents: share(Denominator::StageDocuments),
        quotes,
        members: of.to_vec(),
    }
}

/// What a codebook, ratings, segments and months say of a finding.
fn compared(finding: Finding) -> Finding {
    let share = |value: &str, count, of| SegmentShare {
        value: value.to_owned(),
        count,
        of,
        interval: count.map(|_| interval(0.5, 0.97)),
    };
    let month = |month, count, of| PeriodShare {
        first: Date::new(2025, month, 1).unwrap(),
        count,
        of,
        interval: Some(interval(0.05, 0.45)),
    };
    Finding {
        priority: Priority {
            ranks: Some(RankRange { best: 1, worst: 2 }),
            ..finding.priority
        },
        code: Some(CodebookEntry {
            name: Some("Price at the *last* step".to_owned()),
            definition: "The price is seen too late.".to_owned(),
            new: false,
        }),
        impact: vec![RatingImpact {
            source: "reviews.csv".to_owned(),
            rated: 40,
            mentioning: 6,
            mean: 3.5,
            without: 0.25,
            without_interval: Some(interval(0.1, 0.4)),
            difference: -1.75,
            difference_interval: Some(interval(-2.5, -0.9)),
        }],
        segments: vec![SegmentDifference {
            attribute: "plan".to_owned(),
            values: vec![share("day", Some(6), 7), share("year", None, 9)],
            test: "Fisher".to_owned(),
            p: 0.0004,
            adjusted: 0.031,
        }],
        trend: Some(Trend {
            period: Period::Month,
            shares: vec![month(3, 1, 20), month(4, 9, 20)],
            z: 2.8,
            p: 0.005,
            adjusted: 0.04,
        }),
        ..finding
    }
}

pub(super) fn stages() -> Vec<StageReport> {
    let mut list = vec![
        awareness(),
        stage(
            "consideration",
            "Consideration",
            "#6a8caf",
            &[Moment::Research],
            [3, 5, 6, 1],
            (6, 5),
        ),
        purchase(),
        onboarding(),
        using(),
        stage(
            "retention",
            "Retention",
            "#5c4b8a",
            &[Moment::Loyalty],
            [0; 4],
            (0, 0),
        ),
        stage(
            "advocacy",
            "Advocacy",
            "#b0578d",
            &[Moment::Advocacy],
            [1, 0, 4, 0],
            (3, 2),
        ),
    ];
    list[1].sentiment.net = estimate(20.0, Some((-12.4, 48.0)), 5);
    list[1].sentiment.valence = estimate(0.14, Some((-0.1, 0.4)), 5);
    list[1].touchpoints = vec![touch(Touchpoint::Peers, 5, 0), touch(Touchpoint::Web, 4, 0)];
    // A framework has one or the other; a sample has all that can stand there.
    list[1].moments = Vec::new();
    list[1].reliability = Some(reliability());
    list[6].sentiment.net = estimate(60.0, None, 2);
    list[6].too_few_voices = true;
    list
}

fn awareness() -> StageReport {
    let mut stage = stage(
        "awareness",
        "Awareness",
        "#f2c14e",
        &[Moment::Need, Moment::Discover],
        [0, 3, 5, 0],
        (4, 4),
    );
    stage.sentiment.net = estimate(62.5, Some((30.0, 92.0)), 4);
    stage.sentiment.valence = estimate(0.5, Some((0.2, 0.8)), 4);
    stage.touchpoints = vec![
        touch(Touchpoint::Peers, 4, 0),
        touch(Touchpoint::Ads, 2, 0),
        touch(Touchpoint::None, 2, 0),
    ];
    stage.works = vec![praise(
        "A friend told me about it.",
        Moment::Discover,
        Touchpoint::Peers,
    )];
    stage
}

fn purchase() -> StageReport {
    use Severity::{Effort, Failed, Irritation, Loss, Unknown};
    let mut stage = stage(
        "purchase",
        "Purchase & payment",
        "#c8553d",
        &[Moment::Purchase],
        [19, 5, 3, 4],
        (13, 8),
    );
    stage.sentiment.net = estimate(-51.6, Some((-71.0, -22.0)), 8);
    stage.sentiment.valence = estimate(-0.41, Some((-0.6, -0.2)), 8);
    stage.touchpoints = vec![
        touch(Touchpoint::Web, 14, 11),
        touch(Touchpoint::Pay, 9, 6),
        touch(Touchpoint::App, 4, 2),
        touch(Touchpoint::Delivery, 2, 0),
        touch(Touchpoint::None, 2, 0),
    ];
    let mut price = finding(
        "t-price",
        "could not find the price before the last page",
        Some(1),
        &[
            Failed, Failed, Effort, Loss, Failed, Irritation, Unknown, Effort, Failed, Failed,
        ],
    );
    price.quotes = vec![
        quote("I could not find the price before the last page."),
        quote("You see the price only after you have paid."),
        quote(MARKDOWN),
    ];
    price.counter_evidence = vec![praise(
        "The price was clear to me, to be fair.",
        Moment::Purchase,
        Touchpoint::Web,
    )];
    price.parts = vec![
        group("could not find the price", &price.members[..4], Vec::new()),
        group(HOSTILE, &price.members[5..8], Vec::new()),
    ];
    price.recurs_in = vec!["t-app".to_owned()];
    let mut script = finding(
        "t-script",
        HOSTILE,
        Some(2),
        &[Effort, Irritation, Effort, Unknown],
    );
    script.also = price.members[..1].to_vec();
    script.terms = vec!["<b>bold</b>".to_owned(), "onerror".to_owned()];
    good_news(&mut stage, &script.members);
    price.quotes[1].corrected = vec!["pain".to_owned()];
    price.quotes[1].adapted = vec!["touchpoint".to_owned()];
    stage.findings = vec![compared(price), script];
    stage.pain_passages = 17;
    stage.other = Other {
        passages: 3,
        groups: vec![
            OtherGroup {
                reason: OtherReason::TooFar,
                passages: 2,
                examples: vec![quote("Nobody ever called me back about the deposit.")],
            },
            OtherGroup {
                reason: OtherReason::TooFew,
                passages: 1,
                examples: Vec::new(),
            },
        ],
    };
    stage
}

/// What works, and what is wished for.
fn good_news(stage: &mut StageReport, members: &[PassageId]) {
    stage.praise = vec![
        group(
            "The ride itself was lovely",
            &members[..2],
            vec![praise(
                "The ride itself was lovely, smooth and quiet.",
                Moment::Use,
                Touchpoint::Product,
            )],
        ),
        group(RTL, &members[2..4], Vec::new()),
    ];
    stage.wishes = Some(Wishes {
        counts: counts(2, 2, 1),
        quotes: vec![quote("Nobody ever called me back about the deposit.")],
    });
}

fn onboarding() -> StageReport {
    use Severity::{Effort, Failed, Loss};
    let mut stage = stage(
        "onboarding",
        "Onboarding",
        "#2f7f79",
        &[Moment::Delivery, Moment::Setup],
        [8, 3, 2, 5],
        (7, 6),
    );
    stage.sentiment.net = estimate(-33.3, Some((-70.0, 4.0)), 6);
    stage.sentiment.valence = estimate(-0.2, Some((-0.5, 0.1)), 6);
    stage.touchpoints = vec![touch(Touchpoint::App, 12, 8), touch(Touchpoint::Docs, 3, 1)];
    let mut arabic = finding("t-app", RTL, Some(1), &[Loss, Failed, Loss, Failed, Loss]);
    arabic.recurs_in = vec!["t-price".to_owned()];
    arabic.quotes = vec![quote(RTL), quote(LONG)];
    let vague = finding(
        "t-vague",
        "scan the code again",
        Some(2),
        &[Severity::Unknown; 3],
    );
    stage.findings = vec![arabic, vague];
    stage.pain_passages = 8;
    stage.works = vec![praise(
        "The ride itself was lovely, smooth and quiet.",
        Moment::Use,
        Touchpoint::Product,
    )];
    stage.findings[0].severity = SeverityCounts::of([Loss, Failed, Loss, Failed, Effort]);
    stage
}

fn using() -> StageReport {
    let mut stage = stage(
        "use",
        "Use",
        "#1b3a5c",
        &[Moment::Use, Moment::Support],
        [4, 6, 12, 3],
        (9, 7),
    );
    stage.sentiment.net = estimate(32.0, Some((5.0, 55.0)), 7);
    stage.sentiment.valence = estimate(0.28, Some((0.05, 0.45)), 7);
    stage.touchpoints = vec![
        touch(Touchpoint::Product, 18, 3),
        touch(Touchpoint::Place, 3, 1),
    ];
    stage.works = vec![
        praise(
            "The ride itself was lovely, smooth and quiet.",
            Moment::Use,
            Touchpoint::Product,
        ),
        praise("A friend told me about it.", Moment::Use, Touchpoint::Peers),
    ];
    let mut one = finding(
        "t-rain",
        "the screen went dark",
        None,
        &[Severity::Failed, Severity::Failed, Severity::Effort],
    );
    one.participants.of = 0;
    one.participants.count = 0;
    one.counts.participants = 0;
    one.participants.interval = None;
    stage.findings = vec![one];
    stage.pain_passages = 3;
    stage
}
