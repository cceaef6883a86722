import type { Detector } from './spans.ts';

/** More than the longest key in use (RSA 16384) takes in PEM. */
const MAX_KEY = 16_384;
const BEGIN = /-{5}BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-{5}/g;
const END = /-{5}END (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-{5}/g;

const PUTTY = /Private-Lines: \d{1,4}/g;

/** Finds private keys in PEM form, with real or escaped line ends, and cut off at either end. */
export const findPrivateKeys: Detector = (text, found) => {
  if (text.includes('PRIVATE KEY')) {
    let done = 0;
    BEGIN.lastIndex = 0;
    for (let begin = BEGIN.exec(text); begin !== null; begin = BEGIN.exec(text)) {
      done = endOfKey(text, BEGIN.lastIndex);
      found(begin.index, done, 'private-key');
      BEGIN.lastIndex = done;
    }
    findTails(text, done, found);
  }
  if (text.includes('Private-Lines:')) {
    PUTTY.lastIndex = 0;
    for (let hit = PUTTY.exec(text); hit !== null; hit = PUTTY.exec(text)) {
      const end = endOfLines(text, PUTTY.lastIndex);
      found(hit.index, end, 'private-key');
      PUTTY.lastIndex = end;
    }
  }
};

function endOfKey(text: string, from: number): number {
  const rest = text.slice(from, from + MAX_KEY);
  // Up to the next key: what ends that one does not end this one.
  const another = rest.indexOf('-----BEGIN');
  const end = (another < 0 ? rest : rest.slice(0, another)).indexOf('-----END');
  if (end >= 0) {
    END.lastIndex = from + end;
    const closing = END.exec(text);
    if (closing?.index === from + end) return END.lastIndex;
  }
  return endOfLines(text, from);
}

const LINE_END = String.raw`(?:\s|\\{1,64}[nrt]){0,8}`;
/** A line of base64, or a header such as `DEK-Info: …`. */
const LINE = new RegExp(
  `${LINE_END}(?:([A-Za-z0-9+/=]{16,256})|[A-Z][\\w-]{2,16}: [\\w,.-]{1,80}(?=\\s|\\\\))`,
  'y',
);
const LAST_LINE = new RegExp(`${LINE_END}[A-Za-z0-9+/=]{1,15}(?=["'…]|\\.\\.\\.|\\s{0,4}$)`, 'y');

/** Lines of PEM have 64 characters (RFC 7468), or 76: a shorter one is the last. */
const FULL_LINE = 60;

/** Where the lines of a key end that lost its last line: prose and stack frames behind it stay. */
function endOfLines(text: string, from: number): number {
  let at = from;
  let isFull = true;
  while (isFull && at - from < MAX_KEY) {
    LINE.lastIndex = at;
    const line = LINE.exec(text);
    if (line === null) break;
    isFull = line[1] === undefined || line[1].length >= FULL_LINE;
    at = LINE.lastIndex;
  }
  LAST_LINE.lastIndex = at;
  return isFull && at > from && LAST_LINE.test(text) ? LAST_LINE.lastIndex : at;
}

/** The base64 before the last line of a key that lost its first one. */
function findTails(text: string, from: number, found: Parameters<Detector>[1]): void {
  let done = from;
  END.lastIndex = done;
  for (let end = END.exec(text); end !== null; end = END.exec(text)) {
    const limit = Math.max(done, end.index - MAX_KEY);
    const before = text.slice(limit, end.index);
    let start = before.length;
    for (;;) {
      const line = /(^|[\s"'`]|\\[nr])[A-Za-z0-9+/=]{1,80}(?:\s|\\{1,64}[nr]){0,8}$/.exec(
        before.slice(Math.max(0, start - 256), start),
      );
      if (line === null) break;
      const [whole, left = ''] = line;
      // Only a line end leads to another line of the key; another character before it stays.
      const isLine = /[\r\n\\]/.test(left);
      start -= whole.length - (isLine ? 0 : left.length);
      if (!isLine) break;
    }
    done = END.lastIndex;
    found(limit + start, done, 'private-key');
    END.lastIndex = done;
  }
}
