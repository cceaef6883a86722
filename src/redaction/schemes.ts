import type { Detector } from './spans.ts';
import { findPairs } from './value-pairs.ts';
import {
  endOfLine,
  endWithout,
  isHarmless,
  isSentence,
  type LastBare,
  looksGenerated,
  newLastBare,
  readBare,
  type ValueSpan,
} from './values.ts';

type Found = Parameters<Detector>[1];

/** The schemes of the Authorization header in use, registered (IANA) or not. */
const ONE_TOKEN =
  'bearer|basic|token|negotiate|ntlm|apikey|api-key|api_key|key|splunk|ssws|geniekey|bot|jwt|dpop|gnap|privatetoken|deepl-auth-key|flyv1|zoho-oauthtoken|client-id|snowflake|vapid|kakaoak|app';
const PARAMETERS =
  'digest|hawk|oauth|aws4-hmac-sha256|aws4-ecdsa-p256-sha256|aws|signature|sharedaccesssignature|sharedkey|sharedkeylite|googlelogin|hmac|hmac-sha256|mutual|scram-sha-256|goog4-rsa-sha256';
const SCHEME = new RegExp(`(?:(${ONE_TOKEN})|(${PARAMETERS}))(?:[ \\t]{1,4}|%20|\\+|:[ \\t]{0,2})`, 'iy');
/** `Token token="…"`: the parameters of a list, though the scheme has a token elsewhere. */
const PARAMETER = /[\w-]{1,32}=\\{0,64}"/y;
const TOKEN = /[\w.~+/=%:|!$&*,-]{1,8192}/y;

/** Finds the credentials of an Authorization header's value; the scheme stays. Undefined when there are none. */
export function findInScheme(
  text: string,
  quoted: ValueSpan | undefined,
  at: number,
  found: Found,
  memo: LastBare = newLastBare(),
): number | undefined {
  const start = quoted?.start ?? at;
  SCHEME.lastIndex = start;
  const scheme = SCHEME.exec(text);
  const from = scheme === null ? start : SCHEME.lastIndex;
  PARAMETER.lastIndex = from;
  const isList = scheme !== null && (scheme[2] !== undefined || PARAMETER.test(text));
  const end =
    quoted?.end ?? (isList ? endOfLine(text, from) : (readBare(text, from, 'text', memo)?.end ?? from));
  const content = text.slice(from, Math.min(end, from + 512));
  if (end <= from || isHarmless(content) || isSentence(content)) return undefined;
  // Without quotes or scheme it may be prose: `Authorization: required by the server`.
  if (quoted === undefined && scheme === null && !looksGenerated(content, 8)) return undefined;
  if (quoted === undefined && !isList && content.length < 4) return undefined;
  const name = String(scheme?.[1] ?? scheme?.[2]).toLowerCase();
  report(text, from, end, isList && scheme[2] === undefined ? 'digest' : name, found);
  return end;
}

/** Schemes whose parameters are `name=value`; the names are worth keeping. */
const PAIRED =
  /^(?:digest|hawk|oauth|googlelogin|mutual|signature|sharedaccesssignature|(?:aws4|goog4)-[\w-]{1,32})$/;

function report(text: string, start: number, end: number, scheme: string, found: Found): void {
  if (PAIRED.test(scheme))
    findPairs(text, start, end, scheme === 'sharedaccesssignature' ? '&' : ',', 'authorization', found);
  else found(start, end, scheme === 'basic' ? 'basic-auth' : 'authorization');
}

function tokenEnd(text: string, from: number): number {
  TOKEN.lastIndex = from;
  return TOKEN.test(text) ? TOKEN.lastIndex : from;
}

const LOOSE = /(?:[ \t]{1,4}|%20|\+)["'`]?(?=\S)/y;
const NAMES = new Set(['bearer', 'basic', 'ssws', 'splunk', 'geniekey', 'negotiate', 'flyv1']);
const LISTS = new Set(['sharedaccesssignature', 'aws4-hmac-sha256', 'goog4-rsa-sha256']);

/** True for the name of a scheme that is found in running text too. */
export function isScheme(name: string): boolean {
  const scheme = name.toLowerCase();
  return NAMES.has(scheme) || LISTS.has(scheme);
}

/** Finds the credentials behind the name of a scheme in running text. */
export function findBehindScheme(text: string, end: number, name: string, found: Found): number | undefined {
  const scheme = name.toLowerCase();
  const list = LISTS.has(scheme);
  LOOSE.lastIndex = end;
  if (!LOOSE.test(text)) return undefined;
  const start = LOOSE.lastIndex;
  if (list) {
    const last = lineOrQuote(text, start);
    if (/[=&]/.test(text.slice(start, Math.min(last, start + 512)))) report(text, start, last, scheme, found);
    return last;
  }
  const last = endWithout('.,:;!', text, start, tokenEnd(text, start));
  const token = text.slice(start, last);
  // `bearer expires_in=3600` is the next pair.
  if (isHarmless(token) || /=[^=]/.test(token)) return undefined;
  const basic = scheme === 'basic';
  if (!(basic ? isBasic(token) : looksGenerated(token, 12))) return undefined;
  found(start, last, basic ? 'basic-auth' : 'authorization');
  return last;
}

/** The end of the line, or the quote before it. */
function lineOrQuote(text: string, start: number): number {
  LINE_OR_QUOTE.lastIndex = start;
  LINE_OR_QUOTE.test(text);
  return endWithout('\\', text, start, LINE_OR_QUOTE.lastIndex);
}

const LINE_OR_QUOTE = /[^\n\r"'`]{0,4096}/y;

/** True when it decodes to `user:password`. */
function isBasic(token: string): boolean {
  if (token.length < 8 || !/^[\w+/-]{6,8192}={0,2}$/.test(token)) return false;
  const decoded = Buffer.from(token.slice(0, 4096), 'base64').toString('latin1');
  return decoded.includes(':') && /^[\x20-\x7e\xa0-\xff]{3,}$/.test(decoded);
}
