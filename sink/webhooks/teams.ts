import type { AnalysisRecord } from '../../src/analysis-record.ts';
import type { Digest } from '../alerts/notice.ts';
import { type Occasion, toView } from '../analysis-view.ts';
import { toDigestView } from '../digest-view.ts';
import { escapeWithin, withoutMentions } from './escape.ts';

/** What a Teams workflow or webhook takes: a message with one Adaptive Card. */
export interface TeamsMessage {
  readonly type: 'message';
  readonly attachments: readonly [
    {
      readonly contentType: 'application/vnd.microsoft.card.adaptive';
      readonly contentUrl: null;
      readonly content: AdaptiveCard;
    },
  ];
}

/** A card without actions. */
export interface AdaptiveCard {
  readonly $schema: 'http://adaptivecards.io/schemas/adaptive-card.json';
  readonly type: 'AdaptiveCard';
  readonly version: '1.4';
  readonly msteams: { readonly width: 'Full' };
  readonly fallbackText: string;
  readonly body: readonly TeamsElement[];
}

/** Text blocks, which read Markdown, hold Patrol's own words only; data stands in text runs, which read none. */
export type TeamsElement =
  | {
      readonly type: 'TextBlock';
      readonly text: string;
      readonly weight?: 'Bolder';
      readonly size?: 'Large';
      readonly wrap: true;
      readonly isSubtle?: true;
    }
  | { readonly type: 'RichTextBlock'; readonly inlines: readonly TeamsRun[] };

/** See {@link TeamsElement}. */
export interface TeamsRun {
  readonly type: 'TextRun';
  readonly text: string;
  readonly fontType?: 'Monospace';
  readonly weight?: 'Bolder';
  readonly size?: 'Large';
  readonly isSubtle?: true;
}

/**
 * Characters of each part. Teams takes messages of at most 28 KB ("Format cards in Teams"); these come to 8100
 * characters, in UTF-8 at most 24 KB, and the card around them to 3 KB.
 */
const MAX = {
  heading: 200,
  error: 800,
  cause: 1000,
  fix: 1200,
  where: 250,
  place: 150,
  quote: 500,
  step: 300,
  commit: 300,
  label: 80,
  line: 160,
  footer: 250,
};

/** Renders an analysis as a Teams message. The card has no actions, and data can neither link nor mention. */
export function toTeamsMessage(record: AnalysisRecord, occasion?: Occasion): TeamsMessage {
  const view = toView(record, occasion);
  const labelled = (label: string, text: string, length: number): readonly TeamsElement[] =>
    text === '' ? [] : [title(label), run({ text: harmless(text, length) })];
  return toTeamsCard(`${harmless(view.heading, MAX.heading)}. ${view.verdict}`, [
    run({ text: harmless(view.heading, MAX.heading), size: 'Large', weight: 'Bolder' }),
    run({ text: harmless(view.error, MAX.error), fontType: 'Monospace' }),
    ...labelled(`Cause (${view.verdict})`, view.cause, MAX.cause),
    ...labelled('Fix', view.fix, MAX.fix),
    ...labelled('Where', view.where, MAX.where),
    ...view.code.flatMap(({ place, quote, verified }) => [
      title(`Code (${verified ? 'verified' : 'not verified'})`),
      run(
        { text: harmless(`${place}\n`, MAX.place) },
        { text: harmless(quote, MAX.quote), fontType: 'Monospace' },
      ),
    ]),
    // A run cannot link, and an action would let data choose where a click leads: the address stands there as text.
    ...(view.commits.length === 0
      ? []
      : [
          title('Last commits here'),
          ...view.commits.map(({ name, about, link }) =>
            run({ text: harmless(`${name} ${about}${link && ` ${link}`}`, MAX.commit) }),
          ),
        ]),
    ...(view.steps.length === 0
      ? []
      : [title('Next'), ...view.steps.map((step) => run({ text: `• ${harmless(step, MAX.step)}` }))]),
    run({ text: harmless(view.footer, MAX.footer), isSubtle: true }),
  ]);
}

/** Renders a digest as a Teams message, as harmless as {@link toTeamsMessage}. */
export function toTeamsDigest(digest: Digest): TeamsMessage {
  const { heading, lines, more, footer } = toDigestView(digest);
  return toTeamsCard(heading, [
    run({ text: heading, size: 'Large', weight: 'Bolder' }),
    ...lines.map(({ label, message, cause }) =>
      run(
        { text: harmless(`${label}\n`, MAX.label), weight: 'Bolder' },
        { text: harmless(message, MAX.line) },
        ...(cause === '' ? [] : [{ text: harmless(`\n→ ${cause}`, MAX.line) }]),
      ),
    ),
    run({ text: `${more && `${more} · `}${footer}`, isSubtle: true }),
  ]);
}

/** The message around the elements of a card. */
function toTeamsCard(fallbackText: string, body: readonly TeamsElement[]): TeamsMessage {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          fallbackText,
          body,
        },
      },
    ],
  };
}

function title(text: string): TeamsElement {
  return { type: 'TextBlock', text, weight: 'Bolder', wrap: true };
}

/** A line of text that reads no Markdown. */
function run(...runs: readonly Omit<TeamsRun, 'type'>[]): TeamsElement {
  return { type: 'RichTextBlock', inlines: runs.map((one) => ({ type: 'TextRun', ...one })) };
}

/**
 * Data in a text run, at most `length` characters of it. Text runs are shown as they are. Some clients read Markdown and `<at>` all the same, so these are broken up
 * with characters that look alike.
 */
function harmless(text: string, length: number): string {
  const broken = withoutMentions(text).replaceAll('](', '] (').replaceAll('<', '‹').replaceAll('>', '›');
  return escapeWithin(broken, length, (one) => one) || ' ';
}
