"""lifeboat keys: futility and vbutil_* read what it makes, and it makes what they make."""
import filecmp
import os
import stat
import subprocess

import pytest

from lifeboat_tool import DEVKEYS, judge, run, run_json, write

ALGORITHMS = {"rsa2048-sha256": 4, "rsa2048-sha512": 5, "rsa4096-sha256": 7, "rsa4096-sha512": 8}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_set_in_each_algorithm(name, tmp_path):
    folder = tmp_path / "k"
    files = run_json("keys", "new", "-a", "rsa2048-sha512", "--kernel-key", name,
                     "--kernel-data-key", name, "--data-key-version", "7", folder)["files"]
    assert sorted(os.path.basename(f) for f in files) == sorted(os.listdir(folder))
    assert len(files) == 10
    text = judge("futility", "show", *files)
    number = ALGORITHMS[name]
    assert text.count(f" {number} RSA") == (10 if number == 5 else 5)
    judge("vbutil_keyblock", "--unpack", folder / "kernel.keyblock",
          "--signpubkey", folder / "kernel_key.vbpubk")
    judge("vbutil_keyblock", "--unpack", folder / "recovery_kernel.keyblock",
          "--signpubkey", folder / "recovery_key.vbpubk")
    judge("vbutil_keyblock", "--unpack", folder / "kernel.keyblock",
          "--signpubkey", folder / "recovery_key.vbpubk", expect=1)
    assert "Data key version:      7" in judge("futility", "show", folder / "kernel.keyblock")


@pytest.mark.parametrize("size", [0, 100, 65536, 1 << 20])
def test_what_is_no_key_is_told_at_once(size, keys, kernels, tmp_path):
    """OpenSSL's decoders try each place of what they get: minutes for a megabyte."""
    path = write(tmp_path / "zeros", bytes(size))
    for args in (["keys", "import", path, "-o", tmp_path / "o"],
                 ["sign", "--kernel", kernels / "bzImage", "--keyblock",
                  keys.folder / "kernel.keyblock", "--data-key", path, "-o", tmp_path / "o"]):
        told = run(*args, expect=2).stderr
        assert "zeros: " in told and ("no key in PEM" in told or "at most 65536" in told
                                      or size == 0)


def test_flags_and_modes(keys):
    assert "23  !DEV DEV !REC" in judge("futility", "show", keys.folder / "kernel.keyblock")
    assert "27  !DEV DEV REC" in judge("futility", "show", keys.folder / "recovery_kernel.keyblock")
    for file in keys.folder.iterdir():
        mode = stat.S_IMODE(file.stat().st_mode)
        assert mode == (0o600 if file.suffix == ".vbprivk" else 0o644), file


def test_never_overwrites(tmp_path):
    write(tmp_path / "recovery_key.vbpubk", "mine")
    error = run("keys", "new", "-a", "4", tmp_path, expect=2).stderr
    assert "recovery_key.vbpubk: exists already" in error
    assert os.listdir(tmp_path) == ["recovery_key.vbpubk"]
    assert (tmp_path / "recovery_key.vbpubk").read_text() == "mine"


def test_developer_set(tmp_path):
    run("keys", "new", "--dev", tmp_path)
    text = judge("futility", "show", tmp_path / "developer.keyblock")
    assert "Size:                  0x2b8" in text
    assert run_json("keys", "show", tmp_path / "developer.keyblock")["key"][0]["keyblock"][
        "self_signed"]


@pytest.mark.parametrize("name,signer,flags", [("kernel", "kernel_subkey", 23),
                                               ("recovery_kernel", "recovery_key", 27),
                                               ("installer_kernel", "recovery_key", 26)])
def test_keyblocks_equal_vboots_own(name, signer, flags, tmp_path):
    out = tmp_path / "k.keyblock"
    run("keys", "keyblock", "-d", DEVKEYS / f"{name}_data_key.vbpubk",
        "-k", DEVKEYS / f"{signer}.vbprivk", "-f", flags, "-o", out)
    ours, theirs = out.read_bytes(), (DEVKEYS / f"{name}.keyblock").read_bytes()
    if name == "installer_kernel":  # signed with another key there
        assert ours[:112] == theirs[:112]
    else:
        assert ours == theirs


def test_self_signed_keyblock_equals_vbutils(tmp_path):
    data = DEVKEYS / "kernel_data_key.vbpubk"
    run("keys", "keyblock", "-d", data, "-f", "23", "-o", tmp_path / "ours")
    judge("vbutil_keyblock", "--pack", tmp_path / "theirs", "--datapubkey", data, "--flags", "23")
    assert filecmp.cmp(tmp_path / "ours", tmp_path / "theirs", shallow=False)


@pytest.mark.parametrize("form", ["pkcs1", "pkcs8", "der", "public"])
def test_import(form, tmp_path):
    pem = tmp_path / "k.pem"
    judge("openssl", "genrsa", *(["-traditional"] if form == "pkcs1" else []), "-out", pem, "2048")
    source = pem
    if form == "der":
        source = tmp_path / "k.der"
        judge("openssl", "rsa", "-in", pem, "-outform", "DER", "-out", source)
    if form == "public":
        source = tmp_path / "p.pem"
        judge("openssl", "rsa", "-in", pem, "-pubout", "-out", source)
    run("keys", "import", source, "-o", tmp_path / "new", "--version", "3", "-a", "5")
    text = judge("futility", "show", tmp_path / "new.vbpubk")
    assert "5 RSA2048 SHA512" in text and "Key Version:         3" in text
    assert (tmp_path / "new.vbprivk").exists() == (form != "public")
    if form != "public":  # vboot's own way from the same key gives the same files
        judge("vbutil_key", "--pack", tmp_path / "their.vbprivk", "--key", pem, "--algorithm", "5")
        ours = run_json("keys", "show", tmp_path / "new.vbprivk", tmp_path / "their.vbprivk",
                        tmp_path / "new.vbpubk")["key"]
        assert ours[0]["sha256"] == ours[1]["sha256"] == ours[2]["public_key"]["sha256"]


def test_pem_signs_like_vbprivk(keys, tmp_path):
    data = keys.folder / "kernel_data_key.vbpubk"
    der = write(tmp_path / "k.der", (keys.folder / "kernel_key.vbprivk").read_bytes()[8:])
    pem = tmp_path / "k.pem"
    judge("openssl", "rsa", "-inform", "DER", "-in", der, "-out", pem)
    run("keys", "keyblock", "-d", data, "-k", pem, "-f", "normal", "-o", tmp_path / "kb")
    assert filecmp.cmp(tmp_path / "kb", keys.folder / "kernel.keyblock", shallow=False)


def test_refusals(keys, tmp_path):
    public = keys.folder / "kernel_key.vbpubk"
    pem = tmp_path / "k.pem"
    judge("openssl", "genrsa", "-out", pem, "3072")
    assert "3072" in run("keys", "import", pem, "-o", tmp_path / "x", expect=2).stderr
    judge("openssl", "genrsa", "-3", "-out", pem, "2048")
    assert "65537" in run("keys", "import", pem, "-o", tmp_path / "x", expect=2).stderr
    subprocess.run(["openssl", "ecparam", "-genkey", "-name", "prime256v1", "-out", pem],
                   check=True, capture_output=True)
    run("keys", "import", pem, "-o", tmp_path / "x", expect=2)
    run("keys", "keyblock", "-d", public, "-k", public, "-f", "23", "-o", tmp_path / "x", expect=2)
    run("keys", "keyblock", "-d", public, "-f", "64", "-o", tmp_path / "x", expect=2)
    run("keys", "keyblock", "-d", public, "-f", "0", "-o", tmp_path / "x", expect=2)
    run("keys", "new", "-a", "rsa1024-sha1", tmp_path / "y", expect=2)
    run("keys", "new", "--key-version", "65536", tmp_path / "y", expect=2)
    run("keys", "show", write(tmp_path / "junk", "junk" * 30), expect=2)
    cut = write(tmp_path / "cut.vbpubk", public.read_bytes()[:200])
    assert "cut.vbpubk" in run("keys", "show", cut, expect=2).stderr
    assert not (tmp_path / "x").exists() and not (tmp_path / "y").exists()


def make_pem(folder, name, *args):
    judge("openssl", *args, "-out", folder / name)
    return folder / name


def test_what_a_key_is_not_said_with_numbers(keys, tmp_path):
    """Each refusal: which field or what it is instead, and what would do."""
    ec = make_pem(tmp_path, "ec.pem", "genpkey", "-algorithm", "EC", "-pkeyopt",
                  "ec_paramgen_curve:P-256")
    ed = make_pem(tmp_path, "ed.pem", "genpkey", "-algorithm", "ED25519")
    small = make_pem(tmp_path, "small.pem", "genpkey", "-algorithm", "RSA", "-pkeyopt",
                     "rsa_keygen_bits:1024")
    public = bytearray((keys.folder / "kernel_key.vbpubk").read_bytes())
    def key(name, change):
        changed = bytearray(public)
        change(changed)
        return write(tmp_path / name, bytes(changed))
    def algorithm(number):
        return key(f"a{number}", lambda k: k.__setitem__(16, number))
    for file, words in [
            (algorithm(0), "RSA-1024 with SHA-1 (algorithm 0) is not accepted"),
            (algorithm(16), "RSA-3072, e = 3, SHA-256 (algorithm 16) is not accepted"),
            (algorithm(99), "unknown (algorithm 99) is not accepted"),
            (algorithm(7), "key_size is 520, 1032 expected for RSA-4096 with SHA-256"),
            (key("words", lambda k: k.__setitem__(32, 1)), "words, its algorithm has 64"),
            (key("even", lambda k: k.__setitem__(40, 2)), "its modulus is even"),
            (key("cut", lambda k: k.__delitem__(slice(-8, None))), "cut short"),
            (key("offset", lambda k: k.__setitem__(0, 31)), "key_offset is 31, 32 expected"),
            (ec, "is a private key (PEM), a packed public key (.vbpubk) is needed"),
            (keys.folder / "kernel.keyblock", "is a keyblock"),
            (keys.folder / "kernel_data_key.vbprivk", "is a private key (.vbprivk)")]:
        done = run("verify", "--key", file, file, expect=2)
        assert words in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
    for file, words in [(ec, "EC (prime256v1) is not accepted"), (ed, "ED25519 is not accepted"),
                        (small, "RSA-1024 is not accepted")]:
        assert words in run("keys", "import", file, "-o", tmp_path / "x", expect=2).stderr
        assert words in run("keys", "keyblock", "--data-key", keys.folder / "kernel_key.vbpubk",
                            "--sign-key", file, "--flags", "23", "-o", tmp_path / "y",
                            expect=2).stderr


def test_a_certificates_key(tmp_path):
    judge("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=t", "-keyout",
          tmp_path / "k.pem", "-out", tmp_path / "c.pem")
    judge("openssl", "x509", "-in", tmp_path / "c.pem", "-outform", "DER", "-out",
          tmp_path / "c.der")
    for name in "c.pem", "c.der", "k.pem":
        run("keys", "import", tmp_path / name, "-o", tmp_path / f"{name}-out")
    made = {(tmp_path / f"{n}-out.vbpubk").read_bytes() for n in ("c.pem", "c.der", "k.pem")}
    assert len(made) == 1 and not (tmp_path / "c.pem-out.vbprivk").exists()
    assert "is an X.509 certificate (PEM)" in run("verify", "--key", tmp_path / "c.pem",
                                                  tmp_path / "c.pem", expect=2).stderr
