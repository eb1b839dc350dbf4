// What stands around the map in words: the largest files and directories in view, the legend, the tip of a cell.

/** The ten largest in a directory; `colour(row)` is a class, `zoom(place)` opens a directory. */
function tenLargest(archive, totals, focus, colour, zoom) {
  const { sums, largest } = totals;
  const children = (archive.children[focus] || []).filter((place) => sums[place] > 0);
  children.sort((one, other) => sums[other] - sums[one] || one - other);
  const most = sums[children[0]] || 1;
  const items = children.slice(0, 10).map((place) => {
    const folder = Boolean(archive.children[place]);
    const tone = folder || !largest[place] ? "" : colour(largest[place]);
    const bar = svg("svg", { "aria-hidden": "true", class: tone }, svg("rect", { width: `${(100 * sums[place]) / most}%`, height: "100%" }));
    const line = html(folder ? "button" : "div", { class: folder ? null : "leaf", type: folder ? "button" : null, title: archive.path(place) },
      html("span", { class: folder ? "name folder-name" : "name" }, archive.names[place]),
      html("span", { class: "value" }, sizeText(sums[place])));
    if (folder) {
      line.addEventListener("click", () => zoom(place));
    }
    return html("li", {}, bar, line);
  });
  const more = children.length > 10 ? [html("li", { class: "dim" }, `… ${numberText(children.length - 10)} more`)] : [];
  return [html("h3", {}, "Largest here"), html("ul", { class: "ten" }, ...items, ...more)];
}

/** What the colours of the map mean: kinds of changes, or the twelve layers with the most bytes. */
function legendItems(archive, mode, rows) {
  const sums = new Map();
  for (const row of rows) {
    const key = mode === "changes" ? archive.kind(row) : row.layer;
    const sum = sums.get(key) || { paths: 0, bytes: 0 };
    sum.paths += row.count || 1;
    sum.bytes += archive.area(row);
    sums.set(key, sum);
  }
  const item = (tone, ...texts) => html("li", {}, html("i", { class: tone }), ...texts);
  if (mode === "changes") {
    return KINDS.map((kind) => {
      const { paths, bytes } = sums.get(kind) || { paths: 0, bytes: 0 };
      return item(`is-${kind}`, html("b", { class: kind }, SIGNS[kind]), ` ${kind}: ${counted(paths, "path")}, ${sizeText(bytes)}`);
    });
  }
  const layers = [...sums].filter(([, sum]) => sum.bytes > 0).sort((one, other) => other[1].bytes - one[1].bytes);
  const more = layers.length > 12 ? [html("li", {}, `… ${numberText(layers.length - 12)} more layers`)] : [];
  return [...layers.slice(0, 12).map(([layer, sum]) => item(archive.tone(layer), `${archive.layerText(layer)} ${sizeText(sum.bytes)}`)), ...more];
}

/** What is shown, in words: `changes of layer 4: +1 −17`. */
function scopeWords(archive, { mode, layer, kind, flagged }, rows) {
  const of = layer === null ? "" : ` layer ${layer}`;
  const only = flagged ? ", only files with findings" : "";
  if (mode === "final") {
    return `final files${of && ` from${of}`}${only}`;
  }
  if (mode === "waste") {
    return `wasted files${of && ` that${of} added or removed`}${only}`;
  }
  const counts = { added: 0, modified: 0, deleted: 0 };
  for (const row of rows) {
    counts[archive.kind(row)] += row.count || 1;
  }
  const signs = KINDS.filter((kind) => counts[kind]).map((kind) => `${SIGNS[kind]}${numberText(counts[kind])}`);
  const cut = archive.layers.some((one, index) => one.unread && (layer === null || layer === index));
  const read = cut ? ", as far as read" : "";
  return `${kind ? `${kind} paths` : "changes"} of${of || " all layers"}${read}: ${signs.join(" ") || "none"}${only}`;
}

/** Says what the map and the table lack; empty where every layer was read to its end. */
function unreadWords(layers) {
  const unread = layers.filter((layer) => layer.unread).length;
  return unread ? ` Only what was read: ${numberText(unread)} of ${counted(layers.length, "layer")} ${unread === 1 ? "was" : "were"} not read completely.` : "";
}

/** The lines about a place: its path, its bytes, and for a file what made it so. */
function placeLines(archive, totals, mode, place) {
  const row = totals.largest[place];
  const folder = Boolean(archive.children[place]);
  const lines = [archive.path(place) + (folder ? "/" : ""), `${sizeText(totals.sums[place])} (${numberText(totals.sums[place])} bytes)`];
  if (row && !folder) {
    const known = archive.layers[row.layer];
    const change = mode === "final" ? "" : `, ${archive.kind(row)}${archive.reasons(row) ? ` (${archive.reasons(row)})` : ""}`;
    lines.push(`layer ${row.layer}${change}${mode === "waste" ? `, removed in layer ${row.other}` : ""}`, known ? known.words : "");
  }
  return lines.filter(Boolean);
}
