"""Runs the supervisor over given programs: serve_programs.py DATA NAME=COMMAND…, in a process of its own.

A restart of the recording component reads `DATA/renewed` for its command; without that file there is none.
"""

import sys
from pathlib import Path

from worker.run.child import Program
from worker.run.privileges import PrivilegeError
from worker.run.supervisor import Supervisor

data = Path(sys.argv[1])
(data / "run").mkdir(exist_ok=True)
pairs = [argument.split("=", 1) for argument in sys.argv[2:]]
programs = [Program(name, ("/bin/sh", "-c", command), patience=1.0) for name, command in pairs]


def renew() -> list[Program]:
    try:
        command = (data / "renewed").read_text()
    except FileNotFoundError:
        return []
    if command == "refuse":
        raise PrivilegeError("The databases could not be made ready.")
    return [Program("recording", ("/bin/sh", "-c", command), patience=1.0)]


Supervisor(programs, None, data, "http://nowhere", renew).run()
