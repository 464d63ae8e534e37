"""Screens of whole machines, compared pixel by pixel with what the same code draws on the
host (build/host/bin/screenshot)."""
import subprocess
import time

from PIL import Image, ImageChops

import harness

SCREENSHOT = harness.BUILD / "host/bin/screenshot"
# Blt is all that virtio-gpu can do; the other has a frame buffer.
CARD = {"aarch64": "virtio-gpu-pci", "x86_64": "VGA"}


def card(arch, width=None, height=None):
    """A graphics card; of a size when one is given."""
    return CARD[arch] + (f",xres={width},yres={height}" if width else "")


def size(vm):
    """Of the display, as the loader tells it."""
    return vm.expect(r"screen: (\d+x\d+), graphics")[1]


def draw(folder, sample, size, language="en", **changes):
    """What the host draws: the sample's screen with these changes."""
    options = [a for name, value in changes.items() for a in ("-x", f"{name}={value}")]
    subprocess.run([SCREENSHOT, "-o", folder, "-s", size, "-n", sample, "-l", language,
                    *options], check=True)
    return Image.open(folder / f"{sample}-{size}-{language}.png").convert("RGB")


def wait_for(vm, folder, *wanted, timeout=10):
    """Waits until the display shows one of these pictures, exactly; gives the screendump's
    path."""
    shot, deadline = folder / "screendump.ppm", time.monotonic() + timeout * harness.SLOWNESS
    while True:
        vm.qmp("screendump", filename=str(shot), format="ppm")  # PNGs take QEMU long
        with Image.open(shot) as found:
            seen = found.convert("RGB")
        different = [None if seen.size != w.size else ImageChops.difference(seen, w).getbbox()
                     for w in wanted if seen.size != w.size
                     or ImageChops.difference(seen, w).getbbox() is not None]
        if len(different) < len(wanted):
            return shot
        if time.monotonic() > deadline:
            raise harness.Failure(f"the screen is another one: {seen.size}, "
                                  f"different in {different}\n{vm.tail()}")
        time.sleep(0.2)


def read_code(picture):
    """What zbarimg reads from a picture."""
    return subprocess.run(["zbarimg", "-q", "--raw", picture], capture_output=True,
                          text=True).stdout.strip()
