import type { Occasion } from '../analysis-view.ts';
import { SEVERITIES, type Severity } from '../history/history.ts';
import type { Route, Webhook } from './webhook.ts';

/** What routes look at. */
export interface Routed {
  readonly occasion: Occasion;
  readonly severity: Severity;
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  /** Ids of webhooks that the event or a rule chose; those that nobody configured are passed over. */
  readonly chosen?: readonly string[] | undefined;
}

/**
 * The webhooks that are told. A choice takes the place of the routes' services and environments, but makes nothing
 * more severe and no other occasion than it is. An address cannot be chosen, only the name of one.
 */
export function webhooksFor(webhooks: readonly Webhook[], alert: Routed): readonly Webhook[] {
  const chosen = webhooks.filter(({ id }) => alert.chosen?.includes(id));
  const isChosen = chosen.length > 0;
  return (isChosen ? chosen : webhooks).filter(
    ({ routes }) => routes === undefined || routes.some((route) => passes(route, alert, isChosen)),
  );
}

function passes({ services, environments, severity, on }: Route, alert: Routed, isChosen: boolean): boolean {
  return (
    (on === undefined || on.some((one) => one === alert.occasion)) &&
    (severity === undefined || isAtLeast(alert.severity, severity)) &&
    (isChosen || (isNamed(alert.service, services) && isNamed(alert.environment, environments)))
  );
}

/** Whether a severity is that bad or worse. */
function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

function isNamed(name: string | undefined, patterns: readonly string[] | undefined): boolean {
  if (patterns === undefined) return true;
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? (name ?? '').startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}
