import { toPlain } from '../bounds.ts';
import { MAX_FIELDS } from './limits.ts';
import { isObject, ownKeys, read } from './reading.ts';

/** What every record of a logger has and nobody needs to find a cause. */
export const NOISE: ReadonlySet<string> = new Set([
  'level',
  'levelname',
  'severity',
  'time',
  'timestamp',
  '@timestamp',
  '@version',
  'ms',
  'pid',
  'hostname',
  'v',
  'splat',
  // winston's record of an uncaught exception describes the whole machine.
  'date',
  'process',
  'os',
  'trace',
  // What an Error object may carry beside what it says.
  'domainEmitter',
  'domainThrown',
  'toJSON',
]);

/** Names under which HTTP clients and servers hang whole requests, sockets and configurations on an error. */
const HTTP_KEYS = new Set([
  'config',
  'request',
  'response',
  'req',
  'res',
  'options',
  'socket',
  'client',
  'agent',
]);
const HTTP_FACTS = ['id', 'method', 'baseURL', 'url', 'path', 'status', 'statusCode', 'statusText'] as const;

/** Gathers what was logged beside the error as plain data within bounds. The first to name a field keeps it. */
export class ContextBuilder {
  readonly #fields: Record<string, unknown> = {};

  /** Adds all fields of a record but noise and those in `except`. */
  addAll(fields: object, except: ReadonlySet<string> = new Set()): void {
    for (const key of ownKeys(fields, MAX_FIELDS)) {
      if (!NOISE.has(key) && !except.has(key)) this.add(key, read(fields, key));
    }
  }

  add(key: string, value: unknown): void {
    if (value === undefined || typeof value === 'function' || Object.hasOwn(this.#fields, key)) return;
    const kept = HTTP_KEYS.has(key) && isObject(value) ? httpFacts(value) : value;
    if (kept === undefined) return;
    Object.defineProperty(this.#fields, key, {
      value: kept,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }

  /** Undefined when there is nothing to say. */
  build(): Readonly<Record<string, unknown>> | undefined {
    const plain = toPlain(this.#fields);
    return isObject(plain) && Object.keys(plain).length > 0 ? plain : undefined;
  }
}

/** Method, address without its query, status: the rest of a request is headers, bodies and sockets. */
function httpFacts(message: object): Record<string, unknown> | undefined {
  const facts: Record<string, unknown> = {};
  for (const key of HTTP_FACTS) {
    const value = read(message, key);
    if (typeof value === 'number') facts[key] = value;
    if (typeof value === 'string' && value !== '') facts[key] = withoutQuery(value.slice(0, 2048));
  }
  return Object.keys(facts).length > 0 ? facts : undefined;
}

function withoutQuery(address: string): string {
  const end = address.search(/[?#]/);
  return end < 0 ? address : address.slice(0, end);
}
