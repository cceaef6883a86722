import { LOOK } from './secret-values.ts';
import type { Detector } from './spans.ts';
import { findPairs } from './value-pairs.ts';
import {
  endOfLine,
  endWithout,
  isHarmless,
  type LastBare,
  looksGenerated,
  type ValueSpan,
} from './values.ts';

/** What a message about cookies speaks of. */
const COOKIE_ATTRIBUTE = /^(?:SameSite|Path|Domain|Expires|Max-Age|Secure|HttpOnly)\b/i;

/** Finds the values of a cookie header; one without quotes runs to the end of the line. */
export function findCookie(
  text: string,
  quoted: ValueSpan | undefined,
  at: number,
  last: LastBare,
  found: Parameters<Detector>[1],
): number | undefined {
  const end = quoted?.end ?? endOfHeader(text, at, last);
  const start = quoted?.start ?? at;
  const content = text.slice(start, end);
  if (isHarmless(content.slice(0, LOOK)) || COOKIE_ATTRIBUTE.test(content)) return undefined;
  if (!content.includes('=')) {
    if (!looksGenerated(content, 12)) return undefined;
    found(start, end, 'cookie');
  } else findPairs(text, start, end, ';', 'cookie', found);
  return end;
}

const COOKIE_VALUE = /(\\{0,64}["'])[^"'\\=;\r\n]{0,4096}\1(?=;|[ \t]{0,8}$)/my;

/** Up to the end of the line or the quote that the whole header stands in. */
function endOfHeader(text: string, start: number, last: LastBare): number {
  if (start > last.lineStart && start < last.lineEnd) return last.lineEnd;
  let end = start;
  for (;;) {
    const stop = endOfLine(text, end, '"\'');
    end = /["']/.test(text.charAt(stop)) ? endWithout('\\', text, end, stop) : stop;
    // `a="b"; c=d`: the quotes of a cookie's value do not end the header.
    COOKIE_VALUE.lastIndex = end;
    if (text[end - 1] !== '=' || !COOKIE_VALUE.test(text)) break;
    end = COOKIE_VALUE.lastIndex;
  }
  last.lineStart = start;
  last.lineEnd = end;
  return end;
}
