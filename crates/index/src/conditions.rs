//! Where single conditions hold, kept for the next query that has them.

use std::sync::{Arc, Mutex, PoisonError};

use throughline_core::PlaceSet;

use crate::query::{Filter, Members, Node};

/// Conditions that are kept at most: 8 MB for a million quotes. Researchers narrow by
/// the same few stages, sentiments and dates again and again.
const MOST: usize = 64;

/// The conditions that were last asked for, the latest first, of one state of an index.
#[derive(Default)]
pub(crate) struct Conditions {
    known: Mutex<Vec<(Filter, Arc<PlaceSet>)>>,
}

impl Conditions {
    /// Where a condition holds: what is kept of it, or else what `find` finds, which is
    /// then kept.
    pub(crate) fn holding<E>(
        &self,
        condition: &Filter,
        find: impl FnOnce() -> Result<PlaceSet, E>,
    ) -> Result<Arc<PlaceSet>, E> {
        if let Some(found) = self.known(condition) {
            return Ok(found);
        }
        let found = Arc::new(find()?);
        // A list of passages is as long as what would be kept of it, and comes once.
        let is_list = matches!(
            condition,
            Filter::Set {
                members: Members::Passages(_),
                ..
            }
        );
        if !is_list {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(0, (condition.clone(), Arc::clone(&found)));
            known.truncate(MOST);
        }
        Ok(found)
    }

    fn known(&self, condition: &Filter) -> Option<Arc<PlaceSet>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let at = known.iter().position(|(other, _)| other == condition)?;
        known.get_mut(..=at)?.rotate_right(1);
        known.first().map(|(_, found)| Arc::clone(found))
    }
}

/// The conditions of a query that is made of them alone, all of which must hold.
pub(crate) fn conditions(node: &Node) -> Option<Vec<&Filter>> {
    let parts = match node {
        Node::And(parts) | Node::Together(parts) => parts.as_slice(),
        node => std::slice::from_ref(node),
    };
    let filters = parts.iter().map(|part| match part {
        Node::Filter(filter) => Some(filter),
        _ => None,
    });
    filters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Column;

    fn pain(value: &str) -> Filter {
        Filter::Value {
            column: Column::Pain,
            value: value.to_owned(),
        }
    }

    fn places(place: usize) -> PlaceSet {
        let mut set = PlaceSet::new(10);
        set.insert(place);
        set
    }

    #[test]
    fn the_conditions_asked_for_last_are_kept() {
        let known = Conditions::default();
        let ask = |name: usize, find: Result<usize, ()>| {
            let found = known.holding(&pain(&name.to_string()), || find.map(places));
            found.map(|found| (*found).clone())
        };
        assert_eq!(ask(0, Err(())), Err(()));
        for name in 0..MOST {
            assert_eq!(ask(name, Ok(name % 7)), Ok(places(name % 7)));
        }
        assert_eq!(ask(0, Err(())), Ok(places(0)), "kept");
        assert_eq!(ask(MOST, Ok(3)), Ok(places(3)));
        assert_eq!(ask(0, Err(())), Ok(places(0)), "asked for of late");
        assert_eq!(ask(1, Ok(9)), Ok(places(9)), "the oldest went");
    }
}
