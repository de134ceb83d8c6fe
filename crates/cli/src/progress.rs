//! Progress as bars on standard error, when somebody is watching.

use std::io::IsTerminal;
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};
use throughline_study::{Progress, Silent, Step};

/// Bars where standard error is a terminal, silence where it is not.
pub(crate) fn progress() -> Box<dyn Progress> {
    if std::io::stderr().is_terminal() {
        Box::new(Bars::default())
    } else {
        Box::new(Silent)
    }
}

#[derive(Default)]
struct Bars {
    current: Mutex<Option<ProgressBar>>,
}

impl Bars {
    fn with(&self, act: impl FnOnce(&mut Option<ProgressBar>)) {
        // A bar that broke while it was drawn is no reason to stop the work.
        act(&mut self
            .current
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}

impl Progress for Bars {
    fn begin(&self, step: Step, total: Option<u64>) {
        let bar = match total {
            Some(total) => ProgressBar::new(total).with_style(style(step)),
            None => ProgressBar::new_spinner(),
        };
        bar.set_message(step.name());
        self.with(|current| *current = Some(bar));
    }

    fn advance(&self, by: u64) {
        self.with(|current| {
            if let Some(bar) = current {
                bar.inc(by);
            }
        });
    }

    fn end(&self) {
        self.with(|current| {
            if let Some(bar) = current.take() {
                bar.finish_and_clear();
            }
        });
    }
}

fn style(step: Step) -> ProgressStyle {
    let template = format!(
        "{{msg:<9}} {{wide_bar:.cyan/dim}} {{human_pos}}/{{human_len}} {} {{eta}}",
        step.unit()
    );
    ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
