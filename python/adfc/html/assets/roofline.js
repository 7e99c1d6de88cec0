// The roofline's points.
function startRoofline() {
  const points = [...document.querySelectorAll("#roofline .point")];
  const order = [...points].sort((a, b) => a.firstChild.getAttribute("cx") - b.firstChild.getAttribute("cx"));
  const next = (item, key) => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[key];
    return by ? order[order.indexOf(item) + by] : null;
  };
  roving(order, next, (item) => select("layer", Number(item.dataset.layer)));
  state.listeners.push(({ phases }) => {
    for (const point of points) {
      const on = phases.has(Number(point.dataset.layer));
      point.classList.toggle("on", on && state.kind !== "");
      point.setAttribute("aria-pressed", String(on));
    }
  });
}
