"""Do labels say what their passages say? A test to be done blind.

    throughline cluster - < texts.jsonl > themes.jsonl
    python benches/matching.py draw texts.jsonl themes.jsonl --sheet sheet.csv --key key.csv
    python benches/matching.py score sheet.csv key.csv

`draw` takes passages that are in a theme, evenly over the themes, never the one that the
label is taken from, and beside each the label of its theme and those of four others of the
same file, in an order of its own. Somebody who has not seen the key writes the number of
the label that fits into the column `choice`. `score` gives the share that is right, with
Wilson's interval at 95 %; one in five would be right by chance.
"""

import argparse
import csv
import json
import math
import random
from pathlib import Path

OFFERED = 5
FIELDS = ["row", "passage", *(f"label {n + 1}" for n in range(OFFERED)), "choice"]


def read(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def draw(given):
    drawn = random.Random(given.seed)
    themes = {}
    for text, found in zip(read(given.texts), read(given.themes), strict=True):
        if found["theme"] is not None:
            label, texts = themes.setdefault(found["theme"], (found["label"], []))
            if label not in text["text"]:
                texts.append(text["text"])
    names = sorted(themes)
    rows, right = [], []
    waiting = []
    while len(rows) < given.count and any(texts for _, texts in themes.values()):
        waiting = waiting or drawn.sample(names, len(names))
        label, texts = themes[waiting.pop()]
        if not texts:
            continue
        passage = texts.pop(drawn.randrange(len(texts)))
        others = [other for other, _ in themes.values() if other != label]
        labels = [label, *drawn.sample(others, min(OFFERED - 1, len(others)))]
        drawn.shuffle(labels)
        offered = labels + [""] * (OFFERED - len(labels))
        rows.append([len(rows) + 1, passage, *offered, ""])
        right.append([len(rows), labels.index(label) + 1])
    for file, fields, lines in ((given.sheet, FIELDS, rows), (given.key, ["row", "right"], right)):
        with file.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([fields, *lines])


def score(given):
    with given.sheet.open(newline="", encoding="utf-8") as sheet:
        chosen = {row["row"]: row["choice"].strip() for row in csv.DictReader(sheet)}
    with given.key.open(newline="", encoding="utf-8") as key:
        right = {row["row"]: row["right"] for row in csv.DictReader(key)}
    n = len(right)
    hits = sum(chosen.get(row) == label for row, label in right.items())
    z, share = 1.96, hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    print(json.dumps({"right": hits, "of": n, "share": share,
                      "low": middle - half, "high": middle + half}))


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("texts", type=Path)
    drawing.add_argument("themes", type=Path)
    drawing.add_argument("--sheet", type=Path, required=True)
    drawing.add_argument("--key", type=Path, required=True)
    drawing.add_argument("--count", type=int, default=100)
    drawing.add_argument("--seed", type=int, default=1)
    drawing.set_defaults(run=draw)
    scoring = commands.add_parser("score")
    scoring.add_argument("sheet", type=Path)
    scoring.add_argument("key", type=Path)
    scoring.set_defaults(run=score)
    given = parser.parse_args()
    given.run(given)


if __name__ == "__main__":
    main()
