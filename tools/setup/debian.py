"""Packages from the machine's own Debian mirror through an apt state of its own: for any
architecture and release, without root rights; nothing is installed and the machine's own
configuration stays as it is."""
import os
import pathlib
import re
import subprocess
import sys

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
DEBIAN_ARCH = {"x86_64": "amd64", "aarch64": "arm64"}


def die(text):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: error: {text}")


def deb822_entries():
    """(uri, suites, key ring) of every enabled binary entry in *.sources files."""
    for path in sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*.sources")):
        for block in re.split(r"\n\s*\n", path.read_text()):
            field = {k.lower(): v.strip() for k, v in
                     re.findall(r"^([A-Za-z-]+):(.*(?:\n[ \t].*)*)", block, re.M)}
            if "deb" in field.get("types", "").split() and field.get("enabled") != "no":
                for uri in field.get("uris", "").split():
                    yield uri, field.get("suites", "").split(), field.get("signed-by")


def one_line_entries():
    """The same from sources.list and *.list files."""
    paths = [pathlib.Path("/etc/apt/sources.list")]
    paths += sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*.list"))
    for path in paths:
        for line in path.read_text().splitlines() if path.exists() else []:
            m = re.match(r"deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)", line)
            if m:
                key = re.search(r"signed-by=(\S+)", m[1] or "")
                yield m[2], [m[3]], key and key[1]


def debian_sources(suite=None):
    """The machine's Debian entries, as a deb822 file for any architecture; of another
    release when @suite names one (without its security updates)."""
    blocks = []
    for uri, suites, key in [*deb822_entries(), *one_line_entries()]:
        # "mirror+file:" and a list of addresses is how Debian's cloud images name theirs.
        if not re.search(r"/debian(-security)?(\.list)?$", uri.rstrip("/")):
            continue
        if suite:
            if re.search(r"-security(\.list)?$", uri.rstrip("/")):
                continue
            suites = [suite]
        blocks.append(f"Types: deb\nURIs: {uri}\nSuites: {' '.join(suites)}\n"
                      f"Components: main\nSigned-By: {key or KEYRING}\n")
    if not blocks:
        die("no Debian entry in this machine's apt sources")
    return "\n".join(dict.fromkeys(blocks))


class Apt:
    """apt with a state of its own in the folder @work, for any architecture (Debian's
    name of it) and, with @suite, for another release than the machine's."""

    def __init__(self, work, arch, suite=None):
        self.work = pathlib.Path(work)
        for sub in ("lists/partial", "cache/archives/partial", "debs"):
            (self.work / sub).mkdir(parents=True)
        (self.work / "status").touch()
        (self.work / "debian.sources").write_text(debian_sources(suite))
        user = subprocess.check_output(["id", "-un"], text=True).strip()
        (self.work / "apt.conf").write_text(f'''
APT::Architecture "{arch}";
APT::Architectures {{ "{arch}"; }};
APT::Sandbox::User "{user}";
Dir::State "{work}";
Dir::State::status "{work}/status";
Dir::State::lists "{work}/lists";
Dir::Cache "{work}/cache";
Dir::Etc::sourcelist "{work}/debian.sources";
Dir::Etc::sourceparts "-";
Acquire::Languages "none";
''')
        self.env = dict(os.environ, APT_CONFIG=f"{work}/apt.conf", LC_ALL="C")
        self.run("apt-get", "-q", "update")

    def run(self, *argv):
        done = subprocess.run(argv, env=self.env, cwd=self.work / "debs", text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            die(f"{' '.join(argv)} failed:\n{done.stdout[-2000:]}")
        return done.stdout

    def kernel_package(self, meta):
        """The package that the metapackage names."""
        text = self.run("apt-cache", "depends", meta)
        found = re.search(r"Depends: (linux-image-\S+)", text)
        if not found:
            die(f"{meta} names no kernel:\n{text}")
        return found[1]

    def download(self, packages):
        self.run("apt-get", "-q", "download", *packages)
        return sorted((self.work / "debs").glob("*.deb"))


def unpack(debs, into):
    for deb in debs:
        subprocess.run(["dpkg-deb", "-x", deb, into], check=True)
