"""One made-up outing, second by second, and the TCX file that a watch would write of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OFFSET = timedelta(hours=2)
ORIGIN = (46.0, 7.5)  # hills in the middle of nowhere in particular
METRES_PER_DEGREE = 111_320.0
STEP = 5.0  # m of the grid on which speed is worked out
REST, TOP = 48.0, 188.0  # heart rate


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
    surges: int = 0  # hard stretches between a warm-up and a cool-down
    device: str = "OpenFit Demo Watch"


class Outing:
    """One outing, second by second."""

    def __init__(
        self,
        plan: Plan,
        start: datetime,
        form: float,
        random: np.random.Generator,
        strapped: bool = True,
        offset: timedelta = OFFSET,
        origin: tuple[float, float] = ORIGIN,
    ) -> None:
        self.plan, self.start, self.random, self.strapped = plan, start, random, strapped
        self.offset, self.origin = offset, origin
        metres = plan.kilometres * 1000 * random.uniform(0.95, 1.08)
        self.distance, grade, surge = self.ride(metres, plan.speed * form, self.relief(metres))
        self.altitude = 620.0 + np.interp(self.distance, *self.profile) + self.wander(0.25)
        self.heart_rate = self.heart(grade, surge)
        pedalled = (160 + 1500 * np.clip(grade, -0.09, 0.08)) * form * surge
        self.power = np.clip(pedalled + self.wander(22), 0, None)
        usual = 84 if plan.sport == "Running" else 87
        self.cadence = usual - 60 * np.clip(grade, -0.02, 0.12) + self.wander(1.6)
        self.seconds = np.arange(self.distance.size)

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

    def ride(self, metres: float, speed: float, grade: Floats) -> tuple[Floats, Floats, Floats]:
        """Distance, grade and push of every second: slower uphill, quicker in a surge."""
        along = np.arange(0, metres, STEP)
        slope = np.interp(along, self.profile[0], grade)
        push = self.surges(along / metres)
        noise = self.smooth(self.random.normal(0, 0.06, along.size), 20)
        pace = speed * push**0.4 / (1.0 + 7.0 * np.maximum(slope, -0.035)) * (1.0 + noise)
        times = np.insert(np.cumsum(STEP / pace), 0, 0.0)[:-1]
        distance = np.interp(np.arange(int(times[-1])), times, along)
        return (
            distance,
            np.interp(distance, along, slope),
            np.interp(distance, along, push),
        )

    def surges(self, done: Floats) -> Floats:
        """Hard stretches and easy ones in turn, over the middle of the way."""
        if not self.plan.surges:
            return np.ones(done.size)
        wave = np.sin((done - 0.2) / 0.65 * self.plan.surges * 2 * np.pi)
        inside = (done > 0.2) & (done < 0.85)
        return np.asarray(1.0 + np.where(inside, 0.35 * np.tanh(4 * wave), -0.08))

    def heart(self, grade: Floats, surge: Floats) -> Floats:
        """Heart rate follows effort with a lag of half a minute, and drifts with time."""
        effort = self.plan.effort * surge**0.5 * (1.0 + 2.2 * np.clip(grade, -0.05, 0.12))
        wanted = REST + (TOP - REST) * np.clip(effort, 0.2, 0.98)
        rate, followed = 75.0, np.empty(grade.size)
        for second, target in enumerate(wanted.tolist()):
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
        latitude = self.origin[0] + north / METRES_PER_DEGREE
        longitude = self.origin[1] + east / METRES_PER_DEGREE / np.cos(np.radians(self.origin[0]))
        return latitude, longitude

    def times(self) -> list[datetime]:
        """A pause splits the outing near its middle."""
        middle = self.distance.size // 2
        pause = self.plan.pause_minutes * 60
        return [
            self.start + timedelta(seconds=int(s) + (pause if s >= middle else 0))
            for s in self.seconds
        ]


def tcx(outing: Outing) -> str:
    """A TCX file as a watch writes it: laps of 5 km (running 1 km), two tracks around a pause."""
    plan = outing.plan
    times, (latitude, longitude) = outing.times(), outing.positions()
    stamps = [stamp(at, outing.offset) for at in times]
    step = 1000.0 if plan.sport == "Running" else 5000.0
    lap_of = (outing.distance // step).astype(int)
    biking = plan.sport == "Biking"
    parts = [HEAD.format(sport=plan.sport, id=stamps[0])]
    for lap in range(lap_of[-1] + 1):
        rows = np.flatnonzero(lap_of == lap)
        parts.append(lap_head(outing, stamps, rows))
        for n, row in enumerate(rows):
            split = n and (times[row] - times[rows[n - 1]]).total_seconds() > 60
            parts.append("</Track><Track>" if split else "")
            parts.append(
                f"<Trackpoint><Time>{stamps[row]}</Time><Position>"
                f"<LatitudeDegrees>{latitude[row]:.7f}</LatitudeDegrees>"
                f"<LongitudeDegrees>{longitude[row]:.7f}</LongitudeDegrees></Position>"
                f"<AltitudeMeters>{outing.altitude[row]:.1f}</AltitudeMeters>"
                f"<DistanceMeters>{outing.distance[row]:.2f}</DistanceMeters>"
                + beats(outing, "HeartRateBpm", outing.heart_rate[row])
                + cadence(outing, row, biking)
                + "</Trackpoint>\n"
            )
        parts.append("</Track></Lap>\n")
    parts.append(f"<Notes>{plan.name}</Notes>")
    parts.append(CREATOR.format(name=plan.device) + "</Activity></Activities>")
    return "".join(parts) + "</TrainingCenterDatabase>\n"


def lap_head(outing: Outing, stamps: list[str], rows: NDArray[np.int64]) -> str:
    first, last = rows[0], rows[-1]
    metres = outing.distance[last] - (outing.distance[first - 1] if first else 0.0)
    rates = outing.heart_rate[rows]
    return (
        f'<Lap StartTime="{stamps[first]}"><TotalTimeSeconds>{rows.size}</TotalTimeSeconds>'
        f"<DistanceMeters>{metres:.2f}</DistanceMeters>"
        f"<Calories>{rows.size * rates.mean() / 900:.0f}</Calories>"
        + beats(outing, "AverageHeartRateBpm", rates.mean())
        + beats(outing, "MaximumHeartRateBpm", rates.max())
        + "<Intensity>Active</Intensity><TriggerMethod>Distance</TriggerMethod><Track>\n"
    )


def beats(outing: Outing, element: str, value: float) -> str:
    """A heart rate; nothing on a day without a strap."""
    return f"<{element}><Value>{value:.0f}</Value></{element}>" if outing.strapped else ""


def cadence(outing: Outing, row: np.int64, biking: bool) -> str:
    if biking:
        extra = f"<ns3:Watts>{outing.power[row]:.0f}</ns3:Watts>"
        turns = f"<Cadence>{outing.cadence[row]:.0f}</Cadence>"
        return f"{turns}<Extensions><ns3:TPX>{extra}</ns3:TPX></Extensions>"
    strides = f"<ns3:RunCadence>{outing.cadence[row]:.0f}</ns3:RunCadence>"
    return f"<Extensions><ns3:TPX>{strides}</ns3:TPX></Extensions>"


def stamp(instant: datetime, offset: timedelta) -> str:
    return instant.astimezone(timezone(offset)).isoformat(timespec="seconds")


HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<TrainingCenterDatabase'
    ' xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:ns3="http://www.garmin.com/xmlschemas/ActivityExtension/v2">'
    '<Activities><Activity Sport="{sport}"><Id>{id}</Id>\n'
)
CREATOR = '<Creator xsi:type="Device_t"><Name>{name}</Name></Creator>'
