// Every sentence and label of the page, in one place.

const many = (n, one, several = `${one}s`) => `${n.toLocaleString("en-GB")} ${n === 1 ? one : several}`;

export const text = {
  name: "OpenFit",
  skip: "Skip to content",
  notMeasured: "not measured",
  nav: { label: "Pages", activities: "Activities", sources: "Sources" },
  theme: { label: "Appearance", system: "As the system", light: "Light", dark: "Dark" },
  demo: "Demo: made-up data of nobody",
  loading: "Loading",
  retry: "Try again",
  close: "Close",
  cancel: "Cancel",

  notFound: {
    title: "There is no such page",
    step: "Perhaps the address was cut short. All activities are one click away.",
    link: "To the activities",
  },

  problem: {
    unreachable: {
      message: "The hub does not answer.",
      next_step: "Check that openfit serve is still running and reachable, then try again.",
    },
    status: (status) => `The hub answered with status ${status} and no reason.`,
  },

  signIn: {
    title: "Sign in",
    why: "This hub belongs to one person, and its data stays on it.",
    label: "Owner token",
    hint:
      "Paste your owner token. openfit serve printed it as part of a link, " +
      "and the file owner-token in the data folder holds it.",
    submit: "Sign in",
    empty: "Paste the token first.",
    refused:
      "This token is not known here. Copy it again from the file owner-token in the data folder.",
    out: "Sign out of this browser",
  },

  list: {
    title: "Activities",
    answer: ({ count, atLeast, kilometres, without }) => {
      if (!count) return "No activity in the last 30 days.";
      const said = `${atLeast ? "At least " : ""}${count === 1 ? "one activity" : many(count, "activity", "activities")}`;
      const way = kilometres === null ? "" : `, ${kilometres} km`;
      const rest = without && way ? ` (${without === 1 ? "one has" : `${without} have`} no distance)` : "";
      return `${atLeast ? said : said[0].toUpperCase() + said.slice(1)} in the last 30 days${way}${rest}.`;
    },
    month: (count, kilometres) =>
      many(count, "activity", "activities") + (kilometres === null ? "" : `, ${kilometres} km`),
    columns: {
      sport: "Sport",
      activity: "Activity",
      duration: "Duration",
      distance: "Distance",
      ascent: "Ascent",
      heartRate: "Avg heart rate",
      device: "Device",
    },
    utc: "The recording does not say in which time zone it was made, so this is UTC.",
    twins: (n) => (n === 1 ? "recorded twice" : `recorded ${n + 1} times`),
    more: "Load more",
    emptyTitle: "No activities yet",
    empty:
      "Drop FIT, GPX or TCX files anywhere on this page, loose, gzipped or in a zip. " +
      "The hub reads them on this machine and keeps the originals.",
    end: "That is all of them.",
  },

  import: {
    files: "Import files",
    folder: "Import a folder",
    drop: "Drop to import",
    title: "Import",
    sending: (done, total) => `Sending file ${done} of ${total}`,
    reading: (done, total) => `Read ${done} of ${many(total, "file")}`,
    finished: (counts) => {
      const parts = [
        [counts.imported, "imported"],
        [counts.partial, "read in part"],
        [counts.duplicate, "here already"],
        [counts.unsupported, "not readable here"],
        [counts.failed, "failed"],
      ].filter(([n]) => n);
      const said = parts.map(([n, what]) => `${n} ${what}`).join(", ");
      return said ? `Done: ${said}` : "Nothing to import";
    },
    nothing: "There was no file in what was dropped.",
    open: "Open",
    progress: "Progress of the import",
    lost: "The hub stopped answering while it was reading. It goes on by itself.",
    more: (n) => `and ${many(n, "more file")}`,
    status: {
      waiting: "Waiting",
      sending: "Sending",
      queued: "Waiting to be read",
      reading: "Reading",
      imported: "Imported",
      duplicate: "Here already, nothing changed",
      partial: "Read in part",
      failed: "Failed",
      unsupported: "Not readable here",
    },
    found: (counts) =>
      Object.entries(counts)
        .filter(([kind, n]) => n && kind !== "metric" && kind !== "device")
        .map(([kind, n]) => countOf(kind, n))
        .join(", "),
  },

  activity: {
    back: "All activities",
    loading: "Loading the activity",
    summary: "Totals",
    totals: {
      distance: "Distance",
      timer_seconds: "Time",
      elapsed_seconds: "Elapsed time",
      moving_seconds: "Moving time",
      pace: "Average pace",
      avg_speed: "Average speed",
      max_speed: "Fastest",
      ascent: "Ascent",
      descent: "Descent",
      avg_heart_rate: "Average heart rate",
      max_heart_rate: "Highest heart rate",
      avg_power: "Average power",
      max_power: "Highest power",
      normalized_power: "Normalized power",
      energy: "Energy",
      work: "Work",
      avg_cadence: "Average cadence",
      avg_temperature: "Average temperature",
      training_effect: "Training effect",
      anaerobic_training_effect: "Anaerobic training effect",
      training_stress_score: "Training stress score",
      intensity_factor: "Intensity factor",
    },
    reported: "as reported",
    computed: "computed",
    computedHint: "computed from the samples by the hub",
    noTotals: "The recording gives no totals, and there are no samples to compute them from.",
    more: "More totals",

    track: "Track",
    noTrack: "No positions were recorded.",
    trackSummary: (points, colour) => `Track of ${many(points, "position")}, coloured by ${colour}`,
    colourBy: "Colour by",
    start: "Start",
    end: "End",
    noColour: "One colour",
    north: "North is up",

    charts: "Charts",
    noCharts: "This recording holds no samples to draw.",
    axis: "Along",
    axes: { elapsed: "Elapsed time", clock: "Time of day", distance: "Distance" },
    show: "Show",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    whole: "Whole activity",
    position: "Position in the activity",
    keys: "Drag to zoom, double click for the whole. Arrow keys move, + and − zoom, Escape leaves.",
    thinned: (shown, total) => `${many(shown, "point")} of ${many(total, "sample")} drawn, with all peaks`,
    stopped: "paused",
    at: (where, values) => `${where}: ${values}`,
    nothingHere: "nothing measured here",

    measured: "What was measured",
    table: {
      measure: "Measure",
      low: "Lowest",
      high: "Highest",
      samples: "Samples",
      method: "Given by",
      caption: "Values along the activity",
      open: "Values as a table",
      distance: "Distance",
      elapsed: "Elapsed",
    },
    method: { reported: "the device", computed: "the hub, computed", manual: "entered by hand" },

    laps: "Laps",
    lap: { number: "Lap", time: "Time", more: "Zoom the charts to this lap" },
    pauses: "Pauses",
    pause: (at, length) => `At ${at} for ${length}`,
    lengths: "Lengths",
    length: { number: "Length", stroke: "Stroke", strokes: "Strokes", time: "Time", rest: "Rest" },
    sets: "Sets",
    set: { number: "Set", exercise: "Exercise", repetitions: "Repetitions", weight: "Weight", time: "Time", rest: "Rest" },
    notes: "Notes",

    twins: "The same outing, recorded by another source",
    twin: (name, source) => `${name}, from ${source}`,

    files: "Files and provenance",
    original: "Save the original",
    sha: "SHA-256",
    received: "Received",
    readBy: "Read by",
    source: "Source",
    member: "Inside the archive",
    noFile: "There is no original: this did not come from a file.",
    warnings: "Remarks of the reading",
    stoppedAt: (byte) => `Stopped at byte ${byte.toLocaleString("en-GB")}.`,
    day: "Counted to",

    edit: "Edit",
    editTitle: "Edit the activity",
    editHint: "Your words are laid over the recording's own, which stay underneath.",
    editedBy: (fields) => `You changed: ${fields}.`,
    field: { name: "Name", notes: "Notes", sport: "Sport" },
    takeBack: "Take back my changes",
    save: "Save",
    remove: "Delete",
    removeTitle: "Delete this activity?",
    removeHint:
      "It disappears from everywhere, and importing its file again does not bring it back. " +
      "The original file is kept.",
    removed: "The activity is deleted.",
  },

  sources: {
    title: "Sources",
    answer: (integrations, unwell) => {
      if (!integrations) return "No integration is installed.";
      const installed = many(integrations, "integration");
      return unwell
        ? `${installed} installed; ${many(unwell, "needs", "need")} your attention.`
        : `${installed} installed, all well.`;
    },
    installed: "Installed integrations",
    access: {
      official: "by the vendor's official interface",
      unofficial: "by an unofficial interface, which may break",
      file: "reads files that you hand over",
      local: "talks to the device itself",
    },
    brings: (types) => `Brings ${types}`,
    notConnected: "Not connected.",
    next: (when) => `Next sync ${when}.`,
    sync: "Sync now",
    asked: "Asked for a sync.",
    status: {
      ok: "Well.",
      syncing: "Syncing now.",
      stale: "No new data for longer than usual.",
      degraded: "Some of it cannot be fetched.",
      rate_limited: "The vendor asked to wait; it goes on by itself.",
      blocked: "The vendor refuses access.",
      paused: "Paused.",
      reauth: "Needs a new sign-in.",
      failed: "Does not work.",
    },
    imports: "Recent imports",
    noImports: "Nothing was imported yet.",
    importOf: (total) => many(total, "file"),
    this: "This browser",
    version: (version, schema) => `OpenFit ${version}, schema ${schema}`,
  },
};

const KINDS = {
  activity: ["activity", "activities"],
  sleep: ["sleep", "sleeps"],
  wellness: ["day summary", "day summaries"],
  training_load: ["training load", "training loads"],
  event: ["event", "events"],
  result: ["result", "results"],
};

function countOf(kind, n) {
  return many(n, ...(KINDS[kind] ?? [kind]));
}

// FIT's names, as words: "cross_country_skiing" is a sport, "lap_swimming" a kind of one.
export function sportName(sport, subSport) {
  const words = (name) => name.replaceAll("_", " ").replaceAll(/^e /g, "e-");
  const kind = subSport && subSport !== "generic" ? words(subSport) : null;
  const base = sport === "generic" && kind ? kind : words(sport === "generic" ? "workout" : sport);
  const full = kind && kind !== base ? `${base}, ${kind}` : base;
  return full[0].toUpperCase() + full.slice(1);
}

export function deviceName(device) {
  if (!device) return null;
  const vendor = device.vendor && device.vendor[0].toUpperCase() + device.vendor.slice(1);
  const model = device.name ?? device.model;
  if (!model) return vendor ?? device.type.replaceAll("_", " ");
  return vendor && !model.toLowerCase().startsWith(device.vendor.toLowerCase())
    ? `${vendor} ${model}`
    : model;
}
