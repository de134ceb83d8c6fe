//! What the model answers: four tasks, each with a fixed order of labels, which is
//! the order of its head's columns everywhere (weights, predictions, exports).

/// One task with one head.
#[derive(Debug)]
pub struct Task {
    /// Its name in files.
    pub name: &'static str,
    /// Its labels, one for each column of the head.
    pub labels: &'static [&'static str],
}

/// The number of tasks.
pub const COUNT: usize = 4;

/// The index of pain in [`TASKS`].
pub const PAIN: usize = 2;

/// The tasks, in the order in which their heads are kept.
pub const TASKS: [Task; COUNT] = [
    Task {
        name: "moment",
        labels: &[
            "need", "discover", "research", "purchase", "delivery", "setup", "use", "support",
            "loyalty", "advocacy", "none",
        ],
    },
    Task {
        name: "sentiment",
        labels: &["negative", "neutral", "positive", "mixed"],
    },
    Task {
        name: "pain",
        labels: &["0", "1"],
    },
    Task {
        name: "touchpoint",
        labels: &[
            "web", "app", "product", "place", "staff", "phone", "chat", "delivery", "pay", "ads",
            "peers", "docs", "none",
        ],
    },
];

impl Task {
    /// The column of a label, if the task knows it.
    pub fn column(&self, label: &str) -> Option<usize> {
        self.labels.iter().position(|known| *known == label)
    }
}

/// The index in [`TASKS`] of a task by its name.
pub fn named(name: &str) -> Option<usize> {
    TASKS.iter().position(|task| task.name == name)
}
