import { findAssigned } from './assignments.ts';
import { isWord } from './boundaries.ts';
import { type SecretKey, secretKey } from './keys.ts';
import { findInCommand, findMentioned } from './mentions.ts';
import { eachIdentifier, trigrams } from './scan.ts';
import { findBehindScheme } from './schemes.ts';
import type { Detector } from './spans.ts';
import { findIdentifiedBy } from './sql.ts';
import { newLastBare } from './values.ts';

/**
 * Three letters out of every word that `keys.ts` and `schemes.ts` know: not the first three, but the rarest in
 * other words, since each costs a look at the identifier around it.
 */
const MARKS = trigrams(
  'pas pwd pw_ ecr tok key ede uth coo ses otp cod cvv cvc csc pin ssn cia nat pan car ccn pho mob cel tel fax isd ' +
    'tsa sig hma sid bea sic ssw lun neg lyv rsa jwt aml sse tif ras nha wac nnw tde mne dph yph req ste',
);

/** Finds what a word announces as a secret: the name of a key, an option, a column, a scheme. */
export const findKeyed: Detector = (text, found) => {
  const last = newLastBare();
  eachIdentifier(text, MARKS, (start, end) => {
    // The name inside a placeholder announces nothing.
    if (text.startsWith('[REDACTED:', start - 10)) return end;
    const name = text.slice(start, end);
    const own = secretKey(name);
    const phrase =
      own === undefined || own.trust === 'query' ? phraseBefore(text, start, end, name) : undefined;
    const key = phrase?.key ?? own;
    if (key !== undefined) {
      const from = phrase?.start ?? start;
      const next =
        findAssigned(text, from, end, key, last, found) ?? findMentioned(text, from, end, name, key, found);
      if (next !== undefined) return Math.max(end, next);
    }
    const next = /^identified$/i.test(name)
      ? findIdentifiedBy(text, end, found)
      : (findInCommand(text, end, name, found) ?? findBehindScheme(text, end, name, found));
    return Math.max(end, next ?? end);
  });
};

/** `API key`, `Shared Access Key`, `verification code`: the word before makes it one. */
function phraseBefore(
  text: string,
  start: number,
  end: number,
  name: string,
): { readonly key: SecretKey; readonly start: number } | undefined {
  if (end - start > 12 || text[start - 1] !== ' ') return undefined;
  let before = start - 1;
  while (before > 0 && start - before < 24 && isWord(text.charCodeAt(before - 1))) before--;
  if (before === start - 1) return undefined;
  const key = secretKey(text.slice(before, start - 1) + name);
  return key === undefined ? undefined : { key, start: before };
}
