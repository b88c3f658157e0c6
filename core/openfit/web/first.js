// Before anything is drawn, so that a dark page never flashes white and the words come in time. A
// classic script: modules wait.
{
  const recall = (name) => {
    try {
      return localStorage.getItem(`openfit.${name}`);
    } catch {
      return null; // storage is switched off: the system's choice holds
    }
  };
  const theme = recall("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  const wished = [recall("language"), ...navigator.languages].map((one) => one?.split("-")[0]);
  const language = wished.find((one) => ["de", "en"].includes(one)) ?? "en";
  for (const name of ["page", "names"]) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "modulepreload", href: `/static/text/${language}/${name}.js` });
    document.head.append(link);
  }
}
