"""Sport names of GPX and TCX files in the schema's words, which are FIT's."""

import re
from functools import cache
from typing import Any, NamedTuple

from openfit_sdk.schema import vocabulary


class Sport(NamedTuple):
    sport: str
    sub_sport: str | None = None


GENERIC = Sport("generic")

# What programs write, in small letters, words joined by "_". A bare number is Strava's old code.
WRITTEN = {
    "1": Sport("cycling"),
    "4": Sport("hiking"),
    "9": Sport("running"),
    "alpine_ski": Sport("alpine_skiing"),
    "backcountry_ski": Sport("alpine_skiing", "backcountry"),
    "bicycling": Sport("cycling"),
    "bike": Sport("cycling"),
    "bike_ride": Sport("cycling"),
    "biking": Sport("cycling"),
    "canoeing": Sport("paddling"),
    "cross_country_ski": Sport("cross_country_skiing"),
    "cycle": Sport("cycling"),
    "downhill_skiing": Sport("alpine_skiing"),
    "e_bike_ride": Sport("e_biking"),
    "ebikeride": Sport("e_biking"),
    "foot": Sport("walking"),
    "gravel_ride": Sport("cycling", "gravel_cycling"),
    "gravel_cycling": Sport("cycling", "gravel_cycling"),
    "gravelride": Sport("cycling", "gravel_cycling"),
    "hike": Sport("hiking"),
    "indoor_cycling": Sport("cycling", "indoor_cycling"),
    "indoor_running": Sport("running", "indoor_running"),
    "jogging": Sport("running"),
    "kayak": Sport("kayaking"),
    "lap_swimming": Sport("swimming", "lap_swimming"),
    "mountain_bike_ride": Sport("cycling", "mountain"),
    "mountain_biking": Sport("cycling", "mountain"),
    "mountainbikeride": Sport("cycling", "mountain"),
    "mtb": Sport("cycling", "mountain"),
    "nordic_ski": Sport("cross_country_skiing"),
    "nordic_walking": Sport("walking"),
    "open_water_swimming": Sport("swimming", "open_water"),
    "ride": Sport("cycling"),
    "road_biking": Sport("cycling", "road"),
    "road_cycling": Sport("cycling", "road"),
    "row": Sport("rowing"),
    "run": Sport("running"),
    "sail": Sport("sailing"),
    "skate": Sport("inline_skating"),
    "snowboard": Sport("snowboarding"),
    "snowshoe": Sport("snowshoeing"),
    "street_running": Sport("running", "street"),
    "swim": Sport("swimming"),
    "track_running": Sport("running", "track"),
    "trail_run": Sport("running", "trail"),
    "trail_running": Sport("running", "trail"),
    "trailrun": Sport("running", "trail"),
    "treadmill_running": Sport("running", "treadmill"),
    "virtual_ride": Sport("cycling", "virtual_activity"),
    "virtual_run": Sport("running", "virtual_activity"),
    "virtualride": Sport("cycling", "virtual_activity"),
    "virtualrun": Sport("running", "virtual_activity"),
    "walk": Sport("walking"),
}


@cache
def sport_of(text: str) -> Sport:
    """Generic for what is not known: a sport is never guessed."""
    word = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    if word in WRITTEN:
        return WRITTEN[word]
    return Sport(word) if word in vocabulary().sport else GENERIC


def sport_fields(text: str) -> dict[str, Any]:
    """Fields of an Activity; the file's own word goes with them."""
    sport, sub_sport = sport_of(text)
    ext = {"fileimport.sport": text[:100]} if text else {}
    return {"sport": sport, "sub_sport": sub_sport, "ext": ext}
