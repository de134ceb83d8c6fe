//! The results of a search counted, and grouped, by what they have in common.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use throughline_core::{NoStage, PassageId, Placement, Theme};
use throughline_index::{Column, Members, Query, Sort};

use super::names::{self, NONE, OUTSIDE};
use super::{Found, Search};
use crate::StudyError;

/// What the passages are called that the engine is not sure of.
const UNCLEAR: &str = "unclear";

/// What results can be counted and grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Facet {
    /// The stage in the framework, or why there is none.
    Stage,
    /// The theme, as far as themes were made under the framework.
    Theme,
    /// A value that the index keeps.
    Of(Column),
}

impl Facet {
    /// Every facet, in the order they are reported.
    pub fn all() -> impl Iterator<Item = Self> {
        let kept = Column::ALL.into_iter().map(Self::Of);
        [Self::Stage, Self::Theme].into_iter().chain(kept)
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Theme => "theme",
            Self::Of(column) => column.as_str(),
        }
    }

    /// The facet of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|facet| facet.as_str() == name)
    }

    fn column(&self) -> Option<Column> {
        match self {
            Self::Of(column) => Some(*column),
            Self::Stage | Self::Theme => None,
        }
    }
}

impl fmt::Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How many of the quotes found have one value of a facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacetCount {
    /// Name of the facet.
    pub facet: String,
    /// The value; null for the quotes that have none.
    pub value: Option<String>,
    /// What the value is called, where that is not the value itself.
    pub label: Option<String>,
    /// Quotes.
    pub quotes: u64,
}

/// The counts of one search.
pub type FacetCounts = Vec<FacetCount>;

/// The quotes found that have one value of a facet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// The value and how many quotes there are.
    #[serde(flatten)]
    pub count: FacetCount,
    /// The first of them; none for those that have no value.
    pub found: Vec<Found>,
}

/// The groups of one search.
#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    /// How many quotes match in all.
    pub total: u64,
    /// How many groups there are.
    pub groups: usize,
    /// The first of them.
    pub shown: Vec<Group>,
}

impl Search<'_> {
    /// How often each value of each facet occurs among all quotes that match.
    /// Stages are in the framework's order and the rest by how often they occur;
    /// last stands how many quotes have no value.
    ///
    /// # Errors
    /// If record or index cannot be read.
    pub fn facets(&self, facets: &[Facet]) -> Result<FacetCounts, StudyError> {
        let total = self.layouts.index.count(&self.matching)?;
        let columns: Vec<Column> = facets.iter().filter_map(Facet::column).collect();
        let mut of_columns = self
            .layouts
            .index
            .counts(&self.matching, &columns)?
            .into_iter();
        let mut all = FacetCounts::new();
        for facet in facets {
            let counts = match facet {
                Facet::Stage => self.count_stages()?,
                Facet::Theme => self.count_themes()?,
                Facet::Of(_) => {
                    let counts = of_columns.next().unwrap_or_default().into_iter();
                    let counts = counts.map(|(value, quotes)| (value, None, quotes));
                    most_first(counts.collect())
                }
            };
            let counted: u64 = counts.iter().map(|(_, _, quotes)| quotes).sum();
            let counts = counts
                .into_iter()
                .map(|(value, label, quotes)| (Some(value), label, quotes));
            let without = (None, None, total.saturating_sub(counted));
            let counts = counts.chain([without]).filter(|(_, _, quotes)| *quotes > 0);
            all.extend(counts.map(|(value, label, quotes)| FacetCount {
                facet: facet.to_string(),
                value,
                label,
                quotes,
            }));
        }
        Ok(all)
    }

    /// The quotes that match, grouped: the first `most` groups in the order of
    /// [`Self::facets`], each with its first `each` quotes.
    ///
    /// # Errors
    /// As [`Self::facets`].
    pub fn groups(
        &self,
        facet: Facet,
        (most, each): (usize, usize),
        sort: Sort,
        context: Option<usize>,
    ) -> Result<Groups, StudyError> {
        let counts = self.facets(&[facet])?;
        let groups = counts.len();
        let total = counts.iter().map(|count| count.quotes).sum();
        let narrowed = self.narrowed(facet)?;
        let mut shown = Vec::new();
        for count in counts.into_iter().take(most) {
            let found = match &count.value {
                Some(value) => {
                    let listing = self.list(Some(&narrowed(value)), sort, each)?;
                    self.found(&listing.listed, 1, context, self.asked(sort))?
                }
                None => Vec::new(),
            };
            shown.push(Group { count, found });
        }
        Ok(Groups {
            total,
            groups,
            shown,
        })
    }

    /// Gives the query for the quotes of one value of a facet.
    fn narrowed(&self, facet: Facet) -> Result<Narrowing<'_>, StudyError> {
        Ok(match facet {
            Facet::Of(column) => Box::new(move |value| self.matching.clone().with(column, value)),
            Facet::Stage => {
                let stages = self.stages()?;
                Box::new(move |value| {
                    let stage = stages.iter().find(|(id, _, _)| id == value);
                    stage.map_or_else(|| self.matching.clone(), |(_, _, query)| query.clone())
                })
            }
            Facet::Theme => {
                let themes = self.kept_themes()?;
                Box::new(move |value| {
                    let theme = themes.iter().find(|theme| theme.id == value);
                    let members = theme.map(|theme| theme.members.clone());
                    let members = Members::Passages(members.unwrap_or_default());
                    self.matching.clone().in_theme(value, members)
                })
            }
        })
    }

    /// The stages of the framework, and the reasons for being in none: id, name,
    /// and the query for the quotes there.
    fn stages(&self) -> Result<Vec<(String, String, Query)>, StudyError> {
        let framework = self.placer.framework();
        let stages = framework.stages.iter();
        let mut names: Vec<(&str, &str)> =
            stages.map(|s| (s.id.as_str(), s.name.as_str())).collect();
        names.extend([
            (OUTSIDE, "outside the framework"),
            (NONE, "about no journey"),
            (UNCLEAR, "unclear"),
        ]);
        let mut placed: BTreeMap<String, Vec<PassageId>> = BTreeMap::new();
        if framework.is_by_exemplars() {
            let mut put = |id, place: Placement<'_>| {
                let place = match place {
                    Ok(stage) => stage.id.as_str(),
                    Err(NoStage::Outside) => OUTSIDE,
                    Err(NoStage::None) => NONE,
                    Err(NoStage::Unclear) => UNCLEAR,
                };
                placed.entry(place.to_owned()).or_default().push(id);
            };
            self.study
                .each_placed(&self.model, self.tagger, framework, &mut put)?;
        }
        let all = names.into_iter().map(|(id, name)| {
            let query = self.matching.clone();
            let query = if framework.is_by_exemplars() {
                let members = placed.remove(id).unwrap_or_default();
                query.in_stage(id, Members::Passages(members))
            } else if id == UNCLEAR {
                query.with(Column::Moment, UNCLEAR)
            } else {
                let stage = framework.stages.iter().find(|stage| stage.id == id);
                let moments = match stage {
                    Some(stage) => stage.all_moments(),
                    None => names::moments_without_stage(framework, id),
                };
                query.in_stage(id, Members::Moments(moments))
            };
            (id.to_owned(), name.to_owned(), query)
        });
        Ok(all.collect())
    }

    fn count_stages(&self) -> Result<Vec<Counted>, StudyError> {
        let stages = self.stages()?.into_iter();
        let counts =
            stages.map(|(id, name, query)| Ok((id, Some(name), self.layouts.index.count(&query)?)));
        counts.collect()
    }

    fn count_themes(&self) -> Result<Vec<Counted>, StudyError> {
        let within = self.layouts.index.ids(&self.matching)?;
        let mut counts = Vec::new();
        for theme in self.kept_themes()? {
            let is_found = |id: &&PassageId| within.binary_search(id).is_ok();
            let quotes = theme.members.iter().filter(is_found).count() as u64;
            if quotes > 0 {
                let label = self.study.words(theme.label)?;
                counts.push((theme.id, Some(label), quotes));
            }
        }
        Ok(most_first(counts))
    }

    /// The themes that were made under the framework.
    pub(super) fn kept_themes(&self) -> Result<Vec<Theme>, StudyError> {
        let kept = self.study.store.themes(&self.placer.framework().id)?;
        Ok(kept.map(|(_, themes, _)| themes).unwrap_or_default())
    }
}

/// Makes of a value the query that asks for it as well.
type Narrowing<'s> = Box<dyn Fn(&str) -> Query + 's>;

/// A value, what it is called, and how often it occurs.
type Counted = (String, Option<String>, u64);

/// The most frequent first; of equals the first by name.
fn most_first(mut counts: Vec<Counted>) -> Vec<Counted> {
    counts.sort_by(|(a, _, more), (b, _, fewer)| fewer.cmp(more).then_with(|| a.cmp(b)));
    counts
}
