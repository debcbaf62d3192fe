"""The process that decodes foreign media: no secrets, no network, limits (python -m worker.renderer.child).

Reads one request ({"request": …} to render, {"transcode": …}) per line of standard input, answers one line each:
{"result": …} or {"error": "one sentence"}.
"""

import ctypes
import json
import os
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from recordings.pipeline.render.errors import RenderError
from recordings.pipeline.render.render import render
from recordings.pipeline.render.request import dump, parse_request
from recordings.pipeline.render.transcode import transcode

MEMORY = 3 << 30
FILES = 64
LARGEST_FILE = 16 << 30
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38
CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000


def confine() -> None:
    """Give up what decoding does not need. What this kernel does not offer is left out."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        if libc.unshare(CLONE_NEWNET) != 0:
            libc.unshare(CLONE_NEWNET | CLONE_NEWUSER)  # an empty network needs a user namespace unless we are root


def allow_cpu(seconds: int) -> None:
    """The kernel ends this process when it uses so many seconds of CPU more."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + seconds, resource.RLIM_INFINITY))


def answer(line: str) -> str:
    """The answer to one request; whatever goes wrong becomes a sentence."""
    try:
        asked = json.loads(line)
        allow_cpu(int(asked["cpu_seconds"]))
        if "transcode" in asked:
            wanted = asked["transcode"]
            transcode(Path(wanted["source"]), Path(wanted["target"]), wanted["form"], wanted["channel"])
            return '{"result":null}'
        return f'{{"result":{dump(render(parse_request(json.dumps(asked["request"]))))}}}'
    except RenderError as error:
        return json.dumps({"error": str(error)})
    except MemoryError:
        return json.dumps({"error": "the call needs more memory than a render may use"})
    except OSError as error:
        return json.dumps({"error": f"a file could not be read or written: {error}"})
    except Exception as error:  # noqa: BLE001 - the last door: the parent must get an answer
        return json.dumps({"error": f"the render failed: {type(error).__name__}: {error}"})


def serve(requests: TextIO, answers: TextIO) -> None:
    for line in requests:
        answers.write(answer(line) + "\n")
        answers.flush()


def main() -> int:
    os.umask(0o077)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    confine()
    serve(sys.stdin, answers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
