import { classOf, endOfWord, isDigit, isStop, QUOTE, SPACE, WORD } from './masking/characters.ts';
import type { MaskContext } from './masking/context.ts';
import { MASK, MaskedText, type MaskNote } from './masking/output.ts';
import { hasDigit } from './masking/recognise.ts';
import { endOfBraces, readKeys, startsList, startsObject } from './masking/structures.ts';
import { maskQuoted, maskValue } from './masking/values.ts';
import { maskWord } from './masking/words-in-text.ts';

/** Characters of one text that are read; longer messages are dumps. */
const MAX_LENGTH = 4096;

/**
 * Replaces what differs between two occurrences of the same message (ids, numbers, addresses, paths, times,
 * values) by `<*>`, and leaves what tells one message from another.
 *
 * Whole words that hold a digit are masked, not the digits: `order-12ab` and `order-9` are one. Neighbouring
 * masks become one, so the length of a list does not count. A placeholder of the redaction is a mask. Reads at
 * most 4096 characters, each a bounded number of times.
 *
 * @param notes - Receives what was masked, in order.
 */
export function maskText(text: string, notes?: MaskNote[]): string {
  const out = new MaskedText(notes);
  const read = text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text;
  const context: MaskContext = { text: read, out, isAccessLog: false, bracesClose: true };
  for (let at = 0; at < read.length && !out.full; ) {
    const kind = classOf(read.charCodeAt(at));
    if (kind === WORD) at = maskWord(context, at);
    else if (kind === QUOTE) at = maskQuoted(context, at);
    else if (kind === SPACE) {
      out.space();
      at++;
    } else at = readSeparator(context, at);
  }
  return out.toString();
}

function readSeparator(context: MaskContext, at: number): number {
  const { text, out } = context;
  const character = text.charAt(at);
  if (character === '=') return maskValue(context, at + 1);
  if (character === '[' && text.startsWith('[REDACTED', at)) return readRedacted(context, at);
  if (character === '[' || character === '{') {
    const end = readStructure(context, at);
    if (end > at) return end;
  }
  // `<1 sec`, `>80%`: the sign belongs to the number.
  const isSign = (character === '<' || character === '>') && isDigit(text.charCodeAt(at + 1));
  if (!isSign || text.charCodeAt(at - 1) > 32) out.separator(character);
  return at + 1;
}

/** `[REDACTED:kind]`, and whatever is glued to it: the secret was all of it. */
function readRedacted({ text, out }: MaskContext, start: number): number {
  const close = text.indexOf(']', start);
  let end = endOfWord(text, close < 0 || close - start > 80 ? start + 9 : close + 1);
  while (isStop(text.charCodeAt(end - 1))) end--;
  out.dropGlued();
  out.mask('redacted', text.slice(start, end));
  return end;
}

/** JSON and `util.inspect`: what was dumped varies, its keys do not. Answers `start` for anything else. */
function readStructure(context: MaskContext, start: number): number {
  const { text, out } = context;
  const isObject = startsObject(text, start);
  if (!context.bracesClose || !(isObject || startsList(text, start))) return start;
  const end = endOfBraces(text, start);
  if (end < 0) {
    context.bracesClose = false;
    return start;
  }
  const dump = text.slice(start, end);
  const keys = isObject ? readKeys(dump) : [];
  if (keys.length === 0) out.mask('structure', dump);
  else {
    out.note('structure', dump);
    const parts = keys.map(({ key, value }) => {
      const name = hasDigit(key) ? MASK : key;
      return value === undefined ? name : `${name}:${maskText(value)}`;
    });
    out.word(`{${[...new Set(parts)].join()}}`, 0);
  }
  return end;
}
