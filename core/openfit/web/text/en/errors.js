// English: what the hub answers with where it refuses. Its own words are English and tell the
// particulars, so only those stand here that fit a page better than a program.

export const text = {
  of: {
    authenticate: [(said) => said, "Check what you gave, then try again."],
    no_token: ["This key or session is not known here, is over or was revoked.", "Sign in again."],
    session_over: ["This session is over.", "Sign in again."],
    session_needed: ["This wants a person who signed in; a key cannot do it.", "Sign in with your password or a code, and do it there."],
    csrf: ["The hub could not tell that this page asked.", "Reload the page and try again."],
    counts_changed: ["Meanwhile something came or went, so this is not what was counted.", "Count again, and decide anew."],
    cursor: ["The list cannot go on from here.", "Reload the page."],
    no_connection: ["There is no such connection any more.", "Reload the page."],
    password_later: ["The password comes with the code.", "Ask for the code first, then give both."],
    nothing_named: ["This would delete everything.", "Choose what is to go, or say that it is everything."],
    no_mail: ["This hub sends no mail, so it cannot send a code.", "Sign in with a password, or ask who runs the hub for a link."],
    unstorable: ["Something in this is longer than a number may be, or holds a character that is none.", "Change it and try again."],
  },
  files: {},
  general: (said) => said,
  advice: (step) => step,
  file: (said) => said,
  fileStep: (step) => step,
};
