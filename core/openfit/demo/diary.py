"""What the demo's athlete writes down herself, and who lives with her."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from openfit_schema.time import offset_text

from openfit.access import granting
from openfit.access.granting import Wish
from openfit.access.sessions import Where
from openfit.demo.story import FLIGHT_BACK, FLIGHT_OUT, ILL, LOST, Story
from openfit.errors import HubError
from openfit.hub import Hub
from openfit.manual.entries import AnyEntry, BloodPressureEntry, WeightEntry
from openfit.person import entering
from openfit.store import people, settings
from openfit.store.engine import retrying, write
from openfit.views import journal

WRITTEN = "demo.diary"  # the last day that is in, among her settings
NAME, PARTNER = "Alma", "Robin"
PARTNER_EMAIL = "robin@demo.invalid"
TOLD = {"alcohol": "alcohol", "late_meal": "late meal", "reading": "reading"}
NOTES = {
    LOST[-1]: "Left phone, watch and ring at a friend's; nothing for a week.",
    FLIGHT_OUT: "Flew west, six hours back.",
    FLIGHT_BACK: "Home again. Slept badly on the plane.",
    ILL[-1]: "Sore throat and shivering. No training.",
    ILL[0]: "Better. Still tired on the stairs.",
}
WEIGHED, MEASURED = 7.4, 7.6  # hours
NAMESPACE = uuid.UUID("52e6c8f0-28a1-4a0e-b6a7-6f0c6b0f4a11")


def keep(hub: Hub, user_id: int, story: Story, now: datetime) -> None:
    """Every day that is not in yet, each once: what is deleted afterwards stays deleted."""
    with hub.engine.connect() as conn:
        said = settings.read(conn, user_id, WRITTEN)
    today = (now + story.offset(now)).date()
    first = date.fromisoformat(said) + timedelta(days=1) if said else story.first
    for n in range((today - first).days + 1):
        day = first + timedelta(days=n)
        tags = tags_of(story, day) if day < today else []  # the evening is still to come
        if tags or note_of(story, day):
            journal.write_day(hub, user_id, day, tags, note_of(story, day))
        for name, entry in entries(story, day, now):
            entry_id = str(uuid.uuid5(NAMESPACE, f"{story.seed}:{day}:{name}"))
            entering.put(hub, user_id, entry_id, entry)
    retrying(lambda: remember(hub, user_id, max(first, today) - timedelta(days=1)))


def remember(hub: Hub, user_id: int, day: date) -> None:
    with write(hub.engine) as conn:
        settings.put(conn, user_id, WRITTEN, day.isoformat())


def tags_of(story: Story, day: date) -> list[str]:
    found = [TOLD[tag] for tag in sorted(story.tags(day))]
    if story.is_away(day) or story.is_flight(day):
        found.append("travel")
    if story.is_ill(day):
        found.append("ill")
    return found


def note_of(story: Story, day: date) -> str:
    return NOTES.get(story.ago(day), "")


def entries(story: Story, day: date, now: datetime) -> Iterator[tuple[str, AnyEntry]]:
    """Her weight on Sundays, her blood pressure on every other one, at home."""
    weighed = story.at(day, WEIGHED)
    absent = story.is_lost(day) or story.is_away(day) or story.is_flight(day)
    if day.weekday() != 6 or absent or weighed > now:
        return
    a, b, c, d = story.random(day, 12).normal(0, 1, 4).tolist()
    offset, come = (
        offset_text(round(story.offset(weighed).total_seconds() / 60)),
        story.progress(day),
    )
    kilograms = round(64.2 - 1.9 * come - 0.8 * story.sick(day) + 0.25 * a, 1)
    yield "weight", WeightEntry(at=weighed, kilograms=kilograms, utc_offset=offset)
    if day.toordinal() // 7 % 2 == 0:
        pulse = float(round(story.body(day).resting_heart_rate + 7 + 2 * d))
        yield (
            "pressure",
            BloodPressureEntry(
                at=story.at(day, MEASURED),
                systolic=float(round(119 - 3 * come + 4 * b)),
                diastolic=float(round(76 - 2 * come + 3 * c)),
                pulse=pulse,
                utc_offset=offset,
            ),
        )


# The household -----------------------------------------------------------------------------------


def move_in(hub: Hub, user_id: int, now_ms: int) -> int | None:
    """A second person, and what each lets the other see; their id when they are new."""

    def commit() -> int | None:
        with write(hub.engine) as conn:
            if people.by_email(conn, PARTNER_EMAIL) is not None:
                return None
            people.change(conn, user_id, name=NAME)
            partner = people.add(conn, PARTNER, now_ms, email=PARTNER_EMAIL)
            as_coach = Wish("coach", ["activity", "heart", "sleep"], None, PARTNER_EMAIL)
            given(granting.give(conn, user_id, as_coach, now_ms, Where()))
            offered = given(
                granting.give(conn, partner, Wish("viewer", ["activity"], None), now_ms, Where())
            )
            assert offered is not None  # a link, as it is for nobody yet
            accepted = granting.accept(conn, user_id, offered, now_ms, Where())
            if isinstance(accepted, HubError):
                raise accepted
            return partner

    return retrying(commit)


def given(answer: tuple[str, str | None] | HubError) -> str | None:
    if isinstance(answer, HubError):
        raise answer
    return answer[1]
