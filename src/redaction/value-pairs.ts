import type { Detector } from './spans.ts';
import { isHarmless, looksGenerated } from './values.ts';

/** What a cookie or a scheme says about itself. */
const ATTRIBUTE =
  /^(?:path|domain|expires|max-age|samesite|secure|httponly|priority|partitioned|realm|algorithm|qop|nc|uri|charset|signedheaders|headers|version|keyid|ts|created|sr|se|skn|sv|sp|username|user)$/i;

/** Finds the values of `name=value; name="value"`, so that the names stay. */
export function findPairs(
  text: string,
  start: number,
  end: number,
  separators: string,
  kind: string,
  found: Parameters<Detector>[1],
): void {
  for (let at = start; at < end; ) {
    let next = at;
    while (next < end && !separators.includes(text.charAt(next))) next++;
    reportPair(text, at, next, kind, found);
    at = next + 1;
  }
}

/** The characters around a name or a value that belong to neither. */
const AROUND = new Set([' ', '\t', '"', "'", '\\', '\r']);

function reportPair(
  text: string,
  start: number,
  end: number,
  kind: string,
  found: Parameters<Detector>[1],
): void {
  const equals = text.slice(start, end).indexOf('=');
  let from = equals < 0 ? start : start + equals + 1;
  let to = end;
  while (from < to && AROUND.has(text.charAt(from))) from++;
  while (to > from && AROUND.has(text.charAt(to - 1))) to--;
  const value = text.slice(from, Math.min(to, from + 512));
  if (isHarmless(value)) return;
  if (equals < 0) {
    if (!ATTRIBUTE.test(value) && looksGenerated(value, 12)) found(from, to, kind);
  } else if (!ATTRIBUTE.test(text.slice(start, start + equals).trim())) {
    found(from, to, kind);
  }
}
