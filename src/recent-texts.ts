/** Texts that share one place; where more than these are alike at the characters that choose it, they take turns. */
const WAYS = 8;

/**
 * A small memory of what was worked out for texts seen lately. A few characters and the length of a text choose
 * its shelf; on a shelf stand the last eight: bounded, and hardly any bookkeeping. The whole text is compared, so
 * an answer is never another text's.
 *
 * Reading some characters instead of hashing all of them is what makes it faster than a Map for long texts, which
 * are new strings each time.
 */
export class RecentTexts<T> {
  readonly #texts: (string | undefined)[];
  readonly #values: (T | undefined)[];
  /** Where the next text of each shelf goes. */
  readonly #next: Uint8Array;
  readonly #maxLength: number;

  /**
   * @param size - How many texts are remembered at most; a power of two.
   * @param maxLength - Longer texts are not remembered; with `size` this bounds the memory.
   */
  constructor(size: number, maxLength: number) {
    this.#texts = new Array<string | undefined>(size).fill(undefined);
    this.#values = new Array<T | undefined>(size).fill(undefined);
    this.#next = new Uint8Array(size / WAYS);
    this.#maxLength = maxLength;
  }

  /** What is known of a text, or what `work` answers, which is remembered. */
  recall(text: string, work: (text: string) => T): T {
    if (text.length > this.#maxLength) return work(text);
    const shelf = this.shelfOf(text);
    const known = this.find(shelf, text);
    if (known !== undefined) return known;
    const value = work(text);
    this.put(shelf, text, value);
    return value;
  }

  /** The shelf of a text, for {@link find} and {@link put}; negative for one that is too long to remember. */
  shelfOf(text: string): number {
    return text.length > this.#maxLength ? -1 : sampleOf(text) & (this.#next.length - 1);
  }

  find(shelf: number, text: string): T | undefined {
    if (shelf < 0) return undefined;
    const texts = this.#texts;
    const start = shelf * WAYS;
    for (let place = start; place < start + WAYS; place++) {
      if (texts[place] === text) return this.#values[place];
    }
    return undefined;
  }

  put(shelf: number, text: string, value: T): void {
    if (shelf < 0) return;
    const next = this.#next[shelf] as number;
    this.#next[shelf] = (next + 1) & (WAYS - 1);
    this.#texts[shelf * WAYS + next] = text;
    this.#values[shelf * WAYS + next] = value;
  }
}

/** Stacks and messages differ near their beginning most, where ids are: that is read in full, the rest in steps. */
function sampleOf(text: string): number {
  const { length } = text;
  const near = Math.min(length, 64);
  let key = length;
  for (let at = 0; at < near; at++) key = (Math.imul(key, 31) + text.charCodeAt(at)) | 0;
  if (near < length) {
    const step = (length - near) >> 5 || 1;
    for (let at = near; at < length; at += step) key = (Math.imul(key, 31) + text.charCodeAt(at)) | 0;
  }
  key = Math.imul(key ^ (key >>> 16), 0x45d9f3b);
  return key ^ (key >>> 13);
}
