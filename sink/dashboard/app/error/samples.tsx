import type { JSX } from 'preact';
import type { ErrorLogEvent } from '../../../../src/types.ts';
import { texts } from '../language/language.ts';
import { Data, Section, When } from '../parts/basics.tsx';
import { CopyButton, Preformatted } from '../parts/code.tsx';
import { releaseText } from '../text/format.ts';

/** A few of its events as they came in, redacted: stack and context. The newest one is open. */
export function Samples({ samples }: { readonly samples: readonly ErrorLogEvent[] }): JSX.Element | null {
  if (samples.length === 0) return null;
  return (
    <Section title={texts.value.samples}>
      {samples.map((sample, index) => (
        <Sample key={sample.eventId} sample={sample} open={index === 0} />
      ))}
    </Section>
  );
}

function Sample({ sample, open }: { readonly sample: ErrorLogEvent; readonly open: boolean }): JSX.Element {
  const text = texts.value;
  const { errorLog, timestamp, service, environment, commit } = sample;
  const { stackTrace, context } = errorLog;
  const places = [service, environment, commit && releaseText(commit)].filter(Boolean);
  return (
    <details open={open}>
      <summary>
        <When time={timestamp} />
        {places.map((place, index) => (
          <span key={index}>
            {' · '}
            <Data text={place ?? ''} limit={100} />
          </span>
        ))}
      </summary>
      {stackTrace !== undefined && (
        <>
          <p class="with-button">
            <strong>{text.stackTrace}</strong> <CopyButton text={stackTrace} />
          </p>
          <Preformatted text={stackTrace} label={text.stackTrace} />
        </>
      )}
      {context && Object.keys(context).length > 0 && (
        <>
          <p>
            <strong>{text.context}</strong>
          </p>
          <Preformatted text={JSON.stringify(context, undefined, 2)} label={text.context} />
        </>
      )}
    </details>
  );
}
