#!/bin/sh
# The loaders keep to their size budgets, and a budget that is too small is noticed.
set -eu
cd "$(dirname "$0")/../.."
build=${LIFEBOAT_BUILD:-$PWD/build}

make -s BUILD="$build" size
for budget in --budget --core-budget; do
	if tools/build/size $budget 16 "$build/x86_64/lifeboat.map" >/dev/null; then
		echo "a $budget of 16 bytes was accepted"
		exit 1
	fi
done
