"""Records of QEMU's blklogwrites driver: what a guest wrote and flushed, in order, and
images as a power cut at any moment would have left them."""
import itertools
import shutil
import struct

MAGIC = 0x6a736677736872
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8


class Write:
    def __init__(self, sector, count, flags, data):
        self.sector, self.count, self.flags, self.data = sector, count, flags, data

    @property
    def is_flush(self):
        return bool(self.flags & (FLUSH | FUA))

    def __repr__(self):
        kind = "F" if self.count == 0 else "W"
        return f"{kind}{self.sector}+{self.count}"


def parse(path):
    """The entries of a log, as a list of Write."""
    with open(path, "rb") as f:
        raw = f.read(40)
        if len(raw) < 28:
            return []
        magic, version, entries, sector_bytes = struct.unpack_from("<QQQI", raw)
        if magic != MAGIC or version != 1:
            raise ValueError(f"{path}: not a write log")
        result = []
        f.seek(sector_bytes)
        for _ in range(entries):
            head = f.read(sector_bytes)
            sector, count, flags, _length = struct.unpack_from("<QQQQ", head)
            data = b"" if flags & DISCARD else f.read(count * sector_bytes)
            result.append(Write(sector, count, flags, data))
    return result


def apply(image, writes, sector_bytes=512):
    """Store @writes in @image; a torn write is one whose data was cut short."""
    with open(image, "r+b") as f:
        for w in writes:
            f.seek(w.sector * sector_bytes)
            f.write(w.data)


def states(log):
    """Every state a power cut can leave: for each moment, what was flushed before it,
    and each subset of what was not; gives lists of writes to apply."""
    durable, pending = [], []
    yield []
    for w in log:
        if w.count:
            pending.append(w)
            for n in range(1, len(pending) + 1):
                for lost in itertools.combinations(pending, n - 1):
                    kept = [p for p in pending if p not in lost]
                    if w in kept:
                        yield durable + kept
                        yield durable + kept[:-1] + [torn(kept[-1])]
        if w.is_flush:
            durable, pending = durable + pending, []


def torn(write):
    """The first half of a write."""
    return Write(write.sector, write.count, write.flags, write.data[:len(write.data) // 2])


def cut(original, copy, writes):
    """@copy becomes @original with @writes applied."""
    shutil.copyfile(original, copy)
    apply(copy, writes)
    return copy
