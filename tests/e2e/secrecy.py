"""What must never be seen, and the search for it.

Who makes a secret tells hide() and its likes. The harness searches what programs print, what is
fetched from them and what /proc shows of them. A finding names the secret, it does not repeat it.
"""

import base64
import pathlib
import re

# Shorter ones would be found by chance.
SHORTEST = 6
# What can be told by its looks: each part of a token of the simulator has a beginning of its own.
LOOKS = {
    "the head of a token": re.compile("eyJhbGci"),
    "the payload of a token": re.compile("eyJzdWIi"),
    "the signature of a token": re.compile("c2lnbmVkLWJ5LXNpbXVsYXRv"),
    "a bcrypt hash": re.compile(r"\$2[abxy]\$\d\d\$[./0-9A-Za-z]{20}"),
    "a private key": re.compile(r"BEGIN [A-Z ]*PRIVATE " "KEY-"),
}
_hidden = {}


def hide(secret, what):
    """From now on `secret` must not be seen."""
    assert len(secret) >= SHORTEST, f"{what} is too short to be searched for"
    _hidden[secret] = what


def hide_pair(user, password, what):
    """A password and a name, as they are and as they are sent."""
    hide(password, what)
    hide(base64.b64encode(f"{user}:{password}".encode()).decode(), f"{what} as it is sent")


def hide_key(file):
    """A private key in PEM, each line of it."""
    text = pathlib.Path(file).read_text(encoding="ascii")
    for line in re.findall(r"^[A-Za-z0-9+/=]{16,}$", text, re.M):
        hide(line, f"a line of {pathlib.Path(file).name}")


def found(text):
    """What of the secrets is in it."""
    return ([what for secret, what in list(_hidden.items()) if secret in text]
            + [what for what, look in LOOKS.items() if look.search(text)])


def check(text, place):
    """Fails when there is a secret in what was seen at `place`."""
    seen = found(text)
    assert not seen, f"{place} shows {', '.join(seen)}"
