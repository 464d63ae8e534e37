"""Screens as the loader draws them: nothing cut, every language whole, QR codes that can be
read, pictures as accepted. To accept new pictures after looking at them:
tests/ui/accept (docs/screens.md)."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest
from PIL import Image, ImageChops

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("LIFEBOAT_BUILD", ROOT / "build"))
SCREENSHOT = BUILD / "host/bin/screenshot"
MKTEXT = BUILD / "host/bin/mktext"
STRINGS = ROOT / "ui/strings"
GOLDEN = ROOT / "tests/ui/golden"
# Scripts that differ in direction, joining, stacking, line breaks and glyphs.
GOLDEN_LANGUAGES = ("ar", "de", "he", "hi", "ja", "ko", "th", "zh-CN", "zh-TW")
GOLDEN_SAMPLES = ("no-media", "bad-media-damaged", "bad-media-too-old", "dev-confirm-on",
                  "dev-warning", "dev-enrol-key", "menu", "power-off", "error")
GOLDEN_SIZES = ("640x480", "1080x1920", "3840x2160")
# What outlines and shaping come from.
GOLDEN_PACKAGES = ("fonts-noto-core", "fonts-noto-cjk", "fonts-noto-mono", "libharfbuzz0b",
                   "libfribidi0")
QR_SIZES = ("640x480", "800x600", "1280x800", "1080x1920", "3840x2160")


def run(*args, check=True):
    return subprocess.run([str(a) for a in args], check=check, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


@pytest.mark.parametrize("size", ["640x480", "800x600", "1024x768", "1280x800", "1920x1080",
                                  "3840x2160", "1080x1920", "480x800", "1366x768",
                                  "320x240", "768x1024", "1200x1920", "1080x2400",
                                  "1024x1280", "3440x1440", "5120x1440"])
def test_nothing_is_cut_or_overlaps(size):
    output = run(SCREENSHOT, "-c", "-s", size, check=False)
    assert output.endswith("layout: 0 problems\n"), output[-3000:]


def decode(picture):
    return subprocess.run(["zbarimg", "-q", "--raw", str(picture)], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.strip()


@pytest.mark.parametrize("size", QR_SIZES)
def test_qr_codes_can_be_read(tmp_path, size):
    run(SCREENSHOT, "-o", tmp_path, "-s", size, "-l", "en", "-l", "ar", "-l", "th",
        "-n", "no-media", "-n", "no-media-asked", "-n", "bad-media-damaged")
    start = "https://recovery.example.com/start?m=Example%20Kiosk%20K200&r=80"
    wanted = {"no-media": start, "bad-media-damaged": start,
              "no-media-asked": "https://downloads.support.example-appliances.com/recovery/"
              "devices?lang=any&m=Example%20Industrial%20Controller%20IC-4000%20Revision%20B"
              "&r=7"}
    for language in ("en", "ar", "th"):
        for sample, want in wanted.items():
            assert decode(tmp_path / f"{sample}-{size}-{language}.png") == want


def test_a_camera_reads_a_blurred_qr_code(tmp_path):
    """Modules of two pixels, scaled down and up again: what a camera at a distance sees."""
    run(SCREENSHOT, "-o", tmp_path, "-s", "640x480", "-l", "en", "-n", "no-media")
    picture = tmp_path / "no-media-640x480-en.png"
    image = Image.open(picture)
    image.resize((560, 420), Image.BILINEAR).resize((1280, 960), Image.BICUBIC).save(picture)
    assert decode(picture).startswith("https://recovery.example.com/start?")


def golden(name):
    return (GOLDEN / name).read_text().splitlines()


def art():
    return run(SCREENSHOT, "-a").splitlines()


def test_pictographs_are_as_accepted():
    """Our own art: exact, whatever fonts this machine has."""
    assert [x for x in art() if not x.startswith("font")] == golden("pictographs")


def test_english_screens_are_as_accepted():
    """With the same version of the fonts; another one draws other letters."""
    lines = golden("english")
    if lines[0] not in art():
        pytest.skip("the golden pictures were made with another version of Noto Sans")
    shots = run(SCREENSHOT, "-d", "-l", "en", "-s", "640x480", "-s", "1080x1920")
    # The list of languages shows all of them.
    assert [x for x in shots.splitlines() if not x.startswith("language ")] == lines[1:]


def versions():
    told = run("dpkg-query", "-W", "-f", "${Package} ${Version}\n", *GOLDEN_PACKAGES)
    return " ".join(sorted(told.splitlines()))


def language_shots():
    """One line a language, screen and size; the first names the packages."""
    options = [("-l", x) for x in GOLDEN_LANGUAGES] + [("-n", x) for x in GOLDEN_SAMPLES] + \
        [("-s", x) for x in GOLDEN_SIZES]
    return [versions(), *run(SCREENSHOT, "-d", *[o for pair in options for o in pair])
            .splitlines()]


def test_screens_in_other_scripts_are_as_accepted():
    lines = golden("languages")
    if lines[0] != versions():
        pytest.skip("the golden pictures were made with other versions of fonts or shaping")
    shots = language_shots()
    assert len(shots) == 1 + len(GOLDEN_LANGUAGES) * len(GOLDEN_SAMPLES) * len(GOLDEN_SIZES)
    assert [x for x in shots if x not in lines] == []
    assert shots == lines


# Pieces of the English screens with nothing of any language in them: what is drawn there.
LATIN = {
    "dev-confirm-on": ("", (243, 250, 454, 354)),
    "no-media": ("url=https://downloads.example-appliances.com/abc/def/ghi", (66, 255, 470, 320)),
}


@pytest.mark.parametrize("sample", LATIN)
def test_latin_keeps_its_direction(tmp_path, sample):
    """What is typed, and an address on two lines, run from left to right on pages of the other
    direction too: the very same pixels."""
    change, where = LATIN[sample]
    for language in ("en", "he"):
        run(SCREENSHOT, "-o", tmp_path, "-s", "640x480", "-n", sample, "-l", language,
            *(["-x", change] if change else []))
    english, hebrew = (Image.open(tmp_path / f"{sample}-640x480-{x}.png").convert("RGB")
                       for x in ("en", "he"))
    piece = english.crop(where)
    piece = piece.crop(ImageChops.invert(piece).getbbox())
    assert len(piece.getcolors(10_000)) > 10, "nothing is there"
    assert found_in(piece, hebrew)


def found_in(piece, picture):
    """@piece is somewhere in @picture, pixel by pixel."""
    width = piece.width * 3
    rows = [piece.tobytes()[i:i + width] for i in range(0, len(piece.tobytes()), width)]
    data, stride = picture.tobytes(), picture.width * 3
    # The row with the most to tell first.
    tell = max(range(len(rows)), key=lambda i: len(set(rows[i])) + len(
        rows[i].replace(b"\xff\xff\xff", b"")))
    at = data.find(rows[tell])
    while at >= 0:
        top = at - tell * stride
        if at % 3 == 0 and top >= 0 and all(
                data[top + n * stride:top + n * stride + width] == row
                for n, row in enumerate(rows)):
            return True
        at = data.find(rows[tell], at + 1)
    return False


def test_plain_text_is_as_accepted():
    assert run(SCREENSHOT, "-t").splitlines() == golden("plain")


# --- languages


def locale(path):
    """Texts of one file of ui/strings."""
    lines = [x for x in path.read_text(encoding="utf-8").splitlines()
             if x and not x.startswith(("#", "@"))]
    return dict(re.split(r"\s*=\s*", x, maxsplit=1) for x in lines)


def locales():
    return sorted(p.name for p in STRINGS.iterdir() if "." not in p.name)


def test_at_least_25_languages():
    assert len(locales()) >= 25
    assert {"ar", "he", "hi", "th", "zh-CN", "zh-TW", "ja", "ko"} <= set(locales())


@pytest.mark.parametrize("code", locales())
def test_every_text_is_there(code):
    english, texts = locale(STRINGS / "en"), locale(STRINGS / code)
    assert list(texts) == list(english)
    for key, text in texts.items():
        assert ("{n}" in text) == ("{n}" in english[key]), key
        assert len(text) <= 3 * len(english[key]) + 30, key
    if code != "en":
        # Loan words may be the same; sentences are not.
        same = [k for k in texts if texts[k] == english[k] and " " in english[k]]
        assert same == []


BREAKS = {
    "a key is missing": (lambda t: re.sub(r"^key_yes = .*\n", "", t, flags=re.M), "key_yes"),
    "a key is there twice": (lambda t: t + "key_yes = Ja\n", "twice"),
    "an unknown key": (lambda t: t + "key_perhaps = Ja\n", "unknown key"),
    "no number": (lambda t: t.replace("{n}", "5"), "placeholder"),
    "a number too many": (lambda t: t.replace("key_no = ", "key_no = {n} "), "placeholder"),
    "no glyph": (lambda t: t.replace("key_no = ", "key_no = \u1780"), "no glyph"),
    "an empty text": (lambda t: re.sub(r"^key_no = .*$", "key_no =", t, flags=re.M), "empty"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_bad_file_is_refused(tmp_path, name):
    change, message = BREAKS[name]
    folder = tmp_path / "strings"
    folder.mkdir()
    shutil.copy(STRINGS / "en", folder)
    text = (STRINGS / "de").read_text(encoding="utf-8")
    assert change(text) != text
    (folder / "de").write_text(change(text), encoding="utf-8")
    result = subprocess.run([MKTEXT, folder, tmp_path / "f.c", tmp_path / "t.c"], text=True,
                            stderr=subprocess.PIPE, check=False)
    assert result.returncode == 1 and message in result.stderr


def test_the_table_is_reproducible(tmp_path):
    for n in ("1", "2"):
        (tmp_path / n).mkdir()
        run(MKTEXT, STRINGS, tmp_path / n / "f.c", tmp_path / n / "t.c")
    for name in ("f.c", "t.c"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
    packed = int(re.search(r"ui_text_packed_bytes = (\d+)u",
                           (tmp_path / "1/t.c").read_text()).group(1))
    assert packed <= 250_000
