// English: telling a device something, and watching it live.

export const text = {
  doing: (title) => `${title}: under way`,
  done: (title) => `${title}: done.`,
  stopped: (title) => `${title}: stopped.`,
  stop: "Stop",
  pair: "Pair",
  title: (title, name) => `${title}: ${name}`,
  danger: "This cannot be undone.",
  understand: "I understand, and want it.",
  limits: (least, most) => {
    if (least === undefined) return most === undefined ? undefined : `${most} at most`;
    return most === undefined ? `${least} at least` : `${least} to ${most}`;
  },
  live: {
    title: (name) => `Live: ${name}`,
    back: "All sources",
    begin: "Connect",
    stop: "Stop",
    none: { message: "This source cannot be watched live.", nextStep: "Sources lists what each one can do." },
    states: {
      connecting: "Connecting. Keep the device near the hub's machine.",
      watching: "Live",
      off: "Not worn. Numbers come again when it is put on.",
      silent: (seconds) => `Nothing has come for ${seconds} s. It may be out of reach.`,
      lost: "The connection to the device is lost.",
      no_adapter: "The hub's machine has no Bluetooth that it may use.",
      stopped: "Stopped.",
      failed: "Not connected.",
    },
    heart: "Heart rate",
    noHeart: "No heart rate now",
    beats: "Time between beats",
    battery: "Battery",
    wear: "Worn",
    worn: "Yes",
    notWorn: "No",
    window: (low, high, beats) => `In the last 3 minutes: ${low} to ${high}, ${beats}.`,
    nothing: "In the last 3 minutes: nothing measured.",
    beatsCount: (n) => (n === 1 ? "1 beat" : `${n} beats`),
  },
};
