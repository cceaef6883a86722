import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { texts } from '../language/language.ts';

/** The platform's modal dialog, open as long as it is there. Escape and a press beside it close it. */
export function Dialog({
  title,
  close,
  children,
}: {
  readonly title: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} aria-labelledby={id} closedby="any" onClose={close}>
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="plain" aria-label={texts.value.close} onClick={close}>
          ✕
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** A dialog that asks for something and does it; it stays open where that failed. */
export function FormDialog({
  title,
  submit,
  submitText,
  close,
  children,
}: {
  readonly title: string;
  readonly submit: (data: FormData) => Promise<boolean>;
  readonly submitText: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <Dialog title={title} close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget as HTMLFormElement;
          void submit(new FormData(form)).then((done) => done && close());
        }}
      >
        {children}
        <footer>
          <button type="button" onClick={close}>
            {texts.value.cancel}
          </button>
          <button type="submit" class="primary">
            {submitText}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
