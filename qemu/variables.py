"""Variables in a store file of edk2, read and written while no machine runs: so tests can
plant what an operating system could have planted, and look at what the loader has kept.

Format: edk2, MdeModulePkg/Include/Guid/VariableFormat.h (authenticated variables)."""
import pathlib
import struct
import uuid

LIFEBOAT = uuid.UUID("782ed91d-b444-4d76-abd7-3374f0779f89")
NV, BS, RT = 1, 2, 4

STORE = uuid.UUID("aaf32c78-947b-439a-a180-2e144ec37792").bytes_le  # authenticated store
ADDED = 0x3f
HEADER = struct.Struct("<HBBIQ16sIII16s")


class Store:
    """The variables of one file that a machine has booted from at least once."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.bytes = bytearray(self.path.read_bytes())
        at = self.bytes.find(STORE)
        if at < 0:
            raise ValueError(f"{path}: no variable store: has a machine booted with it?")
        self.first = at + 28  # GUID, size, format, state, reserved
        self.end = at + struct.unpack_from("<I", self.bytes, at + 16)[0]

    def _records(self):
        """(offset, state, name, vendor, attributes, data) of each, then the free offset."""
        at = self.first
        while at + HEADER.size <= self.end:
            start, state, _, attributes, _, _, _, name_bytes, data_bytes, vendor = \
                HEADER.unpack_from(self.bytes, at)
            if start != 0x55aa:
                break
            name_at = at + HEADER.size
            name = self.bytes[name_at:name_at + name_bytes].decode("utf-16-le").rstrip("\0")
            data_at = name_at + name_bytes
            yield (at, state, name, uuid.UUID(bytes_le=vendor), attributes,
                   bytes(self.bytes[data_at:data_at + data_bytes]))
            at = (data_at + data_bytes + 3) // 4 * 4
        self.free = at

    def get(self, name, vendor=LIFEBOAT):
        """(attributes, data), or None."""
        for _, state, found, owner, attributes, data in self._records():
            if state == ADDED and found == name and owner == vendor:
                return attributes, data
        return None

    def put(self, name, attributes, data, vendor=LIFEBOAT):
        """Adds a variable, in place of one of that name."""
        for at, state, found, owner, _, _ in list(self._records()):
            if state == ADDED and found == name and owner == vendor:
                self.bytes[at + 2] = state & 0xfd  # deleted
        wide = (name + "\0").encode("utf-16-le")
        record = HEADER.pack(0x55aa, ADDED, 0, attributes, 0, bytes(16), 0, len(wide), len(data),
                             vendor.bytes_le) + wide + data
        if self.free + len(record) > self.end:
            raise ValueError("no room in the variable store")
        self.bytes[self.free:self.free + len(record)] = record
        self.path.write_bytes(self.bytes)
