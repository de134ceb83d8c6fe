//! What the names in a query stand for in a study.

use std::cell::RefCell;
use std::ops::ControlFlow;

use throughline_core::{Framework, Moment, NoStage, PassageId, Placement};
use throughline_index::{Members, Query, Unknown, Vocabulary};
use throughline_nlp::Tagger;
use throughline_store::ModelKey;

use crate::{Placer, Study, StudyError};

/// What a query's `stage:` calls the passages of moments that a framework does
/// not cover, and those about no journey.
pub(super) const OUTSIDE: &str = "outside";
pub(super) const NONE: &str = "none";
/// What a query's `theme:` calls the pain points in no theme.
pub(super) const OTHER: &str = "other";

/// The names of a study, looked at through one framework unless a query names
/// another.
pub(super) struct Names<'s> {
    study: &'s Study,
    tagger: &'s dyn Tagger,
    model: &'s ModelKey,
    framework: &'s Framework,
    /// Why a name could not be looked up, where the record is at fault and not
    /// the query.
    failure: RefCell<Option<StudyError>>,
}

impl<'s> Names<'s> {
    pub(super) fn new(
        study: &'s Study,
        tagger: &'s dyn Tagger,
        model: &'s ModelKey,
        framework: &'s Framework,
    ) -> Self {
        Self {
            study,
            tagger,
            model,
            framework,
            failure: RefCell::new(None),
        }
    }

    /// Reads a query.
    pub(super) fn query(&self, text: &str) -> Result<Query, StudyError> {
        let query = Query::parse(text, self);
        match self.failure.take() {
            Some(error) => Err(error),
            None => Ok(query?),
        }
    }

    /// Reads a query in which `@name` stands for a search of the settings.
    pub(super) fn query_with_saved(&self, text: &str) -> Result<Query, StudyError> {
        let Some(called) = text.trim_start().strip_prefix('@') else {
            return self.query(text);
        };
        let (name, rest) = called
            .split_once(char::is_whitespace)
            .unwrap_or((called, ""));
        let searches = &self.study.config.searches;
        let Some(saved) = searches.get(name) else {
            let known: Vec<_> = searches.keys().map(|name| format!("@{name}")).collect();
            return Err(StudyError::NoSearch {
                name: name.to_owned(),
                known: known.join(", "),
            });
        };
        let saved = self.query(saved).map_err(|error| match error {
            StudyError::Query(source) => StudyError::SavedSearch {
                name: name.to_owned(),
                source,
            },
            other => other,
        })?;
        if rest.trim().is_empty() {
            return Ok(saved);
        }
        Ok(saved.and(self.query_with_saved(rest)?)?)
    }

    /// The answer, if the record could give one.
    fn answer<T>(&self, answer: Result<Result<T, Unknown>, StudyError>) -> Result<T, Unknown> {
        answer.unwrap_or_else(|error| {
            let unknown = Unknown::new(error.to_string());
            *self.failure.borrow_mut() = Some(error);
            Err(unknown)
        })
    }

    fn framework_called(&self, id: Option<&str>) -> Result<&'s Framework, StudyError> {
        id.map_or(Ok(self.framework), |id| self.study.framework(Some(id)))
    }

    fn stage_in(
        &self,
        framework: Option<&str>,
        name: &str,
    ) -> Result<Result<Members, Unknown>, StudyError> {
        let framework = self.framework_called(framework)?;
        let stage = framework.find(name);
        let lower = name.to_lowercase();
        if stage.is_none() && lower != OUTSIDE && lower != NONE {
            let stages = framework.stages.iter();
            let all = stages.flat_map(|stage| std::iter::once(stage).chain(&stage.sub_stages));
            let mut known: Vec<String> = all.map(|stage| stage.id.clone()).collect();
            known.extend([OUTSIDE, NONE].map(str::to_owned));
            return Ok(Err(Unknown {
                message: format!("the framework '{}' has no stage '{name}'", framework.id),
                known,
                advice: "`throughline frameworks` lists the stages of each; moment:unclear finds \
                         what is in none for want of certainty"
                    .to_owned(),
            }));
        }
        if !framework.is_by_exemplars() {
            return Ok(Ok(Members::Moments(match stage {
                Some(stage) => stage.all_moments(),
                None => moments_without_stage(framework, &lower),
            })));
        }
        let wanted = |place: Placement<'_>| match (place, stage) {
            (Ok(place), Some(stage)) => place.id == stage.id,
            (Err(NoStage::Outside), None) => lower == OUTSIDE,
            (Err(NoStage::None), None) => lower == NONE,
            _ => false,
        };
        let mut passages = Vec::new();
        self.study
            .each_placed(self.model, self.tagger, framework, &mut |id, place| {
                if wanted(place) {
                    passages.push(id);
                }
            })?;
        Ok(Ok(Members::Passages(passages)))
    }

    fn theme_in(
        &self,
        framework: Option<&str>,
        name: &str,
    ) -> Result<Result<Members, Unknown>, StudyError> {
        let framework = self.framework_called(framework)?;
        let kept = self.study.store.themes(&framework.id)?;
        let (themes, other) =
            kept.map_or_else(Default::default, |(_, themes, other)| (themes, other));
        let lower = name.to_lowercase();
        if lower == OTHER {
            let other = other.into_iter().map(|(passage, _, _)| passage);
            return Ok(Ok(Members::Passages(other.collect())));
        }
        let by_id = themes.iter().find(|theme| theme.id.to_lowercase() == lower);
        if let Some(theme) = by_id {
            return Ok(Ok(Members::Passages(theme.members.clone())));
        }
        // A label may belong to themes of several stages.
        let themes = self.study.themes(framework)?;
        let ways: [&dyn Fn(&str) -> bool; 2] = [&|label| label == lower, &|label| {
            !lower.is_empty() && label.contains(&lower)
        }];
        for is_meant in ways {
            let meant = themes
                .iter()
                .filter(|(_, label)| is_meant(&label.to_lowercase()));
            let members: Vec<_> = meant.flat_map(|(theme, _)| theme.members.clone()).collect();
            if !members.is_empty() {
                return Ok(Ok(Members::Passages(members)));
            }
        }
        Ok(Err(Unknown {
            message: format!(
                "'{name}' is no theme under the framework '{}'",
                framework.id
            ),
            advice: match themes.len() {
                0 => format!(
                    "`throughline themes --framework {}` makes them",
                    framework.id
                ),
                _ => "`throughline themes` lists them, and theme:other finds the rest".to_owned(),
            },
            known: themes.into_iter().map(|(_, label)| label).collect(),
        }))
    }

    fn passage_beginning(&self, start: &str) -> Result<Result<PassageId, Unknown>, StudyError> {
        let found = self.study.store.passages_beginning(start, 2)?;
        let problem = match found.as_slice() {
            [one] => return Ok(Ok(*one)),
            [] => "no passage of this study has an id that begins",
            _ => "more than one passage of this study has an id that begins",
        };
        Ok(Err(Unknown {
            advice: "ids stand beside the quotes that `throughline search` finds".to_owned(),
            ..Unknown::new(format!("{problem} '{start}'"))
        }))
    }
}

impl Vocabulary for Names<'_> {
    fn framework(&self, name: &str) -> Result<String, Unknown> {
        match self.study.frameworks.get(&name.to_lowercase()) {
            Ok(framework) => Ok(framework.id.clone()),
            Err(_) => Err(Unknown {
                known: self.study.frameworks.iter().map(|f| f.id.clone()).collect(),
                ..Unknown::new(format!("there is no framework '{name}'"))
            }),
        }
    }

    fn stage(&self, framework: Option<&str>, name: &str) -> Result<Members, Unknown> {
        self.answer(self.stage_in(framework, name))
    }

    fn theme(&self, framework: Option<&str>, name: &str) -> Result<Members, Unknown> {
        self.answer(self.theme_in(framework, name))
    }

    fn passage(&self, start: &str) -> Result<PassageId, Unknown> {
        self.answer(self.passage_beginning(start))
    }
}

/// The moments that are in no stage for this reason.
pub(super) fn moments_without_stage(framework: &Framework, reason: &str) -> Vec<Moment> {
    let is = |moment: &Moment| match framework.stage_of(*moment) {
        Err(NoStage::Outside) => reason == OUTSIDE,
        Err(NoStage::None) => reason == NONE,
        _ => false,
    };
    Moment::ALL.iter().copied().filter(is).collect()
}

impl Study {
    /// Gives every tagged passage, whoever spoke it, to `f` with its place in a
    /// framework.
    pub(super) fn each_placed(
        &self,
        model: &ModelKey,
        tagger: &dyn Tagger,
        framework: &Framework,
        f: &mut dyn FnMut(PassageId, Placement<'_>),
    ) -> Result<(), StudyError> {
        let placer = Placer::new(framework, tagger)?;
        let nearest = placer.nearest(&self.store, model)?;
        self.store.each_passage(Some(model), &mut |row| {
            if let Some(tags) = row.tags {
                let nearest = nearest.get(&row.id).copied();
                f(row.id, placer.place_nearest(&tags, nearest));
            }
            ControlFlow::Continue(())
        })?;
        Ok(())
    }
}
