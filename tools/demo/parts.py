"""What the demo's initramfs and root are put together from: files of the fetched Debian
packages, with the libraries a program needs and the modules a module needs."""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARY_FOLDERS = ["lib/{m}-linux-gnu", "usr/lib/{m}-linux-gnu",
                   "usr/lib/{m}-linux-gnu/systemd", "lib64", "lib"]


def needed(elf):
    """Names of the interpreter and the libraries an ELF file asks for."""
    text = subprocess.check_output(["readelf", "-lWd", elf], text=True)
    found = re.findall(r"\(NEEDED\).*\[(.*?)\]", text)
    interpreter = re.search(r"interpreter: (\S+?)\]", text)
    return ([interpreter[1]] if interpreter else []) + found


def libraries(elf, arch, sysroot):
    """{path inside the target: file} of all libraries of @elf, looked up in @sysroot."""
    result, todo = {}, needed(elf)
    while todo:
        name = todo.pop()
        base = pathlib.PurePath(name).name
        if base.startswith("ld-") and not name.startswith("/"):
            continue  # the interpreter, asked for by its full path already
        inside = name if name.startswith("/") else f"/lib/{arch}-linux-gnu/{base}"
        if inside in result:
            continue
        folders = [sysroot / f.format(m=arch) for f in LIBRARY_FOLDERS]
        paths = [f / base for f in folders if (f / base).exists()]
        if not paths:
            raise SystemExit(f"demo: error: {elf} needs {base}, not found in {sysroot}")
        result[inside] = paths[0].resolve()
        todo += needed(paths[0])
    return result


def modules(folder, names):
    """Module files in loading order: what each depends on comes first. Names that the
    kernel has built in are left out; a name it does not have at all is skipped."""
    files = {p.name.removesuffix(".ko").replace("-", "_"): p for p in folder.rglob("*.ko")}
    order = []

    def add(name):
        path = files.get(name.replace("-", "_"))
        if path is None or path in order:
            return
        info = path.read_bytes()
        depends = re.search(rb"\0depends=([^\0]*)\0", info)
        for other in filter(None, depends[1].decode().split(",") if depends else []):
            add(other)
        order.append(path)

    for name in names:
        add(name)
    return order
