#!/bin/sh
# The recovery systems are the same bytes whenever and wherever they are made from the same
# parts: the image is made again, in another folder and at another time, and compared.
set -eu
cd "$(dirname "$0")/../.."
build=${LIFEBOAT_BUILD:-$PWD/build}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT INT TERM

failed=0 passed=0
for fit in "$build"/*/recovery.fit; do
	[ -f "$fit" ] || { echo "no recovery.fit: run make recovery"; exit 77; }
	folder=${fit%/recovery.fit}
	arch=${folder##*/}
	(umask 077 && TZ=Asia/Tokyo TMPDIR=$out LC_ALL=C tools/recovery/make-image "$arch" \
		"$folder/recovery-parts" "$folder/installer" "$out/$arch.fit") >/dev/null
	if cmp "$fit" "$out/$arch.fit"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
