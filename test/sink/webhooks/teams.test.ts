import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toTeamsMessage } from '../../../sink/webhooks/teams.ts';
import { analysisRecord, COMMIT, UNLINKED_COMMIT } from '../../support/events.ts';
import { hostileRecord, textsOf } from '../../support/hostile-records.ts';

/** The library's ESM entry does not load in Node; its bundle does. */
const { AdaptiveCard, SerializationContext, Versions } = createRequire(import.meta.url)(
  'adaptivecards/dist/adaptivecards.js',
) as typeof import('adaptivecards');

const sound = analysisRecord({
  service: 'orders',
  occurrences: 14,
  source: 'llm',
  nextSteps: ['Look at the pool.'],
  suspectCommits: [UNLINKED_COMMIT, COMMIT],
});
const cardOf = (record: typeof sound) => toTeamsMessage(record).attachments[0].content;

describe('an analysis in Teams', () => {
  it('says what failed, why, what to do, where, and how far to trust it', () => {
    const text = textsOf(toTeamsMessage(sound))
      .map(([, one]) => one)
      .join('\n');
    expect(text).toContain('Error in orders, 14 times');
    expect(text).toContain('connect ECONNREFUSED 127.0.0.1:5432');
    expect(text).toContain('Nothing listens on 127.0.0.1:5432.');
    expect(text).toContain('src/orders.js:12 (saveOrder)');
    expect(text).toContain('await db.connect();');
    expect(text).toContain('c0ffee1234 of 2026-01-02 by Ada: Pool');
    expect(text).toContain('AI-generated, 1 of 1 cited lines verified');
  });

  it('names the address of a commit as text', () => {
    expect(JSON.stringify(cardOf(sound))).toContain(`by Ada: Pool ${COMMIT.url}`);
  });

  it('is a message with one Adaptive Card, which the reference renderer takes without complaint', () => {
    const card = cardOf(sound);
    const context = new SerializationContext(Versions.v1_4);
    const parsed = new AdaptiveCard();
    parsed.parse({ ...card }, context);
    expect(context.eventCount).toBe(0);
    expect(parsed.getItemCount()).toBe(card.body.length);
  });

  it('holds data only where no Markdown is read, and no mention, link or action anywhere', () => {
    fc.assert(
      fc.property(hostileRecord(), (record) => {
        const message = toTeamsMessage(record);
        for (const element of message.attachments[0].content.body) {
          if (element.type === 'TextBlock') {
            expect(element.text).toMatch(
              /^(?:Cause \(.{1,100}\)|Fix|Where|Last commits here|Code \((?:not )?verified\)|Next)$/,
            );
          }
        }
        const json = JSON.stringify(message);
        expect(json).not.toMatch(/<at>|\]\(|"actions"|"selectAction"|"entities"|"Action\./);
        expect(json).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
    );
  });

  it('stays below 28 KB, whatever the record holds', () => {
    fc.assert(
      fc.property(hostileRecord(), (record) => {
        expect(Buffer.byteLength(JSON.stringify(toTeamsMessage(record)))).toBeLessThanOrEqual(28 * 1024);
      }),
    );
  });

  it('stays below 28 KB where every character takes three bytes', () => {
    const text = '語'.repeat(10_000);
    const record = analysisRecord({
      service: text,
      message: text,
      rootCause: text,
      suggestedFix: text,
      location: text,
      model: text,
      source: 'llm',
      evidence: Array.from({ length: 12 }, () => ({ file: text, line: 1, quote: text, verified: false })),
      nextSteps: Array.from({ length: 8 }, () => text),
    });
    expect(Buffer.byteLength(JSON.stringify(toTeamsMessage(record)))).toBeLessThanOrEqual(28 * 1024);
  });
});
