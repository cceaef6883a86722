/** Texts that share a shelf; where more than these are alike at the characters that choose it, they take turns. */
const WAYS = 8;

/**
 * A small memory of what was worked out for texts seen lately. Some characters and the length of a text are its
 * mark, and choose its shelf; on a shelf stand the last eight: bounded, and hardly any bookkeeping. The whole text is
 * compared, so an answer is never another text's.
 *
 * Reading some characters instead of hashing all of them is what makes it faster than a Map for long texts, which
 * are new strings each time. Of a text that comes for the first time only the mark is kept, which is a number: most
 * never come again, and keeping them would be work for the garbage collector.
 */
export class RecentTexts<T> {
  readonly #texts: (string | undefined)[];
  readonly #values: (T | undefined)[];
  /** Where the next text of each shelf goes. */
  readonly #next: Uint8Array;
  /** Marks of texts that came once. */
  readonly #seen: Int32Array;
  readonly #maxLength: number;

  /**
   * @param size - How many texts are remembered at most; a power of two.
   * @param maxLength - Longer texts are not remembered; with `size` this bounds the memory.
   */
  constructor(size: number, maxLength: number) {
    this.#texts = new Array<string | undefined>(size).fill(undefined);
    this.#values = new Array<T | undefined>(size).fill(undefined);
    this.#next = new Uint8Array(size / WAYS);
    this.#seen = new Int32Array(size * 8);
    this.#maxLength = maxLength;
  }

  /** What is known of a text, or what `work` answers, which is remembered when the text comes again. */
  recall(text: string, work: (text: string) => T): T {
    const mark = this.markOf(text);
    const known = this.find(mark, text);
    if (known !== undefined) return known;
    const value = work(text);
    this.put(mark, text, value);
    return value;
  }

  /** The mark of a text, for {@link find} and {@link put}; 0 for one that is too long to remember. */
  markOf(text: string): number {
    return text.length > this.#maxLength ? 0 : sampleOf(text) || 1;
  }

  /** @param accepts - Where texts alike have values apart: whether the value is the one that is looked for. */
  find(mark: number, text: string, accepts?: (value: T) => boolean): T | undefined {
    if (mark === 0) return undefined;
    const texts = this.#texts;
    const start = (mark & (this.#next.length - 1)) * WAYS;
    for (let place = start; place < start + WAYS; place++) {
      if (texts[place] !== text) continue;
      const value = this.#values[place] as T;
      if (accepts === undefined || accepts(value)) return value;
    }
    return undefined;
  }

  put(mark: number, text: string, value: T): void {
    if (mark === 0) return;
    const seen = mark & (this.#seen.length - 1);
    if (this.#seen[seen] !== mark) {
      this.#seen[seen] = mark;
      return;
    }
    const shelf = mark & (this.#next.length - 1);
    const next = this.#next[shelf] as number;
    this.#next[shelf] = (next + 1) & (WAYS - 1);
    this.#texts[shelf * WAYS + next] = text;
    this.#values[shelf * WAYS + next] = value;
  }
}

/** How many characters are read from the beginning of a text, where messages have their ids, and how many behind. */
const NEAR = 64;
const FAR = 16;

function sampleOf(text: string): number {
  const { length } = text;
  const near = Math.min(length, NEAR);
  let key = length;
  for (let at = 0; at < near; at++) key = (Math.imul(key, 31) + text.charCodeAt(at)) | 0;
  if (near < length) {
    const step = Math.ceil((length - near) / FAR);
    for (let at = near; at < length; at += step) key = (Math.imul(key, 31) + text.charCodeAt(at)) | 0;
  }
  key = Math.imul(key ^ (key >>> 16), 0x45d9f3b);
  return key ^ (key >>> 13);
}
