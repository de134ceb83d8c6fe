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
# Where a few channels are many times larger than all others, at most so many stay in
# float (Dettmers et al. 2022, "LLM.int8()"); none, unless that takes away this share
# of the error.
OUTSIDE, COUNTS, WORTH = ("down",), (2, 4, 8, 16), 0.2
# Steps that an integer may be off before it leaves that of an earlier version.
SLACK = 0.7


def significant(values, digits):
    """Rounded, so that the last bits of a sum do not decide what is written."""
    values = np.asarray(values, np.float64)
    size = 10.0 ** (np.floor(np.log10(np.abs(np.where(values == 0, 1, values)))) - digits + 1)
    return (np.rint(values / size) * size).astype(np.float32)


class Readings:
    """The calibration passages, and what a place reads of them."""

    def __init__(self, first, second, rows=ROWS):
        self.first, self.second, self.rows = first, second, rows

    def states(self, built):
        """Rows of what the tapped place of a graph reads; the same rows in every graph."""
        session = texts.session(built.build())
        tapped = [output.name for output in session.get_outputs()
                  if output.name.endswith("tapped")]
        seen = []
        for members in texts.batches(self.first, self.second):
            fed = texts.feed(self.first, self.second, members)
            seen += [x.reshape(-1, x.shape[-1]) for x in session.run(tapped, fed)]
        seen = np.concatenate(seen)
        return seen[np.random.default_rng(0).permutation(len(seen))[: self.rows]]


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


def error_in_bytes(states, weight, factor=1):
    """What a layer gives with states and weights in bytes, against what it should."""
    inner = weight * np.broadcast_to(factor, len(weight))[:, None]
    found = in_bytes(states / factor, *byte_range(states / factor, inner))
    rounded = quantise.nearest(inner)
    return float(((found @ rounded.numbers() - states @ weight) ** 2).mean())


def rescaled(states, weight):
    """Factors of the channels with the least error."""
    found = [(error_in_bytes(states[:SAMPLE], weight, factor), number, factor)
             for number, factor in enumerate(smoothings(states, weight))]
    return min(found, key=lambda found: found[:2])[2]


def large(states, weight):
    """The channels that stay in float: none, or the largest."""
    order = np.argsort(-np.abs(states).max(axis=0), kind="stable")

    def error(channels):
        rest, left = states[:SAMPLE].copy(), weight.copy()
        rest[:, channels], left[channels] = 0, 0
        return error_in_bytes(rest, left)

    best = min((error(order[:count]), count) for count in COUNTS)
    worth = best[0] < (1 - WORTH) * error(order[:0])
    return np.sort(order[: best[1]]) if worth else order[:0]


def settle(parts, at, layers, exact, states, earlier=None):
    """Adds what the layers that read at `at` need to `parts`. `exact` is what the place
    reads in the float model, `states` what it reads with the places before it in bytes.
    With an earlier version, channels are rescaled and left out as they were there, and
    integers stay near its own."""
    readers = [name for name in layers if graph.place(name) == at]
    joint = np.hstack([layers[name][0] for name in readers])
    kind, factor, channels = at.split(".")[1], np.ones(len(joint), np.float32), []
    if kind in SMOOTHED:
        factor = 1 / earlier.smooth(at) if earlier else rescaled(states, joint)
        parts["smooth"][at] = earlier.smooth(at) if earlier else (1 / factor).astype(np.float32)
    if kind in OUTSIDE:
        channels = earlier.outside(at) if earlier else large(states, joint)
        if len(channels):
            parts["outside"][at] = channels
    inside = np.ones((len(joint), 1), np.float32)
    inside[channels] = 0
    rest = states * inside[:, 0] / factor
    parts["steps"][at] = byte_range(rest[:SAMPLE], joint * inside * factor[:, None])
    found = in_bytes(rest, *parts["steps"][at])
    gram = found.T.astype(np.float64) @ found
    means = [x.mean(0, dtype=np.float64) for x in (exact, found, states * (1 - inside[:, 0]))]
    for name in readers:
        weight, bias = layers[name]
        scaled = weight * inside * factor[:, None]
        enough = len(found) >= ENOUGH * len(weight)
        before = earlier.quantised(name) if earlier else None
        if enough:
            rounded = quantise.compensated(scaled, gram, before, SLACK)
        else:
            rounded = quantise.near(scaled, before, SLACK) if earlier else quantise.nearest(scaled)
        parts["quantised"][name] = rounded
        given = means[1] @ rounded.numbers() + means[2] @ weight
        if bias is not None:
            parts["biases"][name] = significant(bias + means[0] @ weight - given, 6)


def static_parts(weights, first, second, earlier=None):
    """Everything that the static graph needs besides the weights."""
    layers, readings = graph.linear_layers(weights), Readings(first, second)
    places = list(dict.fromkeys(map(graph.place, layers)))
    words = earlier.words() if earlier else quantise.rows(
        weights["embeddings.word_embeddings.weight"].astype(np.float32))
    parts = {"words": words, "steps": {}, "quantised": {}, "smooth": {}, "biases": {},
             "outside": {}}
    for at in places:
        exact, so_far = (readings.states(graph.Model(weights, tap=at, **known))
                         for known in ({}, parts))
        settle(parts, at, layers, exact, so_far, earlier)
    return parts
