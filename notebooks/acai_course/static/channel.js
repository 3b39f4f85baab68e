// The line between an explorer and its kernel. An explorer is plain HTML, so that it works without a kernel; this widget has
// no view, only this message: "this box may ask". A page that is opened again later lacks it, and shows no error.
export default {
  initialize({ model }) {
    (window.acaiKernels ??= new Map()).set("BOX", model);
    window.dispatchEvent(new CustomEvent("acai-kernel"));
  },
};
