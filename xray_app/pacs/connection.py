"""The connection that every request goes through: bounded in size and time, and silent.

``dicomweb-client`` speaks the protocol; it reads whatever comes, retries, and logs addresses with
names in them. So it gets this session, which reads the answer itself, within limits.
"""

import io
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import unquote

import requests
import urllib3
from dicomweb_client import DICOMwebClient
from requests.auth import HTTPBasicAuth

from xray_app import __version__
from xray_app.core import PacsError
from xray_app.pacs.deadline import WatchedAdapter
from xray_app.pacs.settings import Settings
from xray_app.readers import MAX_FILE_BYTES

JSON = ("application/dicom+json", "application/json")
_PIECE_BYTES = 65536
_STATUS = {
    400: "does not understand the question (400)",
    401: "refuses the login (401). Check the user, password or token that the app was given",
    403: "forbids this to the login that the app was given (403). Ask its administrator",
    404: "has nothing at that address (404). Check XRAY_APP_PACS_URL, or search again",
    413: "finds that too large (413)",
    429: "is asked too often (429). Try again in a minute",
    503: "is busy or being serviced (503). Try again in a minute",
}


class Connection(requests.Session):
    """A session for one request and its answer.

    No redirect is followed, which could lead names and a login elsewhere; no proxy, ``.netrc`` or
    other variable of the environment changes where it goes.

    Args:
        settings: the server.
        most: bytes that the answer may have, unpacked.
        kinds: media types that it may have.
    """

    def __init__(self, settings: Settings, most: int, kinds: Sequence[str] = JSON) -> None:
        super().__init__()
        _mute()
        self.trust_env = False
        self.verify = settings.authority or True
        self.headers["User-Agent"] = f"xray-app/{__version__}"
        self.headers["Accept-Encoding"] = "identity"
        self.headers["Connection"] = "close"
        if settings.login == "basic":
            self.auth = HTTPBasicAuth(settings.user.encode(), settings.password.encode())
        elif settings.login == "bearer":
            self.headers["Authorization"] = f"Bearer {settings.token}"
        self._adapter = WatchedAdapter()
        for scheme in ("https://", "http://"):
            self.mount(scheme, self._adapter)
        self._settings, self._most, self._kinds = settings, most, tuple(kinds)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a request and read the whole answer.

        Raises:
            PacsError: there is no answer, or it is not one of those asked for.
        """
        seconds = self._settings.seconds
        kwargs |= {"stream": True, "allow_redirects": False, "timeout": (min(10, seconds), seconds)}
        request.headers.pop("Host", None)  # dicomweb-client's lacks the port
        request.url = _little_encoded(request.url or "")
        with refusals(self._settings), self._adapter.within(seconds):
            answer = super().send(request, **kwargs)
            with closing(answer):
                self._check(answer)
                body = self._body(answer)
        answer.raw = io.BytesIO(body)  # what requests reads an answer's content from
        return answer

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None is followed; requests would read the whole answer to prepare for it."""

    def _check(self, answer: requests.Response) -> None:
        status = answer.status_code
        if 300 <= status < 400:
            raise PacsError(f"{self._who} points to another address ({status}). Give that one.")
        if status >= 400:
            known = _STATUS.get(status, f"answers with the error {status}")
            raise PacsError(f"{self._who} {known}.")
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if status == 204 or (not kind and answer.headers.get("Content-Length") == "0"):
            return
        if kind in {"text/html", "application/xhtml+xml"}:
            raise PacsError(
                f"{self._who} answers with a web page, not with DICOMweb. Check XRAY_APP_PACS_URL, "
                "and whether a login page stands in front."
            )
        if kind not in self._kinds:
            raise PacsError(
                f"Expected {self._kinds[0]} from the PACS at {self._settings.host}, received "
                "another kind of answer. Check XRAY_APP_PACS_URL."
            )
        if kind in JSON:
            answer.headers["Content-Type"] = kind  # dicomweb-client wants it without a charset

    def _body(self, answer: requests.Response) -> bytes:
        body = bytearray()
        while piece := answer.raw.read1(_PIECE_BYTES, decode_content=True):
            body += piece
            if len(body) > self._most:
                raise PacsError(
                    f"Expected at most {self._most / 1e6:.0f} MB from the PACS at "
                    f"{self._settings.host}, received more. Narrow the search, or choose another "
                    "image."
                )
        return bytes(body)

    @property
    def _who(self) -> str:
        return f"The PACS at {self._settings.host}"


@contextmanager
def refusals(settings: Settings) -> Iterator[None]:
    """Turn what goes wrong on the way into one sentence.

    The exceptions are left out of it: their words hold addresses, with names in them.

    Raises:
        PacsError: something went wrong.
    """
    who = f"The PACS at {settings.host}"
    try:
        yield
    except (requests.exceptions.SSLError, urllib3.exceptions.SSLError):
        raise PacsError(
            f"{who} can't prove that it is that server: its certificate is not trusted. If the "
            "hospital signs its own, give its authority in XRAY_APP_PACS_CA."
        ) from None
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
        raise PacsError(
            f"{who} did not answer within {settings.seconds:g} s. Try again, or set "
            "XRAY_APP_PACS_SECONDS."
        ) from None
    except requests.exceptions.ConnectionError as error:
        if "Connection aborted" in str(error) or "Remote end closed" in str(error):
            raise PacsError(f"{who} closed the connection without an answer.") from None
        raise PacsError(
            f"{who} can't be reached. Check that it runs, and XRAY_APP_PACS_URL."
        ) from None
    except requests.exceptions.JSONDecodeError:
        raise PacsError(f"{who} sent an answer that is damaged or cut short. Try again.") from None
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError):
        raise PacsError(f"{who} broke off in the middle of its answer. Try again.") from None
    except (RecursionError, ValueError):  # JSON nested without end, or a number without end
        raise PacsError(f"{who} sent an answer that can't be read. Try again.") from None


def client(settings: Settings, most: int) -> DICOMwebClient:
    """A client for one question whose answer is JSON of at most ``most`` bytes."""
    made = DICOMwebClient(
        settings.url,
        Connection(settings, most),
        chunk_size=MAX_FILE_BYTES,  # what is stored goes in one piece, which every server takes
        permissive_uid=True,
    )
    made.set_http_retry_params(retry=False)
    return made


def _little_encoded(url: str) -> str:
    """The address with those characters as they are that may stand so in a query: RFC 3986 3.4.

    Debian's Orthanc (1.10) takes ``%2A`` as three characters, and so would find no ``*``.

    >>> _little_encoded("http://a/studies?PatientName=Doe%3FJ%2A&AccessionNumber=1%262")
    'http://a/studies?PatientName=Doe?J*&AccessionNumber=1%262'
    """
    path, mark, query = url.partition("?")
    return path + mark + re.sub("%(?:2A|3F|2F|3A|40|2C)", lambda found: unquote(found[0]), query)


def _mute() -> None:
    """Let these libraries log nothing: their messages hold addresses, with names in them."""
    for name in ("dicomweb_client", "requests", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
