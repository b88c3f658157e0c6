// Styles that come with the pages that need them.

const asked = new Map();

/** Resolves when a style sheet of this hub is in force. */
export function sheet(name) {
  if (!asked.has(name)) asked.set(name, linked(name));
  return asked.get(name);
}

const linked = (name) =>
  new Promise((resolve) => {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href: `/static/${name}`, onload: resolve, onerror: resolve });
    document.head.append(link);
  });
