import type { Seconds } from '../../src/types.ts';
import type { Severity } from '../history/history.ts';

/** The kinds of webhooks. */
export const WEBHOOK_KINDS = ['slack', 'discord', 'teams', 'generic'] as const;
/** See {@link WEBHOOK_KINDS}. */
export type WebhookKind = (typeof WEBHOOK_KINDS)[number];

/** What an error's arrival may be an occasion of. */
export const OCCASIONS: readonly ['new', 'regressed', 'spike'] = ['new', 'regressed', 'spike'];

/** Where alerts go: one entry of the file that `PATROL_WEBHOOKS_FILE` names. */
export interface Webhook {
  /** Its name in logs, in commands and in `webhookConfigId`. */
  readonly id: string;
  readonly kind: WebhookKind;
  /** The address, or the reference of a secret that holds it. */
  readonly url?: string | undefined;
  /** Slack's bot form, in place of `url`: a bot's token, or the reference of a secret that holds it. */
  readonly token?: string | undefined;
  /** The bot form's channel. */
  readonly channel?: string | undefined;
  /** Base of Slack's Web API. @defaultValue `https://slack.com/api/` */
  readonly apiUrl?: string | undefined;
  /** What generic webhooks are signed with, `whsec_` and base64; or the reference of a secret that holds it. */
  readonly secret?: string | undefined;
  /** Which alerts it gets: those that one of these lets through. @defaultValue all */
  readonly routes?: readonly Route[] | undefined;
  /** When only what is critical passes; the rest comes as a digest at the end. */
  readonly quietHours?: QuietHours | undefined;
  /** What is above it comes as a digest. */
  readonly rateLimit: RateLimit;
}

/** What an alert has to be to pass. What is left out lets everything pass. */
export interface Route {
  /** Names of services; a `*` at the end stands for any ending. */
  readonly services?: readonly string[] | undefined;
  /** The same for environments. */
  readonly environments?: readonly string[] | undefined;
  /** The least severity. */
  readonly severity?: Severity | undefined;
  readonly on?: readonly (typeof OCCASIONS)[number][] | undefined;
}

/** A stretch of every day. */
export interface QuietHours {
  /** `HH:MM`; the stretch goes over midnight where it is later than `to`. */
  readonly from: string;
  readonly to: string;
  /** An IANA name, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
}

/** How many messages may go out singly in a stretch of time. */
export interface RateLimit {
  /** @defaultValue 10 */
  readonly messages: number;
  /** @defaultValue 60 */
  readonly seconds: Seconds;
}
