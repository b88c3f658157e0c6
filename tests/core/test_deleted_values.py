"""What was deleted of days and nights is in no view of them."""

import msgspec
import pytest
from openfit.hub import owner_id
from openfit.leaving import deleting, tasks
from openfit.leaving.deleting import Wish
from openfit.views import sleep, today, wellness
from openfit.views.labels import Named
from support.leaving import HOUR, MONDAY, a_day, deliver, night, plain_hub, settle


@pytest.fixture
def hub(tmp_path, database_url):
    return plain_hub(tmp_path / "data", database_url)


@pytest.fixture
def me(hub):
    return owner_id(hub)


def delete(hub, user_id, metric):
    wish = Wish(metric=metric)
    _, word = deleting.preview(hub, user_id, wish)
    task = deleting.request(hub, user_id, wish, word)
    settle(hub)
    assert tasks.found(hub, user_id, task).state == "done"


def test_a_deleted_metric_is_in_no_view_of_nights_and_days(hub, me):
    slept = msgspec.structs.replace(
        night("night", MONDAY - HOUR), values={"vendor.score": 80.0, "sleep_minutes": 410.0}
    )
    deliver(hub, me, "day", [*a_day(0)[:4], slept])
    settle(hub)
    delete(hub, me, "vendor.score")
    delete(hub, me, "resting_heart_rate")
    day = MONDAY.date()
    with hub.engine.connect() as conn:
        [found] = sleep.days_of(Named(hub, conn, me), sleep.read_days(conn, me, day, day))
        shown = wellness.wellness(hub, conn, me, day, day, lambda _: True)
        now = today.today(hub, conn, me, MONDAY + 20 * HOUR, lambda _: True)
        alone = sleep.detail(hub, conn, me, found.sleeps[0].id).sleep
    assert alone.values == {"sleep_minutes": 410.0}
    assert found.sleeps[0].values == {"sleep_minutes": 410.0}
    assert now.sleep == found
    metrics = {one.metric for family in shown.families for one in family.metrics}
    assert metrics == {one.metric for one in now.values} == {"heart_rate", "steps"}
