import type { JSX } from 'preact';
import type { ErrorSummary } from '../../../history/history.ts';
import { texts } from '../language/language.ts';
import { Data, SeverityBadge, StatusBadge, When } from '../parts/basics.tsx';
import { compactNumber, shown } from '../text/format.ts';

/** One error in the list: what broke, where, why, how often, and who has it. */
export function ErrorRow({
  error,
  arrived,
}: {
  readonly error: ErrorSummary;
  readonly arrived: boolean;
}): JSX.Element {
  const text = texts.value;
  const { errorHash, message, name, status, severity, services, environments, location, assignee } = error;
  const places = [name, services.join(', '), environments.join(', '), location].filter(Boolean);
  return (
    <li class={`row ${status} ${severity} ${arrived ? 'arrived' : ''}`} data-hash={errorHash}>
      <div class="row-state">
        <StatusBadge status={status} />
        <SeverityBadge severity={severity} />
      </div>
      <div class="row-text">
        <a class="row-link" href={`/errors/${errorHash}`} data-hash={errorHash}>
          <Data text={message} limit={400} />
        </a>
        <p class="row-places">
          {places.map((place, index) => (
            <span key={index}>
              <Data text={place ?? ''} limit={120} />
            </span>
          ))}
        </p>
        {error.rootCause ? (
          <p class="row-cause">
            <Data text={error.rootCause} limit={300} />
            {error.confidenceScore !== undefined && (
              <span class="quiet"> {text.sure(error.confidenceScore)}</span>
            )}
          </p>
        ) : (
          <p class="row-cause quiet">{error.source === 'none' ? text.notJudged : text.noCauseYet}</p>
        )}
      </div>
      <div class="row-figures">
        <strong title={text.times(error.occurrences)}>{compactNumber(error.occurrences)}×</strong>
        <When time={error.lastSeen} />
        {assignee !== undefined && (
          <span class="who" title={text.assignedTo(shown(assignee, 100))}>
            <Data text={assignee} limit={40} />
          </span>
        )}
      </div>
    </li>
  );
}
