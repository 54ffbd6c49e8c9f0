/** Vectors of one space in memory, of length 1 each, so that how near two are is a sum of products. */
export class VectorIndex {
  readonly #ids: string[] = [];
  readonly #dimensions: number;
  #values: Float32Array;

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#values = new Float32Array(dimensions * 1_024);
  }

  get size(): number {
    return this.#ids.length;
  }

  add(id: string, vector: readonly number[]): void {
    const from = this.#ids.push(id) * this.#dimensions - this.#dimensions;
    if (from === this.#values.length) {
      const larger = new Float32Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values.set(unit(vector), from);
  }

  /** The nearest to a vector, by cosine (KG-252): at least so near, the nearest first, of equal ones by id. */
  nearest(vector: readonly number[], least: number): { id: string; similarity: number }[] {
    const wanted = Float32Array.from(unit(vector));
    const found: { id: string; similarity: number }[] = [];
    this.#ids.forEach((id, n) => {
      const from = n * this.#dimensions;
      let similarity = 0;
      for (let at = 0; at < this.#dimensions; at += 1) {
        similarity += (this.#values[from + at] ?? 0) * (wanted[at] ?? 0);
      }
      if (similarity >= least) found.push({ id, similarity: Math.min(1, similarity) });
    });
    return found.sort((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1));
  }
}

function unit(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
