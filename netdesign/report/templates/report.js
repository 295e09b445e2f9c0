"use strict";
(() => {
  const svg = document.getElementById("map");
  if (!svg) return;
  const whole = svg.viewBox.baseVal, home = [whole.x, whole.y, whole.width, whole.height];
  const boxes = [...document.querySelectorAll("[data-shows]")];
  const draw = () => {
    const on = new Set(boxes.filter((b) => b.checked).map((b) => b.dataset.shows));
    for (const part of svg.querySelectorAll("[data-part]"))
      part.classList.toggle("off", !part.dataset.part.split(" ").every((need) => need.split("|").some((name) => on.has(name))));
  };
  boxes.forEach((b) => b.addEventListener("change", draw));
  draw();
  let view = [...home];
  const show = () => { svg.setAttribute("viewBox", view.join(" ")); svg.classList.toggle("zoomed", view[2] < home[2]); svg.style.setProperty("--z", Math.sqrt(view[2] / home[2])); };
  const zoom = (factor, x = view[0] + view[2] / 2, y = view[1] + view[3] / 2) => {
    const width = Math.min(home[2], Math.max(home[2] / 16, view[2] * factor)), scale = width / view[2];
    view = [x - (x - view[0]) * scale, y - (y - view[1]) * scale, width, view[3] * scale];
    if (width === home[2]) view = [...home];
    show();
  };
  const at = (event) => {
    const box = svg.getBoundingClientRect();
    return [view[0] + (event.clientX - box.left) / box.width * view[2], view[1] + (event.clientY - box.top) / box.height * view[3]];
  };
  document.querySelectorAll("[data-zoom]").forEach((b) => b.addEventListener("click", () => zoom(Number(b.dataset.zoom) || 99)));
  svg.addEventListener("dblclick", (event) => zoom(0.5, ...at(event)));
  let held = null;
  svg.addEventListener("pointerdown", (event) => { if (view[2] < home[2]) { held = at(event); svg.setPointerCapture(event.pointerId); } });
  svg.addEventListener("pointermove", (event) => {
    if (!held) return;
    const [x, y] = at(event);
    view[0] += held[0] - x; view[1] += held[1] - y;
    show();
  });
  ["pointerup", "pointercancel"].forEach((name) => svg.addEventListener(name, () => { held = null; }));
})();
