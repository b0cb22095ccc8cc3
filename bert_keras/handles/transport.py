"""Transport: opens a URL, and only what may be opened.

`https://` may be, and `http://` from this machine itself: anybody between here
and another one could put a model of their own in its place. With a pin it may
be plain from anywhere. Redirects are held to the same, and none leads from
`https://` to anything else.
"""

import http.client
import urllib.error
import urllib.parse
import urllib.request

from bert_keras.handles.errors import HandleError

TIMEOUT = 30  # seconds without a byte
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")

_ADVICE = {
    401: "It wants to know who asks: is the model private?",
    403: "It refuses to give this: the model may be private, or ask for "
    "consent on its page.",
    404: "There is nothing of that name. Is the version missing at its end?",
    410: "It was there once and is gone.",
}
_KAGGLE = (
    " Kaggle keeps it: with a login it can be had as "
    "kaggle://owner/model/framework/variation/version."
)
_TRY_LATER = "The server is in trouble. Try again later."


def open_url(url: str, headers: dict[str, str], *, pinned: bool = False):
    """Opens a URL.

    Args:
        url: `https://...`, or `http://...` where that is safe.
        headers: Of the request.
        pinned: Whether what arrives will be compared with a digest.

    Returns:
        The response; the caller closes it.

    Raises:
        HandleError: If the URL or a redirect may not be opened, or the server
            refuses.
        NothingBeyond: If a `Range` starts beyond the end.
        OSError: If the server cannot be reached or is in trouble: the same
            may work a moment later.
    """
    check_scheme(url, pinned=pinned)
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(pinned),
    ):
        opener.add_handler(handler)
    # A server may compress a text on its way, and lengths would not agree.
    usual = {"User-Agent": "bert-keras", "Accept-Encoding": "identity"}
    request = urllib.request.Request(url, headers=usual | headers)
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
            f"Expected an https:// URL. Received: {url}{through}. Nothing "
            "was opened there."
        )
    local = parts.hostname in _THIS_MACHINE
    if parts.scheme == "http" and not (local or pinned):
        raise HandleError(
            f"Expected https://, or a pin. Received: {url}{through}. On its "
            "way here anybody could exchange a model that comes by http://. "
            "Use https://, or add #sha256= and the archive's digest."
        )


class NothingBeyond(OSError):
    """The server has no bytes from there on."""


class _Redirects(urllib.request.HTTPRedirectHandler):
    def __init__(self, pinned: bool):
        self._pinned = pinned

    def http_error_302(self, req, fp, code, msg, headers):
        # urllib would refuse file:// as well, but in words of its own.
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
    """What an answer of the server means."""
    said = f"The server answered {error.code} {error.reason}."
    error.close()
    if error.code == 429 or error.code >= 500:
        return TimeoutError(f"{said} {_TRY_LATER}")
    if error.code == 416:
        return NothingBeyond("The server has fewer bytes than it says.")
    return HandleError(f"{url}: {said} {advice(url, error.code)}")


def advice(url: str, code: int) -> str:
    """Says what to try when a server answers with an error.

    Example:
        >>> advice("https://tfhub.dev/google/bert/1", 410)
        'It was there once and is gone.'
    """
    text = _ADVICE.get(code, "Open the URL in a browser to see why.")
    host = urllib.parse.urlsplit(url).hostname or ""
    # tfhub.dev has moved there.
    keeps = host.endswith(("kaggle.com", "tfhub.dev"))
    return text + _KAGGLE if keeps and code in (401, 403) else text
