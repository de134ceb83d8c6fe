"""The heads: one hidden layer over pooled states, four answers, in numpy.

No framework: thirteen thousand rows need none, and the same seed gives the same
bytes on the same machine.
"""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

LABELS = {
    "moment": ["need", "discover", "research", "purchase", "delivery", "setup", "use", "support",
               "loyalty", "advocacy", "none"],
    "sentiment": ["negative", "neutral", "positive", "mixed"],
    "pain": [False, True],
    "touchpoint": ["web", "app", "product", "place", "staff", "phone", "chat", "delivery", "pay",
                   "ads", "peers", "docs", "none"],
}
TASKS = list(LABELS)
SIZES = [len(LABELS[task]) for task in TASKS]
STARTS = np.cumsum([0] + SIZES)
COLUMNS = int(STARTS[-1])


def blocks():
    """(task number, first column, column after the last) of every task."""
    return [(t, STARTS[t], STARTS[t + 1]) for t in range(len(TASKS))]


def probabilities(logits, temperatures=None):
    out = np.empty_like(logits)
    for t, a, b in blocks():
        z = logits[:, a:b] / (1.0 if temperatures is None else temperatures[t])
        e = np.exp(z - z.max(1, keepdims=True))
        out[:, a:b] = e / e.sum(1, keepdims=True)
    return out


def targets(labels, smoothing):
    """One-hot rows, smoothed; a label of -1 leaves its block at zero."""
    wanted = np.zeros((len(labels), COLUMNS), np.float32)
    known = np.zeros((len(labels), COLUMNS), np.float32)
    for t, a, b in blocks():
        rows = np.flatnonzero(labels[:, t] >= 0)
        wanted[rows, a:b] = smoothing / (b - a)
        wanted[rows, a + labels[rows, t]] += 1 - smoothing
        known[rows, a:b] = 1
    return wanted, known


def balance(labels, weights, power):
    """Weights of rows and tasks: a class counts by its frequency to -power."""
    out = np.repeat(weights[:, None], len(TASKS), 1).astype(np.float32)
    for t, size in enumerate(SIZES):
        ok = labels[:, t] >= 0
        counts = np.bincount(labels[ok, t], weights=weights[ok], minlength=size) + 1
        factor = (counts.sum() / counts) ** power[t]
        mean = (factor[labels[ok, t]] * weights[ok]).sum() / weights[ok].sum()
        out[ok, t] *= (factor / mean)[labels[ok, t]]
    return out


def train(x, context, labels, weights, *, seed, hidden=128, epochs=12, rate=1e-3, decay=0.01,
          smoothing=0.05, drop=0.4, drop_input=0.2, drop_context=0.2, batch=256):
    """AdamW with a cosine schedule. `weights` is [rows, tasks]."""
    rng = np.random.default_rng(seed)
    rows, width = len(x), x.shape[1] + context.shape[1]
    p = {
        "w1": rng.standard_normal((width, hidden), np.float32) / np.float32(np.sqrt(width)),
        "b1": np.zeros(hidden, np.float32),
        "w2": rng.standard_normal((hidden, COLUMNS), np.float32) / np.float32(2 * np.sqrt(hidden)),
        "b2": np.zeros(COLUMNS, np.float32),
    }
    first = {k: np.zeros_like(v) for k, v in p.items()}
    second = {k: np.zeros_like(v) for k, v in p.items()}
    wanted, known = targets(labels, smoothing)
    spread = np.repeat(weights, SIZES, axis=1).astype(np.float32) * known
    steps, step = epochs * -(-rows // batch), 0

    def mask(shape, rate):
        return (rng.random(shape, dtype=np.float32) >= rate) / np.float32(1 - rate)

    for _ in range(epochs):
        order = rng.permutation(rows)
        for start in range(0, rows, batch):
            pick = order[start : start + batch]
            seen = context[pick] * (rng.random((len(pick), 1)) >= drop_context)
            inputs = np.hstack([x[pick], seen]).astype(np.float32)
            inputs *= mask(inputs.shape, drop_input)
            before = inputs @ p["w1"] + p["b1"]
            kept = mask(before.shape, drop) * (before > 0)
            inner = before * kept
            error = probabilities(inner @ p["w2"] + p["b2"]) - wanted[pick]
            error *= spread[pick] / np.float32(len(pick))
            back = (error @ p["w2"].T) * kept
            grads = {"w1": inputs.T @ back, "b1": back.sum(0),
                     "w2": inner.T @ error, "b2": error.sum(0)}
            step += 1
            now = rate * min(1, step / 100) * 0.5 * (1 + np.cos(np.pi * step / steps))
            for k in p:
                first[k] = 0.9 * first[k] + 0.1 * grads[k]
                second[k] = 0.99 * second[k] + 0.01 * grads[k] ** 2
                move = first[k] / (1 - 0.9**step)
                move /= np.sqrt(second[k] / (1 - 0.99**step)) + 1e-8
                p[k] = (p[k] - now * (move + (decay * p[k] if k[0] == "w" else 0))).astype(np.float32)
    return p


def logits(p, x, context):
    return np.maximum(np.hstack([x, context]) @ p["w1"] + p["b1"], 0) @ p["w2"] + p["b2"]


def together(nets):
    """Several nets as one: hidden layers side by side, answers averaged."""
    return {
        "w1": np.hstack([n["w1"] for n in nets]),
        "b1": np.concatenate([n["b1"] for n in nets]),
        "w2": np.vstack([n["w2"] for n in nets]) / np.float32(len(nets)),
        "b2": np.mean([n["b2"] for n in nets], axis=0).astype(np.float32),
    }


def unscaled(p, mean, deviation):
    """The same net for inputs that have not been standardised."""
    w1 = p["w1"] / deviation[:, None]
    return {**p, "w1": w1.astype(np.float32), "b1": (p["b1"] - mean @ w1).astype(np.float32)}


def to_onnx(p, features):
    """The net as a graph with the inputs `features` and `context`."""
    context = len(p["w1"]) - features
    constants = {
        "text.weight": p["w1"][:features], "context.weight": p["w1"][features:],
        "hidden.bias": p["b1"], "answers.weight": p["w2"], "answers.bias": p["b2"],
    }
    nodes = [
        helper.make_node("MatMul", ["features", "text.weight"], ["of_text"]),
        helper.make_node("MatMul", ["context", "context.weight"], ["of_context"]),
        helper.make_node("Add", ["of_text", "of_context"], ["both"]),
        helper.make_node("Add", ["both", "hidden.bias"], ["before"]),
        helper.make_node("Relu", ["before"], ["hidden"]),
        helper.make_node("MatMul", ["hidden", "answers.weight"], ["answers"]),
        helper.make_node("Add", ["answers", "answers.bias"], ["logits"]),
    ]

    def value(name, width):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["passages", width])

    graph = helper.make_graph(
        nodes, "heads", [value("features", features), value("context", context)],
        [value("logits", COLUMNS)],
        [numpy_helper.from_array(np.asarray(v, np.float32, order="C"), k)
         for k, v in constants.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10,
                             producer_name="throughline")
