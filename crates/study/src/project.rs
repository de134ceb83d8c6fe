//! The study as a REFI-QDA project: texts, codes, and who said what.

use std::collections::{BTreeMap, BTreeSet};

use throughline_core::{
    Date, Document, Explanation, Framework, Owner, ParticipantId, PassageId, Span, Stage, Why,
};
use throughline_nlp::{EXPLAIN_METHOD, Tagger};
use throughline_refi::{Case, Code, Guid, Project, Selection, TextSource, User, Variable};
use throughline_report::{CodedPassage, Report, manifest_rows};
use throughline_store::Attachment;
use throughline_store::kind::CODE;

use crate::coding::{Coding, id};
use crate::evidence::Said;
use crate::importing::names_of;
use crate::redacting::Redaction;
use crate::study::model_key;
use crate::{Study, StudyError};

/// What our projects name as their origin, before the version.
pub(crate) const ENGINE: &str = "throughline";

/// The heading over the codes of people.
pub(crate) const PEOPLE: &str = "Codes of people";

/// The day of what has none.
pub(crate) const NO_DAY: &str = "1970-01-01T00:00:00Z";

impl Study {
    /// The study as a project, as `report`, made with `tagger` through
    /// `framework`, has it. Stages of other frameworks that are made of moments
    /// are codes as well.
    pub(crate) fn project(
        &self,
        report: &Report,
        coding: &Coding,
        (tagger, framework): (&dyn Tagger, &Framework),
        mut redaction: Option<&mut Redaction>,
    ) -> Result<Project, StudyError> {
        let engine = User {
            guid: engine(),
            name: format!("{ENGINE} {}", report.manifest.version),
        };
        let lenses: Vec<&Framework> = self
            .frameworks
            .iter()
            .filter(|other| other.id != framework.id && !other.is_by_exemplars())
            .collect();
        let mut builder = Builder {
            selections: BTreeMap::new(),
            people: BTreeMap::new(),
            variables: BTreeMap::new(),
            users: vec![engine],
        };
        let mut ids = Vec::new();
        coding.each(self, redaction.as_deref(), &mut |passage, said| {
            ids.push(said.id);
            builder.passage((passage, said), coding, &lenses);
            Ok(())
        })?;
        let known = self
            .store
            .explanations(&model_key(tagger), EXPLAIN_METHOD, &ids)?;
        let known: BTreeMap<PassageId, Explanation> = ids
            .into_iter()
            .zip(known)
            .filter_map(|(id, why)| Some((id, why?)))
            .collect();
        let judged = self.judged_codes(&mut builder, redaction.as_deref_mut())?;
        let mut sources = Vec::new();
        for name in self.store.document_names()? {
            let Some(document) = self.store.document(&name)? else {
                continue;
            };
            builder.explain(&document, &known, redaction.as_deref());
            sources.push(builder.source(match &mut redaction {
                Some(redaction) => redaction.document(&document)?.0,
                None => document,
            }));
        }
        let mut codes = engine_codes(report, framework, &lenses);
        codes.extend(judged);
        codes.extend(builder.participants());
        distinct_names(&mut codes, &mut BTreeSet::new());
        let manifest = manifest_rows(&report.manifest).into_iter();
        let manifest = manifest.map(|[name, value]| format!("{name}: {value}\n"));
        Ok(Project {
            name: report.title.clone(),
            origin: format!("{ENGINE} {}", report.manifest.version),
            created: report.written(),
            description: Some(manifest.collect()),
            codes,
            variables: builder.variables(),
            cases: builder.cases(),
            users: builder.users,
            sources,
        })
    }

    /// What people coded: notes it at its places, and tells the codes.
    fn judged_codes(
        &self,
        builder: &mut Builder,
        mut redaction: Option<&mut Redaction>,
    ) -> Result<Option<Code>, StudyError> {
        let mut names = BTreeSet::new();
        for (judgement, attachment) in self.store.judgements()? {
            let Attachment::Exact { span, .. } = attachment else {
                continue;
            };
            if judgement.kind != CODE {
                continue;
            }
            let (judgement, span) = match &mut redaction {
                Some(redaction) => redaction.judgement(judgement, span),
                None => (judgement, span),
            };
            let user = Guid::of("user", &judgement.author);
            if builder.users.iter().all(|known| known.guid != user) {
                builder.users.push(User {
                    guid: user,
                    name: judgement.author.clone(),
                });
            }
            let of_document = builder.selections.entry(judgement.anchor.document);
            of_document.or_default().push(Marked {
                selection: Selection {
                    guid: Guid::of("judgement", &judgement.id),
                    span,
                    words: None,
                    description: judgement.reason,
                    user: Some(user),
                    created: Some(judgement.time),
                    codes: vec![person_code(&judgement.value)],
                },
                passage: None,
            });
            names.insert(judgement.value);
        }
        let mut children = self.codes_of_people(redaction)?;
        let mut known = BTreeSet::new();
        names_of(&children, &mut known);
        let new = names.difference(&known);
        children.extend(new.map(|name| Code::new(person_code(name), name)));
        Ok((!children.is_empty()).then(|| tree(PEOPLE, children)))
    }

    /// The codes of people that were brought in, redacted where reports are.
    pub(crate) fn codes_of_people(
        &self,
        redaction: Option<&mut Redaction>,
    ) -> Result<Vec<Code>, StudyError> {
        let codes = self.imported_codes()?;
        Ok(match redaction {
            Some(redaction) => redacted_codes(codes, redaction),
            None => codes,
        })
    }
}

fn redacted_codes(codes: Vec<Code>, redaction: &mut Redaction) -> Vec<Code> {
    let mut redacted = Vec::with_capacity(codes.len());
    for code in codes {
        let name = redaction.text(&code.name);
        redacted.push(Code {
            guid: person_code(&name),
            description: code.description.map(|text| redaction.text(&text)),
            children: redacted_codes(code.children, redaction),
            name,
            ..code
        });
    }
    redacted
}

/// A selection, and the passage of the record that it is, if it is one.
struct Marked {
    selection: Selection,
    passage: Option<(PassageId, Span)>,
}

/// Somebody's attributes and texts.
#[derive(Default)]
struct Person {
    values: BTreeMap<String, String>,
    sources: BTreeSet<Guid>,
}

/// A project while it is put together.
struct Builder {
    /// By document.
    selections: BTreeMap<String, Vec<Marked>>,
    people: BTreeMap<ParticipantId, Person>,
    /// Names of attributes and their ids.
    variables: BTreeMap<String, Guid>,
    users: Vec<User>,
}

impl Builder {
    fn passage(
        &mut self,
        (passage, said): (&CodedPassage, &Said),
        coding: &Coding,
        lenses: &[&Framework],
    ) {
        let own = passage
            .codes
            .iter()
            .filter_map(|code| coding.codes.get(*code));
        let mut codes: Vec<Guid> = own.map(|code| code_guid(&code.id)).collect();
        if !passage.unclear {
            let stages = lenses.iter().filter_map(|lens| {
                let stage = lens.stage_of(passage.moment).ok()?;
                Some(code_guid(&lens_stage(lens, stage)))
            });
            codes.extend(stages);
        }
        let of_document = self.selections.entry(passage.document.to_string());
        of_document.or_default().push(Marked {
            selection: Selection {
                guid: Guid::of("passage", &passage.passage.to_string()),
                span: Span {
                    start: passage.start,
                    end: passage.end,
                },
                words: None,
                description: None,
                user: None,
                created: passage.date.map(|date| moment(Some(date))),
                codes,
            },
            passage: Some((said.id, said.span)),
        });
    }

    /// Notes beside the passages of a document of the record why they have their
    /// tags.
    fn explain(
        &mut self,
        document: &Document,
        known: &BTreeMap<PassageId, Explanation>,
        redaction: Option<&Redaction>,
    ) {
        let name = redaction.and_then(|redaction| redaction.name(&document.name));
        let name = name.unwrap_or(&document.name);
        for marked in self.selections.get_mut(name).into_iter().flatten() {
            let passage = marked.passage;
            let why = passage.and_then(|(id, span)| Some((known.get(&id)?, span)));
            let Some((why, span)) = why else { continue };
            let text = document.slice(span);
            let words = |carrier: Span| {
                let words = carrier.slice(text)?;
                Some(match redaction {
                    Some(redaction) => {
                        let start = span.start + carrier.start;
                        redaction.words(&document.name, start, words).1
                    }
                    None => words.to_owned(),
                })
            };
            marked.selection.description = Some(memo(why, &words));
        }
    }

    /// A document with what is coded in it, and its participants' turns.
    fn source(&mut self, document: Document) -> TextSource {
        let guid = Guid::of("source", &document.name);
        let marked = self.selections.remove(&document.name).unwrap_or_default();
        let mut selections: Vec<Selection> = marked.into_iter().map(|one| one.selection).collect();
        for turn in &document.turns {
            let Some(participant) = &turn.participant else {
                continue;
            };
            let place = format!("{} {}", document.name, turn.span.start);
            selections.push(Selection {
                guid: Guid::of("turn", &place),
                span: turn.span,
                words: None,
                description: None,
                user: None,
                created: None,
                codes: vec![participant_guid(participant)],
            });
            let person = self.people.entry(participant.clone()).or_default();
            person.sources.insert(guid);
            let speaker = turn
                .speaker
                .as_deref()
                .and_then(|label| document.meta.speaker(label));
            let attributes = speaker.map(|speaker| &speaker.attributes).into_iter();
            for (name, value) in attributes.chain([&document.meta.attributes]).flatten() {
                let variable = || Guid::of("variable", name);
                self.variables.entry(name.clone()).or_insert_with(variable);
                person
                    .values
                    .entry(name.clone())
                    .or_insert_with(|| value.clone());
            }
        }
        selections.retain(|selection| !selection.span.is_empty());
        selections.sort_by_key(|one| (one.span.start, one.span.end, one.guid));
        TextSource {
            guid,
            name: document.name,
            text: document.text,
            created: document.meta.date.map(|date| moment(Some(date))),
            selections,
        }
    }

    fn participants(&self) -> Option<Code> {
        let people = self.people.keys();
        let children = people.map(|person| Code {
            guid: participant_guid(person),
            ..leaf("Participant", "", person.as_str())
        });
        let children: Vec<Code> = children.collect();
        (!children.is_empty()).then(|| tree("Participant", children))
    }

    fn cases(&self) -> Vec<Case> {
        let people = self.people.iter().map(|(id, person)| Case {
            guid: participant_guid(id),
            name: id.to_string(),
            values: (person.values.iter())
                .filter_map(|(name, value)| Some((*self.variables.get(name)?, value.clone())))
                .collect(),
            sources: person.sources.iter().copied().collect(),
        });
        people.collect()
    }

    fn variables(&self) -> Vec<Variable> {
        let variables = self.variables.iter().map(|(name, guid)| Variable {
            guid: *guid,
            name: name.clone(),
        });
        variables.collect()
    }
}

/// The codes of the engine, as trees.
pub(crate) fn engine_codes(
    report: &Report,
    framework: &Framework,
    lenses: &[&Framework],
) -> Vec<Code> {
    let plain = |group: &str, heading: &str, labels: &[&str]| {
        let children = labels
            .iter()
            .map(|label| leaf(heading, &id(group, label), label));
        tree(heading, children.collect())
    };
    let stages = framework.stages.iter().map(|stage| Code {
        colour: Some(stage.colour.clone()),
        description: Some(stage.definition.clone()),
        ..leaf("Stage", &id("stage", &stage.id), &stage.name)
    });
    let mut codes = vec![tree("Stage", stages.collect())];
    for lens in lenses {
        let heading = format!("Stage ({})", lens.id);
        let stages = lens.stages.iter().map(|stage| Code {
            colour: Some(stage.colour.clone()),
            description: Some(stage.definition.clone()),
            ..leaf(&heading, &lens_stage(lens, stage), &stage.name)
        });
        codes.push(tree(&heading, stages.collect()));
    }
    use throughline_core::{Moment, Sentiment, Severity, Touchpoint};
    let labels: Vec<&str> = Moment::ALL.iter().map(|label| label.as_str()).collect();
    codes.push(plain("moment", "Moment", &labels));
    let labels: Vec<&str> = Sentiment::ALL.iter().map(|label| label.as_str()).collect();
    codes.push(plain("sentiment", "Sentiment", &labels));
    let labels: Vec<&str> = Severity::ALL.iter().map(|label| label.as_str()).collect();
    let mut pain = plain("severity", "Severity", &labels).children;
    pain.insert(0, leaf("Pain", &id("pain", "stated"), "stated"));
    codes.push(tree("Pain", pain));
    let touchpoints = Touchpoint::ALL.iter().map(|touchpoint| Code {
        description: touchpoint.owner().map(|owner: Owner| owner.to_string()),
        ..leaf(
            "Touchpoint",
            &id("touchpoint", touchpoint.as_str()),
            touchpoint.as_str(),
        )
    });
    codes.push(tree("Touchpoint", touchpoints.collect()));
    let themes = report
        .stages
        .iter()
        .filter(|stage| !stage.findings.is_empty())
        .map(|stage| {
            let themes = stage.findings.iter().map(|finding| Code {
                description: Some(finding.terms.join(", ")),
                colour: Some(stage.colour.clone()),
                ..leaf(
                    "Theme",
                    &id("theme", &finding.id),
                    &finding.label.text.replace('\n', " "),
                )
            });
            tree(&format!("Themes of {}", stage.name), themes.collect())
        });
    let themes: Vec<Code> = themes.collect();
    if !themes.is_empty() {
        codes.push(tree("Theme", themes));
    }
    codes
}

/// A heading over codes.
fn tree(name: &str, children: Vec<Code>) -> Code {
    Code {
        codable: false,
        children,
        ..Code::new(Guid::of("heading", name), name)
    }
}

fn leaf(heading: &str, id: &str, name: &str) -> Code {
    Code::new(code_guid(id), &format!("{heading}: {name}"))
}

/// The id of a code that people made.
pub(crate) fn person_code(name: &str) -> Guid {
    code_guid(&id(CODE, name))
}

/// The id of the engine as one who codes.
pub(crate) fn engine() -> Guid {
    Guid::of("user", "engine")
}

fn code_guid(id: &str) -> Guid {
    Guid::of("code", id)
}

fn participant_guid(id: &ParticipantId) -> Guid {
    Guid::of("participant", id.as_str())
}

fn lens_stage(lens: &Framework, stage: &Stage) -> String {
    id(&format!("stage:{}", lens.id), &stage.id)
}

/// Gives codes of the same name a number: tools want names to differ over the
/// whole project.
fn distinct_names(codes: &mut [Code], taken: &mut BTreeSet<String>) {
    for code in codes {
        let name = code.name.clone();
        let mut number = 2;
        while !taken.insert(code.name.clone()) {
            code.name = format!("{name} ({number})");
            number += 1;
        }
        distinct_names(&mut code.children, taken);
    }
}

/// A day as XML Schema writes moments.
fn moment(day: Option<Date>) -> String {
    day.map_or_else(|| NO_DAY.to_owned(), |day| format!("{day}T00:00:00Z"))
}

/// The words at a range of a passage.
type WordsAt<'a> = &'a dyn Fn(Span) -> Option<String>;

/// Why a passage has its tags, a line each.
fn memo(why: &Explanation, words: WordsAt<'_>) -> String {
    let lines = [
        line("moment", &why.moment, words),
        line("sentiment", &why.sentiment, words),
        line("pain", &why.pain, words),
        line("touchpoint", &why.touchpoint, words),
    ];
    lines.join("\n")
}

fn line<T: std::fmt::Display + Copy>(tag: &str, why: &Why<T>, words: WordsAt<'_>) -> String {
    let answer = &why.answer;
    let mut line = format!("{tag}: {} {:.2}", answer.label, answer.confidence);
    if let Some(other) = &why.runner_up {
        line.push_str(&format!(", then {} {:.2}", other.label, other.confidence));
    }
    let words = why.words.iter().filter_map(|carrier| words(carrier.span));
    let words: Vec<String> = words.map(|words| format!("“{words}”")).collect();
    if !words.is_empty() {
        line.push_str(&format!("; by {}", words.join(", ")));
    }
    line
}
