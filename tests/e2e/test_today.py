"""Today: what the hub says of it against one's own weeks, and a dash for what is missing."""

from playwright.sync_api import expect
from support import files
from support.pages import complaints, drop, settled

SHOWN = """(given) => import("/static/today.js").then((it) => it.shown(given[0], given[1]))"""


def value(metric: str, now: float | None, band=(48, 50, 55), **others: object) -> dict:
    low, middle, high = band
    return {
        "metric": metric, "name": metric, "unit": "/min", "value": now, "method": "reported",
        "partial": False, "reason": None if now is not None else "nothing_yet_today",
        "baseline": {"low": low, "median": middle, "high": high, "n": 28},
        "baseline_reason": None, "position": None, "last_day": "2026-03-01", "last_value": 52,
        "source": {"source_id": "1", "label": "Ring"},
        **others,
    }  # fmt: skip


def shown(page, values: list[dict], days: dict[str, list]) -> dict:
    metrics = [{"summary": {"metric": name}, "values": found} for name, found in days.items()]
    return page.evaluate(SHOWN, [{"values": values}, {"metrics": metrics}])


def test_tiles_stand_in_the_order_of_reading_and_the_rest_follows(page, filled):
    page.goto(filled.url)
    found = shown(
        page,
        [value("steps", 5000), value("co2", 400), value("resting_heart_rate", 51)],
        {"steps": [1, None, 3]},
    )
    assert [tile["type"] for tile in found["tiles"]] == ["resting_heart_rate", "steps"]
    assert [tile["type"] for tile in found["rest"]] == ["co2"]
    assert found["tiles"][1]["values"] == [1, None, 3]


def test_tiles_say_of_a_day_what_the_hub_says_of_it(page, filled):
    page.goto(filled.url)
    values = [value("steps", 30, partial=True), value("sleep_minutes", 40, position="below")]
    sleep, steps = shown(page, values, {})["tiles"]
    assert (steps["partial"], steps["position"]) == (True, None)
    assert (sleep["partial"], sleep["position"]) == (False, "below")


def test_no_row_of_tiles_is_left_half_empty(page, filled):
    page.goto(filled.url)
    sizes = page.evaluate(
        """import("/static/rows.js").then(({ rowSizes }) =>
          [[7, 4], [7, 3], [5, 4], [8, 4], [1, 4], [3, 1]].map(([n, most]) => rowSizes(n, most)))"""
    )
    assert sizes == [
        [4, 4, 4, 4, 3, 3, 3], [3, 3, 3, 2, 2, 2, 2], [3, 3, 3, 2, 2], [4] * 8, [1], [1, 1, 1],
    ]  # fmt: skip


def test_a_tile_that_would_stand_alone_is_the_first(page, filled):
    page.goto(filled.url)
    sizes = page.evaluate(
        """import("/static/rows.js").then(({ firstAlone, rowSizes }) =>
          [[5, 2], [8, 7], [5, 4]].map(([n, most]) => firstAlone(rowSizes(n, most))))"""
    )
    assert sizes == [[1, 2, 2, 2, 2], [4] * 8, [3, 3, 3, 2, 2]]


def test_days_without_a_value_are_gaps_in_the_line(page, filled):
    page.goto(filled.url)
    runs = page.evaluate(
        """import("/static/parts/metric-tile.js").then(
          (it) => it.runs([1, 2, null, 4, null], (n) => n, (v) => v * 10))"""
    )
    assert runs == [[[0, 10], [1, 20]], [[3, 40]]]


def test_a_metric_is_written_as_people_say_it(page, filled):
    page.goto(filled.url)
    said = page.evaluate(
        """import("/static/tile-words.js").then(({ withUnit }) => [
          ["sleep_minutes", 459, "min"], ["resting_heart_rate", 51.4, "/min"],
          ["steps", 7669, "{steps}"], ["weight", 62.34, "kg"],
          ["skin_temperature_deviation", -0.04, "Cel"], ["respiration_rate", 14.4, "/min"],
        ].map((one) => withUnit(...one)).map(({ value, unit }) => `${value} ${unit}`.trim()))"""
    )
    assert said == ["7:39 h", "51 bpm", "7,669", "62.3 kg", "0.0 °C", "14 /min"]


def test_an_empty_hub_says_what_would_be_here_and_fills_as_a_file_is_dropped(page, hub):
    page.goto(hub.link)
    expect(page.get_by_role("heading", name="Your day will be here")).to_be_visible()
    assert complaints(page) == []
    drop(page, "outing.gpx", files.gpx(3))
    expect(page.locator("a.row .name")).to_have_text("Outing 3", timeout=20_000)
    expect(page.get_by_text("No night, pulse or step count yet.")).to_be_visible()
    page.goto(f"{hub.url}/jobs")
    settled(page)
    expect(page.locator("summary").first).to_contain_text("1 file: 1 imported")
    expect(page.locator(".answer[role=status]")).to_have_text("Nothing is under way.")


def test_what_happens_in_the_hub_is_shown_without_asking(page, hub):
    """By the live channel: another page imports, and this one follows."""
    page.goto(hub.link)
    expect(page.get_by_role("heading", name="Your day will be here")).to_be_visible()
    page.wait_for_function("import('/static/live.js').then((it) => it.listening.value)")
    other = page.context.new_page()
    other.goto(f"{hub.url}/sources")
    settled(other)
    drop(other, "outing.gpx", files.gpx(3))
    expect(page.locator("a.row .name")).to_have_text("Outing 3", timeout=20_000)


def test_events_are_read_wherever_a_piece_ends(page, filled):
    page.goto(filled.url)
    heard = page.evaluate(
        """import("/static/live.js").then(({ eventsOf }) => {
          const rest = { text: "" };
          const pieces = ["retry: 2000\\n\\nid: a-1\\nev", "ent: data\\ndata: {}\\n\\n",
            ": still here\\n\\nid: a-2\\n", "event: job\\ndata: {\\"x\\": 1}\\n\\n"];
          return pieces.flatMap((piece) => [...eventsOf(piece, rest)]);
        })"""
    )
    assert heard == [{"id": "a-1", "event": "data"}, {"id": "a-2", "event": "job"}]
