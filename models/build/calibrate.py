"""Fixed activation scales for the static graph, from the calibration texts.

`DynamicQuantizeLinear` would take its scale over a whole batch, so that a
passage's numbers changed with its batch-mates. Here every scale is a constant.
"""

import numpy as np

import graph
import texts

# Rows of each activation that the search for a range looks at.
SAMPLE = 1500
SHRINK = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15]
# Layers whose inputs are rescaled by channel before they become bytes, so that
# a few large channels do not take the range from all others (Xiao et al. 2023,
# "SmoothQuant", with alpha = 1/2).
SMOOTHED = ("qkv", "up")


def significant(values, digits):
    """Rounded, so that the last bits of a sum do not decide what is written."""
    values = np.asarray(values, np.float64)
    size = 10.0 ** (np.floor(np.log10(np.abs(np.where(values == 0, 1, values)))) - digits + 1)
    return (np.rint(values / size) * size).astype(np.float32)


def activations(weights, ids):
    """What goes into each linear layer in the float model: name -> [tokens, width]."""
    model = graph.Encoder(weights, "float", taps=True, pools=[]).build()
    session = texts.session(model)
    layers = list(graph.linear_layers(weights))
    taps = [output.name for output in model.graph.output][: len(layers)]
    seen = {name: [] for name in layers}
    for members in texts.batches(ids, 64):
        rows = np.array([ids[i] for i in members], np.int64)
        for name, states in zip(layers, session.run(taps, {"input_ids": rows})):
            seen[name].append(states.reshape(-1, states.shape[-1]))
    return {name: np.concatenate(parts) for name, parts in seen.items()}


def smoothing(states, weight):
    """One factor for each channel, by which states are divided and weights multiplied."""
    large = np.quantile(np.abs(states), 0.9999, axis=0) + 1e-3
    factor = np.sqrt(large / np.abs(weight).max(axis=1))
    return significant(factor / np.exp(np.log(factor).mean()), 3)


def byte_range(states, weight):
    """(step, zero point) with the least squared error in what the layer gives."""
    rows = np.random.default_rng(0).choice(len(states), SAMPLE, replace=False)
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


def static_parts(weights, ids):
    """Everything that the static graph needs besides the weights."""
    layers, quantised, ranges, smooth = {}, {}, {}, {}
    seen = activations(weights, ids)
    for name, (weight, bias) in graph.linear_layers(weights).items():
        states = seen.pop(name)
        if name.split(".")[1] in SMOOTHED:
            factor = smoothing(states, weight)
            states, weight = states / factor, weight * factor[:, None]
            smooth[name] = (1 / factor).astype(np.float32)
        ranges[name] = byte_range(states, weight)
        layers[name] = (weight, bias)
        quantised[name] = graph.quantise_weight(weight)
    return {"layers": layers, "quantised": quantised, "ranges": ranges, "smooth": smooth}
