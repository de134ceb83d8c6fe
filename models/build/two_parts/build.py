"""Writes a model folder from trained weights, in one command.

    pip install -r models/build/requirements.txt
    python models/build/two_parts/build.py --weights model.safetensors --out models/NAME \
        [--settled settled.json] [--data DIR]

`model.safetensors` holds the encoder under BERT's names and the heads as
`heads.{moment,sentiment,pain,touchpoint}.{weight,bias}`; a head reads the mean of
the last layer over the first part, then the last state of the tag token.
`settled.json` gives `name`, `version`, `temperatures` (one a task), `unclear_below`
and `provenance`; what it does not give gets a value that says nothing. With
`--data`, labels in int8 are compared with labels in float on DIR/test.jsonl.
Run twice on one machine, it writes the same bytes.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

import calibrate
import graph
import texts

HERE = Path(__file__).parent.parent
LICENCE = "Apache-2.0"
LARGEST = 24_000_000

LABELS = {
    "moment": ["need", "discover", "research", "purchase", "delivery", "setup", "use", "support",
               "loyalty", "advocacy", "none"],
    "sentiment": ["negative", "neutral", "positive", "mixed"],
    "pain": [False, True],
    "touchpoint": ["web", "app", "product", "place", "staff", "phone", "chat", "delivery", "pay",
                   "ads", "peers", "docs", "none"],
}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def columns():
    """(task, first column, column after the last)."""
    start = 0
    for task in graph.TASKS:
        yield task, start, start + len(LABELS[task])
        start += len(LABELS[task])


def parts(tok, rows):
    return (texts.first_part(tok, [row["text"] for row in rows]),
            texts.second_part(tok, [row.get("context") for row in rows]))


def calibration(tok):
    """Half with a context or a written label, half without: as passages come."""
    rows = texts.read_jsonl(HERE / "calibration.jsonl")[::2]
    return parts(tok, rows + texts.read_jsonl(HERE / "written.jsonl")[::2])


def agreement(float_model, static_model, first, second):
    """How often int8 gives the label that float gives, by task; and how near vectors are."""
    (u, a), (v, b) = (texts.run(texts.session(model), first, second)
                      for model in (float_model, static_model))
    cosine = (u * v).sum(1) / np.linalg.norm(u, axis=1) / np.linalg.norm(v, axis=1)
    found = {task: round(float((a[:, i:j].argmax(1) == b[:, i:j].argmax(1)).mean()), 4)
             for task, i, j in columns()}
    return {"passages": len(a), **found, "cosine_mean": round(float(cosine.mean()), 4),
            "cosine_p1": round(float(np.quantile(cosine, 0.01)), 4)}


def manifest(target, settled, measured):
    files = {"encoder": "model.onnx", "tokenizer": "tokenizer.json", "heads": "model.onnx"}
    temperatures = settled.get("temperatures", {})
    return {
        "format": 1,
        "name": settled.get("name", target.name),
        "version": settled.get("version", "0"),
        "licence": LICENCE,
        "files": {key: {"file": file, "sha256": sha256((target / file).read_bytes())}
                  for key, file in files.items()},
        "encoder": {"layout": "two-parts", "dimension": graph.WIDTH,
                    "max_tokens": texts.MAX_TOKENS, "max_context_tokens": texts.MAX_CONTEXT},
        "heads": {
            **{task: {"labels": labels, "temperature": temperatures.get(task, 1.0)}
               for task, labels in LABELS.items()},
            "unclear_below": settled.get("unclear_below", 0.0),
        },
        "provenance": {**settled.get("provenance", {}), **measured},
    }


def write_reference(target, tok, model, temperatures):
    """What another engine makes of some passages, for a test of the one that ships."""
    rows = texts.read_jsonl(HERE / "written.jsonl")[5::16]
    vectors, logits = texts.run(texts.session(model), *parts(tok, rows))
    with open(target / "reference.jsonl", "w", encoding="utf-8") as lines:
        for row, vector, answer in zip(rows, vectors, logits):
            line = {"text": row["text"], "context": row.get("context") or ""}
            for task, i, j in columns():
                z = answer[i:j] / temperatures.get(task, 1.0)
                p = np.exp(z - z.max())
                p /= p.sum()
                line[task] = {"label": LABELS[task][int(p.argmax())],
                              "confidence": round(float(p.max()), 4)}
            line["vector"] = np.rint(vector / np.abs(vector).max() * 127).astype(int).tolist()
            lines.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--weights", type=Path, required=True)
    arguments.add_argument("--tokenizer", type=Path,
                           default=HERE.parent / "minilm-l6-v2" / "tokenizer.json")
    arguments.add_argument("--settled", type=Path)
    arguments.add_argument("--data", type=Path, help="folder of the labelled passages")
    arguments.add_argument("--out", type=Path, required=True, help="folder to write")
    given = arguments.parse_args()
    settled = json.loads(given.settled.read_text()) if given.settled else {}
    weights, target = load_file(given.weights), given.out
    target.mkdir(parents=True, exist_ok=True)
    (target / "tokenizer.json").write_bytes(given.tokenizer.read_bytes())
    tok = texts.tokenizer(given.tokenizer)
    static = graph.Model(weights, "static", **calibrate.static_parts(weights, *calibration(tok)))
    model = static.build().SerializeToString(deterministic=True)
    assert len(model) <= LARGEST, len(model)
    (target / "model.onnx").write_bytes(model)
    write_reference(target, tok, model, settled.get("temperatures", {}))
    measured = {"weights_sha256": sha256(given.weights.read_bytes())}
    if given.data:
        rows = texts.read_jsonl(given.data / "test.jsonl")
        plain = graph.Model(weights, "float").build()
        measured["agreement_of_int8_with_float"] = agreement(plain, model, *parts(tok, rows))
        print(json.dumps(measured, indent=2))
    described = json.dumps(manifest(target, settled, measured), indent=2)
    (target / "model.json").write_text(described + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
