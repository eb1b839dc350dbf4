// What the address says behind its #: the image, and what its map and table show, so that a view can be shared.

const PLAIN_VIEW = { mode: "final", layer: null, kind: "", folder: "", search: "", flagged: "" };

/** The view that a fragment names, with its image; null where it names none. What is unknown or invalid is left out. */
function addressed(fragment) {
  const [, image, rest] = /^(?:image-(\d{1,6})(?:&|$))?(.*)$/s.exec(fragment);
  if (rest && !rest.includes("=")) {
    return null; // the name of a part of the page
  }
  const stated = new URLSearchParams(rest);
  const one = (name, allowed, otherwise) => (allowed.includes(stated.get(name)) ? stated.get(name) : otherwise);
  const view = {
    mode: one("mode", MODES.map(([mode]) => mode), PLAIN_VIEW.mode),
    layer: /^\d{1,6}$/.test(stated.get("layer")) ? Number(stated.get("layer")) : null,
    kind: one("kind", KINDS, ""),
    folder: stated.get("folder") || "",
    search: (stated.get("search") || "").slice(0, LONGEST_SEARCH),
    flagged: one("flagged", ["yes"], ""),
  };
  return { image: image === undefined ? 0 : Number(image), view };
}

/** The fragment that names a view; `image` is null where the page has only one. */
function fragmentOf(image, view) {
  const stated = new URLSearchParams();
  for (const [name, plain] of Object.entries(PLAIN_VIEW)) {
    if (view[name] !== plain) {
      stated.set(name, view[name]);
    }
  }
  const text = stated.toString().replaceAll("%2F", "/");
  return [image === null || (image === 0 && !text) ? "" : `image-${image}`, text].filter(Boolean).join("&");
}

/** Writes the fragment into the address: as a step that Back takes back, or in place of the last one. */
function goTo(fragment, { replaces }) {
  const address = location.href.split("#")[0] + (fragment ? `#${fragment}` : "");
  if (address === location.href) {
    return;
  }
  try {
    history[replaces ? "replaceState" : "pushState"](null, "", address);
  } catch {
    // Some browsers take few addresses a minute; the page works without them.
  }
}
