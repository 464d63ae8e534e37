"""A reproducible cpio archive (newc): fixed owner and time, entries in order of adding."""
import stat


class Cpio:
    def __init__(self):
        self.out = bytearray()
        self.folders = set()
        self.inode = 0

    def _entry(self, name, mode, data=b"", device=(0, 0)):
        self.inode += 1
        raw = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(raw), 0)
        self.out += b"070701" + b"".join(b"%08X" % f for f in fields) + raw
        self._pad()
        self.out += data
        self._pad()

    def _pad(self):
        self.out += bytes(-len(self.out) % 4)

    def folder(self, name):
        name = name.strip("/")
        if name and name not in self.folders:
            self.folder(name.rpartition("/")[0])
            self.folders.add(name)
            self._entry(name, stat.S_IFDIR | 0o755)

    def file(self, name, data, mode=0o755):
        self.folder(name.rpartition("/")[0])
        self._entry(name.strip("/"), stat.S_IFREG | mode, data)

    def link(self, name, target):
        self.folder(name.rpartition("/")[0])
        self._entry(name.strip("/"), stat.S_IFLNK | 0o777, target.encode())

    def node(self, name, major, minor):
        self.folder(name.rpartition("/")[0])
        self._entry(name.strip("/"), stat.S_IFCHR | 0o600, device=(major, minor))

    def finish(self):
        self.inode = -1
        self._entry("TRAILER!!!", 0)
        return bytes(self.out) + bytes(-len(self.out) % 512)
