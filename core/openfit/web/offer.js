// Hands bytes to the person as a file. The token goes in a header, so a plain link cannot fetch one.

export function offer(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  Object.assign(link, { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
