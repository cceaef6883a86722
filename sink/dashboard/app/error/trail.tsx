import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ErrorDetails, TrailEntry } from '../../../history/history.ts';
import { type Changed, perform } from '../actions.ts';
import { texts } from '../language/language.ts';
import { Data, Section, When } from '../parts/basics.tsx';
import { mayAct } from '../session.ts';
import { exactTime, releaseText, severityText } from '../text/format.ts';

/** Notes, and who did what. */
export function Trail({
  error,
  changed,
}: {
  readonly error: ErrorDetails;
  readonly changed: Changed;
}): JSX.Element {
  const text = texts.value;
  return (
    <Section title={text.history}>
      {mayAct.value && <NoteForm error={error} changed={changed} />}
      {error.trail.length === 0 && <p class="quiet">{text.noHistory}</p>}
      <ol class="trail">
        {error.trail.map((line, index) => (
          <li key={index}>
            <Data text={describe(line)} limit={400} />{' '}
            <span class="quiet">
              <When time={line.at} />
            </span>
            {line.entry.action === 'note' && (
              <blockquote>
                <Data text={line.entry.text} limit={4000} />
              </blockquote>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}

function NoteForm({
  error,
  changed,
}: {
  readonly error: ErrorDetails;
  readonly changed: Changed;
}): JSX.Element {
  const text = texts.value;
  const [note, setNote] = useState('');
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (await perform(error, { action: 'note', text: note.trim() }, changed)) setNote('');
  };
  return (
    <form class="note" onSubmit={(event) => void submit(event)}>
      <textarea
        aria-label={text.note}
        placeholder={text.notePlaceholder}
        rows={2}
        maxLength={4000}
        required
        value={note}
        onInput={(event) => setNote(event.currentTarget.value)}
      />
      <button type="submit" class="small" disabled={note.trim() === ''}>
        {text.addNote}
      </button>
    </form>
  );
}

/** One line of the trail in the visitor's language. */
function describe({ by, entry }: TrailEntry): string {
  const text = texts.value;
  const who = by === 'patrol' ? text.byPatrol : by;
  switch (entry.action) {
    case 'resolve':
      return text.trailResolve(who, entry.release && releaseText(entry.release));
    case 'reopen':
      return text.trailReopen(who);
    case 'ignore': {
      const { occurrences, until } = entry;
      const untilMore = occurrences === undefined ? undefined : text.untilMore(occurrences);
      return text.trailIgnore(who, until === undefined ? untilMore : text.untilTime(exactTime(until)));
    }
    case 'assign':
      return text.trailAssign(who, entry.assignee);
    case 'severity':
      return text.trailSeverity(who, severityText(entry.severity));
    case 'note':
      return text.trailNote(who);
    case 'regressed':
      return text.trailRegressed(entry.release && releaseText(entry.release));
    case 'unignored':
      return text.trailUnignored;
  }
}
