"""Fixed activation scales for the static graph, from the calibration texts.

Scales taken while running (`DynamicQuantizeLinear`) come from a whole batch, so
that a passage's numbers would change with its batch-mates. Here every scale is a
constant, one for each part of a reading: the tag token and the context do not
look like the passage.
"""

import numpy as np

import graph
import texts

# Rows of each activation that the search for a range looks at.
SAMPLE = 1500
SHRINK = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15]
# Places whose states are rescaled by channel before they become bytes, so that
# a few large channels do not take the range from all others (Xiao et al. 2023,
# "SmoothQuant", with alpha = 1/2).
SMOOTHED = ("qkv", "up")
# Where two or three channels are several times larger than all others, those
# alone are made smaller, down to the size of the channel of this rank.
SHRUNK, RANKS = ("down",), (1, 2, 3, 4, 6, 10, 20, 40)


def significant(values, digits):
    """Rounded, so that the last bits of a sum do not decide what is written."""
    values = np.asarray(values, np.float64)
    size = 10.0 ** (np.floor(np.log10(np.abs(np.where(values == 0, 1, values)))) - digits + 1)
    return (np.rint(values / size) * size).astype(np.float32)


def activations(weights, first, second):
    """What each place reads in the float model: (place, part) -> [tokens, width]."""
    built = graph.Model(weights, "float", taps=True)
    session = texts.session(built.build())
    names = [name for _, _, name in built.tapped]
    seen = {(at, part): [] for at, part, _ in built.tapped}
    for members in texts.batches(first, second):
        outputs = session.run(names, texts.feed(first, second, members))
        for (at, part, _), states in zip(built.tapped, outputs):
            seen[at, part].append(states.reshape(-1, states.shape[-1]))
    return {key: np.concatenate(parts) for key, parts in seen.items()}


def smoothing(states, weight):
    """One factor for each channel, by which states are divided and weights multiplied."""
    # The value that one in ten thousand passes.
    rank = len(states) - 1 - len(states) // 10_000
    large = np.partition(np.abs(states), rank, axis=0)[rank] + 1e-3
    factor = np.sqrt(large / np.abs(weight).max(axis=1))
    return significant(factor / np.exp(np.log(factor).mean()), 3)


def byte_range(states, weight):
    """(step, zero point) with the least squared error in what the layer gives."""
    rows = np.random.default_rng(0).permutation(len(states))[:SAMPLE]
    states, importance = states[rows], np.sqrt((weight**2).sum(axis=1))

    def settle(low, high):
        step = significant((high - low) / 255, 4)
        return step, int(np.rint(-low / step).clip(0, 255))

    def error(low, high):
        step, zero = settle(low, high)
        rounded = (np.clip(np.rint(states / step) + zero, 0, 255) - zero) * step
        return float((((states - rounded) * importance) ** 2).mean())

    lowest, highest = min(states.min(), 0), max(states.max(), 0)
    low, high = lowest, highest
    for _ in range(2):
        high = highest * min((error(low, highest * part), part) for part in SHRINK)[1]
        low = lowest * min((error(lowest * part, high), part) for part in SHRINK)[1]
    return settle(low, high)


def shrinking(states, weight):
    """Factors of 1 but for the largest channels: those with the least error in
    what the layer gives, with states and weights in bytes."""
    rows = np.random.default_rng(1).permutation(len(states))[:SAMPLE]
    large, states = np.abs(states).max(axis=0) + 1e-3, states[rows]
    wanted, best = states @ weight, None
    for rank in (0, *RANKS):
        factor = np.maximum(large / np.sort(large)[-1 - rank], 1)
        factor = significant(factor, 3)
        step, zero = byte_range(states / factor, weight * factor[:, None])
        found = (np.clip(np.rint(states / factor / step) + zero, 0, 255) - zero) * step
        rounded = graph.quantise_weight(weight * factor[:, None])
        error = float(((found @ (rounded.weight * rounded.scale) - wanted) ** 2).mean())
        best = min(best or (error, rank, factor), (error, rank, factor), key=lambda b: b[:2])
    return best[2]


def static_parts(weights, first, second):
    """Everything that the static graph needs besides the weights."""
    layers = graph.linear_layers(weights)
    seen = activations(weights, first, second)
    steps, quantised, smooth = {}, {}, {}
    for at in dict.fromkeys(map(graph.place, layers)):
        readers = [name for name in layers if graph.place(name) == at]
        joint = np.hstack([layers[name][0] for name in readers])
        factor = np.ones(len(joint), np.float32)
        kind = at.split(".")[1]
        if kind in SMOOTHED + SHRUNK:
            both = np.vstack([seen[at, part] for part in graph.PARTS])
            factor = (smoothing if kind in SMOOTHED else shrinking)(both, joint)
            smooth[at] = (1 / factor).astype(np.float32)
        for name in readers:
            quantised[name] = graph.quantise_weight(layers[name][0] * factor[:, None])
        for part in graph.PARTS:
            steps[at, part] = byte_range(seen[at, part] / factor, joint * factor[:, None])
    return {"quantised": quantised, "steps": steps, "smooth": smooth}
