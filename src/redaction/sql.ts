import type { SecretKey } from './keys.ts';
import type { Detector } from './spans.ts';
import { isHarmless, isSentence, looksChosen, readBare, readQuoted } from './values.ts';

type Found = Parameters<Detector>[1];

const SQL =
  /[ \t]{1,4}(?:=[ \t]{0,4})?(?:by[ \t]{1,4})?(?=\\{0,64}['"])|\((?:\s|\\{1,8}n){0,64}(?=\\{0,64}['"])/iy;

/** `ALTER USER app WITH PASSWORD '…'`, `PASSWORD('…')`. */
export function findInSql(text: string, end: number, key: SecretKey, found: Found): number | undefined {
  const inserted = findInserted(text, end, key, found);
  if (inserted !== undefined || key.kind !== 'password') return inserted;
  SQL.lastIndex = end;
  if (!SQL.test(text)) return undefined;
  return quotedSecret(text, SQL.lastIndex, key.kind, found);
}

const BY =
  /[ \t]{1,4}(?:with[ \t]{1,4}['"`]?\w{1,64}['"`]?[ \t]{1,4})?(?:by|as)[ \t]{1,4}(?:password[ \t]{1,4})?/iy;

/** `CREATE USER app IDENTIFIED BY '…'`. */
export function findIdentifiedBy(text: string, end: number, _name: string, found: Found): number | undefined {
  BY.lastIndex = end;
  if (!BY.test(text)) return undefined;
  const at = BY.lastIndex;
  const quoted = quotedSecret(text, at, 'password', found);
  if (quoted !== undefined) return quoted;
  const bare = readBare(text, at);
  if (bare === undefined || !looksChosen(text.slice(bare.start, bare.end))) return undefined;
  found(bare.start, bare.end, 'password');
  return bare.end;
}

function quotedSecret(text: string, at: number, kind: string, found: Found): number | undefined {
  const value = readQuoted(text, at);
  if (value === undefined) return undefined;
  const content = text.slice(value.start, value.end);
  if (isHarmless(content) || isSentence(content) || content.includes('\n')) return undefined;
  found(value.start, value.end, kind);
  return value.end;
}

/** How much of a list of columns, or of one row of values, is read. */
const MAX_LIST = 1024;
const COLUMNS_BEFORE = /\(([\s\w"`.[\],]{0,1024})$/;
const COLUMNS_BEHIND = /["`\]]?[ \t]{0,4}(?:,[\s\w"`.[\],]{0,1024})?\)\s{0,16}values\s{0,16}\(/iy;
const NEXT_ROW = /\)\s{0,8},\s{0,8}\(/y;

/** `INSERT INTO users (email, password) VALUES ('…', '…')`: the value in the column's place. */
function findInserted(text: string, end: number, key: SecretKey, found: Found): number | undefined {
  COLUMNS_BEHIND.lastIndex = end;
  if (!COLUMNS_BEHIND.test(text)) return undefined;
  let row = COLUMNS_BEHIND.lastIndex;
  const before = COLUMNS_BEFORE.exec(text.slice(Math.max(0, end - MAX_LIST), end));
  if (before === null) return undefined;
  const column = String(before[1]).split(',').length - 1;
  for (let rows = 0; rows < 100; rows++) {
    row = valueInRow(text, row, column, key, found);
    NEXT_ROW.lastIndex = row;
    if (!NEXT_ROW.test(text)) break;
    row = NEXT_ROW.lastIndex;
  }
  return row;
}

/** Answers where the row's `)` stands, or how far it was read. */
function valueInRow(text: string, start: number, column: number, key: SecretKey, found: Found): number {
  let at = start;
  for (let index = 0; at < text.length && at - start < MAX_LIST * 8; index++) {
    while (text[at] === ' ' || text[at] === '\n') at++;
    const value = readQuoted(text, at) ?? readBare(text, at);
    if (value === undefined) return at;
    const content = text.slice(value.start, value.end);
    if (index === column && !isHarmless(content)) found(value.start, value.end, key.kind);
    at = value.end;
    while (at < text.length && /[\\'"`\s]/.test(text.charAt(at))) at++;
    if (text[at] !== ',') return at;
    at++;
  }
  return at;
}
