#!/usr/bin/env bash
# Creates the virtual environment with every package exactly as locked: install.sh PYTHON VENV
set -euo pipefail
python="$1" venv="$2"

if [ -z "$python" ]; then
    echo "Holdfast needs Python 3.11 or newer, and no python3 was found. Install it, or name it: make test PYTHON=/path/to/python" >&2
    exit 2
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Holdfast needs Python 3.11 or newer; $python is $("$python" --version). Name another: make test PYTHON=/path/to/python" >&2
    exit 2
fi

# A lock of its own, so that two makes at once do not install over each other.
mkdir -p "$venv"
if command -v flock >/dev/null; then
    exec 9>"$venv/.installing"
    flock 9
    if [ -e "$venv/.ready" ] && [ "$venv/.ready" -nt requirements.lock ] && [ "$venv/.ready" -nt pyproject.toml ]; then exit 0; fi
fi

if command -v uv >/dev/null; then
    echo "==> creating $venv with uv (about a minute the first time; 2.2 GB)"
    [ -x "$venv/bin/python" ] || uv venv --quiet --allow-existing --python "$python" "$venv"
    uv pip install --quiet --python "$venv/bin/python" --no-deps --require-hashes -r requirements.lock
    uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
else
    all=$(grep -c '==' requirements.lock)
    echo "==> creating $venv with pip (two to three minutes the first time, on a quiet machine; $all packages, 2.2 GB)"
    [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
    # Without --no-deps pip refuses `sqlalchemy[asyncio]` in a hash-checked file.
    "$venv/bin/python" -m pip install --progress-bar off --no-deps --require-hashes -r requirements.lock |
        awk -v all="$all" '
            /^(Collecting|Processing) / && ++fetched % 25 == 0 { print "    " fetched " of about " all " packages fetched"; fflush() }
            /^Installing collected/ { print "    unpacking; this takes longest"; fflush() }'
    "$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
fi
echo "==> $venv is ready"
