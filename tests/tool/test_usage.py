"""Every command: help, wrong usage, exit status, man page."""
import json
import re
import subprocess

import pytest

from lifeboat_tool import BUILD, MIB, ROOT, command, judge, run, write

COMMANDS = ["keys new", "keys show", "keys import", "keys keyblock", "profile make",
            "profile install", "profile show", "sign", "image", "verify", "inspect", "slots", "log",
            "payload make", "payload show", "payload verify", "payload apply", "payload extract",
            "recovery-media make", "recovery-media manufacturing", "secure-boot keys",
            "secure-boot sign", "secure-boot enroll",
            "secure-boot revoke"]
GROUPS = ["", "keys", "profile", "payload", "recovery-media", "secure-boot"]


@pytest.mark.parametrize("name", [*GROUPS, *COMMANDS])
def test_help(name):
    done = run(*name.split(), "--help")
    assert done.stdout.startswith("Usage: lifeboat") and not done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize("name", [*GROUPS, *COMMANDS])
def test_wrong_usage(name):
    assert "--help" in run(*name.split(), "--no-such-option", expect=2).stderr or name in GROUPS
    assert "--help" in run(*name.split(), "a", "b", "c", "d", "-o", expect=2).stderr
    if name not in ("slots", "inspect", "log"):
        assert "--help" in run(*name.split(), expect=2).stderr


def commands(*group):
    """Every command that --help leads to."""
    for word in re.findall(r"^  (\S+)", run(*group, "--help").stdout, re.M):
        if "Commands:" in run(*group, word, "--help").stdout:
            yield from commands(*group, word)
        else:
            yield " ".join([*group, word])


def test_every_command_is_in_these_tables():
    assert sorted(commands()) == sorted(COMMANDS) == sorted(JSON)


@pytest.mark.parametrize("name", COMMANDS)
def test_man_page_has_every_option(name):
    """The page of the first word tells every option that --help does."""
    page = (ROOT / f"docs/man/lifeboat-{name.split()[0]}.1").read_text().replace("\\-", "-")
    options = set(re.findall(r"^(?:  -\w, |      )--([a-z-]+)", run(*name.split(), "--help").stdout,
                             re.M))
    assert options
    for option in options - {"help"}:
        assert re.search(rf"--{option}\b", page), f"--{option} of {name} is not in its man page"


def test_man_pages_are_clean():
    pages = sorted((ROOT / "docs/man").glob("lifeboat*.1"))
    assert len(pages) >= 8
    for page in pages:
        done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-z", page], capture_output=True,
                              text=True)
        assert done.returncode == 0 and not done.stderr, f"{page}: {done.stderr}"


def test_version_and_full_output():
    assert run("--version").stdout.startswith("lifeboat ")
    with open("/dev/full", "w") as full:
        done = subprocess.run([command(), "--help"], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2


# --- --json --------------------------------------------------------------------------------------

# What each command is called with here, and names that its answer must have.
JSON = {
    "keys new": ("{tmp}/new --algorithm rsa2048-sha256", "files"),
    "keys show": ("{keys}/kernel_key.vbpubk", "key"),
    "keys import": ("{tmp}/rsa.pem -o {tmp}/imported", "files"),
    "keys keyblock": ("-d {keys}/kernel_data_key.vbpubk -f normal -o {tmp}/kb", "file flags"),
    "profile make": ("{tmp}/p.ini -o {tmp}/p2", "file profile"),
    "profile install": ("{tmp}/p {efi} -o {tmp}/l2.efi", "file profile section"),
    "profile show": ("{tmp}/p", "profile"),
    "sign": ("-k {kernels}/bzImage -b {keys}/kernel.keyblock -d {keys}/kernel_data_key.vbprivk "
             "-o {tmp}/k2", "file kind root command_line"),
    "image": ("--loader {tmp}/l.efi --signed-a {tmp}/k -o {tmp}/d2.img", "partition"),
    "verify": ("-p {tmp}/p {tmp}/k", "would_boot slots"),
    "inspect": ("{tmp}/k", "kind keyblock"),
    "slots": ("{tmp}/d.img", "slots disk"),
    "log": ("{tmp}/d.img", "disk records"),
    "payload make": ("--kernel {tmp}/k --root {tmp}/root -d {keys}/kernel_data_key.vbprivk "
                     "-p {tmp}/p -o {tmp}/P2", "file"),
    "payload show": ("{tmp}/P", "partition"),
    "payload verify": ("{tmp}/P -p {tmp}/p", "would_install"),
    "payload apply": ("{tmp}/P -p {tmp}/p --to {tmp}/d.img", "disk slot version state"),
    "payload extract": ("{tmp}/P -o {tmp}", "files"),
    "recovery-media make": ("--kernel {tmp}/r -o {tmp}/r.img", "partition"),
    "recovery-media manufacturing": (
        "{tmp}/words --keyblock {keys}/recovery_kernel.keyblock -d "
        "{keys}/recovery_kernel_data_key.vbprivk -k {keys}/recovery_key.vbpubk -o {tmp}/m",
        "file bytes"),
    "secure-boot keys": ("{tmp}/sb2", "files"),
    "secure-boot sign": ("{tmp}/l.efi -k {tmp}/sb/db.key -c {tmp}/sb/db.crt -o {tmp}/s.efi",
                         "file signed signer"),
    "secure-boot enroll": ("{tmp}/sb --files {tmp}/enroll", "files"),
    "secure-boot revoke": ("{tmp}/l.efi --keys {tmp}/sb -o {tmp}/dbx", "file loaders"),
}


@pytest.fixture(scope="module")
def world(keys, kernels, tmp_path_factory):
    """One of everything, as a format for the table above."""
    tmp = tmp_path_factory.mktemp("world")
    judge("openssl", "genrsa", "-out", tmp / "rsa.pem", "2048")
    write(tmp / "p.ini", f"model = M\nkernel-key = {keys.public}\nrecovery-key = "
          f"{keys.recovery_public}\nrecovery-url = https://example.com/r\n")
    write(tmp / "root", bytes(MIB))
    write(tmp / "words", "model = M\n")
    efi = BUILD / "x86_64/lifeboat.efi"
    run("profile", "make", tmp / "p.ini", "-o", tmp / "p")
    run("profile", "install", tmp / "p", efi, "-o", tmp / "l.efi")
    run("sign", "-k", kernels / "bzImage", *keys.sign_args(), "--root", tmp / "root", "-v", "2",
        "-o", tmp / "k")
    run("sign", "-k", kernels / "bzImage", *keys.sign_args(True), "-o", tmp / "r")
    run("image", "--loader", tmp / "l.efi", "--signed-a", tmp / "k", "--root-a", tmp / "root",
        "-s", "slot-b.copy=yes", "-q", "-o", tmp / "d.img")
    run("payload", "make", "--kernel", tmp / "k", "--root", tmp / "root", "-d",
        keys.folder / "kernel_data_key.vbprivk", "-p", tmp / "p", "-o", tmp / "P")
    run("secure-boot", "keys", tmp / "sb")
    return {"tmp": tmp, "keys": keys.folder, "kernels": kernels, "efi": efi}


@pytest.mark.parametrize("name", COMMANDS)
def test_json_of_every_command(name, world):
    """One object on standard output, and nothing else there; as text it says something else."""
    args, names = JSON[name]
    told = json.loads(run(*name.split(), *args.format(**world).split(), "--json").stdout)
    told = told if isinstance(told, dict) else told[0]
    assert not set(names.split()) - set(told), f"{name}: {sorted(told)}"


# --- words ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("args,words", [
    ("verify -p {keys}/kernel_key.vbpubk {tmp}/k",
     "no valid profile: it is a packed public key (.vbpubk)"),
    ("verify -p {tmp}/p.ini {tmp}/k", "no valid profile: it does not begin with LBPROF"),
    ("sign -k /bin/ls -b {keys}/kernel.keyblock -d {keys}/kernel_data_key.vbprivk -o {tmp}/x",
     "an ELF program"),
    ("sign -k /dev/null -b {keys}/kernel.keyblock -d {keys}/kernel_data_key.vbprivk -o {tmp}/x",
     "is empty"),
    ("sign -k {kernels}/bzImage -b {keys}/kernel_key.vbpubk -d {keys}/kernel_data_key.vbprivk "
     "-o {tmp}/x", "is a packed public key (.vbpubk), a keyblock is needed"),
    ("sign -k {kernels}/bzImage -b {keys}/kernel.keyblock -d {keys}/kernel_key.vbprivk -o {tmp}/x",
     "it is the one that has signed the keyblock; the data key is needed"),
    ("sign -k {kernels}/bzImage -b {keys}/kernel.keyblock -d {keys}/kernel_data_key.vbprivk "
     "-o /no/such/x", "/no/such/x: cannot be made: No such file or directory"),
    ("profile make {tmp}/p.ini -o /no/such/x", "/no/such/x: cannot be made"),
    ("payload show {tmp}/cut", "the payload at"),
    ("profile make {tmp}/utf16.ini -o {tmp}/x", "utf16.ini:1: the line holds a zero byte: UTF-16?"),
    ("profile make {tmp}/same.ini -o {tmp}/x", "recovery-key is the same key as kernel-key"),
    ("profile make {tmp}/language.ini -o {tmp}/x", "language.ini:2: language: no texts for 'xx'"),
    ("profile make {tmp}/support.ini -o {tmp}/x", "support.ini:2: support: "),
])
def test_words(args, words, world):
    tmp, key = world["tmp"], f"kernel-key = {world['keys']}/kernel_key.vbpubk\n"
    write(tmp / "cut", (tmp / "P").read_bytes()[:-1])
    write(tmp / "utf16.ini", key.encode("utf-16"))
    write(tmp / "same.ini", key + key.replace("kernel-key", "recovery-key"))
    write(tmp / "language.ini", key + "language = xx\n")
    write(tmp / "support.ini", key + "support = R\u00fcfen\n")
    done = run(*args.format(**world).split(), expect=2)
    assert words in done.stderr and not (tmp / "x").exists()
    assert ".tmp-" not in done.stderr and "panic" not in done.stderr


def test_languages_are_those_of_the_loader(world):
    tmp = world["tmp"]
    write(tmp / "l.ini", f"kernel-key = {world['keys']}/kernel_key.vbpubk\nlanguage = xx\n")
    told = run("profile", "make", tmp / "l.ini", "-o", tmp / "x", expect=2).stderr
    assert set(told.split("there are: ")[1].split()) == \
        {"en"} | {p.name for p in (ROOT / "ui/strings").iterdir()}
    for code in "pt", "zh", "zh-TW", "en":
        write(tmp / "l.ini", f"kernel-key = {world['keys']}/kernel_key.vbpubk\nlanguage = {code}\n")
        run("profile", "make", tmp / "l.ini", "-o", tmp / f"language-{code}")


def test_an_ini_file_in_a_pipe(world):
    """Its paths count from here."""
    done = subprocess.run(
        ["bash", "-c", f"{command()} profile make <(printf 'kernel-key = kernel_key.vbpubk\\n') "
         f"-o {world['tmp']}/piped"], cwd=world["keys"], capture_output=True, text=True,
        env={"ASAN_OPTIONS": "detect_leaks=0", "PATH": "/usr/bin:/bin"})
    assert done.returncode == 0, done.stderr


def test_inspect_knows_what_others_make(world):
    tmp = world["tmp"]
    for path, kind in ((tmp / "P", "update payload"), (tmp / "sb/db.crt", "X.509 certificate"),
                       (tmp / "sb/db.cer", "X.509 certificate"),
                       (tmp / "sb/db.key", "a private key (PEM)")):
        assert json.loads(run("inspect", path, "--json").stdout)["kind"] == kind
        piped = subprocess.run([command(), "inspect", "--json", "/dev/stdin"], capture_output=True,
                               env={"ASAN_OPTIONS": "detect_leaks=0"}, input=path.read_bytes())
        assert json.loads(piped.stdout)["kind"] == kind
    run("sign", "-k", world["kernels"] / "bzImage", "-b", world["keys"] / "kernel.keyblock", "-d",
        world["keys"] / "kernel_data_key.vbprivk", "--root", tmp / "root", "--root-output",
        tmp / "tree", "-o", tmp / "k3")
    piped = subprocess.run([command(), "inspect", "/dev/stdin"], capture_output=True, text=False,
                           env={"ASAN_OPTIONS": "detect_leaks=0"},
                           input=(tmp / "tree").read_bytes())
    assert b"tree matches data:          yes" in piped.stdout


def test_make_and_show_agree_on_a_payload(world):
    """And a payload is made anew over an old one."""
    tmp = world["tmp"]
    args = ["payload", "make", "--kernel", tmp / "k", "--root", tmp / "root", "-d",
            world["keys"] / "kernel_data_key.vbprivk", "-p", tmp / "p", "-o", tmp / "again"]
    for _ in range(2):
        made = json.loads(run(*args, "--json").stdout)
    shown = json.loads(run("payload", "show", tmp / "again", "--json").stdout)
    for name in "bytes", "manifest_bytes", "memory_bytes":
        assert made[name] == shown[name], name
    assert "detail:" not in run("payload", "verify", tmp / "again", "-p", tmp / "p").stdout
