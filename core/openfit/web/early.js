// Not a module, so that it runs before the first paint and no wrong colour flashes.
{
  const chosen = localStorage.getItem("openfit.theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
}
