import { isRecord } from '../../src/bounds.ts';
import type { ErrorLogEvent } from '../../src/types.ts';

/** Levels of nesting that are decoded. */
const MAX_DEPTH = 8;

/**
 * Reads attributes as OTLP/JSON writes them (`[{key, value: {stringValue}}]`) or as a plain object.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function readAttributes(attributes: unknown): Record<string, unknown> {
  if (isRecord(attributes)) return { ...attributes };
  if (!Array.isArray(attributes)) return {};
  const entries = attributes.flatMap((entry: unknown): [string, unknown][] =>
    isRecord(entry) && typeof entry.key === 'string' ? [[entry.key, readAnyValue(entry.value)]] : [],
  );
  return Object.fromEntries(entries);
}

/** Reads an `AnyValue`; what is none is taken as it is. */
export function readAnyValue(value: unknown, depth = 0): unknown {
  if (!isRecord(value) || depth > MAX_DEPTH) return value;
  const inner = (next: unknown) => readAnyValue(next, depth + 1);
  if ('stringValue' in value) return value.stringValue;
  if ('boolValue' in value) return value.boolValue;
  if ('intValue' in value) return readInteger(value.intValue);
  if ('doubleValue' in value) return value.doubleValue;
  if ('bytesValue' in value) return value.bytesValue;
  if (isRecord(value.arrayValue)) {
    return Array.isArray(value.arrayValue.values) ? value.arrayValue.values.map(inner) : [];
  }
  if (isRecord(value.kvlistValue) && Array.isArray(value.kvlistValue.values)) {
    return Object.fromEntries(
      value.kvlistValue.values.flatMap((entry: unknown): [string, unknown][] =>
        isRecord(entry) && typeof entry.key === 'string' ? [[entry.key, inner(entry.value)]] : [],
      ),
    );
  }
  return value;
}

/** 64-bit integers come as strings; one that a number cannot hold stays a string. */
function readInteger(value: unknown): unknown {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** What OpenTelemetry calls the fields of an event; the first name that is there wins. */
const NAMES = {
  service: ['service.name'],
  environment: ['deployment.environment.name', 'deployment.environment'],
  repositoryUrl: ['vcs.repository.url.full', 'git.repository.url', 'vcs.repository.url'],
  commit: ['vcs.ref.head.revision', 'git.commit.sha', 'vcs.repository.ref.revision', 'vcs.commit.id'],
} as const;

const allNames: ReadonlySet<string> = new Set(Object.values(NAMES).flat());

type NamedFields = Partial<Record<keyof typeof NAMES, string>>;

/** The fields of an event that the attributes name, by the semantic conventions of OpenTelemetry. */
export function namedFields(attributes: Readonly<Record<string, unknown>>): NamedFields {
  const found: NamedFields = {};
  for (const [field, names] of Object.entries(NAMES) as [keyof typeof NAMES, readonly string[]][]) {
    const value = names.map((name) => attributes[name]).find((one) => typeof one === 'string' && one !== '');
    if (typeof value === 'string') found[field] = value;
  }
  return found;
}

function hasNamedField(context: Readonly<Record<string, unknown>>): boolean {
  for (const key of Object.keys(context)) {
    if (allNames.has(key)) return true;
  }
  return false;
}

/** The event, with what its context says in OpenTelemetry's names filled in where it says nothing itself. */
export function withNamedFields(event: ErrorLogEvent): ErrorLogEvent {
  const { context } = event.errorLog;
  if (context === undefined || !hasNamedField(context)) return event;
  const named = namedFields(context);
  // An event that needs nothing stays the same object: the engine knows it for one that was checked.
  return Object.keys(named).every((field) => field in event) ? event : { ...named, ...event };
}
