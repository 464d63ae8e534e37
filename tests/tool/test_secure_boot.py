"""lifeboat secure-boot: judged by openssl, sbsigntool, mtools and sgdisk."""
import stat
import struct
import uuid

import pytest

from lifeboat_tool import BUILD, DEVKEYS, ROOT, judge, run, run_json, write

PE = {"x86_64": "BOOTX64.EFI", "aarch64": "BOOTAA64.EFI"}
SPC_DIGEST = bytes.fromhex("3031300d060960864801650304020105000420")
GLOBAL = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c").bytes_le
DATABASE = uuid.UUID("d719b2cb-3d3a-4596-a3bc-dad00e67656f").bytes_le
VENDOR = {"PK": GLOBAL, "KEK": GLOBAL, "db": DATABASE, "dbx": DATABASE}


@pytest.fixture(scope="session")
def owner(tmp_path_factory):
    folder = tmp_path_factory.mktemp("owner") / "keys"
    run("secure-boot", "keys", folder, "--name", "Kiosk Inc")
    return folder


@pytest.fixture(scope="session")
def other(tmp_path_factory):
    folder = tmp_path_factory.mktemp("other") / "keys"
    run("secure-boot", "keys", folder)
    return folder


@pytest.fixture(scope="session")
def loader(tmp_path_factory):
    """A loader with a profile."""
    folder = tmp_path_factory.mktemp("loader")
    ini = write(folder / "p.ini", f"model = m\nkernel-key = {DEVKEYS}/kernel_subkey.vbpubk\n"
                                  f"recovery-key = {DEVKEYS}/recovery_key.vbpubk\n")
    run("profile", "make", ini, "-o", folder / "p")
    run("profile", "install", folder / "p", BUILD / "x86_64/lifeboat.efi", "-o",
        folder / "loader.efi")
    return folder / "loader.efi"


def sign(loader, keys, out, *more, expect=0):
    return run("secure-boot", "sign", loader, "--key", keys / "db.key", "--cert",
               keys / "db.crt", "-o", out, *more, expect=expect)


# --- keys ---------------------------------------------------------------------------------------

def test_keys(owner):
    for name in ("PK", "KEK", "db"):
        key, pem, der = (owner / f"{name}.{s}" for s in ("key", "crt", "cer"))
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        text = judge("openssl", "x509", "-in", pem, "-noout", "-subject", "-text")
        assert f"CN = Kiosk Inc {name}" in text and "Public-Key: (2048 bit)" in text
        assert "CA:FALSE" in text and "sha256WithRSAEncryption" in text
        assert judge("openssl", "x509", "-in", pem, "-outform", "PEM") == \
            judge("openssl", "x509", "-inform", "DER", "-in", der)
        assert judge("openssl", "x509", "-in", pem, "-noout", "-pubkey") == \
            judge("openssl", "pkey", "-in", key, "-pubout")
        judge("openssl", "verify", "-CAfile", pem, "-check_ss_sig", pem)
    assert stat.S_IMODE(owner.stat().st_mode) == 0o700
    assert uuid.UUID((owner / "owner.guid").read_text().strip()).version == 4


def test_keys_are_never_overwritten(owner, tmp_path):
    before = {p: p.read_bytes() for p in owner.iterdir()}
    assert "exists already" in run("secure-boot", "keys", owner, expect=2).stderr
    assert {p: p.read_bytes() for p in owner.iterdir()} == before
    half = tmp_path / "half"
    half.mkdir()
    (half / "db.cer").write_text("mine")
    run("secure-boot", "keys", half, expect=2)
    assert [p.name for p in half.iterdir()] == ["db.cer"]


def test_bigger_keys(tmp_path):
    told = run_json("secure-boot", "keys", tmp_path / "k", "--bits", "3072", "--days", "30")
    assert len(told["files"]) == 10
    text = judge("openssl", "x509", "-in", tmp_path / "k/PK.crt", "-noout", "-text")
    assert "Public-Key: (3072 bit)" in text


@pytest.mark.parametrize("options", [
    ("--bits", "1024"), ("--bits", "2049"), ("--days", "0"), ("--name", ""),
    ("--name", "x" * 49), ("--name", "a\nb")])
def test_keys_refuses(tmp_path, options):
    run("secure-boot", "keys", tmp_path / "k", *options, expect=2)
    assert not (tmp_path / "k").exists()


# --- sign -----------------------------------------------------------------------------------------

def test_sign(owner, other, loader, tmp_path):
    out = tmp_path / "signed.efi"
    sign(loader, owner, out)
    assert "Signature verification OK" in judge("sbverify", "--cert", owner / "db.crt", out)
    judge("sbverify", "--cert", other / "db.crt", out, expect=1)
    again = tmp_path / "again.efi"
    sign(loader, owner, again)
    assert again.read_bytes() == out.read_bytes(), "not reproducible"
    # What sbattach takes off again is the loader, but for padding and checksum.
    bare = tmp_path / "bare.efi"
    bare.write_bytes(out.read_bytes())
    judge("sbattach", "--remove", bare)
    assert judge("cmp", "-s", bare, loader) == ""


def test_every_changed_part_is_noticed(owner, loader, tmp_path):
    out = tmp_path / "signed.efi"
    sign(loader, owner, out)
    good = out.read_bytes()
    for at in (0x50, 0x400, 0x1000, len(loader.read_bytes()) - 1):
        changed = bytearray(good)
        changed[at] ^= 1
        out.write_bytes(changed)
        judge("sbverify", "--cert", owner / "db.crt", out, expect=1)


def test_two_signatures(owner, other, loader, tmp_path):
    """For the time when some machines have the old key and some the new one."""
    one, two = tmp_path / "one.efi", tmp_path / "two.efi"
    sign(loader, owner, one)
    sign(one, other, two)
    for keys in (owner, other):
        judge("sbverify", "--cert", keys / "db.crt", two)
    only = tmp_path / "only.efi"
    sign(two, other, only, "--strip-signature")
    judge("sbverify", "--cert", owner / "db.crt", only, expect=1)
    judge("sbverify", "--cert", other / "db.crt", only)


def test_signature_on_top_of_sbsign_s(owner, other, loader, tmp_path):
    theirs, both = tmp_path / "theirs.efi", tmp_path / "both.efi"
    judge("sbsign", "--key", owner / "db.key", "--cert", owner / "db.crt", "--output", theirs,
          loader)
    sign(theirs, other, both)
    for keys in (owner, other):
        judge("sbverify", "--cert", keys / "db.crt", both)


def test_sign_refuses(owner, other, loader, tmp_path):
    out = tmp_path / "out.efi"
    empty = BUILD / "x86_64/lifeboat.efi"
    assert "no valid profile" in sign(empty, owner, out, expect=2).stderr
    program = BUILD / "x86_64/enroll.efi"
    assert "not a lifeboat loader" in sign(program, owner, out, expect=2).stderr
    assert "is not the certificate of" in run(
        "secure-boot", "sign", loader, "--key", owner / "db.key", "--cert", other / "db.crt",
        "-o", out, expect=2).stderr
    assert "public key only" in run(
        "secure-boot", "sign", loader, "--key", write(tmp_path / "pub", judge(
            "openssl", "pkey", "-in", owner / "db.key", "-pubout")), "--cert",
        owner / "db.crt", "-o", out, expect=2).stderr
    assert "is a private key (PEM), an X.509 certificate" in run(
        "secure-boot", "sign", loader, "--key", owner / "db.key", "--cert", owner / "db.key",
        "-o", out, expect=2).stderr
    assert not out.exists()


def test_cut_and_damaged_loaders(owner, loader, tmp_path):
    """None of them is signed, and none brings the command down."""
    good, bad, out = loader.read_bytes(), tmp_path / "bad.efi", tmp_path / "out.efi"
    for size in (0, 1, 63, 64, 128, 200, 500, 1024, 5000, len(good) - 65536):
        bad.write_bytes(good[:size])
        sign(bad, owner, out, expect=2)
    # A gap before a section: two programs could read it in two ways.
    pe = struct.unpack_from("<I", good, 0x3c)[0]
    headers = pe + 24 + struct.unpack_from("<H", good, pe + 20)[0]
    moved = bytearray(good)
    at = struct.unpack_from("<I", moved, headers + 40 + 20)[0]
    struct.pack_into("<I", moved, headers + 40 + 20, at + 512)
    bad.write_bytes(moved)
    assert "does not follow" in sign(bad, owner, out, expect=2).stderr
    assert not out.exists()


def test_sbat(loader, tmp_path):
    """As docs/secure-boot.md shows it; the program of the stick has it as well."""
    version = (ROOT / "VERSION").read_text().strip()
    shown = (ROOT / "docs/secure-boot.md").read_text()
    for path in (loader, BUILD / "x86_64/enroll.efi"):
        out = tmp_path / "sbat"
        judge("objcopy", "-O", "binary", "--only-section=.sbat", path, out)
        lines = out.read_text().rstrip("\0").splitlines()
        assert lines[0].split(",")[:2] == ["sbat", "1"] and len(lines) == 2
        for line in lines:
            assert len(line.split(",")) == 6 and line.replace(version, "VERSION") in shown


# --- enroll ---------------------------------------------------------------------------------------

def wrap(signed_data):
    """A PKCS#7 ContentInfo, which openssl wants, around the SignedData."""
    def der(tag, body):
        size = len(body)
        return bytes([tag]) + (bytes([0x82]) + struct.pack(">H", size)) + body

    oid = bytes.fromhex("06092a864886f70d010702")
    return der(0x30, oid + der(0xa0, signed_data))


def check_update(path, name, attributes, certificate, tmp_path):
    """openssl finds the certificate's signature over what the firmware will check; gives
    the lists."""
    data = path.read_bytes()
    time, (length, revision, kind) = data[:16], struct.unpack_from("<IHH", data, 16)
    assert (revision, kind) == (0x200, 0x0ef1)
    content = data[16 + length:]
    plain = (name.encode("utf-16-le") + VENDOR[name] + struct.pack("<I", attributes) + time +
             content)
    (tmp_path / "plain").write_bytes(plain)
    (tmp_path / "p7").write_bytes(wrap(data[40:16 + length]))
    judge("openssl", "smime", "-verify", "-inform", "DER", "-in", tmp_path / "p7", "-content",
          tmp_path / "plain", "-binary", "-CAfile", certificate, "-purpose", "any",
          "-partial_chain", "-out", "/dev/null")
    assert 2020 <= struct.unpack_from("<H", time)[0] < 2100 and time[7:] == bytes(9)
    return content


def programs():
    return [a for arch in PE for a in ("--program", BUILD / arch / "enroll.efi")]


def test_updates(owner, tmp_path):
    """Lists as sbsiglist makes them; PK signs PK and KEK, KEK signs db."""
    files = tmp_path / "files"
    told = run_json("secure-boot", "enroll", owner, "--files", files)
    guid = (owner / "owner.guid").read_text().strip()
    for name, signer in (("PK", "PK"), ("KEK", "PK"), ("db", "KEK")):
        esl = tmp_path / f"{name}.esl"
        judge("sbsiglist", "--owner", guid, "--type", "x509", "--output", esl,
              owner / f"{name}.cer")
        assert (files / f"{name}.esl").read_bytes() == esl.read_bytes()
        assert check_update(files / f"{name}.auth", name, 0x27, owner / f"{signer}.crt",
                            tmp_path) == esl.read_bytes()
        digest = judge("openssl", "x509", "-in", owner / f"{name}.crt", "-noout",
                       "-fingerprint", "-sha256")
        assert told[name]["sha256"] == \
            digest.split("=")[1].strip().replace(":", "").lower()
    removal = files / "remove-PK.auth"
    assert stat.S_IMODE(removal.stat().st_mode) == 0o600
    assert check_update(removal, "PK", 0x27, owner / "PK.crt", tmp_path) == b""


def test_added_certificates(owner, other, tmp_path):
    """PEM, DER and ready lists, in the order given, behind the owner's."""
    files = tmp_path / "files"
    run("secure-boot", "enroll", other, "--files", files)
    told = run_json("secure-boot", "enroll", owner, "--files", tmp_path / "more",
                    "--add-db", other / "db.crt", "--add-db", other / "db.cer",
                    "--add-db", files / "KEK.esl", "--add-kek", other / "KEK.cer")
    assert told["db"]["signatures"] == 4 and told["KEK"]["signatures"] == 2
    lists = check_update(tmp_path / "more/db.auth", "db", 0x27, owner / "KEK.crt", tmp_path)
    assert lists.endswith((files / "KEK.esl").read_bytes())
    first = (owner / "db.cer").read_bytes()
    second = (other / "db.cer").read_bytes()
    assert lists.index(first) < lists.index(second) and lists.count(second) == 2


def test_stick(owner, tmp_path):
    image = tmp_path / "stick.img"
    done = run("secure-boot", "enroll", owner, "-o", image, *programs())
    assert "no --add-db" in done.stderr
    assert "No problems found" in judge("sgdisk", "-v", image)
    where = f"{image}@@1M"
    listed = judge("mdir", "-i", where, "-b", "-/", "::")
    for name in ("PK", "KEK", "db"):
        for suffix in ("auth", "esl", "cer"):
            assert f"::/KEYS/{name}.{suffix}" in listed, listed
    assert "remove" not in listed.lower() and ".key" not in listed
    for arch, name in PE.items():
        out = tmp_path / name
        judge("mcopy", "-i", where, f"::/EFI/BOOT/{name}", out)
        program, plain = out.read_bytes(), (BUILD / arch / "enroll.efi").read_bytes()
        assert len(program) == len(plain) and program != plain
        assert all((owner / f"{n}.cer").read_bytes() in program for n in ("PK", "KEK", "db"))
        assert not any((owner / f"{n}.key").read_bytes()[64:128] in program
                       for n in ("PK", "KEK", "db"))
    with open(image, "rb") as f:
        everything = f.read()
    assert b"PRIVATE KEY" not in everything


@pytest.mark.parametrize("more, words", [
    (("--program", BUILD / "x86_64/lifeboat.efi"), "not an enrolment program"),
    (("--program", BUILD / "x86_64/enroll.efi", "--program", BUILD / "x86_64/enroll.efi"),
     "second program"),
    (("--program", "/dev/null"), "not a PE file"),
    (("--add-db", "/etc/passwd"), "neither a certificate"),
    (("--add-kek", "/no/such/file"), "/no/such/file")])
def test_enroll_refuses(owner, tmp_path, more, words):
    out = tmp_path / "out.img"
    assert words in run("secure-boot", "enroll", owner, "-o", out, *more, expect=2).stderr
    assert not out.exists()


def test_more_keys_than_there_is_room(owner, tmp_path):
    files = tmp_path / "files"
    run("secure-boot", "enroll", owner, "--files", files)
    big = tmp_path / "big.esl"
    big.write_bytes((files / "db.esl").read_bytes() * 70)
    out = tmp_path / "out.img"
    assert "there is room for" in run("secure-boot", "enroll", owner, "-o", out, "--add-db", big,
                                      "--add-kek", big, *programs(), expect=2).stderr
    assert not out.exists()


def test_enroll_wants_matching_keys(owner, other, tmp_path):
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for path in owner.iterdir():
        (mixed / path.name).write_bytes(path.read_bytes())
    (mixed / "KEK.key").write_bytes((other / "KEK.key").read_bytes())
    assert "is not the certificate of" in run("secure-boot", "enroll", mixed, "--files",
                                              tmp_path / "f", expect=2).stderr
    (mixed / "KEK.key").unlink()
    run("secure-boot", "enroll", mixed, "--files", tmp_path / "f", expect=2)
    (mixed / "owner.guid").write_text("not a guid\n")
    assert "not a GUID" in run("secure-boot", "enroll", mixed, "--files", tmp_path / "f",
                               expect=2).stderr


# --- revoke ---------------------------------------------------------------------------------------

def test_revoke(owner, loader, tmp_path):
    """The digest is the one that sbsign signs, whether the loader is signed or not."""
    theirs, detached = tmp_path / "theirs.efi", tmp_path / "p7"
    judge("sbsign", "--key", owner / "db.key", "--cert", owner / "db.crt", "--output", theirs,
          loader)
    judge("sbattach", "--detach", detached, theirs)
    signature = detached.read_bytes()
    at = signature.index(SPC_DIGEST) + len(SPC_DIGEST)
    digest = signature[at:at + 32]
    for number, path in enumerate((loader, theirs)):
        out = tmp_path / f"{number}.auth"
        run("secure-boot", "revoke", path, "--keys", owner, "-o", out)
        lists = check_update(out, "dbx", 0x67, owner / "KEK.crt", tmp_path)
        assert len(lists) == 28 + 48 and lists.endswith(digest)
        assert uuid.UUID(bytes_le=lists[:16]) == \
            uuid.UUID("c1c41626-504c-4092-aca9-41f936934328")
    both = tmp_path / "both.auth"
    run("secure-boot", "revoke", loader, BUILD / "aarch64/lifeboat.efi", "--keys", owner, "-o",
        both)
    assert len(check_update(both, "dbx", 0x67, owner / "KEK.crt", tmp_path)) == 2 * (28 + 48)


def test_revoke_refuses(owner, tmp_path):
    run("secure-boot", "revoke", "/dev/null", "--keys", owner, "-o", tmp_path / "o", expect=2)
    run("secure-boot", "revoke", "--keys", owner, "-o", tmp_path / "o", expect=2)
    assert not (tmp_path / "o").exists()
