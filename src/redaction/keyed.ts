import { findAssigned } from './assignments.ts';
import { isWord } from './boundaries.ts';
import { nestedKey, type SecretKey, secretKey } from './keys.ts';
import { findInCommand, findMentioned, isServerCommand } from './mentions.ts';
import { byName } from './names.ts';
import { findInFields } from './nested-fields.ts';
import { eachIdentifier, trigrams } from './scan.ts';
import { findBehindScheme, isScheme } from './schemes.ts';
import type { Detector } from './spans.ts';
import { findIdentifiedBy } from './sql.ts';
import { newLastBare } from './values.ts';

/**
 * Three letters out of every word that `keys.ts` and `schemes.ts` know: not the first three, but the rarest in
 * other words, since each costs a look at the identifier around it.
 */
const MARKS = trigrams(
  'pas pwd pw_ ecr tok key ede uth coo ses otp cod cvv cvc csc pin ssn cia nat pan car ccn pho mob cel tel fax isd ' +
    'tsa sig hma sid bea sic ssw lun neg lyv rsa jwt aml sse tif ras nha wac nnw tde mne dph yph req ste ' +
    'eno lav cct psk srf cpf npj dni nif pes bsn urp adh nin tax teu nnu fis riv cco ban irt dob ctn nhs umb nsw aid nie',
);

/** Passwords in languages whose letters `eachIdentifier` does not count. */
const FOREIGN = /парол[ьяюе]м?|密码|密碼|パスワード|비밀번호|hasło/gi;

/** What an identifier announces. */
interface Word {
  readonly key: SecretKey | undefined;
  /** Whether it may say what a field of the object behind it is. */
  readonly hasFields: boolean;
  readonly find:
    | ((text: string, end: number, name: string, found: Parameters<Detector>[1]) => number | undefined)
    | undefined;
}

const PASSWORD: SecretKey = { kind: 'password', trust: 'strong' };
const BANK_ACCOUNT: SecretKey = { kind: 'bank-account', trust: 'weak' };
const BIRTH_DATE: SecretKey = { kind: 'birth-date', trust: 'weak' };

/** Finds what a word announces as a secret: the name of a key, an option, a column, a scheme. */
export const findKeyed: Detector = (text, found) => {
  const last = newLastBare();
  eachIdentifier(text, MARKS, (start, end) => {
    const name = text.slice(start, end);
    const own = wordOf(name);
    const phrase =
      own?.key === undefined || own.key.trust === 'query' ? phraseBefore(text, start, name) : undefined;
    const key = phrase?.key ?? own?.key;
    // The name inside a placeholder announces nothing.
    if ((key === undefined && own === undefined) || text.startsWith('[REDACTED:', start - 10)) return end;
    const nested = own?.hasFields ? findInFields(text, end, name, last, found) : undefined;
    if (nested !== undefined) return Math.max(end, nested);
    if (key !== undefined) {
      const from = phrase?.start ?? start;
      const next =
        findAssigned(text, from, end, key, last, found) ?? findMentioned(text, from, end, name, key, found);
      if (next !== undefined) return Math.max(end, next);
    }
    return Math.max(end, own?.find?.(text, end, name, found) ?? end);
  });
  FOREIGN.lastIndex = 0;
  for (let hit = FOREIGN.exec(text); hit !== null; hit = FOREIGN.exec(text)) {
    const end = FOREIGN.lastIndex;
    FOREIGN.lastIndex = Math.max(end, findAssigned(text, hit.index, end, PASSWORD, last, found) ?? end);
  }
};

/** Most identifiers come again and again. */
const wordOf = byName((name): Word | undefined => {
  const key = secretKey(name);
  const find = isScheme(name)
    ? findBehindScheme
    : isServerCommand(name)
      ? findInCommand
      : /^identified$/i.test(name)
        ? findIdentifiedBy
        : undefined;
  const hasFields = nestedKey(name, 'number') !== undefined || nestedKey(name, 'value') !== undefined;
  return key || find || hasFields ? { key, find, hasFields } : undefined;
});

/** Words that the one before makes a key: `API key`, `Shared Access Key`, `verification code`. */
const SECOND_WORD = /^(?:keys?|codes?|phrase|passe|numbers?|answers?|licen[sc]e|fiscale)$/i;

/** Alone `account 12345678` may be anybody's. */
const SORT_CODE = /\bsort[ _-]?code\b[^\n]{1,24}$/i;

const isNamePart = (code: number): boolean => isWord(code) || code === 45;

function phraseBefore(
  text: string,
  start: number,
  name: string,
): { readonly key: SecretKey; readonly start: number } | undefined {
  if (text[start - 1] !== ' ') return undefined;
  if (name === 'birth' && /\bdate of $/i.test(text.slice(Math.max(0, start - 9), start))) {
    return { key: BIRTH_DATE, start: start - 8 };
  }
  if (name === 'account' && SORT_CODE.test(text.slice(Math.max(0, start - 40), start))) {
    return { key: BANK_ACCOUNT, start };
  }
  if (!SECOND_WORD.test(name)) return undefined;
  let before = start - 1;
  while (before > 0 && start - before < 24 && isNamePart(text.charCodeAt(before - 1))) before--;
  if (before === start - 1) return undefined;
  const key = secretKey(text.slice(before, start - 1) + name);
  return key === undefined ? undefined : { key, start: before };
}
