# shellcheck shell=bash
# How a build tree is made and tested. Sourced, never run. Uses `root` of the script that sources it.

# The compiler named, through ccache where there is one.
with_ccache() {
  if command -v ccache >/dev/null; then
    printf 'ccache %s\n' "$1"
  else
    printf '%s\n' "$1"
  fi
}

# configure TREE [MESON ARGUMENT...]: makes the tree with $CXX (g++ if unset), or brings the options
# of an old tree up to date.
configure() {
  local tree="$root/$1" log stamp
  shift
  log="$tree/configure.log"
  stamp="$tree/configured-with"
  mkdir -p "$tree"
  if [[ ! -f $tree/build.ninja ]]; then
    CXX=${CXX:-$(with_ccache g++)} meson setup "$tree" "$root" "$@" >"$log" 2>&1 ||
      { cat "$log" >&2 && return 1; }
  elif [[ ! -f $stamp || $(<"$stamp") != "$*" ]]; then
    meson configure "$tree" "$@" >"$log" 2>&1 || { cat "$log" >&2 && return 1; }
  fi
  printf '%s\n' "$*" >"$stamp"
}

# compile TREE [TARGET...]: shows the compiler's words only when it fails.
compile() {
  local tree="$root/$1" log
  shift
  log="$tree/compile.log"
  ninja -C "$tree" "$@" >"$log" 2>&1 || { grep -v '^\[' "$log" >&2 && return 1; }
}

# run_tests TREE [MESON TEST ARGUMENT...]: prints one line per case, and one
# for what the log shows of secrets. Most tests wait more than they compute.
run_tests() {
  local tree="$root/$1"
  shift
  find "$tree" -maxdepth 1 -name '*.xml' -delete
  rm -f "$tree"/meson-logs/testlog*
  meson test -C "$tree" --no-rebuild --num-processes "$((2 * $(nproc)))" "$@" >"$tree/test.log" 2>&1 || true
  if [[ ! -f $tree/meson-logs/testlog.json ]]; then
    cat "$tree/test.log"
    return 1
  fi
  /usr/bin/python3 -B "$root/tests/lib/report.py" "$tree"
  /usr/bin/python3 -B "$root/tests/lib/sweep.py" "$tree"
}

# test_programs TREE TEST...: the programs that these tests run, as ninja targets.
test_programs() {
  local tree="$root/$1"
  shift
  meson introspect --tests "$tree" | /usr/bin/python3 -c '
import json, os, sys
for test in json.load(sys.stdin):
    if test["name"] in sys.argv[2:] and test["cmd"][0].startswith(sys.argv[1]):
        print(os.path.relpath(test["cmd"][0], sys.argv[1]))' "$tree" "$@"
}

# programs_of TREE FOLDER: the programs that the meson.build of a folder makes, as ninja targets.
programs_of() {
  local tree="$root/$1"
  meson introspect --targets "$tree" | /usr/bin/python3 -c '
import json, os, sys
for target in json.load(sys.stdin):
    if target["type"] == "executable" and os.path.dirname(target["defined_in"]) == sys.argv[2]:
        print(os.path.relpath(target["filename"][0], sys.argv[1]))' "$tree" "$root/$2"
}

# needs COMMAND...: ends the suite as skipped when this machine lacks one of them.
needs() {
  local command
  for command in "$@"; do
    if ! command -v "$command" >/dev/null; then
      printf 'skip - %s is not installed: this Debian does not have it\n' "$command"
      exit 0
    fi
  done
}
