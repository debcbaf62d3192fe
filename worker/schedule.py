"""All that runs by the clock. Each task names its queue: `node` runs on every machine, `active` on the active one."""

from typing import Any

from apresa.celery import app


def every(seconds: float, task: str, *, queue: str) -> dict[str, Any]:
    """A message that nobody took before the next one comes is of no use."""
    return {"task": f"worker.tasks.{task}", "schedule": seconds, "options": {"queue": queue, "expires": seconds}}


SCHEDULE = {
    "settle": every(1.0, "settle.settle", queue="active"),
    "erase": every(60.0, "settle.erase", queue="active"),
    "active-alive": every(10.0, "cluster.alive", queue="active"),
    "certify": every(3.0, "certify.certify", queue="active"),
    "evidence": every(10.0, "evidence.link", queue="active"),
    "verify": every(4.0, "evidence.verify", queue="active"),
    "cluster-jobs": every(30.0, "upkeep.cluster_jobs", queue="active"),
    "ledger": every(6 * 3600.0, "upkeep.ledger", queue="active"),
    "parties": every(3600.0, "upkeep.parties", queue="active"),
    "policy": every(5.0, "upkeep.policy", queue="node"),
    "audit": every(5.0, "upkeep.ship_audit", queue="node"),
    "copies": every(60.0, "upkeep.copies", queue="node"),
    "licence": every(10.0, "upkeep.licence", queue="node"),
    "room": every(60.0, "upkeep.room", queue="node"),
    "unlock": every(15.0, "upkeep.unlock", queue="node"),
    "offer": every(20.0, "offer.offer", queue="node"),
    "release": every(10.0, "release.release", queue="node"),
    "node-jobs": every(30.0, "upkeep.node_jobs", queue="node"),
    "cluster-look": every(5.0, "cluster.look", queue="node"),
    "cluster-act": every(10.0, "cluster.act", queue="node"),
    "recorder": every(10.0, "cluster.recorder", queue="node"),
    "cluster-set-up": every(3.0, "cluster.set_up", queue="node"),
    "cluster-listen": every(5.0, "cluster.listen", queue="node"),
    "cluster-recover": every(10.0, "cluster.recover", queue="node"),
    "cluster-hand-over": every(30.0, "cluster.hand_over", queue="node"),
    "cluster-heal": every(30.0, "cluster.heal", queue="node"),
    "cluster-sample": every(60.0, "cluster.sample", queue="node"),
    "cluster-test-link": every(10.0, "cluster.test_link", queue="node"),
    "cluster-remind": every(300.0, "cluster.remind", queue="node"),
    "forget": every(600.0, "upkeep.forget", queue="node"),
}
app.conf.beat_schedule = SCHEDULE
