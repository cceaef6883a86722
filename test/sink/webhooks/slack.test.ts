import type { KnownBlock } from '@slack/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toSlackMessage } from '../../../sink/webhooks/slack.ts';
import { analysisRecord, COMMIT, FOREIGN_ADDRESSES, UNLINKED_COMMIT } from '../../support/events.ts';
import { hostileRecord, textsOf } from '../../support/hostile-records.ts';

const sound = analysisRecord({
  service: 'orders',
  occurrences: 14,
  source: 'llm',
  nextSteps: ['Look at the pool.'],
  suspectCommits: [UNLINKED_COMMIT, COMMIT],
});
const textOf = (message: unknown) =>
  textsOf(message)
    .map(([, text]) => text)
    .join('\n');

describe('an analysis in Slack', () => {
  it('says what failed, why, what to do, where, and how far to trust it', () => {
    const text = textOf(toSlackMessage(sound));
    expect(text).toContain('Error in orders, 14 times');
    expect(text).toContain('connect ECONNREFUSED 127.0.0.1:5432');
    expect(text).toContain('Nothing listens on 127.0.0.1:5432.');
    expect(text).toContain('Start PostgreSQL');
    expect(text).toContain('src/orders.js:12 (saveOrder)');
    expect(text).toContain('await db.connect();');
    expect(text).toContain('c0ffee1234 of 2026-01-02 by Ada: Pool');
    expect(text).toContain('90 % sure. AI-generated, 1 of 1 cited lines verified.');
  });

  it('says why somebody is told', () => {
    expect(toSlackMessage(sound, 'new').text).toContain('New error in orders, 14 times');
    expect(toSlackMessage(sound, 'regressed').text).toContain('Error in orders came back, 14 times');
    expect(toSlackMessage(sound, 'spike').text).toContain('Error in orders comes more often than usual');
  });

  it('links a commit by the address of the code host, and by no other', () => {
    expect(textOf(toSlackMessage(sound))).toContain(`<${COMMIT.url}|c0ffee1234> of 2026-01-02 by Ada: Pool`);
    for (const url of FOREIGN_ADDRESSES) {
      const text = textOf(toSlackMessage(analysisRecord({ suspectCommits: [{ ...COMMIT, url }] })));
      expect(text).not.toMatch(/[<>]|example/);
    }
  });

  it('says that nothing was verified where nothing was', () => {
    expect(textOf(toSlackMessage({ ...sound, patrol: { ...sound.patrol, evidence: [] } }))).toContain(
      'AI-generated, not verified',
    );
  });

  it('says why there is no cause', () => {
    const none = analysisRecord({
      source: 'none',
      rootCause: '',
      suggestedFix: '',
      analysis: 'No root cause found, because …',
    });
    const text = textOf(toSlackMessage(none));
    expect(text).toContain('No root cause found, because');
    expect(text).not.toContain('*Fix*');
  });

  it('shows what an attacker wrote as the text that it is', () => {
    const message = toSlackMessage(
      analysisRecord({ rootCause: '<https://evil.example|Open> <!channel> & so on' }),
    );
    expect(textOf(message)).toContain('&lt;https://evil.example|Open&gt; &lt;!channel&gt; &amp; so on');
  });

  it('neither links nor mentions, whatever the record holds', () => {
    fc.assert(
      fc.property(hostileRecord(), (record) => {
        for (const [, text] of textsOf(toSlackMessage(record))) {
          expect(text).not.toMatch(/[<>]/);
          expect(text).not.toMatch(/@(?:everyone|here|channel)\b/i);
          expect(text).not.toMatch(
            /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/,
          );
          expect(text.split('```').length % 2).toBe(1);
        }
      }),
    );
  });

  it('keeps every limit of Block Kit, whatever the record holds', () => {
    fc.assert(
      fc.property(hostileRecord(), (record) => {
        const { blocks, text } = toSlackMessage(record);
        expect(blocks.length).toBeLessThanOrEqual(50);
        expect(text.length).toBeLessThanOrEqual(3000);
        for (const block of blocks) {
          if (block.type === 'header') expect(block.text.text.length).toBeLessThanOrEqual(150);
          if (block.type === 'section') expect(block.text.text.length).toBeLessThanOrEqual(3000);
          for (const [path, inner] of textsOf(block)) if (path.endsWith('.text')) expect(inner).not.toBe('');
        }
      }),
    );
  });

  it('is what Slack’s own types call blocks', () => {
    const blocks = toSlackMessage(sound).blocks satisfies readonly unknown[] as readonly KnownBlock[];
    expect(blocks.map(({ type }) => type)).toEqual([
      'header',
      'section',
      'section',
      'section',
      'section',
      'section',
      'section',
      'section',
      'context',
    ]);
  });
});
