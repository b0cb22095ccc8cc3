"""Transport: opens a URL, if that is safe.

`https://` is, and `http://` from this machine itself: on its way from another
one, anyone could replace a model by their own. With a pin, `http://` is safe
from anywhere. The same holds for redirects, and none may lead from `https://`
to another scheme.
"""

import contextlib
import http.client
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request

from bert_keras.handles.errors import HandleError

TIMEOUT = 30  # seconds without a byte
HEADER_TIMEOUT = 60  # seconds until the whole header has arrived
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")

_ADVICE = {
    401: "It requires a login: is the model private?",
    403: "Access is denied: the model may be private, or require consent on "
    "its page.",
    404: "Nothing has that name. Is a version missing at the end?",
    410: "It was removed.",
}
_KAGGLE = (
    " Kaggle hosts it: with a login it can be downloaded as "
    "kaggle://owner/model/framework/variation/version."
)
_TRY_LATER = "The server has a problem. Try again later."


def open_url(url: str, headers: dict[str, str], *, pinned: bool = False):
    """Opens a URL.

    Args:
        url: `https://...`, or `http://...` where that is safe.
        headers: Headers of the request.
        pinned: Whether what arrives will be compared with a digest.

    Returns:
        The response; the caller closes it.

    Raises:
        HandleError: If the URL or a redirect may not be opened, or the server
            refuses.
        NothingBeyond: If a `Range` starts beyond the end.
        OSError: If the server cannot be reached or has a problem: a retry may
            succeed.
    """
    check_scheme(url, pinned=pinned)
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        _Http(),
        _Https(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(pinned),
    ):
        opener.add_handler(handler)
    # A compressed response would have another length than the file.
    default = {"User-Agent": "bert-keras", "Accept-Encoding": "identity"}
    request = urllib.request.Request(url, headers=default | headers)
    try:
        return opener.open(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        raise _refused(url, error) from error
    except (http.client.InvalidURL, UnicodeError) as error:
        raise HandleError(f"Expected a URL. Received: {url!r} ({error})") from (
            error
        )


def check_scheme(
    url: str, *, pinned: bool = False, came_from: str | None = None
) -> None:
    """Raises if a URL may not be opened.

    Example:
        >>> check_scheme("https://tfhub.dev/google/bert/1")
    """
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError as error:
        raise HandleError(f"Expected a URL. Received: {url!r}") from error
    if not parts.hostname and parts.scheme.startswith("http"):
        raise HandleError(f"Expected a server's name. Received: {url!r}")
    through = f" by a redirect from {came_from}" if came_from else ""
    before = urllib.parse.urlsplit(came_from or "").scheme
    if parts.scheme not in ("http", "https") or (
        before == "https" and parts.scheme != "https"
    ):
        raise HandleError(
            f"Expected an https:// URL. Received: {url}{through}. It was not "
            "opened."
        )
    local = parts.hostname in _THIS_MACHINE
    if parts.scheme == "http" and not (local or pinned):
        raise HandleError(
            f"Expected https://, or a pin. Received: {url}{through}. A model "
            "that is sent over http:// can be replaced on its way. Use "
            "https://, or add #sha256= and the archive's digest."
        )


class NothingBeyond(OSError):
    """The server has no bytes from that position on."""


class _HttpConnection(http.client.HTTPConnection):
    """A connection whose header has to arrive in time.

    `TIMEOUT` alone would let a server send it a byte at a time.
    """

    def getresponse(self):
        timer = threading.Timer(HEADER_TIMEOUT, _shut, [self.sock])
        timer.daemon = True
        timer.start()
        try:
            return super().getresponse()
        finally:
            timer.cancel()


def _shut(opened: socket.socket) -> None:
    # TLS is left as it is: the thread that reads finds the end.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(opened, socket.SHUT_RDWR)


class _HttpsConnection(_HttpConnection, http.client.HTTPSConnection):
    pass


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req):
        return self.do_open(_HttpConnection, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req):
        return self.do_open(_HttpsConnection, req)


class _Redirects(urllib.request.HTTPRedirectHandler):
    def __init__(self, pinned: bool):
        self._pinned = pinned

    def http_error_302(self, req, fp, code, msg, headers):
        # urllib would refuse file:// too, with a message of its own.
        target = urllib.parse.urljoin(
            req.full_url, headers.get("Location") or ""
        )
        try:
            check_scheme(target, pinned=self._pinned, came_from=req.full_url)
        except HandleError:
            fp.close()
            raise
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_301 = http_error_303 = http_error_302
    http_error_307 = http_error_308 = http_error_302


def _refused(url: str, error: urllib.error.HTTPError) -> Exception:
    """Returns the error that a response means."""
    said = f"The server answered {error.code} {error.reason}."
    error.close()
    if error.code == 429 or error.code >= 500:
        return TimeoutError(f"{said} {_TRY_LATER}")
    if error.code == 416:
        return NothingBeyond("The server has fewer bytes than it says.")
    return HandleError(f"{url}: {said} {advice(url, error.code)}")


def advice(url: str, code: int) -> str:
    """Says what to try after an error response.

    Example:
        >>> advice("https://tfhub.dev/google/bert/1", 410)
        'It was removed.'
    """
    text = _ADVICE.get(code, "Open the URL in a browser to see why.")
    host = urllib.parse.urlsplit(url).hostname or ""
    # tfhub.dev has moved to Kaggle.
    keeps = host.endswith(("kaggle.com", "tfhub.dev"))
    return text + _KAGGLE if keeps and code in (401, 403) else text
