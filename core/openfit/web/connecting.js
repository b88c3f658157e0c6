// From what a person types, or agrees to at a vendor's page, to a connection. What a source asks for
// comes from its manifest; no vendor is named here.

import * as api from "./api.js";

const KEPT = "openfit.connecting"; // in this tab alone, until the vendor sends the person back
export const BACK = "/sources/connected";

/** What each way of signing in asks for, as fields of the hub's credentials. */
export const FIELDS = {
  api_key: [{ name: "key", type: "password" }],
  password: [{ name: "username", autocomplete: "off" }, { name: "password", type: "password" }],
  ble: [{ name: "address" }, { name: "name", optional: true }],
  oauth2: [{ name: "client_id", autocomplete: "off" }, { name: "client_secret", type: "password" }],
  none: [],
};
const KINDS = { ble: "pairing" }; // else as the manifest calls it

const fetched = ({ sync_modes: modes = [] }) => modes.some((mode) => mode !== "push");

/** Whether one can connect it here, and whether a second account of it makes sense. */
export const connectable = (one) => !one.error && one.auth in FIELDS && (one.auth !== "none" || fetched(one));
export const severalTimes = ({ auth }) => auth !== "none";

export const host = (address) => new URL(address).host;
export const backAddress = () => location.origin + BACK;

/** Answers the connection; or leaves for the vendor's page, and answers nothing. */
export function connect(one, { history_from: from, ...said }) {
  const since = from && { history_from: new Date(`${from}T00:00`).toISOString() };
  if (one.auth === "oauth2") return leave(one, { ...said, ...since });
  return api.connect(one.id, { credentials: { kind: KINDS[one.auth] ?? one.auth, ...said }, ...since });
}

const letters = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/[+/=]/g, (it) => ({ "+": "-", "/": "_", "=": "" })[it]);
const chance = () => letters(crypto.getRandomValues(new Uint8Array(32)));
const digest = async (text) => letters(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

/** PKCE needs a digest, which browsers give to https and to this machine only. */
async function leave(one, said) {
  const [state, verifier] = [chance(), crypto.subtle ? chance() : null];
  const to = new URL(one.authorize_url);
  if (!/^https?:$/.test(to.protocol)) throw new TypeError(to.protocol);
  const asked = {
    response_type: "code",
    client_id: said.client_id,
    redirect_uri: backAddress(),
    state,
    ...(one.scopes?.length && { scope: one.scopes.join(" ") }),
    ...(verifier && { code_challenge: await digest(verifier), code_challenge_method: "S256" }),
  };
  for (const [name, value] of Object.entries(asked)) to.searchParams.set(name, value);
  sessionStorage.setItem(KEPT, JSON.stringify({ integration: one.id, name: one.name, state, verifier, said }));
  location.assign(to);
  return new Promise(() => {}); // the page is left
}

/** What the vendor sent the person back with: {name, finish} or {name, refused}; null: nothing. */
export function cameBack() {
  const query = new URLSearchParams(location.search);
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  sessionStorage.removeItem(KEPT);
  history.replaceState(null, "", "/sources");
  if (!kept || query.get("state") !== kept.state) return { name: null, refused: "" };
  const code = query.get("code");
  if (!code) return { name: kept.name, refused: query.get("error_description") ?? query.get("error") ?? "" };
  return { name: kept.name, finish: () => finish(kept, code) };
}

function finish({ integration, verifier, said }, code) {
  const { history_from: from, ...client } = said;
  const credentials = {
    kind: "oauth_code",
    code,
    redirect_uri: backAddress(),
    ...client,
    ...(verifier && { code_verifier: verifier }),
  };
  return api.connect(integration, { credentials, ...(from && { history_from: from }) });
}
