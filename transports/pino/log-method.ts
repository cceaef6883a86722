import { isLiveError } from '../../src/capture/reading.ts';
import { configOf, liveErrorIn, type PinoLogger, rootOf } from './logger.ts';

/**
 * For pino's `hooks.logMethod`. Without it pino throws away the Error of `logger.error('msg', err)` and all but the
 * enumerable fields of `logger.error({error: err})` before any destination sees them. With it the Error stands under
 * the logger's `errorKey`, for Patrol and in the application's own line. Calls without a lost Error are left alone.
 *
 * @example
 * ```ts
 * pino({ hooks: { logMethod: patrolLogMethod }, transport: { target: 'patrol/pino' } });
 * ```
 */
export function patrolLogMethod(
  this: unknown,
  args: readonly unknown[],
  method: (...values: never[]) => unknown,
): void {
  let kept: readonly unknown[] = args;
  try {
    kept = withError(this as PinoLogger, args);
  } catch {
    // Whatever was logged is logged as it is.
  }
  Reflect.apply(method, this, kept);
}

const errorKeyOf = (logger: PinoLogger): string => configOf(rootOf(logger)).errorKey ?? 'err';

function withError(logger: PinoLogger, args: readonly unknown[]): readonly unknown[] {
  const [first, ...rest] = args;
  if (isLiveError(first)) return args;
  if (typeof first === 'string') {
    // What a placeholder shows is no longer lost, but its stack still is.
    const error = rest.find(isLiveError);
    return error === undefined ? args : [{ [errorKeyOf(logger)]: error }, ...args];
  }
  if (typeof first !== 'object' || first === null) return args;
  const errorKey = errorKeyOf(logger);
  if (errorKey in first) return args;
  const error = liveErrorIn(first) ?? rest.find(isLiveError);
  return error === undefined ? args : [{ ...first, [errorKey]: error }, ...rest];
}
