"""Measures of accuracy and of calibration, with their intervals."""

import numpy as np
from sklearn.metrics import f1_score

from labels import LABELS, TASKS, columns

RESAMPLES = 2000
# What the card names beside the four tasks.
NAMED = {("moment", "need"), ("moment", "discover"), ("sentiment", "mixed")}


def probabilities(logits, temperatures=None):
    """Softmax of each task's columns, after division by its temperature."""
    out = np.empty_like(logits, dtype=np.float64)
    for task, a, b in columns():
        z = logits[:, a:b] / (temperatures or {}).get(task, 1.0)
        e = np.exp(z - z.max(1, keepdims=True))
        out[:, a:b] = e / e.sum(1, keepdims=True)
    return out


def truth(rows):
    """The labels as column numbers, [rows, tasks]; -1 where there is none."""
    table = {task: {str(label): i for i, label in enumerate(LABELS[task])} for task in TASKS}
    table["pain"] |= {"0": 0, "1": 1}
    return np.array([[table[task].get(str(row[task]), -1) for task in TASKS] for row in rows])


def answers(chances):
    """The likeliest label of each task, by row."""
    return np.stack([chances[:, a:b].argmax(1) for _, a, b in columns()], 1)


def either(labels, second, found):
    """The labels that answers are held against where two readings count: the answer itself
    where one of them has it, and else the first reading's."""
    return np.where((found == labels) | (found == second), found, labels)


def scores(labels, found):
    """The figures that a card gives."""
    out = {}
    for t, task in enumerate(TASKS):
        true, given = labels[:, t], found[:, t]
        each = f1_score(true, given, average=None, labels=range(len(LABELS[task])), zero_division=0)
        out[f"{task} accuracy"] = float((true == given).mean())
        if task == "pain":
            out["pain F1"] = each[1]
            continue
        out[f"{task} macro-F1"] = each[np.isin(range(len(each)), true)].mean()
        for name, value in zip(LABELS[task], each):
            if (task, name) in NAMED:
                out[f"{task} {name} F1"] = value
    return out


def resamples(documents, seed=11):
    """Rows of resampled documents: documents are drawn, not rows."""
    rng = np.random.default_rng(seed)
    _, groups = np.unique(documents, return_inverse=True)
    members = [np.flatnonzero(groups == g) for g in range(groups.max() + 1)]
    for _ in range(RESAMPLES):
        yield np.concatenate([members[g] for g in rng.integers(0, len(members), len(members))])


def interval(values):
    return [round(float(q), 3) for q in np.quantile(values, [0.025, 0.975])]


def with_intervals(labels, found, documents):
    """Each figure with its 95 % interval."""
    draws = [scores(labels[rows], found[rows]) for rows in resamples(documents)]
    return {key: [round(float(value), 3), *interval([draw[key] for draw in draws])]
            for key, value in scores(labels, found).items()}


def calibration_error(confidence, right, bins=15):
    """Expected calibration error over bins of equal count (Nixon et al. 2019)."""
    parts = np.array_split(np.argsort(confidence, kind="stable"), bins)
    gaps = [abs(confidence[p].mean() - right[p].mean()) * len(p) for p in parts if len(p)]
    return float(sum(gaps) / len(confidence))


def calibrated(confidence, right, documents):
    """The calibration error with its 95 % interval, and the table of a reliability
    diagram: by tenth of the rows, mean confidence and share right."""
    draws = [calibration_error(confidence[rows], right[rows]) for rows in resamples(documents)]
    order = np.array_split(np.argsort(confidence, kind="stable"), 10)
    return {
        "error": [round(calibration_error(confidence, right), 3), *interval(draws)],
        "diagram": [[round(float(confidence[p].mean()), 3), round(float(right[p].mean()), 3)]
                    for p in order],
    }


def best_temperature(logits, true):
    """The temperature with the least log-loss, on a grid of hundredths."""
    def loss(temperature):
        z = logits / temperature
        z = z - z.max(1, keepdims=True)
        return float(np.mean(np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), true]))

    grid = np.arange(0.4, 2.5, 0.01)
    return round(float(grid[np.argmin([loss(t) for t in grid])]), 2)


def threshold_for(confidence, right, risk):
    """Lowest confidence, in hundredths, above which at most `risk` are wrong; and the share left."""
    for threshold in np.arange(0, 1, 0.01):
        kept = confidence >= threshold
        if kept.any() and 1 - right[kept].mean() <= risk:
            return round(float(threshold), 2), float(kept.mean())
    return 0.99, 0.0
