"""QEMU for whole-boot tests: one Machine is one power-on, with its serial console, its
monitor (QMP), its disks and a time limit. Only the standard library is used.

A Machine is a context manager; leaving it ends the QEMU it started, and no other:

    with Machine("aarch64", disks=[Disk(image)]) as vm:
        vm.expect("KERNEL slot=A")
"""
import contextlib
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("LIFEBOAT_BUILD", ROOT / "build"))

# Time limits are for a quiet machine; a busy one sets LIFEBOAT_TEST_SLOWNESS.
SLOWNESS = float(os.environ.get("LIFEBOAT_TEST_SLOWNESS", "1"))
TYPING_S = 0.5  # from key to key

FIRMWARE = {
    ("x86_64", False): ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    ("x86_64", True): ("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd",
                       "/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd"),
    ("aarch64", False): ("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
    ("aarch64", True): ("/usr/share/AAVMF/AAVMF_CODE.snakeoil.fd",
                        "/usr/share/AAVMF/AAVMF_VARS.snakeoil.fd"),
}

# 32-bit firmware: only to see that it says why nothing starts.
IA32 = ("/usr/share/OVMF/OVMF32_CODE_4M.secboot.fd", "/usr/share/OVMF/OVMF32_VARS_4M.fd")

# Other firmware than this release's EDK2: fetched by tools/setup/fetch-firmware.
NEWER = BUILD / "firmware/trixie/usr"
NEWER_EDK2 = {
    ("x86_64", False): (NEWER / "share/OVMF/OVMF_CODE_4M.fd",
                        NEWER / "share/OVMF/OVMF_VARS_4M.fd"),
    ("x86_64", True): (NEWER / "share/OVMF/OVMF_CODE_4M.secboot.strictnx.fd",
                       NEWER / "share/OVMF/OVMF_VARS_4M.snakeoil.fd"),
    ("aarch64", False): (NEWER / "share/AAVMF/AAVMF_CODE.no-secboot.fd",
                         NEWER / "share/AAVMF/AAVMF_VARS.fd"),
    ("aarch64", True): (NEWER / "share/AAVMF/AAVMF_CODE.secboot.strictnx.fd",
                        NEWER / "share/AAVMF/AAVMF_VARS.snakeoil.fd"),
}
U_BOOT = {"u-boot": pathlib.Path("/usr/lib/u-boot/qemu_arm64/u-boot.bin"),
          "u-boot-2025": NEWER / "lib/u-boot/qemu_arm64/u-boot.bin"}

# The screen text of the firmware's serial terminal comes with cursor movements; one at
# the end may not be complete yet.
ESCAPES = re.compile(rb"\x1b\[[0-9;=?]*[A-Za-z]|\x1b(\[[0-9;=?]*)?$")


class Failure(AssertionError):
    """A boot did not do what was expected; carries the end of the serial log."""


class Disk:
    """One disk of a machine.

    path          raw image
    bus           virtio, nvme, ahci, usb, virtio-mmio
    sector        logical sector size in bytes (512 or 4096)
    boot          the firmware starts from this one
    write_log     file for a blklogwrites record of all writes and flushes
    read_errors   sectors (of 512 bytes) that cannot be read
    write_errors  sectors that cannot be written
    read_only, removable
    """

    def __init__(self, path, bus="virtio", sector=512, boot=None, write_log=None,
                 read_errors=(), write_errors=(), read_only=False, removable=False,
                 name=None):
        self.path, self.bus, self.sector = pathlib.Path(path), bus, sector
        self.boot, self.write_log, self.read_errors = boot, write_log, list(read_errors)
        self.write_errors = list(write_errors)
        self.read_only, self.removable, self.name = read_only, removable, name

    def block_options(self, work):
        """-blockdev arguments; the node named self.name is the top."""
        errors = [("read", s) for s in self.read_errors] + \
            [("write", s) for s in self.write_errors]
        raw = f"{self.name}-raw" if self.write_log or errors else self.name
        ro = ",read-only=on" if self.read_only else ""
        file = f"file.driver=file,file.filename={self.path},file.locking=off"
        args = ["-blockdev", f"driver=raw,node-name={raw},{file}{ro}"]
        if self.write_log:
            log = pathlib.Path(self.write_log)
            log.touch()
            args += ["-blockdev", f"driver=blklogwrites,node-name={self.name},file={raw},"
                     f"log.driver=file,log.filename={log},log-sector-size=512"]
        elif errors:
            rules = pathlib.Path(work) / f"{self.name}.blkdebug"
            rules.write_text("".join(
                f'[inject-error]\nevent = "none"\niotype = "{kind}"\nsector = "{s}"\n'
                f'errno = "5"\nonce = "off"\nimmediately = "off"\n\n'
                for kind, s in errors))
            args += ["-blockdev", f"driver=blkdebug,node-name={self.name},image={raw},"
                     f"config={rules}"]
        return args

    def device_options(self, bootindex):
        """-device argument."""
        sizes = f",logical_block_size={self.sector},physical_block_size={self.sector}"
        common = f"drive={self.name},id=dev-{self.name}" + sizes
        if bootindex is not None:
            common += f",bootindex={bootindex}"
        return {
            "virtio": f"virtio-blk-pci,{common}",
            # Named places: left to itself, QEMU gives the first disk the last place,
            # and bare metal starts from the first in device-tree order.
            "virtio-mmio": f"virtio-blk-device,bus=virtio-mmio-bus.{self.place},{common}",
            "nvme": f"nvme,serial={self.name},{common}",
            "ahci": f"ide-hd,bus=ahci.{self.port},{common}",
            "usb": f"usb-storage,bus=xhci.0,{common}" +
                   (",removable=on" if self.removable else ""),
            # usb-storage knows no other sectors than 512 bytes.
            "usb-scsi": f"scsi-hd,bus=bot-{self.name}.0,{common}",
        }["usb-scsi" if self.bus == "usb" and self.sector != 512 else self.bus]


class Tpm:
    """A TPM 2.0 (swtpm) whose memory is the folder @state, kept between machines."""

    def __init__(self, state):
        self.state = pathlib.Path(state)
        self.state.mkdir(parents=True, exist_ok=True)
        self.process = None

    def start(self, control):
        """Start it for one power-on; QEMU connects to the socket @control."""
        self._run(control, "--ctrl", f"type=unixio,path={control}", "--terminate")

    def _run(self, socket_made, *arguments):
        self.process = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.state}", *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent(os.getpid()))
        deadline = time.monotonic() + 10 * SLOWNESS
        while not pathlib.Path(socket_made).exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise Failure("swtpm did not start")
            time.sleep(0.01)

    @contextlib.contextmanager
    def tools(self):
        """tpm2-tools while no machine runs: gives run(TOOL, ARGUMENT...), which gives what
        the tool printed and fails when it fails, unless check=False."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="lifeboat-tpm."))
        server = folder / "tpm"
        environment = os.environ | {"TPM2TOOLS_TCTI": f"swtpm:path={server}"}

        def run(tool, *arguments, check=True, stdin=b""):
            done = subprocess.run([f"tpm2_{tool}", *map(str, arguments)], env=environment,
                                  input=stdin, capture_output=True,
                                  timeout=20 * SLOWNESS, check=False)
            if check and done.returncode != 0:
                raise Failure(f"tpm2_{tool}: {done.stderr.decode()}")
            return done

        # A crash instead of an orderly shutdown would count against its owner.
        self._run(server, "--server", f"type=unixio,path={server}",
                  "--ctrl", f"type=unixio,path={server}.ctrl",
                  "--flags", "not-need-init,startup-clear")
        try:
            yield run
            run("shutdown", "-c", check=False)
        finally:
            self.process.terminate()
            self.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def wipe(self):
        """As if its memory were cleared at the factory."""
        shutil.rmtree(self.state)
        self.state.mkdir()

    def fail(self):
        """From now on it does not answer any more."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """After QEMU has ended: it ends by itself once what it keeps is stored."""
        if self.process is None:
            return
        try:
            self.process.wait(2 * SLOWNESS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


def die_with_parent(parent):
    """For preexec_fn: the child does not outlive the test."""
    def arrange():
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


class Machine:
    """One QEMU. See the module text.

    arch        x86_64 or aarch64
    platform    uefi, or bare (kernel=: the bare-metal loader, given with -kernel)
    disks       the first one is started from unless another has boot=True
    firmware    edk2 (this Debian's), edk2-2025, edk2-ia32, u-boot (this Debian's) or u-boot-2025
    vars        file with the firmware's variables, kept between machines; default: new
                (U-Boot keeps them on the EFI system partition)
    kernel, initrd, append   QEMU's own -kernel ...
    tpm         a Tpm, None: the machine has none
    extra       more arguments
    limit_s     the whole machine is killed after that many seconds
    """

    def __init__(self, arch, platform="uefi", disks=(), *, vars=None, cpu=None, memory=512,
                 secure_boot=False, usb=False, display=None, kernel=None, initrd=None,
                 append=None, bios=None, extra=(), limit_s=60, no_reboot=False,
                 icount=False, plugin=None, tpm=None, work=None, firmware="edk2"):
        self.firmware = firmware
        self.arch, self.platform, self.secure_boot = arch, platform, secure_boot
        self.disks = list(disks)
        self.starts_from_disk = platform == "uefi" and kernel is None
        self.own_work = work is None
        self.work = pathlib.Path(work or tempfile.mkdtemp(prefix="lifeboat-vm."))
        self.limit_s = limit_s * SLOWNESS
        self.log = bytearray()
        self.position = 0
        self.lock = threading.Condition()
        self.ended = False
        self.process = self.qmp_socket = None
        self.tpm = tpm
        self.events = []
        self.argv = [f"qemu-system-{arch}", "-nodefaults", "-display", "none",
                     "-serial", "stdio", "-smp", "1", "-m", str(memory),
                     "-qmp", f"unix:{self.work}/qmp,server=on,wait=off"]
        self._board(cpu)
        if platform == "uefi":
            self._firmware(vars)
        self._attach(usb)
        for flag, value in (("-kernel", kernel), ("-initrd", initrd), ("-append", append),
                            ("-bios", bios), ("-plugin", plugin)):
            if value is not None:
                self.argv += [flag, str(value)]
        if display:
            self.argv += ["-device", display]
        if tpm:
            device = "tpm-tis" if arch == "x86_64" else "tpm-tis-device"
            self.argv += ["-chardev", f"socket,id=tpm,path={self.work}/tpm",
                          "-tpmdev", "emulator,id=tpm0,chardev=tpm",
                          "-device", f"{device},tpmdev=tpm0"]
        if no_reboot:
            self.argv += ["-no-reboot"]
        if icount:
            self.argv += ["-icount", "shift=1,sleep=off",
                          "-rtc", "base=2026-01-01,clock=vm"]
        self.argv += [str(e) for e in extra]

    # --- the command line ----------------------------------------------------------

    def _board(self, cpu):
        if self.arch == "x86_64":
            machine = "q35,smm=on" if self._has_smm() else "q35"
            self.argv += ["-machine", machine, "-cpu", cpu or "qemu64"]
        else:
            self.argv += ["-machine", "virt", "-cpu", cpu or "cortex-a57"]
        if self.platform == "bare":
            self.argv += ["-global", "virtio-mmio.force-legacy=false"]

    def _has_smm(self):
        return self.arch == "x86_64" and (self.secure_boot or self.firmware == "edk2-ia32")

    def _firmware(self, kept):
        if self.firmware in U_BOOT:
            self.argv += ["-bios", str(U_BOOT[self.firmware]), "-net", "none"]
            return
        table = NEWER_EDK2 if self.firmware == "edk2-2025" else FIRMWARE
        code, template = (IA32 if self.firmware == "edk2-ia32" else
                          table[self.arch, self.secure_boot])
        store = pathlib.Path(kept) if kept else self.work / "vars.fd"
        if not store.exists():
            shutil.copyfile(template, store)
        if self._has_smm():
            self.argv += ["-global", "driver=cfi.pflash01,property=secure,value=on"]
        # AAVMF otherwise waits five seconds for a key.
        self.argv += [
            "-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={code}",
            "-drive", f"if=pflash,format=raw,unit=1,file={store}",
            "-boot", "menu=on,splash-time=0", "-net", "none"]

    def _attach(self, usb):
        buses = {d.bus for d in self.disks}
        if "ahci" in buses:
            self.argv += ["-device", "ahci,id=ahci"]
        if usb or "usb" in buses:
            self.argv += ["-device", "qemu-xhci,id=xhci"]
            if usb:
                self.argv += ["-device", "usb-kbd,bus=xhci.0"]
        chosen = next((d for d in self.disks if d.boot), None)
        if chosen is None:
            chosen = next((d for d in self.disks if d.boot is None), None)
        for number, disk in enumerate(self.disks):
            disk.name = disk.name or f"disk{number}"
            disk.port = [d for d in self.disks if d.bus == "ahci"].index(disk) \
                if disk.bus == "ahci" else 0
            if disk.bus == "virtio" and self.platform == "bare":
                disk.bus = "virtio-mmio"
            disk.place = 0 if disk is chosen else number + 1
            first = 0 if disk is chosen and self.starts_from_disk else None
            self.argv += disk.block_options(self.work)
            if disk.bus == "usb" and disk.sector != 512:
                self.argv += ["-device", f"usb-bot,id=bot-{disk.name},bus=xhci.0"]
            self.argv += ["-device", disk.device_options(first)]

    # --- life ----------------------------------------------------------------------

    def __enter__(self):
        self.started = time.monotonic()
        if self.tpm:
            self.tpm.start(self.work / "tpm")
        self.process = subprocess.Popen(
            self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=open(self.work / "stderr", "wb"),
            preexec_fn=die_with_parent(os.getpid()))
        self.reader = threading.Thread(target=self._read_serial, daemon=True)
        self.reader.start()
        self.timer = threading.Timer(self.limit_s, self.process.kill)
        self.timer.daemon = True
        self.timer.start()
        return self

    def _end(self):
        self.timer.cancel()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.tpm:
            self.tpm.stop()
        if self.qmp_socket:
            self.qmp_socket.close()

    def power_on_again(self):
        """The same machine with an empty log, after it has ended by itself."""
        self._end()
        self.reader.join()
        self.qmp_socket = None
        (self.work / "qmp").unlink(missing_ok=True)
        with self.lock:
            self.log, self.position, self.ended = bytearray(), 0, False
        self.__enter__()

    def __exit__(self, *_):
        self._end()
        if self.own_work:
            shutil.rmtree(self.work, ignore_errors=True)

    def _read_serial(self):
        while True:
            data = os.read(self.process.stdout.fileno(), 65536)
            with self.lock:
                self.log += data
                self.ended = not data
                self.lock.notify_all()
            if not data:
                return

    # --- the serial console ----------------------------------------------------------

    def text(self):
        """All of the serial log so far, without the terminal's escape sequences."""
        with self.lock:
            raw = bytes(self.log)
        return ESCAPES.sub(b"", raw).decode("ascii", "replace").replace("\r", "")

    def expect(self, pattern, timeout=20):
        """Wait for a line with @pattern (a regular expression) after what was matched
        before; gives the match. Fails at the end of QEMU or of the time."""
        deadline = time.monotonic() + timeout * SLOWNESS
        regex = re.compile(pattern)
        while True:
            with self.lock:
                ended = self.ended
                seen = len(self.log)
            text = self.text()
            found = regex.search(text, self.position)
            # A match that may still grow is taken once its line is complete.
            if found and ("\n" in text[found.end():] or ended):
                self.position = found.end()
                return found
            left = deadline - time.monotonic()
            if ended or left <= 0:
                why = "QEMU ended" if ended else f"nothing within {timeout} s"
                raise Failure(f"expected {pattern!r}: {why}\n{self.tail()}")
            with self.lock:
                if len(self.log) == seen and not self.ended:
                    self.lock.wait(min(left, 0.5))

    def refuse(self, pattern):
        """Fails when @pattern is anywhere in the log."""
        found = re.search(pattern, self.text())
        if found:
            raise Failure(f"unexpected {found[0]!r}\n{self.tail()}")

    def send_now(self, text):
        """All of it onto the serial line at once, as no person types."""
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def send(self, text):
        """Type on the serial line, as people do: the loader takes nothing else, and nothing
        before the line was quiet."""
        for letter in text:
            time.sleep(TYPING_S)
            self.send_now(letter)

    def wait_end(self, timeout=20):
        """Wait until QEMU ends by itself (the guest powered off)."""
        try:
            self.process.wait(timeout * SLOWNESS)
        except subprocess.TimeoutExpired:
            raise Failure(f"still running after {timeout} s\n{self.tail()}") from None
        with self.lock:
            while not self.ended:
                self.lock.wait(1)

    def tail(self, lines=60):
        err = (self.work / "stderr")
        errors = err.read_text(errors="replace")[-1500:] if err.exists() else ""
        return "\n".join(["--- serial log ---", *self.text().splitlines()[-lines:],
                          "--- qemu ---", " ".join(self.argv), errors])

    def seconds(self):
        return time.monotonic() - self.started

    # --- the monitor -----------------------------------------------------------------

    def qmp(self, command, **arguments):
        """Run one QMP command and give its return value."""
        if self.qmp_socket is None:
            self._connect()
        message = {"execute": command}
        if arguments:
            message["arguments"] = {k.replace("_", "-"): v for k, v in arguments.items()}
        self.qmp_file.write(json.dumps(message).encode() + b"\n")
        self.qmp_file.flush()
        while True:
            reply = self._message()
            if "error" in reply:
                raise Failure(f"QMP {command}: {reply['error']['desc']}")
            if "return" in reply:
                return reply["return"]

    def _connect(self):
        deadline = time.monotonic() + 10 * SLOWNESS
        while True:
            self.qmp_socket = socket.socket(socket.AF_UNIX)
            try:
                self.qmp_socket.connect(f"{self.work}/qmp")
                break
            except OSError:
                self.qmp_socket.close()
                if time.monotonic() > deadline:
                    raise Failure("no QMP socket\n" + self.tail()) from None
                time.sleep(0.02)
        self.qmp_socket.settimeout(20 * SLOWNESS)
        self.qmp_file = self.qmp_socket.makefile("rwb")
        self._message()
        self.qmp("qmp_capabilities")

    def _message(self):
        line = self.qmp_file.readline()
        if not line:
            raise Failure("QMP connection closed\n" + self.tail())
        reply = json.loads(line)
        if "event" in reply:
            self.events.append(reply)
        return reply

    def key(self, *names):
        """Press keys together on the emulated keyboard ("ctrl", "d"), as people do."""
        time.sleep(TYPING_S)
        self.qmp("send-key", keys=[{"type": "qcode", "data": n} for n in names])

    def screenshot(self, path):
        self.qmp("screendump", filename=str(path), format="png")

    def quit(self):
        """Cut the power."""
        self.qmp("quit")
        self.wait_end()

    def bytes_read(self, disk):
        """Bytes the guest read from @disk so far."""
        for entry in self.qmp("query-blockstats"):
            if f"dev-{disk.name}" in entry.get("qdev", ""):
                return entry["stats"]["rd_bytes"]
        raise Failure(f"no statistics for {disk.name}")

    def plug(self, disk):
        """Insert a disk (usb) into the running machine."""
        node = {"driver": "raw", "node-name": disk.name,
                "file": {"driver": "file", "filename": str(disk.path), "locking": "off"}}
        self.qmp("blockdev-add", **node)
        self.qmp("device_add", driver="usb-storage", bus="xhci.0", drive=disk.name,
                 id=f"dev-{disk.name}", removable=disk.removable)

    def unplug(self, disk):
        self.qmp("device_del", id=f"dev-{disk.name}")
