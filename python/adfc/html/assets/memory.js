// Which bytes of a memory are in use when.
const SVG = "http://www.w3.org/2000/svg";

function svg(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function bytes(value) {
  return value >= 1e6 ? `${(value / 1e6).toFixed(2)} MB` : value >= 1e4 ? `${(value / 1e3).toFixed(0)} kB` : `${number(value)} bytes`;
}

function startMemory() {
  const choice = byId("memory-choice");
  const box = byId("memory");
  const actions = ["written", "read", "used by a kernel", "held"];
  data.memories.forEach((memory, i) => choice.append(element("option", { value: String(i) }, memory.name)));
  // To begin with the memory that most layers use, the larger of equal ones.
  const layersOf = data.memories.map((memory) => new Set(memory.uses.filter((_, i) => i % 7 === 4)).size);
  let first = 0;
  data.memories.forEach((memory, i) => {
    const more = layersOf[i] - layersOf[first] || memory.capacity - data.memories[first].capacity;
    if (more > 0 && memory.uses.length) first = i;
  });
  choice.value = String(first);

  function draw(phases) {
    const memory = data.memories[Number(choice.value)];
    if (!memory) return;
    const w = 640, h = 360, left = 70, top = 10, bottom = 40;
    const x = (cycle) => left + ((w - left - 12) * cycle) / data.cycles;
    const y = (address) => h - bottom - ((h - bottom - top) * address) / memory.capacity;
    const picture = svg("svg", { viewBox: `0 0 ${w} ${h}`, role: "img", "aria-label": `${memory.name} over time` });
    for (let i = 0; i <= 4; ++i) {
      const address = (memory.capacity * i) / 4;
      picture.append(svg("line", { x1: left, x2: w - 12, y1: y(address), y2: y(address), class: "grid" }));
      picture.append(svg("text", { x: left - 8, y: y(address) + 4, class: "tick end" }, bytes(address)));
    }
    const step = niceStep(data.cycles / 5);
    for (let cycle = 0; cycle <= data.cycles; cycle += step)
      picture.append(svg("text", { x: x(cycle), y: h - bottom + 16, class: x(cycle) > w - 40 ? "tick end" : "tick mid" }, number(cycle)));
    picture.append(svg("text", { x: (left + w) / 2, y: h - 6, class: "axis mid" }, "modelled cycle"));
    const colours = ["var(--r2)", "var(--r6)", "var(--r0)", "var(--r9)"];
    let count = 0;
    const reach = [];
    const any = Boolean(state.kind);
    for (const wanted of [3, 2, 0, 1])
      for (let i = 0; i < memory.uses.length; i += 7) {
        const [low, size, start, length, phase, what, action] = memory.uses.slice(i, i + 7);
        if (action !== wanted) continue;
        ++count;
        reach.push([low, low + size]);
        const shape = svg("rect", { x: x(start), y: y(low + size), width: Math.max(x(start + length) - x(start), 0.8),
          height: Math.max(y(low) - y(low + size), 0.8), fill: colours[action], "fill-opacity": action === 3 ? 0.6 : 0.8,
          opacity: any && !phases.has(phase) ? 0.15 : 1 });
        shape.append(svg("title", {}, `${bytes(size)} at ${number(low)}, ${actions[action]}: ${data.strings[what]}; ` +
          `${layerOf.get(phase)?.name ?? ""}, cycles ${number(start)} to ${number(start + length)}`));
        shape.addEventListener("click", () => layerOf.has(phase) && select("layer", phase));
        picture.append(shape);
      }
    reach.sort((a, b) => a[0] - b[0]);
    let used = 0, end = 0;
    for (const [low, high] of reach) { used += Math.max(high - Math.max(low, end), 0); end = Math.max(end, high); }
    box.replaceChildren(picture);
    byId("memory-note").replaceChildren(`${bytes(used)} of ${bytes(memory.capacity)} are ever used, in ${number(count)} stretches: `,
      ...actions.map((name, i) => element("span", { className: "key" }, element("span", { className: "swatch", style: `background: ${colours[i]}` }), name)));
  }
  choice.addEventListener("change", () => draw(related().phases));
  state.listeners.push(({ phases }) => {
    if (state.kind === "tile") {
      const own = data.memories.findIndex((memory) => memory.tile === state.id);
      if (own >= 0) choice.value = String(own);
    }
    draw(phases);
  });
  draw(new Set());
}
