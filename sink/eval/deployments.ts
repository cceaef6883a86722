import {
  csharp,
  django,
  go,
  java,
  monorepo,
  next,
  php,
  python,
  ruby,
  service,
  typescript,
} from './deployed-files.ts';

/** A repository, and how a stack names its files where it runs. */
export interface Deployment {
  readonly repository: string;
  /** The repository's files. */
  readonly files: readonly string[];
  /** What stands in a stack for a file; undefined for a file that does not run there. */
  readonly shown: (path: string) => string | undefined;
  /** How it is deployed, for the report. */
  readonly layout: string;
  /** Frames that are none of the repository's, as the stack shows them. */
  readonly foreign: readonly string[];
}

type Rename = (path: string) => string;

const v8 = (file: string): string => `    at run (${file}:12:5)`;
const NODE_FOREIGN = [
  v8('/app/node_modules/express/lib/router/index.js'),
  v8('/app/node_modules/pg/lib/client.js'),
  v8('/app/node_modules/.pnpm/undici@6.1.0/node_modules/undici/lib/core/request.js'),
  v8('node:internal/process/task_queues'),
  v8('/opt/agent/lib/instrument.js'),
];

const only =
  (ending: RegExp, frame: (file: string) => string, rename: Rename) =>
  (path: string): string | undefined =>
    ending.test(path) ? frame(rename(path)) : undefined;

const toJs: Rename = (path) => path.replace(/\.tsx?$/, '.js');
const compiled =
  (root: string, out: string): Rename =>
  (path) =>
    `${root}${toJs(path).replace(/(^|\/)src\//, `$1${out}/`)}`;
const windows =
  (root: string): Rename =>
  (path) =>
    `${root}\\${path.replaceAll('/', '\\')}`;
const under =
  (root: string): Rename =>
  (path) =>
    `${root}${path}`;

const js = /\.js$/;
const ts = /^(?!test\/).*\.tsx?$/;

function node(layout: string, files: readonly string[], ending: RegExp, rename: Rename): Deployment {
  return { repository: 'acme/shop', layout, files, shown: only(ending, v8, rename), foreign: NODE_FOREIGN };
}

const py = (file: string): string => `  File "${file}", line 12, in run`;
const PYTHON_FOREIGN = [
  py('/usr/local/lib/python3.12/json/decoder.py'),
  py('/usr/local/lib/python3.12/site-packages/django/db/models/base.py'),
  py('/usr/local/lib/python3.12/site-packages/requests/models.py'),
  py('/var/runtime/bootstrap.py'),
];
function pythonApp(layout: string, files: readonly string[], rename: Rename): Deployment {
  const shown = only(/^(?!tests\/).*\.py$/, py, rename);
  return { repository: 'acme/acme_shop', layout, files, shown, foreign: PYTHON_FOREIGN };
}

/** `com.acme.core.Money.run(Money.java:12)` */
function javaFrame(path: string): string {
  const [, folder = '', file = ''] = /(?:java|kotlin)\/(.+)\/([^/]+)$/.exec(path) ?? [];
  const name = file.replace(/\.\w+$/, '');
  return `\tat ${folder.replaceAll('/', '.')}.${name}.run(${file}:12)`;
}

const goFrame = (file: string): string => `github.com/acme/ledger/x.Run(0x1)\n\t${file}:12 +0x85`;
function goModule(layout: string, rename: Rename): Deployment {
  const foreign = [
    goFrame('/usr/local/go/src/net/http/server.go'),
    goFrame('/go/pkg/mod/github.com/gin-gonic/gin@v1.9.1/context.go'),
    goFrame('/go/pkg/mod/github.com/acme/money@v1.0.0/money.go'),
  ];
  return { repository: 'acme/ledger', layout, files: go, shown: only(/\.go$/, goFrame, rename), foreign };
}

/** The ways to deploy that path mapping is measured on: layouts, build tools and machines. */
export const deployments: readonly Deployment[] = [
  node('a container under /app', service, js, under('/app/')),
  node('AWS Lambda under /var/task', service, js, under('/var/task/')),
  node('releases below /srv', service, js, under('/srv/shop/releases/20260412/')),
  node('ES modules with file URLs', service, js, under('file:///usr/src/app/')),
  node('a service on Windows', service, js, windows('C:\\Services\\Shop')),
  node('Heroku, built by a buildpack', service, js, under('/app/')),
  node('Google Cloud Functions', service, js, under('/workspace/')),
  node('tsc into dist, no source maps', typescript, ts, compiled('/app/', 'dist')),
  node('tsc into build, no source maps', typescript, ts, compiled('/usr/src/app/', 'build')),
  node('tsc with its root at src', typescript, ts, compiled('/var/task/', 'lib')),
  node('tsc with source maps', typescript, ts, under('/app/')),
  node('source maps relative to dist', typescript, ts, under('/app/dist/../')),
  node('webpack with source maps', typescript, ts, under('webpack://shop/./')),
  node('webpack without a name', typescript, ts, under('webpack:///./')),
  node('Vite', typescript, ts, (path) => `http://localhost:5173/${path}?t=17`),
  node('serverless-esbuild', typescript, ts, under('/var/task/.esbuild/.build/../../')),
  node('a monorepo as it is', monorepo, ts, under('/app/')),
  node('a monorepo, each package into its dist', monorepo, ts, compiled('/app/', 'dist')),
  node(
    'a package of a monorepo alone',
    monorepo,
    ts,
    (path) => `/app/${toJs(path).replace(/^(?:apps|packages)\/\w+\/src\//, 'dist/')}`,
  ),
  node('a monorepo on Windows', monorepo, ts, windows('D:\\a\\shop\\shop')),
  node('packages of a monorepo, installed as dependencies', monorepo, /^packages\/.*\.ts$/, (path) =>
    compiled('/app/node_modules/@acme/', 'dist')(path.replace('packages/', '')),
  ),
  node('Next.js', next, ts, (path) => `webpack-internal:///(rsc)/./${path}`),
  node('Next.js, built', next, ts, (path) => `/app/.next/server/${toJs(path)}`),
  pythonApp('a src layout in a container', python, under('/app/')),
  pythonApp(
    'installed as a package',
    python,
    (path) => `/usr/local/lib/python3.12/site-packages/${path.replace('src/', '')}`,
  ),
  pythonApp('zipped for Lambda', python, (path) => `/var/task/${path.replace('src/', '')}`),
  pythonApp('a virtual environment on Windows', python, (path) =>
    windows('C:\\venv\\Lib\\site-packages')(path.replace('src/', '')),
  ),
  pythonApp('Django under /code', django, under('/code/')),
  pythonApp('Django under a home', django, under('/home/deploy/shop/')),
  {
    repository: 'acme/platform',
    layout: 'Maven modules',
    files: java,
    shown: (path) => (/src\/main\/(?:java|kotlin)\//.test(path) ? javaFrame(path) : undefined),
    foreign: [
      '\tat org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:897)',
      '\tat java.base/java.lang.Thread.run(Thread.java:840)',
      '\tat com.fasterxml.jackson.databind.ObjectMapper.readValue(ObjectMapper.java:3609)',
    ],
  },
  goModule('a Go module in a container', under('/src/')),
  goModule('a Go module with -trimpath', under('github.com/acme/ledger/')),
  goModule('a Go module, built by CI', under('/home/runner/work/ledger/ledger/')),
  {
    repository: 'acme/shop',
    layout: 'Rails with releases',
    files: ruby,
    shown: only(/\.rb$/, (file) => `${file}:12:in \`run'`, under('/srv/shop/releases/20260412/')),
    foreign: ["/usr/local/bundle/gems/activerecord-7.1.2/lib/active_record/base.rb:12:in `run'"],
  },
  {
    repository: 'acme/shop',
    layout: 'PHP with Composer',
    files: php,
    shown: only(/\.php$/, (file) => `#0 ${file}(12): Acme\\Order->run()`, under('/var/www/html/')),
    foreign: [
      '#0 /var/www/html/vendor/symfony/http-kernel/HttpKernel.php(12): Symfony\\HttpKernel->handle()',
    ],
  },
  {
    repository: 'acme/shop',
    layout: '.NET, built on Windows',
    files: csharp,
    shown: only(/\.cs$/, (file) => `   at Shop.X.Run() in ${file}:line 12`, windows('D:\\a\\shop\\shop')),
    foreign: [
      '   at Microsoft.AspNetCore.Mvc.Infrastructure.Invoker.Next() in /_/src/Mvc/Mvc.Core/src/Invoker.cs:line 12',
    ],
  },
];
