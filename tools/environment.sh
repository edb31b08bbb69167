#!/usr/bin/env bash
# Make the environment: .venv with dicomveil (editable) and the extras named, at the pinned versions.
#
#   tools/environment.sh [EXTRA]
#
# On a bare Debian the venv module lacks its ensurepip; root gets it from apt, others are told.
set -euo pipefail
cd "$(dirname "$0")/.."

extra=${1:-}
python=${PYTHON:-python3}
venv=.venv

command -v "$python" >/dev/null || {
    echo "dicomveil needs Python 3.11 or newer: $python is not there (Debian: apt install python3)" >&2
    exit 1
}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "dicomveil needs Python 3.11 or newer, and $python is $("$python" --version);" \
        "choose another with PYTHON=..." >&2
    exit 1
}

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    # ensurepip is what Debian keeps apart; asking for it costs less than a failed environment.
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
            echo "this Python cannot make environments; ask for: apt install python3-venv" >&2
            exit 1
        fi
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv
    fi
    "$python" -m venv --clear "$venv"
fi

# The environment variable, not -c: it also holds for what the build itself installs.
export PIP_CONSTRAINT=$PWD/constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1
"$venv/bin/python" -m pip install --quiet --editable ".${extra:+[$extra]}"
