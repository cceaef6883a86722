import type { SecretKey } from './keys.ts';
import { countDigits, isPassport } from './special-forms.ts';
import {
  isCode,
  isHarmless,
  isSentence,
  looksChosen,
  looksGenerated,
  type ValueSpan,
  withoutPunctuation,
} from './values.ts';

/** A value's first characters tell what it is. */
export const LOOK = 256;

/** A key, and how a value was assigned to it. */
export interface Assigned extends SecretKey {
  /** Behind `?`, `&` or `;` it is a query string; its separators may be encoded. */
  readonly place: 'text' | 'query' | 'encoded';
  /** `--password=…`, `DB_PASSWORD=…`, `X-Token: …`: no prose. */
  readonly shell: boolean;
  /** `X-Token: …` */
  readonly header: boolean;
  /** `user/pass` */
  readonly pair: boolean;
}

/** Whether the text under a key is a secret, where it stands for itself rather than in another text. */
export function isSecretText(content: string, key: SecretKey): boolean {
  const value = { start: 0, end: content.length, quoted: true };
  return isSecret(
    content,
    value,
    content.slice(0, LOOK),
    { ...key, place: 'text', shell: false, header: false, pair: false },
    false,
  );
}

/** Whether what was assigned to a key is a secret. */
export function isSecret(
  text: string,
  value: ValueSpan,
  content: string,
  key: Assigned,
  loose: boolean,
): boolean {
  if (isHarmless(content)) return false;
  if (key.kind === 'session' && /^0x[\da-f]{1,16}$/i.test(content)) return false;
  if (key.trust === 'query') return key.place !== 'text' && looksGenerated(content, 12);
  if (key.kind === 'phone') return countDigits(content) >= 7 && content.length <= 32;
  if (key.kind === 'card') return countDigits(content) >= 12 && content.length <= 32;
  if (key.kind === 'card-code') return /^\d{3,12}$/.test(content);
  if (key.kind === 'passport') return isPassport(content);
  if (key.kind === 'birth-date') return content.length <= 32 && countDigits(content) >= 4;
  if (key.kind === 'bank-account')
    return /^[A-Z\d][A-Z\d -]{5,33}$/i.test(content) && countDigits(content) >= 6;
  if (key.kind === 'national-id' && key.trust === 'weak')
    return /^[A-Z\d][A-Z\d ./-]{4,24}$/i.test(content) && countDigits(content) >= 5;
  if (key.trust === 'weak')
    return (
      !content.includes('[REDACTED:') &&
      (looksGenerated(content, leastLength(key, loose && !value.quoted)) ||
        ((value.quoted || !loose) && looksStrong(content, key)) ||
        (key.kind === 'credential' && passwordOfPair(content, key) > 0))
    );
  if (value.quoted) return key.kind === 'mnemonic' || !isSentence(content);
  if (isCode(text, value)) return false;
  if (!loose || key.shell || key.place !== 'text') return true;
  return isLooseSecret(text, value, content, key);
}

/** How long a value must be that only its look makes a secret. */
function leastLength(key: Assigned, loose: boolean): number {
  if (key.place !== 'text' || key.header) return 8;
  return loose || key.kind === 'signature' ? 20 : 12;
}

/** Behind `key: ` anything may stand, prose and code too. */
function isLooseSecret(text: string, value: ValueSpan, content: string, key: Assigned): boolean {
  const bare = withoutPunctuation(content);
  if (key.kind === 'token' && bare.length < 8) return false;
  if (/\d|[!#$%^&*+=?@~]/.test(bare)) return bare.length >= 3 && !/[({]$/.test(bare);
  const next = text[value.end];
  const last =
    next === undefined || next === '\n' || next === '\r' || next === '}' || next === ',' || next === '\\';
  if (!last || /[;({]$/.test(content)) return false;
  return bare.length >= (key.kind === 'password' ? 6 : key.kind === 'token' ? 16 : 8);
}

const looksStrong = (content: string, key: Assigned): boolean =>
  key.kind === 'credential' && (looksChosen(content) || (content.includes(':') && !content.includes(' ')));

/** Where the password begins in `bob:hunter2`, and in `bob/hunter2` behind `user/pass`; 0 when it is no such pair. */
export function passwordOfPair(content: string, key: Assigned): number {
  const at = content.search(key.pair ? /[:/]/ : /:/) + 1;
  const isUser = at > 1 && at <= 65 && /^[\w.@+-]+$/.test(content.slice(0, at - 1));
  return isUser && looksChosen(content.slice(at)) ? at : 0;
}
