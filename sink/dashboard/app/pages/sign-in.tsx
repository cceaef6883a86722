import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../language/language.ts';
import { keep, kept } from '../look/kept.ts';
import { usePageTitle } from '../parts/page-title.ts';
import { signIn } from '../server/api.ts';
import { visitor } from '../session.ts';

/** Asks for the token, and for the name that colleagues see. */
export function SignInPage(): JSX.Element {
  const text = texts.value;
  const [problem, setProblem] = useState('');
  usePageTitle(text.signInTitle);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const name = String(data.get('name')).trim();
    const answer = await signIn(String(data.get('token')).trim(), name);
    if (answer.ok) {
      keep('name', name);
      visitor.value = { state: 'here', session: answer.value };
    } else if (answer.status === 401) setProblem(text.wrongToken);
    else setProblem(answer.status === 0 ? text.unreachable : text.failed(answer.message));
  };
  return (
    <form class="card sign-in" onSubmit={(event) => void submit(event)}>
      <h1>{text.signInTitle}</h1>
      <p class="quiet">{text.signInText}</p>
      <label>
        {text.token}
        <input type="password" name="token" autocomplete="current-password" required maxLength={1000} />
      </label>
      <label>
        {text.yourName}
        <input
          name="name"
          autocomplete="username"
          maxLength={100}
          defaultValue={kept('name') ?? ''}
          aria-describedby="name-hint"
        />
      </label>
      <p class="quiet" id="name-hint">
        {text.yourNameHint}
      </p>
      {problem !== '' && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" class="primary">
        {text.signIn}
      </button>
    </form>
  );
}
