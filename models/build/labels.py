"""The four tasks and their labels, in the order of a model's columns."""

LABELS = {
    "moment": ["need", "discover", "research", "purchase", "delivery", "setup", "use", "support",
               "loyalty", "advocacy", "none"],
    "sentiment": ["negative", "neutral", "positive", "mixed"],
    "pain": [False, True],
    "touchpoint": ["web", "app", "product", "place", "staff", "phone", "chat", "delivery", "pay",
                   "ads", "peers", "docs", "none"],
}
TASKS = tuple(LABELS)


def columns():
    """(task, first column, column after the last)."""
    start = 0
    for task in TASKS:
        yield task, start, start + len(LABELS[task])
        start += len(LABELS[task])
