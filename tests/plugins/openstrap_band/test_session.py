"""The sync conversation, against a virtual band, without a radio."""

import contextlib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openfit_openstrap_band.radio.talk import NotBonded, Trouble
from plugins.openstrap_band.talking import Hub, Link
from plugins.openstrap_band.virtual_band import Band, Dropped
from support import band as frames

WALL = float(frames.START + 600)
HOUR = 3600.0
# All that a sync may ever say: to the clock, to the history, and to introduce itself.
MAY_SAY = {0x01, 0x0A, 0x0B, 0x14, 0x16, 0x17, 0x1A, 0x22, 0x23, 0x43, 0x4C, 0x91}


def seconds(count: int, start: int = frames.START) -> list[bytes]:
    return [frames.second(start + n, 60 + n % 40, counter=n + 1) for n in range(count)]


def band_with(count: int = 20, **given) -> Band:
    return Band(seconds(count), clock=given.pop("clock", WALL), **given)


def watched(band: Band, hub: Hub) -> Hub:
    """The band complains the moment it is told to trim what the hub does not hold."""

    def check(records: list[bytes]) -> None:
        assert set(records) <= hub.held, "told to trim what is not stored"

    band.watch = check
    return hub


def sync(band: Band, hub: Hub | None = None, *, timing=None, **given):
    hub = watched(band, hub or Hub())
    link = Link(band, hub, given.pop("wall", WALL), **given)
    try:
        return link.run(**({"timing": timing} if timing else {})), hub, link
    except Trouble as trouble:
        hub.memory = hub.memory if trouble.memory is None else trouble.memory
        raise


def records_of(hub: Hub) -> list[bytes]:
    return [one for one in hub.stored if one[0] == 0x2F]


def opcodes(band: Band) -> list[int]:
    return [told.opcode for told in band.told]


def events(count: int):
    """That many events between the records of every burst."""

    def beside(burst: int) -> list[tuple[str, bytes]]:
        return [
            ("events", frames.framed(frames.event(9, frames.START + burst * 100 + n, seq=n)))
            for n in range(count)
        ]

    return beside


# All is well -------------------------------------------------------------------------------------


@pytest.mark.parametrize("generation", [4, 5])
def test_all_that_the_band_has_is_stored_and_then_trimmed(generation):
    band = band_with(20, generation=generation)
    records = list(band.flash)
    outcome, hub, _ = sync(band)
    assert records_of(hub) == records
    assert (band.trimmed, band.flash, band.refused) == (records, [], [])
    assert (outcome.bursts, outcome.packets, outcome.newest) == (3, 20, frames.START + 19)


def test_an_empty_band_is_left_alone():
    outcome, hub, _ = sync(band := band_with(0))
    assert (outcome.bursts, outcome.packets, records_of(hub), band.acknowledged) == (0, 0, [], [])


def test_a_session_opens_as_the_vendors_does_and_says_nothing_dangerous():
    _, _, _ = sync(band := band_with(9))
    assert opcodes(band) == [0x0B, 0x0A, 0x0B, 0x23, 0x4C, 0x22, 0x43, 0x16, 0x17, 0x17]
    numbers = [told.seq for told in band.told]
    assert numbers == [0xA0, 0xA1, 0xA2, 0, 1, 2, 3, 4, 5, 6]
    assert set(opcodes(band)) <= MAY_SAY


def test_acknowledgements_have_numbers_of_their_own_that_come_round():
    sync(band := band_with(260, burst=1))
    numbers = [told.seq for told in band.told if told.opcode == 0x17]
    assert numbers == [*range(5, 256), *range(5, 14)]


def test_a_token_is_given_back_byte_for_byte():
    band = band_with(3, trim=0xAA00_FF00, wraps=0x00AA_00AA)
    sync(band)
    [result] = [told.body for told in band.told if told.opcode == 0x17]
    assert result[:9].hex() == "01" + "03ff00aa" + "aa00aa00"


def test_events_among_the_records_are_stored_with_them_and_counted():
    outcome, hub, _ = sync(band_with(8, beside=events(5)))
    assert sum(one[0] == 0x30 and one[2] == 9 for one in hub.stored) == 5
    assert outcome.noted == ()


def test_what_cannot_be_read_is_stored_before_it_is_trimmed():
    strange = [bytes([0x2F, 99]) + bytes(range(2, 96)), b"\x2f\x18" + bytes(22)]
    band = Band([*seconds(3), *strange], clock=WALL)
    _, hub, _ = sync(band)
    assert records_of(hub)[-2:] == strange


def writing_on() -> Band:
    """Five records more appear while it is read, an hour and a half later."""
    later = frames.START + 5000
    return band_with(5, written=[seconds(5, later)], clock=WALL + 5000, newest=later + 4)


def test_more_that_the_band_writes_meanwhile_is_fetched_at_once():
    outcome, hub, _ = sync(band := writing_on(), wall=WALL + 5000)
    assert outcome.newest == frames.START + 5004
    assert (len(records_of(hub)), opcodes(band).count(0x16)) == (10, 2)


def test_two_requests_for_history_are_five_seconds_apart():
    band = writing_on()
    _, _, link = sync(band, wall=WALL + 5000)
    first, second = [told.at for told in band.told if told.opcode == 0x16]
    assert second - first >= 5


# Acknowledging -----------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2])
def test_a_write_that_is_not_confirmed_is_tried_three_times(times):
    plain = band_with(5)
    _, _, link = sync(plain)
    acknowledging = link.writes
    band = band_with(5)
    failing = range(acknowledging, acknowledging + times)
    sync(band, fails=lambda nth: nth in failing)
    assert len(band.trimmed) == 5


def test_a_band_that_never_hears_the_acknowledgement_keeps_its_records():
    band = band_with(5)
    with pytest.raises(Trouble, match="stored. They are"):
        sync(band, hub := Hub(), fails=lambda nth: nth >= 9)
    assert len(records_of(hub)) == 5 and band.trimmed == []


def test_a_burst_that_comes_again_although_it_was_acknowledged_is_said_so():
    band, hub = band_with(5, stuck=True), Hub()
    with pytest.raises(Trouble, match="same burst again, 6 times"):
        sync(band, hub)
    assert band.trimmed == [] and len(records_of(hub)) == 5


def test_repeats_are_counted_across_links():
    band, hub = band_with(5), Hub()
    band.silent_after = None
    for _ in range(6):
        with pytest.raises(Trouble, match="stored. They are"):
            sync(band, hub, fails=lambda nth: nth >= 9)
    with pytest.raises(Trouble, match="same burst again"):
        sync(band, hub)
    assert sync(band, hub)[0].bursts == 1, "after the warning it is tried again from the start"


@pytest.mark.parametrize("generation", [4, 5])
@pytest.mark.parametrize("takes", [2.0, 3.0, 9.0])
def test_a_band_that_repeats_itself_while_the_hub_stores_gets_no_old_token(generation, takes):
    """What it sent again before it was acknowledged is no new burst."""
    band = band_with(12, generation=generation, burst=4)
    records = list(band.flash)
    _, hub, _ = sync(band, commit_takes=takes)
    assert (band.trimmed, band.refused) == (records, [])
    assert len(band.acknowledged) == 3 and sorted(records_of(hub)) == sorted(records)


# Packets that go missing -------------------------------------------------------------------------


@pytest.mark.parametrize("generation", [4, 5])
@pytest.mark.parametrize("nth", range(1, 45))
def test_whichever_notification_is_lost_nothing_is(generation, nth):
    """A lost record makes its burst come short, and it is asked for again."""
    band = band_with(12, generation=generation, burst=5, lose=lambda n, _: n == nth)
    records = list(band.flash)
    outcome, hub, link = sync(band)
    assert sorted(records_of(hub)) == sorted(records)
    assert (band.trimmed, band.flash) == (records, [])


def test_a_gen4_band_that_counts_otherwise_is_asked_three_times_and_then_believed():
    """Of one burst; the others come short by as many and are believed at once."""
    band = band_with(20, short=2)
    outcome, hub, _ = sync(band)
    failed = [told for told in band.told if told.opcode == 0x17 and told.body[0] == 0]
    assert (len(failed), len(band.trimmed), len(outcome.noted)) == (2, 20, 1)
    assert outcome.packets == 20, "a burst that came three times counts once"


def test_a_record_that_is_lost_beside_such_a_count_is_still_missed():
    """The same record twice, in the second burst, of a band that announces one too many."""
    band = band_with(16, short=1)
    lost = []

    def lose(nth, frame):
        again = frame[4] == 0x2F and frame[11] == (frames.START + 9) & 0xFF and len(lost) < 2
        return again and not lost.append(nth)

    band.lose = lose
    records = list(band.flash)
    _, hub, _ = sync(band)
    assert len(lost) == 2 and band.trimmed == records and set(records) <= hub.held


def test_a_gen5_band_that_comes_two_short_is_believed_at_the_fourth_time():
    band = band_with(6, short=2, generation=5)
    sync(band)
    failed = [told for told in band.told if told.opcode == 0x17 and told.body[0] == 0]
    assert (len(failed), len(band.trimmed)) == (3, 6)


def test_a_gen5_band_that_comes_far_too_short_is_left_alone_for_two_minutes():
    band, hub = band_with(6, short=9, generation=5), Hub()
    with pytest.raises(Trouble, match="announces more than it sends") as caught:
        sync(band, hub)
    assert (band.trimmed, caught.value.wait) == ([], 120)
    assert len(records_of(hub)) == 6, "what came is stored all the same"


def test_a_record_that_comes_twice_does_not_stand_for_one_that_is_missing():
    """The end of one sending and the beginning of the next are lost, and a record of each."""
    band = band_with(4, burst=4)

    def lose(nth: int, frame: bytes) -> bool:
        marker = frame[6] if frame[4] == 0x31 else None
        first_end = marker == 2 and band.bursts == 1
        second_start = marker == 1 and band.bursts == 2
        second_record = frame[4] == 0x2F and frame[7] == 2 and band.bursts <= 2
        return first_end or second_start or second_record

    band.lose = lose
    records = list(band.flash)
    _, hub, _ = sync(band)
    assert band.trimmed == records and set(records) <= hub.held and band.bursts == 3


def test_a_damaged_record_makes_its_burst_come_again():
    band = band_with(6)
    answer = band.write
    broken = []

    def once(raw):
        found = answer(raw)
        for at, (role, frame) in enumerate(found):
            if not broken and frame[4] == 0x2F:
                broken.append(frame)
                found[at] = (role, frame[:50] + bytes([frame[50] ^ 1]) + frame[51:])
        return found

    band.write = once
    records = list(band.flash)
    _, hub, _ = sync(band)
    assert set(records) <= hub.held and band.trimmed == records
    assert opcodes(band).count(0x17) == 2


def test_a_band_that_falls_silent_is_asked_again_and_then_left():
    band, hub = band_with(20, silent_after=25), Hub()
    with pytest.raises(Trouble, match="fell silent 4 times"):
        sync(band, hub)
    assert opcodes(band).count(0x14) == 3
    band.silent_after = None
    sync(band, hub)
    assert len(band.trimmed) == 20 and len(records_of(hub)) == 20


# Clocks ------------------------------------------------------------------------------------------


def test_a_clock_that_was_never_set_is_set_and_its_records_are_kept_as_they_are():
    band = Band(seconds(4, 31_626_000), clock=31_626_932)
    records = list(band.flash)
    _, hub, _ = sync(band)
    assert abs(band.rtc() - WALL) < 30
    assert records_of(hub) == records == band.trimmed


def test_a_gen5_clock_that_is_right_is_left_alone():
    sync(band := band_with(3, generation=5))
    assert 0x0A not in opcodes(band)
    sync(slow := band_with(3, generation=5, clock=WALL - 5))
    assert opcodes(slow).count(0x0A) == 1


def test_a_band_that_does_not_take_the_time_is_said_so_and_keeps_its_records():
    band = band_with(3, clock=31_000_000, deaf=frozenset({0x0A}))
    with pytest.raises(Trouble, match="does not take the time"):
        sync(band)
    assert opcodes(band).count(0x0A) == 3 and 0x16 not in opcodes(band) and band.trimmed == []


def test_a_machine_days_behind_its_band_neither_sets_nor_fetches():
    band, hub = band_with(3), Hub()
    with pytest.raises(Trouble, match="3 days ahead of this machine"):
        sync(band, hub, wall=WALL - 3 * 86_400)
    assert opcodes(band) == [0x0B] and "clock_suspect_since" in hub.memory
    with pytest.raises(Trouble):
        sync(band, hub, wall=WALL - 3 * 86_400 + 11 * HOUR)
    assert 0x0A not in opcodes(band)


def test_after_half_a_day_the_band_is_taken_to_be_the_one_that_is_wrong():
    early = WALL - 3 * 86_400
    hub = Hub(memory={"clock_suspect_since": str(early)})
    band = Band(seconds(3, int(early) - 100), clock=WALL + 13 * HOUR)
    sync(band, hub, wall=early + 13 * HOUR)
    assert len(band.trimmed) == 3 and abs(band.rtc() - (early + 13 * HOUR)) < 30
    assert "clock_suspect_since" not in hub.memory


def test_records_of_the_future_are_not_acknowledged():
    band = Band(seconds(4, int(WALL) + 5 * 86_400), clock=WALL)
    with pytest.raises(Trouble, match="dated more than a day ahead"):
        sync(band)
    assert band.trimmed == []


# Links -------------------------------------------------------------------------------------------


def test_an_unbonded_band_is_known_by_its_silence():
    band = band_with(3, deaf=frozenset(range(256)))
    with pytest.raises(NotBonded, match="not paired"):
        sync(band)
    assert band.trimmed == []


@pytest.mark.parametrize("generation", [4, 5])
def test_a_link_that_dies_at_any_step_loses_nothing_and_trims_nothing_unstored(generation):
    """Every write, notification and commit, just before it and just after it."""
    died = 0
    for at in range(1, 1000):
        band = band_with(12, generation=generation, burst=5, beside=events(1))
        records, hub = list(band.flash), Hub()
        try:
            sync(band, hub, dies_at=at)
        except Dropped:
            died += 1
            assert set(band.trimmed) <= hub.held
            sync(band, hub)
        else:
            break
        assert sorted(records_of(hub)) == sorted(records), at
        assert (band.trimmed, band.refused) == (records, []), at
    assert died >= 55


def twice_at_most(lost: set[int]):
    """Nobody loses the same packet a third time: then it would be the band that lacks it."""
    times = Counter()

    def lose(nth: int, frame: bytes) -> bool:
        gone = nth in lost and times[frame] < 2
        times[frame] += gone
        return gone

    return lose


@settings(max_examples=25)
@given(st.lists(st.integers(1, 60), max_size=5), st.sets(st.integers(1, 90)), st.integers(1, 40))
def test_any_deaths_and_losses_one_after_another(deaths, lost, chunk):
    band, hub = band_with(15, burst=4, lose=twice_at_most(lost)), Hub()
    records = list(band.flash)
    for at in deaths:
        with contextlib.suppress(Dropped, Trouble):
            sync(band, hub, dies_at=at, chunk=chunk)
    band.lose = lambda n, frame: False
    for _ in range(3):
        try:
            sync(band, hub, chunk=chunk)
        except Trouble:
            continue
    assert sorted(records_of(hub)) == sorted(records)
    assert band.trimmed == records
