#!/bin/sh
# make deb: packages without an error of lintian, installed into a clean Debian 12, used there as
# the README does, and gone again without a trace.
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "${LIFEBOAT_BUILD:-build}" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
passed=0 failed=0

# check NAME COMMAND...
check() {
	name=$1
	shift
	if "$@" >"$dir/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $name"
		tail -30 "$dir/log"
	fi
}

check "make deb" make BUILD="$build" deb
check "lintian" lintian --fail-on error --allow-root "$build"/deb/lifeboat_*.changes

# In the clean root: $1 is a folder there.
cat >"$dir/use" <<'END'
#!/bin/bash
set -eux
cd /root
apt-get install -y --no-install-recommends ./lifeboat_*.deb ./lifeboat-loader_*.deb
lifeboat --version
lifeboat keys new keys
cat >kiosk.ini <<EOF
model = Kiosk 3
kernel-key = keys/kernel_key.vbpubk
recovery-key = keys/recovery_key.vbpubk
recovery-url = https://example.com/rescue
EOF
lifeboat profile make kiosk.ini -o kiosk.profile
for cpu in x86_64 aarch64; do
	lifeboat profile install kiosk.profile /usr/lib/lifeboat/$cpu/lifeboat.efi -o $cpu.efi
	lifeboat profile show $cpu.efi | grep 'Kiosk 3'
	test -s /usr/lib/lifeboat/$cpu/enroll.efi
done
test -s /usr/lib/lifeboat/aarch64/lifeboat.img
test -s /usr/share/doc/lifeboat-loader/NOTICE.md*
# A minimal root leaves manual pages out; the package has them.
dpkg -L lifeboat | grep -qx /usr/share/man/man1/lifeboat-image.1.gz
# The unit is there, knows the command, and nobody enabled it.
grep -q 'ExecStart=/usr/bin/lifeboat slots mark-good' /lib/systemd/system/lifeboat-mark-good.service
grep -q 'ExecStart=/usr/bin/lifeboat slots own-guids' /lib/systemd/system/lifeboat-own-guids.service
test -z "$(find /etc/systemd/system -name 'lifeboat-*')"
# Completion: commands, their commands, options, words.
apt-get install -y --no-install-recommends bash-completion
. /usr/share/bash-completion/bash_completion
. /usr/share/bash-completion/completions/lifeboat
complete_to() {
	COMP_LINE="$*" COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	COMP_POINT=${#COMP_LINE} COMPREPLY=()
	_lifeboat
	echo "${COMPREPLY[*]}"
}
set +eu
[[ $(complete_to lifeboat inspe) == inspect ]] || exit 1
[[ $(complete_to lifeboat payload ex) == extract ]] || exit 1
[[ $(complete_to lifeboat image --profi) == --profile ]] || exit 1
[[ $(complete_to lifeboat slots --bootable "") == "yes no" ]] || exit 1
[[ $(complete_to lifeboat verify kiosk.pro) == kiosk.profile ]] || exit 1
set -eu
apt-get purge -y lifeboat lifeboat-loader
test ! -e /usr/lib/lifeboat
test ! -e /usr/share/lifeboat
test -z "$(find /etc /usr /lib /var/lib/systemd -name '*lifeboat*')"
END
chmod +x "$dir/use"

# The machine's own Debian entries, without what else it may be set up for.
/usr/bin/python3 -c 'import sys; sys.path.insert(0, "tools/setup"); import debian
print(debian.debian_sources())' >"$dir/sources"
check "a clean root" mmdebstrap --quiet --variant=apt --format=null \
	--customize-hook="cp $build/deb/lifeboat_*.deb $build/deb/lifeboat-loader_*.deb '$dir/use' \"\$1/root\"" \
	--customize-hook='chroot "$1" /root/use' bookworm /dev/null "$dir/sources"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
