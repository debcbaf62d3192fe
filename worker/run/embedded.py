"""Embedded mode from the first check to the polite end."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apresa.env import PROJECT
from worker.run import programs
from worker.run.child import Program
from worker.run.instance import listen, only_instance
from worker.run.privileges import PrivilegeError, ServiceUser, check_reach, may_capture, own_data, run_as, service_user
from worker.run.supervisor import Supervisor, say

PREPARE_SECONDS = 600  # a migration of a large database


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the databases say about this node."""

    node: str
    interfaces: tuple[str, ...]
    hep: tuple[str, ...] = ()
    hep_sources: tuple[str, ...] = ()

    @property
    def listening(self) -> tuple[str, ...]:
        """The holder's arguments for HEP agents."""
        words = [word for address in self.hep for word in ("--hep", address)]
        sources = [word for source in self.hep_sources for word in ("--hep-source", source)]
        return (*words, *sources) if words else ()


def serve(data: Path, interfaces: Sequence[str], address: tuple[str, int], user_name: str) -> None:
    """Run the node until a signal. Raises PrivilegeError and InstanceError."""
    user = ready_user(data, user_name)
    with only_instance(data, user):
        server = listen(*address)
        try:
            prepared = prepare(data, user)
            where = f"http://{address[0]}:{server.getsockname()[1]}"
            say("run", f"data in {data}; web on {where}")
            recording = recorder(data, prepared, interfaces, user)
            children = [*recording, programs.worker(), programs.web(server.fileno())]
            Supervisor(children, user, data, where, lambda: recorder(data, prepare(data, user), interfaces, user)).run()
        finally:
            server.close()


def recorder(data: Path, prepared: Prepared, interfaces: Sequence[str], user: ServiceUser | None) -> list[Program]:
    """The recording component, where there is something that it may hear; else one sentence says why not."""
    chosen = tuple(interfaces) or prepared.interfaces
    if why := why_no_capture(chosen, prepared.hep):
        say("recording", why)
        return []
    # Without a supervisor nobody would settle what it hears, and the next one could not start its own.
    words = ("--with-parent", *prepared.listening)
    return [programs.recording(data / "spool" / "live", prepared.node, chosen, user, *words)]


def ready_user(data: Path, name: str) -> ServiceUser | None:
    """The service user, able to read the project and write the data. Raises PrivilegeError."""
    user = service_user(name)
    if user:
        own_data(data, user)
        check_reach(PROJECT, data, user)
    return user


def why_no_capture(interfaces: Sequence[str], hep: Sequence[str] = ()) -> str:
    """The sentence that says why nothing is captured live, or "". To listen for HEP agents needs no right."""
    if not interfaces and hep:
        return ""
    if not interfaces:
        return "No network interface is set, so nothing is captured live; give one with --interface."
    if not may_capture():
        return (
            f"This user may not capture packets, so {', '.join(interfaces)} is not recorded; start as root, or with "
            "the capability CAP_NET_RAW. Capture files can be imported all the same: manage.py import_capture."
        )
    return ""


def prepare(data: Path, user: ServiceUser | None) -> Prepared:
    """Migrate and read the node's facts, as the service user. Raises PrivilegeError."""
    command = [sys.executable, "-B", "-m", "worker.run.prepare"]
    done = run_as(user, command, cwd=PROJECT, timeout=PREPARE_SECONDS, data=data)
    if done.returncode:
        raise PrivilegeError(f"The databases could not be made ready:\n{done.stderr.strip()[-2000:]}")
    facts = json.loads(done.stdout.splitlines()[-1])
    return Prepared(facts["node"], tuple(facts["interfaces"]), tuple(facts["hep"]), tuple(facts["hep_sources"]))
