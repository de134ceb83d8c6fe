"""Writes passages of the pool, without labels, for the full model to read.

    python models/build/fast/sample.py --data DIR [--count 50000] [--out target/pool/sample.jsonl]

A passage's key is a hash of its words: the first keys in order are a sample
drawn by chance, and the same one every time.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pool


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="the folder of corpora")
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--out", type=Path, default=Path("target/pool/sample.jsonl"))
    options = parser.parse_args()
    rows = sorted(pool.unlabelled(options.data), key=lambda row: row["key"])[: options.count]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    pool.write(options.out, rows)


if __name__ == "__main__":
    main()
