// The map and the file table of one image, with what is chosen in them.

const MODES = [
  ["final", "Final files", "The files that a container sees, coloured by the layer that holds each file."],
  ["changes", "Changes", "The files that layers added, modified and deleted."],
  ["waste", "Wasted", "Stored in a layer, but no longer reachable in the final image."],
];
const KINDS = ["added", "modified", "deleted"];
const SEARCH_DELAY = 120; // milliseconds

class Explorer {
  /** `choose(layer or null)` tells the page that a layer was chosen here. */
  constructor(archive, number, section, choose) {
    this.archive = archive;
    this.choose = choose;
    this.state = { mode: "final", layer: null, kind: "", focus: 0, query: "", sort: { key: "size", down: true } };
    this.map = new TreeMap(archive, number, {
      zoom: (place) => this.set({ focus: place }),
      up: () => this.set({ focus: archive.parents[this.state.focus] }),
      point: (place, event, box) => this.point(place, event, box),
      leave: () => { this.tip.hidden = true; },
    });
    this.table = new FileTable(archive, (key) => this.sort(key));
    this.build(section, number);
    this.update();
    new ResizeObserver(() => requestAnimationFrame(() => this.drawMap())).observe(this.map.element);
  }

  build(section, number) {
    this.tip = html("div", { class: "tip", role: "tooltip", hidden: true });
    this.switch = html("div", { class: "switch", role: "group", "aria-label": "What the map and the table show" });
    for (const [mode, title, hint] of MODES) {
      const button = html("button", { type: "button", "data-mode": mode, title: hint }, title);
      button.addEventListener("click", () => this.set({ mode, focus: 0, sort: { key: "size", down: true } }));
      this.switch.append(button);
    }
    this.layer = html("select", {}, html("option", { value: "" }, "all layers"));
    this.archive.layers.forEach((_, index) => this.layer.append(html("option", { value: index }, this.archive.layerText(index))));
    this.layer.addEventListener("change", () => this.choose(this.layer.value === "" ? null : Number(this.layer.value)));
    this.kind = html("select", {}, html("option", { value: "" }, "all changes"), ...KINDS.map((kind) => html("option", { value: kind }, kind)));
    this.kind.addEventListener("change", () => this.set({ kind: this.kind.value }));
    this.kindLabel = html("label", {}, "Show", this.kind);
    this.hint = html("span", { class: "hint" });
    this.crumbs = html("nav", { class: "crumbs", "aria-label": "Directory" });
    this.legend = html("ul", { class: "legend" });
    this.ten = html("div", { class: "ten" });
    this.search = html("input", { type: "search", placeholder: "Part of a path", "aria-label": "Search paths", id: `search-${number}`, autocomplete: "off", spellcheck: "false" });
    let timer = 0;
    this.search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.set({ query: this.search.value.trim().toLowerCase() }), SEARCH_DELAY);
    });
    this.result = html("span", { class: "hint", role: "status" });
    section.append(
      html("h2", {}, "Map"),
      html("div", { class: "controls" }, this.switch, html("label", {}, "Layer", this.layer), this.kindLabel, this.hint),
      this.crumbs,
      html("div", { class: "canvas" }, html("div", {}, this.map.element, this.legend), this.ten),
      html("div", { class: "files" },
        html("h2", {}, "Files"),
        html("div", { class: "controls" }, html("label", { class: "search" }, this.search), this.result),
        this.table.element),
      this.tip,
    );
    section.hidden = false;
  }

  set(changes) {
    Object.assign(this.state, changes);
    this.update();
  }

  sort(key) {
    const { sort } = this.state;
    this.set({ sort: { key, down: sort.key === key ? !sort.down : key === "size" } });
  }

  /** The rows of the mode, layer and kind: what the map shows, wherever it is zoomed. */
  chosen() {
    const { mode, layer, kind } = this.state;
    return this.archive.lists[mode].filter((row) => (
      (layer === null || row.layer === layer || (mode === "waste" && row.other === layer))
      && (mode !== "changes" || kind === "" || this.archive.kind(row) === kind)
    ));
  }

  update() {
    const { mode, layer, query, focus } = this.state;
    this.rows = this.chosen();
    this.totals = this.archive.totals(this.rows);
    this.matching = query ? this.archive.matches(query) : null;
    for (const button of this.switch.children) {
      button.setAttribute("aria-pressed", button.dataset.mode === mode);
    }
    this.layer.value = layer === null ? "" : layer;
    this.kindLabel.hidden = mode !== "changes";
    this.hint.textContent = MODES.find(([name]) => name === mode)[2];
    this.tip.hidden = true;
    this.drawCrumbs();
    this.drawMap();
    this.drawLegend();
    this.drawTen();
    this.drawTable(this.archive.below(focus));
  }

  colour(row) {
    return this.state.mode === "changes" ? `is-${this.archive.kind(row)}` : this.archive.tone(row.layer);
  }

  drawMap() {
    this.map.draw({
      totals: this.totals,
      focus: this.state.focus,
      matching: this.matching,
      colour: (row) => this.colour(row),
      hatched: (row) => this.state.mode === "waste" || (this.state.mode === "changes" && this.archive.kind(row) === "deleted"),
    });
  }

  drawCrumbs() {
    const trail = [0, ...this.archive.trail(this.state.focus)];
    const parts = trail.map((place, index) => {
      const last = index === trail.length - 1;
      const button = html("button", { type: "button", "aria-current": last ? "location" : null }, place === 0 ? "/" : this.archive.names[place]);
      button.addEventListener("click", () => this.set({ focus: place }));
      return button;
    });
    const sum = this.totals.sums[this.state.focus];
    this.crumbs.replaceChildren(...parts, html("span", { class: "sum", title: `${numberText(sum)} bytes` }, sizeText(sum)));
  }

  drawLegend() {
    const item = (tone, text) => html("li", {}, html("i", { class: tone }), text);
    if (this.state.mode === "changes") {
      this.legend.replaceChildren(...KINDS.map((kind) => item(`is-${kind}`, kind)));
      return;
    }
    const sums = new Map();
    for (const row of this.rows) {
      sums.set(row.layer, (sums.get(row.layer) || 0) + this.archive.area(row));
    }
    const layers = [...sums].filter(([, sum]) => sum > 0).sort((one, other) => other[1] - one[1]).slice(0, 12);
    this.legend.replaceChildren(...layers.map(([layer, sum]) => item(this.archive.tone(layer), `${this.archive.layerText(layer)} ${sizeText(sum)}`)));
  }

  drawTen() {
    const { sums, largest } = this.totals;
    const children = (this.archive.children[this.state.focus] || []).filter((place) => sums[place] > 0);
    children.sort((one, other) => sums[other] - sums[one] || one - other);
    const most = sums[children[0]] || 1;
    const items = children.slice(0, 10).map((place) => {
      const folder = Boolean(this.archive.children[place]);
      const tone = folder || !largest[place] ? "" : this.colour(largest[place]);
      const bar = svg("svg", { "aria-hidden": "true", class: tone }, svg("rect", { width: `${(100 * sums[place]) / most}%`, height: "100%" }));
      const line = html(folder ? "button" : "div", { class: folder ? null : "leaf", type: folder ? "button" : null, title: this.archive.path(place) },
        html("span", { class: folder ? "name folder-name" : "name" }, this.archive.names[place]),
        html("span", { class: "value" }, sizeText(sums[place])));
      if (folder) {
        line.addEventListener("click", () => this.set({ focus: place }));
      }
      return html("li", {}, bar, line);
    });
    const more = children.length > 10 ? [html("li", { class: "dim" }, `… ${numberText(children.length - 10)} more`)] : [];
    this.ten.replaceChildren(html("h3", {}, "Largest here"), html("ul", { class: "ten" }, ...items, ...more));
  }

  drawTable(inside) {
    const { mode, sort, query } = this.state;
    const columns = columnsOf(mode, this.archive, this.table, (layer) => this.choose(layer));
    const column = columns.find(({ key }) => key === sort.key) || columns.find(({ key }) => key === "size");
    const shown = this.rows.filter((row) => inside[row.place] && (!this.matching || this.matching[row.place]));
    this.table.show(ordered(shown, column, sort.down), columns, { key: column.key, down: sort.down }, query);
    const count = shown.reduce((sum, row) => sum + (row.count || 1), 0);
    const size = shown.reduce((sum, row) => sum + this.archive.area(row), 0);
    const unlisted = this.matching ? this.rows.reduce((sum, row) => sum + (inside[row.place] ? row.count : 0), 0) : 0;
    const note = unlisted ? `; ${numberText(unlisted)} smaller files are not listed by name` : "";
    this.result.textContent = `${counted(count, "path")}, ${sizeText(size)}${note}`;
  }

  /** Shows what a cell is, at the pointer or below the cell's box. */
  point(place, event, box) {
    const { archive, totals } = this;
    const row = totals.largest[place];
    const folder = Boolean(archive.children[place]);
    const lines = [`${sizeText(totals.sums[place])} (${numberText(totals.sums[place])} bytes)`];
    if (row && !folder) {
      const known = archive.layers[row.layer];
      const change = this.state.mode === "final" ? "" : `${archive.kind(row)}${archive.reasons(row) ? ` (${archive.reasons(row)})` : ""}`;
      lines.push(`layer ${row.layer}${change ? `, ${change}` : ""}${this.state.mode === "waste" ? `, removed in layer ${row.other}` : ""}`);
      lines.push(known ? known.words : "");
    }
    this.tip.replaceChildren(html("b", {}, archive.path(place) + (folder ? "/" : "")), ...lines.filter(Boolean).map((text) => html("span", {}, text)));
    this.tip.hidden = false;
    const x = event ? event.clientX + 14 : box.left + 8;
    const y = event ? event.clientY + 16 : box.top + Math.min(box.height, 60);
    this.tip.style.left = `${Math.max(4, Math.min(x, innerWidth - this.tip.offsetWidth - 6))}px`;
    this.tip.style.top = `${Math.max(4, Math.min(y, innerHeight - this.tip.offsetHeight - 6))}px`;
  }
}
