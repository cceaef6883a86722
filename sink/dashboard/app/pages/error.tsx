import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso/router';
import type { ErrorDetails } from '../../../history/history.ts';
import { ActionBar } from '../error/action-bar.tsx';
import { Occurrences } from '../error/occurrences.tsx';
import { SimilarErrors, SuspectCommits } from '../error/related.tsx';
import { Samples } from '../error/samples.tsx';
import { Trail } from '../error/trail.tsx';
import { EarlierAnalyses, Verdict } from '../error/verdict.tsx';
import { useKeys } from '../keyboard.ts';
import { texts } from '../language/language.ts';
import { Data, Loading, SeverityBadge, StatusBadge, Trouble, When } from '../parts/basics.tsx';
import { usePageTitle } from '../parts/page-title.ts';
import { findError } from '../server/api.ts';
import { onUpdates } from '../server/updates.ts';
import { useAnswer } from '../server/use-answer.ts';
import { mayAct, myName } from '../session.ts';
import { shown } from '../text/format.ts';

/** One error: what broke, why, what to do, and who does. */
export function ErrorPage(): JSX.Element {
  const text = texts.value;
  const { hash = '' } = useRoute().params;
  const { route } = useLocation();
  const asked = useAnswer((signal) => findError(hash, signal), [hash]);
  const { value, failure, reload } = asked;
  useEffect(
    () => onUpdates((updates) => updates.some(({ errorHash }) => errorHash === hash) && reload(), reload),
    [hash],
  );
  useKeys({ u: () => route('/') });
  usePageTitle(value?.message ?? text.errors);
  // Another error's page was here before: nothing of it is shown under the new address.
  const error = value?.errorHash === hash ? value : undefined;

  if (!error && failure?.status === 404) {
    return (
      <div class="nothing">
        <h1>{text.errorGone}</h1>
        <p>{text.errorGoneText}</p>
        <p>
          <a href="/">{text.backToErrors}</a>
        </p>
      </div>
    );
  }
  return (
    <>
      {failure && <Trouble failure={failure} retry={reload} />}
      {!error && !failure && <Loading />}
      {error && (
        <Details
          error={error}
          changed={(summary) => {
            // At once what the server said, then what it adds to that: the trail.
            asked.replace({ ...error, ...summary });
            reload();
          }}
        />
      )}
    </>
  );
}

function Details({
  error,
  changed,
}: {
  readonly error: ErrorDetails;
  readonly changed: Parameters<typeof Trail>[0]['changed'];
}): JSX.Element {
  const text = texts.value;
  const { message, name, status, severity, assignee, location, services, analyses, samples } = error;
  const [analysis, ...earlier] = analyses;
  const repositoryUrl = samples.find((sample) => sample.repositoryUrl !== undefined)?.repositoryUrl;
  const places = [name, location, services.join(', ')].filter(Boolean);
  return (
    <article class="error-page">
      <header class={`card head ${status}`}>
        <p class="state">
          <StatusBadge status={status} /> <SeverityBadge severity={severity} />
          <span>
            {text.times(error.occurrences)}, <When time={error.lastSeen} />
          </span>
          {assignee !== undefined && (
            <span class="who">
              <Data text={text.assignedTo(shown(assignee, 100))} />
            </span>
          )}
        </p>
        <h1 class="message" tabIndex={message.length > 600 ? 0 : undefined}>
          <Data text={message} limit={8000} />
        </h1>
        <p class="row-places">
          {places.map((place, index) => (
            <span key={index}>
              <Data text={place ?? ''} limit={300} />
            </span>
          ))}
        </p>
        {mayAct.value && myName.value !== '' && <ActionBar error={error} changed={changed} />}
      </header>
      <div class="main-column">
        {analysis ? (
          <Verdict analysis={analysis} repositoryUrl={repositoryUrl} />
        ) : (
          <section class="card">
            <p class="quiet">{text.noCauseYet}</p>
          </section>
        )}
        <Samples samples={samples} />
        <EarlierAnalyses analyses={earlier} />
      </div>
      <aside class="side-column">
        <Occurrences error={error} />
        <SuspectCommits commits={analysis?.suspectCommits ?? []} repositoryUrl={repositoryUrl} />
        <SimilarErrors hashes={error.similar} />
        <Trail error={error} changed={changed} />
      </aside>
    </article>
  );
}
