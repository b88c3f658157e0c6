// Before anything is drawn, so that a dark page never flashes white. A classic script: modules wait.
try {
  const theme = localStorage.getItem("openfit.theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off: the system's choice holds.
}
