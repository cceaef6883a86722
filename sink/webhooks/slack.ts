import type { AnalysisRecord } from '../../src/analysis-record.ts';
import type { Digest } from '../alerts/notice.ts';
import { type AnalysisView, type Occasion, toView } from '../analysis-view.ts';
import { toDigestView } from '../digest-view.ts';
import { escapeWithin, withoutBackticks, withoutMentions } from './escape.ts';

/** What `chat.postMessage` and incoming webhooks take; structural, as Slack's own types are no dependency. */
export interface SlackMessage {
  /** For notifications and screen readers. */
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  /** Nothing is fetched because of what stands in an analysis. */
  readonly unfurl_links: false;
  readonly unfurl_media: false;
}

/** The blocks that are used: no actions, no images, no links but those to commits. */
export type SlackBlock =
  | { readonly type: 'header'; readonly text: SlackPlainText }
  | { readonly type: 'section'; readonly text: SlackMarkdown }
  | { readonly type: 'context'; readonly elements: readonly SlackMarkdown[] };

/** See {@link SlackBlock}. */
export interface SlackPlainText {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji: false;
}

/** Without `verbatim` Slack would make links and mentions of what looks like some. */
export interface SlackMarkdown {
  readonly type: 'mrkdwn';
  readonly text: string;
  readonly verbatim: true;
}

/**
 * Slack's limits in characters of what is sent (docs.slack.dev, "Block Kit: blocks"): 150 for a header, 3000 for
 * the text of a section, 50 blocks a message. Within them, what fits a telephone.
 */
const MAX = {
  header: 150,
  text: 3000,
  error: 900,
  cause: 1500,
  fix: 2500,
  place: 200,
  quote: 600,
  step: 400,
  commit: 300,
  line: 300,
};

/** Renders an analysis as a Slack message. Data is escaped, and can neither link, mention nor format. */
export function toSlackMessage(record: AnalysisRecord, occasion?: Occasion): SlackMessage {
  const view = toView(record, occasion);
  return {
    text: cut(`${escaped(view.heading, 300)}: ${escaped(view.cause, MAX.cause)} (${view.verdict})`),
    blocks: [
      { type: 'header', text: plain(view.heading) },
      section(`${code(view.error, MAX.error)}`),
      section(`*Cause* (${view.verdict})\n${escaped(view.cause, MAX.cause)}`),
      ...(view.fix === '' ? [] : [section(`*Fix*\n${escaped(view.fix, MAX.fix)}`)]),
      ...(view.where === '' ? [] : [section(`*Where*\n${escaped(view.where, MAX.place)}`)]),
      ...codeOf(view),
      ...commitsOf(view),
      ...(view.steps.length === 0
        ? []
        : [section(`*Next*\n${view.steps.map((step) => `• ${escaped(step, MAX.step)}`).join('\n')}`)]),
      { type: 'context', elements: [markdown(escaped(view.footer, 500))] },
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** Renders a digest as a Slack message, as harmless as {@link toSlackMessage}. */
export function toSlackDigest(digest: Digest): SlackMessage {
  const { heading, lines, more, footer } = toDigestView(digest);
  return {
    text: heading,
    blocks: [
      { type: 'header', text: plain(heading) },
      ...lines.map(({ label, message, cause }) =>
        section(
          `*${escaped(label, MAX.place)}*\n${escaped(message, MAX.line)}${cause && `\n→ ${escaped(cause, MAX.line)}`}`,
        ),
      ),
      { type: 'context', elements: [markdown(`${more && `${more} · `}${footer}`)] },
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

function codeOf({ code: cited }: AnalysisView): readonly SlackBlock[] {
  return cited.map(({ place, quote, verified }) => {
    const heading = `${escaped(place, MAX.place)} (${verified ? 'verified' : 'not verified'})`;
    return section(`*Code* ${heading}\n${code(quote, MAX.quote)}`);
  });
}

function commitsOf({ commits }: AnalysisView): readonly SlackBlock[] {
  if (commits.length === 0) return [];
  const lines = commits.map(({ name, about, link }) => {
    const named = link === '' ? escaped(name, MAX.commit) : `<${link}|${escaped(name, MAX.commit)}>`;
    return `${named} ${escaped(about, MAX.commit)}`;
  });
  return [section(`*Last commits here*\n${lines.join('\n')}`)];
}

/** A block of text in Slack's markup; what is data in it has to be escaped. */
function section(text: string): SlackBlock {
  return { type: 'section', text: markdown(text) };
}

/** See {@link section}; for the small print. */
function markdown(text: string): SlackMarkdown {
  return { type: 'mrkdwn', text: cut(text), verbatim: true };
}

/** Text for a header. Plain text knows no escapes in every client: the two characters that Slack reads are replaced. */
function plain(text: string): SlackPlainText {
  const harmless = withoutBackticks(withoutMentions(text)).replaceAll('<', '‹').replaceAll('>', '›');
  return { type: 'plain_text', text: escapeWithin(harmless, MAX.header, (one) => one), emoji: false };
}

/** The three characters that mean something to Slack ("Formatting message text: escaping text"). */
const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** Markup has no escape in mrkdwn; these letters look the same and mean nothing. */
const FORMATTING: Readonly<Record<string, string>> = { '*': '∗', '~': '∼', '`': '\u02cb' };

/** Data within Slack's markup, at most `length` characters of it. */
function escaped(text: string, length: number): string {
  return escapeWithin(withoutMentions(text), length, (one) => ESCAPED[one] ?? FORMATTING[one] ?? one);
}

/** Preformatted: nothing but the three characters is read, up to the next backticks. */
function code(text: string, length: number): string {
  const harmless = withoutBackticks(withoutMentions(text));
  return `\`\`\`${escapeWithin(harmless, length, (one) => ESCAPED[one] ?? one) || ' '}\`\`\``;
}

/** A text that Slack takes. All parts are bounded such that this never cuts; it is here so that a new part cannot break the limit. */
function cut(text: string): string {
  return escapeWithin(text, MAX.text, (one) => one);
}
