// English: coming in.

import { many } from "../plural.js";

export const text = {
  title: "Sign in",
  lead: "Your data stays on this hub.",
  email: "Mail address",
  password: "Password",
  go: "Sign in",
  going: "Signing in",
  ways: {
    label: "Way in",
    password: "Password",
    code: "Code by mail",
    key: "Key",
  },
  askCode: "Send me a code",
  sent: (email) => `If ${email} has an account here, a code of six digits is on its way to it. It lives ten minutes.`,
  sentConsole: "No mail is set up on this hub: the code stands where openfit serve runs.",
  code: "Code",
  codeHint: "Six digits",
  totp: "Code of your authenticator app",
  totpHint: "Six digits, or one of your recovery codes.",
  other: "Use another address",
  oidc: "Sign in with your sign-in service",
  key: "API key",
  keyWhere: "A key opens what its scopes allow. It stays in this browser until you sign out.",
  setupWaits: "Nobody has set up this hub yet. Open the link that openfit serve printed when it started.",
  problems: {
    oidc: "The sign-in service did not let you in.",
    oidcStep: "Try it again, or come in another way.",
  },
  setup: {
    title: { setup: "Set up this hub", invite: "Welcome", sign_in: "Come back in" },
    lead: {
      setup: "You are its owner. Say who you are, and how you come in from now on.",
      invite: "You are invited to this hub. Choose how you come in from now on.",
      sign_in: "This link signs you in once. You may choose a new password with it.",
    },
    name: "Your name",
    email: "Mail address",
    emailHint: "You sign in with it. Codes go there where this hub sends mail.",
    password: "Password",
    passwordHint: (n) => `At least ${many(n, "character")}. A few words in a row are good and easy to keep.`,
    passwordOptional: "New password, if you want one",
    show: "Show it",
    go: { setup: "Begin", invite: "Come in", sign_in: "Sign in" },
    looking: "Looking at the link",
    noLink: "This address is for a link of use once.",
    noLinkStep: "Open the link as it was printed or mailed, all of it.",
    toSignIn: "To the sign-in page",
  },
};
