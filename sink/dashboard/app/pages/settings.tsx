import type { JSX } from 'preact';
import { texts } from '../language/language.ts';
import { Loading, Section, Trouble } from '../parts/basics.tsx';
import { Entries, isRecord } from '../parts/entries.tsx';
import { usePageTitle } from '../parts/page-title.ts';
import { getSettings } from '../server/api.ts';
import { useAnswer } from '../server/use-answer.ts';
import { fieldName } from '../text/format.ts';

/** What is configured, and how the parts are. */
export function SettingsPage(): JSX.Element {
  const text = texts.value;
  const { value, failure, loading, reload } = useAnswer(getSettings, []);
  usePageTitle(text.settings);
  const sections = Object.entries(forPeople(value ?? {}));
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
            <Section key={name} title={fieldName(name)}>
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

type Fields = Readonly<Record<string, unknown>>;

/** What machines read of the totals is left out: a histogram, and reasons where nothing was lost. */
function forPeople({ totals, ...settings }: Fields): Fields {
  if (!isRecord(totals)) return settings;
  const { counts, droppedBy } = totals;
  const lost = isRecord(droppedBy) && Object.keys(droppedBy).length > 0 ? { droppedBy } : {};
  return { ...settings, totals: { ...(isRecord(counts) ? counts : {}), ...lost } };
}
