/**
 * A small memory of what was worked out for texts seen lately. Each text has two places, chosen by a few of its
 * characters and its length, and a later text takes the place of an earlier one: bounded, and no bookkeeping.
 * The whole text is compared, so an answer is never another text's.
 *
 * Reading a few characters instead of hashing all of them is what makes it faster than a Map for long texts,
 * which are new strings each time.
 */
export class RecentTexts<T> {
  readonly #texts: (string | undefined)[];
  readonly #values: (T | undefined)[];
  readonly #mask: number;
  readonly #maxLength: number;

  /**
   * @param places - A power of two.
   * @param maxLength - Longer texts are not remembered; with `places` this bounds the memory.
   */
  constructor(places: number, maxLength: number) {
    this.#texts = new Array<string | undefined>(places).fill(undefined);
    this.#values = new Array<T | undefined>(places).fill(undefined);
    this.#mask = places - 1;
    this.#maxLength = maxLength;
  }

  get(text: string): T | undefined {
    const place = placeOf(text) & this.#mask;
    if (this.#texts[place] === text) return this.#values[place];
    return this.#texts[place ^ 1] === text ? this.#values[place ^ 1] : undefined;
  }

  /** The text that was there moves to the second place, and the one there is forgotten. */
  set(text: string, value: T): void {
    if (text.length > this.#maxLength) return;
    const place = placeOf(text) & this.#mask;
    this.#texts[place ^ 1] = this.#texts[place];
    this.#values[place ^ 1] = this.#values[place];
    this.#texts[place] = text;
    this.#values[place] = value;
  }
}

/** Stacks and messages differ near their beginning most: half of the characters read are from there. */
function placeOf(text: string): number {
  const { length } = text;
  let key = length;
  const near = length < 256 ? length : 256;
  const step = near < 24 ? 1 : near / 24;
  for (let at = 0; at < near; at += step) key = (Math.imul(key, 31) + text.charCodeAt(at | 0)) | 0;
  for (let part = 1; part <= 8; part++) {
    key = (Math.imul(key, 31) + text.charCodeAt(((length * part) >> 3) - 1)) | 0;
  }
  return key ^ (key >>> 15);
}
