// Deutsch: Anmelden.

import { many } from "../plural.js";

export const text = {
  title: "Anmelden",
  lead: "Deine Daten bleiben auf diesem Hub.",
  email: "Mailadresse",
  password: "Passwort",
  go: "Anmelden",
  going: "Wird angemeldet",
  ways: {
    label: "Womit",
    password: "Passwort",
    code: "Code per Mail",
    key: "Schlüssel",
  },
  askCode: "Code schicken",
  sent: (email) => `Wenn ${email} hier ein Konto hat, ist ein Code mit sechs Ziffern dorthin unterwegs. Er gilt zehn Minuten.`,
  sentConsole: "Dieser Hub verschickt keine Mail: der Code steht dort, wo openfit serve läuft.",
  code: "Code",
  codeHint: "Sechs Ziffern",
  totp: "Code deiner Authenticator-App",
  totpHint: "Sechs Ziffern, oder einer deiner Wiederherstellungscodes.",
  other: "Andere Adresse",
  oidc: "Mit deinem Anmeldedienst anmelden",
  key: "API-Schlüssel",
  keyWhere: "Ein Schlüssel öffnet, was seine Rechte erlauben. Er bleibt in diesem Browser, bis du dich abmeldest.",
  setupWaits: "Diesen Hub hat noch niemand eingerichtet. Öffne den Link, den openfit serve beim Start ausgegeben hat.",
  problems: {
    oidc: "Der Anmeldedienst hat dich nicht hereingelassen.",
    oidcStep: "Versuch es noch einmal oder melde dich anders an.",
  },
  setup: {
    title: { setup: "Diesen Hub einrichten", invite: "Willkommen", sign_in: "Wieder hereinkommen" },
    lead: {
      setup: "Er gehört dir. Sag, wer du bist und wie du von jetzt an hereinkommst.",
      invite: "Du bist auf diesen Hub eingeladen. Wähle, wie du von jetzt an hereinkommst.",
      sign_in: "Dieser Link meldet dich einmal an. Du kannst dabei ein neues Passwort wählen.",
    },
    name: "Dein Name",
    email: "Mailadresse",
    emailHint: "Damit meldest du dich an. Codes gehen dorthin, wenn dieser Hub Mail verschickt.",
    password: "Passwort",
    passwordHint: (n) => `Mindestens ${many(n, "Zeichen", "Zeichen")}. Ein paar Wörter hintereinander sind gut und leicht zu merken.`,
    passwordOptional: "Neues Passwort, wenn du eins willst",
    show: "Zeigen",
    go: { setup: "Beginnen", invite: "Hereinkommen", sign_in: "Anmelden" },
    looking: "Der Link wird geprüft",
    noLink: "Diese Adresse ist für einen Link, der einmal gilt.",
    noLinkStep: "Öffne den Link ganz, so wie er ausgegeben oder gemailt wurde.",
    toSignIn: "Zur Anmeldung",
  },
};
