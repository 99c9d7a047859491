"""Keys and certificates made by openssl, for servers and clients on loopback."""

import subprocess

import secrecy

ELLIPTIC = ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
RSA = ("rsa:2048",)
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def openssl(*arguments):
    made = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True,
                          check=False)
    assert made.returncode == 0, made.stderr


class Authority:
    """A CA of its own in `folder`. What it makes also passes a client that is strict about RFC 5280, as
    Python's is since 3.13."""

    def __init__(self, folder, name="ca"):
        self.folder = folder
        self.key, self.certificate = folder / f"{name}.key", folder / f"{name}.pem"
        openssl("req", "-x509", "-newkey", *ELLIPTIC, "-nodes", "-days", 2, "-subj", f"/CN={name}",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                "-keyout", self.key, "-out", self.certificate)
        secrecy.hide_key(self.key)

    def issue(self, name, extensions=NAMES, kind=ELLIPTIC):
        """(certificate, key) of a new leaf, files of those names."""
        key, request = self.folder / f"{name}.key", self.folder / f"{name}.csr"
        certificate, extra = self.folder / f"{name}.pem", self.folder / f"{name}.ext"
        extra.write_text(f"{extensions}\nauthorityKeyIdentifier=keyid\n", encoding="ascii")
        openssl("req", "-newkey", *kind, "-nodes", "-subj", f"/CN={name}", "-keyout", key,
                "-out", request)
        secrecy.hide_key(key)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
                "-CAcreateserial", "-days", 1, "-extfile", extra, "-out", certificate)
        return certificate, key
