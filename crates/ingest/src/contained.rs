//! Libraries that panic on damaged files are kept from taking the program with them.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

/// That a library panicked; what it said has been kept quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Panicked;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` on this thread. A panic in it is an error; its message would only
/// frighten, and what the file is called is not in it.
///
/// # Errors
/// [`Panicked`]. What `work` borrowed may be half done and must not be used again.
pub(crate) fn contained<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                usual(panic);
            }
        }));
    });
    let before = QUIET.replace(true);
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    done.map_err(|_| Panicked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_the_thread_goes_on() {
        assert_eq!(contained(|| 3), Ok(3));
        assert_eq!(contained(|| panic!("on purpose")), Err::<(), _>(Panicked));
        assert!(!QUIET.get());
        assert_eq!(
            contained(|| contained(|| panic!("within"))),
            Ok(Err::<(), _>(Panicked))
        );
        assert!(!QUIET.get());
    }
}
