#!/bin/sh
# The loaders do not depend on where they are built: a copy of the sources under another
# path, built in another folder, gives the same bytes as the build at hand.
set -eu
cd "$(dirname "$0")/../.."
build=${LIFEBOAT_BUILD:-$PWD/build}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT INT TERM

mkdir "$copy/some-other-name"
tar -cf - --exclude='./build*' --exclude=./.git . | tar -xf - -C "$copy/some-other-name"

loaders=
for f in "$build"/*/lifeboat.efi "$build"/*/enroll.efi "$build"/*/lifeboat.img; do
	[ ! -f "$f" ] || loaders="$loaders ${f#"$build"/}"
done
[ -n "$loaders" ] || { echo "no loader in $build"; exit 1; }

targets=
for f in $loaders; do targets="$targets $copy/out/$f"; done
# shellcheck disable=SC2086
LIFEBOAT_DEPS_CACHE=${LIFEBOAT_DEPS_CACHE:-$PWD/build/deps/cache} MAKEFLAGS='' \
	make -s -j2 -C "$copy/some-other-name" BUILD="$copy/out" $targets >"$copy/log" 2>&1 || {
	cat "$copy/log"
	exit 1
}

failed=0 passed=0
for f in $loaders; do
	if cmp "$build/$f" "$copy/out/$f"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
