import Module from 'node:module';
import { isPatrolRecord } from '../../src/analysis-record.ts';
import type { PatrolClient } from '../client.ts';
import { isOwn } from '../own-records.ts';
import { captureInfo } from '../winston/capture.ts';
import type { WinstonLogger } from '../winston/log-writer.ts';

/** What is told of each error of a winston logger. */
export type OnWinstonError = (logger: WinstonLogger, level: string, info: object) => void;

interface LoggerClass {
  readonly prototype: { _transform: (this: WinstonLogger, info: object, ...rest: unknown[]) => unknown };
}

/** Node's loader of CommonJS modules; winston is CommonJS, and an `import` of it comes by here, too. */
interface Loader {
  _load: (this: unknown, request: string, ...rest: unknown[]) => unknown;
  readonly _cache: Readonly<Record<string, { readonly exports?: unknown } | undefined>>;
}

const LEVEL = Symbol.for('level');
const done = new WeakSet<object>();

/**
 * Watches every winston logger of the process, whichever copy of winston it comes from and whether it was made
 * before or after. All records of a logger pass `_transform` of its class before any format changes them.
 */
export function watchWinston(leastLevel: string, onError: OnWinstonError): void {
  const loader = Module as unknown as Loader;
  const inspect = (exported: unknown) => {
    if (isLoggerClass(exported) && !done.has(exported)) {
      done.add(exported);
      watchClass(exported, leastLevel, onError);
    }
  };
  for (const module of Object.values(loader._cache)) inspect(module?.exports);
  const load = loader._load;
  loader._load = function patrolLoad(request, ...rest) {
    const exported = Reflect.apply(load, this, [request, ...rest]);
    // winston's own files ask for it as `./logger` and `./winston/logger`.
    if (typeof request === 'string' && request.endsWith('logger')) inspect(exported);
    return exported;
  };
}

/** By its shape, so that any version and copy is known. */
function isLoggerClass(exported: unknown): exported is LoggerClass & object {
  if (typeof exported !== 'function') return false;
  const own = Object.getOwnPropertyDescriptors(exported.prototype ?? {});
  return ['_transform', 'configure', 'isLevelEnabled', 'add', 'remove', 'child'].every(
    (method) => typeof own[method]?.value === 'function',
  );
}

function watchClass({ prototype }: LoggerClass, leastLevel: string, onError: OnWinstonError): void {
  const transform = prototype._transform;
  prototype._transform = function patrolTransform(info, ...rest) {
    try {
      const level = (info as Readonly<Record<symbol, unknown>>)[LEVEL] ?? (info as { level?: unknown }).level;
      if (typeof level === 'string' && reaches(this, level, leastLevel)) onError(this, level, info);
    } catch {
      // Whatever was logged is logged as if nobody watched.
    }
    return Reflect.apply(transform, this, [info, ...rest]);
  };
}

function reaches(logger: WinstonLogger, level: string, least: string): boolean {
  const value = logger.levels[level];
  const leastValue = logger.levels[least];
  return value !== undefined && leastValue !== undefined && value <= leastValue && logger.silent !== true;
}

/** Captures one record of a logger, unless the logger has a Patrol transport of its own. */
export function captureUnlessOwn(client: PatrolClient, logger: WinstonLogger, info: object): void {
  if (
    isOwn(info) ||
    isPatrolRecord(info) ||
    logger.transports.some((transport) => Reflect.get(transport, 'name') === 'patrol')
  )
    return;
  captureInfo(client, info);
}
