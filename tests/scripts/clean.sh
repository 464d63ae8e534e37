#!/bin/sh
# make clean leaves a tree that builds again: what it removes is known to be gone.
set -eu
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
passed=0 failed=0

run() {
	LIFEBOAT_DEPS_CACHE=${LIFEBOAT_DEPS_CACHE:-$PWD/build/deps/cache} MAKEFLAGS='' \
		make -s BUILD="$dir/out" "$@" >"$dir/log" 2>&1 || {
		cat "$dir/log"
		exit 1
	}
}
# is NAME COMMAND...: COMMAND succeeds
is() {
	name=$1
	shift
	if "$@"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAILED: $name"
	fi
}

header=$dir/out/deps/src/libfdt/libfdt/libfdt.h
run deps
is "unpacked" [ -f "$header" ]
mkdir -p "$dir/out/host" "$dir/out/deps/cache"
touch "$dir/out/host/some.o" "$dir/out/deps/cache/archive"
run clean
is "what was built is gone" [ ! -e "$dir/out/host" ]
is "unpacked sources are gone" [ ! -e "$dir/out/deps/src" ]
is "fetched archives stay" [ -f "$dir/out/deps/cache/archive" ]
run deps
is "unpacked again" [ -f "$header" ]

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
