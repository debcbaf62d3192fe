"""The cluster, by itself: a look every few seconds, acts that people asked for, reminders."""

import threading

from celery import shared_task

from apresa.celery import stopping
from cluster.domain import (
    acting,
    guarding,
    handing,
    healing,
    history,
    observing,
    recovering,
    sampling,
    services,
    setup,
    testing_link,
)
from cluster.domain import recorder as restarts
from cluster.helper import runner_here
from cluster.pairing import listening
from cluster.recovery.rejoin import proven
from cluster.types import ClusterView

_looking = threading.Lock()
_setting_up = threading.Lock()
_handing = threading.Lock()


@shared_task(name="worker.tasks.cluster.look", ignore_result=True)
def look() -> None:
    """Ask this node everything, keep it, and tell of what changed; not while a slow look goes on."""
    if _looking.acquire(blocking=False):
        try:
            seen = observing.look(runner_here())
            recovering.tend(seen)
            if isinstance(seen, ClusterView) and proven(seen):
                healing.heal(runner_here())  # each second without a standby counts
        finally:
            _looking.release()


@shared_task(name="worker.tasks.cluster.act", ignore_result=True)
def act() -> None:
    """Do what waits. The ring may be lost, so the clock asks, too."""
    while not stopping() and acting.act_next(runner_here()):
        pass


@shared_task(name="worker.tasks.cluster.recorder", ignore_result=True)
def recorder() -> None:
    """Restart the recording component where somebody asked for it. The ring may be lost, so the clock asks, too."""
    while not stopping() and restarts.restart_next(runner_here()):
        pass


@shared_task(name="worker.tasks.cluster.alive", ignore_result=True)
def alive() -> None:
    """On the queue of the active worker: who looks after this node sees that it works."""
    services.say_alive()


@shared_task(name="worker.tasks.cluster.set_up", ignore_result=True)
def set_up() -> None:
    """Go on with this machine's set-up: begun by a page or command, or by a worker that the set-up itself ended."""
    # A worker that is about to end would be killed in the middle of it, and the next one wait for its lease.
    if not stopping() and _setting_up.acquire(blocking=False):
        try:
            setup.setup_next(runner_here())
        finally:
            _setting_up.release()


@shared_task(name="worker.tasks.cluster.listen", ignore_result=True)
def listen() -> None:
    """Listen for the other node while a page shows a pairing code. The clock misses a listener that died."""
    listening.begin()


@shared_task(name="worker.tasks.cluster.recover", ignore_result=True)
def recover() -> None:
    """Do the recovery that waits; it may take hours, so acts have a task of their own."""
    while not stopping() and recovering.recover_next(runner_here()):
        pass


@shared_task(name="worker.tasks.cluster.hand_over", ignore_result=True)
def hand_over() -> None:
    """Merge, or give to the active node, what only an old database knew. The ring may be lost, so the clock asks."""
    if _handing.acquire(blocking=False):
        try:
            handing.hand_on()
        finally:
            _handing.release()


@shared_task(name="worker.tasks.cluster.heal", ignore_result=True)
def heal() -> None:
    """Mend what may be mended without anybody."""
    healing.heal(runner_here())


@shared_task(name="worker.tasks.cluster.sample", ignore_result=True)
def sample() -> None:
    """Keep how the cluster does."""
    sampling.take_sample()


@shared_task(name="worker.tasks.cluster.test_link", ignore_result=True)
def test_link() -> None:
    """Test the link where somebody asked for it. The ring may be lost, so the clock asks, too."""
    while not stopping() and testing_link.do_next_test():
        pass


@shared_task(name="worker.tasks.cluster.remind", ignore_result=True)
def remind() -> None:
    """Tell again of what has been open for long, and of starts against the check."""
    guarding.tell_used()
    history.remind()
