// Starts: the page works without this; here it gets its map, its filters and its buttons.

const COPIED = 1500; // milliseconds that "copied" stays

/** One image's part of the page, with the layer that is chosen in it. */
class ImagePart {
  constructor(article, raw) {
    this.article = article;
    this.number = Number(article.dataset.image);
    this.raw = raw;
    this.layer = null;
    this.explorer = null;
    this.buttons();
    this.notice();
  }

  /** Draws the map when the image is first seen: a hidden one has no size. */
  seen() {
    if (this.explorer === null && this.article.offsetParent !== null) {
      const archive = new Archive(this.raw);
      const section = this.article.querySelector(".explorer");
      this.explorer = archive.empty ? false : new Explorer(archive, this.number, section, (layer) => this.choose(layer));
      if (this.explorer && this.layer !== null) {
        this.explorer.set({ layer: this.layer });
      }
    }
  }

  buttons() {
    for (const chip of this.article.querySelectorAll("span.chip[data-layer]")) {
      const layer = Number(chip.dataset.layer);
      const button = html("button", { type: "button", class: chip.className, "data-layer": layer, "aria-label": `layer ${layer}` }, chip.textContent);
      chip.replaceWith(button);
      button.addEventListener("click", () => this.choose(this.layer === layer ? null : layer));
    }
    const segments = [...this.article.querySelectorAll(".segment")];
    const bar = this.article.querySelector(".bar");
    if (bar) {
      bar.setAttribute("role", "group");
    }
    segments.forEach((segment, index) => {
      fill(segment, { tabindex: index === 0 ? 0 : -1, role: "button", "aria-label": segment.querySelector("title").textContent }, []);
      segment.addEventListener("click", () => this.choose(this.layer === index ? null : index));
      segment.addEventListener("keydown", (event) => this.key(event, segments, index));
    });
  }

  key(event, segments, index) {
    const target = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: segments.length - 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      this.choose(this.layer === index ? null : index);
    } else if (event.key === "Escape") {
      this.choose(null);
    } else if (target !== undefined && segments[target]) {
      segments[index].setAttribute("tabindex", -1);
      segments[target].setAttribute("tabindex", 0);
      segments[target].focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  notice() {
    const clear = html("button", { type: "button" }, "Show all");
    clear.addEventListener("click", () => this.choose(null));
    this.chosen = html("span", {});
    this.words = html("span", { class: "words" });
    this.bar = html("div", { class: "chosen-layer", role: "status", hidden: true }, "Only layer", this.chosen, this.words, clear);
    this.article.querySelector(".stack").after(this.bar);
  }

  /** Filters everything below the stack by a layer; null shows all. */
  choose(layer) {
    this.layer = layer;
    const known = layer === null ? null : this.raw.layers[layer];
    this.bar.hidden = known === null;
    if (known !== null) {
      this.chosen.replaceChildren(html("span", { class: `chip k${known.tone}` }, String(layer)));
      this.words.textContent = known.words;
    }
    const bar = this.article.querySelector(".bar");
    if (bar) {
      bar.classList.toggle("choosing", layer !== null);
    }
    for (const element of this.article.querySelectorAll(".segment, .step[data-layer]")) {
      element.classList.toggle("chosen", Number(element.dataset.layer) === layer);
    }
    for (const element of this.article.querySelectorAll("[data-layers]")) {
      element.classList.toggle("filtered", layer !== null && !element.dataset.layers.split(" ").includes(String(layer)));
    }
    for (const finding of this.article.querySelectorAll(".finding")) {
      finding.classList.toggle("filtered", finding.querySelector("li:not(.filtered)") === null);
      for (const folded of finding.querySelectorAll("details")) {
        folded.classList.toggle("narrowed", layer !== null);
        folded.open = layer !== null;
      }
    }
    if (this.explorer) {
      this.explorer.set({ layer });
    }
  }
}

function addCopiers() {
  for (const code of document.querySelectorAll("code.copy")) {
    const button = html("button", { type: "button", class: "copier", "aria-label": `Copy ${code.textContent}` }, "copy");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "selected";
      }
      setTimeout(() => { button.textContent = "copy"; }, COPIED);
    });
    code.after(button);
  }
}

function start() {
  document.documentElement.classList.add("scripted");
  const raw = JSON.parse(document.getElementById("rows").textContent);
  const parts = [...document.querySelectorAll(".image")].map((article) => new ImagePart(article, raw[Number(article.dataset.image)]));
  const show = () => {
    for (const part of parts) {
      part.seen();
      const tab = document.querySelector(`.tabs a[href="#image-${part.number}"]`);
      if (tab && part.article.offsetParent !== null) {
        tab.setAttribute("aria-current", "page");
      } else if (tab) {
        tab.removeAttribute("aria-current");
      }
    }
  };
  addEventListener("hashchange", show);
  addEventListener("load", show); // only now is the address's target known
  focusOnSlash(() => [...document.querySelectorAll(".explorer input")].find((input) => input.offsetParent !== null));
  addCopiers();
  show();
}

start();
