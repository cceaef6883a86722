import type { JSX } from 'preact';
import { texts } from '../language/language.ts';
import { closeNotice, notice } from '../notice.ts';
import { shown } from '../text/format.ts';

/** What just happened, at the edge of the page. It is there from the start, so that screen readers hear of changes. */
export function NoticeBar(): JSX.Element {
  const told = notice.value;
  return (
    <div class="notices" role="status">
      {told && (
        <div class={`notice ${told.kind}`}>
          <p>{shown(told.text, 600)}</p>
          {told.button && (
            <button
              type="button"
              onClick={() => {
                const { button } = told;
                closeNotice();
                button?.press();
              }}
            >
              {told.button.text}
            </button>
          )}
          <button type="button" class="plain" aria-label={texts.value.close} onClick={closeNotice}>
            ✕
          </button>
        </div>
      )}
    </div>
  );
}
