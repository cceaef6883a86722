import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Milliseconds } from '../../src/types.ts';

/**
 * A spool file's name says where its events go and who writes it:
 * `<destination>-<host>-<pid>-<start>-<random>.spool`. A file of nobody has the pid 0.
 */
export interface SpoolName {
  readonly destination: string;
  readonly host: string;
  readonly pid: number;
  /** When the process started, in the kernel's ticks: a pid alone may have been given to another since. */
  readonly start: string;
}

const NAME = /^([0-9a-f]{16})-([0-9a-f]{8})-(\d{1,10})-(\d{1,20})-[0-9a-f]{8}\.spool$/;

/** A file on a shared volume whose owner runs on another machine is alive as long as it was touched lately. */
export const TOUCH_INTERVAL_MS: Milliseconds = 60_000;
const STALE_AFTER_MS: Milliseconds = 5 * TOUCH_INTERVAL_MS;

export const digest = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length);

const host = digest(hostname(), 8);

/** A new name for a file of this process, or of nobody. */
export function newSpoolName(destination: string, owned = true): string {
  const pid = owned ? process.pid : 0;
  const start = owned ? startOf(process.pid) : '0';
  return `${destination}-${host}-${pid}-${start ?? '0'}-${randomBytes(4).toString('hex')}.spool`;
}

/** Reads a name; undefined for files that are none of Patrol's. */
export function parseSpoolName(file: string): SpoolName | undefined {
  const match = NAME.exec(file);
  if (!match) return undefined;
  const [, destination = '', ownerHost = '', pid = '0', start = '0'] = match;
  return { destination, host: ownerHost, pid: Number(pid), start };
}

/** Whether the process that a file belongs to still runs. */
export function isOwned(name: SpoolName, modified: Milliseconds): boolean {
  if (name.pid === 0) return false;
  if (name.host !== host) return Date.now() - modified < STALE_AFTER_MS;
  const start = startOf(name.pid);
  if (start !== undefined && name.start !== '0') return start === name.start;
  return isRunning(name.pid);
}

/** Field 22 of /proc/<pid>/stat, see proc(5); the fields are counted from behind the name, which may hold anything. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
