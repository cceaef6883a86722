import {
  closeSync,
  constants,
  ftruncateSync,
  futimesSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { eventRecord, HEAD_BYTES, writeRepeat, writeSettled } from './format.ts';

/** A file is written anew when it has grown so far beyond what is still open in it. */
const REWRITE_BYTES = 2 * 1024 * 1024;
/** Some 6,000 different errors; more of them at once are a flood, of which the rest is counted only. */
const MAX_BYTES = 8 * 1024 * 1024;
const WRITE_BYTES = 1024 * 1024;

/** An event in the file, with what is needed to write it again. */
export interface Slot {
  readonly number: number;
  readonly json: string;
  readonly firstSeen: number;
  count: number;
  lastSeen: number;
  /** Repeats that are not in the file yet; see {@link SpoolFile.hold}. */
  unwritten: number;
}

/** One spool file open for appending. Every method throws what the file system throws. */
export interface SpoolFile {
  readonly path: string;
  /** Undefined when the file is full. */
  add(json: string, firstSeen: number): Slot | undefined;
  repeat(slot: Slot, at: number, count?: number): void;
  settle(slot: Slot): void;
  /** From now on repeats are only counted, until {@link SpoolFile.release} writes one record for those of each event. */
  hold(): void;
  release(): void;
  readonly open: number;
  readonly full: boolean;
  touch(): void;
  /** Closes the file and removes it, or, with events left, gives it the new path. */
  close(newPath?: string): void;
}

export function createSpoolFile(path: string): SpoolFile {
  // O_EXCL: an existing file or a link planted there is never written to.
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_APPEND;
  let fd = openSync(path, flags, 0o600);
  const head = Buffer.alloc(HEAD_BYTES);
  const slots = new Map<number, Slot>();
  let next = 0;
  let size = 0;
  let openBytes = 0;
  let holding = false;
  const held = new Set<Slot>();

  const append = (bytes: Buffer) => {
    let written = 0;
    while (written < bytes.length) written += writeSync(fd, bytes, written, bytes.length - written);
    size += bytes.length;
  };

  /** What is open goes to a new file, which then takes the place of the old one. */
  const rewrite = () => {
    const old = fd;
    fd = openSync(
      `${path}.new`,
      constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY | constants.O_APPEND,
      0o600,
    );
    size = 0;
    let records: Buffer[] = [];
    let bytes = 0;
    const write = () => {
      append(Buffer.concat(records));
      records = [];
      bytes = 0;
    };
    for (const slot of slots.values()) {
      const event = eventRecord(slot.number, slot.json);
      records.push(event);
      bytes += event.length;
      // They are part of the count.
      slot.unwritten = 0;
      if (slot.count > 1) {
        const repeats = Buffer.alloc(HEAD_BYTES);
        writeRepeat(repeats, slot.number, slot.count - 1, slot.lastSeen - slot.firstSeen);
        records.push(repeats);
      }
      if (bytes > WRITE_BYTES) write();
    }
    write();
    renameSync(`${path}.new`, path);
    closeSync(old);
  };

  const makeRoom = () => {
    if (size > REWRITE_BYTES && size > 2 * openBytes) rewrite();
  };

  const writeRepeats = (slot: Slot, count: number, at: number) => {
    writeRepeat(head, slot.number, count, at - slot.firstSeen);
    writeSync(fd, head, 0, HEAD_BYTES);
    size += HEAD_BYTES;
    if (size > REWRITE_BYTES) makeRoom();
  };

  return {
    path,
    add(json, firstSeen) {
      makeRoom();
      if (size + json.length > MAX_BYTES) return undefined;
      const slot = { number: next++ >>> 0, json, firstSeen, count: 1, lastSeen: firstSeen, unwritten: 0 };
      append(eventRecord(slot.number, json));
      slots.set(slot.number, slot);
      openBytes += json.length + HEAD_BYTES;
      return slot;
    },
    repeat(slot, at, count = 1) {
      slot.count += count;
      if (at > slot.lastSeen) slot.lastSeen = at;
      if (holding) {
        slot.unwritten += count;
        held.add(slot);
      } else writeRepeats(slot, count, at);
    },
    hold() {
      holding = true;
    },
    release() {
      holding = false;
      for (const slot of held) {
        held.delete(slot);
        if (slot.unwritten > 0 && slots.has(slot.number)) writeRepeats(slot, slot.unwritten, slot.lastSeen);
        slot.unwritten = 0;
      }
    },
    settle(slot) {
      if (!slots.delete(slot.number)) return;
      openBytes -= slot.json.length + HEAD_BYTES;
      if (slots.size === 0) {
        ftruncateSync(fd, 0);
        size = 0;
        return;
      }
      writeSettled(head, slot.number);
      append(head);
    },
    get full() {
      return size >= MAX_BYTES && size <= 2 * openBytes;
    },
    get open() {
      return slots.size;
    },
    touch() {
      const now = new Date();
      futimesSync(fd, now, now);
    },
    close(newPath) {
      closeSync(fd);
      if (slots.size > 0 && newPath !== undefined) renameSync(path, newPath);
      else if (slots.size === 0) unlinkSync(path);
    },
  };
}
