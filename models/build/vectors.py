"""How good vectors are: clusters of labelled texts, and retrieval; against the base."""

import math

import numpy as np
import onnxruntime as ort
from safetensors.numpy import load_file
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score

import change
import plain
import texts

CLUSTERED = ("banking77", "clinc150", "stackoverflow")
RETRIEVED = ("cranfield", "cisi")
SEEDS = 5


def of(session, tok, passages, name):
    """Vectors of length 1 of passages by themselves."""
    first = texts.first_part(tok, passages)
    out = None
    for members in texts.batches(first, first):
        fed = {"input_ids": np.array([first[i] for i in members], np.int64)}
        found = session.run([name], fed)[0]
        if out is None:
            out = np.zeros((len(first), found.shape[1]), np.float32)
        out[members] = found
    return out / np.linalg.norm(out, axis=1, keepdims=True)


def clusters(embed, data, name):
    """Adjusted mutual information of k-means told the number of topics; mean of seeds."""
    rows = [r for r in texts.read_jsonl(data / f"themes/{name}.jsonl") if r["label"] != "oos"]
    found, topics = embed([r["text"] for r in rows]), [r["label"] for r in rows]
    scores = [adjusted_mutual_info_score(topics, KMeans(len(set(topics)), n_init=1,
              random_state=seed).fit_predict(found)) for seed in range(SEEDS)]
    return float(np.mean(scores))


def relevance(path):
    judged = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        query, document, *grade = line.split("\t")
        if grade and grade[0].lstrip("-").isdigit():
            judged.setdefault(query, {})[document] = max(int(grade[0]), 0)
    return judged


def gain(grades):
    return sum((2**g - 1) / math.log2(rank + 2) for rank, g in enumerate(grades[:10]))


def retrieval(embed, data, name):
    """nDCG@10 of ranking documents by cosine; mean over the queries that have judgements."""
    folder = data / "retrieval" / name
    documents, queries = (texts.read_jsonl(folder / f) for f in ("data.jsonl", "queries.jsonl"))
    judged = relevance(folder / "qrels.tsv")
    likeness = embed([q["text"] for q in queries]) @ embed([d["text"] for d in documents]).T
    found = []
    for query, row in zip(queries, likeness):
        grades = judged.get(query["id"], {})
        best = gain(sorted(grades.values(), reverse=True))
        if best:
            order = np.argsort(-row, kind="stable")[:10]
            found.append(gain([grades.get(documents[i]["id"], 0) for i in order]) / best)
    return float(np.mean(found))


def quality(embed, data):
    scores = {name: clusters(embed, data, name) for name in CLUSTERED}
    scores |= {name: retrieval(embed, data, name) for name in RETRIEVED}
    return {name: round(score, 4) for name, score in scores.items()}


def compare(model, base, data):
    """The figures of a model folder and of the base encoder in single precision."""
    tok = texts.tokenizer(base / "tokenizer.json")
    options = ort.SessionOptions()
    options.log_severity_level = 3
    base_graph = plain.Encoder(load_file(base / "model.safetensors")).build()
    sessions = {"base": (base_graph.SerializeToString(), "vector"),
                "this model": (change.encoder(model)[0], "vector")}
    out = {}
    for name, (data_of, output) in sessions.items():
        session = ort.InferenceSession(data_of, options, providers=["CPUExecutionProvider"])
        if "second_ids" in {i.name for i in session.get_inputs()}:
            out[name] = quality(lambda rows, s=session: both(s, tok, rows, output), data)
        else:
            out[name] = quality(lambda rows, s=session: of(s, tok, rows, output), data)
    return out


def both(session, tok, passages, output):
    """As `of`, for a graph that wants a second part too; without a context."""
    found = texts.run(session, texts.first_part(tok, passages),
                      texts.second_part(tok, [None] * len(passages)), names=(output,))[0]
    return found / np.linalg.norm(found, axis=1, keepdims=True)
