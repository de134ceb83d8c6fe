#!/usr/bin/env bash
# Puts libtorch 2.4.0 for the CPU (x86-64 Linux, C++11 ABI 0) into a folder, out of
# wheels named by version and hash in libtorch.txt, where torch-sys cannot download
# it. The folder is target/libtorch unless one is given. Does nothing if it is there.
# Prints the environment to export:
#
#     eval "$(crates/train/libtorch.sh)"
#
# Needs Python with pip, and a C compiler. Fetches 790 MB, keeps 550 MB.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
# Spelt as in .cargo/config.toml: to torch-sys another spelling is another libtorch, for
# which it compiles its bindings anew.
folder="$here/../../target/libtorch"
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    folder="$(cd "$1" && pwd)"
fi
mkdir -p "$folder"

provide() {
    local wheels="$folder/wheels"
    mkdir -p "$wheels" "$folder/lib"
    # The tags are those of the hashed files, whatever Python is at hand.
    python3 -m pip download --quiet --no-deps --require-hashes --only-binary=:all: \
        --platform manylinux1_x86_64 --implementation cp --python-version 3.11 --abi cp311 \
        --abi none --dest "$wheels" -r "$here/libtorch.txt"
    python3 - "$wheels" "$folder" <<'PYTHON'
import sys
import zipfile
from pathlib import Path, PurePosixPath

wheels, folder = map(Path, sys.argv[1:])
LIBRARIES = ("libtorch_cpu.so", "libc10.so", "libgomp", "libcupti.so", "libcudart.so")
for wheel in sorted(wheels.glob("*.whl")):
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            path = PurePosixPath(entry.filename)
            if path.name.startswith(LIBRARIES) and path.parent.name == "lib":
                out = folder / "lib" / path.name
            elif path.parts[:2] == ("torch", "include") and not entry.is_dir():
                out = folder / PurePosixPath(*path.parts[1:])
            else:
                continue
            out.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as source, open(out, "wb") as target:
                while block := source.read(1 << 20):
                    target.write(block)
PYTHON
    # The wheel's libtorch.so only names the other libraries, those for CUDA among
    # them: an empty one in its place satisfies the linker.
    "${CC:-cc}" -shared -o "$folder/lib/libtorch.so" -x c /dev/null
    rm -rf "$wheels"
    # Written last: its presence says that the folder is complete.
    echo 2.4.0 > "$folder/build-version"
}

[ -s "$folder/build-version" ] || provide
echo "export LIBTORCH='$folder'"
echo "export LIBTORCH_CXX11_ABI=0"
echo "export LD_LIBRARY_PATH='$folder/lib'\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
