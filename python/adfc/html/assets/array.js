// The array's picture.
function startArray() {
  const picture = document.querySelector("#array svg");
  const tiles = [...picture.querySelectorAll(".tile:not(.unused)")];
  const routes = [...picture.querySelectorAll(".route")];
  const at = new Map(tiles.map((tile) => [tile.dataset.tile, tile]));
  const steps = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const next = (item, key) => {
    const step = steps[key];
    if (!step) return null;
    let [column, row] = item.dataset.tile.split(",").map(Number);
    for (let tries = 0; tries < 64; ++tries) {
      column += step[0];
      row += step[1];
      const found = at.get(`${column},${row}`);
      if (found) return found;
    }
    return null;
  };
  roving(tiles, next, (item) => select("tile", item.dataset.tile));
  state.listeners.push(({ phases, tiles: chosen }) => {
    const any = Boolean(state.kind);
    picture.classList.toggle("picked", any);
    for (const tile of tiles) {
      tile.classList.toggle("on", chosen.has(tile.dataset.tile));
      tile.classList.toggle("self", state.kind === "tile" && state.id === tile.dataset.tile);
      tile.setAttribute("aria-pressed", String(chosen.has(tile.dataset.tile)));
    }
    for (const route of routes) {
      const mine = route.dataset.phases.split(" ").some((phase) => phases.has(Number(phase)));
      route.classList.toggle("on", any && mine && (state.kind !== "tile" || passes(route)));
    }
  });
  // Whether a stream passes the selected tile: its path enters the tile's cell.
  const passes = (route) => {
    const cell = at.get(state.id)?.querySelector(".cell");
    if (!cell) return false;
    const [x, y, w, h] = ["x", "y", "width", "height"].map((name) => Number(cell.getAttribute(name)));
    const points = route.getAttribute("d").match(/[\d.]+ [\d.]+/g) ?? [];
    return points.some((point) => {
      const [px, py] = point.split(" ").map(Number);
      return px >= x - 0.5 && px <= x + w + 0.5 && py >= y - 0.5 && py <= y + h + 0.5;
    });
  };
}
