"""What the drills measured, and whether the product said of each state what it is."""

import json
import time
from dataclasses import dataclass, field

from tests.lab.cluster.node import Node
from tests.lab.cluster.place import LabError
from tests.lab.cluster.status import cluster_status

PATIENCE = 60.0  # seconds until the product's words must fit the state


@dataclass(slots=True)
class Report:
    rows: list[tuple[str, str, float]] = field(default_factory=list)
    counts: list[tuple[str, str, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    drill: str = ""

    def begin(self, name: str, what: str) -> None:
        self.drill = name
        print(f"== {name}: {what}", flush=True)

    def row(self, what: str, seconds: float) -> None:
        self.rows.append((self.drill, what, seconds))
        print(f"   {what}: {seconds:.1f} s", flush=True)

    def count(self, what: str, number: int) -> None:
        self.counts.append((self.drill, what, number))
        print(f"   {what}: {number}", flush=True)

    def failed(self, why: str) -> None:
        self.faults.append(f"{self.drill}: {why.splitlines()[0]}")
        print(f"   FAILED: {why}", flush=True)

    def told(
        self,
        node: Node,
        codes: set[str],
        *,
        also: Node | None = None,
        together: set[str] | None = None,
        good: bool = False,
    ) -> None:
        """`cluster_status` on the node must have these findings, or be good; `together`, with the other's report.

        Pacemaker and the agents need some seconds to see what happened, so it is asked again until it fits.
        """
        self._until(node, codes, "", good=good)
        if also is not None:
            self._until(also, set(), "", good=good)
        if also is not None and together:
            self._until(node, together, cluster_status(also, "--report")[1], good=False)

    def _until(self, node: Node, codes: set[str], peer: str, *, good: bool) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            code, text = cluster_status(node, "--json", *(["--peer", "-"] if peer else []), report=peer)
            try:
                said = json.loads(text)
            except ValueError:
                raise LabError(f"{node.name}: cluster_status ended with exit code {code}: {text[-500:]}") from None
            found = {one["code"] for one in said["findings"] if one["level"] != "ok"}
            fits = code == 0 and said["ready"] if good else codes <= found
            if fits or time.monotonic() > end:
                break
        print(f"   {node.name} says ({code}): {said['sentence']}\n      {', '.join(sorted(found)) or 'nothing else'}")
        if not fits:
            self.failed(f"{node.name} does not say {', '.join(sorted(codes - found)) or 'that all is good'}")

    def table(self) -> str:
        lines = [f"{name:<12} {what:<44} {seconds:>7.1f} s" for name, what, seconds in self.rows]
        lines += [f"{name:<12} {what:<44} {number:>7}" for name, what, number in self.counts]
        return "\n".join(["", *lines, *(f"FAILED {fault}" for fault in self.faults)])

    def exit_code(self) -> int:
        return 1 if self.faults else 0
