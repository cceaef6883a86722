import { Buffer } from 'node:buffer';
import { isDigit, isWord } from './boundaries.ts';
import { ibanEnd } from './ibans.ts';
import { eachTokenStart } from './scan.ts';
import type { Detector } from './spans.ts';
import { TOKEN_FORMATS } from './token-formats.ts';

type Found = Parameters<Detector>[1];

interface Matcher {
  readonly kind: string;
  readonly pattern: RegExp;
}

const escapeLiteral = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** A JSON web token: header, payload, and up to three more parts when it is encrypted. */
const JWT = /eyJ[\w-]{8,16384}\.[\w-]{4,65536}(?:\.[\w-]{0,65536}){0,3}/y;
/** `123456:AA…` begins with digits that differ, `M…` of a Discord bot with an id. */
const TELEGRAM: Matcher = { kind: 'telegram-token', pattern: /\d{8,10}:AA[\w-]{30,36}/y };
const DISCORD: Matcher = { kind: 'discord-token', pattern: /[MNO][\w-]{22,27}\.[\w-]{6,7}\.[\w-]{25,40}/y };

/** What may begin with two given characters; the formats with the longest prefix first. */
const BY_PAIR: readonly (readonly Matcher[] | undefined)[] = (() => {
  const all = new Array<Matcher[] | undefined>(128 * 128).fill(undefined);
  const add = (first: string, matcher: Matcher): void => {
    const pair = pairOf(first, 0);
    all[pair] = [...(all[pair] ?? []), matcher];
  };
  add('eyJ', { kind: 'jwt', pattern: JWT });
  for (const first of ['1/', '2/']) {
    add(first, { kind: 'asana-token', pattern: /[12]\/\d{10,20}(?:\/\d{10,20})?:[a-f0-9]{32}(?!\w)/y });
  }
  TOKEN_FORMATS.flatMap(({ kind, prefixes, body }) =>
    prefixes.map((prefix) => ({ prefix, kind, pattern: new RegExp(escapeLiteral(prefix) + body, 'y') })),
  )
    .sort((a, b) => b.prefix.length - a.prefix.length)
    .forEach((matcher) => {
      add(matcher.prefix, matcher);
    });
  return all;
})();

function pairOf(text: string, at: number): number {
  return ((text.charCodeAt(at) & 127) << 7) | (text.charCodeAt(at + 1) & 127);
}

/** Hexadecimal digits that only what follows them tells from a checksum. */
const HEX_AND: readonly Matcher[] = [
  { kind: 'mailgun-key', pattern: /[a-f0-9]{32}-[a-f0-9]{8}-[a-f0-9]{8}(?![\w-])/y },
  { kind: 'mailchimp-key', pattern: /[a-f0-9]{32}-us\d{1,2}(?!\w)/y },
];

/** A format that has its mark behind other characters. */
interface InfixFormat {
  readonly kind: string;
  readonly mark: string;
  /** The characters before the mark, and how many of them there must be. */
  readonly before: RegExp;
  readonly least: number;
  readonly most: number;
  /** The mark, and what follows it. */
  readonly rest: RegExp;
}

const INFIX: readonly InfixFormat[] = [
  {
    kind: 'azure-client-secret',
    mark: 'Q~',
    before: /[\w~.-]/,
    least: 4,
    most: 4,
    rest: /Q~[\w~.-]{30,36}/y,
  },
  {
    kind: 'terraform-token',
    mark: '.atlasv1.',
    before: /\w/,
    least: 14,
    most: 14,
    rest: /\.atlasv1\.[\w-]{40,100}/y,
  },
  { kind: 'newrelic-key', mark: 'NRAL', before: /[A-Fa-f0-9]/, least: 36, most: 40, rest: /NRAL(?!\w)/y },
  {
    kind: 'azure-devops-token',
    mark: 'AZDO',
    before: /[A-Za-z0-9]/,
    least: 76,
    most: 76,
    rest: /AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])/y,
  },
];

/**
 * Makes the detector of credentials that can be told by their form: the issuers' formats, JSON web tokens,
 * IBANs, and base64 of JSON in which `holdsSecret` finds something.
 */
export function tokenDetector(holdsSecret: (text: string) => boolean): Detector {
  return (text, found) => {
    const report = (start: number, end: number, kind: string): number => {
      found(start, end, kind);
      return end;
    };
    eachTokenStart(text, (start) => {
      const likely = BY_PAIR[pairOf(text, start)];
      if (likely !== undefined) {
        for (const matcher of likely) {
          const end = endOf(matcher, text, start);
          if (end > 0) return report(start, end, matcher.kind);
        }
      }
      if (start + 32 < text.length && text.charCodeAt(start + 32) === 45) {
        for (const matcher of HEX_AND) {
          const end = endOf(matcher, text, start);
          if (end > 0) return report(start, end, matcher.kind);
        }
      }
      const first = text.charCodeAt(start);
      if (isDigit(first)) {
        const end = endOf(TELEGRAM, text, start);
        return end > 0 ? report(start, end, TELEGRAM.kind) : -1;
      }
      if (first >= 77 && first <= 79) {
        const end = endOf(DISCORD, text, start);
        if (end > 0) return report(start, end, DISCORD.kind);
      }
      const iban = ibanEnd(text, start);
      return iban > 0 ? report(start, iban, 'iban') : encodedEnd(text, start, holdsSecret, found);
    });
    for (const format of INFIX) findInfix(text, format, found);
  };
}

function findInfix(text: string, { kind, mark, before, least, most, rest }: InfixFormat, found: Found): void {
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) {
    rest.lastIndex = at;
    if (!rest.test(text)) continue;
    let start = at;
    while (start > 0 && at - start < most && before.test(text.charAt(start - 1))) start--;
    if (at - start >= least) found(start, rest.lastIndex, kind);
  }
}

/** A line that a shell or a terminal wrapped: the rest of the token stands on the next one. */
const LINE_END = /(?:\\{1,8}\r?\n|\\{2,16}(?:r\\{1,8})?n)[ \t]{0,32}[A-Za-z0-9_+/=.-]{8,512}/y;

function endOf({ pattern }: Matcher, text: string, start: number): number {
  pattern.lastIndex = start;
  if (!pattern.test(text)) return -1;
  let end = pattern.lastIndex;
  // A longer one than its issuer documents is no less a secret.
  while (end < text.length && isWord(text.charCodeAt(end))) end++;
  if (text[end] !== '\\') return end;
  LINE_END.lastIndex = end;
  return LINE_END.test(text) ? LINE_END.lastIndex : end;
}

/** Base64 of a text that begins with `{"`, `{\n`, `{ `, of a PEM file, or of base64 once more. */
const WRAPPED = /(?:eyJ|ewo|eyA|LS0tLS1CRUdJTi|ZXlK)[\w+/=%-]{16,65536}/y;

function encodedEnd(
  text: string,
  start: number,
  holdsSecret: (text: string) => boolean,
  found: Found,
): number {
  const first = text[start];
  if (first !== 'e' && first !== 'L' && first !== 'Z') return -1;
  WRAPPED.lastIndex = start;
  if (!WRAPPED.test(text)) return -1;
  const end = WRAPPED.lastIndex;
  const base64 = text.slice(start, end).replaceAll('%3D', '=').replaceAll('%2B', '+').replaceAll('%2F', '/');
  if (holdsSecret(Buffer.from(base64, 'base64').toString('utf8'))) found(start, end, 'encoded-secret');
  return end;
}
