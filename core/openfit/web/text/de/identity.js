// Deutsch: durch einen anderen Dienst hereinkommen und selbst ein Konto anlegen.

import { many } from "../plural.js";

export const text = {
  title: "Anmeldedienst",
  linked: "Dein Konto lässt sich auch mit deinem Anmeldedienst öffnen.",
  unlinked: "Verknüpfe dein Konto dort, dann kommst du auch damit herein. Dein Passwort gilt weiter.",
  link: "Verknüpfen",
  leaving: "Es geht dorthin",
  remove: "Verknüpfung lösen",
  removed: "Er öffnet dieses Konto nicht mehr.",
  password: "Dein Passwort",
  refused: {
    message: "Der Anmeldedienst hat dein Konto nicht verknüpft.",
    nextStep: "Versuch es noch einmal. Gehört es zu einem anderen Konto hier, muss das die Verknüpfung zuerst lösen.",
  },
  register: {
    title: "Ein Konto anlegen",
    lead: "Dieser Hub lässt jeden herein, der ein Konto anlegt. Wer ihn betreibt, sieht, dass du eines hast, nicht deine Daten.",
    closed: "Dieser Hub nimmt nur auf, wen er eingeladen hat.",
    closedStep: "Bitte den, der ihn betreibt, um eine Einladung, und öffne ihren Link.",
    name: "Dein Name",
    email: "Mailadresse",
    emailHint: "Dorthin geht ein Code, der zeigt, dass sie dir gehört.",
    password: "Passwort",
    passwordHint: (n) => `Mindestens ${many(n, "Zeichen", "Zeichen")}. Ein paar Wörter hintereinander sind gut und leicht zu merken.`,
    later: "Passwort, wenn du eines willst",
    go: "Konto anlegen",
    send: "Schick mir einen Code",
    going: "Einen Moment",
    sent: (email) => `Ein Code aus sechs Ziffern ist unterwegs an ${email}. Er gilt zehn Minuten.`,
    code: "Code",
    codeHint: "Sechs Ziffern",
    totp: "Code deiner Authenticator-App",
    begin: "Loslegen",
    other: "Eine andere Adresse nehmen",
    known: "Ich habe ein Konto",
  },
};
