"""What testssl.sh makes of the endpoint's TLS."""

import json
import re

import certificates
import siege

# All of its checks for versions, ciphers, forward secrecy and known vulnerabilities.
SECTIONS = ("-p", "-s", "-f", "-U")
NEVER = "^not offered"
SAFE = "^not vulnerable"
# What has to be found. What is not named here must at least not be a complaint.
VERSIONS = {"SSLv2": NEVER, "SSLv3": NEVER, "TLS1": NEVER, "TLS1_1": NEVER, "TLS1_2": "^offered",
            "TLS1_3": "^offered", "NPN": NEVER, "ALPN": "^http/1.1$"}
CIPHERS = {"cipherlist_NULL": NEVER, "cipherlist_aNULL": NEVER, "cipherlist_EXPORT": NEVER,
           "cipherlist_LOW": NEVER, "cipherlist_3DES_IDEA": NEVER, "cipherlist_AVERAGE": NEVER,
           "cipherlist_STRONG": "^offered"}
SECRECY = {"PFS": "^offered", "PFS_ECDHE_curves": "X25519"}
VULNERABILITIES = {
    "heartbleed": SAFE, "CCS": SAFE, "ticketbleed": "^no session ticket", "ROBOT": SAFE,
    "secure_renego": "^supported", "secure_client_renego": SAFE, "CRIME_TLS": SAFE,
    "POODLE_SSL": SAFE, "fallback_SCSV": "^no protocol below", "SWEET32": SAFE, "FREAK": SAFE,
    "DROWN": SAFE, "LOGJAM": SAFE, "LOGJAM-common_primes": "^no DH key", "BEAST": SAFE,
    "LUCKY13": SAFE, "RC4": SAFE}
# With forward secrecy and authenticated encryption, and nothing else.
SUITES = r"TLS_[A-Z0-9_]+|ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)"
# Complaints that do not apply, with the reason.
EXCUSED = {
    "engine_problem": "about the OpenSSL of the scanner",
    "BREACH": "pages are compressed, but hold no secret and nothing of the request",
}
COMPLAINTS = ("LOW", "MEDIUM", "HIGH", "CRITICAL", "WARN", "FATAL")


class Scan(siege.Siege):
    """A server with a key of one kind, and what has to be found."""

    def __init__(self, name, simulator, kind, sections, wanted, tls=None):
        super().__init__(f"tls: {name}", simulator)
        self.kind, self.sections, self.wanted, self.tls = kind, sections, wanted, tls

    def attempt(self):
        self.build(kind=self.kind, tls=self.tls)
        report = self.folder / "testssl.json"
        scanner = self.start("testssl", "--quiet", "--color", 0, "--warnings", "off", "-n", "none",
                             "--ip", "127.0.0.1", "--connect-timeout", 10, "--openssl-timeout", 10,
                             *self.sections, "--jsonfile", report, self.fortress.url)
        scanner.wait(deadline=150)
        findings = {entry["id"]: entry for entry in json.loads(report.read_text(encoding="utf-8"))}
        self.assertEqual(self.complaints(findings), [], scanner.output())
        self.fortress.check_descriptors()
        self.show(f", {len(findings)} findings of testssl.sh")

    def complaints(self, findings):
        wrong = [f"{name}: {findings.get(name, {}).get('finding')!r} is not {pattern!r}"
                 for name, pattern in self.wanted.items()
                 if not re.search(pattern, findings.get(name, {}).get("finding", ""))]
        loud = [f"{name}: {entry['severity']}, {entry['finding']}"
                for name, entry in findings.items()
                if entry["severity"] in COMPLAINTS and name not in EXCUSED]
        suites = findings.get("PFS_ciphers", {}).get("finding", "").split()
        return wrong + loud + [suite for suite in suites if not re.fullmatch(SUITES, suite)]


def cases(simulator):
    everything = {**VERSIONS, **CIPHERS, **SECRECY, **VULNERABILITIES, "PFS_ciphers": "ECDHE-"}
    return [Scan("an ECDSA key", simulator, certificates.ELLIPTIC, SECTIONS, everything),
            Scan("an RSA key", simulator, certificates.RSA, SECTIONS, everything),
            Scan("min_version TLS13", simulator, certificates.ELLIPTIC, ("-p",),
                 {**VERSIONS, "TLS1_2": NEVER}, tls={"min_version": "TLS13"})]
