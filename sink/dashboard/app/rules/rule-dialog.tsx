import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { texts } from '../language/language.ts';
import { tell } from '../notice.ts';
import { FormDialog } from '../parts/dialog.tsx';
import { addRule } from '../server/api.ts';
import { shown } from '../text/format.ts';
import { type DraftRule, makeRule } from './draft-rule.ts';
import { type Parsed, parseJson } from './parse-json.ts';

/** A rule to read, change and add to the file. What is wrong with it the server says, beside it. */
export function RuleDialog({
  draft,
  close,
  added = () => {},
}: {
  readonly draft: DraftRule;
  readonly close: () => void;
  readonly added?: () => void;
}): JSX.Element {
  const text = texts.value;
  const [json, setJson] = useState(JSON.stringify(draft, undefined, 2));
  const [problem, setProblem] = useState('');
  const problemId = useId();
  const effects = [
    ['ignore', text.ruleIgnore, { ignore: true }],
    ['severity', text.ruleSeverity, { severity: 'warning' }],
    ['assign', text.ruleAssign, { assignee: '' }],
  ] as const;

  const submit = async (): Promise<boolean> => {
    const rule: Parsed = parseJson(json);
    if (!rule.ok) {
      setProblem(text.notJson(rule.message));
      return false;
    }
    const answer = await addRule(rule.value);
    if (answer.ok) {
      tell({ kind: 'done', text: text.ruleAdded });
      added();
    } else setProblem(answer.status === 0 ? text.unreachable : shown(answer.message, 1000));
    return answer.ok;
  };
  return (
    <FormDialog title={text.newRule} submit={submit} submitText={text.saveRule} close={close}>
      <p class="quiet">{text.newRuleText}</p>
      <p class="buttons">
        {effects.map(([name, label, then]) => (
          <button
            key={name}
            type="button"
            class="small"
            onClick={() => {
              const rule = parseJson(json);
              const { match = draft.match } = (rule.ok ? rule.value : draft) as Partial<DraftRule>;
              setJson(JSON.stringify(makeRule(draft.id.replace(/^\w+/, name), match, then), undefined, 2));
            }}
          >
            {label}
          </button>
        ))}
      </p>
      <label>
        {text.ruleJson}
        <textarea
          class="code-field"
          rows={14}
          spellcheck={false}
          value={json}
          aria-invalid={problem !== ''}
          aria-describedby={problemId}
          onInput={(event) => setJson(event.currentTarget.value)}
        />
      </label>
      <p class="problem" id={problemId} role="alert">
        {problem}
      </p>
    </FormDialog>
  );
}
