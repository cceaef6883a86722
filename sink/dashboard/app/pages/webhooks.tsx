import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../language/language.ts';
import { Data, Loading, Trouble } from '../parts/basics.tsx';
import { Entries } from '../parts/entries.tsx';
import { usePageTitle } from '../parts/page-title.ts';
import { type Delivery, listWebhooks, testWebhook, type Webhook } from '../server/api.ts';
import { useAnswer } from '../server/use-answer.ts';
import { mayAct } from '../session.ts';
import { severityText } from '../text/format.ts';

/** Who is told of errors, and whether that works. */
export function WebhooksPage(): JSX.Element {
  const text = texts.value;
  const { value, failure, loading, reload } = useAnswer(listWebhooks, []);
  usePageTitle(text.webhooks);
  return (
    <>
      <h1>{text.webhooks}</h1>
      <p class="quiet">{text.webhooksText}</p>
      {failure && <Trouble failure={failure} retry={reload} />}
      {loading && !value && <Loading />}
      {value?.length === 0 && <p class="nothing">{text.noWebhooks}</p>}
      {value && value.length > 0 && (
        <ul class="webhooks">
          {value.map((webhook) => (
            <WebhookCard key={webhook.id} webhook={webhook} />
          ))}
        </ul>
      )}
    </>
  );
}

function WebhookCard({ webhook }: { readonly webhook: Webhook }): JSX.Element {
  const text = texts.value;
  const [testing, setTesting] = useState(false);
  const [result, setResult] = useState<Delivery>();
  const test = async (): Promise<void> => {
    setTesting(true);
    setResult(undefined);
    const answer = await testWebhook(webhook.id);
    setTesting(false);
    setResult(
      answer.ok
        ? answer.value
        : {
            delivered: false,
            status: null,
            message: answer.status === 0 ? text.unreachable : answer.message,
          },
    );
  };
  const { id, kind, ...rest } = webhook;
  const more = Object.entries({ ...rest, ...inWords(rest) }).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  return (
    <li class="card">
      <h2>
        <Data text={id} limit={120} /> <span class="badge">{kind}</span>
      </h2>
      {more.length > 0 && <Entries entries={more} />}
      {mayAct.value && (
        <button type="button" onClick={() => void test()} disabled={testing}>
          {testing ? text.testing : text.sendTest}
        </button>
      )}
      <p role="status" class={result && (result.delivered ? 'good' : 'problem')}>
        {result && (
          <>
            {result.delivered
              ? `✓ ${text.delivered(result.status)}`
              : `✗ ${text.notDelivered(result.status)}`}
            {result.message && (
              <>
                {': '}
                <Data text={result.message} limit={500} />
              </>
            )}
          </>
        )}
      </p>
    </li>
  );
}

/** Limits, quiet hours and routes as people say them. */
function inWords({
  rateLimit,
  quietHours,
  routes,
}: Pick<Webhook, 'rateLimit' | 'quietHours' | 'routes'>): Readonly<Record<string, unknown>> {
  const text = texts.value;
  return {
    ...(rateLimit && { rateLimit: text.rateLimitOf(rateLimit.messages, rateLimit.seconds) }),
    ...(quietHours && { quietHours: text.quietFrom(quietHours.from, quietHours.to, quietHours.timeZone) }),
    ...(routes && {
      routes: routes.map(({ services, environments, severity, on }) =>
        [
          services?.join(', '),
          environments?.join(', '),
          severity && text.routeSeverity(severityText(severity)),
          on?.join(', '),
        ]
          .filter(Boolean)
          .join(' · '),
      ),
    }),
  };
}
