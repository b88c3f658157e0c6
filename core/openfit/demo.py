"""Made-up activities for a first look: eight weeks of one athlete, written as files and imported
by the same door as anybody's. A fixed seed; no real place, no real person."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from openfit import importing, importing_now
from openfit.hub import Hub, now_ms, owner_id
from openfit.importing import take_file
from openfit.store import entities, raw

log = logging.getLogger("openfit.demo")

Floats = NDArray[np.float64]

SEED = 20260101
WEEKS = 8
OFFSET = timedelta(hours=2)
ORIGIN = (46.0, 7.5)  # hills in the middle of nowhere in particular
METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class Plan:
    """One outing of the week."""

    weekday: int
    hour: float
    sport: str
    name: str
    kilometres: float
    speed: float  # m/s on the flat
    effort: float  # share of the heart-rate reserve
    climb: float  # m between valley and top
    pause_minutes: float = 0.0
    device: str = "OpenFit Demo Watch"


WEEK = (
    Plan(0, 6.6, "Running", "Easy river loop", 7.0, 2.9, 0.62, 35.0),
    Plan(2, 18.2, "Running", "Hill repeats", 9.0, 3.2, 0.80, 140.0),
    Plan(3, 17.5, "Biking", "After work ride", 28.0, 7.6, 0.66, 260.0, device="OpenFit Demo Bike"),
    Plan(5, 8.0, "Biking", "Long ride over the pass", 74.0, 7.2, 0.70, 900.0, 25.0,
         device="OpenFit Demo Bike"),
    Plan(6, 9.5, "Running", "Sunday long run", 17.0, 2.8, 0.66, 180.0, 4.0),
)  # fmt: skip


def seed(hub: Hub) -> None:
    """Fill an empty demo hub; one that has activities already is left as it is."""
    user_id = owner_id(hub)
    with hub.engine.connect() as conn:
        if entities.select_kind(conn, user_id, "activity", limit=1):
            return
    import_id = importing.new_import()
    today = datetime.fromtimestamp(now_ms() / 1000, UTC).replace(hour=0, minute=0, second=0)
    for name, body in files(today):
        take_file(hub, user_id, import_id, name, raw.spool_bytes(body))
    importing_now.read_all(hub, user_id, import_id)
    log.info("the demo data is in")


def files(today: datetime) -> Iterator[tuple[str, bytes]]:
    """File names and contents, newest last. Weeks differ: some outings are missed, some longer."""
    random = np.random.default_rng(SEED)
    monday = today - timedelta(days=today.weekday(), weeks=WEEKS)
    for week in range(WEEKS + 1):
        for plan in WEEK:
            start = monday + timedelta(weeks=week, days=plan.weekday, hours=plan.hour) - OFFSET
            missed = random.random() < 0.15 or week == 4 and plan.weekday > 2
            form = 1.0 + 0.01 * week + random.normal(0, 0.02)
            outing = Outing(plan, start, form, np.random.default_rng(random.integers(2**32)))
            if missed or outing.end > today:
                continue
            yield outing.file()


class Outing:
    """One outing, second by second."""

    def __init__(
        self, plan: Plan, start: datetime, form: float, random: np.random.Generator
    ) -> None:
        self.plan, self.start, self.random = plan, start.replace(microsecond=0), random
        metres = plan.kilometres * 1000 * random.uniform(0.9, 1.15)
        grade_at = self.relief(metres)
        self.distance, grade = self.ride(metres, plan.speed * form, grade_at)
        self.altitude = 620.0 + np.interp(self.distance, *self.profile) + self.wander(0.25)
        self.heart_rate = self.heart(grade)
        self.power = np.clip(165 + 1500 * np.clip(grade, -0.09, 0.1) + self.wander(22), 0, None)
        usual = 84 if plan.sport == "Running" else 87
        self.cadence = usual - 60 * np.clip(grade, -0.02, 0.12) + self.wander(1.6)
        self.seconds = np.arange(self.distance.size)

    @property
    def end(self) -> datetime:
        pause = timedelta(minutes=self.plan.pause_minutes)
        return self.start + timedelta(seconds=int(self.distance.size)) + pause

    def relief(self, metres: float) -> Floats:
        """Height over distance: out over the hill and back, with some waves on it."""
        x = np.linspace(0, metres, 600)
        hill = np.sin(np.pi * x / metres) ** 2 * self.plan.climb
        waves = np.zeros(x.size)
        for n in range(5):
            waves += self.random.uniform(2, 6) * np.sin(x / self.random.uniform(150, 900) + n)
        height = hill + waves - (hill + waves)[0]
        self.profile = (x, height)
        return np.asarray(np.gradient(height, x))

    def ride(self, metres: float, speed: float, grade: Floats) -> tuple[Floats, Floats]:
        """Distance a second, slower uphill, up to the length of the route."""
        seconds = int(metres / speed * 1.6)
        noise = self.smooth(self.random.normal(0, 0.06, seconds), 20)
        distance, at, grades = np.empty(seconds), 0.0, np.empty(seconds)
        for second in range(seconds):
            grades[second] = np.interp(at, self.profile[0], grade)
            slow = 1.0 / (1.0 + 7.0 * max(grades[second], -0.035))
            at += speed * slow * (1.0 + noise[second])
            distance[second] = at
        inside = distance <= metres
        return distance[inside], grades[inside]

    def heart(self, grade: Floats) -> Floats:
        """Heart rate follows effort with a lag of half a minute, and drifts with time."""
        effort = self.plan.effort * (1.0 + 2.2 * np.clip(grade, -0.05, 0.12))
        wanted = 48.0 + (188.0 - 48.0) * np.clip(effort, 0.2, 0.98)
        rate, followed = 75.0, np.empty(grade.size)
        for second, target in enumerate(wanted):
            rate += (target - rate) / 32.0
            followed[second] = rate
        drift = np.linspace(0, 6.0, grade.size)
        return np.asarray(np.round(followed + drift + self.wander(1.2)))

    def wander(self, size: float) -> Floats:
        return self.smooth(self.random.normal(0, size * 3, self.distance.size), 12)

    @staticmethod
    def smooth(values: Floats, width: int) -> Floats:
        return np.asarray(np.convolve(values, np.ones(width) / width, "same"))

    def positions(self) -> tuple[Floats, Floats]:
        """A loop of the route's length: a crooked outline, walked along by distance."""
        turn = np.linspace(0, 2 * np.pi, 2000)
        crooked = 1.0 + sum(
            self.random.uniform(0.03, 0.16) / n**0.5 * np.sin(n * turn + self.random.uniform(0, 6))
            for n in (2, 3, 5, 7, 11)
        )
        north, east = crooked * np.sin(turn), 0.8 * crooked * np.cos(turn)
        length = np.insert(np.cumsum(np.hypot(np.diff(north), np.diff(east))), 0, 0.0)
        scale = self.distance[-1] / length[-1]
        north = np.interp(self.distance, length * scale, north * scale)
        east = np.interp(self.distance, length * scale, east * scale)
        latitude = ORIGIN[0] + north / METRES_PER_DEGREE
        longitude = ORIGIN[1] + east / METRES_PER_DEGREE / np.cos(np.radians(ORIGIN[0]))
        return latitude, longitude

    def times(self) -> list[datetime]:
        """A pause splits the outing near its middle."""
        middle = self.distance.size // 2
        pause = self.plan.pause_minutes * 60
        return [
            self.start + timedelta(seconds=int(s) + (pause if s >= middle else 0))
            for s in self.seconds
        ]

    def file(self) -> tuple[str, bytes]:
        name = f"{self.start:%Y-%m-%d}-{self.plan.name.lower().replace(' ', '-')}.tcx"
        return name, tcx(self).encode()


def tcx(outing: Outing) -> str:
    """A TCX file as a watch writes it: laps of 5 km (running 1 km), two tracks around a pause."""
    plan = outing.plan
    times, (latitude, longitude) = outing.times(), outing.positions()
    step = 1000.0 if plan.sport == "Running" else 5000.0
    lap_of = (outing.distance // step).astype(int)
    biking = plan.sport == "Biking"
    parts = [HEAD.format(sport=plan.sport, id=stamp(times[0]))]
    for lap in range(lap_of[-1] + 1):
        rows = np.flatnonzero(lap_of == lap)
        parts.append(lap_head(outing, times, rows))
        for n, row in enumerate(rows):
            split = n and (times[row] - times[rows[n - 1]]).total_seconds() > 60
            parts.append("</Track><Track>" if split else "")
            parts.append(
                f"<Trackpoint><Time>{stamp(times[row])}</Time><Position>"
                f"<LatitudeDegrees>{latitude[row]:.7f}</LatitudeDegrees>"
                f"<LongitudeDegrees>{longitude[row]:.7f}</LongitudeDegrees></Position>"
                f"<AltitudeMeters>{outing.altitude[row]:.1f}</AltitudeMeters>"
                f"<DistanceMeters>{outing.distance[row]:.2f}</DistanceMeters>"
                f"<HeartRateBpm><Value>{outing.heart_rate[row]:.0f}</Value></HeartRateBpm>"
                + cadence(outing, row, biking)
                + "</Trackpoint>\n"
            )
        parts.append("</Track></Lap>\n")
    parts.append(f"<Notes>{plan.name}</Notes>")
    parts.append(CREATOR.format(name=plan.device) + "</Activity></Activities>")
    return "".join(parts) + "</TrainingCenterDatabase>\n"


def lap_head(outing: Outing, times: list[datetime], rows: NDArray[np.int64]) -> str:
    first, last = rows[0], rows[-1]
    metres = outing.distance[last] - (outing.distance[first - 1] if first else 0.0)
    rates = outing.heart_rate[rows]
    return (
        f'<Lap StartTime="{stamp(times[first])}"><TotalTimeSeconds>{rows.size}</TotalTimeSeconds>'
        f"<DistanceMeters>{metres:.2f}</DistanceMeters>"
        f"<Calories>{rows.size * rates.mean() / 900:.0f}</Calories>"
        f"<AverageHeartRateBpm><Value>{rates.mean():.0f}</Value></AverageHeartRateBpm>"
        f"<MaximumHeartRateBpm><Value>{rates.max():.0f}</Value></MaximumHeartRateBpm>"
        "<Intensity>Active</Intensity><TriggerMethod>Distance</TriggerMethod><Track>\n"
    )


def cadence(outing: Outing, row: np.int64, biking: bool) -> str:
    if biking:
        extra = f"<ns3:Watts>{outing.power[row]:.0f}</ns3:Watts>"
        turns = f"<Cadence>{outing.cadence[row]:.0f}</Cadence>"
        return f"{turns}<Extensions><ns3:TPX>{extra}</ns3:TPX></Extensions>"
    strides = f"<ns3:RunCadence>{outing.cadence[row]:.0f}</ns3:RunCadence>"
    return f"<Extensions><ns3:TPX>{strides}</ns3:TPX></Extensions>"


def stamp(instant: datetime) -> str:
    return (instant + OFFSET).strftime("%Y-%m-%dT%H:%M:%S+02:00")


HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<TrainingCenterDatabase'
    ' xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:ns3="http://www.garmin.com/xmlschemas/ActivityExtension/v2">'
    '<Activities><Activity Sport="{sport}"><Id>{id}</Id>\n'
)
CREATOR = '<Creator xsi:type="Device_t"><Name>{name}</Name></Creator>'
