import { Buffer } from 'node:buffer';
import { isDigit } from './boundaries.ts';
import { ibanEnd } from './ibans.ts';
import { eachTokenStart } from './scan.ts';
import type { Detector } from './spans.ts';
import { TOKEN_FORMATS } from './token-formats.ts';

interface Matcher {
  readonly kind: string;
  readonly pattern: RegExp;
}

const escapeLiteral = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** A JSON web token: header, payload, and up to three more parts when it is encrypted. */
const JWT = /eyJ[\w-]{8,8192}\.[\w-]{4,16384}(?:\.[\w-]{0,16384}){0,3}/y;
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

/** Formats that have their mark in the middle. */
const INFIX: readonly { readonly kind: string; readonly mark: string; readonly pattern: RegExp }[] = [
  { kind: 'azure-client-secret', mark: 'Q~', pattern: /[\w~.-]{3}[78]Q~[\w~.-]{30,36}/g },
  { kind: 'terraform-token', mark: '.atlasv1.', pattern: /\w{14}\.atlasv1\.[\w-]{40,100}/g },
  { kind: 'newrelic-key', mark: 'NRAL', pattern: /[A-Fa-f0-9]{36,40}NRAL\b/g },
  { kind: 'azure-devops-token', mark: 'AZDO', pattern: /[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])/g },
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
      if (text.charCodeAt(start + 32) === 45) {
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
    for (const { kind, mark, pattern } of INFIX) {
      if (!text.includes(mark)) continue;
      pattern.lastIndex = 0;
      for (let hit = pattern.exec(text); hit !== null; hit = pattern.exec(text)) {
        found(hit.index, pattern.lastIndex, kind);
      }
    }
  };
}

/** A line that a shell or a terminal wrapped: the rest of the token stands on the next one. */
const WRAPPED = /(?:\\{1,8}\r?\n|\\{2,16}(?:r\\{1,8})?n)[ \t]{0,32}[A-Za-z0-9_+/=.-]{8,512}/y;

function endOf({ pattern }: Matcher, text: string, start: number): number {
  pattern.lastIndex = start;
  if (!pattern.test(text)) return -1;
  const end = pattern.lastIndex;
  if (text[end] !== '\\') return end;
  WRAPPED.lastIndex = end;
  return WRAPPED.test(text) ? WRAPPED.lastIndex : end;
}

/** Base64 of a text that begins with `{"`, `{\n` or `{ `. */
const WRAPPED_JSON = /(?:eyJ|ewo|eyA)[\w+/=%-]{16,16384}/y;

function encodedEnd(
  text: string,
  start: number,
  holdsSecret: (text: string) => boolean,
  found: Parameters<Detector>[1],
): number {
  if (text[start] !== 'e') return -1;
  WRAPPED_JSON.lastIndex = start;
  if (!WRAPPED_JSON.test(text)) return -1;
  const end = WRAPPED_JSON.lastIndex;
  const base64 = text.slice(start, end).replaceAll('%3D', '=').replaceAll('%2B', '+').replaceAll('%2F', '/');
  if (holdsSecret(Buffer.from(base64, 'base64').toString('utf8'))) found(start, end, 'encoded-secret');
  return end;
}
