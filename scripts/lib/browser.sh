# Sourced by scripts/test: what the browser tests draw with, Chromium and a CJK font, and what
# steers it, Playwright, whose own program needs a library that a small Debian has not.

# Prints the Debian packages whose programs or fonts this machine lacks.
missing_packages() {
    local name
    for name in chromium chromium-browser google-chrome; do
        if command -v "$name" >/dev/null; then break; fi
        name=
    done
    [[ -n $name ]] || printf 'chromium\n'
    has_cjk_font || printf 'fonts-noto-cjk\n'
    has_libatomic || printf 'libatomic1\n'
}

has_cjk_font() {
    command -v fc-list >/dev/null && [[ -n $(fc-list :lang=zh family) ]]
}

has_libatomic() {
    "$venv/bin/python" -c 'import ctypes; ctypes.CDLL("libatomic.so.1")' 2>/dev/null
}

# apt PACKAGE…: installs them, quietly, where this user may; else returns non-zero.
apt() {
    local as_root=()
    command -v apt-get >/dev/null || return 1
    if ((EUID != 0)); then
        # -n: never wait for a password.
        sudo -n true 2>/dev/null || return 1
        as_root=(sudo -n)
    fi
    say "installing $* with apt-get, once"
    local log
    log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install --yes --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
        tail -n 20 -- "$log" >&2
        rm -- "$log"
        return 1
    fi
    rm -- "$log"
}

# need_browser: installs what is missing, or says what is and has the browser tests skipped for it.
need_browser() {
    local missing
    mapfile -t missing < <(missing_packages)
    if ((${#missing[@]} == 0)) || apt "${missing[@]}"; then return; fi
    say "not installed, and could not be: ${missing[*]} (on Debian: apt-get install ${missing[*]})"
    if [[ ${CI:-} == true ]]; then die "the browser tests must run where CI=true"; fi
    say "the browser tests are skipped"
    export KG_NO_BROWSER="not installed: ${missing[*]}"
}
