"""Passages of the unlabelled corpora, cut as the labelled ones are.

The texts stay outside this repository; `readings.jsonl`, `doubtful.jsonl` and
`further.jsonl.gz` hold labels for some of them and name each by its key, which this
script derives again.
"""

import argparse
import csv
import gzip
import hashlib
import json
import re
from pathlib import Path

LONGEST = 320
# Where the texts of each file of labels go. Apart, as what ships is calibrated on some
# that are drawn from the first.
POOLS = {"readings.jsonl": "pool.jsonl", "doubtful.jsonl": "doubtful.jsonl",
         "further.jsonl.gz": "further.jsonl"}
SENTENCE = re.compile(r"(?<=[.!?…])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])|\n+")
TURN = re.compile(r"^(?:\*\*(?P<bold>[^*]{1,40}):\*\*|(?P<plain>Assistant|AI|User):)\s*(?P<text>.*)$")


def key(text, context):
    """Sixteen hexadecimal digits that name a passage by its words."""
    return hashlib.sha256(f"{context}\0{text}".encode()).hexdigest()[:16]


def pieces(text):
    """One to three sentences at a time, settled by the text itself."""
    sentences = [s.strip() for s in SENTENCE.split(re.sub(r"[ \t]+", " ", text)) if s and s.strip()]
    start = 0
    while start < len(sentences):
        want = 1 + hashlib.sha256(sentences[start].encode()).digest()[0] % 3
        piece = sentences[start]
        end = start + 1
        while end < len(sentences) and end - start < want:
            if len(piece) + len(sentences[end]) > LONGEST:
                break
            piece = f"{piece} {sentences[end]}"
            end += 1
        yield piece
        start = end


def rows_of(source, doc, text, speaker="customer", context=""):
    """The passages of one text; each has the one before it as context."""
    before = context
    for piece in pieces(text):
        if 8 <= len(piece) <= 2 * LONGEST:
            yield {"key": key(piece, before), "source": source, "doc": doc, "speaker": speaker,
                   "text": piece, "context": before}
        before = piece if speaker == "customer" else f"{speaker}: {piece}"


def turns(path):
    """(speaker, text) of a Markdown transcript."""
    speaker, parts = None, []
    for line in path.read_text(encoding="utf-8").splitlines():
        found = TURN.match(line)
        if found:
            if speaker and parts:
                yield speaker, "\n".join(parts)
            speaker, parts = found["bold"] or found["plain"], [found["text"]]
        elif speaker and line.strip() and line.strip() != "---":
            parts.append(line.strip())
    if speaker and parts:
        yield speaker, "\n".join(parts)


def talk(source, doc, path, renamed=None):
    """A transcript's passages, with the words just before each as context."""
    context = ""
    for speaker, text in turns(path):
        speaker = (renamed or {}).get(speaker, speaker)
        last = None
        for row in rows_of(source, doc, text, speaker, context):
            last = row
            yield row
        if last:
            context = f"{speaker}: {last['text']}"


def transcript_id(path):
    """The name that a transcript gives itself, or its file's."""
    found = re.search(r"\*\*Transcript ID:\*\*\s*(\S+)", path.read_text(encoding="utf-8")[:400])
    return found[1] if found else path.name


def lines(path):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as rows:
        for row in rows:
            yield json.loads(row)


def table(path):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as rows:
        yield from csv.DictReader(rows)


def passages(data):
    """Every passage of the pool, source by source, in a fixed order."""
    data = Path(data)
    for row in table(data / "reviews/hotels-80k.csv.gz"):
        if hashlib.sha256(row["review_id"].encode()).digest()[0] < 16:
            yield from rows_of("opinrank_hotels", row["review_id"], row["text"])
    for row in table(data / "reviews/skytrax-rated.csv"):
        yield from rows_of("skytrax", row["id"], row["text"])
    for row in lines(data / "sentiment/amazon_multidomain.jsonl.gz"):
        if hashlib.sha256(row["id"].encode()).digest()[0] < 100:
            yield from rows_of("amazon_multidomain", row["id"], row["text"])
    for row in lines(data / "sentiment/android_reviews.jsonl.gz"):
        yield from rows_of("android_reviews", row["id"], row["text"])
    for row in lines(data / "pain/gplay8000.jsonl"):
        yield from rows_of("gplay8000", row["id"], row["text"])
    for row in lines(data / "pain/ijcnlp17_feedback_en.jsonl"):
        yield from rows_of("ijcnlp17", row["id"], row["text"])
    for name in ("semeval15_16_absa", "acos", "mams"):
        for row in lines(data / f"sentiment/{name}.jsonl"):
            yield from rows_of(name, row["id"], row["text"])
    for row in lines(data / "pain/suggestion_semeval19a.jsonl"):
        yield from rows_of("suggestion19", row["id"], row["text"])
    for row in lines(data / "themes/banking77.jsonl"):
        yield from rows_of("banking77", row["id"], row["text"])
    for path in sorted((data / "transcripts/interviews-ai-at-work").glob("*.md")):
        named = {"AI": "interviewer", "Assistant": "interviewer", "User": "participant"}
        yield from talk("interviews", transcript_id(path), path, named)
    for path in sorted((data / "transcripts/podcast-bold-speakers").glob("*.md")):
        yield from talk("podcasts", path.name, path)


def grams(text, size=8):
    words = re.findall(r"\w+", text.lower())
    if len(words) < size:
        return {" ".join(words)} if len(words) > 3 else set()
    return {" ".join(words[i : i + size]) for i in range(len(words) - size + 1)}


def unlabelled(data, against=("dev", "test", "train", "written")):
    """The pool less all documents of dev and test, and less every passage that
    shares eight words in a row with a labelled one."""
    seen, apart = set(), set()
    for name in against:
        for row in lines(Path(data) / f"journey/{name}.jsonl"):
            seen |= grams(row["text"])
            if name in ("dev", "test"):
                seen |= grams(row["context"] or "")
                apart.add(row["doc"])
    known = set()
    for row in passages(data):
        if row["doc"] in apart or row["key"] in known:
            continue
        if not grams(row["text"]) & seen:
            known.add(row["key"])
            yield row


def long_texts(data, count=1200):
    """Whole reviews, without labels: they only hold the vector of longer texts in place."""
    found = []
    for row in lines(Path(data) / "sentiment/amazon_multidomain.jsonl.gz"):
        order = hashlib.sha256(f"long {row['id']}".encode()).hexdigest()
        found.append((order, row["id"], " ".join(row["text"].split())[:900]))
    found = sorted(found)[:count]
    return [{"text": text, "context": "", "doc": doc} for _, doc, text in found]


def write(path, rows):
    with open(path, "w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="the folder of corpora")
    parser.add_argument("--out", default="target/pool", help="where the texts go")
    options = parser.parse_args()
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    known = {row["key"]: row for row in unlabelled(options.data)}
    for labels, pool in POOLS.items():
        wanted = {row["key"] for row in lines(Path(__file__).with_name(labels))}
        rows = [row for key, row in known.items() if key in wanted]
        if len(rows) != len(wanted):
            missing = len(wanted) - len(rows)
            raise SystemExit(f"{missing} of {labels} have no text in {options.data}")
        write(out / pool, rows)
    write(out / "long.jsonl", long_texts(options.data))


if __name__ == "__main__":
    main()
