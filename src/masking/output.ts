import { DATE_WORDS, UNITS } from './words.ts';

/** Stands for what was masked. */
export const MASK = '<*>';

/** Words of a masked text that are kept. */
const MAX_WORDS = 64;

/** Why a piece of text was masked. */
export type MaskRule =
  | 'redacted'
  | 'number'
  | 'url'
  | 'path'
  | 'email'
  | 'host'
  | 'id'
  | 'quoted'
  | 'value'
  | 'secret'
  | 'structure'
  | 'date'
  | 'unit'
  | 'user';

/** One masked piece, for explanations. */
export interface MaskNote {
  readonly rule: MaskRule;
  readonly text: string;
}

/** What may stand between two masks that become one. */
const BETWEEN_MASKS = /^[\s,:;./|#+\-x×=~&]*[([{<]?$/;

/**
 * The masked text while it grows: words and masks, each with the separators in front of it. Neighbouring masks
 * become one, and the words that belong to a number (units, parts of dates) go with it.
 */
export class MaskedText {
  readonly #gaps: string[] = [];
  readonly #words: string[] = [];
  readonly #notes: MaskNote[] | undefined;
  /** Separators since the last word. */
  #gap = '';
  /** Closing brackets whose opening one vanished between two masks. */
  #unopened = 0;

  constructor(notes: MaskNote[] | undefined) {
    this.#notes = notes;
  }

  get full(): boolean {
    return this.#words.length >= MAX_WORDS;
  }

  get isEmpty(): boolean {
    return this.#words.length === 0;
  }

  /** The separators since the last word. */
  get gap(): string {
    return this.#gap;
  }

  /** The last word, or the mask; empty at the beginning. */
  get last(): string {
    return this.#words.at(-1) ?? '';
  }

  get afterMask(): boolean {
    return this.last === MASK;
  }

  note(rule: MaskRule, text: string): void {
    this.#notes?.push({ rule, text });
  }

  space(): void {
    if (!this.#gap.endsWith(' ')) this.#gap += ' ';
  }

  separator(character: string): void {
    if (this.#unopened > 0 && (character === ')' || character === ']' || character === '}' || character === '>')) {
      this.#unopened--;
    } else this.#gap += character;
  }

  word(word: string): void {
    if (this.afterMask && this.#absorbs(word)) return;
    this.#push(word);
  }

  mask(rule: MaskRule, text: string): void {
    this.note(rule, text);
    const opened = this.#dropGluedWord() ? 1 : 0;
    this.#dropDateWords();
    if (this.afterMask && BETWEEN_MASKS.test(this.#gap)) {
      if (/[([{<]$/.test(this.#gap)) this.#unopened++;
      this.#gap = '';
    } else this.#push(MASK);
    this.#unopened += opened;
  }

  /** Takes the last word away when it is glued to what follows, and says whether it did. */
  dropLast(): boolean {
    if (this.#gap !== '' || this.isEmpty || this.afterMask) return false;
    this.#words.pop();
    this.#gap = this.#gaps.pop() ?? '';
    return true;
  }

  toString(): string {
    let text = '';
    for (const [index, word] of this.#words.entries()) text += (this.#gaps[index] as string) + word;
    return (text + this.#gap).trim();
  }

  #push(word: string): void {
    this.#gaps.push(this.#gap);
    this.#words.push(word);
    this.#gap = '';
    this.#unopened = 0;
  }

  /** `5 MB`, `300ms`, `13 Dec`: the word behind belongs to the number. */
  #absorbs(word: string): boolean {
    if (this.#gap.length > 1 || word.length > 12) return false;
    const lower = word.toLowerCase();
    if (!UNITS.has(lower) && !(this.#gap === ' ' && DATE_WORDS.has(lower))) return false;
    this.note('unit', word);
    this.#gap = '';
    return true;
  }

  /**
   * `node-[1-4]`, `sk-[REDACTED:key]`: the beginning of the word that is masked. True when an opening bracket
   * went with it.
   */
  #dropGluedWord(): boolean {
    const bracket = this.#gap === '[';
    if ((this.#gap !== '' && !bracket) || !/[-_#]$/.test(this.last)) return false;
    this.#gap = '';
    this.dropLast();
    return bracket;
  }

  /** `Wed, 13 Dec 2023`: the words in front belong to the date. */
  #dropDateWords(): void {
    while (!this.isEmpty && !this.afterMask && /^[\s,]{1,2}$/.test(this.#gap)) {
      if (!DATE_WORDS.has(this.last.toLowerCase())) return;
      this.note('date', this.last);
      this.#words.pop();
      this.#gap = this.#gaps.pop() ?? '';
    }
  }
}
