// The wearer's clock over a span of time: which offset holds when, and where it changes.

const [SECOND, MINUTE, DAY] = [1000, 60_000, 86_400_000];
const PROBE = 7 * DAY; // no zone changes its offset twice within this

/** Minutes east of UTC of an IANA zone at an instant. */
function zoneMinutes(form, at) {
  const parts = Object.fromEntries(form.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const local = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
  return Math.round((local - Math.floor(at / 1000) * 1000) / MINUTE);
}

function changeBetween(minutesAt, low, high) {
  const before = minutesAt(low);
  while (high - low > MINUTE) {
    const middle = Math.round((low + high) / 2 / MINUTE) * MINUTE;
    if (middle <= low || middle >= high) break;
    if (minutesAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** Offsets of a zone over a span as [{at, minutes}], the first holding from its beginning on. */
export function zoneOffsets(zone, low, high) {
  const form = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  });
  const minutesAt = (at) => zoneMinutes(form, at);
  const found = [{ at: low, minutes: minutesAt(low) }];
  for (let at = low; at < high; at += PROBE) {
    const next = Math.min(at + PROBE, high);
    if (minutesAt(next) === found.at(-1).minutes) continue;
    const change = changeBetween(minutesAt, at, next);
    found.push({ at: change, minutes: minutesAt(change) });
  }
  return found;
}

/** Changes only: an offset that is stated again says nothing new. */
function changes(offsets) {
  const sorted = [...offsets].sort((a, b) => a.at - b.at);
  return sorted.filter(({ minutes }, n) => !n || minutes !== sorted[n - 1].minutes);
}

export class Clock {
  /** `offsets` as [{at, minutes}]; before the first, that one is taken to hold. */
  constructor(offsets) {
    this.offsets = changes(offsets.length ? offsets : [{ at: 0, minutes: 0 }]);
  }

  minutesAt(at) {
    return (this.offsets.findLast((one) => one.at <= at) ?? this.offsets[0]).minutes;
  }

  /** ms whose UTC fields read as the wearer's clock did. */
  local(at) {
    return at + this.minutesAt(at) * MINUTE;
  }

  /** "+02:00" at an instant. */
  offsetAt(at) {
    const minutes = this.minutesAt(at);
    const two = (n) => String(n).padStart(2, "0");
    const away = Math.abs(minutes);
    return `${minutes < 0 ? "-" : "+"}${two(Math.floor(away / 60))}:${two(away % 60)}`;
  }

  /** Days since 1970 on the wearer's calendar. */
  dayAt(at) {
    return Math.floor(this.local(at) / DAY);
  }

  /** The instant at which a day (since 1970) of the wearer's calendar began. */
  dayStart(day) {
    const guess = day * DAY - this.minutesAt(day * DAY) * MINUTE;
    return day * DAY - this.minutesAt(guess) * MINUTE;
  }

  /** [first, last] of the days whose noon lies within a span: those that it shows. */
  daysIn([low, high]) {
    const [first, last] = [this.dayAt(low), this.dayAt(high - 1)];
    const noon = (day) => this.dayStart(day) + DAY / 2;
    return [noon(first) < low ? first + 1 : first, noon(last) >= high ? last - 1 : last];
  }

  /** Whether a day begins here, but for what a zoom is inexact by. */
  isMidnight(at) {
    return Math.abs(this.dayStart(this.dayAt(at + SECOND)) - at) < SECOND;
  }

  /** [from, to, minutes] of each stretch with one offset within a span. */
  stretches(low, high) {
    const cuts = this.offsets.filter(({ at }) => at > low && at < high).map(({ at }) => at);
    const edges = [low, ...cuts, high];
    return edges.slice(1).map((to, n) => [edges[n], to, this.minutesAt(edges[n])]);
  }

  /** Where the offset changes within a span: {at, from, to} with offsets as text. */
  notches(low, high) {
    return this.offsets
      .filter(({ at }, n) => n && at > low && at < high)
      .map(({ at }) => ({ at, from: this.offsetAt(at - 1), to: this.offsetAt(at) }));
  }
}
