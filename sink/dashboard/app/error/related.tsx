import type { JSX } from 'preact';
import type { SuspectCommit } from '../../../../src/types.ts';
import type { ErrorSummary } from '../../../history/history.ts';
import { texts } from '../language/language.ts';
import { Data, OutsideLink, Section, StatusBadge, When } from '../parts/basics.tsx';
import { Diff } from '../parts/code.tsx';
import { findError } from '../server/api.ts';
import { useAnswer } from '../server/use-answer.ts';
import { shown } from '../text/format.ts';
import { sameHostAddress } from '../text/safe-link.ts';

/** Who looks further will search. */
const MAX_SIMILAR = 5;

/** The latest commits to the code that failed. */
export function SuspectCommits({
  commits,
  repositoryUrl,
}: {
  readonly commits: readonly SuspectCommit[];
  readonly repositoryUrl: string | undefined;
}): JSX.Element | null {
  const text = texts.value;
  if (commits.length === 0) return null;
  return (
    <Section title={text.suspectCommits} hint={text.suspectHint}>
      <ul class="commits">
        {commits.map(({ sha, author, date, message, url, hunk }) => {
          const href = sameHostAddress(url, repositoryUrl);
          const short = <code>{shown(sha, 10).replace('…', '')}</code>;
          return (
            <li key={sha}>
              {href === undefined ? short : <OutsideLink href={href}>{short}</OutsideLink>}{' '}
              <Data text={message} limit={200} />
              <p class="quiet">
                <Data text={text.commitBy(author)} limit={100} /> · <When time={date} />
              </p>
              {hunk !== undefined && (
                <details>
                  <summary>{text.whatItChanged}</summary>
                  <Diff patch={hunk} label={text.whatItChanged} />
                </details>
              )}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

/** Errors that share an analysis with this one. */
export function SimilarErrors({ hashes }: { readonly hashes: readonly string[] }): JSX.Element | null {
  const wanted = hashes.slice(0, MAX_SIMILAR);
  const asked = useAnswer<readonly ErrorSummary[]>(
    async (signal) => {
      const answers = await Promise.all(wanted.map((hash) => findError(hash, signal)));
      // What was forgotten meanwhile is not worth a word.
      return { ok: true, value: answers.flatMap((answer) => (answer.ok ? [answer.value] : [])) };
    },
    [wanted.join()],
  );
  if (!asked.value || asked.value.length === 0) return null;
  return (
    <Section title={texts.value.similarErrors}>
      <ul class="similar">
        {asked.value.map(({ errorHash, message, status }) => (
          <li key={errorHash}>
            <StatusBadge status={status} />{' '}
            <a href={`/errors/${errorHash}`}>
              <Data text={message} limit={160} />
            </a>
          </li>
        ))}
      </ul>
    </Section>
  );
}
