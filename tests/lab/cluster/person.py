"""An administrator at the lab's switch: signs in on a node and uses its REST API, as a program would.

`ask(node, method, path, body)` from any process; the request itself is made in the hub's network namespace."""

import base64
import http.cookiejar
import json
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from tests.lab.cluster.node import Node
from tests.lab.cluster.place import CHECKOUT, HUB, LabError, address
from tests.lab.cluster.prepare import PASSWORD, USER

PORT = 8000
PATIENCE = 60.0


def ask(node: Node, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    """Status and JSON; status 0 and the reason where the node does not answer. Raises LabError."""
    status, text, _saved = _from_hub(node, {"method": method, "path": path, "body": body})
    return status, dict(json.loads(text)) if text.startswith(b"{") else {
        "detail": text[:500].decode("utf-8", "replace")
    }


def ask_each(
    node: Node, method: str, paths: Sequence[str], body: Mapping[str, Any]
) -> list[tuple[int, dict[str, Any]]]:
    """The same of many addresses, in one visit: status and JSON of each. Raises LabError."""
    status, text, _saved = _from_hub(node, {"method": method, "path": list(paths), "body": body})
    if status != 200:
        raise LabError(f"{node.name}: {method} of {len(paths)} addresses answers {status}: {text[:300]!r}")
    return [(int(one), dict(json.loads(base64.b64decode(data)))) for one, data in json.loads(text)]


def change(node: Node, method: str, path: str, body: Mapping[str, Any]) -> str:
    """Where the node says the change is saved: "both-nodes" or "this-node". Raises LabError where it is refused."""
    status, data, saved = _from_hub(node, {"method": method, "path": path, "body": body})
    if status >= 400 or not status:
        raise LabError(f"{node.name}: {path} answers {status}: {data[:300]!r}")
    return saved


def fetch(node: Node, path: str) -> bytes:
    """A file. Raises LabError."""
    status, data, _saved = _from_hub(node, {"method": "GET", "path": path, "body": None})
    if status != 200:
        raise LabError(f"{node.name}: {path} answers {status}: {data[:300]!r}")
    return data


def _from_hub(node: Node, request: Mapping[str, Any]) -> tuple[int, bytes, str]:
    told = json.dumps({"at": address(node.number), **request})
    method, path = request["method"], request["path"]
    argv = ["ip", "netns", "exec", HUB, sys.executable, "-m", "tests.lab.cluster.person"]
    try:
        done = subprocess.run(
            argv, cwd=CHECKOUT, input=told, capture_output=True, text=True, timeout=2 * PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return 0, b"no end in time", ""
    if done.returncode:
        raise LabError(f"{node.name}: {method} {path} could not be asked.\n{done.stderr[-2000:]}")
    status, text, saved = json.loads(done.stdout)
    return int(status), base64.b64decode(text), str(saved)


class _Visit:
    """One signed-in visit: cookies, and the token against forged requests."""

    def __init__(self, at: str) -> None:
        self.home = f"http://{at}:{PORT}"
        self.saved = ""
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def sign_in(self) -> None:
        self._open(urllib.request.Request(f"{self.home}/sign-in/"))
        form = {"username": USER, "password": PASSWORD, "csrfmiddlewaretoken": self._token()}
        data = urllib.parse.urlencode(form).encode()
        self._open(urllib.request.Request(f"{self.home}/sign-in/", data=data))

    def ask(self, method: str, path: str, body: Any) -> bytes:
        headers = {"Content-Type": "application/json", "X-CSRFToken": self._token(), "Referer": self.home}
        data = None if body is None else json.dumps(body).encode()
        return self._open(urllib.request.Request(f"{self.home}{path}", data=data, method=method, headers=headers))

    def try_one(self, method: str, path: str, body: Any) -> tuple[int, str]:
        """Status, and the answer in base64."""
        try:
            return 200, base64.b64encode(self.ask(method, path, body)).decode()
        except urllib.error.HTTPError as error:
            return error.code, base64.b64encode(error.read()).decode()

    def _open(self, request: urllib.request.Request) -> bytes:
        with self._opener.open(request, timeout=PATIENCE) as answer:
            found: bytes = answer.read()
            self.saved = answer.headers.get("Apresa-Saved", "")
            return found

    def _token(self) -> str:
        return next((one.value or "" for one in self.cookies if one.name == "apresa_csrf"), "")


def main() -> None:
    given = json.load(sys.stdin)
    visit = _Visit(given["at"])
    try:
        visit.sign_in()
        if isinstance(given["path"], list):
            answers = [visit.try_one(given["method"], path, given["body"]) for path in given["path"]]
            status, data = 200, json.dumps(answers).encode()
        else:
            status, data = 200, visit.ask(given["method"], given["path"], given["body"])
    except urllib.error.HTTPError as error:
        status, data = error.code, error.read()
    except OSError as error:
        status, data = 0, str(error).encode()
    print(json.dumps([status, base64.b64encode(data).decode(), visit.saved]))


if __name__ == "__main__":
    main()
