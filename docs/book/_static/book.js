// An explorer in a frame says how tall it is; the frame grows to that.
addEventListener("message", (event) => {
  const frame = [...document.querySelectorAll("iframe.explorer")].find((f) => f.contentWindow === event.source);
  const height = Number(event.data?.explorer);
  if (frame && height > 0) frame.style.height = `${Math.ceil(height)}px`;
});
