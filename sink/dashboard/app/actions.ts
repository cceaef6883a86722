import type { ErrorAction, ErrorSummary } from '../../history/history.ts';
import { texts } from './language/language.ts';
import { tell } from './notice.ts';
import { act } from './server/api.ts';
import { statusText } from './text/format.ts';

/** What a change did to an error; handed to whoever shows it. */
export type Changed = (summary: ErrorSummary) => void;

const DONE = {
  resolve: 'doneResolved',
  reopen: 'doneReopened',
  ignore: 'doneIgnored',
  assign: 'doneAssigned',
  severity: 'doneSeverity',
  note: 'doneNote',
} as const satisfies Record<ErrorAction['action'], string>;

/** Does it and says so, with a way back. Where somebody was faster, it says what they did, and asks again. */
export async function perform(
  error: Pick<ErrorSummary, 'errorHash' | 'version'>,
  action: ErrorAction,
  changed: Changed,
): Promise<boolean> {
  const answer = await act(error.errorHash, action, error.version);
  if (answer.ok) {
    const summary = answer.value;
    changed(summary);
    const reversible = action.action === 'resolve' || action.action === 'ignore';
    tell({
      kind: 'done',
      text: texts.value[DONE[action.action]],
      ...(reversible && {
        button: { text: texts.value.undo, press: () => void perform(summary, { action: 'reopen' }, changed) },
      }),
    });
    return true;
  }
  const { current } = answer;
  if (answer.status === 409 && current) {
    changed(current);
    tell({
      kind: 'problem',
      text: texts.value.conflict(statusText(current.status), current.assignee),
      button: { text: texts.value.doAnyway, press: () => void perform(current, action, changed) },
    });
  } else {
    const { unreachable, failed } = texts.value;
    tell({ kind: 'problem', text: answer.status === 0 ? unreachable : failed(answer.message) });
  }
  return false;
}
