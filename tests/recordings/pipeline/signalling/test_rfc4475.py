"""The torture messages of RFC 4475, each as the RFC says.

A recorder answers nobody: what a phone must answer with an error is no message for it (REFUSED), or read as far as
it can be told what was meant, since the phones may have done so too.
"""

import pytest

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.write import udp_frame
from recordings.pipeline.signalling.bodies import session
from recordings.pipeline.signalling.engine import Engine
from recordings.pipeline.signalling.parties import party
from recordings.pipeline.signalling.sip import SipError, looks_like_sip, parse
from recordings.pipeline.signalling.tcp import Connections
from recordings.pipeline.spool.journal import Kind, Record, facts_payload, frame_payload
from recordings.pipeline.spool.policy import Policy
from tests.recordings.pipeline.signalling.test_tcp import segment
from tests.samples.rfc4475 import invalid, long, semantic, spacing, valid

ALL = {**valid.MESSAGES, **long.MESSAGES, **invalid.MESSAGES, **spacing.MESSAGES, **semantic.MESSAGES}

# name: (method, status), (From user, tag), (To user, tag), (branch, CSeq), bytes of body
READ: dict[str, tuple[object, ...]] = {
    # 3.1.1 valid: every field must be found
    "wsinv": (("INVITE", 0), ("jdrosen", "98asjd8"), ("vivekg", "1918181833n"), ("390skdjuw", 9), 150),
    "intmeth": (
        ("!interesting-Method0123456789_*+`.%indeed'~", 0),
        ("mundane", "_token~1'+`*%!-."),
        ("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/", ""),
        ("z9hG4bK-.!%66*_+`'~", 139122385),
        0,
    ),
    "esc01": (("INVITE", 0), ("I have spaces", "938"), ("user", ""), ("z9hG4bKkdjuw", 234234), 150),
    "escnull": (
        ("REGISTER", 0), ("null-%00-null", "839923423"), ("null-%00-null", ""), ("z9hG4bKkdjuw", 14398234), 0,
    ),
    "esc02": (("RE%47IST%45R", 0), ("resource", "f232jadfj23"), ("resource", ""), ("z9hG4bK209%fzsnel234", 29344), 0),
    "lwsdisp": (("OPTIONS", 0), ("caller", "323"), ("user", ""), ("z9hG4bKkdjuw", 60), 0),
    "longreq": (
        ("INVITE", 0), ("amazinglylongcallername" * 5, "12" + "982" * 50 + "424"), ("user", ""), ("", 3882340), 150,
    ),
    "dblreq": (("REGISTER", 0), ("j.user", "43251j3j324"), ("j.user", ""), ("z9hG4bKkdjuw23492", 8), 0),
    "semiuri": (("OPTIONS", 0), ("caller", "33242"), ("j_user", ""), ("z9hG4bKkdjuw", 8), 0),
    "transports": (("OPTIONS", 0), ("caller", "323"), ("user", ""), ("z9hG4bKkdjuw", 60), 0),
    "mpart01": (
        ("MESSAGE", 0), ("fluffy", "2fb0dcc9"), ("kumiko", ""),
        ("z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-", 1), 553,
    ),
    "unreason": (("INVITE", 200), ("user", "11141343"), ("user", "2229"), ("z9hG4bK1324923", 35), 154),
    "noreason": (("INVITE", 100), ("user", "39ansfi3"), ("user", "902jndnke3"), ("z9hG4bK2398ndaoe", 35), 0),
    # 3.1.2 invalid, yet it is plain what was meant
    "badinv01": (("INVITE", 0), ("caller", "134161461246"), ("j.user", ""), ("", 8), 152),  # stray separators in Via
    "clerr": (("INVITE", 0), ("caller", "93942939o2"), ("j.user", ""), ("z9hG4bK-39234-23523", 8), 154),
    "ncl": (("INVITE", 0), ("caller", "32394234"), ("j.user", ""), ("z9hG4bKkdjuw", 0), 152),  # Content-Length: -999
    "quotbal": (("INVITE", 0), ("caller", "93334"), ("j.user", ""), ("z9hG4bKkdjuw39234", 8), 152),
    "ltgtruri": (("INVITE", 0), ("caller", "39291"), ("user", ""), ("", 1), 159),
    "lwsruri": (
        ("INVITE", 0), ("caller", "231413434"), ("user", "3xfe-9921883-z9f"), ("z9hG4bKkdjuw2395", 2130706432), 159,
    ),
    "lwsstart": (("INVITE", 0), ("caller", "8814"), ("user", ""), ("z9hG4bKkdjuw3923", 1893884), 150),
    "trws": (("OPTIONS", 0), ("local-resource", "329429089"), ("remote-target", ""), ("z9hG4bK299342093", 238923), 0),
    "escruri": (("INVITE", 0), ("caller", "341518"), ("user", ""), ("z9hG4bKkdjuw", 149209342), 150),
    "baddate": (("INVITE", 0), ("caller", "2234923"), ("user", ""), ("z9hG4bKkdjuw", 1392934), 150),
    "regbadct": (("REGISTER", 0), ("user", "998332"), ("user", ""), ("z9hG4bKkdjuw", 1), 0),
    "badaspec": (("OPTIONS", 0), ("a.g.bell", "433423"), ("t.watson", ""), ("z9hG4bKkdju43234", 3923239), 0),
    "baddn": (("OPTIONS", 0), ("a.g.bell", "43"), ("t.watson", ""), ("z9hG4bKkdjuw", 3923239), 0),
    # 3.2 a branch that is only the magic cookie tells no transaction
    "badbranch": (("OPTIONS", 0), ("caller", "33242"), ("user", ""), ("", 8), 0),
    # 3.3 well formed, refused by phones for what it means
    "unkscm": (("OPTIONS", 0), ("caller", "384"), ("user", ""), ("z9hG4bKkdjuw39234", 3923423), 0),
    "novelsc": (("OPTIONS", 0), ("caller", "384"), ("user", ""), ("z9hG4bKkdjuw39234", 3923423), 0),
    "unksm2": (("REGISTER", 0), ("", "3234233"), ("", ""), ("z9hG4bKkdjuw", 234902), 0),
    "bext01": (("OPTIONS", 0), ("caller", "242etr"), ("j_user", ""), ("z9hG4bKkdjuw", 8), 0),
    "invut": (("INVITE", 0), ("caller", "8392034"), ("j.user", ""), ("z9hG4bKkdjuw", 235448), 40),
    "regaut01": (("REGISTER", 0), ("j.user", "87321hj23128"), ("j.user", ""), ("z9hG4bKkdjuw", 9338), 0),
    "multi01": (("INVITE", 0), ("caller", "3413415"), ("user", ""), ("z9hG4bKkdjuw", 5), 154),  # the first of each
    "mcl01": (("OPTIONS", 0), ("other", "3923942"), ("user", ""), ("z9hG4bK293423", 15932), 13),  # the first counts
    "bcast": (("INVITE", 200), ("user", "11141343"), ("user", "2229"), ("z9hG4bK1324923", 35), 154),
    "zeromf": (("OPTIONS", 0), ("caller", "3ghsd41"), ("user", ""), ("z9hG4bKkdjuw2349i", 39234321), 0),
    "cparam01": (("REGISTER", 0), ("watson", "DkfVgjkrtMwaerKKpe"), ("watson", ""), ("z9hG4bKkdjuw", 2), 0),
    "cparam02": (("REGISTER", 0), ("watson", "838293"), ("watson", ""), ("z9hG4bKkdjuw", 3), 0),
    "regescrt": (("REGISTER", 0), ("user", "8"), ("user", ""), ("z9hG4bKkdjuw", 14398234), 0),
    "sdp01": (("INVITE", 0), ("caller", "234"), ("j_user", ""), ("z9hG4bKkdjuw", 8), 150),
    # 3.4 from a phone of RFC 2543: no branch, no tag
    "inv2543": (("INVITE", 0), ("+13035551111", ""), ("+16505552222", ""), ("", 56), 105),
}  # fmt: skip
_NO_CSEQ = "the SIP message has no CSeq of a number and a method"
_NO_START = "the first line is neither a SIP request nor a SIP response"
_MISMATCH = "the CSeq names another method than the first line"
REFUSED = {
    "scalar02": _NO_CSEQ,  # 3.1.2.4: 400, the CSeq is over 2**32
    "scalarlg": _NO_CSEQ,  # 3.1.2.5: a response to be thrown away
    "badvers": _NO_START,  # 3.1.2.16: 505, SIP/7.0
    "mismatch01": _MISMATCH,  # 3.1.2.17: 400
    "mismatch02": _MISMATCH,  # 3.1.2.18: 501 or 400
    "bigcode": _NO_START,  # 3.1.2.19: a response to be thrown away
    "insuf": "the SIP message has no Call-ID",  # 3.3.1: 400
}
CALLS = {
    "wsinv", "esc01", "longreq", "unreason", "badinv01", "clerr", "ncl", "quotbal", "ltgtruri", "lwsruri", "lwsstart",
    "escruri", "baddate", "invut", "multi01", "bcast", "sdp01", "inv2543",
}  # fmt: skip
WITHOUT_SDP = {"invut"}  # a body of a type that nobody knows


def test_every_message_has_its_line() -> None:
    assert len(ALL) == 49
    assert sorted([*READ, *REFUSED]) == sorted(ALL)


@pytest.mark.parametrize("name", READ)
def test_a_message_is_read(name: str) -> None:
    message = parse(ALL[name])
    sender, receiver = party(message.header("from")), party(message.header("to"))
    found = (message.method, message.status), (sender.user, sender.tag), (receiver.user, receiver.tag)
    assert (*found, message.transaction, len(message.body)) == READ[name]
    assert message.complete == (name != "clerr")


@pytest.mark.parametrize("name", REFUSED)
def test_a_message_is_refused(name: str) -> None:
    with pytest.raises(SipError) as caught:
        parse(ALL[name])
    assert str(caught.value) == REFUSED[name]


@pytest.mark.parametrize("name", ALL)
def test_a_message_begins_a_call_or_does_not(name: str) -> None:
    data = udp_frame("192.0.2.1:5060", "192.0.2.2:5060", ALL[name])
    engine = Engine(Policy(), "node")
    engine.feed(Record(1, Kind.FRAME, 10**18, frame_payload(Frame(10**18, 1, data, len(data)))))
    found = engine.feed(Record(2, Kind.END, 10**18 + 1, facts_payload(packets=1)))
    assert [call.call_ids for call in found] == ([(parse(ALL[name]).call_id,)] if name in CALLS else [])


@pytest.mark.parametrize("name", sorted(CALLS - WITHOUT_SDP))
def test_the_session_of_a_call_is_read(name: str) -> None:
    description = session(parse(ALL[name]))
    assert description is not None
    assert [media.port for media in description.media if media.kind == "audio"] != []


@pytest.mark.parametrize("name", sorted({*valid.MESSAGES, *long.MESSAGES} - {"intmeth", "dblreq", "esc02"}))
def test_a_valid_message_comes_out_of_a_tcp_stream_as_it_is(name: str) -> None:
    stream = b"\r\n\r\n" + ALL[name]
    assert [found for _, found in Connections().feed(segment(0, stream), 1)] == [ALL[name]]


def test_two_requests_behind_each_other_are_two_over_tcp() -> None:
    found = [parse(data) for _, data in Connections().feed(segment(0, ALL["dblreq"]), 1)]
    assert [(message.method, message.sequence) for message in found] == [("REGISTER", 8), ("INVITE", 8)]


def test_all_but_another_version_of_sip_are_known_by_their_first_line() -> None:
    assert [name for name in ALL if not looks_like_sip(ALL[name])] == ["badvers"]
