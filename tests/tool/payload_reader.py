"""A small reader and writer of payloads, made from the public field numbers of update_engine
alone: it knows nothing of statements, and shares no code with the command."""
import bz2
import hashlib
import lzma
import struct

REPLACE, REPLACE_BZ, ZERO, REPLACE_XZ, REPLACE_ZSTD = 0, 1, 6, 8, 14
BLOCK = 4096


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """[(number, value)]: numbers as int, counted bytes as bytes."""
    found, at = [], 0
    while at < len(data):
        tag, at = varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            size, at = varint(data, at)
            value = data[at:at + size]
            assert len(value) == size
            at += size
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            value = int.from_bytes(data[at:at + size], "little")
            at += size
        else:
            raise ValueError(f"wire type {kind}")
        found.append((tag >> 3, value))
    return found


def one(message, number, default=None):
    values = [v for n, v in fields(message) if n == number]
    return values[-1] if values else default


def every(message, number):
    return [v for n, v in fields(message) if n == number]


class Payload:
    """Opened: header, manifest, partitions {name: (size, sha256, [operation])}."""

    def __init__(self, data):
        self.data = data
        assert data[:4] == b"CrAU"
        self.major, self.manifest_bytes, self.signature_bytes = struct.unpack_from(">QQI", data, 4)
        assert self.major == 2
        self.manifest = data[24:24 + self.manifest_bytes]
        self.blobs = 24 + self.manifest_bytes + self.signature_bytes
        self.minor = one(self.manifest, 12, 0)
        assert one(self.manifest, 3, BLOCK) == BLOCK
        self.partitions = {}
        for message in every(self.manifest, 13):
            info = one(message, 7)
            self.partitions[one(message, 1).decode()] = (
                one(info, 1), one(info, 2), every(message, 8))

    def signatures(self, where="metadata"):
        if where == "metadata":
            start, size = 24 + self.manifest_bytes, self.signature_bytes
        else:
            start, size = self.blobs + one(self.manifest, 4), one(self.manifest, 5)
            assert start + size == len(self.data), "the signatures end the file"
        return [one(s, 2)[:one(s, 3)] for s in every(self.data[start:start + size], 1)]

    def signed(self, where="metadata"):
        """The bytes that the signatures are over."""
        head = self.data[:24 + self.manifest_bytes]
        return head if where == "metadata" else \
            head + self.data[self.blobs:self.blobs + one(self.manifest, 4)]

    def extract(self, name, unzstd=None):
        size, digest, operations = self.partitions[name]
        out = bytearray(-(-size // BLOCK) * BLOCK)
        for o in operations:
            kind, offset, length = one(o, 1), one(o, 2, 0), one(o, 3, 0)
            blob = self.data[self.blobs + offset:self.blobs + offset + length]
            if kind != ZERO:
                assert hashlib.sha256(blob).digest() == one(o, 8)
            data = {REPLACE: bytes, REPLACE_BZ: bz2.decompress, REPLACE_XZ: lzma.decompress,
                    ZERO: lambda _: b"", REPLACE_ZSTD: unzstd}[kind](blob)
            at = 0
            for extent in every(o, 6):
                start, count = one(extent, 1, 0) * BLOCK, one(extent, 2) * BLOCK
                piece = data[at:at + count].ljust(count, b"\0")
                out[start:start + count] = piece
                at += count
        assert hashlib.sha256(out[:size]).digest() == digest
        return bytes(out[:size])


# --- writing ------------------------------------------------------------------------------

def put_varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7f | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return put_varint(field << 3) + put_varint(value)


def counted(field, value):
    return put_varint(field << 3 | 2) + put_varint(len(value)) + value


def header(manifest, signatures=b""):
    return b"CrAU" + struct.pack(">QQI", 2, len(manifest), len(signatures)) + manifest + signatures


def operation(kind, blob, offset, extents):
    message = number(1, kind)
    if blob:
        message += number(2, offset) + number(3, len(blob))
    for start, count in extents:
        message += counted(6, number(1, start) + number(2, count))
    return message + (counted(8, hashlib.sha256(blob).digest()) if blob else b"")


def write(partitions, minor=0, size=128 * BLOCK):
    """A full payload as update_engine's tools make it, unsigned."""
    blobs, manifest = b"", number(3, BLOCK) + number(12, minor)
    for name, content in partitions.items():
        message = counted(1, name.encode())
        message += counted(7, number(1, len(content)) +
                           counted(2, hashlib.sha256(content).digest()))
        for at in range(0, len(content), size):
            piece = content[at:at + size]
            piece = piece.ljust(-(-len(piece) // BLOCK) * BLOCK, b"\0")
            extents = [(at // BLOCK, len(piece) // BLOCK)]
            kind, blob = min(((REPLACE, piece), (REPLACE_BZ, bz2.compress(piece)),
                              (REPLACE_XZ, lzma.compress(piece))), key=lambda x: len(x[1]))
            if not any(piece):
                kind, blob = ZERO, b""
            elif len(piece) > BLOCK:  # update_engine writes into several extents, too
                extents = [(extents[0][0], 1), (extents[0][0] + 1, extents[0][1] - 1)]
            message += counted(8, operation(kind, blob, len(blobs), extents))
            blobs += blob
        manifest += counted(13, message)
    return header(manifest) + blobs
