"""Everything in the static graph that is not in the weights, from some passages.

Scales taken while running (`DynamicQuantizeLinear`) come from a whole batch, so
that a passage's numbers would change with its batch-mates. Here every scale is a
constant.

Layers become bytes one after the other. Each is settled on what reaches it through
those before it, in bytes already, and its bias makes good what is lost on average.
"""

import numpy as np

import graph
import quantise
import texts

# Rows of each activation that are kept, and those that searches look at.
ROWS, SAMPLE = 12_000, 1500
# Rows for each channel from which on one weight may make good for another: with fewer
# it would only fit these passages. Of the tag token there is one in each passage.
ENOUGH = 4
SHRINK = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15]
# Places whose states are rescaled by channel before they become bytes, so that a few
# large channels do not take the range from all others (Xiao et al. 2023,
# "SmoothQuant"), and the exponents that are tried.
SMOOTHED, ALPHAS = ("qkv", "up", "map"), (0.3, 0.4, 0.5, 0.6, 0.7)
# Where a few channels are several times larger than all others, those alone are made
# smaller, down to the size of the channel of this rank; that costs a product, and is
# done where it takes away at least this share of the error.
SHRUNK, RANKS, WORTH = ("down",), (1, 2, 3, 4, 6, 10, 20, 40), 0.25


def significant(values, digits):
    """Rounded, so that the last bits of a sum do not decide what is written."""
    values = np.asarray(values, np.float64)
    size = 10.0 ** (np.floor(np.log10(np.abs(np.where(values == 0, 1, values)))) - digits + 1)
    return (np.rint(values / size) * size).astype(np.float32)


class Readings:
    """The calibration passages, and what a place reads of them."""

    def __init__(self, first, second):
        self.first, self.second = first, second

    def states(self, built):
        """Rows of what the tapped place of a graph reads; the same rows in every graph."""
        session = texts.session(built.build())
        seen = []
        for members in texts.batches(self.first, self.second):
            fed = texts.feed(self.first, self.second, members)
            states = session.run(["tapped"], fed)[0]
            seen.append(states.reshape(-1, states.shape[-1]))
        seen = np.concatenate(seen)
        return seen[np.random.default_rng(0).permutation(len(seen))[:ROWS]]


def in_bytes(states, step, zero):
    """What bytes make of states, as numbers."""
    return (np.clip(np.rint(states / step) + zero, 0, 255) - zero) * step


def byte_range(states, weight):
    """(step, zero point) with the least squared error in what the layer gives."""
    importance = np.sqrt((weight**2).sum(axis=1))

    def settle(low, high):
        step = significant((high - low) / 255, 4)
        return step, int(np.rint(-low / step).clip(0, 255))

    def error(low, high):
        found = in_bytes(states, *settle(low, high))
        return float((((states - found) * importance) ** 2).mean())

    lowest, highest = min(states.min(), 0), max(states.max(), 0)
    low, high = lowest, highest
    for _ in range(2):
        high = highest * min((error(low, highest * part), part) for part in SHRINK)[1]
        low = lowest * min((error(lowest * part, high), part) for part in SHRINK)[1]
    return settle(low, high)


def smoothings(states, weight):
    """One factor for each channel, by which states are divided and weights multiplied."""
    # The value that one in ten thousand passes.
    rank = len(states) - 1 - len(states) // 10_000
    large = np.partition(np.abs(states), rank, axis=0)[rank] + 1e-3
    for alpha in ALPHAS:
        factor = large**alpha / np.abs(weight).max(axis=1) ** (1 - alpha)
        yield significant(factor / np.exp(np.log(factor).mean()), 3)


def shrinkings(states):
    """Factors of 1 but for the largest channels."""
    large = np.abs(states).max(axis=0) + 1e-3
    for rank in RANKS:
        yield significant(np.maximum(large / np.sort(large)[-1 - rank], 1), 3)


def rescaled(at, states, weight):
    """Factors of the channels with the least error in what the layer gives, with states
    and weights in bytes; `None` where they are not worth their cost."""
    kind = at.split(".")[1]
    if kind not in SMOOTHED + SHRUNK:
        return None
    sample = states[:SAMPLE]
    wanted = sample @ weight

    def error(factor):
        inner = weight * factor[:, None]
        found = in_bytes(sample / factor, *byte_range(sample / factor, inner))
        rounded = quantise.nearest(inner)
        return float(((found @ (rounded.weight * rounded.scale) - wanted) ** 2).mean())

    tried = smoothings(states, weight) if kind in SMOOTHED else shrinkings(states)
    errors = [(error(factor), number, factor) for number, factor in enumerate(tried)]
    best = min(errors, key=lambda found: found[:2])
    plain = error(np.ones(len(weight), np.float32))
    return best[2] if kind in SMOOTHED or best[0] < (1 - WORTH) * plain else None


def settle(parts, at, layers, exact, states):
    """Adds what the layers that read at `at` need to `parts`. `exact` is what the place
    reads in the float model, `states` what it reads with the places before it in bytes."""
    readers = [name for name in layers if graph.place(name) == at]
    joint = np.hstack([layers[name][0] for name in readers])
    factor = rescaled(at, states, joint)
    if factor is None:
        factor = np.ones(len(joint), np.float32)
    else:
        parts["smooth"][at] = (1 / factor).astype(np.float32)
    parts["steps"][at] = byte_range(states[:SAMPLE] / factor, joint * factor[:, None])
    found = in_bytes(states / factor, *parts["steps"][at])
    gram = found.T.astype(np.float64) @ found
    for name in readers:
        weight, bias = layers[name]
        if len(found) < ENOUGH * len(weight):
            rounded = quantise.nearest(weight * factor[:, None])
        else:
            rounded = quantise.compensated(weight * factor[:, None], gram)
        parts["quantised"][name] = rounded
        lost = (exact.mean(0, dtype=np.float64) @ weight
                - found.mean(0, dtype=np.float64) @ (rounded.weight * rounded.scale))
        if bias is not None:
            parts["biases"][name] = significant(bias + lost, 6)


def static_parts(weights, first, second):
    """Everything that the static graph needs besides the weights."""
    layers, readings = graph.linear_layers(weights), Readings(first, second)
    places = list(dict.fromkeys(map(graph.place, layers)))
    words = quantise.rows(weights["embeddings.word_embeddings.weight"].astype(np.float32))
    parts = {"words": words, "steps": {}, "quantised": {}, "smooth": {}, "biases": {}}
    for at in places:
        exact, so_far = (readings.states(graph.Model(weights, tap=at, **known))
                         for known in ({}, parts))
        settle(parts, at, layers, exact, so_far)
    return parts
