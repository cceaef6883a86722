import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { BucketStep, ErrorSummary } from '../../../history/history.ts';
import { texts } from '../language/language.ts';
import { Data, Section, Trouble, When } from '../parts/basics.tsx';
import { TimeChart } from '../parts/time-chart.tsx';
import { getOccurrences } from '../server/api.ts';
import { useAnswer } from '../server/use-answer.ts';
import { releaseText, wholeNumber } from '../text/format.ts';

const SPANS = {
  minute: 3_600_000,
  hour: 86_400_000,
  day: 30 * 86_400_000,
} as const satisfies Record<BucketStep, number>;

/** How often it came, when, and where. */
export function Occurrences({ error }: { readonly error: ErrorSummary }): JSX.Element {
  const text = texts.value;
  const [step, setStep] = useState<BucketStep>('hour');
  // The count is among the inputs: the chart grows while somebody looks.
  const asked = useAnswer(
    async (signal) => {
      const range = { from: Date.now() - SPANS[step], to: Date.now() };
      const answer = await getOccurrences(error.errorHash, range, step, signal);
      return answer.ok ? { ok: true, value: { ...range, step, buckets: answer.value.buckets } } : answer;
    },
    [error.errorHash, step, error.occurrences],
  );
  const tab = (value: BucketStep, label: string): JSX.Element => (
    <button type="button" aria-pressed={step === value} onClick={() => setStep(value)}>
      {label}
    </button>
  );
  return (
    <Section title={text.occurrences}>
      <p class="figure">{wholeNumber(error.occurrences)}</p>
      <fieldset class="tabs" aria-label={text.range}>
        {tab('minute', text.lastHour)}
        {tab('hour', text.lastDay)}
        {tab('day', text.lastMonth)}
      </fieldset>
      {asked.failure && <Trouble failure={asked.failure} retry={asked.reload} />}
      {asked.value && <TimeChart {...asked.value} />}
      <dl class="facts">
        <dt>{text.firstSeen}</dt>
        <dd>
          <When time={error.firstSeen} />
        </dd>
        <dt>{text.lastSeen}</dt>
        <dd>
          <When time={error.lastSeen} />
        </dd>
        <Values label={text.service} values={error.services} />
        <Values label={text.environment} values={error.environments} />
        <Values label={text.release} values={error.releases.slice(-5).map(releaseText)} />
      </dl>
    </Section>
  );
}

function Values({
  label,
  values,
}: {
  readonly label: string;
  readonly values: readonly string[];
}): JSX.Element | null {
  if (values.length === 0) return null;
  return (
    <>
      <dt>{label}</dt>
      <dd>
        {values.map((value, index) => (
          <span key={index} class="tag">
            <Data text={value} limit={100} />
          </span>
        ))}
      </dd>
    </>
  );
}
