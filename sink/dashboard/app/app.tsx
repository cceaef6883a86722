import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { useKeys } from './keyboard.ts';
import { switchLanguage, texts } from './language/language.ts';
import { switchTheme, theme } from './look/theme.ts';
import { ErrorPage } from './pages/error.tsx';
import { ErrorsPage } from './pages/errors.tsx';
import { RulesPage } from './pages/rules.tsx';
import { SettingsPage } from './pages/settings.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { StatisticsPage } from './pages/statistics.tsx';
import { WebhooksPage } from './pages/webhooks.tsx';
import { Data, Loading, Trouble } from './parts/basics.tsx';
import { HelpDialog } from './parts/help-dialog.tsx';
import { NoticeBar } from './parts/notice-bar.tsx';
import { usePageTitle } from './parts/page-title.ts';
import { live, openUpdates } from './server/updates.ts';
import { closeSession, openSession, visitor } from './session.ts';

/** All of it: whoever is known sees the pages, the others are asked who they are. */
export function App(): JSX.Element {
  const { state } = visitor.value;
  useEffect(() => {
    void openSession();
  }, []);
  useEffect(() => {
    if (state === 'here') openUpdates();
  }, [state]);
  return (
    <LocationProvider>
      <a class="skip" href="#content">
        {texts.value.skip}
      </a>
      <Header />
      <Content />
      <NoticeBar />
    </LocationProvider>
  );
}

function Content(): JSX.Element {
  const [helping, setHelping] = useState(false);
  const main = useRef<HTMLElement>(null);
  const wantsSearch = useRef(false);
  const before = useRef<string>(undefined);
  const { route, path } = useLocation();
  const here = visitor.value.state === 'here';
  useKeys({
    '?': () => here && setHelping(true),
    '/': () => {
      if (path === '/') return document.getElementById('search')?.focus();
      wantsSearch.current = true;
      route('/');
    },
  });
  // A page that is turned to is read from its start: the link that led there is gone, and the focus with it.
  useEffect(() => {
    const turned = before.current !== undefined && before.current !== path;
    before.current = path;
    if (wantsSearch.current) document.getElementById('search')?.focus();
    else if (turned) main.current?.focus({ preventScroll: true });
    wantsSearch.current = false;
  }, [path]);
  return (
    <main id="content" ref={main} tabIndex={-1}>
      <Pages />
      {helping && <HelpDialog close={() => setHelping(false)} />}
    </main>
  );
}

function Pages(): JSX.Element {
  const who = visitor.value;
  if (who.state === 'unknown') return <Loading />;
  if (who.state === 'signed-out') return <SignInPage />;
  if (who.state === 'refused') return <Trouble failure={who.failure} retry={() => void openSession()} />;
  return (
    <Router>
      <Route path="/" component={ErrorsPage} />
      <Route path="/errors/:hash" component={ErrorPage} />
      <Route path="/statistics" component={StatisticsPage} />
      <Route path="/rules" component={RulesPage} />
      <Route path="/webhooks" component={WebhooksPage} />
      <Route path="/settings" component={SettingsPage} />
      <Route default component={NoSuchPage} />
    </Router>
  );
}

function Header(): JSX.Element {
  const text = texts.value;
  const who = visitor.value;
  return (
    <header class="top">
      <a class="brand" href="/">
        Patrol
      </a>
      {who.state === 'here' && (
        <nav class="main-nav" aria-label={text.mainNavigation}>
          <MainLink path="/">{text.errors}</MainLink>
          <MainLink path="/statistics">{text.statistics}</MainLink>
          <MainLink path="/rules">{text.rules}</MainLink>
          <MainLink path="/webhooks">{text.webhooks}</MainLink>
          <MainLink path="/settings">{text.settings}</MainLink>
        </nav>
      )}
      <div class="tools">
        {who.state === 'here' && (
          <span
            class={`live ${live.value}`}
            role="status"
            title={live.value === 'on' ? text.liveHint : text.waitingHint}
          >
            {live.value === 'on' ? text.live : text.waiting}
          </span>
        )}
        <button type="button" class="plain" title={text.otherLanguageHint} onClick={switchLanguage}>
          {text.otherLanguage}
        </button>
        <button
          type="button"
          class="plain"
          aria-label={text.darkTheme}
          title={text.darkTheme}
          aria-pressed={theme.value === 'dark'}
          onClick={switchTheme}
        >
          {theme.value === 'dark' ? '☾' : '☀'}
        </button>
        {who.state === 'here' && who.session.signIn !== 'none' && (
          <span class="visitor">
            <Data text={who.session.name} limit={40} />
            {who.session.role === 'reader' && (
              <span class="badge" title={text.readOnlyHint}>
                {text.readOnly}
              </span>
            )}
          </span>
        )}
        {who.state === 'here' && who.session.signIn === 'token' && (
          <button type="button" class="plain" onClick={() => void closeSession()}>
            {text.signOut}
          </button>
        )}
      </div>
    </header>
  );
}

function MainLink({
  path,
  children,
}: {
  readonly path: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const here = useLocation().path;
  const current = here === path || (path === '/' && here.startsWith('/errors/'));
  return (
    <a href={path} aria-current={current ? 'page' : undefined}>
      {children}
    </a>
  );
}

function NoSuchPage(): JSX.Element {
  usePageTitle(texts.value.notFoundTitle);
  return (
    <div class="nothing">
      <h1>{texts.value.notFoundTitle}</h1>
      <p>
        <a href="/">{texts.value.backToErrors}</a>
      </p>
    </div>
  );
}
