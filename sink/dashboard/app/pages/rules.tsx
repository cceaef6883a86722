import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../language/language.ts';
import { Data, Loading, Section, Trouble } from '../parts/basics.tsx';
import { usePageTitle } from '../parts/page-title.ts';
import { makeRule } from '../rules/draft-rule.ts';
import { parseJson } from '../rules/parse-json.ts';
import { RuleDialog } from '../rules/rule-dialog.tsx';
import { type CheckedEvent, checkEvent, listRules } from '../server/api.ts';
import { useAnswer } from '../server/use-answer.ts';
import { mayAct } from '../session.ts';
import { shown } from '../text/format.ts';

/** Where a rule starts that belongs to no error yet. */
const EMPTY_RULE = makeRule('ignore-', { message: { glob: '' } }, { ignore: true });
const SAMPLE_EVENT = `{
  "service": "orders",
  "errorLog": { "name": "TypeError", "message": "…" }
}`;

/** The user's rules: what they are, what they would do, and one more. */
export function RulesPage(): JSX.Element {
  const text = texts.value;
  const asked = useAnswer(listRules, []);
  const [adding, setAdding] = useState(false);
  const { value, failure, loading } = asked;
  usePageTitle(text.rules);
  return (
    <>
      <header class="page-head">
        <h1>{text.rules}</h1>
        {mayAct.value && value?.writable && (
          <button type="button" class="primary" onClick={() => setAdding(true)}>
            {text.newRule}
          </button>
        )}
      </header>
      <p class="quiet">{text.rulesText}</p>
      {failure && <Trouble failure={failure} retry={asked.reload} />}
      {loading && !value && <Loading />}
      {value && (
        <section class="card">
          <p class="quiet">
            {value.file === null ? (
              text.noRulesFile
            ) : (
              <>
                {text.rulesFile}:{' '}
                <code>
                  <Data text={value.file} limit={500} />
                </code>
                {!value.writable && ` · ${text.rulesReadOnly}`}
              </>
            )}
          </p>
          {value.rules.length === 0 ? (
            value.file !== null && <p>{text.noRules}</p>
          ) : (
            <table class="rules">
              <thead>
                <tr>
                  <th scope="col">{text.ruleName}</th>
                  <th scope="col">{text.ruleMatch}</th>
                  <th scope="col">{text.ruleEffect}</th>
                </tr>
              </thead>
              <tbody>
                {value.rules.map((rule, index) => (
                  <tr key={index}>
                    <th scope="row">
                      <Data text={String(rule.id ?? '')} limit={120} />
                      {typeof rule.description === 'string' && (
                        <p class="quiet">
                          <Data text={rule.description} limit={300} />
                        </p>
                      )}
                    </th>
                    <td data-label={text.ruleMatch}>
                      <code>
                        <Data text={compact(rule.match)} limit={600} />
                      </code>
                    </td>
                    <td data-label={text.ruleEffect}>
                      <code>
                        <Data text={compact(rule.then ?? rule.rootCause)} limit={600} />
                      </code>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
      )}
      {mayAct.value && <EventCheck />}
      {adding && <RuleDialog draft={EMPTY_RULE} close={() => setAdding(false)} added={asked.reload} />}
    </>
  );
}

function EventCheck(): JSX.Element {
  const text = texts.value;
  const [json, setJson] = useState(SAMPLE_EVENT);
  const [result, setResult] = useState<CheckedEvent>();
  const [problem, setProblem] = useState('');
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setProblem('');
    setResult(undefined);
    const parsed = parseJson(json);
    if (!parsed.ok) return setProblem(text.notJson(parsed.message));
    const answer = await checkEvent(asEvent(parsed.value));
    if (answer.ok) setResult(answer.value);
    else setProblem(answer.status === 0 ? text.unreachable : shown(answer.message, 1000));
  };
  return (
    <Section title={text.checkEvent} hint={text.checkEventText}>
      <form onSubmit={(event) => void submit(event)}>
        <label>
          {text.eventJson}
          <textarea
            class="code-field"
            rows={6}
            spellcheck={false}
            required
            value={json}
            onInput={(event) => setJson(event.currentTarget.value)}
          />
        </label>
        <p class="problem" role="alert">
          {problem}
        </p>
        <button type="submit">{text.check}</button>
      </form>
      <div role="status">{result && <Findings result={result} />}</div>
    </Section>
  );
}

function Findings({ result }: { readonly result: CheckedEvent }): JSX.Element {
  const text = texts.value;
  const { findings, decision, knownError } = result;
  const effects = { ...decision, ...(knownError !== undefined && { knownError }) };
  return (
    <>
      <h3>{text.checkResult}</h3>
      <p>
        {Object.keys(effects).length === 0 ? (
          text.noRuleMatches
        ) : (
          <code>
            <Data text={compact(effects)} limit={4000} />
          </code>
        )}
      </p>
      <ul class="findings">
        {findings.map(({ rule, matched, reason }) => (
          <li key={rule} class={matched ? 'good' : 'quiet'}>
            {matched ? '✓ ' : '– '}
            <Data text={`${rule}: ${reason}`} limit={500} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** People paste what they have: an event, or only the error inside. */
function asEvent(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !('errorLog' in value) && 'message' in value
    ? { errorLog: value }
    : value;
}

function compact(value: unknown): string {
  return value === undefined
    ? ''
    : JSON.stringify(value)
        .replace(/"(\w+)":/g, '$1: ')
        .replace(/,(?=\w+: )/g, ', ');
}
