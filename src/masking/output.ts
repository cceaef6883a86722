import { IS_DATE, IS_UNIT, wordInfo } from './word-info.ts';

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
  | 'user'
  | 'minified';

/** One masked piece, for explanations. */
export interface MaskNote {
  readonly rule: MaskRule;
  readonly text: string;
}

/** What may stand between two masks that become one. */
const BETWEEN_MASKS = /^[\s,:;./|#+\-x×=~&]*[([{<]?$/;

const CLOSED_GROUP = /^\)[\s-]?$/;
const STOPS = '.!?…';

/**
 * The masked text while it grows: words and masks, each with the separators in front of it. Neighbouring masks
 * become one, and the words that belong to a number (units, parts of dates) go with it.
 */
export class MaskedText {
  /** The separators since the last word. */
  gap = '';
  /** The last word, or the mask; empty at the beginning. */
  last = '';
  /** What is known of the last word; nothing of a mask. */
  lastInfo = 0;
  readonly #gaps: string[] = [];
  readonly #words: string[] = [];
  readonly #notes: MaskNote[] | undefined;
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

  get afterMask(): boolean {
    return this.last === MASK;
  }

  note(rule: MaskRule, text: string): void {
    this.#notes?.push({ rule, text });
  }

  space(): void {
    if (this.gap === '') this.gap = ' ';
    else if (!this.gap.endsWith(' ')) this.gap += ' ';
  }

  separator(character: string): void {
    // A stop behind a mask may have been part of what was masked.
    if (this.gap === '' && this.last === MASK && STOPS.includes(character)) return;
    if (
      this.#unopened > 0 &&
      (character === ')' || character === ']' || character === '}' || character === '>')
    ) {
      this.#unopened--;
    } else this.gap += character;
  }

  word(word: string, info: number): void {
    if ((info & (IS_UNIT | IS_DATE)) !== 0 && this.afterMask && this.#absorbs(word, info)) return;
    this.#push(word, info);
  }

  mask(rule: MaskRule, text: string): void {
    if (this.#notes) this.note(rule, text);
    const opened = this.#dropGluedWord() ? 1 : 0;
    if ((this.lastInfo & IS_DATE) !== 0) this.#dropDateWords();
    if (this.last === MASK && CLOSED_GROUP.test(this.gap)) this.#dropOpenBracket();
    if (this.last === MASK && (this.gap === ' ' || BETWEEN_MASKS.test(this.gap))) {
      if (this.gap !== ' ' && /[([{<]$/.test(this.gap)) this.#unopened++;
      this.gap = '';
    } else this.#push(MASK, 0);
    this.#unopened += opened;
  }

  /** Takes the last word away when it is glued to what follows. */
  dropGlued(): void {
    if (this.gap === '' && this.last !== MASK) this.#pop();
  }

  toString(): string {
    const gaps = this.#gaps;
    const words = this.#words;
    let text = '';
    for (let index = 0; index < words.length; index++) {
      const gap = gaps[index] as string;
      text += gap === '' ? words[index] : gap + words[index];
    }
    return (this.gap === '' ? text : text + this.gap).trim();
  }

  /** `(030) 1234`: the brackets are part of the number. */
  #dropOpenBracket(): void {
    const index = this.#gaps.length - 1;
    const before = this.#gaps[index] as string;
    if (!before.endsWith('(')) return;
    this.#gaps[index] = before.slice(0, -1);
    this.gap = this.gap.slice(1);
  }

  #push(word: string, info: number): void {
    this.#gaps.push(this.gap);
    this.#words.push(word);
    this.gap = '';
    this.last = word;
    this.lastInfo = info;
    this.#unopened = 0;
  }

  #pop(): void {
    if (this.#words.pop() === undefined) return;
    this.gap = this.#gaps.pop() ?? '';
    this.last = this.#words.at(-1) ?? '';
    this.lastInfo = this.last === MASK ? 0 : wordInfo(this.last);
  }

  /** `5 MB`, `300ms`, `13 Dec`: the word behind belongs to the number. */
  #absorbs(word: string, info: number): boolean {
    if (this.gap !== ' ' && (this.gap !== '' || (info & IS_UNIT) === 0)) return false;
    this.note('unit', word);
    this.gap = '';
    return true;
  }

  /**
   * `node-[1-4]`, `sk-[REDACTED:key]`: the beginning of the word that is masked. True when an opening bracket
   * went with it.
   */
  #dropGluedWord(): boolean {
    if (this.gap !== '' && this.gap !== '[') return false;
    const end = this.last.charCodeAt(this.last.length - 1);
    // - _ #
    if (end !== 45 && end !== 95 && end !== 35) return false;
    const bracket = this.gap === '[';
    this.#pop();
    return bracket;
  }

  /** `Wed, 13 Dec 2023`: the words in front belong to the date. */
  #dropDateWords(): void {
    while ((this.lastInfo & IS_DATE) !== 0 && /^[\s,]{1,2}$/.test(this.gap)) {
      this.note('date', this.last);
      this.#pop();
    }
  }
}
