import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { texts } from '../language/language.ts';
import { tell } from '../notice.ts';
import { FormDialog } from '../parts/dialog.tsx';
import { addRule } from '../server/api.ts';
import { shown } from '../text/format.ts';
import { type DraftRule, makeRule } from './draft-rule.ts';

/** How a rule is written and read: YAML, whose package is loaded with the first dialog that needs it. */
type RuleText = typeof import('./rule-text.ts');

interface RuleDialogProps {
  readonly draft: DraftRule;
  readonly close: () => void;
  readonly added?: () => void;
}

/** A rule to read, change and add to the file. What is wrong with it the server says, beside it. */
export function RuleDialog(props: RuleDialogProps): JSX.Element | null {
  const [ruleText, setRuleText] = useState<RuleText>();
  useEffect(() => {
    import('./rule-text.ts').then(setRuleText, () => {
      tell({ kind: 'problem', text: texts.value.unreachable });
      props.close();
    });
  }, []);
  return ruleText ? <RuleForm {...props} {...ruleText} /> : null;
}

function RuleForm({
  draft,
  close,
  added = () => {},
  readRule,
  writeRule,
}: RuleDialogProps & RuleText): JSX.Element {
  const text = texts.value;
  const [source, setSource] = useState(() => writeRule(draft));
  const [problem, setProblem] = useState('');
  const problemId = useId();
  const effects = [
    ['ignore', text.ruleIgnore, { ignore: true }],
    ['severity', text.ruleSeverity, { severity: 'warning' }],
    ['assign', text.ruleAssign, { assignee: '' }],
  ] as const;

  const submit = async (): Promise<boolean> => {
    const rule = readRule(source);
    if (!rule.ok) {
      setProblem(text.notReadable(rule.message));
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
              const rule = readRule(source);
              const { match = draft.match }: Partial<DraftRule> = Object(rule.ok ? rule.value : draft);
              setSource(writeRule(makeRule(draft.id.replace(/^\w+/, name), match, then)));
            }}
          >
            {label}
          </button>
        ))}
      </p>
      <label>
        {text.ruleText}
        <textarea
          class="code-field"
          rows={14}
          spellcheck={false}
          value={source}
          aria-invalid={problem !== ''}
          aria-describedby={problemId}
          onInput={(event) => setSource(event.currentTarget.value)}
        />
      </label>
      <p class="problem" id={problemId} role="alert">
        {problem}
      </p>
    </FormDialog>
  );
}
