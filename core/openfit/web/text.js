// The page's words, all of them in text/<language>/. A page that needs more than the frame asks for
// its own part; only the language in use is ever fetched.

import { language } from "./text/language.js";

export const part = async (name) => (await import(`./text/${language}/${name}.js`)).text;

export const text = await part("page");
