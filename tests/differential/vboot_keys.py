"""vboot files in Python: keys made with the packaged tools, partitions taken apart, and RSA
signatures by plain integer arithmetic, so that changed structures can be signed again."""

import hashlib
import pathlib
import struct
import subprocess

DEVKEYS = pathlib.Path("/usr/share/vboot/devkeys")
PRIVATE = {256: "kernel_data_key", 512: "kernel_subkey", 1024: "recovery_key"}
HASHES = {1: "sha256", 2: "sha512"}
DIGEST_INFO = {
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def rsa_bytes(algorithm):
    return 128 << algorithm // 3


def der_numbers(der):
    """The INTEGERs of an RSAPrivateKey."""
    def header(at):
        length = der[at + 1]
        if length < 0x80:
            return at + 2, length
        n = length & 0x7f
        return at + 2 + n, int.from_bytes(der[at + 2:at + 2 + n], "big")

    at, length = header(0)
    end, numbers = at + length, []
    while at < end:
        at, length = header(at)
        numbers.append(int.from_bytes(der[at:at + length], "big"))
        at += length
    return numbers


class Key:
    """A packaged RSA key under one of the algorithm numbers, as files and as numbers."""

    def __init__(self, folder, algorithm, version=1):
        self.algorithm, self.bytes = algorithm, rsa_bytes(algorithm)
        self.hash = HASHES[algorithm % 3]
        der = (DEVKEYS / f"{PRIVATE[self.bytes]}.vbprivk").read_bytes()[8:]
        _, self.n, self.e, _, self.p, self.q, self.dp, self.dq, self.qinv = der_numbers(der)
        stem = pathlib.Path(folder) / f"key{algorithm}-{version}"
        self.public, self.private = stem.with_suffix(".vbpubk"), stem.with_suffix(".vbprivk")
        self.private.write_bytes(struct.pack("<Q", algorithm) + der)
        self.public.write_bytes(self.packed(algorithm, version))

    def packed(self, algorithm, version):
        size = self.bytes
        n0inv = -pow(self.n, -1, 1 << 32) % (1 << 32)
        data = struct.pack("<II", size // 4, n0inv)
        data += self.n.to_bytes(size, "little")
        data += pow(2, 2 * 8 * size, self.n).to_bytes(size, "little")
        return struct.pack("<IIIIIIII", 32, 0, len(data), 0, algorithm, 0, version, 0) + data

    def sign(self, message):
        info = DIGEST_INFO[self.hash] + hashlib.new(self.hash, message).digest()
        padded = b"\0\1" + b"\xff" * (self.bytes - 3 - len(info)) + b"\0" + info
        m = int.from_bytes(padded, "big")
        s1, s2 = pow(m, self.dp, self.p), pow(m, self.dq, self.q)
        s = s2 + self.q * ((s1 - s2) * self.qinv % self.p)
        return s.to_bytes(self.bytes, "big")


def u32(data, at):
    return struct.unpack_from("<I", data, at)[0]


def put32(data, at, value):
    struct.pack_into("<I", data, at, value & 0xffffffff)


class Partition:
    """A packed kernel partition that can be changed and signed again."""

    def __init__(self, data, signer, data_key):
        self.data, self.signer, self.data_key = bytearray(data), signer, data_key
        self.preamble = u32(self.data, 16)
        self.body = self.preamble + u32(self.data, self.preamble)
        self.body_bytes = u32(self.data, self.preamble + 72 + 16)

    def copy(self):
        return Partition(self.data, self.signer, self.data_key)

    def signature(self, base, at):
        """(offset in the partition, size, covered bytes) of a signature structure."""
        return base + at + u32(self.data, base + at), u32(self.data, base + at + 8), \
            u32(self.data, base + at + 16)

    def put(self, offset, content):
        """Writes inside the partition or not at all."""
        if 0 <= offset <= len(self.data) - len(content):
            self.data[offset:offset + len(content)] = content

    def sign_keyblock(self):
        """Hash and signature anew, each where and over what its structure says."""
        offset, size, covered = self.signature(0, 48)
        if size == 64:
            self.put(offset, hashlib.sha512(self.data[:covered]).digest())
        offset, size, covered = self.signature(0, 24)
        if self.signer is not None and size == self.signer.bytes:
            self.put(offset, self.signer.sign(bytes(self.data[:covered])))

    def sign_body(self):
        offset, size, covered = self.signature(self.preamble, 72)
        if size == self.data_key.bytes:
            self.put(offset, self.data_key.sign(bytes(self.data[self.body:self.body + covered])))

    def sign_preamble(self):
        offset, size, covered = self.signature(self.preamble, 8)
        if size == self.data_key.bytes:
            start = self.preamble
            self.put(offset, self.data_key.sign(bytes(self.data[start:start + covered])))
