import type { JSX } from 'preact';
import { texts } from '../language/language.ts';
import { Data, Loading, Section, Trouble } from '../parts/basics.tsx';
import { usePageTitle } from '../parts/page-title.ts';
import { getSettings } from '../server/api.ts';
import { useAnswer } from '../server/use-answer.ts';

/** What is configured, and how the parts are. */
export function SettingsPage(): JSX.Element {
  const text = texts.value;
  const { value, failure, loading, reload } = useAnswer(getSettings, []);
  usePageTitle(text.settings);
  const sections = Object.entries(value ?? {});
  const plain = sections.filter(([, inner]) => !isRecord(inner));
  return (
    <>
      <h1>{text.settings}</h1>
      <p class="quiet">{text.settingsText}</p>
      {failure && <Trouble failure={failure} retry={reload} />}
      {loading && !value && <Loading />}
      <div class="settings">
        {sections.map(([name, inner]) =>
          isRecord(inner) ? (
            <Section key={name} title={titleOf(name)}>
              <Entries entries={Object.entries(inner)} />
            </Section>
          ) : null,
        )}
        {plain.length > 0 && (
          <Section title={text.configuration}>
            <Entries entries={plain} />
          </Section>
        )}
      </div>
    </>
  );
}

function Entries({ entries }: { readonly entries: readonly (readonly [string, unknown])[] }): JSX.Element {
  return (
    <dl class="facts">
      {entries.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>
            <Value value={value} />
          </dd>
        </>
      ))}
    </dl>
  );
}

function Value({ value }: { readonly value: unknown }): JSX.Element {
  const text = texts.value;
  if (value === true) return <span class="good">{text.on}</span>;
  if (value === false) return <span class="quiet">{text.off}</span>;
  if (value === null || value === undefined || value === '') return <span class="quiet">{text.none}</span>;
  if (Array.isArray(value)) return <Data text={value.map(flat).join(', ') || text.none} limit={2000} />;
  if (isRecord(value)) return <Entries entries={Object.entries(value)} />;
  return <Data text={String(value)} limit={2000} />;
}

const flat = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

function titleOf(name: string): string {
  return name === 'health' ? texts.value.health : name === 'settings' ? texts.value.configuration : name;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
