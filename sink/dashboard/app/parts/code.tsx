import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { CitedCode } from '../../../../src/code-provider.ts';
import type { Evidence } from '../../../../src/types.ts';
import { texts } from '../language/language.ts';
import { shown } from '../text/format.ts';
import { lineAddress } from '../text/safe-link.ts';
import { Data, OutsideLink } from './basics.tsx';

/** Copies a text for use elsewhere: as it was sent, not as it is shown. */
export function CopyButton({ text }: { readonly text: string }): JSX.Element | null {
  const [copied, setCopied] = useState(false);
  // Browsers give it to secure pages only: https, or this machine.
  if (!navigator.clipboard) return null;
  return (
    <button
      type="button"
      class="small"
      onClick={() =>
        void navigator.clipboard.writeText(text).then(
          () => setCopied(true),
          () => setCopied(false),
        )
      }
    >
      {copied ? texts.value.copied : texts.value.copy}
    </button>
  );
}

/** A text with its line breaks, as a program wrote it. */
export function Preformatted({
  text,
  label,
}: {
  readonly text: string;
  readonly label: string;
}): JSX.Element {
  return (
    <Scrollable label={label}>
      <Data text={text} />
    </Scrollable>
  );
}

/** Lines that may be longer than the page is wide, and more than are shown at once. */
function Scrollable({
  label,
  class: name,
  children,
}: {
  readonly label: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  // What scrolls must be reachable by the keyboard, and what can be reached needs a name: WCAG 2.1.1, 4.1.2.
  return (
    // biome-ignore lint/a11y: no element says "this scrolls".
    <pre tabIndex={0} role="group" class={name} aria-label={label}>
      {children}
    </pre>
  );
}

/** The code that an analysis cites, with its line numbers and what stands around it, and whether it stands there. */
export function Citation({
  evidence,
  repositoryUrl,
  around,
}: {
  readonly evidence: Evidence;
  readonly repositoryUrl: string | undefined;
  /** Undefined where it cannot be read, or has not been yet. */
  readonly around: CitedCode | undefined;
}): JSX.Element {
  const { file, commit, quote, verified } = evidence;
  const line = around?.cited.startLine ?? evidence.line;
  const href = lineAddress(repositoryUrl, commit, file, line);
  const place = <Data text={`${file}:${line}`} limit={300} />;
  const lines = around?.lines ?? quote.replace(/\n$/, '').slice(0, 4000).split('\n');
  const first = around?.startLine ?? line;
  const isCited = (number: number): boolean =>
    around !== undefined && number >= around.cited.startLine && number <= around.cited.endLine;
  return (
    <figure class={`code ${verified ? 'verified' : 'unverified'}`}>
      <figcaption>
        <span class="place">
          {href === undefined ? place : <OutsideLink href={href}>{place}</OutsideLink>}
        </span>
        <span class="mark">
          {verified ? '✓ ' : '⚠ '}
          {verified ? texts.value.verified : texts.value.notVerified}
        </span>
      </figcaption>
      <Scrollable label={shown(`${file}:${line}`, 300)}>
        {lines.map((text, index) => {
          const Line = isCited(first + index) ? 'mark' : 'span';
          return (
            <Line key={index} class="line" data-line={first + index}>
              <bdi>{shown(text, 4000)}</bdi>
              {'\n'}
            </Line>
          );
        })}
      </Scrollable>
    </figure>
  );
}

/** A unified diff, what goes and what comes told apart by colour and sign. */
export function Diff({ patch, label }: { readonly patch: string; readonly label: string }): JSX.Element {
  const kindOf = (line: string): string => {
    if (/^(?:\+\+\+|---|@@|===|diff |index )/.test(line)) return 'meta';
    if (line.startsWith('+')) return 'added';
    return line.startsWith('-') ? 'removed' : 'same';
  };
  return (
    <Scrollable class="diff" label={label}>
      {shown(patch)
        .trimEnd()
        .split('\n')
        .map((line, index) => (
          <span key={index} class={`line ${kindOf(line)}`}>
            <bdi>{line}</bdi>
            {'\n'}
          </span>
        ))}
    </Scrollable>
  );
}
