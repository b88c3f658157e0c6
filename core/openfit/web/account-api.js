// Calls about one's own account, and about others on this hub. None of their answers is kept.

import { getJson, request } from "./api.js";

const own = { own: true };
const read = (path, query) => getJson(path, { query, ...own });
const send = (method) => (path, body) => request(path, { method, body, ...own });
const [post, put, patch, remove] = ["POST", "PUT", "PATCH", "DELETE"].map(send);
const answered = async (asked) => (await asked).json();

export const preferences = () => read("/preferences");
export const prefer = (body) => put("/preferences", body);

export const notices = () => read("/notifications");
export const readNotices = (ids) => answered(post("/notifications/read", ids ? { ids } : {}));

export const account = () => read("/account");
export const rename = (name) => patch("/account", { name });
export const changePassword = (body) => post("/account/password", body);
export const changeEmail = (body) => answered(post("/account/email", body));
export const confirmEmail = (body) => post("/account/email/confirm", body);
export const sessions = () => read("/account/sessions");
export const endSession = (id) => remove(`/account/sessions/${id}`);
export const endSessions = (but) => remove(`/account/sessions${but ? `?but=${but}` : ""}`);
export const offerTotp = (password) => answered(post("/account/totp", { password }));
export const confirmTotp = (code) => answered(put("/account/totp", { code }));
export const removeTotp = (body) => post("/account/totp/off", body);
export const events = () => read("/account/audit", { limit: 50 });

export const keys = () => read("/account/keys");
export const makeKey = (body) => answered(post("/account/keys", body));
export const revokeKey = (id) => remove(`/account/keys/${id}`);

export const grants = () => read("/grants");
export const give = (body) => answered(post("/grants", body));
export const acceptGrant = (token) => answered(post("/grants/accept", { token }));
export const revoke = (id) => remove(`/grants/${id}`);
export const looks = () => read("/grants/access-log", { hours: 48 });

export const members = () => read("/users");
export const invite = (body) => answered(post("/users", body));
export const changeMember = (id, body) => patch(`/users/${id}`, body);
export const linkFor = (id) => answered(post(`/users/${id}/link`));

export const deleteData = (body) => answered(post("/deletions", body));
export const deleteAccount = (body) => answered(remove("/account", body));
export const retention = () => read("/retention");
export const keepOriginals = (id, body) => answered(put(`/retention/${encodeURIComponent(id)}`, body));
export const lift = (task) => answered(post(`/deletions/${task}/lift`));
export const backups = () => read("/backups");
export const makeBackup = () => post("/backups");
export const planBackups = (plan, passphrase) => put("/backups/plan", { plan, ...(passphrase && { passphrase }) });

/** Leaves for the sign-in service, to come in by it from then on. */
export const addIdentity = async () => location.assign((await answered(post("/account/identity"))).address);
export const removeIdentity = (body) => post("/account/identity/remove", body);
