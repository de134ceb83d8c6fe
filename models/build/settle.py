"""Temperatures and the threshold of `unclear`, and every figure of the card.

    python models/build/settle.py --model models/NAME --data DIR --base target/base

Temperatures and threshold come from documents that the training did not see: the
part that its `--leave` kept away, and dev. They go into `settled.json`, from which
`build.py` writes `model.json`; all figures, those of test among them, go into
`measured.json`, from which `card.py` writes the card.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np

import change
import measure
import texts
import vectors
from labels import TASKS, columns

HERE = Path(__file__).parent
# At most this share of the passages that are placed in a moment may be wrong.
RISK = 0.15


def left(source, doc, part, of):
    """Whether the trainer's `--leave part/of` kept a document away."""
    digest = hashlib.sha256(f"{source}|{doc}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % of == part - 1


def rows_left(data, leave):
    """Naturally drawn passages of the documents that were not trained on."""
    part, of = map(int, leave.split("/"))
    found = [row for row in texts.read_jsonl(data / "journey/train.jsonl")
             if left(row["source"], row["doc"] or row["id"], part, of)]
    pool = {row["key"]: row for row in texts.read_jsonl("target/pool/pool.jsonl")}
    for row in texts.read_jsonl(HERE / "readings.jsonl"):
        known = pool.get(row["key"])
        if known and left(known["source"], known["doc"] or row["key"], part, of):
            found.append({**known, **row})
    return found


def second(rows):
    """The labels of a second reading, as column numbers."""
    labels = {row["id"]: row for row in texts.read_jsonl(HERE / "second.jsonl")}
    return measure.truth([labels[row["id"]] for row in rows])


class Model:
    """A model folder's graph and tokenizer, run as they ship."""

    def __init__(self, folder):
        self.tok = texts.tokenizer(folder / "tokenizer.json")
        self.session = texts.session(change.encoder(folder)[0])

    def logits(self, rows, told=True):
        contexts = [row.get("context") if told else None for row in rows]
        return texts.run(self.session, texts.first_part(self.tok, [row["text"] for row in rows]),
                         texts.second_part(self.tok, contexts), names=("logits",))[0]


def settle(logits, labels):
    """Temperatures, and the threshold with what it leaves."""
    temperatures = {
        task: measure.best_temperature(logits[known, a:b], labels[known, t])
        for t, (task, a, b) in enumerate(columns())
        for known in [labels[:, t] >= 0]
    }
    chances = measure.probabilities(logits, temperatures)[:, : len(measure.LABELS["moment"])]
    unclear, covered = measure.threshold_for(
        chances.max(1), chances.argmax(1) == labels[:, 0], RISK)
    return temperatures, unclear, covered


def assessed(model, rows, temperatures, unclear):
    """All figures of one set."""
    labels = measure.truth(rows)
    documents = np.array([f"{row['source']}|{row['doc'] or row['id']}" for row in rows])
    chances = measure.probabilities(model.logits(rows), temperatures)
    alone = measure.probabilities(model.logits(rows, told=False), temperatures)
    found = measure.answers(chances)
    again = second(rows)
    out = {
        "rows": len(rows),
        "figures": measure.with_intervals(labels, found, documents),
        "either reading": measure.with_intervals(
            measure.either(labels, again, found), found, documents),
        "readings agree": {key: round(float(value), 3)
                           for key, value in measure.scores(labels, again).items()},
        "without context": {key: round(float(value), 3) for key, value in
                            measure.scores(labels, measure.answers(alone)).items()},
        "calibration": {},
    }
    for t, (task, a, b) in enumerate(columns()):
        confidence = chances[:, a:b].max(1)
        right = chances[:, a:b].argmax(1) == labels[:, t]
        out["calibration"][task] = measure.calibrated(confidence, right, documents)
        if task == "moment":
            clear = confidence >= unclear
            out["clear share"] = round(float(clear.mean()), 3)
            out["risk where clear"] = round(float(1 - right[clear].mean()), 3)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--leave", default="1/20", help="as it was given to the trainer")
    parser.add_argument("--base", type=Path, help="folder of the base encoder, to compare vectors")
    parser.add_argument("--test", action="store_true", help="look at test: once a choice is made")
    given = parser.parse_args()
    model = Model(given.model)
    dev = texts.read_jsonl(given.data / "journey/dev.jsonl")
    kept = dev + rows_left(given.data, given.leave)
    temperatures, unclear, covered = settle(model.logits(kept), measure.truth(kept))
    settled = {"temperatures": temperatures, "unclear_below": unclear,
               "provenance": {"settled_on": len(kept), "risk": RISK, "covered": round(covered, 3)}}
    (HERE / "settled.json").write_text(json.dumps(settled, indent=2) + "\n")
    measured = {"settled": settled, "dev": assessed(model, dev, temperatures, unclear)}
    if given.test:
        test = texts.read_jsonl(given.data / "journey/test.jsonl")
        measured["test"] = assessed(model, test, temperatures, unclear)
    if given.base:
        weights = (given.base / "model.safetensors").read_bytes()
        measured["base_sha256"] = hashlib.sha256(weights).hexdigest()
        measured["vectors"] = vectors.compare(given.model, given.base, given.data)
    (HERE / "measured.json").write_text(json.dumps(measured, indent=2) + "\n")
    for name in ("dev", "test"):
        if name in measured:
            print(name, json.dumps(measured[name]["figures"], indent=1))
            print({task: measured[name]["calibration"][task]["error"] for task in TASKS})
            print(measured[name]["clear share"], measured[name]["risk where clear"])
    print(json.dumps(settled), json.dumps(measured.get("vectors")))


if __name__ == "__main__":
    main()
