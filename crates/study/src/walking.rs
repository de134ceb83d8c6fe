use std::ops::ControlFlow;

use throughline_store::StoreError;

use crate::StudyError;

/// Gives each row of a walk over the record to `step`, until one fails: the record
/// knows only how to end a walk, and not why.
pub(crate) fn walk<R>(
    rows: impl FnOnce(&mut dyn FnMut(R) -> ControlFlow<()>) -> Result<(), StoreError>,
    mut step: impl FnMut(R) -> Result<(), StudyError>,
) -> Result<(), StudyError> {
    let mut outcome = Ok(());
    rows(&mut |row| {
        outcome = step(row);
        match outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    outcome
}
