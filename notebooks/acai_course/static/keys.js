// The keys of an explorer, of a film or of a box of source are its own, and the arrow keys those of a group of radio buttons:
// else they are shortcuts, of JupyterLab or of Notebook 7, which listens before the element itself does.
window.acaiKeys ??= (window.addEventListener("keydown", event => {
  const own = event.target.closest?.(".acai-explorer, .acai-keys");
  if (own || event.key.startsWith("Arrow") && event.target.matches?.(".widget-radio input")) event.stopPropagation();
}, true), true);
