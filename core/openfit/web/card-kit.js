// What a card of a plugin begins with: `import { card } from "/plugin-cards/kit.js"`.
//
// card((root, { data, theme, language, units }) => …) is called with what the manifest declares,
// and again whenever that or the colours change. The frame grows and shrinks with what is drawn.

export function card(draw) {
  const root = document.getElementById("card");
  addEventListener("message", ({ source, data: said }) => {
    if (source !== parent || said?.type !== "openfit:card") return;
    for (const [name, value] of Object.entries(said.theme)) {
      document.documentElement.style.setProperty(`--${name}`, value);
    }
    document.documentElement.style.colorScheme = said.scheme;
    document.documentElement.lang = said.language;
    draw(root, said);
  });
  new ResizeObserver(([{ contentRect }]) => {
    parent.postMessage({ type: "openfit:height", height: Math.ceil(contentRect.height) }, "*");
  }).observe(root);
  parent.postMessage({ type: "openfit:ready" }, "*");
}
