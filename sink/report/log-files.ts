import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { messageOf, PatrolError } from '../../src/errors.ts';

/** A log that is read. */
export interface LogFile {
  /** As it was named; `-` is the standard input. */
  readonly name: string;
  /** Bytes on disk; undefined for the standard input. */
  readonly size: number | undefined;
}

/** Bytes that are read at a time: large enough that the system's share does not count. */
const CHUNK = 1_048_576;
/** Files of one folder, with those below it. */
const MAX_FILES = 10_000;
/** Folders that hold no logs. */
const SKIPPED = new Set(['node_modules', '.git']);

/**
 * The files behind names of files and folders; a folder gives all that is below it, by name. Links are not followed.
 *
 * @throws {PatrolError} `EVENT_INVALID` for what is not there.
 */
export async function findLogFiles(names: readonly string[]): Promise<readonly LogFile[]> {
  const found = await Promise.all(names.map(findOne));
  return found.flat().slice(0, MAX_FILES);
}

async function findOne(name: string): Promise<readonly LogFile[]> {
  if (name === '-') return [{ name, size: undefined }];
  const stats = await stat(name).catch((error: unknown) => {
    throw new PatrolError('EVENT_INVALID', `Expected a log that can be read: ${messageOf(error)}`);
  });
  if (!stats.isDirectory()) return [{ name, size: stats.isFile() ? stats.size : undefined }];
  const entries = await readdir(name, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.split(/[\\/]/).some((folder) => SKIPPED.has(folder)))
    .sort()
    .slice(0, MAX_FILES);
  return Promise.all(files.map(async (path) => ({ name: path, size: (await stat(path)).size })));
}

/** What becomes of the bytes of a log. */
export interface LogReading {
  /** Unpacked. */
  readonly onChunk: (chunk: Buffer) => void;
  /** As they are on disk, for the progress. */
  readonly onRead: (bytes: number) => void;
}

/**
 * Reads a log from its beginning, unpacking gzip, which is told by its first bytes. A pipe is read as it comes: nobody
 * can go back in it.
 *
 * @returns What kept it from being read to its end; undefined when nothing did.
 */
export async function readLog(
  { name }: LogFile,
  { onChunk, onRead }: LogReading,
): Promise<string | undefined> {
  try {
    const raw: Readable = name === '-' ? process.stdin : createReadStream(name, { highWaterMark: CHUNK });
    const chunks = counted(raw, onRead);
    const first = await firstOf(chunks);
    if (isGzip(first)) {
      await pipeline(
        both(first, chunks),
        createGunzip({ chunkSize: CHUNK }),
        (unpacked: AsyncIterable<Buffer>) => handOn(unpacked, onChunk),
      );
      return undefined;
    }
    if (isBinary(first)) {
      raw.destroy();
      return 'it is no text';
    }
    if (first.length > 0) onChunk(first);
    await handOn(chunks, onChunk);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function* counted(raw: Readable, onRead: LogReading['onRead']): AsyncGenerator<Buffer, void> {
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    onRead(chunk.length);
    yield chunk;
  }
}

/** Enough bytes to tell what it is; of a pipe, the first may come alone. */
async function firstOf(chunks: AsyncGenerator<Buffer, void>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 2) {
    const { value, done } = await chunks.next();
    if (done) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  return head;
}

async function* both(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  yield first;
  yield* rest;
}

async function handOn(chunks: AsyncIterable<Buffer>, onChunk: LogReading['onChunk']): Promise<void> {
  for await (const chunk of chunks) onChunk(chunk);
}

function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** Text has no zero bytes. */
function isBinary(head: Buffer): boolean {
  return head.subarray(0, 4096).includes(0);
}
