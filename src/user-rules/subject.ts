import { isRecord } from '../bounds.ts';
import { locationOf } from '../code-context/targets.ts';
import { stablePath } from '../stable-path.ts';
import { parseStackTrace } from '../stacktrace.ts';
import type { ErrorLogEvent } from '../types.ts';
import type { FieldName } from './user-rule.ts';

/** Limits of the text that rules look at, in characters; those of the known-error rules. */
const MAX_MESSAGE = 4096;
const MAX_STACK = 16_384;
const MAX_VALUE = 4096;
/** Where loggers and collectors leave the level among the context. */
const LEVEL_KEYS = ['level', 'severity', 'severityText', 'levelname'];

/** An event as rules see it: each field is read once, those of the stack only when a rule asks for them. */
export class Subject {
  readonly event: ErrorLogEvent;
  #files: readonly string[] | undefined;

  constructor(event: ErrorLogEvent) {
    this.event = event;
  }

  /** The values of a field; a rule holds when one of them does. */
  valuesOf(field: FieldName): readonly string[] {
    const { event } = this;
    switch (field) {
      case 'service':
        return one(event.service);
      case 'environment':
        return one(event.environment);
      case 'release':
        return one(event.commit);
      case 'repository':
        return one(event.repositoryUrl);
      case 'name':
        return one(event.errorLog.name);
      case 'code':
        return one(event.errorLog.code);
      case 'message':
        return [event.errorLog.message.slice(0, MAX_MESSAGE)];
      case 'stack':
        return one(event.errorLog.stackTrace?.slice(0, MAX_STACK));
      case 'file':
        this.#files ??= filesOf(event);
        return this.#files;
      case 'level':
        return [LEVEL_KEYS.flatMap((key) => this.contextAt(key))[0] ?? 'error'];
    }
  }

  /** The value at a path of the context, also where a key holds the dots itself. */
  contextAt(path: string): readonly string[] {
    let inner: unknown = this.event.errorLog.context;
    if (isRecord(inner) && Object.hasOwn(inner, path)) return leaves(inner[path]);
    for (const key of path.split('.')) {
      if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return [];
      inner = Reflect.get(inner, key);
    }
    return leaves(inner);
  }
}

/** The file in which it was raised, as the stack names it and as it is the same in every deploy. */
function filesOf({ errorLog }: ErrorLogEvent): readonly string[] {
  const { file } =
    locationOf(errorLog, parseStackTrace(errorLog.stackTrace?.slice(0, MAX_STACK) ?? '')) ?? {};
  return [...new Set([errorLog.filePath, file].flatMap((path) => (path ? [path, stablePath(path)] : [])))];
}

function one(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}

function leaves(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.slice(0, 100).flatMap(scalar) : scalar(value);
}

function scalar(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value.slice(0, MAX_VALUE)];
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : [];
}
