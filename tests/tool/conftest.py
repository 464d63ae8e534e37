"""Keys and kernels that the tests of the command share."""
import pytest

from lifeboat_tool import Keys, arm64_image, bzimage, run, write


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    run("keys", "new", "--algorithm", "rsa2048-sha256", folder)
    return Keys(folder)


@pytest.fixture(scope="session")
def kernels(tmp_path_factory):
    """A folder with bzImage, Image and initrd."""
    folder = tmp_path_factory.mktemp("kernels")
    write(folder / "bzImage", bzimage())
    write(folder / "Image", arm64_image())
    write(folder / "initrd", b"not a cpio archive, but bytes")
    return folder


@pytest.fixture
def signed(keys, kernels, tmp_path):
    """Signs: signed("name", option...) gives the partition's path."""
    def sign(name, *args, recovery=False, kernel="bzImage", check=True):
        out = tmp_path / name
        key = keys.recovery_public if recovery else keys.public
        run("sign", "--kernel", kernels / kernel, *keys.sign_args(recovery),
            *(["--key", key] if check else []), "-o", out, *args)
        return out
    return sign
