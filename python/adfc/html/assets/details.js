// What there is to say about the selection.
function list(entries) {
  const made = element("dl");
  for (const [name, value] of entries) if (value !== "" && value !== undefined) made.append(element("dt", {}, name), element("dd", {}, value));
  return made;
}

function tileButtons(ids) {
  const box = element("div");
  for (const id of ids) box.append(element("button", { type: "button", className: "chip", onclick: () => select("tile", id) }, `${tileOf.get(id)?.kind ?? ""} ${id}`));
  return box;
}

function rows(head, lines) {
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...head.map((name, i) => element("th", { scope: "col", className: i ? "" : "text" }, name)))));
  table.append(element("tbody", {}, ...lines.map((line) => element("tr", {}, ...line.map((cell, i) => element("td", { className: i ? "" : "text" }, cell))))));
  return table;
}

function layerDetails(layer, chosen) {
  const parts = [element("p", { className: "big" }, layer.name), list([
    ["Kind", layer.kind], ["Source", element("code", {}, layer.source)], ["Kernels", layer.kernels.join(", ")],
    ["Cycles", `${number(layer.end - layer.start)} (${microseconds(layer.end - layer.start)}), from ${number(layer.start)}`],
    ["MACs", `${number(layer.macs)}, ${percent(layer.used)} of the tiles' peak`],
    ["DDR", `${number(layer.ddr)} bytes`], ["Control", `${number(layer.control)} cycles`]]),
    element("h3", {}, "Core tiles' time"), timeBar(layer, true),
    element("p", { className: "note" }, layer.spent.filter(([, share]) => share >= 0.005).map(([r, share]) => `${percent(share)} ${data.reasons[r].title}`).join(", ") + `; ${layer.advice}.`)];
  if (layer.ops.length) {
    parts.push(element("h3", {}, "Operators"));
    parts.push(rows(["Operator", "PyTorch", "Line"], layer.ops.map((op, index) => {
      const button = element("button", { type: "button", className: "chip", onclick: () => select("op", { phase: layer.phase, index }) }, op.tosa.replace("tosa.", ""));
      button.setAttribute("aria-pressed", String(chosen === index));
      const name = element("div", { className: "dim" }, op.name);
      return [element("div", {}, button, name), op.aten.map((name) => name.replace("aten.", "").replace(/\.default$/, "")).join(", "), element("code", {}, op.source.split("/").pop())];
    })));
  }
  parts.push(element("h3", {}, `Tiles (${layer.tiles.length})`), tileButtons(layer.tiles));
  return parts;
}

function tileDetails(tile, phases) {
  const parts = [element("p", { className: "big" }, `${tile.kind} ${tile.id}`), list([
    ["Memory", tile.capacity ? `${bytes(tile.peak)} of ${bytes(tile.capacity)} ever used (${percent(tile.peak / tile.capacity)})` : ""],
    ["Kernels", tile.kind === "core" ? `${number(tile.busy)} cycles, ${percent(tile.busy / data.cycles)} of the run` : ""]])];
  if (tile.channels.length) {
    parts.push(element("h3", {}, "DMA channels"));
    parts.push(rows(["Channel", "kB", "moving", "lock waits", "stream waits"], tile.channels.map((c) =>
      [c.name, number(c.bytes / 1e3), number(c.moving), number(c.lock), number(c.stream)])));
  }
  parts.push(element("h3", {}, `Layers (${phases.size})`));
  parts.push(rows(["Layer", "cycles", "bytes here"], data.layers.filter((l) => phases.has(l.phase)).map((l) =>
    [layerButton(l.phase), number(l.end - l.start), tile.fills[l.phase] ? number(tile.fills[l.phase]) : ""])));
  return parts;
}

function startDetails() {
  const body = byId("details-body");
  const nothing = () => [element("p", { className: "note" }, "Choose a tile, a layer, an operator or a slice of the timeline: everything that belongs to it lights up, here and in all the pictures."),
    element("h3", {}, "Longest layers"), rows(["Layer", "cycles", "of all", "mostly"], [...data.layers].sort((a, b) => b.end - b.start - a.end + a.start).slice(0, 8).map((l) =>
      [layerButton(l.phase), number(l.end - l.start), percent((l.end - l.start) / data.cycles), data.reasons[l.spent[0]?.[0] ?? 0].title]))];
  const show = ({ phases }) => {
    let parts;
    if (state.kind === "layer") parts = layerDetails(layerOf.get(state.id), -1);
    else if (state.kind === "op") parts = layerDetails(layerOf.get(state.id.phase), state.id.index);
    else if (state.kind === "tile") parts = tileDetails(tileOf.get(state.id), phases);
    else parts = nothing();
    body.replaceChildren(...parts);
  };
  state.listeners.push(show);
  show(related());
}
