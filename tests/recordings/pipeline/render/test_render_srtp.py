"""Sealed streams with the keys that signalling told, to recordings."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.recordings.pipeline.render.test_render import caller, recorded
from tests.samples.srtp import Phone
from tests.samples.streams import source


@pytest.mark.parametrize("suite", ["AES_CM_128_HMAC_SHA1_80", "AEAD_AES_256_GCM"])
def test_srtp_whose_keys_signalling_told_sounds_as_it_would_in_clear(tmp_path: Path, suite: str) -> None:
    phone, other = Phone(suite, 1), Phone(suite, 2)
    sealed = [(time_ns, phone.seal(packet)) for time_ns, packet in caller()]
    sources = []
    for name, packets, keys in (("clear", caller(), ()), ("sealed", sealed, (other.line, phone.line))):
        one = source(tmp_path, name, packets)
        sources.append(replace(one, binding=replace(one.binding, encrypted=bool(keys), keys=keys)))
    clear, opened = (recorded(tmp_path, item) for item in sources)
    assert (opened.sha256, opened.streams[0].encrypted, opened.warnings) == (clear.sha256, False, ())


def test_srtp_with_a_key_that_is_not_its_own_stays_silent(tmp_path: Path) -> None:
    sealed = [(time_ns, Phone("AES_CM_128_HMAC_SHA1_80", 1).seal(packet)) for time_ns, packet in caller()]
    one = source(tmp_path, "s1", sealed)
    keys = (Phone("AES_CM_128_HMAC_SHA1_80", 2).line,)
    result = recorded(tmp_path, replace(one, binding=replace(one.binding, encrypted=True, keys=keys)))
    assert (result.audio, result.why_no_audio) == (None, "encrypted (SRTP); no key")


def test_packets_that_do_not_open_are_counted(tmp_path: Path) -> None:
    phone = Phone("AES_CM_128_HMAC_SHA1_80", 1)
    sealed = [(at, phone.seal(packet)) for at, packet in caller()]
    sealed[3] = sealed[3][0], sealed[3][1][:-1] + b"?!"[:1]
    sealed[9] = sealed[9][0], sealed[9][1][:100]
    one = source(tmp_path, "s1", sealed)
    result = recorded(tmp_path, replace(one, binding=replace(one.binding, encrypted=True, keys=(phone.line,))))
    assert result.warnings == ("2 packets did not open with the keys of the call, and are left out",)
    assert result.streams[0].lost == 2
