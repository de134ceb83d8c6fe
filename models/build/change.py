"""A later version of a model, as a file beside the encoder that it changes.

    python models/build/change.py --built target/built/throughline-l6 \
        --out models/throughline-l6 --name version-3.zst --replaces vector.zst \
        --kept target/models/onward/kept.json

The weights of a model enter the history of the repository once. A later version that
stays near them (`build.py --near`) is kept as what changed: the differences of bytes
that stand for each other, which are mostly nothing, and in full what has no counterpart
(Percival 2003, "Naive differences of executable code": a patch of bsdiff, compressed by
zstd). Here both graphs are known, so that nothing has to be searched for: constants of
one name stand for each other, and of narrower layers, the units that are still there.

`crates/nlp` puts both together when it opens the model, and `encoder` does here. Changes
add up: one more is made to what those before it give. Written again under its name, a
change replaces itself and those after it; so does the one that `--replaces` names.

Everything else of the folder comes from the build.
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import zstandard
from build import sha256
from earlier import Earlier, read_kept
from onnx import numpy_helper

LEVEL = 19


def applied(before, change):
    """What a change makes of the bytes before it."""
    patch = zstandard.ZstdDecompressor().decompress(change)
    before, after, at, read = np.frombuffer(before, np.uint8), [], 0, 0
    while read < len(patch):
        like, new, skip = (number(patch[read + i : read + i + 8]) for i in (0, 8, 16))
        read += 24
        differences = np.frombuffer(patch[read : read + like], np.uint8)
        after += [(before[at : at + like] + differences).tobytes(),
                  patch[read + like : read + like + new]]
        read, at = read + like + new, at + like + skip
    return b"".join(after)


def number(data):
    """An integer as bsdiff writes it: 63 bits, and one for the sign."""
    value = int.from_bytes(data, "little")
    return -(value & (1 << 63) - 1) if value >> 63 else value


def numbered(value):
    return (abs(value) | (1 << 63 if value < 0 else 0)).to_bytes(8, "little")


def frame(before, after, runs):
    """What makes `after` of `before`: `runs` are (place in `after`, place in `before`,
    length) of what stands for each other, in order and apart."""
    old, new = np.frombuffer(before, np.uint8), np.frombuffer(after, np.uint8)
    patch, runs = [], [(0, 0, 0), *runs]
    for (at, place, length), (then, there, _) in zip(runs, [*runs[1:], (len(after), 0, 0)]):
        last = then == len(after)
        skip = 0 if last else there - place - length
        patch += [numbered(length), numbered(then - at - length), numbered(skip),
                  (new[at : at + length] - old[place : place + length]).tobytes(),
                  after[at + length : then]]
    settings = zstandard.ZstdCompressionParameters.from_level(LEVEL, write_checksum=True)
    return zstandard.ZstdCompressor(compression_params=settings).compress(b"".join(patch))


def places(encoder):
    """Where the numbers of each constant lie in a graph's bytes, and their shape."""
    found, at = {}, 0
    for constant in onnx.load_from_string(encoder).graph.initializer:
        raw = constant.raw_data
        at = encoder.index(raw, at)
        array = numpy_helper.to_array(constant)
        found[constant.name] = (at, array.itemsize, array.shape)
        at += len(raw)
    return found


def units_of(name, shape, earlier):
    """How the constant `name` reads: (rows, units of each row that are still there,
    numbers for each unit); one unit of all its numbers, where no units are gone."""
    layer, _, kind = name.partition(".")
    kept = earlier.kept.get(layer)
    match kind if kept is not None else None:
        case "up.weight":
            return shape[0], kept, 1
        case "down.weight":
            return 1, kept, shape[-1]
        case "up.bias" | "up.scales":
            return 1, kept, 1
    return 1, np.arange(1), int(np.prod(shape))


def standing(before, after, earlier):
    """(place after, place before, length) of all bytes that stand for each other."""
    old, runs = places(before), []
    for name, (at, size, shape) in places(after).items():
        if name not in old or old[name][1] != size:
            continue
        place, _, shape_before = old[name]
        rows, kept, each = units_of(name, shape, earlier)
        units = int(np.prod(shape_before)) // rows // each
        if rows * len(kept) * each != int(np.prod(shape)):
            continue
        # Units that lay side by side still do, and are one run.
        starts = np.flatnonzero(np.diff(kept, prepend=-2) != 1)
        for row in range(rows):
            for start, end in zip(starts, [*starts[1:], len(kept)]):
                runs.append((at + (row * len(kept) + start) * each * size,
                             place + (row * units + kept[start]) * each * size,
                             (end - start) * each * size))
    return sorted((int(a), int(b), int(c)) for a, b, c in runs)


def manifest(folder):
    return json.loads((folder / "model.json").read_text(encoding="utf-8"))


def encoder(folder, but=()):
    """(The graph of a model folder, with its changes made; their entries). Of the changes,
    those before the first that is named in `but`."""
    entry = manifest(folder)["files"]["encoder"]
    data, made = (folder / entry["file"]).read_bytes(), []
    for change in entry.get("changes", []):
        if change["file"] in but:
            break
        data = applied(data, (folder / change["file"]).read_bytes())
        made.append(change)
    return data, made


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--built", type=Path, required=True, help="what build.py wrote")
    parser.add_argument("--out", type=Path, required=True, help="the folder that is changed")
    parser.add_argument("--name", required=True, help="of the file that is written")
    parser.add_argument("--replaces", help="a change that goes, with those after it")
    parser.add_argument("--kept", type=Path, help="units that are still there: onward.py's")
    given = parser.parse_args()
    before, made = encoder(given.out, (given.name, given.replaces))
    after, _ = encoder(given.built)
    earlier = Earlier(before, read_kept(given.kept))
    change = frame(before, after, standing(before, after, earlier))
    assert applied(before, change) == after
    (given.out / given.name).write_bytes(change)
    entry = manifest(given.out)["files"]["encoder"]
    entry["changes"] = [*made, {"file": given.name, "sha256": sha256(change),
                                "gives": sha256(after)}]
    described = manifest(given.built)
    described["files"]["encoder"] = entry
    (given.out / "model.json").write_text(
        json.dumps(described, indent=2) + "\n", encoding="utf-8")
    for name in (described["files"]["tokenizer"]["file"], "reference.jsonl"):
        shutil.copyfile(given.built / name, given.out / name)
    print(f"{len(change):,} bytes")


if __name__ == "__main__":
    main()
