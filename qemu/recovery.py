"""Sticks, and ways into recovery, for the tests of recovery and developer mode."""
import time

import harness
import images
import variables

RECOVERY_KEYBLOCK = images.DEVKEYS / "recovery_kernel.keyblock"
STATE = "LifeboatState"
NO_KEYS = variables.NV | variables.BS, bytes(32)  # of LifeboatDevKeys


def kernel(board, name, version=1, arch=None, key_block=RECOVERY_KEYBLOCK,
           data_key="recovery_kernel_data_key", **more):
    """A signed recovery kernel that tells slot=@name, as a file."""
    content = images.signed_test_kernel(board.work, arch or board.arch, name, version=version,
                                        key_block=key_block, data_key=data_key, **more)
    path = board.work / f"{name}.part"
    path.write_bytes(content)
    return path


def own_kernel(board, name, data_key="kernel_data_key", **more):
    """A kernel that a developer has signed: a keyblock without a signature."""
    block = images.keyblock(board.work, f"own-{data_key}", data_key=data_key)
    return kernel(board, name, key_block=block, data_key=data_key, **more)


def stick(board, *kernels, name="stick", sector=512):
    """A USB stick made by `lifeboat recovery-media make`."""
    path = board.work / f"{name}.img"
    images.run(harness.BUILD / "lifeboat", "recovery-media", "make", "-q", "-o", path,
               "--data-size", "4M" if sector == 512 else "8M", "--sector-size", sector,
               *[a for k in kernels for a in ("--kernel", k)])
    return harness.Disk(path, bus="usb", boot=False, removable=True, name=name, sector=sector)


def press_until(vm, press, pattern, timeout):
    """Presses again and again until the serial log shows @pattern. Quickly: firmware takes
    keys away until right before the loader runs, and that is done with its work soon."""
    deadline = time.monotonic() + timeout * harness.SLOWNESS
    while True:
        press()
        try:
            return vm.expect(pattern, 0.02 / harness.SLOWNESS)
        except harness.Failure:
            if vm.ended or time.monotonic() > deadline:
                raise


def ask_by_serial(vm, timeout):
    """Ctrl-R until the loader has seen it, then Ctrl-E and Ctrl-V."""
    press_until(vm, lambda: vm.send_now("\x12"), r"keys: Ctrl-R by serial line", timeout)
    vm.send("\x05\x16")
    vm.expect(r"recovery: reason 2 ")


def ask(board, vm, press=None):
    """Somebody wants recovery: by serial line, or by @press. Between the firmware, which takes
    keys away, and the start of a kernel lies a tenth of a second: who comes too late sees the
    kernel power off, and tries again, as people do."""
    for tries_left in (2, 1, 0):
        try:
            if press is None:
                return ask_by_serial(vm, board.start_time())
            return press_until(vm, press, r"recovery: reason 2 ", board.start_time())
        except (harness.Failure, BrokenPipeError):
            if not tries_left or not (vm.ended or vm.process.poll() is not None):
                raise
            vm.power_on_again()


def keyboard_key(vm):
    """F8 on the emulated keyboard, shortly."""
    vm.qmp("send-key", keys=[{"type": "qcode", "data": "f8"}], hold_time=10)


def formatted_store(board):
    """A variable store that the firmware has made ready, without any of our variables."""
    path = board.work / "vars.fd"
    if not path.exists():
        disk = board.image(board.slot("A"))
        board.boot(disk, "A", vars=path)
    return path


def plant(board, name, data, attributes=variables.NV | variables.BS):
    """A variable of our vendor in the machine's store; gives the store's path."""
    path = formatted_store(board)
    variables.Store(path).put(name, attributes, data)
    return path


def state(developer, language=b""):
    """The bytes of LifeboatState."""
    return bytes([1, developer]) + bytes(6) + language.ljust(8, b"\0")


def stored(board, name):
    return variables.Store(board.work / "vars.fd").get(name)
