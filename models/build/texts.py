"""Tokens, and runs over many readings in batches of equal shape."""

import json
import re
from collections import defaultdict

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

# Tokens of a passage with its end marks; of a context without. The second part
# is the tag token, then context and end mark padded to a multiple of BLOCK.
MAX_TOKENS, MAX_CONTEXT, BLOCK = 256, 31, 8

# The same rule as in crates/nlp/src/context.rs.
LABEL = re.compile(r"(?=.{1,32}:)[^\W\d_][\w.'\- ]*:(?:\s+|$)")


def tokenizer(path):
    """The tokenizer with padding and truncation off: length is settled here."""
    found = Tokenizer.from_file(str(path))
    found.no_padding()
    found.no_truncation()
    return found


def read_jsonl(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def shown(context):
    """What the model sees of a context: without the speaker's label."""
    context = (context or "").strip()
    label = LABEL.match(context)
    return context[label.end():] if label and len(label.group().split()) <= 3 else context


def first_part(tok, texts):
    """Ids of passages: the end marks and the first MAX_TOKENS - 2 tokens."""
    ids = [e.ids for e in tok.encode_batch(list(texts))]
    return [[row[0], *row[1:-1][: MAX_TOKENS - 2], row[-1]] for row in ids]


def second_part(tok, contexts):
    """Ids of second parts: the tag token, and the last MAX_CONTEXT tokens of a context."""
    pad, found = tok.token_to_id("[PAD]"), []
    for row in (e.ids for e in tok.encode_batch([shown(context) for context in contexts])):
        inner = row[1:-1][-MAX_CONTEXT:]
        rest = [*inner, row[-1]] if inner else []
        rest += [pad] * (-len(rest) % BLOCK)
        found.append([row[0], *rest])
    return found


def session(model):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 2
    options.log_severity_level = 3
    data = model if isinstance(model, bytes) else model.SerializeToString()
    return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def batches(first, second, size=32):
    """Indices of readings of equal shape, shortest first."""
    groups = defaultdict(list)
    for index, parts in enumerate(zip(first, second)):
        groups[tuple(map(len, parts))].append(index)
    for shape in sorted(groups):
        members = groups[shape]
        for start in range(0, len(members), size):
            yield members[start : start + size]


def feed(first, second, members):
    return {"input_ids": np.array([first[i] for i in members], np.int64),
            "second_ids": np.array([second[i] for i in members], np.int64)}


def run(sess, first, second, names=("vector", "logits"), size=32):
    """Outputs for every reading, in order."""
    collected = None
    for members in batches(first, second, size):
        outputs = sess.run(list(names), feed(first, second, members))
        if collected is None:
            collected = [np.zeros((len(first), o.shape[1]), np.float32) for o in outputs]
        for rows, output in zip(collected, outputs):
            rows[members] = output
    return collected
