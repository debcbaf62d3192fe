"""Runs the supervisor over given programs: serve_programs.py DATA NAME=COMMAND…, in a process of its own."""

import sys
from pathlib import Path

from worker.run.child import Program
from worker.run.supervisor import Supervisor

data = Path(sys.argv[1])
(data / "run").mkdir(exist_ok=True)
pairs = [argument.split("=", 1) for argument in sys.argv[2:]]
programs = [Program(name, ("/bin/sh", "-c", command), patience=1.0) for name, command in pairs]
Supervisor(programs, None, data, "http://nowhere").run()
