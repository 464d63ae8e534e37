"""lifeboat recovery-media make: judged by sgdisk, cgpt, mtools, fsck and vbutil_kernel."""
import json
import os
import struct
import subprocess

import pytest

from lifeboat_tool import BUILD, MIB, cut, judge, run, run_json, write

LOADERS = {"BOOTX64.EFI": BUILD / "x86_64/lifeboat.efi",
           "BOOTAA64.EFI": BUILD / "aarch64/lifeboat.efi"}
BASIC_DATA = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"
NAMES = {1: "RECOVERY-DATA", 2: "RECOVERY-X86_64", 3: "RECOVERY-AARCH64"}


@pytest.fixture
def both(signed):
    """Recovery kernels for both CPUs, as partition files."""
    return [signed("r-x86", recovery=True),
            signed("r-arm", recovery=True, kernel="Image")]


@pytest.fixture
def profile(keys, tmp_path):
    """profile("name", key = value...) makes a profile file."""
    def make(name="p", **more):
        lines = {"model": "m", "kernel-key": "kernel_key.vbpubk",
                 "recovery-key": "recovery_key.vbpubk", **more}
        ini = write(keys.folder / f"{name}.ini",
                    "".join(f"{k} = {v}\n" for k, v in lines.items() if v is not None))
        run("profile", "make", ini, "-o", tmp_path / name)
        return tmp_path / name
    return make


def each(paths):
    return [a for p in paths for a in ("--kernel", p)]


def part(image, number):
    start = int(judge("cgpt", "show", "-i", number, "-b", image))
    return start, int(judge("cgpt", "show", "-i", number, "-s", image))


def test_both_cpus(both, keys, tmp_path):
    image = tmp_path / "r.img"
    # the order given is kept, the CPU is found out
    told = run_json("recovery-media", "make", *each(both), "-k", keys.recovery_public,
                    "-o", image)
    assert image.stat().st_size == told["bytes"]
    assert image.stat().st_blocks * 512 < told["bytes"] // 2, "not sparse"
    assert "No problems found" in judge("sgdisk", "-v", image)
    assert "INVALID" not in judge("cgpt", "show", image)
    assert {p["number"]: p["name"] for p in told["partition"]} == NAMES
    for number, name in NAMES.items():
        assert judge("cgpt", "show", "-i", number, "-l", image).strip() == name
    assert judge("cgpt", "show", "-i", 1, "-t", image).strip().upper() == BASIC_DATA
    assert told["devices"][0]["starts_partition"] == [2, 3]
    for number, file in (2, both[0]), (3, both[1]):
        content = cut(image, part(image, number), tmp_path / "k").read_bytes()
        assert content.startswith(file.read_bytes())
        assert not any(content[file.stat().st_size:])
        judge("vbutil_kernel", "--verify", tmp_path / "k", "--signpubkey", keys.recovery_public)
        for what in "-P", "-T", "-S":  # never a slot
            assert judge("cgpt", "show", "-i", number, what, image).strip() == "0"
    verdict = run_json("verify", "-k", keys.recovery_public, "-m", "recovery", image)
    assert [s["verdict"] for s in verdict["slots"]] == ["ok", "ok"]
    fat = cut(image, part(image, 1), tmp_path / "fat")
    judge("fsck.vfat", "-n", fat)
    assert "RECOVERY" in judge("mlabel", "-s", "-i", fat)
    assert fat.read_bytes()[82:87] == b"FAT32"


def test_order_given_and_several_versions(signed, keys, tmp_path):
    paths = [signed("arm", recovery=True, kernel="Image"),
             signed("new", "--version", "7", recovery=True),
             signed("old", "--version", "3", recovery=True)]
    told = run_json("recovery-media", "make", *each(paths), "-o", tmp_path / "r")
    found = told["partition"][1:]
    assert [p["name"] for p in found] == ["RECOVERY-AARCH64", "RECOVERY-X86_64",
                                          "RECOVERY-X86_64"]
    assert [p["version"] & 0xffff for p in found[1:]] == [7, 3]
    assert len({p["guid"] for p in told["partition"]}) == 4
    assert run_json("verify", "-k", keys.recovery_public, "-m", "recovery", "--cpu", "x86_64",
                    tmp_path / "r")["slot"] == "B"


def test_reproducible(both, tmp_path):
    for name, zone in ("1", "Asia/Tokyo"), ("2", "UTC"):
        run("recovery-media", "make", *each(both), "-q", "-o", tmp_path / name,
            "--file", f"{both[0]}=payload/x.bin", env={"TZ": zone})
        subprocess.run(["sleep", "2.1"], check=True)  # FAT counts in two seconds
    judge("cmp", tmp_path / "1", tmp_path / "2")
    run("recovery-media", "make", *each(both), "-q", "-o", tmp_path / "3", "--seed", "x")
    assert judge("cgpt", "show", "-i", 2, "-u", tmp_path / "1") != \
        judge("cgpt", "show", "-i", 2, "-u", tmp_path / "3")
    assert not list(tmp_path.glob("*.tmp*"))


@pytest.mark.parametrize("sector", [512, 4096])
def test_sizes(sector, both, keys, tmp_path):
    image = tmp_path / "r.img"
    told = run_json("recovery-media", "make", *each(both), "-o", image, "--size", "150M",
                    "--sector-size", sector)
    assert told["bytes"] == 150 * MIB and told["sector_bytes"] == sector
    content = image.read_bytes()
    assert content[sector:sector + 8] == content[-sector:][:8] == b"EFI PART"
    data = told["partition"][0]
    assert data["bytes"] == 150 * MIB - 2 * MIB - sum(p["bytes"] for p in told["partition"][1:])
    assert struct.unpack_from("<H", content, data["offset"] + 11)[0] == sector
    fat = write(tmp_path / "fat", content[data["offset"]:][:data["bytes"]])
    judge("fsck.vfat", "-n", fat)
    assert run_json("verify", "-k", keys.recovery_public, "-m", "recovery", image)["would_boot"]
    told = run_json("recovery-media", "make", *each(both), "-o", image, "--size", "150M",
                    "--data-size", "40M", "--sector-size", sector)
    assert told["partition"][0]["bytes"] == 40 * MIB and told["bytes"] == 150 * MIB


@pytest.mark.skipif(not all(p.exists() for p in LOADERS.values()), reason="no loaders built")
def test_loaders(both, profile, tmp_path):
    image = tmp_path / "r.img"
    args = [a for p in LOADERS.values() for a in ("--loader", p)]
    told = run_json("recovery-media", "make", *each(both), *args, "-p", profile(), "-o", image)
    assert told["devices"] == [{"device": "m", "starts_partition": [2, 3]}]
    fat = cut(image, part(image, 1), tmp_path / "fat")
    for name, loader in LOADERS.items():
        judge("mcopy", "-n", "-i", fat, f"::EFI/BOOT/{name}", tmp_path / name)
        assert run_json("profile", "show", tmp_path / name)["profile"][0]["model"] == "m"
        assert (tmp_path / name).stat().st_size == loader.stat().st_size
        # the loader on the stick starts what is on the stick
        assert run_json("verify", "-l", tmp_path / name, "-m", "recovery", image)["would_boot"]
    # a loader that has its profile already
    again = tmp_path / "again.img"
    run("recovery-media", "make", *each(both), "--loader", tmp_path / "BOOTX64.EFI",
        "-o", again)
    # one without a profile would start nothing
    error = run("recovery-media", "make", *each(both), "--loader", LOADERS["BOOTX64.EFI"],
                "-o", tmp_path / "x", expect=2).stderr
    assert "no valid profile" in error and not (tmp_path / "x").exists()


def test_files(both, tmp_path):
    text = write(tmp_path / "readme", "write me to a stick\n")
    run("recovery-media", "make", *each(both[:1]), "-q", "-o", tmp_path / "r",
        "--file", f"{text}=README.TXT", "--file", f"{text}=payload/m/about.txt")
    fat = cut(tmp_path / "r", part(tmp_path / "r", 1), tmp_path / "fat")
    for target in "README.TXT", "payload/m/about.txt":
        judge("mcopy", "-n", "-i", fat, f"::{target}", tmp_path / "out")
        assert (tmp_path / "out").read_text() == text.read_text()


def test_refused_by_key_and_profile(both, signed, keys, kernels, profile, tmp_path):
    """What the loader would refuse in recovery mode is not written."""
    normal = signed("normal")  # signed for slots: kernel key, flags for normal mode
    out = tmp_path / "x"

    def refused(paths, *how, status=1):
        error = run("recovery-media", "make", *each(paths), *how, "-o", out, expect=status).stderr
        assert not out.exists()
        return error

    assert "does not know" in refused([normal], "-k", keys.recovery_public)
    # signed by the right key, flagged for normal mode
    flags, wrong = tmp_path / "flags.keyblock", tmp_path / "wrong"
    run("keys", "keyblock", "-d", keys.folder / "recovery_kernel_data_key.vbpubk", "-f", "normal",
        "-k", keys.folder / "recovery_key.vbprivk", "-o", flags)
    run("sign", "--kernel", kernels / "bzImage", "-b", flags,
        "-d", keys.folder / "recovery_kernel_data_key.vbprivk", "-o", wrong)
    assert "signed for another mode" in refused([wrong], "-k", keys.recovery_public)
    assert "does not know" in refused([both[0], normal], "-p", profile())
    old = profile("floor", **{"recovery-floor": 0x10005})
    assert "older" in refused(both, "-p", old)
    assert "no recovery-key" in refused(both, "-p", profile("bare", **{"recovery-key": None}),
                                         status=2)
    damaged = bytearray(both[0].read_bytes())
    damaged[70000] ^= 1
    assert "does not match" in refused([write(tmp_path / "d", bytes(damaged))])
    assert "no signed kernel" in refused([write(tmp_path / "e", bytes(200000))], status=2)
    # some device starts it: written, and the other one is named
    several = tmp_path / "several"
    profile("one", match="Acme/One", model="one")
    profile("two", match="Acme/Two", model="two", **{"recovery-floor": 0x10005})
    run("profile", "make", keys.folder / "one.ini", keys.folder / "two.ini", "-o", several)
    done = run("recovery-media", "make", *each(both), "-p", several, "-o", out, "--json")
    assert "starts on two" in done.stderr
    assert [len(d["starts_partition"]) for d in json.loads(done.stdout)["devices"]] == [2, 0]


@pytest.mark.parametrize("args,words", [
    (["--size", "20M"], "at least"),
    (["--sector-size", "1000"], "512 or 4096"),
    (["--kernel", "/nonexistent"], "/nonexistent"),
    (["--file", "/etc/hostname"], "FILE=TARGET"),
    (["--loader", "/etc/hostname"], "not a"),
    (["--profile", "/etc/hostname"], "profile"),
    (["--key", "/etc/hostname"], "/etc/hostname"),
    (["--data-size", "0"], "no size"),
])
def test_refusals(args, words, both, tmp_path):
    error = run("recovery-media", "make", *each(both), "-o", tmp_path / "x", *args,
                expect=2).stderr
    assert words in error, error
    assert not [p for p in os.listdir(tmp_path) if p.startswith("x")]


def test_missing_options(both, tmp_path):
    assert "--kernel is missing" in run("recovery-media", "make", "-o", "x", expect=2).stderr
    assert "--output is missing" in run("recovery-media", "make", "--kernel", both[0],
                                        expect=2).stderr
    assert "make" in run("recovery-media", "--help").stdout


@pytest.fixture(scope="module")
def payloads(keys, kernels, tmp_path_factory):
    """payloads(name, model, cpu, developer): a small payload, made once."""
    folder = tmp_path_factory.mktemp("payloads")
    made = {}
    data_key = keys.folder / "kernel_data_key.vbprivk"
    root = write(folder / "root", os.urandom(3 * 4096))

    def make(name, model="m", kernel="bzImage", developer=False):
        if name in made:
            return made[name]
        block = keys.folder / "kernel.keyblock"
        if developer:
            block = folder / "dev.keyblock"
            run("keys", "keyblock", "-d", keys.folder / "kernel_data_key.vbpubk", "-f", "normal",
                "-o", block)
        run("sign", "--kernel", kernels / kernel, "--root", root, "--root-output",
            folder / "r", "-b", block, "-d", data_key, "-o", folder / "k")
        made[name] = folder / name
        run("payload", "make", "--kernel", folder / "k", "--root", folder / "r", "-d", data_key,
            "--level", 1, "-m", model, "-o", made[name],
            *([] if developer else ["--key", keys.public]))
        return made[name]
    return make


def on_stick(image, target, tmp_path):
    fat = cut(image, part(image, 1), tmp_path / "fat")
    judge("mcopy", "-n", "-i", fat, f"::{target}", tmp_path / "out")
    return (tmp_path / "out").read_bytes()


def manufacturing(keys, tmp_path, words, expect=0, kind="recovery_kernel", key=None):
    out = tmp_path / "manufacturing"
    done = run("recovery-media", "manufacturing", write(tmp_path / "words", words),
               "--keyblock", keys.folder / f"{kind}.keyblock", "--data-key",
               keys.folder / f"{kind}_data_key.vbprivk", "--key",
               key or keys.recovery_public, "-o", out, expect=expect)
    assert out.exists() == (expect == 0)
    return out if expect == 0 else done.stderr


def test_manufacturing_files(both, keys, profile, tmp_path):
    """Signed over all of it by the keyblock's data key, as openssl sees it; words and keys
    that no device would take are told before anything is signed."""
    file = manufacturing(keys, tmp_path, "# for the factory\nmodel = m\nwipe = any\nend = off\n")
    content = file.read_bytes()
    assert content[:8] == b"LBMANU\0\1"
    total, key, block, text, signature, zero = struct.unpack_from("<6I", content, 8)
    assert (total, zero) == (len(content), 0) and 32 + key + block + text + signature == total
    assert content[32:][:key] == keys.recovery_public.read_bytes()
    assert b"model = m" in content[32 + key + block:][:text]
    for words, why in (("", "no model"), ("model = m\nwipe = all\n", "line 2"),
                       ("model = m\nwipe = any\nend = restart\n", "never end")):
        (tmp_path / "manufacturing").unlink(missing_ok=True)
        assert why in manufacturing(keys, tmp_path, words, 2)
    assert "none for recovery" in manufacturing(
        keys, tmp_path, "model = m\n", 2, "kernel", keys.public)
    assert "keyblock" in manufacturing(keys, tmp_path, "model = m\n", 2, key=keys.public)
    damaged = write(tmp_path / "damaged", content[:-1] + bytes([content[-1] ^ 1]))
    other = profile("other", **{"recovery-key": keys.public, "kernel-key": keys.recovery_public})
    for args, why, status in ((["--manufacturing", damaged], "not signed", 2),
                              (["--manufacturing", keys.public], "not a manufacturing file", 2),
                              (["--manufacturing", write(tmp_path / "m", content), "-p", other],
                               "refused in recovery mode", 1)):
        error = run("recovery-media", "make", *each(both), "-q", "-o", tmp_path / "x", *args,
                    expect=status).stderr
        assert why in error and not (tmp_path / "x").exists()


def test_network_files_are_read_as_the_device_reads_them(both, tmp_path):
    ca = tmp_path / "ca.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "9", "-subj", "/CN=x", "-keyout",
                    tmp_path / "k", "-out", ca], check=True, capture_output=True)
    good = write(tmp_path / "net", "server = https://a.example/x\naddress = 192.0.2.7/24\n")
    run("recovery-media", "make", *each(both), "-q", "-o", tmp_path / "r", "--network", good,
        "--server-ca", ca)
    assert on_stick(tmp_path / "r", "lifeboat/server-ca.pem", tmp_path) == ca.read_bytes()
    for text, why in (("\nserver = ftp://a\n", "line 2: no address of a server"),
                      ("ssid = home\n", "line 1: no such key"),
                      ("address = 192.0.2.7\n", "line 1: no address with a prefix")):
        bad = write(tmp_path / "bad", text)
        error = run("recovery-media", "make", *each(both), "-o", tmp_path / "x", "--network", bad,
                    expect=2).stderr
        assert f"{bad}: {why}" in error and not (tmp_path / "x").exists()
    run("recovery-media", "make", *each(both), "-o", tmp_path / "x", "--server-ca", good, expect=2)
    assert not (tmp_path / "x").exists()


def test_payloads(both, payloads, profile, keys, tmp_path):
    """Many models, both processors, developer's; whole and in pieces."""
    x86, arm = payloads("m-1.0"), payloads("m-arm-1.0", kernel="Image")
    own = payloads("own", developer=True)
    network = write(tmp_path / "net", "[network]\n")
    made = manufacturing(keys, tmp_path, "model = m\n")
    told = run_json("recovery-media", "make", *each(both), "-o", tmp_path / "r", "-p", profile(),
                    "--payload", x86, "--payload", arm, "--developer-payload", own,
                    "--network", network, "--language", "pt-BR", "--manufacturing", made)
    assert [(p["name"], p["cpu"], p["developer"]) for p in told["payload"]] == [
        ("payload/m-1.0", "x86_64", False), ("payload/m-arm-1.0", "aarch64", False),
        ("payload/developer/own", "x86_64", True)]
    for file, target in ((x86, "payload/m-1.0"), (own, "payload/developer/own"),
                         (network, "lifeboat/network.ini"), (made, "lifeboat/manufacturing")):
        assert on_stick(tmp_path / "r", target, tmp_path) == file.read_bytes()
    assert on_stick(tmp_path / "r", "lifeboat/language", tmp_path) == b"pt-BR"
    run("recovery-media", "make", *each(both), "-q", "-o", tmp_path / "s", "--payload", x86,
        "--piece-size", 20000)
    pieces = [on_stick(tmp_path / "s", f"payload/m-1.0.{i:03}", tmp_path)
              for i in range(-(-x86.stat().st_size // 20000))]
    assert b"".join(pieces) == x86.read_bytes() and len(pieces) > 2


def test_payloads_refused(both, payloads, profile, tmp_path):
    def refused(*args, status=1):
        error = run("recovery-media", "make", *each(both), "-q", "-o", tmp_path / "x", *args,
                    expect=status).stderr
        assert not (tmp_path / "x").exists()
        return error
    good = payloads("m-1.0")
    assert "another model" in refused("-p", profile(), "--payload", payloads("other-1", "other"))
    assert "self-signed" in refused("--payload", payloads("own", developer=True), status=2)
    assert "two files" in refused("--payload", good, "--payload", good, status=2)
    bad = bytearray(good.read_bytes())
    bad[len(bad) // 2] ^= 1
    assert "damaged" in refused("--payload", write(tmp_path / "bad", bytes(bad)))
    assert "not a payload" in refused("--payload", "/etc/hostname")
    assert "no language" in refused("--language", "../../x", status=2)
    assert "please" in refused("--payload", write(tmp_path / "a b", good.read_bytes()),
                               status=2)
