#!/bin/sh
# .ci/run ends with the counts and the right status, whatever make says, given a make of our
# own.
set -eu
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
passed=0 failed=0

# ends NAME WANT-LAST-LINE WANT-STATUS BODY-OF-MAKE
ends() {
	printf '#!/bin/sh\n%s\n' "$4" >"$dir/make"
	chmod +x "$dir/make"
	status=0
	PATH="$dir:$PATH" sh .ci/run >"$dir/log" 2>&1 </dev/null || status=$?
	if [ "$(tail -n 1 "$dir/log")" = "$2" ] && [ "$status" -eq "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $1: wanted \"$2\" and status $3, got status $status and"
		sed 's/^/    | /' "$dir/log"
	fi
}

ends "all passed" "12 passed, 0 failed" 0 'echo "12 passed, 0 failed"'
ends "runs the tests in CI mode" "1 passed, 0 failed" 0 \
	'[ "$CI" = true ] && [ "$*" = test ] && [ -f Makefile ] && echo "1 passed, 0 failed"'
ends "one failed" "11 passed, 1 failed" 1 \
	'echo "11 passed, 1 failed"; echo "make: *** [test] Error 1" >&2; exit 2'
ends "it does not build" "0 passed, 1 failed" 1 'echo "make: *** [x.o] Error 1" >&2; exit 2'
ends "it says nothing" "0 passed, 1 failed" 1 'exit 0'
ends "counts of a single test" "0 passed, 1 failed" 1 'echo "    3 passed, 0 failed"; exit 2'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
