import { EmbedBuilder } from '@discordjs/builders';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiscordEmbed, toDiscordMessage } from '../../../sink/webhooks/discord.ts';
import { analysisRecord, COMMIT, FOREIGN_ADDRESSES, UNLINKED_COMMIT } from '../../support/events.ts';
import { hostileRecord, textsOf } from '../../support/hostile-records.ts';

const sound = analysisRecord({
  service: 'orders',
  occurrences: 14,
  source: 'llm',
  nextSteps: ['Look at the pool.'],
  suspectCommits: [UNLINKED_COMMIT, COMMIT],
});
const embedOf = (record: typeof sound) => toDiscordMessage(record).embeds[0] as DiscordEmbed;

/** What Discord counts against its 6000 characters. */
const sizeOf = ({ title, description, fields, footer }: DiscordEmbed) =>
  [title, description, footer.text, ...fields.flatMap(({ name, value }) => [name, value])].join('').length;

/** The text as it is shown: without the escapes of Markdown. */
const shown = (text: string) => text.replace(/\\([^\w\s])/g, '$1');

describe('an analysis in Discord', () => {
  it('says what failed, why, what to do, where, and how far to trust it', () => {
    const text = shown(
      textsOf(toDiscordMessage(sound))
        .map(([, one]) => one)
        .join('\n'),
    );
    expect(text).toContain('Error in orders, 14 times');
    expect(text).toContain('connect ECONNREFUSED 127.0.0.1:5432');
    expect(text).toContain('Nothing listens on 127.0.0.1:5432.');
    expect(text).toContain('src/orders.js:12 (saveOrder)');
    expect(text).toContain('await db.connect();');
    expect(text).toContain('c0ffee1234 of 2026-01-02 by Ada: Pool');
    expect(text).toContain('AI-generated, 1 of 1 cited lines verified');
  });

  it('links a commit by the address of the code host, and by no other', () => {
    const commits = (url: string) =>
      embedOf(analysisRecord({ suspectCommits: [{ ...COMMIT, url }] })).fields.at(-1)?.value;
    expect(commits(COMMIT.url)).toBe(`[c0ffee1234](${COMMIT.url}) of 2026\\-01\\-02 by Ada\\: Pool`);
    for (const url of FOREIGN_ADDRESSES) {
      expect(commits(url)).toBe('c0ffee1234 of 2026\\-01\\-02 by Ada\\: Pool');
    }
  });

  it('calls nobody', () => {
    const message = toDiscordMessage(analysisRecord({ rootCause: '@everyone @here <@&123> <@123>' }));
    expect(message.allowed_mentions).toEqual({ parse: [] });
    expect(message.embeds[0]?.fields[0]?.value).toBe('\uff20everyone \uff20here \\<\\@&123\\> \\<\\@123\\>');
  });

  it('makes no link of an address, and none of Markdown', () => {
    const value = embedOf(analysisRecord({ rootCause: '[Open](https://evil.example/x)' })).fields[0]?.value;
    expect(value).toBe('\\[Open\\]\\(https\\://evil.example/x\\)');
  });

  it('neither links nor mentions nor formats outside of code, whatever the record holds', () => {
    fc.assert(
      fc.property(hostileRecord(), (record) => {
        const { content, embeds } = toDiscordMessage(record);
        for (const [, text] of textsOf({ content, embeds })) {
          const [prose = '', ...rest] = text.split('```').filter((_, index) => index % 2 === 0);
          for (const part of [prose, ...rest]) {
            const unescaped = part
              .replace(/\\[\\*_~|`<>[\]()#:@+-]/g, '')
              .replaceAll('• ', '')
              .replace(/\((?:not )?verified\)/g, '');
            if (text === part && /^(?:Cause|Fix|Where|Last commits here|Code|Next)/.test(text)) continue;
            expect(unescaped).not.toMatch(/[\\*_~|`<>[\]#:@]/);
          }
          expect(text).not.toMatch(/@(?:everyone|here)\b/i);
          expect(text.split('```').length % 2).toBe(1);
        }
      }),
    );
  });

  it('keeps every limit of Discord, whatever the record holds', () => {
    fc.assert(
      fc.property(hostileRecord(), (record) => {
        const { content, embeds } = toDiscordMessage(record);
        expect(content.length).toBeLessThanOrEqual(2000);
        expect(embeds).toHaveLength(1);
        for (const embed of embeds) expect(sizeOf(embed)).toBeLessThanOrEqual(6000);
      }),
    );
  });

  it('is an embed by discord.js’s own rules, whatever the record holds', () => {
    fc.assert(
      fc.property(hostileRecord(), (record) => {
        const { title, description, color, fields, footer } = embedOf(record);
        // The setters check; the constructor does not.
        const built = new EmbedBuilder()
          .setTitle(title)
          .setDescription(description)
          .setColor(color)
          .setFooter(footer)
          .addFields(...fields);
        expect(built.toJSON().title).toBe(title);
      }),
      { numRuns: 50 },
    );
  });
});
