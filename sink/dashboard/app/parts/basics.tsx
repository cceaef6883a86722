import type { ComponentChildren, JSX } from 'preact';
import type { ErrorStatus, Severity } from '../../../history/history.ts';
import { texts } from '../language/language.ts';
import type { Failure } from '../server/client.ts';
import { exactTime, isTime, relativeTime, severityText, shown, statusText } from '../text/format.ts';

/** A text that others wrote: what can be seen of it, kept from turning what stands around it. */
export function Data({ text, limit }: { readonly text: string; readonly limit?: number }): JSX.Element {
  return <bdi dir="auto">{shown(text, limit)}</bdi>;
}

/** A time, relative to now; the exact one on demand. */
export function When({ time }: { readonly time: number }): JSX.Element | null {
  if (!isTime(time)) return null;
  return (
    <time dateTime={new Date(time).toISOString()} title={exactTime(time)}>
      {relativeTime(time)}
    </time>
  );
}

/** Where an error stands. */
export function StatusBadge({ status }: { readonly status: ErrorStatus }): JSX.Element {
  return <span class={`badge status-${status}`}>{statusText(status)}</span>;
}

/** How bad it is; the usual is not worth a word. */
export function SeverityBadge({ severity }: { readonly severity: Severity }): JSX.Element | null {
  if (severity === 'error') return null;
  return <span class={`badge severity-${severity}`}>{severityText(severity)}</span>;
}

/** Shown while something is waited for; a screen reader is told, too. */
export function Loading(): JSX.Element {
  return (
    <p class="quiet loading" role="status">
      {texts.value.loading}
    </p>
  );
}

/** Why something could not be shown, and a button to try again. */
export function Trouble({
  failure,
  retry,
}: {
  readonly failure: Failure;
  readonly retry: () => void;
}): JSX.Element | null {
  const { unreachable, failed, retry: label } = texts.value;
  if (failure.code === 'ABORTED') return null;
  return (
    <div class="trouble" role="alert">
      <p>{failure.status === 0 ? unreachable : failed(shown(failure.message, 500))}</p>
      <button type="button" onClick={retry}>
        {label}
      </button>
    </div>
  );
}

/** A titled part of a page. */
export function Section({
  title,
  hint,
  class: name = '',
  children,
}: {
  readonly title: string;
  readonly hint?: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <section class={`card ${name}`}>
      <h2>{title}</h2>
      {hint !== undefined && <p class="quiet">{hint}</p>}
      {children}
    </section>
  );
}

/** Leads to another site, in a tab of its own. */
export function OutsideLink({
  href,
  children,
}: {
  readonly href: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
