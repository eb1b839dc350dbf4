// One image's rows, out of the columns that the page carries.

const FIELDS = {
  final: ["layer", "attributes"],
  changes: ["layer", "attributes", "kind", "other"],
  waste: ["layer", "attributes", "kind", "other"],
};

/** The tree of names (0 is the root; parents come before their children) and the rows that point into it. */
class Archive {
  constructor(raw) {
    this.raw = raw;
    this.layers = raw.layers;
    this.names = raw.names.slice();
    this.parents = raw.parents.map((distance, place) => place - distance);
    this.links = new Map(Object.entries(raw.links).map(([place, link]) => [Number(place), link]));
    this.lists = {};
    for (const mode of Object.keys(FIELDS)) {
      this.lists[mode] = this.decoded(mode);
    }
    this.children = this.names.map(() => null);
    for (let place = 1; place < this.names.length; place += 1) {
      const parent = this.parents[place];
      (this.children[parent] || (this.children[parent] = [])).push(place);
    }
    this.paths = new Map();
    this.listed = null;
    this.lowered = null;
    this.folders = null;
  }

  /** The rows of a list; sums of small files get places of their own in their directory. */
  decoded(mode) {
    const fields = FIELDS[mode];
    const [places = [], sizes = [], ...facts] = this.raw.rows[mode] || [];
    const rows = new Array(places.length);
    let place = 0;
    for (let index = 0; index < places.length; index += 1) {
      place += places[index];
      const row = { place, size: sizes[index], count: 0, layer: -1, attributes: -1, kind: -1, other: -1 };
      fields.forEach((field, column) => { row[field] = facts[column][index]; });
      rows[index] = row;
    }
    for (const [folder, count, size, ...rest] of this.raw.rests[mode] || []) {
      const row = { place: this.names.length, size, count, layer: -1, attributes: -1, kind: -1, other: -1 };
      fields.forEach((field, column) => { row[field] = rest[column]; });
      this.names.push(`… ${numberText(count)} smaller`);
      this.parents.push(folder);
      rows.push(row);
    }
    return rows;
  }

  get empty() {
    return Object.values(this.lists).every((rows) => rows.length === 0);
  }

  path(place) {
    if (place === 0) {
      return "";
    }
    let path = this.paths.get(place);
    if (path === undefined) {
      const names = [];
      for (let at = place; at !== 0; at = this.parents[at]) {
        names.push(this.names[at]);
      }
      path = `/${names.reverse().join("/")}`;
      this.paths.set(place, path);
    }
    return path;
  }

  /** The directories from below the root to `place`. */
  trail(place) {
    const places = [];
    for (let at = place; at !== 0; at = this.parents[at]) {
      places.push(at);
    }
    return places.reverse();
  }

  /** The directory of this path, or the nearest one above it that is here. */
  folder(path) {
    let place = 0;
    let rest = path.slice(1);
    while (rest) {
      const next = (this.children[place] || []).find((child) => (
        this.children[child] && (rest === this.names[child] || rest.startsWith(`${this.names[child]}/`))
      ));
      if (next === undefined) {
        break;
      }
      rest = rest.slice(this.names[next].length + 1);
      place = next;
    }
    return place;
  }

  /** The path of each place that is no sum of small files, by its number. */
  get listedPaths() {
    this.listed = this.listed || this.raw.names.map((_, place) => this.path(place));
    return this.listed;
  }

  get loweredPaths() {
    this.lowered = this.lowered || this.listedPaths.map((path) => path.toLowerCase());
    return this.lowered;
  }

  /** Is a place a directory in the final filesystem or in a layer? */
  isFolder(place) {
    if (this.folders === null) {
      this.folders = this.children.map((children) => (children ? 1 : 0));
      for (const row of Object.values(this.lists).flat()) {
        if (row.count === 0 && this.type(row) === "directory") {
          this.folders[row.place] = 1;
        }
      }
    }
    return this.folders[place] === 1;
  }

  /** For each place: is it `folder` or below it? */
  below(folder) {
    const inside = new Uint8Array(this.names.length);
    for (let place = 0; place < inside.length; place += 1) {
      inside[place] = place === folder || (place !== 0 && inside[this.parents[place]]) ? 1 : 0;
    }
    return inside;
  }

  type(row) {
    return row.attributes < 0 ? "file" : this.raw.attributes[row.attributes][0];
  }

  permissions(row) {
    return row.attributes < 0 ? "" : this.raw.attributes[row.attributes][1];
  }

  owner(row) {
    return row.attributes < 0 ? "" : this.raw.attributes[row.attributes][2];
  }

  kind(row) {
    return row.kind < 0 ? "" : this.raw.kinds[row.kind][0];
  }

  reasons(row) {
    return row.kind < 0 ? "" : this.raw.kinds[row.kind][1];
  }

  /** The area of a row: only regular files have one, and a hard link adds nothing to its target's. */
  area(row) {
    return this.type(row) === "file" ? row.size : 0;
  }

  /** The sum and the number of rows at and below each place, and the largest row of them. */
  totals(rows) {
    const sums = new Float64Array(this.names.length);
    const counts = new Uint32Array(this.names.length);
    const largest = new Array(this.names.length).fill(null);
    const weights = new Float64Array(this.names.length);
    for (const row of rows) {
      const area = this.area(row);
      sums[row.place] += area;
      counts[row.place] += 1;
      if (largest[row.place] === null || area > weights[row.place]) {
        largest[row.place] = row;
        weights[row.place] = area;
      }
    }
    // Sums of small files come last but belong to earlier directories, so the order of the places still holds.
    for (let place = this.names.length - 1; place > 0; place -= 1) {
      const parent = this.parents[place];
      sums[parent] += sums[place];
      counts[parent] += counts[place];
      if (weights[place] > weights[parent]) {
        weights[parent] = weights[place];
        largest[parent] = largest[place];
      }
    }
    return { sums, counts, largest };
  }

  tone(layer) {
    return this.layers[layer] ? `k${this.layers[layer].tone}` : "";
  }

  keyword(layer) {
    return this.layers[layer] ? this.layers[layer].keyword : "";
  }

  /** `3 RUN`. */
  layerText(layer) {
    return this.layers[layer] ? `${layer} ${this.keyword(layer)}`.trim() : "";
  }
}
