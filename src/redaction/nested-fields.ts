import { findAssigned } from './assignments.ts';
import { nestedKey } from './keys.ts';
import type { Detector } from './spans.ts';
import type { LastBare } from './values.ts';

/** `phone":{"country":"49","number`, as JSON, JSON inside JSON and `util.inspect` write it; the fields before are short. */
const FIELD =
  /\\{0,64}["'`]?\s{0,2}(?::|=>?)\s{0,2}\{\s{0,32}(?:\\{0,64}["'`]?[\w-]{1,32}\\{0,64}["'`]?\s{0,2}:\s{0,2}(?:\\{0,64}["'`][^"'`\\{}]{0,256}\\{0,64}["'`]|[\w.+-]{1,32})\s{0,2},\s{0,32}){0,6}?\\{0,64}["'`]?(number|num|no|nr|val(?:ue)?)(?=\\{0,64}["'`]?\s{0,2}:)/iy;

/** Finds a secret whose name is that of the object around it: `{"phone": {"number": "…"}}`. Says where to go on. */
export function findInFields(
  text: string,
  end: number,
  name: string,
  last: LastBare,
  found: Parameters<Detector>[1],
): number | undefined {
  FIELD.lastIndex = end;
  const hit = FIELD.exec(text);
  if (hit === null) return undefined;
  const field = String(hit[1]);
  const key = nestedKey(name, field);
  const next = FIELD.lastIndex;
  return key && findAssigned(text, next - field.length, next, key, last, found);
}
