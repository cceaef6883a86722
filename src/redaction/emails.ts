import { escapeLength, isDigit, isLetter, isWord } from './boundaries.ts';
import type { Detector } from './spans.ts';

/** What follows the last dot of a file, not of a host: `logo@2x.png`, `handler@bundle.js`. */
const FILE_ENDING =
  /^(?:png|jpe?g|gif|svg|webp|ico|bmp|avif|js|mjs|cjs|jsx|ts|mts|cts|tsx|css|scss|less|html?|json|map|vue|txt|log|xml|ya?ml|toml|lock|tgz|gz|wasm|node|rb|go|java|php|cs|sql)$/i;
/** Endings of files that are countries' too: only the place tells. */
const AMBIGUOUS_ENDING = /\.(?:md|py|rs|sh|zip|ai|so|pl|pm)$/i;

/** Finds e-mail addresses; `git@host:path` and packages with versions are none. */
export const findEmails: Detector = (text, found) => {
  if (!text.includes('@') && !text.includes('40')) return;
  const sign = /@|%(?:25){0,3}40/g;
  for (let hit = sign.exec(text); hit !== null; hit = sign.exec(text)) {
    const at = hit.index;
    const start = localStart(text, at);
    if (start === at) continue;
    const end = domainEnd(text, sign.lastIndex);
    if (end < 0 || isRemote(text, start, at, sign.lastIndex, end)) continue;
    found(text.startsWith('mailto:', start - 7) ? start - 7 : start, end, 'email');
    sign.lastIndex = end;
  }
};

/** RFC 5321 allows 64 characters before the sign. */
function localStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < 64 && isLocalChar(text.charCodeAt(start - 1))) start--;
  start += Math.min(escapeLength(text, start), at - start);
  // `%3C` or `%20` before an address in a URL; `%2B` is a part of it.
  for (let from = at - 3; from >= start; from--) {
    if (
      text[from] === '%' &&
      escapeLength(text, from + 1) === 2 &&
      !/^%2[BDE]/i.test(text.slice(from, from + 3))
    )
      start = from + 3;
  }
  while (start < at && /[.%-]/.test(text.charAt(start))) start++;
  return start < at && text[at - 1] === '.' ? at : start;
}

/** `!#$&'*=/?^`{|}~` are legal and, in logs, nearly always punctuation. */
const isLocalChar = (code: number): boolean =>
  isWord(code) || code === 43 || code === 45 || code === 46 || code === 37 || code >= 0xc0;

function domainEnd(text: string, from: number): number {
  let end = from;
  let dot = -1;
  while (end < text.length && end - from < 255) {
    const code = text.charCodeAt(end);
    if (code === 46) {
      if (end === from || end === dot + 1) break;
      dot = end;
    } else if (!isDigit(code) && !isLetter(code) && code !== 45 && code < 0xc0) break;
    end++;
  }
  if (text[end - 1] === '.') {
    end--;
    dot = text.lastIndexOf('.', end - 1);
  }
  if (dot < from) return -1;
  // `'ana@example.com-7'`: the index of several columns joins its values.
  const top = text.slice(dot + 1, end).replace(/-\d{1,12}$/, '');
  if (!top.startsWith('xn--')) end = dot + 1 + top.length;
  if (!/^(?:[A-Za-z]{2,24}|xn--[\w-]{2,59}|[\u00c0-\uffff]{2,24})$/.test(top) || FILE_ENDING.test(top))
    return -1;
  // `pkg@1.2.x`
  return /^\d+\.[\dx*]/.test(text.slice(from, end)) ? -1 : end;
}

/** `git@github.com:acme/web.git`, `ssh://deploy@host/`, the user of a URL. */
function isRemote(text: string, start: number, at: number, host: number, end: number): boolean {
  if (text[start - 1] === '/' && text[start - 2] === '/') return true;
  if (text.slice(start, at) === 'git') return true;
  const domain = text.slice(host, end);
  if (domain.endsWith('.svc') || domain.endsWith('.svc.cluster.local')) return true;
  const isFile = (text[start - 1] === '/' && text[end] !== '/') || /^:\d/.test(text.slice(end, end + 2));
  if (isFile && AMBIGUOUS_ENDING.test(domain)) return true;
  return text[end] === ':' && /^[A-Za-z~][\w.-]*\//.test(text.slice(end + 1, end + 80));
}
