"""Writes the model folder from trained weights, in one command.

    pip install -r models/build/requirements.txt
    python models/build/build.py --weights target/models/final/model.safetensors \
        --texts target/pool/pool.jsonl target/pool/vector.jsonl \
        --out target/built/throughline-l6 [--data DIR]

`model.safetensors` holds the encoder under BERT's names, the vector's own layer under
`vector.layer`, `vector.{weight,bias}` and
`heads.{moment,sentiment,pain,touchpoint}.{weight,bias}`; `graph.py` says what reads
what. The tokenizer lies beside it. Some layers are made narrower (`prune.py`), then
all become bytes, on passages of our own and some drawn from `--texts`. `settled.json` beside this script, which
`settle.py` writes, gives temperatures and the threshold of `unclear`; without it they
say nothing. With `--data`, labels in int8 are compared with labels in float on DIR's
test and dev, of the narrower layers and of the trained ones. Run twice on one machine, it writes the same bytes.

Weights that were trained onward from what ships (`onward.py`) stay near it with `--near`:
their layers are narrower already, and their bytes are those of the earlier encoder
wherever these will do.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

import calibrate
import earlier
import graph
import prune
import texts
from labels import LABELS, columns

HERE = Path(__file__).parent
VERSION, LICENCE = "3.0.0", "Apache-2.0"
LARGEST = 24_000_000
# Share of what a layer says that narrowing may cost; passages of each of `--texts` that
# it looks at, and that calibration does.
NARROWING, LOOKED_AT, CALIBRATED_ON = 0.004, 2000, 400
UNSETTLED = {"temperatures": {}, "unclear_below": 0.45}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def parts(tok, rows):
    return (texts.first_part(tok, [row["text"] for row in rows]),
            texts.second_part(tok, [row.get("context") for row in rows]))


def calibration():
    """Passages of our own, most with what was asked before or said before."""
    plain = texts.read_jsonl(HERE / "calibration.jsonl")
    before = [None, *(row["text"] for row in plain)]
    plain = [{**row, "context": before[at] if at % 3 == 1 else None}
             for at, row in enumerate(plain)]
    return plain + texts.read_jsonl(HERE / "written.jsonl")[::2]


def drawn(files, count):
    """So many passages of each file, the same every time."""
    for file in files:
        rows = texts.read_jsonl(file)
        for at in np.random.default_rng(0).permutation(len(rows))[:count]:
            yield {"text": rows[at]["text"][:600], "context": rows[at].get("context")}


def agreement(plain, static, first, second):
    """How often int8 gives the label that float gives, by task; and how near vectors are."""
    (u, a), (v, b) = (texts.run(texts.session(model), first, second) for model in (plain, static))
    cosine = (u * v).sum(1) / np.linalg.norm(u, axis=1) / np.linalg.norm(v, axis=1)
    found = {task: round(float((a[:, i:j].argmax(1) == b[:, i:j].argmax(1)).mean()), 4)
             for task, i, j in columns()}
    return {"passages": len(a), **found, "cosine_mean": round(float(cosine.mean()), 4),
            "cosine_p1": round(float(np.quantile(cosine, 0.01)), 4)}


def manifest(target, settled, measured, version=VERSION, dimension=graph.WIDTH):
    files = {"encoder": "model.onnx", "tokenizer": "tokenizer.json"}
    return {
        "format": 2,
        "name": target.name,
        "version": version,
        "licence": LICENCE,
        "files": {key: {"file": file, "sha256": sha256((target / file).read_bytes())}
                  for key, file in files.items()},
        "encoder": {"dimension": dimension, "max_tokens": texts.MAX_TOKENS,
                    "max_context_tokens": texts.MAX_CONTEXT},
        "heads": {
            **{task: {"labels": labels, "temperature": settled["temperatures"].get(task, 1.0)}
               for task, labels in LABELS.items()},
            "unclear_below": settled["unclear_below"],
        },
        "provenance": {**settled.get("provenance", {}), **measured},
    }


def write_reference(target, tok, model, temperatures):
    """What the weights in float make of passages that are not for calibration: for a
    test of the engine that ships."""
    rows = texts.read_jsonl(HERE / "written.jsonl")[1::2]
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


def write_tokenizer(target, source):
    """Length and batches are the engine's affair."""
    tokenizer = json.loads(source.read_text(encoding="utf-8"))
    tokenizer["padding"] = tokenizer["truncation"] = None
    written = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    (target / "tokenizer.json").write_text(written, encoding="utf-8")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--weights", type=Path, required=True)
    arguments.add_argument("--data", type=Path, help="folder of the labelled passages")
    arguments.add_argument("--texts", type=Path, nargs="+", required=True,
                           help="JSON lines with a field 'text'")
    arguments.add_argument("--out", type=Path, required=True, help="folder to write")
    arguments.add_argument("--near", type=Path, help="an encoder in bytes to stay near")
    arguments.add_argument("--kept", type=Path, help="units that are still there: onward.py's")
    given = arguments.parse_args()
    settled, target = UNSETTLED, given.out
    if (HERE / "settled.json").exists():
        settled = json.loads((HERE / "settled.json").read_text())
    trained = load_file(given.weights)
    target.mkdir(parents=True, exist_ok=True)
    write_tokenizer(target, given.weights.with_name("tokenizer.json"))
    tok = texts.tokenizer(target / "tokenizer.json")
    own = calibration()
    before = None
    if given.near:
        before = earlier.Earlier(given.near.read_bytes(), earlier.read_kept(given.kept))
        weights, narrowed = before.narrowed(trained)
    else:
        weights, narrowed = prune.prune(
            trained, NARROWING, *parts(tok, own + list(drawn(given.texts, LOOKED_AT))))
    seen = parts(tok, own + list(drawn(given.texts, CALIBRATED_ON)))
    static = graph.Model(weights, **calibrate.static_parts(weights, *seen, before))
    model = static.build().SerializeToString(deterministic=True)
    assert len(model) <= LARGEST, len(model)
    (target / "model.onnx").write_bytes(model)
    plain = graph.Model(weights).build()
    write_reference(target, tok, plain, settled["temperatures"])
    measured = {"weights_sha256": sha256(given.weights.read_bytes()), "narrowed": narrowed,
                "own_units": len(trained["vector.layer.intermediate.dense.bias"])}
    if given.data:
        rows = [row for name in ("test", "dev")
                for row in texts.read_jsonl(given.data / f"journey/{name}.jsonl")]
        read = parts(tok, rows)
        measured["agreement_of_int8_with_float"] = agreement(plain, model, *read)
        measured["agreement_with_trained"] = agreement(
            graph.Model(trained).build(), model, *read)
        print(json.dumps(measured, indent=2))
    described = json.dumps(manifest(target, settled, measured), indent=2)
    (target / "model.json").write_text(described + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
