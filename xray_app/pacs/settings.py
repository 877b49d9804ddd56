"""Which PACS, and how to log in: environment variables, never what a visitor types.

| variable | what it says |
| --- | --- |
| XRAY_APP_PACS_URL | address of the DICOMweb service; without it there is no PACS |
| XRAY_APP_PACS_LOGIN | none (default), basic or bearer |
| XRAY_APP_PACS_USER, XRAY_APP_PACS_PASSWORD | for basic |
| XRAY_APP_PACS_TOKEN | for bearer |
| XRAY_APP_PACS_CA | file with the authority that signed the server's certificate |
| XRAY_APP_PACS_SECONDS | how long one answer may take, from 1 to 600 (default: 60) |
| XRAY_APP_PACS_PLAIN_HTTP | "allowed" lets http:// through to another machine |

A password or a token can stand in a file instead, which XRAY_APP_PACS_PASSWORD_FILE or
XRAY_APP_PACS_TOKEN_FILE names.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from xray_app.core import InputError, UnknownChoice, first_line

_PREFIX = "XRAY_APP_PACS_"
_LOGINS = ("none", "basic", "bearer")
_SECONDS, _LONGEST = 60.0, 600.0


@dataclass(frozen=True, slots=True)
class Settings:
    """One DICOMweb service.

    Attributes:
        url: without a slash at its end.
        login: "none", "basic" or "bearer".
        user, password: for "basic"; ``token`` for "bearer".
        authority: file with the certificates to trust; "" for the usual ones.
        seconds: how long one answer may take.
    """

    url: str
    login: str = "none"
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    authority: str = ""
    seconds: float = _SECONDS

    @property
    def host(self) -> str:
        """The server's name, and its port if it isn't the usual one."""
        return urlsplit(self.url).netloc


def is_configured(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment names a PACS."""
    return bool(environment.get(f"{_PREFIX}URL"))


def pacs_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """What the environment says.

    Raises:
        InputError: it names no PACS, or one that can't be used so; its words never quote a secret.
    """

    def text(name: str) -> str:
        return environment.get(_PREFIX + name, "").strip()

    if not is_configured(environment):
        raise InputError(
            f"Expected the address of a DICOMweb service in {_PREFIX}URL, found none. Set it "
            "before the start."
        )
    url = _checked_url(text("URL"), allows_plain=text("PLAIN_HTTP") == "allowed")
    login = text("LOGIN") or "none"
    if login not in _LOGINS:
        raise UnknownChoice.of(f"{_PREFIX}LOGIN", login, _LOGINS)
    needed = {"none": (), "basic": ("USER", "PASSWORD"), "bearer": ("TOKEN",)}[login]
    secrets = {name: text(name) or _from_file(text(f"{name}_FILE")) for name in needed}
    for name, value in secrets.items():
        if not value or not value.isprintable() or (name == "TOKEN" and not value.isascii()):
            raise InputError(
                f"Expected one line of text in {_PREFIX}{name} for the login {login!r}. Set it "
                "before the start."
            )
    return Settings(
        url,
        login,
        secrets.get("USER", ""),
        secrets.get("PASSWORD", ""),
        secrets.get("TOKEN", ""),
        _checked_authority(text("CA")),
        _checked_seconds(text("SECONDS")),
    )


def _checked_url(url: str, *, allows_plain: bool) -> str:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
        raise InputError(
            f"Expected an address such as https://pacs.example.org/dicom-web in {_PREFIX}URL. "
            "Mend it."
        )
    if parts.username is not None or parts.password is not None:
        raise InputError(
            f"Expected no user and password in the address in {_PREFIX}URL. Set {_PREFIX}LOGIN, "
            "_USER and _PASSWORD instead."
        )
    if parts.scheme == "http" and not allows_plain and not _is_here(host):
        raise InputError(
            f"Expected https:// in {_PREFIX}URL: patients' names would cross the network "
            f"unencrypted. For a closed network, set {_PREFIX}PLAIN_HTTP=allowed."
        )
    return url.rstrip("/")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _from_file(path: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"Can't read the file that an {_PREFIX}… variable names: {first_line(error)}."
        ) from None  # the error may quote what the file holds


def _checked_authority(path: str) -> str:
    if path and not Path(path).is_file():
        raise InputError(f"Expected a file of certificates in {_PREFIX}CA, found none there.")
    return path


def _checked_seconds(text: str) -> float:
    try:
        seconds = float(text) if text else _SECONDS
    except ValueError:
        seconds = 0.0
    if not 1.0 <= seconds <= _LONGEST:
        raise InputError(
            f"Expected {_PREFIX}SECONDS from 1 to {_LONGEST:.0f}, received {text!r}. Mend it."
        )
    return seconds
