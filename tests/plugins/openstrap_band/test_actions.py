"""What a person can tell a band, over bleak, to a virtual one."""

import openfit_openstrap_band as plugin
import pytest
from openfit_openstrap_band.radio import actions, watching
from openfit_sdk import (
    AuthState,
    NoCredentials,
    Pairing,
    PermanentError,
    ReauthRequired,
    Refresh,
    TransientError,
    read_manifest,
)
from plugins.openstrap_band.air import NOW, band_with, in_reach
from plugins.openstrap_band.on_air import ADDRESS, OnAir
from plugins.openstrap_band.virtual_band import Band

STATE = AuthState(account_id="4A0123456", extra={"address": ADDRESS})


def act(action, state=STATE, consent=False, **arguments):
    return list(plugin.act(action, arguments, state, consent, NOW))


def last(action, *given, **arguments):
    return act(action, *given, **arguments)[-1]


@pytest.mark.parametrize("generation", [4, 5])
def test_pairing_learns_who_the_band_is(monkeypatch, generation):
    with in_reach(monkeypatch, band_with(1, generation=generation)):
        state = plugin.authenticate(Pairing(address=ADDRESS))
    assert state.account_id == "4A0123456"
    assert (state.extra["address"], state.extra["generation"]) == (ADDRESS, generation)


def test_other_credentials_are_no_bands():
    assert plugin.authenticate(NoCredentials()) == AuthState()
    assert plugin.authenticate(Refresh(state=STATE)) == STATE


def test_pairing_finds_the_only_band_by_itself(monkeypatch):
    with in_reach(monkeypatch, band_with(1)):
        paired = last("pair", AuthState())
    assert paired.auth_state.extra["name"] == "Somebody's band"
    assert paired.auth_state.account_id == "4A0123456"


def test_pairing_asks_which_of_several(monkeypatch):
    other = OnAir(Band([]), address="C0:01:02:03:04:06", name="Mine")
    with (
        in_reach(monkeypatch, band_with(1), other),
        pytest.raises(PermanentError, match="say which. In reach: .*Mine"),
    ):
        act("pair", AuthState())


def test_pairing_with_nobody_there_says_how(monkeypatch):
    with in_reach(monkeypatch), pytest.raises(TransientError, match="off the wrist, tap it twice"):
        act("pair", AuthState())


def test_scanning_lists_bands_with_how_near_they_are(monkeypatch):
    with in_reach(monkeypatch, band_with(1)):
        found = last("scan", AuthState(), seconds=0.8)
    assert found.values == {"bands": [{"address": ADDRESS, "name": "WHOOP 4A0123456", "rssi": -50}]}
    assert ADDRESS in found.message


def test_fetching_now_stores_before_it_acknowledges(monkeypatch):
    with in_reach(monkeypatch, band_with(12, burst=6)) as shown:
        records, stored, steps = list(shown.band.flash), 0, []
        for step in plugin.act("sync", {}, STATE, False, NOW):
            stored += sum(len(one.pieces.sizes) for one in step.items if one.kind == "frames")
            assert len(shown.band.trimmed) <= stored
            steps.append(step)
    assert shown.band.trimmed == records and stored == 12
    assert steps[-1].values["records"] == 12 and steps[-1].done == 1


def test_info_says_what_the_band_says_and_no_more(monkeypatch):
    with in_reach(monkeypatch, band_with(5)):
        values = last("info").values
    assert (values["battery"], values["serial"], values["generation"]) == (73.5, "4A0123456", 4)
    assert values["clock_set"] and abs(values["clock_ahead_seconds"]) < 2
    assert values["newest"] - values["oldest"] == 4
    assert None not in values.values()


def test_doctor_tells_what_is_heard_and_not_whose_band_it_is(monkeypatch):
    with in_reach(monkeypatch, band_with(5)):
        step = last("doctor", seconds=1)
    values = step.values
    assert step.message == "Nothing is wrong with it."
    assert (values["battery"], values["damaged"], values["resynced"]) == (73.5, 0, 0)
    assert values["heard"]["kind"] == "band_frames" and values["heard"]["crc_failures"] == 0
    assert "4A0123456" not in str(values)


def test_doctor_says_what_to_see_to_first():
    heard = {"heard": {"undecodable": [{"hex": "2f63"}]}, "damaged": 2, "resynced": 0}
    said = actions.verdict({"clock_set": False, **heard})
    assert said.startswith("Its clock is not set") and "nearer" in said and "share" in said


def test_live_shows_beats_until_it_is_stopped_and_leaves_nothing_on(monkeypatch):
    with in_reach(monkeypatch, OnAir(band_with(1), speed=20)) as shown:
        steps = plugin.act("live", {}, STATE, False, NOW)
        seen = {}
        for step in steps:
            seen |= step.values
            if {"heart_rate", "battery"} <= seen.keys():
                break
        assert 0x03 in shown.band.live
        steps.close()
        assert shown.band.live == set()
    assert seen["heart_rate"] == 61 and seen["rr_interval"] == [980]
    assert (seen["wear"], seen["battery"]) == (100, 73.5)
    assert 0x17 not in {told.opcode for told in shown.band.told}, "live acknowledges nothing"


def test_live_says_when_the_band_leaves(monkeypatch):
    shown = OnAir(band_with(1), speed=20, drop_after=40)
    with in_reach(monkeypatch, shown), pytest.raises(TransientError, match="out of reach"):
        act("live")


def test_what_was_not_measured_is_not_shown():
    from openfit_openstrap_band.reading.live import decode
    from support import band as frames

    values = watching.second(decode(frames.live(heart_rate=0, worn=7)))
    assert values == {"time": frames.START}


@pytest.mark.parametrize("generation", [4, 5])
def test_an_alarm_is_set_confirmed_shown_and_switched_off(monkeypatch, generation):
    at = NOW.replace(microsecond=0).timestamp() + 3600
    when = NOW.fromtimestamp(at, NOW.tzinfo).isoformat()
    with in_reach(monkeypatch, band_with(1, generation=generation)) as shown:
        assert last("alarm", do="set", at=when).values == {"alarm": when}
        assert abs(shown.band.alarm[0] - at) < 2
        assert shown.band.alarm[1].hex() == "2f98" + "00" * 8 + "071e"
        assert last("alarm").values["alarm"] is not None
        assert last("alarm", do="off").values == {"alarm": None}
        assert shown.band.alarm is None and last("alarm").values == {"alarm": None}
    assert shown.band.refused == []


def test_an_alarm_rings_on_time_although_the_bands_clock_lags(monkeypatch):
    lag = 90.0
    band = band_with(1, clock=NOW.timestamp() - lag)
    with in_reach(monkeypatch, band) as shown:
        when = NOW.fromtimestamp(NOW.timestamp() + 3600, NOW.tzinfo).isoformat()
        act("alarm", do="set", at=when)
        assert shown.band.alarm[0] == pytest.approx(NOW.timestamp() + 3600 - lag, abs=2)


def test_an_alarm_on_a_band_without_a_clock_sets_the_clock_first(monkeypatch):
    with in_reach(monkeypatch, band_with(1, clock=31_000_000)) as shown:
        when = NOW.fromtimestamp(NOW.timestamp() + 3600, NOW.tzinfo).isoformat()
        act("alarm", do="set", at=when)
        assert abs(shown.band.rtc() - NOW.timestamp()) < 10
        assert shown.band.alarm[0] == pytest.approx(NOW.timestamp() + 3600, abs=2)


def test_an_alarm_in_the_past_or_without_a_time_is_refused(monkeypatch):
    with in_reach(monkeypatch, band_with(1)) as shown:
        with pytest.raises(PermanentError, match="is over"):
            act("alarm", do="set", at=NOW.replace(year=2020).isoformat())
        with pytest.raises(PermanentError, match="needs the time"):
            act("alarm", do="set")
    assert 0x42 not in {told.opcode for told in shown.band.told}


@pytest.mark.parametrize("generation", [4, 5])
def test_the_band_buzzes_when_it_is_told(monkeypatch, generation):
    with in_reach(monkeypatch, band_with(1, generation=generation)) as shown:
        act("buzz", pattern=2)
    assert len(shown.band.buzzed) == 1 and shown.band.refused == []


def test_a_connection_without_a_band_cannot_be_told_anything():
    for action in ("live", "alarm", "buzz", "info", "sync"):
        with pytest.raises(ReauthRequired, match="Pair one"):
            act(action, AuthState())


DANGEROUS = {
    "trim": "19",
    "reboot": "1d",
    "firmware": "24",
    "firmware update": "2d",
    "ship": "37 01",
}


@pytest.mark.parametrize("command", DANGEROUS.values(), ids=DANGEROUS)
def test_what_erases_or_bricks_is_not_sent_even_with_consent(monkeypatch, command):
    with (
        in_reach(monkeypatch, band_with(1)) as shown,
        pytest.raises(PermanentError, match="never sent. Nothing was sent"),
    ):
        act("send", consent=True, command=command)
    assert shown.band.told == [] and shown.band.trimmed == []


def test_a_command_of_ones_own_wants_consent(monkeypatch):
    with in_reach(monkeypatch, band_with(1)) as shown:
        with pytest.raises(PermanentError, match="--i-understand"):
            act("send", command="1a")
        assert shown.band.told == [] and shown.peripheral.links == 0
        assert last("send", consent=True, command="1a").values == {"status": 1}
        with pytest.raises(PermanentError, match="hex digits"):
            act("send", consent=True, command="reboot")


def test_every_action_of_the_manifest_is_there_and_no_other():
    from openfit_openstrap_band.radio.actions import ACTIONS

    manifest = read_manifest("openfit_openstrap_band")
    assert {*manifest.actions} == {*ACTIONS}
    assert [name for name, one in manifest.actions.items() if one.danger] == ["send"]
    assert "poll" in manifest.sync_modes, "a schedule calls sync, which asks for no consent"
