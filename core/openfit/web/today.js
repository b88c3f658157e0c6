// Today's answer of the hub, made ready to be shown: tiles in the order of reading.

const FIRST = [
  "sleep_minutes", "resting_heart_rate", "hrv_rmssd_night", "steps", "respiration_rate", "spo2",
  "skin_temperature_deviation", "weight", "active_energy",
];
const MOST = 8;

const rank = ({ metric }) => (FIRST.indexOf(metric) + FIRST.length + 1) % (FIRST.length + 1);

/** A tile of a value, with the days behind it; `days` is null where they were not fetched. */
function tileOf(value, days) {
  const line = days ? [...days.values] : [];
  return {
    type: value.metric,
    name: value.name,
    unit: value.unit,
    value: value.value,
    values: line,
    band: value.baseline,
    position: value.position,
    partial: value.partial,
    reason: value.reason,
    bandReason: value.baseline_reason,
    last: { day: value.last_day, value: value.last_value },
    method: value.method,
    device: value.source?.label,
  };
}

/** {tiles, rest}: what one looks at every day, and everything else that has a value. */
export function shown({ values }, history) {
  const days = new Map(history.metrics.map((one) => [one.summary.metric, one]));
  const sorted = [...values].sort((a, b) => rank(a) - rank(b));
  const first = sorted.filter(({ metric }) => FIRST.includes(metric)).slice(0, MOST);
  const rest = sorted.filter((one) => !first.includes(one));
  return {
    tiles: first.map((one) => tileOf(one, days.get(one.metric))),
    rest: rest.map((one) => tileOf(one, null)),
  };
}
