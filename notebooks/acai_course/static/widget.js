// The explorer as a widget: a view for boxes (VBox, HBox), and the word to its page in the notebook that Python can be reached.
export default {
  initialize({ model }) {
    (window.acaiModels ??= new Map()).set(model.get("box"), model);
    window.dispatchEvent(new CustomEvent("acai-model"));
  },
  render({ model, el }) {
    const box = make("div", { class: "acai-explorer" }, "asking the kernel …");
    el.append(box);
    let ends = () => {};
    const { ask, end } = questions(model, text => box.replaceChildren(text));
    ask({ data: true }, data => { end(); ends = fill(box, data).connect(model); });
    return () => { end(); ends(); };
  },
};
