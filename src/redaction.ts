import { findAssigned } from './redaction/assignments.ts';
import { nestedKey, secretKey } from './redaction/keys.ts';
import { byName } from './redaction/names.ts';
import { Pseudonyms } from './redaction/pseudonyms.ts';
import { isSecretText } from './redaction/secret-values.ts';
import { type Detector, placeholder } from './redaction/spans.ts';
import { redactStructure, UNREADABLE } from './redaction/structure.ts';
import { textRedactor } from './redaction/text.ts';
import { newLastBare } from './redaction/values.ts';

/** One more thing to be redacted. */
export interface RedactionRule {
  /** Names the placeholder, `[REDACTED:kind]`: lower-case letters, digits and hyphens. */
  readonly kind: string;
  /** What to replace. Its running time is its author's concern; a `g` flag is implied. */
  readonly pattern: RegExp;
}

/** Options of {@link createRedactor}. They add to what is redacted; nothing takes away from it. */
export interface RedactorOptions {
  /** Redact IP addresses too, but loopback ones. @defaultValue false */
  readonly ips?: boolean;
  readonly rules?: readonly RedactionRule[];
  /** Further keys whose values are replaced whole, compared without case and punctuation. */
  readonly keys?: readonly string[];
  /**
   * Number the placeholders by value (`[REDACTED:email#1]`), so that equal values stay recognisable, and let
   * {@link Redactor.restore} bring them back. The values are kept in this process's memory only.
   * @defaultValue false
   */
  readonly pseudonyms?: boolean;
}

/** Made by {@link createRedactor}. */
export interface Redactor {
  /** See {@link redact}. */
  redact<T>(value: T): T;
  /** Puts the values of numbered placeholders back into a text; others stay. */
  restore(text: string): string;
}

/** Makes a redactor that knows more than {@link redact}. */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const pseudonyms = options.pseudonyms ? new Pseudonyms() : undefined;
  const write = (kind: string, secret: string): string => pseudonyms?.name(kind, secret) ?? placeholder(kind);
  const text = textRedactor({
    ips: options.ips ?? false,
    extra: [...(options.rules ?? []).map(ruleDetector), ...(options.keys ?? []).map(keyDetector)],
    write,
  });
  const keys = new Set((options.keys ?? []).map(flatten));
  const keyOf = byName(secretKey);
  // A pseudonym is given out by the one who keeps it.
  const name = pseudonyms ? text : byName(text);
  const kindOf = (name: string, value: unknown, parent?: string): string | undefined => {
    const known = keyOf(name) ?? (parent === undefined ? undefined : nestedKey(parent, name));
    if (known === undefined) return keys.size > 0 && keys.has(flatten(name)) ? 'secret' : undefined;
    if (known.trust !== 'weak' && known.trust !== 'query') return known.kind;
    const isText = typeof value === 'string' || typeof value === 'number';
    return isText && isSecretText(String(value), known) ? known.kind : undefined;
  };
  const whole = (kind: string, value: unknown): string =>
    write(kind, typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)));

  return {
    redact<T>(value: T): T {
      try {
        return (
          typeof value === 'string' ? text(value) : redactStructure(value, { text, name, whole, kindOf })
        ) as T;
      } catch {
        return UNREADABLE as T;
      }
    },
    restore: (shown) => pseudonyms?.restore(shown) ?? shown,
  };
}

const flatten = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

function ruleDetector({ kind, pattern }: RedactionRule): Detector {
  const all = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}g`);
  return (text, found) => {
    for (const hit of text.matchAll(all)) found(hit.index, hit.index + hit[0].length, kind);
  };
}

/** A key in a text: `internal_note`, `internalNote` and `Internal-Note` are the same. */
function keyDetector(name: string): Detector {
  const words = name.match(/\p{Lu}?[\p{Ll}\p{N}]+|\p{Lu}+(?!\p{Ll})/gu) ?? [];
  const pattern = new RegExp(words.join('[_.-]?'), 'gi');
  return (text, found) => {
    if (words.length === 0) return;
    for (const hit of text.matchAll(pattern)) {
      const end = hit.index + hit[0].length;
      findAssigned(text, hit.index, end, { kind: 'secret', trust: 'strong' }, newLastBare(), found);
    }
  };
}

const standard: Redactor = createRedactor();

/**
 * Replaces secrets and personal data by placeholders such as `[REDACTED:password]`: in a string, or in every
 * string of structured data, at any depth. Known are the token formats of some ninety providers, private keys,
 * passwords in URLs and connection strings, headers, cookies, the values of telling keys in JSON, query
 * strings, logfmt, command lines and prose, webhook addresses, e-mail addresses, cards, IBANs, phone numbers.
 *
 * The shape stays: an object has the same keys, a text the same lines. Equal input gives equal output, and
 * redacting twice the same as once. Takes time linear in the input; never throws: what cannot be read becomes
 * `[REDACTED:unreadable]`.
 *
 * @example
 * ```ts
 * redact('connect postgres://app:hunter2@db.internal/main failed');
 * // 'connect postgres://app:[REDACTED:password]@db.internal/main failed'
 * ```
 */
export function redact<T>(value: T): T {
  return standard.redact(value);
}
