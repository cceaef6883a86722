import type { JSX } from 'preact';
import type { AnalysisResult } from '../../../../src/types.ts';
import { texts } from '../language/language.ts';
import { Data, Section, When } from '../parts/basics.tsx';
import { Citation, CopyButton, Diff, Preformatted } from '../parts/code.tsx';
import { getCitedCode } from '../server/api.ts';
import { useAnswer } from '../server/use-answer.ts';
import { dollars } from '../text/format.ts';

/** The answer to the two questions of somebody who was just woken: what happened, and what to do. */
export function Verdict({
  analysis,
  repositoryUrl,
}: {
  readonly analysis: AnalysisResult;
  readonly repositoryUrl: string | undefined;
}): JSX.Element {
  const text = texts.value;
  const { rootCause, suggestedFix, evidence, patch, nextSteps } = analysis;
  return (
    <>
      <section class="card verdict">
        <Trust analysis={analysis} />
        <h2>{text.whatHappened}</h2>
        <p class="cause">
          <Data text={rootCause || firstLine(analysis.analysis) || text.notJudged} />
        </p>
        {suggestedFix !== '' && (
          <>
            <h2>{text.whatToDo}</h2>
            <p class="fix">
              <Data text={suggestedFix} />
            </p>
          </>
        )}
        {analysis.confidenceReasons.length > 0 && (
          <details>
            <summary>{text.whyThisScore}</summary>
            <ul>
              {analysis.confidenceReasons.map((reason, index) => (
                <li key={index}>
                  <Data text={reason} limit={500} />
                </li>
              ))}
            </ul>
          </details>
        )}
      </section>
      {evidence.length > 0 && <Citations analysis={analysis} repositoryUrl={repositoryUrl} />}
      {patch !== undefined && (
        <Section title={text.patch}>
          <p class="with-button">
            <span class={analysis.patchApplies ? 'good' : 'quiet'}>
              {analysis.patchApplies ? `✓ ${text.patchApplies}` : `⚠ ${text.patchFails}`}
            </span>
            <CopyButton text={patch} />
          </p>
          <Diff patch={patch} label={text.patch} />
        </Section>
      )}
      {nextSteps.length > 0 && (
        <Section title={text.nextSteps}>
          <ol class="steps">
            {nextSteps.map((step, index) => (
              <li key={index}>
                <Data text={step} limit={1000} />
              </li>
            ))}
          </ol>
        </Section>
      )}
      {analysis.analysis !== '' && analysis.analysis !== rootCause && (
        <Section title={text.fullAnalysis}>
          <div class="prose">
            <Data text={analysis.analysis} />
          </div>
          <Origin analysis={analysis} />
        </Section>
      )}
    </>
  );
}

/** What is cited, at once; the code around it as soon as it was read. */
function Citations({
  analysis: { errorHash, analyzedAt, evidence },
  repositoryUrl,
}: {
  readonly analysis: AnalysisResult;
  readonly repositoryUrl: string | undefined;
}): JSX.Element {
  const { value } = useAnswer((signal) => getCitedCode(errorHash, signal), [errorHash, analyzedAt]);
  return (
    <Section title={texts.value.evidence}>
      {evidence.map((one, index) => (
        <Citation
          key={index}
          evidence={one}
          repositoryUrl={repositoryUrl}
          around={
            one.verified
              ? value?.code.find(({ file, line }) => file === one.file && line === one.line)
              : undefined
          }
        />
      ))}
    </Section>
  );
}

/** Analyses that were made before the present one. */
export function EarlierAnalyses({
  analyses,
}: {
  readonly analyses: readonly AnalysisResult[];
}): JSX.Element | null {
  const text = texts.value;
  if (analyses.length === 0) return null;
  return (
    <Section title={text.earlierAnalyses}>
      {analyses.map((analysis, index) => (
        <details key={index}>
          <summary>
            <When time={analysis.analyzedAt} /> ·{' '}
            <Data text={analysis.model ?? analysis.ruleId ?? text.none} /> ·{' '}
            {text.sure(analysis.confidenceScore)}
          </summary>
          <Preformatted text={analysis.analysis} label={text.fullAnalysis} />
        </details>
      ))}
    </Section>
  );
}

/** Who says so, and how far that was checked. */
function Trust({ analysis }: { readonly analysis: AnalysisResult }): JSX.Element {
  const text = texts.value;
  const { source, confidenceScore, evidence } = analysis;
  if (source === 'none') {
    return (
      <p class="trust">
        <span class="badge">{text.notJudged}</span>
      </p>
    );
  }
  const verified = evidence.filter((one) => one.verified).length;
  const label = source === 'llm' ? text.aiGenerated : text.knownError;
  return (
    <p class="trust">
      <span class={`badge ${source}`} title={source === 'llm' ? text.aiHint : text.knownErrorHint}>
        {label}
      </span>
      <span class="confidence">
        <meter
          min={0}
          max={100}
          low={40}
          high={70}
          optimum={100}
          value={confidenceScore}
          aria-label={text.confidence}
        />
        {text.sure(confidenceScore)}
      </span>
      {evidence.length > 0 && (
        <span class={verified === evidence.length ? 'good' : 'quiet'}>
          {text.verifiedOf(verified, evidence.length)}
        </span>
      )}
    </p>
  );
}

/** When, by whom and for how much. */
function Origin({ analysis }: { readonly analysis: AnalysisResult }): JSX.Element {
  const text = texts.value;
  const { model, ruleId, usage, similarTo } = analysis;
  return (
    <p class="quiet origin">
      {text.analysedAt} <When time={analysis.analyzedAt} />
      {(model ?? ruleId) !== undefined && (
        <>
          {' · '}
          <Data text={model ?? ruleId ?? ''} limit={100} />
        </>
      )}
      {usage && ` · ${text.tokensUsed(usage.totalTokens)}`}
      {usage?.costUsd !== undefined && ` · ${dollars(usage.costUsd)}`}
      {similarTo !== undefined && (
        <>
          {' · '}
          <a href={`/errors/${encodeURIComponent(similarTo)}`}>{text.similarTaken}</a>
        </>
      )}
    </p>
  );
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
