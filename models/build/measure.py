"""Measures of fidelity and of accuracy, with their intervals."""

import numpy as np
from sklearn.metrics import accuracy_score, f1_score

import heads

RESAMPLES = 2000


def fidelity(vectors, reference):
    """Cosine with the reference and share of nearest neighbours that stay."""
    a = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    b = reference / np.linalg.norm(reference, axis=1, keepdims=True)
    cosine = (a * b).sum(1)
    near = []
    for rows in (a, b):
        likeness = rows @ rows.T
        np.fill_diagonal(likeness, -2)
        near.append(likeness.argmax(1))
    return {
        "passages": len(a),
        "cosine_mean": round(float(cosine.mean()), 4),
        "cosine_p1": round(float(np.quantile(cosine, 0.01)), 4),
        "same_nearest_neighbour": round(float((near[0] == near[1]).mean()), 3),
    }


def answers(probabilities, pain_from=0.5):
    """The label of each task, by row."""
    found = np.stack([probabilities[:, a:b].argmax(1) for _, a, b in heads.blocks()], 1)
    pain = heads.TASKS.index("pain")
    found[:, pain] = probabilities[:, heads.STARTS[pain] + 1] >= pain_from
    return found


def scores(labels, found):
    """The figures that a card gives."""
    out = {}
    for t, task in enumerate(heads.TASKS):
        truth, given = labels[:, t], found[:, t]
        each = f1_score(truth, given, average=None, labels=range(heads.SIZES[t]), zero_division=0)
        out[f"{task} accuracy"] = accuracy_score(truth, given)
        if task == "pain":
            out["pain F1"] = each[1]
            continue
        present = np.isin(range(heads.SIZES[t]), truth)
        out[f"{task} macro-F1"] = each[present].mean()
        for name, value in zip(heads.LABELS[task], each):
            if (task, name) in {("moment", "need"), ("moment", "discover"), ("sentiment", "mixed")}:
                out[f"{task} {name} F1"] = value
    return out


def with_intervals(labels, found, documents, seed=11):
    """Each figure with its 95 % interval; documents are resampled, not rows."""
    rng = np.random.default_rng(seed)
    names, groups = np.unique(documents, return_inverse=True)
    members = [np.flatnonzero(groups == g) for g in range(len(names))]
    draws = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([members[g] for g in rng.integers(0, len(names), len(names))])
        draws.append(scores(labels[rows], found[rows]))
    return {
        key: [round(float(value), 3)]
        + [round(float(q), 3) for q in np.quantile([d[key] for d in draws], [0.025, 0.975])]
        for key, value in scores(labels, found).items()
    }


def calibration_error(confidence, right, bins=15):
    """Expected calibration error over bins of equal count (Nixon et al. 2019)."""
    order = np.argsort(confidence, kind="stable")
    parts = np.array_split(order, bins)
    gaps = [abs(confidence[p].mean() - right[p].mean()) * len(p) for p in parts if len(p)]
    return float(sum(gaps) / len(confidence))


def best_temperature(logits, truth):
    """The temperature with the least log-loss, on a grid of hundredths."""
    def loss(temperature):
        z = logits / temperature
        z = z - z.max(1, keepdims=True)
        return float(np.mean(np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), truth]))

    grid = np.arange(0.4, 2.5, 0.01)
    return round(float(grid[np.argmin([loss(t) for t in grid])]), 2)


def threshold_for(confidence, right, risk):
    """Lowest confidence, in hundredths, above which at most `risk` are wrong; and the share left."""
    for threshold in np.arange(0, 1, 0.01):
        kept = confidence >= threshold
        if kept.any() and 1 - right[kept].mean() <= risk:
            return round(float(threshold), 2), float(kept.mean())
    return 0.99, 0.0
