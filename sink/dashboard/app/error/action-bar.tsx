import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type ErrorDetails, SEVERITIES, type Severity } from '../../../history/history.ts';
import { type Changed, perform } from '../actions.ts';
import { useKeys } from '../keyboard.ts';
import { texts } from '../language/language.ts';
import { AssignDialog, IgnoreDialog, ResolveDialog } from '../parts/action-dialogs.tsx';
import { draftRule } from '../rules/draft-rule.ts';
import { RuleDialog } from '../rules/rule-dialog.tsx';
import { severityText } from '../text/format.ts';

type Asking = 'ignore' | 'assign' | 'resolve' | 'rule';

/** What can be done about an error. Only for those who may. */
export function ActionBar({
  error,
  changed,
}: {
  readonly error: ErrorDetails;
  readonly changed: Changed;
}): JSX.Element {
  const text = texts.value;
  const [asking, setAsking] = useState<Asking>();
  const close = (): void => setAsking(undefined);
  const settled = error.status === 'resolved' || error.status === 'ignored';
  const resolve = (): void => void perform(error, { action: 'resolve' }, changed);
  useKeys({ r: resolve, i: () => setAsking('ignore') });
  const dialog = { error, changed, close };
  return (
    <div class="actions">
      {settled ? (
        <button
          type="button"
          class="primary"
          onClick={() => void perform(error, { action: 'reopen' }, changed)}
        >
          {text.reopen}
        </button>
      ) : (
        <>
          <button type="button" class="primary" onClick={resolve}>
            {text.resolve}
          </button>
          <button type="button" onClick={() => setAsking('resolve')}>
            {text.resolveIn}
          </button>
          <button type="button" onClick={() => setAsking('ignore')}>
            {text.ignore}
          </button>
        </>
      )}
      <button type="button" onClick={() => setAsking('assign')}>
        {text.assign}
      </button>
      <label class="inline">
        {text.setSeverity}
        <select
          value={error.severity}
          onChange={(event) => {
            const severity = event.currentTarget.value as Severity;
            void perform(error, { action: 'severity', severity }, changed);
          }}
        >
          {SEVERITIES.map((severity) => (
            <option key={severity} value={severity}>
              {severityText(severity)}
            </option>
          ))}
        </select>
      </label>
      <button type="button" onClick={() => setAsking('rule')}>
        {text.addRule}
      </button>
      {asking === 'ignore' && <IgnoreDialog {...dialog} />}
      {asking === 'assign' && <AssignDialog {...dialog} />}
      {asking === 'resolve' && <ResolveDialog {...dialog} />}
      {asking === 'rule' && <RuleDialog draft={draftRule(error)} close={close} />}
    </div>
  );
}
