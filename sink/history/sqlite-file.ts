import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import sqlite, { type Database, type SQLiteValue, type Statement } from 'node-sqlite3-wasm';
import { isRecord } from '../../src/bounds.ts';
import { messageOf, PatrolError } from '../../src/errors.ts';
import type { Milliseconds } from '../../src/types.ts';
import { SCHEMA, SCHEMA_VERSION } from './sqlite-schema.ts';

/** A row as SQLite answers it. */
export type Row = Readonly<Record<string, SQLiteValue>>;
/** What is bound to a statement. */
export type Value = SQLiteValue;

/** An open file: statements are prepared once. */
export interface SqliteFile {
  run(sql: string, ...values: Value[]): number;
  get(sql: string, ...values: Value[]): Row | undefined;
  all(sql: string, ...values: Value[]): readonly Row[];
  /** All of it, or nothing. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Its owner says this often that it lives; who has been silent for long is dead, on whatever machine it was. */
const HEARTBEAT_MS: Milliseconds = 5_000;
const DEAD_AFTER_MS: Milliseconds = 30_000;
/** Statements that are kept prepared; a list may ask in many ways. */
const MAX_STATEMENTS = 200;
/** Pages of the log before they are written to their places: a busy page is written there once for many commits. */
const CHECKPOINT_PAGES = 8192;
/** SQLite's page cache: the narrow tables of 100,000 errors fit. */
const CACHE_KIB = 65_536;

/**
 * Opens a history's file for this process alone, or `:memory:`. A write-ahead log that is synced at each commit: what
 * was committed outlives the process and the machine's power (https://sqlite.org/wal.html, section 8 for the one
 * process).
 *
 * @throws {PatrolError} `HISTORY_UNAVAILABLE` for a file that cannot be opened, or that another process has.
 */
export function openSqliteFile(file: string): SqliteFile {
  const owner = file === ':memory:' ? undefined : own(file);
  let database: Database;
  try {
    database = new sqlite.Database(file);
    prepareFile(database);
  } catch (cause) {
    owner?.release();
    if (cause instanceof PatrolError) throw cause;
    throw unavailable(`The history's file could not be opened: ${messageOf(cause)}`, cause);
  }
  const statements = new Map<string, Statement>();

  const prepared = (sql: string): Statement => {
    const known = statements.get(sql);
    if (known) return known;
    if (statements.size >= MAX_STATEMENTS) {
      for (const [old, statement] of statements) {
        statement.finalize();
        statements.delete(old);
        break;
      }
    }
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };

  const use = <T>(sql: string, ask: (statement: Statement) => T): T => {
    const statement = prepared(sql);
    try {
      return ask(statement);
    } catch (error) {
      // A statement that has failed says so again when it is asked for something else.
      statements.delete(sql);
      try {
        statement.finalize();
      } catch {
        // Said once more; it is finalized all the same.
      }
      throw error;
    }
  };

  return {
    run: (sql, ...values) => use(sql, (statement) => statement.run(values).changes),
    // To its end, also for one row: a statement that may have more to say keeps the log from being written back.
    get: (sql, ...values) => use(sql, (statement) => (statement.all(values) as Row[])[0]),
    all: (sql, ...values) => use(sql, (statement) => statement.all(values) as Row[]),
    transaction(work) {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        if (database.inTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    close() {
      for (const statement of statements.values()) statement.finalize();
      statements.clear();
      database.close();
      owner?.release();
    },
  };
}

function prepareFile(database: Database): void {
  // In this order: without shared memory a write-ahead log wants the file for itself.
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  // A log that has grown in a rush is cut again.
  database.exec(`PRAGMA journal_size_limit = ${CHECKPOINT_PAGES * 8192}`);
  database.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
  const version = Number((database.get('PRAGMA user_version') as Row | null)?.user_version ?? 0);
  if (version > SCHEMA_VERSION) {
    throw unavailable(
      'The history’s file was written by a newer Patrol: install that one, or name another file.',
    );
  }
  database.exec(SCHEMA);
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}

/** Files that this process has open. */
const openHere = new Set<string>();

/** Makes the file this process's own. A process that was killed leaves its claims behind; they are cleared away. */
function own(file: string): { release(): void } {
  const claim = `${file}.owner`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const other = readOwner(claim);
    if (other && (openHere.has(resolve(file)) || isAlive(other))) {
      throw unavailable(
        `The history's file ${file} is in use by process ${other.pid} on ${other.host}: stop it, or set PATROL_HISTORY_FILE.`,
      );
    }
    rmSync(`${file}.lock`, { recursive: true, force: true });
    writeFileSync(claim, JSON.stringify({ pid: process.pid, host: hostname() }), { mode: 0o600 });
  } catch (cause) {
    if (cause instanceof PatrolError) throw cause;
    throw unavailable(
      `The history's file cannot be used (${messageOf(cause)}): set PATROL_HISTORY_FILE to another path, or to off.`,
      cause,
    );
  }
  openHere.add(resolve(file));
  const heartbeat = setInterval(() => {
    try {
      utimesSync(claim, new Date(), new Date());
    } catch {
      // Somebody removed it; the next start finds no claim and opens.
    }
  }, HEARTBEAT_MS).unref();
  return {
    release() {
      clearInterval(heartbeat);
      openHere.delete(resolve(file));
      rmSync(claim, { force: true });
      rmSync(`${file}.lock`, { recursive: true, force: true });
    },
  };
}

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** How long it has been silent. */
  readonly silent: Milliseconds;
}

function readOwner(claim: string): Owner | undefined {
  try {
    const { mtimeMs } = statSync(claim);
    const { pid, host }: Record<string, unknown> = Object(JSON.parse(readFileSync(claim, 'utf8')));
    if (typeof pid !== 'number' || typeof host !== 'string') return undefined;
    return { pid, host, silent: Date.now() - mtimeMs };
  } catch {
    return undefined;
  }
}

function isAlive({ pid, host, silent }: Owner): boolean {
  if (silent > DEAD_AFTER_MS) return false;
  if (host !== hostname()) return true;
  // A container that starts again has the id of the one that was killed.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isRecord(error) && error.code === 'EPERM';
  }
}

function unavailable(message: string, cause?: unknown): PatrolError {
  return new PatrolError('HISTORY_UNAVAILABLE', message, { cause });
}
