"""A real server on this machine that speaks Hugging Face's file protocol."""

import hashlib
import re

from file_server import FileServer, send_json, status

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_MODEL = re.compile(r"/api/models/([\w.-]+/[\w.-]+)/revision/(.+)")
_FILE = re.compile(r"/([\w.-]+/[\w.-]+)/resolve/([^/]+)/(.+)")


class HuggingFaceServer(FileServer):
    """Repositories at one commit each, which is also the branch `main`.

    Attributes:
        repositories: Bytes by path, by `owner/name`.
        locked: Repositories that want a token, and the error they give.
        wrong: Paths of files that arrive other than they were stored.
    """

    def __init__(self):
        super().__init__()
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.locked: dict[str, str] = {}
        self.wrong: set[str] = set()

    def may_fail(self, handler, path: str) -> bool:
        """Only downloads of weights do."""
        return handler.command == "GET" and path.endswith(".safetensors")

    def answer(self, handler, path: str) -> None:
        """Answers one request."""
        if match := _MODEL.fullmatch(path):
            self._tell(handler, *match.groups())
        elif match := _FILE.fullmatch(path):
            self._give(handler, *match.groups())
        else:
            status(404)(handler)

    def downloaded(self) -> list[str]:
        """The paths of files that were asked for with GET, in their order."""
        matches = (
            _FILE.fullmatch(asked.path)
            for asked in self.asked
            if asked.method == "GET"
        )
        return [match[3] for match in matches if match]

    def _refuses(self, handler, name: str, revision: str) -> bool:
        code = None
        if name not in self.repositories:
            code = "RepoNotFound"
        elif revision not in ("main", COMMIT):
            code = "RevisionNotFound"
        elif name in self.locked and "Authorization" not in handler.headers:
            code = self.locked[name]
        if code:
            handler.send_response(403 if code == "GatedRepo" else 404)
            handler.send_header("X-Error-Code", code)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
        return code is not None

    def _tell(self, handler, name: str, revision: str) -> None:
        if self._refuses(handler, name, revision):
            return
        files = sorted(self.repositories[name])
        siblings = [{"rfilename": file} for file in files]
        send_json(handler, {"id": name, "sha": COMMIT, "siblings": siblings})

    def _give(self, handler, name: str, revision: str, file: str) -> None:
        if self._refuses(handler, name, revision):
            return
        body = self.repositories[name].get(file)
        if body is None:
            status(404)(handler)
            return
        # Large files are known by their SHA-256, others by git's digest.
        large = file.endswith((".safetensors", ".bin"))
        digest = hashlib.sha256 if large else hashlib.sha1
        headers = {
            "X-Repo-Commit": COMMIT,
            "ETag": f'"{digest(body).hexdigest()}"',
        }
        if file in self.wrong:
            body = bytes(len(body))
        handler.send(body, headers)
