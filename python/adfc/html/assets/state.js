// The data, what is selected, and who wants to know.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const layerOf = new Map(data.layers.map((layer) => [layer.phase, layer]));
const tileOf = new Map(data.tiles.map((tile) => [tile.id, tile]));
const number = (value) => Math.round(value).toLocaleString("en");
const percent = (part) => `${(100 * part).toFixed(part < 0.1 ? 1 : 0)} %`;
const microseconds = (cycles) => `${(cycles / data.clock).toFixed(cycles < 1e5 ? 2 : 1)} µs`;

const state = { kind: "", id: null, listeners: [] };

// The phases and tiles that belong to the selection.
function related() {
  const phases = new Set();
  const tiles = new Set();
  if (state.kind === "layer" || state.kind === "op") {
    const phase = state.kind === "op" ? state.id.phase : state.id;
    phases.add(phase);
    for (const tile of layerOf.get(phase).tiles) tiles.add(tile);
  } else if (state.kind === "tile") {
    tiles.add(state.id);
    for (const layer of data.layers) if (layer.tiles.includes(state.id)) phases.add(layer.phase);
  }
  return { phases, tiles };
}

function select(kind, id) {
  state.kind = kind;
  state.id = id;
  byId("clear").disabled = !kind;
  const now = related();
  for (const listener of state.listeners) listener(now);
  announce(describe());
}

function describe() {
  if (state.kind === "layer") return `Layer ${layerOf.get(state.id).name} selected`;
  if (state.kind === "tile") return `Tile ${state.id} selected`;
  if (state.kind === "op") {
    const op = layerOf.get(state.id.phase).ops[state.id.index];
    return `Operator ${op.tosa} ${op.name} selected`;
  }
  return "Nothing selected";
}

// 1, 2 or 5 times a power of ten, and no less than `least`.
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((m) => m * power).find((step) => step >= least);
}

function announce(text) { byId("live").textContent = text; }

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made && key !== "list") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

// One of several elements takes the focus; arrow keys move it. `next(current, key)` says where to.
function roving(items, next, activate) {
  if (!items.length) return;
  items[0].setAttribute("tabindex", "0");
  for (const item of items) {
    item.addEventListener("click", () => activate(item));
    item.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        activate(item);
        return;
      }
      const target = next(item, event.key);
      if (!target) return;
      event.preventDefault();
      for (const other of items) other.setAttribute("tabindex", "-1");
      target.setAttribute("tabindex", "0");
      target.focus();
    });
  }
}

function layerButton(phase, text) {
  return element("button", { type: "button", className: "link", onclick: () => select("layer", phase) },
    text ?? layerOf.get(phase).name);
}
