import type { JSX } from 'preact';
import { texts } from '../language/language.ts';
import { Dialog } from './dialog.tsx';

/** What the keys do. */
export function HelpDialog({ close }: { readonly close: () => void }): JSX.Element {
  const text = texts.value;
  const keys = [
    ['j', text.helpNext],
    ['k', text.helpPrevious],
    ['/', text.helpSearch],
    ['Enter', text.helpOpen],
    ['r', text.helpResolve],
    ['i', text.helpIgnore],
    ['u', text.helpBack],
    ['?', text.helpHelp],
  ] as const;
  return (
    <Dialog title={text.help} close={close}>
      <dl class="keys">
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
