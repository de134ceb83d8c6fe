"""BERTopic beside Throughline, on the same vectors.

    python benches/peers/beside_bertopic.py FILE.jsonl… [--vectors FOLDER] [--seeds N] [--draws N]

makes a virtual environment in target/peers, installs BERTopic there, and prints one line
of JSON a method: adjusted mutual information with the `label` of each line (rows labelled
`oos` left out of the score), the share of rows in a topic, and the number of topics.
BERTopic runs with its defaults, and once more with its outliers placed by
`reduce_outliers`; it draws at random, so the mean of several seeds is given. Then the same
on small draws of each file, made as the bench makes its own: 60 to 300 rows, 5 to 15 topics
of Zipf sizes. Throughline is `cargo bench --bench themes` on the same files.

Vectors are those of `throughline tag - --embedding` (target/release/throughline, which
must be built), or FOLDER/NAME.bin: signed bytes, one row a text.
"""

import argparse
import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "target" / "peers"
# Vectors are given, so none of the packages that would make them is needed.
ALONE = ["bertopic==0.17.4"]
PACKAGES = ["hdbscan", "llvmlite", "numpy", "pandas", "plotly", "pyyaml", "scikit-learn", "tqdm",
            "umap-learn"]


def inside():
    """Runs this script again in its own environment, which is made where it is missing."""
    python = PLACE / "bin" / "python"
    if Path(sys.prefix) == PLACE:
        return
    if not python.exists():
        venv.create(PLACE, with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, *PACKAGES], check=True)
        subprocess.run([*pip, "--no-deps", *ALONE], check=True)
    sys.exit(subprocess.run([python, __file__, *sys.argv[1:]]).returncode)


def own_vectors(texts):
    """The built-in model's vectors, by the program itself."""
    import numpy as np

    program = ROOT / "target" / "release" / "throughline"
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    out = subprocess.run([program, "tag", "-", "--embedding"], input=lines.encode(),
                         stdout=subprocess.PIPE, check=True).stdout
    return np.array([json.loads(line)["embedding"] for line in out.splitlines()], np.float32)


def read(file, folder):
    import numpy as np

    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    texts, labels = [row["text"] for row in rows], [row["label"] for row in rows]
    if folder is None:
        vectors = own_vectors(texts)
    else:
        vectors = np.fromfile(Path(folder, file.stem + ".bin"), np.int8).astype(np.float32)
        vectors = vectors.reshape(len(texts), -1)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return texts, labels, vectors / np.maximum(length, 1e-9)


def score(labels, topics):
    from sklearn.metrics import adjusted_mutual_info_score

    kept = [(label, topic) for label, topic in zip(labels, topics) if label != "oos"]
    known, found = zip(*kept)
    return {"ami": adjusted_mutual_info_score(known, found),
            "in_theme": sum(topic >= 0 for topic in found) / len(found),
            "themes": len(set(found) - {-1}),
            "error_of_number": abs(len(set(found) - {-1}) - len(set(known)))}


def bertopic(texts, labels, vectors, seed):
    """Scores of the defaults, and of the same with outliers placed."""
    from bertopic import BERTopic
    from umap import UMAP

    # The defaults of BERTopic, with a seed.
    umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine",
                random_state=seed)
    model = BERTopic(umap_model=umap)
    topics, _ = model.fit_transform(texts, vectors)
    placed = topics
    if -1 in topics and len(set(topics)) > 1:
        placed = model.reduce_outliers(texts, topics, strategy="embeddings", embeddings=vectors)
    return score(labels, topics), score(labels, placed)


def small_draws(labels, count):
    """Rows of some topics, whose sizes fall as 1, 1/2, 1/3, …; as `draw` in ../themes.rs."""
    import numpy as np

    topics = {}
    for row, label in enumerate(labels):
        topics.setdefault(label, []).append(row)
    pools = [np.array(rows) for label, rows in sorted(topics.items())
             if label != "oos" and len(rows) >= 10]
    for seed in range(count):
        random = np.random.default_rng(seed)
        rows, kinds = random.integers(60, 301), random.integers(5, 16)
        chosen = [pools[place] for place in random.permutation(len(pools))[:kinds]]
        whole = sum(1 / rank for rank in range(1, len(chosen) + 1))
        drawn = []
        for rank, pool in enumerate(chosen, 1):
            size = int(np.clip(round(rows / whole / rank), 3, len(pool)))
            drawn.extend(random.permutation(pool)[:size])
        yield drawn


def mean(scores):
    return {key: sum(one[key] for one in scores) / len(scores) for key in scores[0]}


def report(name, of, runs):
    for method, scores in zip(("BERTopic", "BERTopic, outliers placed"), zip(*runs)):
        print(json.dumps({"set": name, "method": method, **of, **mean(scores)}), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--vectors")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--draws", type=int, default=34)
    given = parser.parse_args()
    inside()
    for file in given.files:
        texts, labels, vectors = read(file, given.vectors)
        runs = [bertopic(texts, labels, vectors, seed) for seed in range(given.seeds)]
        report(file.stem, {"seeds": given.seeds}, runs)
        runs = []
        for rows in small_draws(labels, given.draws):
            drawn = [texts[row] for row in rows], [labels[row] for row in rows]
            runs.append(bertopic(*drawn, vectors[rows], seed=0))
        report(file.stem, {"draws": given.draws}, runs)
    files = [str(file.resolve()) for file in given.files]
    words = ["cargo", "bench", "--bench", "themes", "--", *files]
    if given.vectors:
        words += ["--vectors", str(Path(given.vectors).resolve())]
    subprocess.run(words, check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
