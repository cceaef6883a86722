import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { ErrorSummary } from '../../../history/history.ts';
import { perform } from '../actions.ts';
import { ErrorRow } from '../errors/error-row.tsx';
import { Filters } from '../errors/filters.tsx';
import { readQuery } from '../errors/query.ts';
import { useErrorList } from '../errors/use-error-list.ts';
import { useKeys } from '../keyboard.ts';
import { texts } from '../language/language.ts';
import { IgnoreDialog } from '../parts/action-dialogs.tsx';
import { Loading, Trouble } from '../parts/basics.tsx';
import { usePageTitle } from '../parts/page-title.ts';
import { mayAct } from '../session.ts';

/** The live list of errors. */
export function ErrorsPage(): JSX.Element {
  const text = texts.value;
  const { query: parameters, route } = useLocation();
  const query = readQuery(parameters);
  const list = useErrorList(query);
  const [ignoring, setIgnoring] = useState<ErrorSummary>();
  usePageTitle(text.errors);

  const selected = (): ErrorSummary | undefined => {
    const hash =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset.hash : undefined;
    return list.errors.find(({ errorHash }) => errorHash === hash);
  };
  useKeys({
    j: () => moveFocus(1, list.more),
    k: () => moveFocus(-1, list.more),
    r: () => {
      const error = selected();
      if (error && mayAct.value) void perform(error, { action: 'resolve' }, list.replace);
    },
    i: () => {
      if (mayAct.value) setIgnoring(selected());
    },
  });

  const { errors, total, loading, failure, hasMore, isFull } = list;
  const narrowed = Object.keys(parameters).some((name) => name !== 'sort');
  return (
    <>
      <h1 class="visually-hidden">{text.errors}</h1>
      <Filters query={query} parameters={parameters} errors={errors} go={(address) => route(address, true)} />
      <p class="quiet count" role="status">
        {errors.length > 0 &&
          (total === undefined ? text.shown(errors.length) : text.shownOf(errors.length, total))}
      </p>
      {failure && <Trouble failure={failure} retry={list.reload} />}
      {!failure && errors.length === 0 && (loading ? <Loading /> : <Nothing narrowed={narrowed} />)}
      {errors.length > 0 && (
        <ol class="rows" aria-label={text.errors} aria-busy={loading}>
          {errors.map((error) => (
            <ErrorRow key={error.errorHash} error={error} arrived={list.arrived.has(error.errorHash)} />
          ))}
        </ol>
      )}
      {hasMore && (
        <p class="more">
          <button type="button" onClick={list.more} disabled={loading}>
            {loading ? text.loading : text.showMore}
          </button>
        </p>
      )}
      {isFull && <p class="quiet more">{text.tooMany}</p>}
      {ignoring && (
        <IgnoreDialog error={ignoring} changed={list.replace} close={() => setIgnoring(undefined)} />
      )}
    </>
  );
}

function Nothing({ narrowed }: { readonly narrowed: boolean }): JSX.Element {
  const text = texts.value;
  return (
    <div class="nothing">
      <p>
        <strong>{narrowed ? text.noMatch : text.noErrors}</strong>
      </p>
      <p class="quiet">{narrowed ? <a href="/">{text.clearFilters}</a> : text.noErrorsText}</p>
    </div>
  );
}

/** The selected row is the one that has the focus: so Enter opens it, and a screen reader says which it is. */
function moveFocus(by: 1 | -1, more: () => void): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('.row-link')];
  const index = links.findIndex((link) => link.matches(':focus'));
  const next = links[index < 0 ? 0 : index + by];
  if (!next) {
    if (by > 0) more();
    return;
  }
  next.focus();
  next.closest('.row')?.scrollIntoView({ block: 'nearest' });
}
