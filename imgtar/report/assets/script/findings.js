// The findings of a page: a search, filters by severity, code and layer, and the cards that choose a severity.

class Findings {
  constructor(section, cards) {
    this.cards = cards;
    this.state = { query: "", severity: "", code: "", layer: "" };
    this.groups = [...section.querySelectorAll(".finding")].map((element) => ({
      element,
      severity: element.dataset.severity,
      code: element.dataset.code,
      words: element.querySelector("h3").textContent.toLowerCase(),
      details: element.querySelector("details"),
      rows: [...element.querySelectorAll("li")].map((item) => ({
        item,
        place: item.dataset.layers === undefined ? "" : `${item.dataset.image || ""} ${item.dataset.layers}`,
        words: item.classList.contains("more") ? "" : item.textContent.toLowerCase(),
        count: Number(item.dataset.count || 1),
      })),
    }));
    this.total = this.groups.reduce((sum, group) => sum + group.rows.reduce((count, row) => count + row.count, 0), 0);
    this.build(section);
    this.update();
  }

  build(section) {
    const rows = this.groups.flatMap((group) => group.rows);
    const several = rows.some((row) => row.item.dataset.image !== undefined);
    const layerText = (place) => {
      const [image, layer] = place.split(" ");
      return several ? `image @${image}, layer ${layer}` : `layer ${layer}`;
    };
    const places = [...new Set(rows.map((row) => row.place).filter(Boolean))];
    places.sort((one, other) => one.localeCompare(other, "en", { numeric: true }));
    this.search = html("input", { type: "search", placeholder: "Part of a finding", "aria-label": "Search findings", autocomplete: "off", spellcheck: "false" });
    this.search.addEventListener("input", () => this.set({ query: this.search.value.trim().toLowerCase() }));
    this.selects = {
      severity: this.select("severity", "all severities", [...new Set(this.groups.map((group) => group.severity))]),
      code: this.select("code", "all codes", [...new Set(this.groups.map((group) => group.code))].sort()),
      layer: this.select("layer", "all layers", places, layerText),
    };
    this.clear = html("button", { type: "button", class: "clear" }, "Show all");
    this.clear.addEventListener("click", () => this.set({ query: "", severity: "", code: "", layer: "" }));
    this.result = html("span", { role: "status" });
    for (const card of this.cards) {
      card.addEventListener("click", (event) => {
        this.set({ severity: card.dataset.severity, query: "", code: "", layer: "" });
        section.scrollIntoView(); // with the controls, which stand above the finding that the link names
        event.preventDefault();
      });
    }
    section.querySelector(".finding").before(html("div", { class: "controls" },
      html("label", { class: "search" }, this.search), ...Object.values(this.selects),
      html("span", { class: "hint" }, this.result, this.clear)));
  }

  select(name, everything, values, text = (value) => value) {
    const select = html("select", { "aria-label": `Filter by ${name}` }, html("option", { value: "" }, everything),
      ...values.map((value) => html("option", { value }, text(value))));
    select.hidden = values.length < 2;
    select.addEventListener("change", () => this.set({ [name]: select.value }));
    return select;
  }

  set(changes) {
    Object.assign(this.state, changes);
    this.update();
  }

  update() {
    const { query, severity, code, layer } = this.state;
    const choosing = Boolean(query || severity || code || layer);
    let shown = 0;
    for (const group of this.groups) {
      const chosen = (!severity || group.severity === severity) && (!code || group.code === code);
      const named = group.words.includes(query);
      let matching = 0;
      for (const row of group.rows) {
        const matches = chosen && (!layer || row.place === layer) && (named || row.words.includes(query));
        row.item.classList.toggle("filtered", !matches);
        matching += matches ? row.count : 0;
      }
      group.element.classList.toggle("filtered", matching === 0);
      if (group.details) {
        const narrowed = Boolean(layer || (query && !named));
        group.details.classList.toggle("narrowed", narrowed);
        group.details.open = narrowed;
      }
      shown += matching;
    }
    if (this.search.value.trim().toLowerCase() !== query) {
      this.search.value = query;
    }
    for (const [name, select] of Object.entries(this.selects)) {
      select.value = this.state[name];
    }
    for (const card of this.cards) {
      fill(card, { "aria-current": String(card.dataset.severity === severity) }, []);
    }
    this.clear.hidden = !choosing;
    this.result.textContent = choosing ? `${numberText(shown)} of ${counted(this.total, "finding")}` : counted(this.total, "finding");
  }
}

function start() {
  const section = document.querySelector("section.findings");
  if (section.querySelector(".finding")) {
    const findings = new Findings(section, [...document.querySelectorAll(".tally a")]);
    focusOnSlash(() => findings.search);
  }
}

start();
