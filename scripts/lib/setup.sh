# Sourced by the scripts beside it: finds Python, and keeps .venv in step with the lock files.

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
venv=$root/.venv

# A caller's settings must not decide what is imported or where it is installed.
unset PYTHONHOME PYTHONPATH PIP_TARGET PIP_PREFIX PIP_USER PIP_REQUIRE_VIRTUALENV

say() { printf '%s\n' "$*" >&2; }

die() {
    say "error: $*"
    exit 1
}

# Prints a Python that is new enough and can make a venv. Runs each: a name on PATH may be a shim
# with nothing behind it.
find_python() {
    local name
    for name in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python; do
        if "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
            >/dev/null 2>&1; then
            printf '%s\n' "$name"
            return
        fi
    done
    die "no Python 3.11 or newer with venv was found (on Debian: apt-get install python3-venv)"
}

# key PYTHON FILE…: changes with the files, the Python and the place (a venv cannot be moved).
key() {
    "$1" - "$root" "${@:2}" <<'PY'
import hashlib, pathlib, sys
parts = [sys.version, sys.base_prefix, sys.argv[1]]
parts += [pathlib.Path(name).read_text(encoding="utf-8") for name in sys.argv[2:]]
print(hashlib.sha256("\0".join(parts).encode()).hexdigest())
PY
}

# need NAME: .venv holds requirements/NAME.txt and this project, which reads from the checkout.
need() {
    local python
    python=$(find_python)
    (
        # Two scripts at once take turns; the lock goes with this subshell.
        if command -v flock >/dev/null; then flock 9; fi
        keep_packages "$1" "$python"
        keep_project
    ) 9>"$root/.venv.lock"
}

# keep_packages NAME PYTHON: installs the pinned packages unless its mark says they are there.
keep_packages() {
    local name=$1 python=$2 wanted mark
    wanted=$(key "$python" "$root/requirements/$name.txt")
    mark=$venv/made-$name
    if [[ ! -e $venv/unfinished && -e $mark && $(<"$mark") == "$wanted" ]]; then return; fi

    # An interrupted or outdated venv is made anew, never mended; a lower one is added to.
    if [[ -e $venv/unfinished || ! -x $venv/bin/python ]] || outdated "$python"; then
        # The marks go first, so that a removal that is interrupted cannot leave one behind.
        rm -f -- "$venv"/made-*
        rm -rf -- "$venv"
        mkdir -- "$venv"
        touch "$venv/unfinished"
        "$python" -m venv "$venv"
    fi
    touch "$venv/unfinished"
    say "installing requirements/$name.txt into .venv ($("$python" --version)), once"
    pip install --require-hashes --only-binary :all: --requirement "$root/requirements/$name.txt"
    printf '%s\n' "$wanted" >"$mark"
    rm -- "$venv/unfinished"
}

# outdated PYTHON: some lock file that is installed has changed since, or the Python or the place.
outdated() {
    local mark
    for mark in "$venv"/made-*; do
        [[ -e $mark && $(<"$mark") == "$(key "$1" "$root/requirements/${mark##*/made-}.txt")" ]] || return 0
    done
    return 1
}

# keep_project: installs the project itself, anew when pyproject.toml has changed.
keep_project() {
    local mark=$venv/project wanted
    wanted=$(key "$venv/bin/python" "$root/pyproject.toml")
    if [[ -e $mark && $(<"$mark") == "$wanted" ]]; then return; fi
    pip install --no-deps --no-index --no-build-isolation --editable "$root"
    printf '%s\n' "$wanted" >"$mark"
}

# pip, without its advice; its words are shown only where it fails.
pip() {
    local log
    log=$(mktemp)
    if ! "$venv/bin/python" -m pip --quiet --disable-pip-version-check --no-input "$@" \
        >"$log" 2>&1; then
        cat -- "$log" >&2
        rm -- "$log"
        die "pip could not install what the project needs (see above)"
    fi
    rm -- "$log"
}
