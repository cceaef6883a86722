import type { JSX } from 'preact';
import { texts } from '../language/language.ts';
import { duration, fieldName } from '../text/format.ts';
import { Data, When } from './basics.tsx';

/** Named values of any shape, as the server has them. */
export function Entries({
  entries,
}: {
  readonly entries: readonly (readonly [string, unknown])[];
}): JSX.Element {
  return (
    <dl class="facts">
      {entries.map(([name, value]) => (
        <>
          <dt>{name === 'healthy' ? texts.value.health : fieldName(name)}</dt>
          <dd>
            <Value name={name} value={value} />
          </dd>
        </>
      ))}
    </dl>
  );
}

function Value({ name, value }: { readonly name: string; readonly value: unknown }): JSX.Element {
  const text = texts.value;
  if (name === 'healthy') {
    return value ? (
      <span class="good">✓ {text.healthy}</span>
    ) : (
      <span class="problem">✗ {text.unhealthy}</span>
    );
  }
  if ((name === 'started' || name === 'at') && typeof value === 'number') return <When time={value} />;
  if (name === 'ttlSeconds' && typeof value === 'number') return <>{duration(value * 1000)}</>;
  if (value === false && /^(?:calls|usd)Per/.test(name)) return <>{text.noLimit}</>;
  if (value === true) return <span class="good">{text.on}</span>;
  if (value === false) return <span class="quiet">{text.off}</span>;
  if (value === null || value === undefined || value === '') return <span class="quiet">{text.none}</span>;
  if (Array.isArray(value)) return <Data text={value.map(flat).join(', ') || text.none} limit={2000} />;
  if (isRecord(value)) return <Entries entries={Object.entries(value)} />;
  return <Data text={String(value)} limit={2000} />;
}

const flat = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Whether a value has entries of its own. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
