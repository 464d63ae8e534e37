"""A test of the tests: the verifier is broken on purpose, one way at a time, and for each
way at least one unit test must turn red. A control run with nothing broken must be green.

Only the broken file is compiled anew; it comes before the core's library in the link, so
that its functions are the ones used.
"""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LIFEBOAT_BUILD", ROOT / "build")).resolve()
ASAN = BUILD / "asan"
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
COMPILE = ["gcc", "-std=gnu11", "-O1", "-g", "-w", *SANITIZE, "-I.", f"-I{BUILD}/gen",
           '-DMBEDTLS_CONFIG_FILE="deps/config/mbedtls_config.h"',
           f"-isystem{BUILD}/deps/src/mbedtls/include", "-c"]

# (name, file, what is replaced, by what, the unit test that is asked first)
MUTANTS = [
    ("every signature is right", "rsa_mbedtls.c",
     "return out_of_memory(code) ? LB_ERR_NOMEM : LB_ERR_SIGNATURE;", "return LB_OK;", "key"),
    ("length of a signature not checked", "rsa_mbedtls.c",
     "|| sig_len != key->rsa_bytes", "", "key"),
    ("SHA-1 and RSA-1024 accepted", "key.c",
     "}\n\treturn LB_ERR_ALGORITHM;",
     "}\n\t*hash = CRYPTO_SHA256; *rsa_bytes = 128u << algorithm / 3 % 4; return LB_OK;", "key"),
    ("data key outside what is signed", "keyblock.c",
     "if (!covers_data_key(bytes, sig.data_bytes))",
     "if (!covers_data_key(bytes, block_bytes))", "keyblock"),
    ("keyblock's hash not compared", "keyblock.c",
     "return memcmp(digest, bytes + hash.offset, CRYPTO_SHA512_BYTES) == 0;",
     "return true;", "keyblock"),
    ("a right hash is as good as a signature", "keyblock.c",
     "if (status == LB_OK)", "if (status == LB_OK || keyblock->hash_good)", "keyblock"),
    ("keyblock's signature not checked", "keyblock.c",
     "if (status == LB_OK)", "if (status != LB_ERR_NOMEM)", "keyblock"),
    ("key versions wrap", "keyblock.c",
     "if (key.version > MAX_VERSION)", "if (false)", "keyblock"),
    ("preamble's signature not checked", "preamble.c",
     "LB_REASON_PREAMBLE_SIGNATURE,", "LB_REASON_OK,", "preamble"),
    ("body's signature may be unsigned", "preamble.c",
     "crypto_sig_parse(bytes, covered, AT_BODY_SIGNATURE, body)",
     "crypto_sig_parse(bytes, lb_le32(bytes), AT_BODY_SIGNATURE, body)", "preamble"),
    ("bootloader outside the body", "preamble.c",
     "lb_within(address - body, size, body_bytes)", "true", "preamble"),
    ("body's signature not checked", "kernel_verify.c",
     "LB_REASON_BODY_DAMAGED,", "LB_REASON_OK,", "kernel_verify"),
    ("only the first MiB of the body is hashed", "kernel_verify.c",
     "crypto_digest_update(&d, k->body + done, n);",
     "if (done < CHUNK_BYTES) crypto_digest_update(&d, k->body + done, n);", "kernel_verify"),
    ("body read twice", "kernel_verify.c",
     "if (status != LB_OK)\n\t\t\treturn read_failed(status, offset + done, n, why);",
     "if (status != LB_OK || source->read(source->ctx, offset + done, k->body + done, n))"
     "\n\t\t\treturn read_failed(status, offset + done, n, why);", "kernel_verify"),
    ("refused body stays in memory", "kernel_verify.c",
     "memset(k->body, 0, (size_t)len);", "", "kernel_verify"),
    ("flags count for every mode", "kernel_verify.c",
     "return (flags & needed[mode]) == needed[mode] &&", "return true ||", "flags"),
    ("developer flags not looked at", "kernel_verify.c",
     "[CRYPTO_MODE_RECOVERY] = CRYPTO_FLAG_DEV0 | CRYPTO_FLAG_REC1,",
     "[CRYPTO_MODE_RECOVERY] = CRYPTO_FLAG_REC1,", "flags"),
    ("miniOS kernels start", "kernel_verify.c",
     "(!minios || (flags & CRYPTO_FLAG_MINIOS0) != 0);", "true;", "flags"),
    ("flags of signed keyblocks not asked", "kernel_verify.c",
     "if (!crypto_flags_allowed(policy->mode, keyblock->flags))", "if (false)",
     "kernel_verify"),
    ("self-signed in every mode", "kernel_verify.c",
     "policy->mode == CRYPTO_MODE_DEVELOPER && policy->self_signed_allowed",
     "policy->self_signed_allowed", "kernel_verify"),
    ("self-signed in developer mode always", "kernel_verify.c",
     "policy->mode == CRYPTO_MODE_DEVELOPER && policy->self_signed_allowed",
     "policy->mode == CRYPTO_MODE_DEVELOPER", "kernel_verify"),
    ("enrolled keys ignored", "kernel_verify.c",
     "if (policy->dev_key_count == 0)", "if (true)", "kernel_verify"),
    ("enrolled keys compared by their first byte", "kernel_verify.c",
     "memcmp(id, policy->dev_key_id[i], sizeof id) == 0",
     "memcmp(id, policy->dev_key_id[i], 0) == 0", "kernel_verify"),
    ("floor ignored", "kernel_verify.c",
     "headers->version < policy->floor", "false", "kernel_verify"),
    ("floor one too low", "kernel_verify.c",
     "headers->version < policy->floor", "headers->version + 1 < policy->floor",
     "kernel_verify"),
    ("floor ignores the key version", "kernel_verify.c",
     "h.keyblock.data_key.version << 16 | h.preamble.kernel_version",
     "0xffffu << 16 | h.preamble.kernel_version",
     "kernel_verify"),
    ("body may lead out of the partition", "kernel_verify.c",
     "if (!lb_within(h.body_offset, h.body_bytes, source_bytes))", "if (false)",
     "kernel_verify"),
]
UNITS = ["flags", "key", "keyblock", "preamble", "kernel_verify"]


def link_and_run(folder, broken, unit):
    """True when the unit test is green with this object in place of the core's."""
    program = folder / f"{unit}_test"
    libs = [ASAN / f"lib{name}.a" for name in ("test", "tools", "host", "core", "deps")]
    flags = subprocess.run(["pkg-config", "--libs", "cmocka", "libcrypto", "jansson", "inih",
                            "zlib"], capture_output=True, text=True, check=True).stdout.split()
    subprocess.run(["gcc", *SANITIZE, "-o", program, ASAN / f"tests/unit/{unit}_test.o", broken,
                    *[lib for lib in libs if lib.exists()], "-Wl,--as-needed", *flags],
                   check=True, cwd=ROOT)
    done = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert "Running" in done.stdout + done.stderr, f"{unit}_test did not start"
    return done.returncode == 0


def compile_copy(folder, name, source):
    path = folder / name
    path.write_text(source)
    broken = folder / "broken.o"
    subprocess.run([*COMPILE, path, "-o", broken], check=True, cwd=ROOT)
    return broken


@pytest.mark.parametrize("name", sorted({m[1] for m in MUTANTS}))
def test_control(tmp_path, name):
    """Nothing broken, built the same way: green."""
    copy = compile_copy(tmp_path, name, (ROOT / "crypto" / name).read_text())
    for unit in sorted({m[4] for m in MUTANTS if m[1] == name}):
        assert link_and_run(tmp_path, copy, unit)


@pytest.mark.parametrize("mutant", MUTANTS, ids=[m[0] for m in MUTANTS])
def test_noticed(tmp_path, mutant):
    _, name, old, new, first = mutant
    source = (ROOT / "crypto" / name).read_text()
    assert source.count(old) == 1, f"crypto/{name} no longer has this line once: {old}"
    broken = compile_copy(tmp_path, name, source.replace(old, new))
    others = [unit for unit in UNITS if unit != first]
    assert any(not link_and_run(tmp_path, broken, unit) for unit in [first, *others]), \
        "no unit test noticed"
