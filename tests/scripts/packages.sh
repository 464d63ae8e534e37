#!/bin/sh
# tools/setup/install-packages without installing anything: silent when all is there, names
# what is missing, steps aside where there is no dpkg.
set -eu
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
passed=0 failed=0

# case NAME WANT-STATUS WANT-TEXT COMMAND... (no text: silent)
check() {
	name=$1 want_status=$2 text=$3
	shift 3
	status=0
	"$@" >"$dir/log" 2>&1 || status=$?
	if [ "$status" -eq "$want_status" ] && grep -qF -- "$text" "$dir/log" ||
		{ [ -z "$text" ] && [ ! -s "$dir/log" ] && [ "$status" -eq "$want_status" ]; }; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $name: status $status and"
		cat "$dir/log"
	fi
}
install="$PWD/tools/setup/install-packages"

# A dpkg-query that knows two packages, one of them removed.
mkdir "$dir/bin"
cat >"$dir/bin/dpkg-query" <<'END'
#!/bin/sh
printf 'here installed\ngone config-files\n'
exit 1
END
printf '#!/bin/sh\necho apt-get must not run\nexit 9\n' >"$dir/bin/apt-get"
chmod +x "$dir/bin/dpkg-query" "$dir/bin/apt-get"
with_fakes() { LIFEBOAT_NO_INSTALL=1 PATH="$dir/bin:$PATH" "$install" "$1"; }

printf '# comment\n\nhere\n' >"$dir/all-there"
check "everything is there" 0 "" with_fakes "$dir/all-there"
printf 'here\ngone\nnever\n' >"$dir/some"
check "names what is missing" 1 "missing: gone never" with_fakes "$dir/some"

mkdir "$dir/other"
for tool in sh dirname grep; do ln -s "$(command -v $tool)" "$dir/other/$tool"; done
elsewhere() { PATH="$dir/other" "$dir/other/sh" "$install" "$dir/some"; }
check "not a Debian system" 0 "not a Debian system" elsewhere

# The real list has each package once.
doubles() { grep -v '^#' tools/setup/packages | sort | uniq -d; }
check "no package twice" 0 "" doubles

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
