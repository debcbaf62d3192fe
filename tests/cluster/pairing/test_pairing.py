"""Two machines on loopback, each with its own folder, that know nothing of each other."""

import socket
import stat
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cluster.pairing import certificates, code, link, messages, secondary
from cluster.pairing.code import Code
from cluster.pairing.primary import Self
from cluster.pairing.secondary import PairingError, Primary
from cluster.pairing.store import SECRETS, Peer
from cluster.setup import kept
from tests.cluster.pairing.houses import FIRST, HERE, SECOND, SECRET_KEY, Guest, House
from tests.samples.cluster.set_up import GOOD


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "first")


@pytest.fixture
def guest(tmp_path: Path) -> Guest:
    return Guest(tmp_path / "second")


def refused(guest: Guest, house: House, port: int, shown: Code | None = None) -> str:
    with pytest.raises(PairingError) as caught:
        guest.join(house, port, shown)
    return str(caught.value)


def test_two_machines_pair_and_know_each_other(house: House, guest: Guest) -> None:
    with house.listening() as port:
        found = guest.join(house, port)
    assert found == guest.store.peer() == Peer(str(FIRST.node), "myrec1", HERE)
    assert house.store.peer() == Peer(str(SECOND.node), "myrec2", HERE)
    assert [(event.what, event.name) for event in house.events] == [("granted", "myrec2"), ("paired", "myrec2")]


def test_secrets_cross_whole_into_files_that_only_their_owner_reads(house: House, guest: Guest) -> None:
    with house.listening() as port:
        guest.join(house, port)
    assert guest.store.secrets() == house.store.secrets()
    assert guest.secret_key == SECRET_KEY
    for store in (house.store, guest.store):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.folder.iterdir() if path.name != "lock"}
        assert set(modes.values()) == {0o600}
        assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
        assert set(SECRETS) <= set(modes)
    assert house.store.read("node.key") != guest.store.read("node.key")


def test_answers_of_the_set_up_cross_with_the_secrets(house: House, guest: Guest) -> None:
    house.crossing["answers.json"] = kept.as_bytes(GOOD).decode()
    with house.listening() as port:
        guest.join(house, port)
    assert guest.store.answers() == GOOD


def test_answers_that_cannot_be_read_stop_the_pairing_before_anything_is_kept(house: House, guest: Guest) -> None:
    house.crossing["answers.json"] = "{}"
    with house.listening() as port:
        said = refused(guest, house, port)
    assert said == "The answers of the set-up are of another release; answer the set-up screen again."
    assert not guest.store.has("node.pem")
    assert guest.secret_key == ""


def test_a_library_that_is_no_number_stops_the_pairing(house: House, guest: Guest) -> None:
    house.crossing["library"] = "../../etc/passwd"
    with house.listening() as port:
        said = refused(guest, house, port)
    assert said == "The primary names its library by no number; is it of the same release?"
    assert not guest.store.has("library")


def test_wrong_code_is_refused_with_a_delay(house: House, guest: Guest) -> None:
    wrong = replace(house.code, secret=b"000000")
    with house.listening() as port:
        sentences = [refused(guest, house, port, wrong), refused(guest, house, port)]
        house.now += 2.0
        guest.join(house, port)
    assert sentences == [
        "The code is wrong; compare it with the primary's screen.",
        "A wrong code came before; try again in 2 seconds.",
    ]
    assert [event.what for event in house.events] == ["refused", "refused", "granted", "paired"]


def test_five_wrong_codes_void_the_offer(house: House, guest: Guest) -> None:
    wrong = replace(house.code, secret=b"000000")
    with house.listening() as port:
        for _ in range(5):
            said = refused(guest, house, port, wrong)
            house.now += 100.0
    assert said == "The code was wrong too often and is void; make a new one on the primary."
    assert house.store.offer() is None


def test_stale_code_is_refused(house: House, guest: Guest) -> None:
    old = house.code
    house.now += 20 * 60
    house.new_code()
    with house.listening() as port:
        assert refused(guest, house, port, old) == "The code is wrong; compare it with the primary's screen."


def test_machine_that_did_not_show_the_code_hears_not_a_word(house: House, guest: Guest, tmp_path: Path) -> None:
    stranger = House(tmp_path / "stranger")
    with stranger.listening() as port:
        said = refused(guest, house, port)
    assert said.startswith(f"The machine at {HERE} is not the one that showed this code")
    assert [event.reason for event in stranger.events if event.what == "granted"] == []
    assert stranger.store.offer() == replace(stranger.store.offer() or pytest.fail("no offer"), failures=0)


def test_proof_made_for_another_connection_is_worth_nothing(house: House, guest: Guest, tmp_path: Path) -> None:
    # A man in the middle who even knew the proof for his own certificate cannot use it here.
    stranger = House(tmp_path / "stranger")
    own = certificates.der(stranger.store.read("node.pem"))
    request = certificates.request(certificates.new_key(), SECOND.node).decode()
    question = {"release": "0.1.0", "time": house.now, "node": str(SECOND.node), "name": "m", "request": request}
    proof = messages.proof(house.code.secret, own, request)
    with house.listening() as port, socket.create_connection((HERE, port)) as plain:
        connection = link.pinning_context().wrap_socket(plain)
        connection.sendall(messages.frame({**question, "proof": proof}))
        answer = messages.read(connection.recv)
        connection.close()
    assert answer == {"no": "The code is wrong; compare it with the primary's screen.", "wait": 2.0}


def test_used_code_is_refused_to_a_third_machine(house: House, guest: Guest, tmp_path: Path) -> None:
    third = Guest(tmp_path / "third", Self(uuid.UUID(int=3), "myrec3", "0.1.0"))
    guest.store.prepare()
    with house.listening() as port:
        secondary._ask(guest.store, SECOND, Primary(HERE, port, house.code), house.now)
        said = refused(third, house, port)
    assert said == "This code was used by another machine; make a new one on the primary."
    assert sorted(path.name for path in third.store.folder.iterdir()) == ["node.key", "request.pem"]


def test_killed_before_anything_was_stored_the_same_code_goes_on(house: House, guest: Guest) -> None:
    guest.store.prepare()
    with house.listening() as port:
        secondary._ask(guest.store, SECOND, Primary(HERE, port, house.code), house.now)
        guest.join(house, port)
    assert [event.what for event in house.events] == ["granted", "granted", "paired"]


def test_killed_before_the_confirmation_even_a_later_code_goes_on(house: House, guest: Guest) -> None:
    guest.store.prepare()
    with house.listening() as port:
        where = Primary(HERE, port, house.code)
        secondary._keep(guest.store, secondary._ask(guest.store, SECOND, where, house.now), guest._keep)
    certificate = guest.store.read("node.pem")
    house.now += 3600
    house.new_code()
    with house.listening() as port:
        guest.join(house, port)
    assert (guest.store.read("node.pem"), house.events[-1].what) == (certificate, "paired")


def test_left_over_of_another_cluster_is_replaced(house: House, guest: Guest, tmp_path: Path) -> None:
    other = House(tmp_path / "other")
    guest.store.prepare()
    with other.listening() as port:
        where = Primary(HERE, port, other.code)
        secondary._keep(guest.store, secondary._ask(guest.store, SECOND, where, other.now), guest._keep)
    with house.listening() as port:
        guest.join(house, port)
    assert guest.store.read("authority.pem") == house.store.read("authority.pem")


def test_other_release_is_refused_and_the_code_stays_good(house: House, guest: Guest) -> None:
    guest.me = replace(SECOND, release="0.2.0")
    with house.listening() as port:
        said = refused(guest, house, port)
        guest.me = SECOND
        guest.join(house, port)
    assert said == "The secondary has release '0.2.0' and the primary '0.1.0'; install the same on both."


def test_clock_minutes_off_is_refused(house: House, guest: Guest) -> None:
    where = house.now
    with house.listening() as port, pytest.raises(PairingError, match="differ by 300 seconds; set both by NTP"):
        secondary.join(guest.store, SECOND, Primary(HERE, port, house.code), guest._keep, lambda: where + 300)


def test_copy_of_the_primarys_disk_is_refused(house: House, guest: Guest) -> None:
    guest.me = FIRST
    with house.listening() as port:
        refused(guest, house, port)
    assert house.events[-1].reason == "Both machines have the same number; is one a copy of the other's disk?"


def test_paired_machine_refuses_to_pair_again(house: House, guest: Guest) -> None:
    with house.listening() as port:
        guest.join(house, port)
    assert refused(guest, house, 1) == f"This machine is already paired with myrec1 ({HERE})."


def test_nobody_at_the_address_is_one_sentence(house: House, guest: Guest) -> None:
    with socket.create_server((HERE, 0)) as taken:
        port = taken.getsockname()[1]
    assert refused(guest, house, port) == f"Pairing with {HERE} failed: Connection refused."


def test_caller_without_a_certificate_cannot_say_that_it_is_paired(house: House) -> None:
    with house.listening() as port, socket.create_connection((HERE, port)) as plain:
        connection = link.pinning_context().wrap_socket(plain)
        connection.sendall(messages.frame({"paired": "me"}))
        said = connection.recv(100)
        connection.close()
    assert (said, house.store.peer()) == (b"", None)


def test_server_survives_whatever_callers_send(house: House, guest: Guest) -> None:
    with house.listening() as port:
        for data in (b"", b"GET / HTTP/1.1\r\n\r\n", bytes(300)):
            with socket.create_connection((HERE, port)) as plain:
                plain.sendall(data)
        guest.join(house, port)
    assert house.events[-1].what == "paired"


def test_code_of_a_new_offer_replaces_the_old_one(house: House) -> None:
    old, new = house.code, house.new_code()
    kept = house.store.offer()
    assert kept is not None
    assert (kept.secret == new.secret, kept.secret == old.secret, code.parse(str(new)) == new) == (True, False, True)


def test_node_certificate_is_valid_from_yesterday_on(house: House) -> None:
    house.store.begin_cluster(FIRST.node, datetime.fromtimestamp(house.now, UTC))
    assert house.code.fits(certificates.der(house.store.read("node.pem")))
