#!/bin/sh
# tests/run counts right: what passes, fails, crashes, hangs, skips or runs nothing.
set -eu
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
passed=0 failed=0

# item NAME BODY: an executable shell script
item() {
	printf '#!/bin/sh\n%s\n' "$2" >"$dir/$1"
	chmod +x "$dir/$1"
}
# counts NAME WANT-LAST-LINE WANT-STATUS ITEM...
counts() {
	name=$1 want=$2 want_status=$3
	shift 3
	status=0
	tests/run --limit 3 "$@" >"$dir/log" 2>&1 || status=$?
	if [ "$(tail -n 1 "$dir/log")" = "$want" ] && [ "$status" -eq "$want_status" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $name: wanted \"$want\" and status $want_status, got status $status and"
		sed 's/^/    | /' "$dir/log"
	fi
}
said() {
	if grep -qF -- "$1" "$dir/log"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAILED: not said: $1"
		sed 's/^/    | /' "$dir/log"
	fi
}

item good 'exit 0'
item broken 'echo the reason; exit 3'
item own 'echo "7 passed, 0 failed"'
item liar 'echo "7 passed, 0 failed"; exit 1'
item part 'echo "5 passed, 2 failed"; exit 1'
item nothing 'echo "0 passed, 0 failed"'
item left_out 'echo "skipped: no such CPU"; exit 77'
item hangs 'sleep 60 & sleep 60'
item cmocka_ok 'printf "[ RUN      ] a\n[       OK ] a\n[ RUN      ] b\n[  SKIPPED ] b\n"'
item cmocka_bad 'printf "[ RUN      ] a\n[       OK ] a\n[ RUN      ] b\n[  FAILED  ] b\n[  FAILED  ] tests: 1 test(s), listed below:\n[  FAILED  ] b\n"; exit 1'
item cmocka_crash 'printf "[ RUN      ] a\n[       OK ] a\n[ RUN      ] b\n"; kill -SEGV $$'
item silent 'exit 0'
printf 'def test_one():\n    pass\n\ndef test_two():\n    assert 1 == 2\n' >"$dir/test_two.py"
printf 'x = 1\n' >"$dir/test_none.py"

counts "a script" "1 passed, 0 failed" 0 "script:$dir/good"
counts "a failing script" "0 passed, 1 failed" 1 "script:$dir/broken"
said "the reason"
said "exit status 3"
counts "its own counts" "7 passed, 0 failed" 0 "script:$dir/own"
counts "good counts, bad status" "7 passed, 1 failed" 1 "script:$dir/liar"
counts "some failed" "5 passed, 2 failed" 1 "script:$dir/part"
counts "ran nothing" "0 passed, 1 failed" 1 "script:$dir/nothing"
counts "no items" "0 passed, 0 failed" 1
counts "only skipped" "0 passed, 0 failed" 1 "script:$dir/left_out"
said "skipped: no such CPU"
counts "over its limit" "1 passed, 1 failed" 1 "script:$dir/hangs" "script:$dir/good"
said "time limit"
counts "cmocka" "1 passed, 0 failed" 0 "program:$dir/cmocka_ok"
counts "cmocka, one failed" "1 passed, 1 failed" 1 "program:$dir/cmocka_bad"
counts "cmocka, crashed" "1 passed, 1 failed" 1 "program:$dir/cmocka_crash"
counts "a program without tests" "0 passed, 1 failed" 1 "program:$dir/silent"
counts "a program that is not there" "0 passed, 1 failed" 1 "program:$dir/absent"
counts "pytest" "1 passed, 1 failed" 1 "pytest:$dir/test_two.py"
counts "pytest without tests" "0 passed, 1 failed" 1 "pytest:$dir/test_none.py"
counts "a sum" "9 passed, 0 failed" 0 "script:$dir/good" "script:$dir/own" "program:$dir/cmocka_ok"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
