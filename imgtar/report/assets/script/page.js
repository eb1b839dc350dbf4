// Starts: the page works without this; here it gets its map, its filters and its buttons, and follows its address.

const COPIED = 1500; // milliseconds that "copied" stays

/** One image's part of the page, with the view that is chosen in it. */
class ImagePart {
  /** `number` of the image, null where the page has only this one. */
  constructor(article, raw, number) {
    this.article = article;
    this.raw = raw;
    this.number = number;
    this.view = PLAIN_VIEW;
    this.before = null; // the mode in which a layer was chosen
    this.explorer = null;
    this.layers = new Layers(article, raw, {
      choose: (layer) => this.choose(layer),
      narrow: (layer) => this.change({ layer }, false),
    });
    this.marks = new Marks(article.querySelector("section.findings"));
  }

  get fragment() {
    return fragmentOf(this.number, this.view);
  }

  /** Shows a view. The map is drawn when the image is first seen: a hidden one has no size. */
  show(view) {
    const isFresh = this.explorer === null;
    if (isFresh) {
      const archive = new Archive(this.raw);
      const on = { change: (changes, replaces) => this.change(changes, replaces), choose: (layer) => this.choose(layer) };
      const section = this.article.querySelector(".explorer");
      this.explorer = archive.empty ? false : new Explorer(archive, this.marks, this.number || 0, section, on);
      if (this.explorer) {
        linkFiles(this.marks, (path, layer) => this.explorer.showFile(path, layer));
      }
    }
    this.view = this.valid(view);
    this.layers.mark(this.view.layer);
    if (this.explorer) {
      this.explorer.show(this.view);
    }
  }

  /** The view with only what this image has. */
  valid(view) {
    const layer = view.layer !== null && this.raw.layers[view.layer] ? view.layer : null;
    const { archive } = this.explorer || {};
    const folder = archive ? archive.path(archive.folder(view.folder)) : "";
    return { ...view, layer, folder, flagged: this.marks.empty ? "" : view.flagged };
  }

  /** Shows another view and writes it into the address; `replaces`: not as a step of its own. */
  change(changes, replaces) {
    this.show({ ...this.view, ...changes });
    goTo(this.fragment, { replaces });
  }

  /** Shows what a layer changed, and nothing else; null shows all layers, as it was before one was chosen. */
  choose(layer) {
    if (layer === null) {
      this.change({ layer, mode: this.before || this.view.mode }, false);
      this.before = null;
      return;
    }
    this.before = this.view.layer === null ? this.view.mode : this.before;
    this.change({ ...PLAIN_VIEW, mode: "changes", layer }, false);
  }
}

/** The images of the page, of which one is shown. */
class Report {
  constructor(parts) {
    this.parts = parts;
    this.tabs = parts.map((part) => document.querySelector(`.tabs a[href="#image-${part.number}"]`));
    this.tabs.forEach((tab, index) => tab && tab.addEventListener("click", (event) => {
      event.preventDefault();
      this.open(parts[index], parts[index].view);
      goTo(parts[index].fragment, { replaces: false });
    }));
  }

  open(part, view) {
    this.parts.forEach((other, index) => {
      other.article.classList.toggle("current", other === part);
      if (this.tabs[index]) {
        fill(this.tabs[index], { "aria-current": other === part ? "page" : "false" }, []);
      }
    });
    part.show(view);
  }

  /** Shows what the address names; nothing changes where it names neither an image nor a part of the page. */
  follow() {
    const fragment = location.hash.slice(1);
    const found = addressed(fragment);
    const named = found === null ? document.getElementById(fragment) : null;
    const part = found === null ? this.parts.find(({ article }) => article.contains(named)) : this.parts[found.image] || this.parts[0];
    if (part) {
      this.open(part, found === null ? part.view : found.view);
    }
    if (named) {
      named.scrollIntoView();
    }
  }
}

/** A link within the page goes there and leaves the address, which names the view, as it is. */
function keepAddress() {
  for (const link of document.querySelectorAll("a[href^='#']:not(.tabs a)")) {
    link.addEventListener("click", (event) => {
      const target = document.getElementById(link.getAttribute("href").slice(1));
      if (target) {
        event.preventDefault();
        target.setAttribute("tabindex", -1);
        target.focus({ preventScroll: true });
        target.scrollIntoView();
      }
    });
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
  const articles = [...document.querySelectorAll(".image")];
  const parts = articles.map((article, index) => new ImagePart(article, raw[index], articles.length > 1 ? index : null));
  focusOnSlash(() => [...document.querySelectorAll(".explorer input")].find((input) => input.offsetParent !== null));
  addCopiers();
  keepAddress();
  if (parts.length) {
    const report = new Report(parts);
    report.open(parts[0], PLAIN_VIEW);
    report.follow();
    addEventListener("hashchange", () => report.follow());
  }
}

start();
