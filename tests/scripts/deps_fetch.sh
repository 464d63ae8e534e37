#!/bin/sh
# deps/fetch: unpacks what has the pinned checksum, refuses anything else by name, and says
# what to do when there is no place to get an archive from. No network needed.
set -eu
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
passed=0 failed=0

ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAILED: $1"
	cat "$dir/log"
}
# expect NAME TEXT...: the log holds every text.
expect() {
	what=$1
	shift
	for text in "$@"; do
		grep -qF -- "$text" "$dir/log" || { bad "$what: no \"$text\" in the log"; return 0; }
	done
	ok
}
fetch() {
	LIFEBOAT_DEPS_CACHE=$dir/cache HOME=$dir/home \
		deps/fetch --sources "$dir/sources" --out "$dir/out" "$@" >"$dir/log" 2>&1
}

mkdir -p "$dir/cache" "$dir/home/.cache/lifeboat" "$dir/tree/thing-1"
echo content >"$dir/tree/thing-1/file"
tar -czf "$dir/cache/thing-1.tar.gz" -C "$dir/tree" thing-1
hash=$(sha256sum "$dir/cache/thing-1.tar.gz" | cut -d ' ' -f 1)
wrong=0000000000000000000000000000000000000000000000000000000000000000
row() { echo "thing 1 thing-1.tar.gz 123 $1 - -"; }

row "$hash" >"$dir/sources"
if fetch && [ "$(cat "$dir/out/thing/file")" = content ]; then ok; else bad "a right archive"; fi

rm "$dir/cache/thing-1.tar.gz"
if fetch; then ok; else bad "already unpacked: nothing to fetch"; fi

rm -rf "$dir/out"
tar -czf "$dir/home/.cache/lifeboat/thing-1.tar.gz" -C "$dir/tree" thing-1
hash=$(sha256sum "$dir/home/.cache/lifeboat/thing-1.tar.gz" | cut -d ' ' -f 1)
row "$hash" >"$dir/sources"
if fetch && [ -f "$dir/out/thing/file" ]; then ok; else bad "the cache in the home folder"; fi

row "$wrong" >"$dir/sources"
cp "$dir/home/.cache/lifeboat/thing-1.tar.gz" "$dir/cache"
if fetch; then bad "a wrong checksum was accepted"; else
	expect "wrong checksum" "wrong checksum of thing-1.tar.gz" "expected  $wrong" \
		"got       $hash" "$dir/cache/thing-1.tar.gz"
fi

# The stamp of another archive does not count as unpacked, and the old files go.
printf 'x' >>"$dir/cache/thing-1.tar.gz"
cut_hash=$(sha256sum "$dir/cache/thing-1.tar.gz" | cut -d ' ' -f 1)
row "$hash" >"$dir/sources"
rm -rf "$dir/out"
if fetch; then bad "an altered archive was accepted"; else
	expect "altered archive" "got       $cut_hash"
fi
if [ -e "$dir/out/thing" ]; then bad "an altered archive was unpacked"; else ok; fi

rm -f "$dir/cache/thing-1.tar.gz" "$dir/home/.cache/lifeboat/thing-1.tar.gz"
if fetch; then bad "no archive anywhere was accepted"; else
	expect "no archive" "thing-1.tar.gz (thing 1, 123 bytes)" "SHA-256 $hash" "$dir/cache" \
		"by hand"
fi

# Alternatives: the second line's archive does as well.
tar -cf "$dir/cache/thing-1.tar" -C "$dir/tree" thing-1
hash2=$(sha256sum "$dir/cache/thing-1.tar" | cut -d ' ' -f 1)
echo "thing 1 thing-1.tar 1 $hash2 - -" >>"$dir/sources"
if fetch && [ -f "$dir/out/thing/file" ]; then ok; else bad "the alternative archive"; fi

if fetch nothing; then bad "an unknown name was accepted"; else
	expect "unknown name" "nothing is not in"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
