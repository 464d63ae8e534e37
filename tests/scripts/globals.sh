#!/bin/sh
# Whatever a loader can write while it runs is on the list, with a reason; and the list has
# nothing that is not there.
set -eu
cd "$(dirname "$0")/../.."
build=${LIFEBOAT_BUILD:-$PWD/build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

# Names in .data and .bss that have a size, without the compiler's numbering.
written() {
	"$1-linux-gnu-objdump" -t "$2" |
		sed -nE 's/^.{17}.{7} \.(data|bss)\t0*([1-9a-f][0-9a-f]*) +(\.hidden )?([^ .]+).*$/\4/p'
}
{
	written x86_64 "$build/x86_64/lifeboat.elf"
	written aarch64 "$build/aarch64/lifeboat.elf"
	written aarch64 "$build/aarch64/lifeboat-bare.elf"
} | sort -u >"$work/found"
sed -nE 's/^([^# 	]+)[ 	].*$/\1/p' tests/globals/allowed | sort -u >"$work/allowed"
[ -s "$work/found" ]
grep -qx heap "$work/found" # the pattern above still finds what is surely there
if ! diff "$work/allowed" "$work/found"; then
	echo "writable globals (>) differ from tests/globals/allowed (<)"
	exit 1
fi
