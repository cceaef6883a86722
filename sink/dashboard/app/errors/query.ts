import {
  type ErrorQuery,
  type ErrorStatus,
  type ErrorSummary,
  SEVERITIES,
  type Severity,
} from '../../../history/history.ts';

/** A group of statuses that the list offers; `open` is what somebody still has to look at. */
export type View = 'open' | ErrorStatus | 'all';

/** See {@link View}, in the order in which they are offered. */
export const VIEWS: Readonly<Record<View, readonly ErrorStatus[]>> = {
  open: ['new', 'ongoing', 'regressed'],
  new: ['new'],
  regressed: ['regressed'],
  ongoing: ['ongoing'],
  resolved: ['resolved'],
  ignored: ['ignored'],
  all: [],
};

const SORTS = ['lastSeen', 'firstSeen', 'occurrences'] as const;
const TEXTS = ['search', 'service', 'environment', 'release', 'assignee'] as const;

/** What the address says: so a list can be sent to a colleague, and the way back leads where one was. */
export interface ListQuery extends ErrorQuery {
  readonly view: View;
  readonly sort: NonNullable<ErrorQuery['sort']>;
}

/** Reads a query from the parameters of an address; what it does not know counts as not given. */
export function readQuery(parameters: Readonly<Record<string, string>>): ListQuery {
  const { status = 'open', severity, sort } = parameters;
  const view: View = Object.hasOwn(VIEWS, status) ? (status as View) : 'open';
  return {
    view,
    ...(VIEWS[view].length > 0 && { status: VIEWS[view] }),
    sort: SORTS.find((one) => one === sort) ?? 'lastSeen',
    ...Object.fromEntries(
      TEXTS.flatMap((name) => (parameters[name] ? [[name, parameters[name].slice(0, 200)]] : [])),
    ),
    ...(isSeverity(severity) && { severity }),
  };
}

/** The address of the list with some parameters changed; empty ones go. */
export function listAddress(
  parameters: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string>>,
): string {
  const entries = Object.entries({ ...parameters, ...changes }).filter(([, value]) => value !== '');
  return entries.length === 0 ? '/' : `/?${new URLSearchParams(entries)}`;
}

/** Whether an error that just came in belongs into the list. */
export function belongs(error: ErrorSummary, query: ListQuery): boolean {
  const { search = '', status, service, environment, release, severity, assignee } = query;
  const text = [error.message, error.name, error.rootCause, error.errorHash, ...error.services]
    .join('\n')
    .toLowerCase();
  return (
    (status === undefined || status.includes(error.status)) &&
    (service === undefined || error.services.includes(service)) &&
    (environment === undefined || error.environments.includes(environment)) &&
    (release === undefined || error.releases.includes(release)) &&
    (severity === undefined || error.severity === severity) &&
    (assignee === undefined || error.assignee === assignee) &&
    search
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.includes(word))
  );
}

function isSeverity(text: string | undefined): text is Severity {
  return SEVERITIES.some((severity) => severity === text);
}
