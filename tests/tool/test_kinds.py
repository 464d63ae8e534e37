"""lifeboat sign: FIT and pe, with mkimage, dumpimage and objcopy as judges."""
import gzip
import pathlib
import struct
import subprocess
import sys

import pytest

from lifeboat_tool import ROOT, arm64_image, judge, run, run_json, write

STUB = pathlib.Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub")


def body(partition):
    return partition.read_bytes()[65536:]


def dtb(tmp_path, name, compatible, plugin=False):
    text = "/dts-v1/;\n" + ("/plugin/;\n/ { fragment@0 { target-path = \"/\"; __overlay__ { "
                            f"test = \"{compatible}\"; }}; }}; }};\n" if plugin else
                            f"/ {{ compatible = {compatible}; }};\n")
    source = write(tmp_path / f"{name}.dts", text)
    out = tmp_path / f"{name}.dtb"
    subprocess.run(["dtc", "-@", "-q", "-O", "dtb", "-o", out, source], check=True)
    return out


def test_x86_fit_by_default_with_initrd(signed, kernels, tmp_path):
    part = signed("k", "-i", kernels / "initrd", "-c", "quiet")
    text = judge("dumpimage", "-l", write(tmp_path / "fit", body(part)))
    assert "x86_64" in text.lower() or "Intel x86_64" in text
    assert "RAMDisk" in text and "Default Configuration: 'conf-1'" in text
    out = tmp_path / "kernel"
    judge("dumpimage", "-T", "flat_dt", "-p", "0", "-o", out, tmp_path / "fit")
    assert out.read_bytes() == (kernels / "bzImage").read_bytes()
    judge("dumpimage", "-T", "flat_dt", "-p", "1", "-o", out, tmp_path / "fit")
    assert out.read_bytes() == (kernels / "initrd").read_bytes()
    assert judge("futility", "dump_kernel_config", part).strip() == "quiet"


def test_initrds_are_joined_on_four_bytes(signed, tmp_path):
    one, two = write(tmp_path / "1", b"abcde"), write(tmp_path / "2", b"fgh")
    part = signed("k", "-i", one, "-i", two)
    write(tmp_path / "fit", body(part))
    judge("dumpimage", "-T", "flat_dt", "-p", "1", "-o", tmp_path / "o", tmp_path / "fit")
    assert (tmp_path / "o").read_bytes() == b"abcde\0\0\0fgh"


@pytest.mark.parametrize("how", ["none", "gzip", "ready"])
def test_arm64(how, signed, kernels, tmp_path):
    original = (kernels / "Image").read_bytes()
    if how == "ready":
        write(kernels / "Image.gz", gzip.compress(original, mtime=0))
        part = signed("k", kernel="Image.gz")
    else:
        part = signed("k", "--compress", how, kernel="Image")
    fit = write(tmp_path / "fit", body(part))
    text = judge("mkimage", "-l", fit)
    assert "AArch64" in text
    assert ("gzip compressed" in text) == (how != "none")
    judge("dumpimage", "-T", "flat_dt", "-p", "0", "-o", tmp_path / "o", fit)
    packed = (tmp_path / "o").read_bytes()
    assert (packed if how == "none" else gzip.decompress(packed)) == original


def test_arm64_by_lz4(signed, kernels, tmp_path):
    """The lz4 program is the judge; the same kernel gives the same bytes."""
    part = signed("k", "--compress", "lz4", kernel="Image")
    fit = write(tmp_path / "fit", body(part))
    assert "lz4 compressed" in judge("mkimage", "-l", fit)
    judge("dumpimage", "-T", "flat_dt", "-p", "0", "-o", tmp_path / "o.lz4", fit)
    judge("lz4", "-d", "-q", "-f", tmp_path / "o.lz4", tmp_path / "o")
    assert (tmp_path / "o").read_bytes() == (kernels / "Image").read_bytes()
    assert signed("k2", "--compress", "lz4", kernel="Image").read_bytes() == part.read_bytes()


def test_trees_and_overlays(signed, tmp_path):
    first = dtb(tmp_path, "first", '"acme,one", "acme,soc"')
    overlay = dtb(tmp_path, "overlay", "x", plugin=True)
    second = dtb(tmp_path, "second", '"acme,two"')
    part = signed("k", "--dtb", first, "--overlay", overlay, "--overlay", overlay, "--dtb", second,
                  "--dtb", f"{second}=acme,three", kernel="Image")
    tree = run_json("inspect", part)["body"]["fit"]
    conf = tree["configurations"]
    assert conf["default"] == "conf-1"
    assert conf["conf-1"]["compatible"] == "acme,one"
    assert conf["conf-1"]["fdt"] == ["fdt-1", "fdt-1-overlay-1", "fdt-1-overlay-2"]
    assert conf["conf-2"]["compatible"] == "acme,two" and conf["conf-2"]["fdt"] == "fdt-2"
    assert conf["conf-3"]["compatible"] == "acme,three"
    judge("dumpimage", "-l", write(tmp_path / "fit", body(part)))
    for board in "acme,one", "acme,two", "acme,three":
        assert run_json("verify", "-m", "developer", "--board", board, part)["would_boot"]


def test_bad_trees(keys, kernels, tmp_path):
    args = ["sign", "-k", kernels / "Image", *keys.sign_args(), "-o", tmp_path / "out"]
    junk = write(tmp_path / "junk", b"\xd0\x0d\xfe\xed" + bytes(100))
    assert "not a device tree" in run(*args, "--dtb", junk, expect=2).stderr
    nameless = write(tmp_path / "n.dts", "/dts-v1/;\n/ { };\n")
    subprocess.run(["dtc", "-q", "-O", "dtb", "-o", tmp_path / "n.dtb", nameless], check=True)
    assert "no compatible" in run(*args, "--dtb", tmp_path / "n.dtb", expect=2).stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("external", [False, True])
def test_mkimages_fit(external, keys, kernels, tmp_path):
    its = write(tmp_path / "k.its", f"""/dts-v1/;
/ {{ description = "x"; #address-cells = <1>;
  images {{ kernel {{ description = "k"; data = /incbin/("{kernels}/Image"); type = "kernel";
    arch = "arm64"; os = "linux"; compression = "none"; load = <0>; entry = <0>;
    hash-1 {{ algo = "sha256"; }}; }}; }};
  configurations {{ default = "c"; c {{ description = "c"; kernel = "kernel"; }}; }}; }};""")
    fit, out = tmp_path / "k.itb", tmp_path / "out"
    judge("mkimage", *(["-E"] if external else []), "-f", its, fit)
    run("sign", "--fit", fit, *keys.sign_args(), "--key", keys.public, "-c", "x=1", "-o", out)
    assert body(out)[:fit.stat().st_size] == fit.read_bytes()
    judge("vbutil_kernel", "--verify", out, "--signpubkey", keys.public)


def test_damaged_fit_is_refused(keys, tmp_path):
    out = tmp_path / "out"
    for content in b"", b"\xd0\x0d\xfe\xed", b"\xd0\x0d\xfe\xed" + bytes(60), b"x" * 5000:
        bad = write(tmp_path / "bad", content)
        assert "bad" in run("sign", "--fit", bad, *keys.sign_args(), "-o", out, expect=2).stderr
    assert not out.exists()


def uki(tmp_path, kernel, cmdline):
    """A UKI as `ukify` lays it out, by objcopy."""
    out = tmp_path / "uki.efi"
    sections = {".linux": kernel}
    if cmdline is not None:
        sections[".cmdline"] = write(tmp_path / "cmdline", cmdline)
    args, at = [], 0x10000000
    for name, file in sections.items():
        args += ["--add-section", f"{name}={file}", "--change-section-vma", f"{name}={at:#x}"]
        at += 0x4000000
    subprocess.run(["objcopy", *args, STUB, out], check=True)
    return out


ROOTHASH = "root=/dev/mapper/root roothash=" + "12" * 32


@pytest.mark.parametrize("own", [None, ROOTHASH, "root=/dev/x"])
def test_uki(own, keys, kernels, tmp_path):
    image, out = uki(tmp_path, kernels / "bzImage", own), tmp_path / "out"
    args = ["sign", "--uki", image, *keys.sign_args(), "--key", keys.public, "-o", out]
    if own == "root=/dev/x":
        assert "nothing verifies" in run(*args, expect=2).stderr
        run(*args, "--no-verity")
    else:
        run(*args)
    assert body(out)[:image.stat().st_size] == image.read_bytes()
    judge("vbutil_kernel", "--verify", out, "--signpubkey", keys.public)
    told = run_json("inspect", out)["body"]
    assert told["kind"] == "pe" and told.get("own_command_line") == own
    words = {None: "none (in the initrd)", "root=/dev/x": "NOT verified"}
    assert told["root"] == words.get(own, "verified (dm-verity)")
    assert run_json("verify", "-m", "developer", out)["slots"][0]["root"] == told["root"]


def test_two_command_lines_are_refused(keys, kernels, tmp_path):
    image = uki(tmp_path, kernels / "bzImage", "quiet")
    error = run("sign", "--uki", image, "-c", "x=1", *keys.sign_args(), "-o", tmp_path / "o",
                expect=2).stderr
    assert "own .cmdline" in error


def test_wrong_kinds(keys, kernels, tmp_path):
    args = ["sign", *keys.sign_args(), "-o", tmp_path / "o"]
    run(*args, "-k", kernels / "Image", "--kind", "cros-x86", expect=2)
    run(*args, "-k", kernels / "initrd", expect=2)
    run(*args, "-k", kernels / "bzImage", "--kind", "cros-x86", "-i", kernels / "initrd", expect=2)
    run(*args, "--uki", kernels / "initrd", expect=2)
    run(*args, "--uki", kernels / "initrd", "--kind", "fit", expect=2)
    run(*args, expect=2)
    big = write(tmp_path / "big", arm64_image()[:40])
    run(*args, "-k", big, expect=2)
    assert not (tmp_path / "o").exists()


def zboot(tmp_path, method):
    """vmlinuz.efi around the arm64 Image of tests/cases, compressed by @method."""
    mini = ROOT / "tests/cases/mini.py"
    subprocess.run([sys.executable, mini, "zboot", tmp_path / "z"], check=True)
    subprocess.run([sys.executable, mini, "image-arm64", tmp_path / "i"], check=True)
    file, image = bytearray((tmp_path / "z").read_bytes()), (tmp_path / "i").read_bytes()
    if method != "gzip":
        packed = subprocess.run({"zstd": ["zstd", "-19"], "lz4": ["lz4", "-l", "-9"],
                                 "xz": ["xz", "--check=crc32"]}[method] + ["-c", tmp_path / "i"],
                                check=True, capture_output=True).stdout
        at = struct.unpack_from("<I", file, 8)[0]
        file[at:] = packed.ljust(len(file) - at, b"\0") if len(packed) < len(file) - at else packed
        struct.pack_into("<I", file, 12, len(packed))
        file[24:32] = method.encode().ljust(8, b"\0")
    return file, image


@pytest.mark.parametrize("method", ["gzip", "zstd", "lz4"])
@pytest.mark.parametrize("platform", ["uefi", "bare"])
def test_self_decompressing_kernel(tmp_path, kernels, keys, method, platform):
    file, image = zboot(tmp_path, method)
    write(tmp_path / "vmlinuz.efi", bytes(file))
    run("sign", "--kernel", tmp_path / "vmlinuz.efi", "--initrd", kernels / "initrd", "-c", "quiet",
        *keys.sign_args(), "-o", tmp_path / "k.kp")
    run("verify", "--key", keys.public, "--cpu", "aarch64", "--platform", platform,
        tmp_path / "k.kp")
    fit = run_json("inspect", tmp_path / "k.kp")["body"]["fit"]
    assert fit["images"]["kernel-1"]["compression"] == method
    assert "ramdisk-1" in fit["images"]


def test_self_decompressing_kernel_refused(tmp_path, keys):
    file, _ = zboot(tmp_path, "xz")
    for content, words in (file, "compressed by 'xz'; gzip, lz4 and zstd"), \
                          (file[:1030], "cut short or damaged"):
        write(tmp_path / "v", bytes(content))
        assert words in run("sign", "--kernel", tmp_path / "v", "-c", "quiet", *keys.sign_args(),
                            "-o", tmp_path / "k.kp", expect=2).stderr


@pytest.mark.parametrize("how", ["zst", "lz4", "lz4 -l", "--compress zstd"])
def test_compressed_kernels(tmp_path, kernels, keys, how):
    kernel = tmp_path / "Image.x"
    tool = {"zst": ["zstd", "-c"], "lz4": ["lz4", "-c"], "lz4 -l": ["lz4", "-l", "-c"]}.get(how)
    kernel.write_bytes(subprocess.run([*tool, kernels / "Image"], check=True,
                                      capture_output=True).stdout if tool
                       else (kernels / "Image").read_bytes())
    option = how.split() if not tool else []
    for _ in range(2):
        run("sign", "--kernel", kernel, *option, "-c", "quiet", *keys.sign_args(), "-o",
            tmp_path / "k.kp")
    run("verify", "--key", keys.public, "--platform", "bare", tmp_path / "k.kp")
    assert run("sign", "--kernel", kernel, "--compress", "gzip", "-c", "quiet", *keys.sign_args(),
               "-o", tmp_path / "k2.kp", expect=2 if tool else 0)
