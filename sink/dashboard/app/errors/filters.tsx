import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type ErrorSummary, SEVERITIES } from '../../../history/history.ts';
import type { Dictionary } from '../language/en.ts';
import { texts } from '../language/language.ts';
import { severityText } from '../text/format.ts';
import { type ListQuery, listAddress, VIEWS, type View } from './query.ts';

/** Long enough not to ask for every letter, short enough to feel immediate. */
const TYPING_MS = 200;

const VIEW_TEXT = {
  open: 'statusOpen',
  new: 'statusNew',
  regressed: 'statusRegressed',
  ongoing: 'statusOngoing',
  resolved: 'statusResolved',
  ignored: 'statusIgnored',
  all: 'statusAll',
} as const satisfies Record<View, keyof Dictionary>;

/** Search, views, filters and order: everything about the list that its address says. */
export function Filters({
  query,
  parameters,
  errors,
  go,
}: {
  readonly query: ListQuery;
  readonly parameters: Readonly<Record<string, string>>;
  /** Their services, environments and so on are offered. */
  readonly errors: readonly ErrorSummary[];
  readonly go: (address: string) => void;
}): JSX.Element {
  const text = texts.value;
  const set = (changes: Readonly<Record<string, string>>): void => go(listAddress(parameters, changes));
  const narrowed = ['service', 'environment', 'release', 'severity', 'assignee'].filter(
    (name) => parameters[name],
  ).length;

  return (
    <search class="filters">
      <SearchField value={query.search ?? ''} change={(search) => set({ search })} />
      <nav class="views" aria-label={text.status}>
        {(Object.keys(VIEWS) as View[]).map((view) => (
          <a
            key={view}
            href={listAddress(parameters, { status: view === 'open' ? '' : view })}
            aria-current={view === query.view ? 'true' : undefined}
          >
            {text[VIEW_TEXT[view]]}
          </a>
        ))}
      </nav>
      <label class="sort">
        <span>{text.sort}</span>
        <select value={query.sort} onChange={(event) => set({ sort: event.currentTarget.value })}>
          <option value="lastSeen">{text.sortLastSeen}</option>
          <option value="firstSeen">{text.sortFirstSeen}</option>
          <option value="occurrences">{text.sortOccurrences}</option>
        </select>
      </label>
      <details class="more-filters" open={narrowed > 0}>
        <summary>
          {text.filters}
          {narrowed > 0 && ` (${narrowed})`}
        </summary>
        <div class="fields">
          <Suggested
            name="service"
            label={text.service}
            value={query.service}
            known={errors.flatMap(({ services }) => services)}
            set={set}
          />
          <Suggested
            name="environment"
            label={text.environment}
            value={query.environment}
            known={errors.flatMap(({ environments }) => environments)}
            set={set}
          />
          <Suggested
            name="release"
            label={text.release}
            value={query.release}
            known={errors.flatMap(({ releases }) => releases)}
            set={set}
          />
          <Suggested
            name="assignee"
            label={text.assignee}
            value={query.assignee}
            known={errors.flatMap(({ assignee }) => assignee ?? [])}
            set={set}
          />
          <label>
            {text.severity}
            <select
              value={query.severity ?? ''}
              onChange={(event) => set({ severity: event.currentTarget.value })}
            >
              <option value="">{text.any}</option>
              {SEVERITIES.map((severity) => (
                <option key={severity} value={severity}>
                  {severityText(severity)}
                </option>
              ))}
            </select>
          </label>
          {narrowed > 0 && (
            <button
              type="button"
              class="small"
              onClick={() => set({ service: '', environment: '', release: '', severity: '', assignee: '' })}
            >
              {text.clearFilters}
            </button>
          )}
        </div>
      </details>
    </search>
  );
}

function SearchField({
  value,
  change,
}: {
  readonly value: string;
  readonly change: (value: string) => void;
}): JSX.Element {
  const text = texts.value;
  const [typed, setTyped] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    // The address follows what is typed, a little later: it must not take back what was typed since.
    if (value === sent.current) return;
    sent.current = value;
    setTyped(value);
  }, [value]);
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => {
      sent.current = typed.trim();
      change(sent.current);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <input
      type="search"
      id="search"
      aria-label={text.search}
      placeholder={text.searchHint}
      value={typed}
      maxLength={200}
      autocomplete="off"
      onInput={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
    />
  );
}

/** A field for a value that the list does not know all of: it suggests, and takes any. */
function Suggested({
  name,
  label,
  value = '',
  known,
  set,
}: {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly known: readonly string[];
  readonly set: (changes: Readonly<Record<string, string>>) => void;
}): JSX.Element {
  const suggestions = [...new Set(known)].sort().slice(0, 100);
  return (
    <label>
      {label}
      <input
        name={name}
        list={`known-${name}`}
        value={value}
        placeholder={texts.value.any}
        maxLength={200}
        autocomplete="off"
        onChange={(event) => set({ [name]: event.currentTarget.value.trim() })}
      />
      <datalist id={`known-${name}`}>
        {suggestions.map((suggestion) => (
          <option key={suggestion} value={suggestion} />
        ))}
      </datalist>
    </label>
  );
}
