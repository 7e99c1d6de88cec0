// The timeline: tracks of slices on a canvas that draws only what can be seen.
const ROW = 17, AXIS = 22, NAMES = 150;
const SLICE_COLOURS = ["--layer-a", "--desc", "--r0", "--r3", "--r2", "--desc", "--r5", "--mem", "--r4", "--shim", "--r9", "--r1"];
const SLICE_TITLES = ["layer", "core program", "kernel", "waits for a lock", "waits for a stream", "buffer descriptor",
  "start-up", "words move", "DDR confirms", "control word", "control waits", "waits for the cascade"];

function unpack(track) {
  const count = track.slices.length / 6;
  const made = { ...track, start: new Float64Array(count), end: new Float64Array(count),
    kind: new Uint8Array(count), label: new Uint32Array(count), cause: new Uint32Array(count), phase: new Int32Array(count) };
  for (let i = 0, at = 0; i < count; ++i) {
    const k = 6 * i;
    at += track.slices[k];
    made.start[i] = at;
    made.end[i] = at + track.slices[k + 1];
    made.kind[i] = track.slices[k + 2];
    made.label[i] = track.slices[k + 3];
    made.cause[i] = track.slices[k + 4];
    made.phase[i] = track.slices[k + 5];
  }
  made.count = count;
  return made;
}

// As much of a text as there is room for.
function fitting(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  let length = Math.floor(text.length * room / context.measureText(text).width) - 1;
  while (length > 0 && context.measureText(text.slice(0, length) + "\u2026").width > room) --length;
  return length > 0 ? text.slice(0, length) + "\u2026" : "";
}

function startTimeline() {
  const box = byId("timeline");
  const canvas = box.querySelector("canvas");
  const spacer = box.querySelector(".spacer");
  const tracks = data.tracks.map(unpack);
  let shown = tracks, from = 0, to = data.cycles, row = 0, current = -1, now = related(), queued = false;

  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    const get = (name) => style.getPropertyValue(name).trim();
    return { slices: SLICE_COLOURS.map(get), ink: get("--ink"), dim: get("--dim"), grid: get("--grid"), card: get("--card"),
      other: get("--layer-b"), focus: get("--focus"), accent: get("--accent-soft") };
  };
  const width = () => box.clientWidth - NAMES;
  const xOf = (cycle) => NAMES + ((cycle - from) / (to - from)) * width();
  const cycleAt = (x) => from + ((x - NAMES) / width()) * (to - from);

  function choose() {
    const wanted = byId("tracks").value;
    shown = tracks.filter((track) => {
      if (wanted === "all" || !track.tile) return true;
      if (wanted === "selection") return now.tiles.has(track.tile);
      return track.name === "core";
    });
    row = Math.min(row, shown.length - 1);
    spacer.style.height = `${AXIS + shown.length * ROW + 4}px`;
    box.style.height = `${Math.min(AXIS + shown.length * ROW + 6, 460)}px`;
    redraw();
  }

  function redraw() {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false; draw(); });
  }

  function first(track, cycle) {
    let low = 0, high = track.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (track.start[middle] < cycle) low = middle + 1; else high = middle;
    }
    return low;
  }

  function drawTrack(context, track, y, paint) {
    const any = Boolean(state.kind);
    let lastEnd = -1, lastKind = -1;
    for (let i = 0; i < track.count; ++i) {
      if (track.end[i] < from) continue;
      if (track.start[i] > to) break;
      const left = Math.max(xOf(track.start[i]), NAMES);
      const right = Math.min(xOf(track.end[i]), NAMES + width());
      const kind = track.kind[i];
      const wide = Math.max(right - left, 0.6);
      // What would fall on the same pixel as the one before it is left out.
      if (wide < 1 && left < lastEnd && kind === lastKind) continue;
      lastEnd = left + Math.max(wide, 0.8);
      lastKind = kind;
      const outer = kind === 1 || kind === 5;
      const mine = !any || now.phases.has(track.phase[i]);
      context.globalAlpha = mine ? 1 : 0.16;
      context.fillStyle = kind === 0 && track.phase[i] % 2 ? paint.other : paint.slices[kind];
      context.fillRect(left, y + (outer ? 1 : 3), wide, ROW - (outer ? 2 : 6));
      if (wide > (kind === 0 ? 30 : 46) && !outer) {
        context.fillStyle = kind === 0 || kind === 2 || kind === 3 || kind === 7 ? "#fff" : paint.ink;
        context.save();
        context.beginPath();
        context.rect(left, y, wide - 3, ROW);
        context.clip();
        context.fillText(fitting(context, data.strings[track.label[i]].replace("waits: ", ""), wide - 8), left + 4, y + ROW - 5);
        context.restore();
      }
    }
    context.globalAlpha = 1;
  }

  function drawAxis(context, paint) {
    const span = to - from;
    const step = niceStep(span / 8);
    context.fillStyle = paint.dim;
    context.strokeStyle = paint.grid;
    for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) {
      const x = xOf(tick);
      context.beginPath();
      context.moveTo(x, AXIS - 4);
      context.lineTo(x, box.clientHeight);
      context.stroke();
      context.fillText(number(tick), x + 3, 13);
    }
  }

  function draw() {
    const ratio = window.devicePixelRatio || 1;
    const w = box.clientWidth, h = box.clientHeight;
    canvas.width = Math.round(w * ratio);
    canvas.height = Math.round(h * ratio);
    canvas.style.width = `${w}px`;
    canvas.style.height = `${h}px`;
    const context = canvas.getContext("2d");
    const paint = colours();
    context.scale(ratio, ratio);
    context.font = "11px system-ui, sans-serif";
    context.fillStyle = paint.card;
    context.fillRect(0, 0, w, h);
    if (state.kind === "layer" || state.kind === "op") {
      const layer = layerOf.get(state.kind === "op" ? state.id.phase : state.id);
      context.fillStyle = paint.accent;
      context.fillRect(Math.max(xOf(layer.start), NAMES), AXIS, xOf(layer.end) - Math.max(xOf(layer.start), NAMES), h);
    }
    drawAxis(context, paint);
    const top = box.scrollTop;
    for (let i = Math.max(0, Math.floor((top - AXIS) / ROW)); i < shown.length; ++i) {
      const y = AXIS + i * ROW - top;
      if (y > h) break;
      drawTrack(context, shown[i], y, paint);
      context.fillStyle = paint.card;
      context.fillRect(0, y, NAMES - 2, ROW);
      context.fillStyle = i === row && document.activeElement === box ? paint.focus : paint.dim;
      const tile = shown[i].tile;
      context.fillText(tile ? `${tileOf.get(tile)?.kind ?? ""} ${tile}  ${shown[i].name === "core" ? "" : shown[i].name}` : shown[i].name, 8, y + ROW - 5);
    }
    context.fillStyle = paint.card;
    context.fillRect(0, 0, NAMES - 2, AXIS);
    context.fillStyle = paint.dim;
    context.fillText("cycle", NAMES - 40, 13);
    const track = shown[row];
    if (track && current >= 0 && current < track.count) {
      const left = Math.max(xOf(track.start[current]), NAMES), right = Math.min(xOf(track.end[current]), w);
      context.strokeStyle = paint.focus;
      context.lineWidth = 2;
      context.strokeRect(left, AXIS + row * ROW - top + 1, Math.max(right - left, 3), ROW - 2);
    }
  }

  function tell(track, i) {
    const name = data.strings[track.label[i]];
    const cause = track.cause[i] ? `; cause: ${data.strings[track.cause[i]]}` : "";
    const layer = layerOf.get(track.phase[i]);
    const where = track.tile ? `${tileOf.get(track.tile)?.kind} ${track.tile} ${track.name}` : track.name;
    return `${where}: ${SLICE_TITLES[track.kind[i]]}, ${name}${cause}; ${number(track.end[i] - track.start[i])} cycles from ` +
      `${number(track.start[i])} (${microseconds(track.end[i] - track.start[i])})${layer ? `; layer ${layer.name}` : ""}`;
  }

  // The innermost slice under a point.
  function find(x, y) {
    const index = Math.floor((y - AXIS + box.scrollTop) / ROW);
    if (y < AXIS || x < NAMES || index < 0 || index >= shown.length) return null;
    const track = shown[index], cycle = cycleAt(x), slack = (1.5 * (to - from)) / width();
    let best = -1;
    for (let i = Math.min(first(track, cycle + slack), track.count) - 1; i >= 0; --i) {
      if (track.end[i] + slack < cycle) { if (track.kind[i] !== 1 && track.kind[i] !== 5) { if (cycle - track.start[i] > 4e6) break; } continue; }
      if (best < 0 || track.end[i] - track.start[i] < track.end[best] - track.start[best]) best = i;
      if (track.kind[i] === 1 || track.kind[i] === 5) break;
    }
    return best < 0 ? null : { index, best };
  }

  function zoom(factor, around = (from + to) / 2) {
    const span = Math.min(Math.max((to - from) * factor, 50), data.cycles);
    const part = (around - from) / (to - from);
    show(around - part * span, span);
  }

  function show(start, span) {
    from = Math.min(Math.max(start, 0), data.cycles - span);
    to = from + span;
    redraw();
  }

  function step(direction) {
    const track = shown[row];
    if (!track?.count) return;
    let i = current < 0 ? first(track, from) : current + direction;
    current = Math.min(Math.max(i, 0), track.count - 1);
    if (track.end[current] < from || track.start[current] > to) show(track.start[current] - (to - from) / 3, to - from);
    const text = tell(track, current);
    byId("slice").textContent = text;
    announce(text);
    redraw();
  }

  const keys = {
    ArrowLeft: () => show(from - (to - from) / 8, to - from), ArrowRight: () => show(from + (to - from) / 8, to - from),
    ArrowUp: () => move(-1), ArrowDown: () => move(1), "+": () => zoom(0.6), "=": () => zoom(0.6), "-": () => zoom(1 / 0.6),
    Home: () => show(0, data.cycles), n: () => step(1), p: () => step(-1),
    Enter: () => { const track = shown[row]; if (current >= 0 && layerOf.has(track.phase[current])) select("layer", track.phase[current]); },
  };
  function move(by) {
    row = Math.min(Math.max(row + by, 0), shown.length - 1);
    current = -1;
    const y = AXIS + row * ROW;
    if (y - box.scrollTop < AXIS) box.scrollTop = y - AXIS;
    if (y - box.scrollTop > box.clientHeight - ROW) box.scrollTop = y - box.clientHeight + ROW;
    announce(`Track ${shown[row].tile} ${shown[row].name}`);
    redraw();
  }
  box.addEventListener("keydown", (event) => {
    const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    action();
  });
  box.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.25 : 0.8, cycleAt(event.offsetX));
    } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
      event.preventDefault();
      show(from + ((event.deltaX || event.deltaY) / width()) * (to - from), to - from);
    }
  }, { passive: false });
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    drag = { x: event.offsetX, from, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (drag) {
      drag.moved ||= Math.abs(event.offsetX - drag.x) > 3;
      if (drag.moved) show(drag.from - ((event.offsetX - drag.x) / width()) * (to - from), to - from);
      return;
    }
    const found = find(event.offsetX, event.offsetY);
    byId("slice").textContent = found ? tell(shown[found.index], found.best) : "\u00a0";
  });
  canvas.addEventListener("pointerup", (event) => {
    const moved = drag?.moved;
    drag = null;
    if (moved) return;
    if (event.offsetX < NAMES) {
      const track = shown[Math.floor((event.offsetY - AXIS + box.scrollTop) / ROW)];
      if (track?.tile) select("tile", track.tile);
      return;
    }
    const found = find(event.offsetX, event.offsetY);
    if (!found) return;
    row = found.index;
    current = found.best;
    const phase = shown[row].phase[current];
    if (layerOf.has(phase)) select("layer", phase); else redraw();
  });
  box.addEventListener("scroll", redraw);
  box.addEventListener("focus", redraw);
  box.addEventListener("blur", redraw);
  new ResizeObserver(redraw).observe(box);
  byId("tracks").addEventListener("change", choose);
  for (const button of document.querySelectorAll("[data-zoom]"))
    button.addEventListener("click", () => {
      if (button.dataset.zoom === "fit") fit(); else zoom(button.dataset.zoom === "in" ? 0.5 : 2);
    });
  function fit() {
    const layer = state.kind === "layer" ? layerOf.get(state.id) : state.kind === "op" ? layerOf.get(state.id.phase) : null;
    if (!layer || (from <= layer.start && to >= layer.end && to - from < 1.2 * (layer.end - layer.start))) show(0, data.cycles);
    else { const margin = (layer.end - layer.start) * 0.05; show(Math.max(layer.start - margin, 0), Math.min((layer.end - layer.start) + 2 * margin, data.cycles)); }
  }
  const legend = byId("slice-legend");
  SLICE_TITLES.forEach((title, i) => {
    if (!i) return;
    legend.append(element("li", {}, element("span", { className: "swatch", style: `background: var(${SLICE_COLOURS[i]})` }), title));
  });
  state.listeners.push((related) => { now = related; if (byId("tracks").value === "selection") choose(); else redraw(); });
  state.redrawTimeline = redraw;
  choose();
}
