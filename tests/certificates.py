"""Certificates for tests of servers, by openssl: any authority, names and times."""
import subprocess


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Authority:
    """A CA in a folder; certificates valid from and until any time."""

    def __init__(self, folder, name="Test CA", kind="ec"):
        self.folder = folder
        folder.mkdir()
        self.kind = ["rsa:2048"] if kind == "rsa" else [
            "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        (folder / "index").touch()
        (folder / "serial").write_text("01\n")
        (folder / "ca.cnf").write_text(f"""[ca]
default_ca = d
[d]
database = {folder}/index
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = p
copy_extensions = copy
unique_subject = no
[p]
commonName = supplied
""")
        self.ca = folder / "ca.pem"
        openssl("req", "-x509", "-newkey", *self.kind, "-nodes", "-days", 9000, "-subj",
                f"/CN={name}", "-keyout", folder / "ca.key", "-out", self.ca)

    def issue(self, name, host, begin="20200101000000Z", end="20400101000000Z", chain=False):
        """Returns (certificate and perhaps the CA's, key)."""
        base = self.folder / name
        openssl("req", "-newkey", *self.kind, "-nodes", "-subj", f"/CN={name}", "-addext",
                f"subjectAltName={host}", "-keyout", f"{base}.key", "-out", f"{base}.csr")
        openssl("ca", "-batch", "-notext", "-config", self.folder / "ca.cnf", "-cert", self.ca,
                "-keyfile", self.folder / "ca.key", "-startdate", begin, "-enddate", end,
                "-in", f"{base}.csr", "-out", f"{base}.pem")
        if chain:
            with open(f"{base}.pem", "ab") as f:
                f.write(self.ca.read_bytes())
        return f"{base}.pem", f"{base}.key"

    def ca_id(self):
        text = subprocess.run(["openssl", "x509", "-in", self.ca, "-noout", "-fingerprint",
                               "-sha256"], check=True, capture_output=True, text=True).stdout
        return "sha256:" + text.split("=")[1].strip().replace(":", "").lower()
