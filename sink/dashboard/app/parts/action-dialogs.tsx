import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ErrorAction, ErrorSummary } from '../../../history/history.ts';
import { type Changed, perform } from '../actions.ts';
import { texts } from '../language/language.ts';
import { myName } from '../session.ts';
import { releaseText } from '../text/format.ts';
import { FormDialog } from './dialog.tsx';

/** What a dialog is about, and whom to tell. */
export interface ActionDialogProps {
  readonly error: ErrorSummary;
  readonly changed: Changed;
  readonly close: () => void;
}

/** Asks how long to ignore. */
export function IgnoreDialog({ error, changed, close }: ActionDialogProps): JSX.Element {
  const text = texts.value;
  const [how, setHow] = useState('forever');
  const choice = (value: string, label: string): JSX.Element => (
    <label class="choice">
      <input type="radio" name="how" value={value} checked={how === value} onChange={() => setHow(value)} />
      {label}
    </label>
  );
  const submit = (data: FormData): Promise<boolean> => {
    const action: ErrorAction = {
      action: 'ignore',
      ...(how === 'occurrences' && { occurrences: Number(data.get('occurrences')) }),
      ...(how === 'time' && { until: new Date(String(data.get('until'))).getTime() }),
    };
    return perform(error, action, changed);
  };
  return (
    <FormDialog title={text.ignoreTitle} submit={submit} submitText={text.ignoreButton} close={close}>
      <p class="quiet">{text.ignoreText}</p>
      <div class="choices">
        {choice('forever', text.ignoreForever)}
        {choice('occurrences', text.ignoreUntilOccurrences)}
        {how === 'occurrences' && (
          <input
            type="number"
            name="occurrences"
            aria-label={text.ignoreUntilOccurrences}
            min="1"
            max="1000000000"
            defaultValue="100"
            required
          />
        )}
        {choice('time', text.ignoreUntilTime)}
        {how === 'time' && (
          <input
            type="datetime-local"
            name="until"
            aria-label={text.ignoreUntilTime}
            min={localMinute(0)}
            defaultValue={localMinute(1)}
            required
          />
        )}
      </div>
    </FormDialog>
  );
}

/** Asks in which release it was resolved. */
export function ResolveDialog({ error, changed, close }: ActionDialogProps): JSX.Element {
  const text = texts.value;
  const submit = (data: FormData): Promise<boolean> =>
    perform(error, { action: 'resolve', release: String(data.get('release')).trim() }, changed);
  return (
    <FormDialog title={text.resolveInTitle} submit={submit} submitText={text.resolve} close={close}>
      <p class="quiet">{text.resolveInText}</p>
      <label>
        {text.release}
        <input name="release" list="known-releases" maxLength={200} required autocomplete="off" />
      </label>
      <datalist id="known-releases">
        {error.releases.map((release) => (
          <option key={release} value={release}>
            {releaseText(release)}
          </option>
        ))}
      </datalist>
    </FormDialog>
  );
}

/** Asks who takes care of it. */
export function AssignDialog({ error, changed, close }: ActionDialogProps): JSX.Element {
  const text = texts.value;
  const [name, setName] = useState(error.assignee ?? '');
  const assign = (assignee: string | null): Promise<boolean> =>
    perform(error, { action: 'assign', assignee }, changed);
  return (
    <FormDialog
      title={text.assignTitle}
      submit={() => assign(name.trim() === '' ? null : name.trim())}
      submitText={text.assignButton}
      close={close}
    >
      <label>
        {text.assignee}
        <input
          value={name}
          maxLength={100}
          placeholder={text.nobody}
          autocomplete="off"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <p class="buttons">
        <button type="button" class="small" onClick={() => setName(myName.value)}>
          {text.takeIt}
        </button>
        <button type="button" class="small" onClick={() => setName('')}>
          {text.nobody}
        </button>
      </p>
    </FormDialog>
  );
}

/** So many days from now, as the platform's field for local times wants it. */
function localMinute(days: number): string {
  const now = new Date();
  const local = now.getTime() + days * 86_400_000 - now.getTimezoneOffset() * 60_000;
  return new Date(local).toISOString().slice(0, 16);
}
