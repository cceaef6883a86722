import { crc32 } from 'node:zlib';
import { isRecord } from '../../src/bounds.ts';
import type { ErrorLogEvent, Milliseconds } from '../../src/types.ts';

/**
 * The spool's format: records one after the other, each with a head of 16 bytes (little-endian).
 *
 * | bytes | head |
 * |---|---|
 * | 0 | 0xFF, a byte that no UTF-8 text contains: where a damaged stretch ends can be found |
 * | 1 | kind |
 * | 2–3 | check sum of the head |
 * | 4–7 | slot: the event's number in this file |
 * | 8–11 | an event: length of what follows; repeats: their number |
 * | 12–15 | an event: CRC-32 of what follows; repeats: milliseconds from the event's first record to their last |
 *
 * An event is followed by its JSON, with a count of 1.
 */
export const HEAD_BYTES = 16;

const MARK = 0xff;
const KIND = { event: 1, repeat: 2, settled: 3 } as const;
type Kind = (typeof KIND)[keyof typeof KIND];

/** Writes the head of a record. Byte by byte: this is done for each repeat, and Buffer's own methods check a lot. */
function writeHead(into: Uint8Array, kind: Kind, slot: number, second: number, third: number): void {
  const sum = checkSum(kind, slot, second, third);
  into[0] = MARK;
  into[1] = kind;
  into[2] = sum;
  into[3] = sum >>> 8;
  writeWord(into, 4, slot);
  writeWord(into, 8, second);
  writeWord(into, 12, third);
}

function writeWord(into: Uint8Array, at: number, word: number): void {
  into[at] = word;
  into[at + 1] = word >>> 8;
  into[at + 2] = word >>> 16;
  into[at + 3] = word >>> 24;
}

/** The record of a new event. */
export function eventRecord(slot: number, json: string): Buffer {
  const text = Buffer.from(json);
  const record = Buffer.allocUnsafe(HEAD_BYTES + text.length);
  writeHead(record, KIND.event, slot, text.length, crc32(text));
  text.copy(record, HEAD_BYTES);
  return record;
}

/** Fills `into` with the record of `count` repeats. */
export function writeRepeat(into: Buffer, slot: number, count: number, afterMs: number): void {
  writeHead(into, KIND.repeat, slot, count, Math.min(Math.max(0, Math.trunc(afterMs)), 0xffff_ffff));
}

/** Fills `into` with the record that an event needs no more attention. */
export function writeSettled(into: Buffer, slot: number): void {
  writeHead(into, KIND.settled, slot, 0, 0);
}

/** A mix of the head's fields after MurmurHash3's finaliser, folded to 16 bits: cheap, and a flipped bit changes it. */
function checkSum(kind: Kind, slot: number, second: number, third: number): number {
  let mixed = Math.imul(kind ^ 0x9e37_79b9, 0x85eb_ca6b) ^ slot;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b) ^ second;
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35) ^ third;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x27d4_eb2f);
  mixed ^= mixed >>> 15;
  return (mixed ^ (mixed >>> 16)) & 0xffff;
}

/** An event as it stands in a file, with its counts. */
export interface SpooledEvent {
  readonly slot: number;
  readonly text: Buffer;
  occurrences: number;
  /** Milliseconds from the first record to the last. */
  spanMs: Milliseconds;
}

/** What a file holds. */
export interface SpoolContents {
  /** Events that are not settled, in the order of their first records. */
  readonly events: readonly SpooledEvent[];
  /** Logged records that cannot be read any more. */
  readonly lost: number;
}

/** Reads a file, however it ends and whatever happened to it: damaged stretches are skipped and counted. */
export function readSpool(file: Buffer): SpoolContents {
  const events = new Map<number, SpooledEvent>();
  let lost = 0;
  let position = 0;
  let damagedFrom: number | undefined;
  const damageEnds = () => {
    if (damagedFrom === undefined) return;
    // Repeats are one head long; a longer stretch that is no multiple of it was, at the least, one event.
    const length = position - damagedFrom;
    lost += length % HEAD_BYTES === 0 ? length / HEAD_BYTES : 1;
    damagedFrom = undefined;
  };

  while (position < file.length) {
    const head = readHead(file, position);
    if (head === undefined) {
      damagedFrom ??= position;
      const next = file.indexOf(MARK, position + 1);
      position = next < 0 ? file.length : next;
      continue;
    }
    damageEnds();
    const { kind, slot, second, third } = head;
    position += HEAD_BYTES;
    if (kind === KIND.event) {
      const text = file.subarray(position, position + second);
      const whole = crc32(text) === third;
      if (whole) events.set(slot, { slot, text, occurrences: 1, spanMs: 0 });
      else lost += 1;
      // A damaged length must not swallow the records behind it.
      position = whole ? position + second : skipText(file, position, second);
      continue;
    }
    const known = events.get(slot);
    if (kind === KIND.settled) events.delete(slot);
    else if (known) {
      known.occurrences += second;
      known.spanMs = Math.max(known.spanMs, third);
    } else lost += second;
  }
  damageEnds();
  return { events: [...events.values()], lost };
}

function readHead(file: Buffer, at: number) {
  if (at + HEAD_BYTES > file.length || file[at] !== MARK) return undefined;
  const kind = file[at + 1] as Kind;
  if (kind !== KIND.event && kind !== KIND.repeat && kind !== KIND.settled) return undefined;
  const slot = file.readUInt32LE(at + 4);
  const second = file.readUInt32LE(at + 8);
  const third = file.readUInt32LE(at + 12);
  if (file.readUInt16LE(at + 2) !== checkSum(kind, slot, second, third)) return undefined;
  return { kind, slot, second, third };
}

/** The event with its counts; undefined when the text is no event of this version. */
export function parseSpooled({ text, occurrences, spanMs }: SpooledEvent): ErrorLogEvent | undefined {
  try {
    const event: unknown = JSON.parse(text.toString('utf8'));
    if (!isRecord(event) || typeof event.eventId !== 'string' || typeof event.firstSeen !== 'number')
      return undefined;
    const read = event as unknown as ErrorLogEvent;
    return { ...read, occurrences, lastSeen: event.firstSeen + spanMs };
  } catch {
    return undefined;
  }
}

/** Where the next record begins behind the text of an event that cannot be read. */
function skipText(file: Buffer, from: number, length: number): number {
  const next = file.indexOf(MARK, from);
  return next < 0 || next > from + length ? Math.min(from + length, file.length) : next;
}
