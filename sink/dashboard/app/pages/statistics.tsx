import type { JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import type { ErrorStatus, Statistics } from '../../../history/history.ts';
import { texts } from '../language/language.ts';
import { Data, Loading, Section, StatusBadge, Trouble } from '../parts/basics.tsx';
import { usePageTitle } from '../parts/page-title.ts';
import { TimeChart } from '../parts/time-chart.tsx';
import { getStatistics } from '../server/api.ts';
import { useAnswer } from '../server/use-answer.ts';
import { useEvery } from '../server/use-every.ts';
import { compactNumber, dollars, duration, releaseText, wholeNumber } from '../text/format.ts';

const RANGES = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
} as const;
type Range = keyof typeof RANGES;
/** Figures that somebody leaves open keep up. */
const REFRESH_MS = 30_000;
const STATUSES: readonly ErrorStatus[] = ['new', 'ongoing', 'regressed', 'resolved', 'ignored'];

/** Figures of a stretch of time. */
export function StatisticsPage(): JSX.Element {
  const text = texts.value;
  const { query, route } = useLocation();
  const range: Range = query.range && Object.hasOwn(RANGES, query.range) ? (query.range as Range) : 'day';
  const service = query.service ?? '';
  const { value, failure, loading, reload } = useAnswer(
    (signal) => {
      const to = Date.now();
      return getStatistics({ from: to - RANGES[range], to }, service, signal);
    },
    [range, service],
  );
  useEvery(REFRESH_MS, reload);
  usePageTitle(text.statistics);
  const go = (changes: Readonly<Record<string, string>>): void => {
    const entries = Object.entries({ range, service, ...changes }).filter(([, one]) => one !== '');
    route(`/statistics?${new URLSearchParams(entries)}`, true);
  };
  return (
    <>
      <header class="page-head">
        <h1>{text.statistics}</h1>
        <label class="inline">
          <span class="visually-hidden">{text.range}</span>
          <select value={range} onChange={(event) => go({ range: event.currentTarget.value })}>
            <option value="hour">{text.rangeHour}</option>
            <option value="day">{text.rangeDay}</option>
            <option value="week">{text.rangeWeek}</option>
            <option value="month">{text.rangeMonth}</option>
          </select>
        </label>
        <label class="inline">
          <span class="visually-hidden">{text.service}</span>
          <input
            list="stat-services"
            placeholder={text.allServices}
            value={service}
            maxLength={200}
            autocomplete="off"
            onChange={(event) => go({ service: event.currentTarget.value.trim() })}
          />
        </label>
        <datalist id="stat-services">
          {[...new Set(value?.top.flatMap(({ services }) => services))].map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </header>
      {failure && <Trouble failure={failure} retry={reload} />}
      {loading && !value && <Loading />}
      {value && <Figures statistics={value} />}
    </>
  );
}

function Figures({ statistics }: { readonly statistics: Statistics }): JSX.Element {
  const text = texts.value;
  const { occurrences, distinct, newErrors, regressed, spentUsd, savedUsd, unpriced, timeToAnalysis } =
    statistics;
  const tile = (label: string, figure: string, hint?: string): JSX.Element => (
    <div class="card tile" title={hint}>
      <dt>{label}</dt>
      <dd>{figure}</dd>
    </div>
  );
  return (
    <>
      <dl class="tiles">
        {tile(text.occurrences, compactNumber(occurrences))}
        {tile(text.distinctErrors, compactNumber(distinct))}
        {tile(text.newErrors, compactNumber(newErrors))}
        {tile(text.regressedErrors, compactNumber(regressed))}
        {tile(text.tokens, compactNumber(statistics.tokens))}
        {tile(text.spent, money(spentUsd, unpriced.spent))}
        {tile(text.saved, money(savedUsd, unpriced.saved), text.savedHint)}
        {timeToAnalysis &&
          tile(
            text.timeToAnalysis,
            `${duration(timeToAnalysis.p50)} / ${duration(timeToAnalysis.p95)}`,
            text.timeToAnalysisHint,
          )}
      </dl>
      {unpriced.spent + unpriced.saved > 0 && <p class="quiet">{text.unpriced}</p>}
      <Section title={text.occurrences}>
        <TimeChart
          buckets={statistics.buckets}
          step={statistics.step}
          from={statistics.range.from}
          to={statistics.range.to}
        />
      </Section>
      <div class="columns">
        <Top statistics={statistics} />
        <Answers answers={statistics.answers} />
        <Section title={text.newByRelease}>
          <Shares rows={statistics.newByRelease.map(({ release, count }) => [releaseText(release), count])} />
        </Section>
        <Section title={text.byStatus}>
          <ul class="statuses">
            {STATUSES.map((status) => (
              <li key={status}>
                <a href={`/?status=${status}`}>
                  <StatusBadge status={status} /> {wholeNumber(statistics.byStatus[status] ?? 0)}
                </a>
              </li>
            ))}
          </ul>
        </Section>
      </div>
    </>
  );
}

/** A sum of money: a dash where nothing of it is known, a plus where there is more. */
function money(known: number, unpriced: number): string {
  if (unpriced === 0) return dollars(known);
  return known === 0 ? '–' : `${dollars(known)} +`;
}

function Top({ statistics }: { readonly statistics: Statistics }): JSX.Element {
  const text = texts.value;
  const spiking = new Set<string>(statistics.spiking);
  return (
    <Section title={text.topErrors}>
      {statistics.top.length === 0 && <p class="quiet">{text.nothingHere}</p>}
      <ol class="top">
        {statistics.top.map((error) => (
          <li key={error.errorHash}>
            <a href={`/errors/${error.errorHash}`}>
              <Data text={error.message} limit={200} />
            </a>
            {spiking.has(error.errorHash) && (
              <span class="badge spiking" title={text.spikingHint}>
                {text.spiking}
              </span>
            )}
            <strong>{wholeNumber(error.inRange)}×</strong>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Answers({ answers }: { readonly answers: Statistics['answers'] }): JSX.Element {
  const text = texts.value;
  return (
    <Section title={text.answers}>
      <Shares
        rows={[
          [text.answersCached, answers.cached],
          [text.answersSimilar, answers.similar],
          [text.answersRules, answers.rules],
          [text.answersModel, answers.model],
          [text.answersNone, answers.none],
        ]}
      />
    </Section>
  );
}

/** Counts side by side, each with its share of them all. */
function Shares({ rows }: { readonly rows: readonly (readonly [string, number])[] }): JSX.Element {
  const text = texts.value;
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return <p class="quiet">{text.nothingHere}</p>;
  return (
    <table class="shares">
      <tbody>
        {rows.map(([label, count]) => (
          <tr key={label}>
            <th scope="row">
              <Data text={label} limit={100} />
            </th>
            <td>
              <meter min={0} max={total} value={count} aria-label={`${text.share}: ${label}`} />
            </td>
            <td class="number">{wholeNumber(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
