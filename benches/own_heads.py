"""What do heads of a study's own learn from few corrections? (crates/nlp/src/own_head.rs)

    throughline tag - --embedding < texts.jsonl > tagged.jsonl
    python benches/own_heads.py texts.jsonl tagged.jsonl

`texts.jsonl` has an `id`, a `text` and a `domain` a line. Nine conventions are made up, by words or by
the model's own tag: where one holds, a person says another label than the model, and elsewhere the
same. Corrections are drawn by seed from two thirds of the texts of its domains, and the head is tested
on the rest. One line of JSON a setting: the gain in agreement, the mean over conventions and seeds and
the worst, and the share of tags that the head changed. The regression is the program's, written in
numpy, so that its constants can be varied: `against` is the weight of passages that nobody decided on,
`ridge` the cost of the weights, `answer` whether the head sees the model's own answer.
"""

import json
import re
import sys

import numpy

LABELS = {
    "moment": "need discover research purchase delivery setup use support loyalty advocacy none".split(),
    "sentiment": "negative neutral positive mixed".split(),
    "pain": [False, True],
    "touchpoint": "web app product place staff phone chat delivery pay ads peers docs none".split(),
}
PRICE = r"price|pay|paid|cost|costs|charge|charged|fee|fees|money|expensive|free|value|cheap"
WHERE = r"location|walk|walking|metro|station|close|near|street|area|minutes|blocks"
# Task, domains of the study, words or the model's labels where it holds, within a domain, and the label.
CONVENTIONS = [
    ("touchpoint", ["retail", "hotel"], {"place"}, "hotel", "product"),
    ("touchpoint", ["hotel", "travel"], {"product"}, "hotel", "place"),
    ("moment", ["bank", "support", "app"], {"research", "setup"}, "bank", "support"),
    ("moment", ["app", "game"], r"update|updated|install|installed|login|log in|version|crash|crashes", None, "setup"),
    ("touchpoint", ["hotel"], PRICE, None, "pay"),
    ("touchpoint", ["hotel"], WHERE, None, "ads"),
    ("pain", ["app", "game"], r"wish|would be|please|need|needs|could|should|add", None, True),
    ("moment", ["interview"], r"button|buttons|remote|screen|control|lcd|speech", None, "use"),
    ("sentiment", ["hotel"], WHERE, None, "neutral"),
]
# What was decided: how many, and of what.
DECIDED = [("unlike", 50), ("unlike", 100), ("half", 100), ("any", 200), ("chance", 50)]
SEEDS = range(3)
OTHERS = 1024


class Texts:
    def __init__(self, texts, tagged):
        rows = [json.loads(line) for line in open(texts)]
        said = {one["id"]: one for one in map(json.loads, open(tagged))}
        rows = [row for row in rows if "embedding" in said.get(row["id"], {})]
        self.said = [said[row["id"]] for row in rows]
        self.words = [row["text"].lower() for row in rows]
        self.domain = numpy.array([row["domain"] for row in rows])
        vectors = numpy.array([one["embedding"] for one in self.said], float)
        self.vectors = vectors / numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), 1)

    def answers(self, task):
        labels = LABELS[task]
        label = numpy.array([labels.index(one[task]) for one in self.said])
        confidence = numpy.array([one[task + "_confidence"] for one in self.said])
        return label, confidence

    def holds(self, task, rule, domain):
        if isinstance(rule, set):
            found = numpy.array([one[task] in rule for one in self.said])
        else:
            rule = re.compile(rf"\b({rule})\b")
            found = numpy.array([bool(rule.search(words)) for words in self.words])
        return found if domain is None else found & (self.domain == domain)


def weights(features, shares, person, model, others, against, ridge):
    unlike = person != model
    wanted = numpy.eye(shares.shape[1])[person] - shares
    wanted[~unlike] = 0
    matrix = features.T @ features + ridge * numpy.eye(features.shape[1])
    matrix += against * unlike.sum() / len(others) * (others.T @ others)
    return numpy.linalg.solve(matrix, features.T @ wanted)


def trial(texts, convention, decided, seed, against, ridge, answer):
    task, domains, rule, domain, label = convention
    model, confidence = texts.answers(task)
    count = len(LABELS[task])
    holds = texts.holds(task, rule, domain)
    person = numpy.where(holds, LABELS[task].index(label), model)
    random = numpy.random.default_rng(seed)
    study = random.permutation(numpy.flatnonzero(numpy.isin(texts.domain, domains)))
    blind, rest = study[: len(study) // 3], study[len(study) // 3 :]
    how, many = decided
    if how == "unlike":
        train = rest[(person != model)[rest]][:many]
    elif how == "half":
        train = numpy.concatenate([rest[holds[rest]][: many // 2], rest[~holds[rest]][: many // 2]])
    else:
        train = rest[:many]
    if how == "chance":
        person = model.copy()
        person[train] = random.integers(0, count, len(train))
    shares = numpy.repeat(((1 - confidence) / (count - 1))[:, None], count, axis=1)
    shares[numpy.arange(len(model)), model] = confidence
    features = texts.vectors
    if answer:
        features = numpy.hstack([features, numpy.eye(count)[model] * confidence[:, None]])
    others = features[rest[~numpy.isin(rest, train)][:OTHERS]]
    learnt = weights(features[train], shares[train], person[train], model[train], others, against, ridge)
    scores = shares[blind] + features[blind] @ learnt
    head = scores.argmax(axis=1)
    head = numpy.where(scores[numpy.arange(len(blind)), model[blind]] >= scores.max(axis=1), model[blind], head)
    gain = (head == person[blind]).mean() - (model[blind] == person[blind]).mean()
    return gain, (model[blind] != person[blind]).mean(), (head != model[blind]).mean()


def main():
    texts = Texts(*sys.argv[1:3])
    settings = [(against, 3.0, True) for against in (0, 1, 2, 3, 5, 10)]
    settings += [(3, 1.0, True), (3, 10.0, True), (3, 3.0, False)]
    for against, ridge, answer in settings:
        for decided in DECIDED:
            runs = [trial(texts, one, decided, seed, against, ridge, answer) for one in CONVENTIONS for seed in SEEDS]
            gain, unlike, changed = numpy.array(runs).T
            print(json.dumps({
                "against": against, "ridge": ridge, "answer": answer,
                "decided": f"{decided[1]} {decided[0]}", "unlike": round(unlike.mean(), 3),
                "gain": round(gain.mean(), 3), "worst": round(gain.min(), 3), "changed": round(changed.mean(), 3),
            }), flush=True)


main()
