// What this browser remembers. Without storage, for as long as the page is open.

const held = new Map();
const PREFIX = "openfit.";

export function recall(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return held.get(name) ?? null;
  }
}

export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    held.set(name, value);
  }
}
