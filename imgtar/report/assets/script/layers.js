// The layer that is chosen in one image: its buttons, what is marked and left out, and how one gets back to all.

class Layers {
  /** `raw` has the layers; `on.choose(layer or null)` shows what one changed, `on.narrow(layer)` what is about it. */
  constructor(article, raw, on) {
    this.article = article;
    this.raw = raw;
    this.on = on;
    this.layer = null;
    this.chips();
    this.segments();
    this.notice();
    this.scopes = [...article.querySelectorAll("section")].filter((section) => section.querySelector("[data-layers]")).map((section) => {
      const scope = html("span", { class: "scope", hidden: true });
      section.querySelector("h2").append(" ", scope);
      return { scope, section };
    });
  }

  toggle(layer) {
    this.on.choose(this.layer === layer ? null : layer);
  }

  chips() {
    for (const chip of this.article.querySelectorAll("span.chip[data-layer]")) {
      const layer = Number(chip.dataset.layer);
      const { words } = this.raw.layers[layer] || { words: "" };
      const button = html("button", {
        type: "button", class: chip.className, "data-layer": layer, title: "Show what this layer changed", "aria-label": `layer ${layer}: ${words}`,
      }, chip.textContent);
      chip.replaceWith(button);
      button.addEventListener("click", () => this.toggle(layer));
    }
    for (const flag of this.article.querySelectorAll("a.flag[data-layer]")) { // the link goes to the findings
      flag.addEventListener("click", () => this.on.narrow(Number(flag.dataset.layer)));
    }
  }

  segments() {
    const segments = [...this.article.querySelectorAll(".segment")];
    this.bar = this.article.querySelector(".bar");
    if (this.bar) {
      this.bar.setAttribute("role", "group");
    }
    segments.forEach((segment, index) => {
      fill(segment, { tabindex: index === 0 ? 0 : -1, role: "button", "aria-label": segment.querySelector("title").textContent }, []);
      segment.addEventListener("click", () => this.toggle(index));
      segment.addEventListener("keydown", (event) => this.key(event, segments, index));
    });
  }

  key(event, segments, index) {
    const target = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: segments.length - 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      this.toggle(index);
    } else if (event.key === "Escape") {
      this.on.choose(null);
    } else if (target !== undefined && segments[target]) {
      segments[index].setAttribute("tabindex", -1);
      segments[target].setAttribute("tabindex", 0);
      segments[target].focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** A line that stays in view, wherever the layer was chosen: which one it is, and the way back. */
  notice() {
    this.chosen = html("span", {});
    this.words = html("span", { class: "words" });
    const look = html("button", { type: "button", class: "look" }, "See its files");
    look.addEventListener("click", () => this.article.querySelector(".explorer").scrollIntoView());
    this.line = html("div", { class: "chosen-layer", role: "status", hidden: true }, "Only layer", this.chosen, this.words, look, this.back("Show all"));
    this.article.querySelector(".stack").after(this.line);
  }

  back(words) {
    const all = html("button", { type: "button", class: "clear" }, words);
    all.addEventListener("click", () => this.on.choose(null));
    return all;
  }

  /** Marks a layer and leaves out what is about others; null shows all. */
  mark(layer) {
    const returns = layer === null && this.article.contains(document.activeElement);
    const before = this.layer;
    this.layer = layer;
    const known = layer === null ? null : this.raw.layers[layer];
    this.line.hidden = known === null;
    if (known !== null) {
      this.chosen.replaceChildren(html("span", { class: `chip k${known.tone}` }, String(layer)));
      this.words.textContent = known.words;
    }
    if (this.bar) {
      this.bar.classList.toggle("choosing", layer !== null);
    }
    for (const element of this.article.querySelectorAll(".segment, .step[data-layer]")) {
      element.classList.toggle("chosen", Number(element.dataset.layer) === layer);
    }
    for (const button of this.article.querySelectorAll(".segment, .step > button.chip")) {
      button.setAttribute("aria-pressed", Number(button.dataset.layer) === layer);
    }
    this.narrow();
    if (returns && !this.article.contains(document.activeElement)) { // the button that was used is gone
      (this.article.querySelector(`.step > button.chip[data-layer="${before}"]`) || this.article).focus({ preventScroll: true });
    }
  }

  /** Leaves out the rows and findings about other layers, and says so in the headings above them. */
  narrow() {
    const { layer } = this;
    for (const element of this.article.querySelectorAll("[data-layers]")) {
      element.classList.toggle("filtered", layer !== null && !element.dataset.layers.split(" ").includes(String(layer)));
    }
    for (const item of this.article.querySelectorAll(".finding li:not([data-layers])")) {
      item.classList.toggle("filtered", layer !== null);
    }
    for (const table of this.article.querySelectorAll(".scroller")) {
      const rows = [...table.querySelectorAll("tr[data-layers]")];
      table.classList.toggle("filtered", rows.length > 0 && rows.every((row) => row.classList.contains("filtered")));
    }
    for (const finding of this.article.querySelectorAll(".finding")) {
      finding.classList.toggle("filtered", finding.querySelector("li:not(.filtered)") === null);
      for (const folded of finding.querySelectorAll("details")) {
        folded.classList.toggle("narrowed", layer !== null);
        folded.open = layer !== null;
      }
    }
    for (const { scope, section } of this.scopes) {
      const has = section.querySelector("[data-layers]:not(.filtered)") !== null;
      section.classList.toggle("narrowed", layer !== null);
      scope.hidden = layer === null;
      scope.replaceChildren(has ? `only layer ${layer}` : `nothing about layer ${layer}`, this.back("Show all layers"));
    }
  }
}
