// What the hub answers with, in the page's own language: by its code where the catalogue has it,
// else within a sentence that names whose words they are. The catalogue comes with the first refusal.

import { part } from "./text.js";

let catalogue = null;
const words = async () => {
  catalogue ??= part("errors").catch(() => null); // offline: the hub's own words
  return catalogue;
};

const sentence = (one, said) => (typeof one === "function" ? one(said) : one);

function put(given, found, message, step) {
  if (found) return { ...given, message: sentence(found[0], given.message), next_step: found[1] };
  return { ...given, message: message(given.message), next_step: given.next_step && step(given.next_step) };
}

/** {message, next_step} as given, of `code`, in the page's words. */
export async function inWords(given) {
  const known = await words();
  return known ? put(given, known.of[given.code], known.general, known.advice) : given;
}

/** The same of a file that was not read, or was not taken. */
export async function ofFile(given) {
  const known = await words();
  if (!known) return given;
  return put(given, known.files[given.code] ?? known.of[given.code], known.file, known.fileStep);
}

/** Of a report's files. */
export async function filesInWords(files) {
  const failed = async (file) => (file.error ? { ...file, error: await ofFile(file.error) } : file);
  return Promise.all(files.map(failed));
}
