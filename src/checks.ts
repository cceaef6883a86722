import { isRecord, truncate } from './bounds.ts';

/**
 * What a value from outside has to be. By hand, since events are read at full rate, and since a library that can
 * describe any schema costs a cold start more than all the rest of Patrol.
 */
export interface Check<T> {
  /** For the sentence `Expected … to be …`, e.g. `a text`. */
  readonly expected: string;
  /** The value as it is kept; undefined when it is not what was expected. */
  readonly read: (value: unknown) => T | undefined;
}

/** A text; what is longer is cut. */
export function text(length: number): Check<string> {
  return {
    expected: 'a text',
    read: (value) => (typeof value === 'string' ? truncate(value, length) : undefined),
  };
}

/** A text that is not empty, or a number, as text; what is longer is cut. */
export function textOrNumber(length: number, expected: string): Check<string> {
  return {
    expected,
    read: (value) => {
      if (typeof value === 'string') return value === '' ? undefined : truncate(value, length);
      return Number.isFinite(value) ? truncate(String(value), length) : undefined;
    },
  };
}

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number, expected: string): Check<number> {
  return {
    expected,
    read: (value) =>
      Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
        ? (value as number)
        : undefined,
  };
}

/** At most `most` texts, each cut to `length`. */
export function texts(most: number, length: number): Check<readonly string[]> {
  const one = text(length);
  return {
    expected: `an array of at most ${most} texts`,
    read: (value) => {
      if (!Array.isArray(value) || value.length > most) return undefined;
      const read = value.map(one.read);
      return read.every((inner) => inner !== undefined) ? read : undefined;
    },
  };
}

/** The check of what `prepare` makes of a value. */
export function prepared<T>(check: Check<T>, prepare: (value: unknown) => unknown): Check<T> {
  return { expected: check.expected, read: (value) => check.read(prepare(value)) };
}

/** A text that is not empty, of at most `most` characters. */
export function filledText(most: number = Number.POSITIVE_INFINITY, expected = 'a text'): Check<string> {
  return {
    expected,
    read: (value) => (typeof value === 'string' && value !== '' && value.length <= most ? value : undefined),
  };
}

/** A text of a certain form. */
export function matching(form: RegExp, expected: string): Check<string> {
  return {
    expected,
    read: (value) => (typeof value === 'string' && form.test(value) ? value : undefined),
  };
}

/** A URL of one of the protocols, as `URL` names them without the colon. */
export function urlOf(protocols: readonly string[], expected: string): Check<string> {
  return {
    expected,
    read: (value) => {
      if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
      return protocols.includes(new URL(value).protocol.slice(0, -1)) ? value : undefined;
    },
  };
}

/** One of several texts. */
export function oneOf<const T extends string>(choices: readonly T[], expected: string): Check<T> {
  return { expected, read: (value) => choices.find((choice) => choice === value) };
}

/** A number from `least` to `most`, also written as text. */
export function amount(least: number, most: number, expected: string): Check<number> {
  return {
    expected,
    read: (value) => {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof number === 'number' && number >= least && number <= most ? number : undefined;
    },
  };
}

/** A list in which every entry passes. */
export function listOf<T>(entry: Check<T>, expected: string): Check<readonly T[]> {
  return {
    expected,
    read: (value) => {
      if (!Array.isArray(value)) return undefined;
      const read = value.map(entry.read);
      return read.every((inner) => inner !== undefined) ? (read as T[]) : undefined;
    },
  };
}

/** A plain object of which every value passes. */
export function recordOf<T>(entry: Check<T>, expected: string): Check<Readonly<Record<string, T>>> {
  return {
    expected,
    read: (value) => {
      if (!isRecord(value)) return undefined;
      const read = Object.entries(value).map(([key, inner]) => [key, entry.read(inner)] as const);
      return read.every(([, inner]) => inner !== undefined)
        ? (Object.fromEntries(read) as Record<string, T>)
        : undefined;
    },
  };
}
