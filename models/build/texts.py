"""Tokens, and runs over many texts in batches of equal length."""

import json
from collections import defaultdict

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

MAX_TOKENS, MAX_CONTEXT = 256, 32


def tokenizer(path):
    """The tokenizer with padding and truncation off: length is settled here."""
    found = Tokenizer.from_file(str(path))
    found.no_padding()
    found.no_truncation()
    return found


def read_jsonl(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def text_ids(tok, texts):
    """Ids of passages: the end marks and the first MAX_TOKENS - 2 tokens."""
    return [cut(e.ids, MAX_TOKENS, False) for e in tok.encode_batch(list(texts))]


def context_ids(tok, texts):
    """Ids of contexts: the end marks and the last MAX_CONTEXT tokens."""
    return [cut(e.ids, MAX_CONTEXT + 2, True) for e in tok.encode_batch(list(texts))]


def cut(ids, limit, tail):
    inner = ids[1:-1]
    keep = limit - 2
    inner = inner[-keep:] if tail else inner[:keep]
    return [ids[0], *inner, ids[-1]]


def session(model):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 2
    options.log_severity_level = 3
    data = model if isinstance(model, bytes) else model.SerializeToString()
    return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def batches(ids, size=32):
    """Indices in batches of equal token length, shortest first."""
    groups = defaultdict(list)
    for index, row in enumerate(ids):
        groups[len(row)].append(index)
    for length in sorted(groups):
        members = groups[length]
        for start in range(0, len(members), size):
            yield members[start : start + size]


def run(sess, ids, names=("vector", "features"), size=32):
    """Outputs for every row of ids, in order."""
    collected = None
    for members in batches(ids, size):
        outputs = sess.run(list(names), {"input_ids": np.array([ids[i] for i in members], np.int64)})
        if collected is None:
            collected = [np.zeros((len(ids), o.shape[1]), np.float32) for o in outputs]
        for all_rows, rows in zip(collected, outputs):
            all_rows[members] = rows
    return collected
