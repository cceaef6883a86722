import type { AnalysisRecord } from '../../src/analysis-record.ts';
import type { Digest } from '../alerts/notice.ts';
import { type AnalysisView, type Occasion, toView } from '../analysis-view.ts';
import { toDigestView } from '../digest-view.ts';
import { escapeWithin, withoutBackticks, withoutMentions } from './escape.ts';

/** What Discord's webhooks and messages take. */
export interface DiscordMessage {
  readonly content: string;
  readonly embeds: readonly DiscordEmbed[];
  /** Nobody is ever called, whatever stands in the text. */
  readonly allowed_mentions: { readonly parse: readonly [] };
}

/** See {@link DiscordMessage}; without `url`, `image` and `author`, which data could lead astray. */
export interface DiscordEmbed {
  readonly title: string;
  readonly description: string;
  readonly color: number;
  readonly fields: readonly DiscordField[];
  readonly footer: { readonly text: string };
}

/** See {@link DiscordEmbed}. */
export interface DiscordField {
  readonly name: string;
  readonly value: string;
  readonly inline?: boolean;
}

/**
 * Discord's limits in characters ("Embed limits"): content 2000, title 256, description 4096, 25 fields, field
 * name 256 and value 1024, footer 2048, and 6000 in the whole embed. The sum of these stays below the last.
 */
const MAX = {
  content: 600,
  title: 200,
  error: 800,
  cause: 1024,
  fix: 900,
  where: 250,
  code: 1024,
  /** Of one commit, beside its link. */
  commit: 90,
  next: 600,
  /** Of a digest: fifteen lines of these come to 4050, with the marks around them. */
  label: 60,
  line: 100,
  footer: 250,
};
const MAX_QUOTE = 260;
const MAX_PLACE = 60;
/** Discord's own red. */
const COLOUR = 0xed4245;

/** Renders an analysis as a Discord message. Data cannot mention, link or format. */
export function toDiscordMessage(record: AnalysisRecord, occasion?: Occasion): DiscordMessage {
  const view = toView(record, occasion);
  const field = (name: string, value: string): readonly DiscordField[] =>
    value === '' ? [] : [{ name, value }];
  return {
    content: `${escaped(view.heading, MAX.title)}\n${escaped(view.cause, 300)}`,
    embeds: [
      {
        title: escaped(view.heading, MAX.title),
        description: code(view.error, MAX.error),
        color: COLOUR,
        fields: [
          ...field(`Cause (${view.verdict})`, escaped(view.cause, MAX.cause)),
          ...field('Fix', escaped(view.fix, MAX.fix)),
          ...field('Where', escaped(view.where, MAX.where)),
          ...field('Code', codeOf(view)),
          ...field('Last commits here', commitsOf(view)),
          ...field('Next', view.steps.map((step) => `• ${escaped(step, MAX.next / 4 - 3)}`).join('\n')),
        ],
        footer: { text: escaped(view.footer, MAX.footer) },
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

/** Renders a digest as a Discord message, as harmless as {@link toDiscordMessage}. */
export function toDiscordDigest(digest: Digest): DiscordMessage {
  const { heading, lines, more, footer } = toDigestView(digest);
  return {
    content: '',
    embeds: [
      {
        title: heading,
        description: lines
          .map(({ label, message, cause }) => {
            const why = cause && `\n→ ${escaped(cause, MAX.line)}`;
            return `**${escaped(label, MAX.label)}**\n${escaped(message, MAX.line)}${why}`;
          })
          .join('\n'),
        color: COLOUR,
        fields: [],
        footer: { text: `${more && `${more} · `}${footer}` },
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

function codeOf({ code: cited }: AnalysisView): string {
  return cited
    .map(({ place, quote, verified }) => {
      const checked = verified ? 'verified' : 'not verified';
      return `${escaped(place, MAX_PLACE)} (${checked})${code(quote, MAX_QUOTE)}`;
    })
    .join('\n');
}

function commitsOf({ commits }: AnalysisView): string {
  return commits
    .map(({ name, about, link }) => {
      const named = escaped(name, MAX.commit);
      return `${link === '' ? named : `[${named}](${link})`} ${escaped(about, MAX.commit)}`;
    })
    .join('\n');
}

/** Everything that Discord's Markdown, its links, its emoji and its mentions begin with. */
const SPECIAL = /[\\*_~|`<>[\]()#:@+-]/;

/** Data within Discord's Markdown, at most `length` characters of it. */
function escaped(text: string, length: number): string {
  return escapeWithin(withoutMentions(text), length, (one) => (SPECIAL.test(one) ? `\\${one}` : one));
}

/** A code block, in which nothing is read but its own end; links are broken up for readers that know better. */
function code(text: string, length: number): string {
  const harmless = withoutBackticks(withoutMentions(text)).replaceAll('](', '] (');
  return `\`\`\`\n${escapeWithin(harmless, length - 8, (one) => one) || ' '}\n\`\`\``;
}
