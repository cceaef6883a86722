import fc from 'fast-check';
import type { AnalysisRecord } from '../../src/analysis-record.ts';
import { analysisRecord } from './events.ts';
import { hostileText, longText } from './hostile-text.ts';

/** Records of analyses in which every text was written by an attacker. */
export function hostileRecord(): fc.Arbitrary<AnalysisRecord> {
  const text = fc.oneof(hostileText(), longText());
  const address = fc.oneof(
    text,
    text.map((inner) => `https://evil.example/a/b/commit/${inner}`),
    fc.constant(`https://evil.example/a/b/commit/${'a'.repeat(40)}`),
  );
  return fc
    .record({
      service: text,
      message: text,
      rootCause: text,
      suggestedFix: text,
      analysis: text,
      location: text,
      patch: text,
      model: text,
      eventId: text,
      source: fc.constantFrom('llm', 'rules', 'none'),
      evidence: fc.array(fc.record({ file: text, line: fc.nat(), quote: text, verified: fc.boolean() }), {
        maxLength: 12,
      }),
      nextSteps: fc.array(text, { maxLength: 8 }),
      confidenceReasons: fc.array(text, { maxLength: 8 }),
      suspectCommits: fc.array(
        fc.record({ sha: text, author: text, date: text, message: text, file: text, url: address }),
        { maxLength: 3 },
      ),
      occurrences: fc.integer({ min: 1, max: 1e12 }),
    })
    .map((fields) => analysisRecord(fields as Parameters<typeof analysisRecord>[0]));
}

/** Every string in a value, with the path to it. */
export function textsOf(value: unknown, path = ''): readonly (readonly [path: string, text: string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsOf(inner, `${path}.${key}`));
}
