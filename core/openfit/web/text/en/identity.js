// English: coming in by another service, and making an account oneself.

import { many } from "../plural.js";

export const text = {
  title: "Sign-in service",
  linked: "Your account can also be opened by your sign-in service.",
  unlinked: "Link your account there, and you come in by it too. Your password goes on working.",
  link: "Link it",
  leaving: "Going there",
  remove: "Link it no longer",
  removed: "It opens this account no longer.",
  password: "Your password",
  refused: {
    message: "The sign-in service did not link your account.",
    nextStep: "Try it again. If it belongs to another account here, that one must give it up first.",
  },
  register: {
    title: "Make an account",
    lead: "This hub lets anybody in who makes an account. Who runs it sees that you have one, not your data.",
    closed: "This hub takes in whom it invited.",
    closedStep: "Ask who runs it for an invitation, and open its link.",
    name: "Your name",
    email: "Mail address",
    emailHint: "A code goes there, to show that it is yours.",
    password: "Password",
    passwordHint: (n) => `At least ${many(n, "character")}. A few words in a row are good and easy to keep.`,
    later: "Password, if you want one",
    go: "Make the account",
    send: "Send me a code",
    going: "One moment",
    sent: (email) => `A code of six digits is on its way to ${email}. It lives ten minutes.`,
    code: "Code",
    codeHint: "Six digits",
    totp: "Code of your authenticator app",
    begin: "Begin",
    other: "Use another address",
    known: "I have an account",
  },
};
