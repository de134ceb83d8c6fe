"""Makes the feed-forward parts of trained layers narrower, without training again.

Two thirds of a layer's work are its feed-forward part, and many of its units do what
others do already. Those that cost least to leave out go, some at a time, and the rest
take over what they did, as far as that is linear in them: the surgeon of Hassibi and
Stork (1993, "Second order derivatives for network pruning"), for whole units. Each
layer keeps as many units as it needs to lose no more than a stated share of what it
says. Layers are treated from the first to the last, each on what reaches it through
the narrower ones before it.
"""

import numpy as np

import calibrate
import graph

# Rows of states that are looked at, units that go at a time, and the share of the mean
# variance that is added to every unit's own.
ROWS, STEP, DAMPING = 40_000, 64, 0.01
# Layers that give units away cheaply: the others lose two to four times as much of
# what they say for the same number.
NARROWED = ("l0", "l2")


def narrower(seen, weight, limit, least=STEP):
    """(units that stay, their weights, what the bias gains, share of the variance that
    is lost). `weight` is [units, out]; the share stays below `limit`, and no fewer than
    `least` units stay."""
    mean = seen.mean(0, dtype=np.float64)
    centred = seen - mean.astype(np.float32)
    spread = (centred.T @ centred).astype(np.float64) / len(seen)
    said = float((weight * (spread @ weight)).sum())
    inverse = np.linalg.inv(spread + np.eye(len(weight)) * DAMPING * np.diagonal(spread).mean())
    left, kept = weight.astype(np.float64), np.arange(len(weight))
    share = 0.0
    while len(kept) > least:
        cost = (left**2).sum(1) / np.diagonal(inverse)
        gone = np.argsort(cost, kind="stable")[: min(STEP, len(kept) - least)]
        stay = np.setdiff1d(np.arange(len(kept)), gone)
        through = inverse[np.ix_(stay, gone)] @ np.linalg.inv(inverse[np.ix_(gone, gone)])
        fewer = left[stay] - through @ left[gone]
        change = weight.astype(np.float64).copy()
        change[kept[stay]] -= fewer
        lost = float((change * (spread @ change)).sum()) / said
        if lost > limit:
            break
        inverse = inverse[np.ix_(stay, stay)] - through @ inverse[np.ix_(gone, stay)]
        left, kept, share = fewer, kept[stay], lost
    return kept, left, mean @ weight - mean[kept] @ left, share


def leave(weights, name, readings, least=STEP, limit=1.0):
    """(weights of layer `name` with fewer units, which units stay, the share of what it
    says that is lost)."""
    prefix = graph.PREFIXES[name]
    up, down = f"{prefix}intermediate.dense", f"{prefix}output.dense"
    seen = readings.states(graph.Model(weights, tap=f"{name}.down"))
    kept, left, gained, share = narrower(seen, weights[f"{down}.weight"].T, limit, least)
    found = {f"{up}.weight": weights[f"{up}.weight"][kept],
             f"{up}.bias": weights[f"{up}.bias"][kept],
             f"{down}.weight": left.T,
             f"{down}.bias": weights[f"{down}.bias"] + gained}
    found = {key: np.ascontiguousarray(array, np.float32) for key, array in found.items()}
    return found, kept, share


def prune(weights, limit, first, second):
    """The weights with narrower layers, and by layer its units and the share it lost."""
    weights, found, readings = dict(weights), {}, calibrate.Readings(first, second, ROWS)
    for name in NARROWED:
        fewer, kept, share = leave(weights, name, readings, limit=limit)
        weights |= fewer
        found[name] = {"units": len(kept), "lost": round(share, 5)}
    return weights, found
