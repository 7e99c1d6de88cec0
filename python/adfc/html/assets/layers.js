// The table of layers.
const COLUMNS = [
  { title: "Layer", text: true, value: (l) => l.name },
  { title: "Operators", text: true, value: (l) => l.ops.length },
  { title: "Source", text: true, value: (l) => l.source },
  { title: "Cores", value: (l) => l.cores.length },
  { title: "MMACs", value: (l) => l.macs },
  { title: "Cycles", value: (l) => l.end - l.start },
  { title: "Core tiles' time", text: true, value: (l) => data.reasons[l.spent[0]?.[0] ?? 0].name },
  { title: "Of peak", value: (l) => l.used },
  { title: "DDR kB", value: (l) => l.ddr },
  { title: "Control", value: (l) => l.control },
];

function timeBar(layer, big) {
  const title = layer.spent.map(([reason, share]) => `${percent(share)} ${data.reasons[reason].title}`).join(", ");
  const bar = element("div", { className: big ? "bar full" : "bar", title });
  bar.setAttribute("role", "img");
  bar.setAttribute("aria-label", title);
  for (const [reason, share] of layer.spent) {
    const part = element("i", { className: data.reasons[reason].class });
    part.style.width = `${100 * share}%`;
    bar.append(part);
  }
  return bar;
}

// Operators that quantization and layout put in: the table leaves them to the details.
const GLUE = new Set(["rescale", "cast", "reshape", "transpose", "slice"]);

function opButtons(layer) {
  const list = element("span");
  const all = layer.ops.every((op) => GLUE.has(op.tosa.replace("tosa.", "")));
  let left = 0;
  layer.ops.forEach((op, index) => {
    if (!all && GLUE.has(op.tosa.replace("tosa.", ""))) { ++left; return; }
    const button = element("button", { type: "button", className: "chip", onclick: (event) => { event.stopPropagation(); select("op", { phase: layer.phase, index }); } },
      op.tosa.replace("tosa.", ""));
    button.dataset.op = `${layer.phase}/${index}`;
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-label", `${op.tosa} of ${op.name}`);
    list.append(button);
  });
  if (left) list.append(element("button", { type: "button", className: "chip more", title: "rescale and the like: see the selection", "aria-label": `${left} more operators of ${layer.name}`,
    onclick: (event) => { event.stopPropagation(); select("layer", layer.phase); } }, `+${left}`));
  return list;
}

function startLayers() {
  const table = byId("layer-table");
  const head = element("tr");
  const body = element("tbody");
  let sorted = -1, down = false;
  const rows = data.layers.map((layer) => {
    const line = element("tr", { onclick: () => select("layer", layer.phase) });
    const cells = [layerButton(layer.phase), layer.ops.length ? opButtons(layer) : layer.kind, element("code", {}, layer.source.split("/").pop()),
      layer.cores.length, (layer.macs / 1e6).toFixed(1), number(layer.end - layer.start), timeBar(layer, false),
      percent(layer.used), number(layer.ddr / 1e3), number(layer.control)];
    cells.forEach((cell, i) => line.append(element("td", { className: COLUMNS[i].text ? "text" : "" }, cell)));
    line.dataset.layer = layer.phase;
    return { layer, line };
  });
  COLUMNS.forEach((column, i) => {
    const cell = element("th", { className: column.text ? "text" : "", scope: "col" },
      element("button", { type: "button", onclick: () => sort(i) }, column.title));
    head.append(cell);
  });
  function sort(i) {
    down = sorted === i ? !down : !COLUMNS[i].text;
    sorted = i;
    const value = COLUMNS[i].value;
    rows.sort((a, b) => {
      const x = value(a.layer), y = value(b.layer);
      const order = typeof x === "string" ? x.localeCompare(y, "en", { numeric: true }) : x - y;
      return (down ? -order : order) || a.layer.phase - b.layer.phase;
    });
    [...head.children].forEach((cell, j) => {
      if (j === i) cell.setAttribute("aria-sort", down ? "descending" : "ascending"); else cell.removeAttribute("aria-sort");
    });
    body.append(...rows.map((row) => row.line));
    announce(`Sorted by ${COLUMNS[i].title}, ${down ? "largest" : "smallest"} first`);
  }
  body.append(...rows.map((row) => row.line));
  table.append(element("caption", { className: "hidden" }, "Layers of the program"), element("thead", {}, head), body);
  state.listeners.push(({ phases }) => {
    for (const { layer, line } of rows) {
      line.classList.toggle("on", phases.has(layer.phase));
      line.setAttribute("aria-selected", String(phases.has(layer.phase)));
    }
    for (const button of table.querySelectorAll("[data-op]"))
      button.setAttribute("aria-pressed", String(state.kind === "op" && button.dataset.op === `${state.id.phase}/${state.id.index}`));
  });
}
