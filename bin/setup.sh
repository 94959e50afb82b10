# SPDX-License-Identifier: Apache-2.0
# Read by bin/fab and bin/test: sets up what they need on a Debian machine, each thing once.
#
# When nothing is missing, set_up looks only for programs on the PATH and for one marker, so that
# it costs a few milliseconds. What is missing is installed one process at a time (flock), and
# whatever was interrupted is done again: a virtual environment counts once it is marked complete.
# shellcheck shell=sh

PATH=$PATH:/usr/sbin:/sbin
export PATH
unset PYTHONPATH PYTHONHOME
setup_log=
# Never a python3 that a version switcher put first on the PATH: it may go away.
setup_python=/usr/bin/python3

# set_up SET "PROGRAM:PACKAGE ..." "PACKAGE ..."
# Leaves the virtual environment of requirements/SET.txt in $venv. A package is installed when its
# program is not on the PATH; the packages named last are looked for only when the environment is
# made.
set_up() {
    venv=
    if [ -x "$setup_python" ]; then
        # Another release of Python or other requirements: another environment.
        python=$(readlink -f "$setup_python")
        lock=$(sha256sum "$here/requirements/$1.txt")
        venv=$here/.poser/venv-${python##*python}-$(printf %.12s "$lock")
        [ -e "$venv/.complete" ] && set_up_has_programs "$2" && return
    fi
    mkdir -p "$here/.poser" && [ -w "$here/.poser" ] || stop \
        "$here/.poser cannot be written" \
        "it belongs to whoever ran this first; sudo chown -R \$USER $here/.poser gives it to you"
    exec 9>"$here/.poser/setup.lock"
    flock -n 9 || { say "waiting for another run, which sets this up" && flock 9; }
    setup_log=$here/.poser/setup-$1.log
    : >"$setup_log"
    set_up_packages "$2" "python3 $3"
    set_up_venv "$1"
    exec 9>&-
}

set_up_has_programs() {
    for pair in $1; do
        command -v "${pair%%:*}" >/dev/null || return 1
    done
}

set_up_packages() {
    missing=
    for pair in $1; do
        command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair##*:}"
    done
    for package in $2; do
        case " $missing " in *" $package "*) continue ;; esac
        case $(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null) in
            ?i*) ;;
            *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    set_up_root "$missing"
    say "installing Debian packages:$missing"
    began=$(date +%s)
    # Lists that are missing or old show as a failure; then they are fetched.
    # shellcheck disable=SC2086 # several packages
    set_up_apt install $missing || { set_up_apt_update && set_up_apt install $missing; } || stop \
        "apt-get could not install$missing" \
        "look at this computer's apt sources and network; $setup_log has all it said" tail
    say "installed in $(($(date +%s) - began)) s"
}

set_up_root() {
    as_root=
    [ "$(id -u)" = 0 ] && return
    command -v sudo >/dev/null || stop "these Debian packages are missing, and you are not root:$1" \
        "run this as root, or install sudo and the right to use it"
    sudo -n true 2>/dev/null || [ -t 0 ] || stop \
        "these Debian packages are missing, and sudo wants a password:$1" "run sudo -v first"
    as_root="sudo --"
}

set_up_apt() {
    verb=$1
    shift
    # shellcheck disable=SC2086 # nothing, or sudo
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$verb" "$@" >>"$setup_log" 2>&1 </dev/null
}

set_up_apt_update() {
    say "fetching the lists of Debian packages"
    set_up_apt update
}

set_up_venv() {
    python=$(readlink -f "$setup_python")
    lock=$(sha256sum "$here/requirements/$1.txt")
    venv=$here/.poser/venv-${python##*python}-$(printf %.12s "$lock")
    [ -e "$venv/.complete" ] && return
    "$setup_python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || stop \
        "Poser needs Python 3.11 or later, and /usr/bin/python3 is older" \
        "use Debian 12 or later"
    say "making the Python environment"
    began=$(date +%s)
    rm -rf "$venv"
    { "$setup_python" -m venv "$venv" && "$venv/bin/python" -m pip install --require-hashes \
        --no-deps --only-binary=:all: --disable-pip-version-check --no-input \
        -r "$here/requirements/$1.txt" &&
        PYTHONPATH=$here "$venv/bin/python" -m poser.machine.undocumented "$venv"; } \
        >>"$setup_log" 2>&1 </dev/null || stop \
        "the Python environment of requirements/$1.txt could not be made" \
        "look at the network and at pip's settings; $setup_log has all it said" tail
    : >"$venv/.complete"
    say "made in $(($(date +%s) - began)) s"
}

say() {
    echo "${0##*/}: $1" >&2
}

# stop MESSAGE HINT [tail]: end with an error, after the end of the log when "tail" is said.
stop() {
    if [ -n "${3-}" ]; then
        tail -n 20 "$setup_log" | sed 's/^/  /' >&2
    fi
    echo "error: $1" >&2
    echo "hint: $2" >&2
    exit 1
}
