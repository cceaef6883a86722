import { base64, join } from './fakes.mjs';

const json = JSON.stringify;

/** Where any credential may stand. Each is given the value and makes the text of a log. */
export const anywhere = [
  (v) => json({ level: 50, headers: { authorization: `Bearer ${v}` }, msg: 'refused' }),
  (v) => json({ level: 'error', message: 'startup failed', config: { apiKey: v, retries: 3 } }),
  (v) => json({ level: 'error', message: json({ access_token: v, expires_in: 3600 }) }),
  (v) => json({ msg: json({ data: json({ client_secret: v }) }) }),
  (v) => `Error: Invalid API key provided: ${v}.`,
  (v) => `AuthenticationError: token ${v} has been revoked`,
  (v) => `Error: Command failed: curl -H "Authorization: Bearer ${v}" https://api.example.com/v1`,
  (v) => `Error: Command failed: curl -H 'X-Auth-Token: ${v}' https://api.example.com/v1`,
  (v) => `Error: Command failed: deploy --token ${v} --region eu-west-1`,
  (v) => `Error: Command failed: deploy --api-key='${v}' --dry-run`,
  (v) => `ConfigError: API_SECRET=${v} is not a reference`,
  (v) => `export SERVICE_TOKEN="${v}"`,
  (v) => `GET https://api.example.com/v1/items?limit=5&api_key=${v}&page=2 500`,
  (v) => `redirect to https://app.example.com/callback#access_token=${v}&token_type=bearer`,
  (v) => `level=error msg="upstream refused" token=${v} attempt=2`,
  (v) => `> Host: api.example.com\n> Authorization: Bearer ${v}\n> Accept: */*\n< HTTP/1.1 401 Unauthorized`,
  (v) => `headers: {\n    'x-api-key': '${v}',\n    accept: '*/*'\n  }`,
  (v) => `rawHeaders: [ 'Host', 'api.example.com', 'Authorization', 'Bearer ${v}' ]`,
  (v) => json({ rawHeaders: ['Accept', '*/*', 'X-Api-Key', v] }),
  (v) => `api:\n  url: https://api.example.com\n  secret_key: ${v}\n  timeout: 5`,
  (v) => `[api]\nsecret_key = "${v}"\n`,
  (v) => `api.secret-key=${v}\napi.url=https://api.example.com`,
  (v) => `{'url': 'https://api.example.com', 'auth_token': '${v}'}`,
  (v) => `{URL:https://api.example.com AuthToken:${v} Retries:3}`,
  (v) => `#<Client url="https://api.example.com", access_token="${v}", retries=3>`,
  (v) => `Client { url: "https://api.example.com", access_token: "${v}", retries: 3 }`,
  (v) => `Client { access_token: Some("${v}") }`,
  (v) => `Client(url=https://api.example.com, accessToken=${v}, retries=3)`,
  (v) => `array(2) {\n  ["api_key"]=>\n  string(${v.length}) "${v}"\n}`,
  (v) => `Array\n(\n    [api_key] => ${v}\n    [retries] => 3\n)`,
  (v) => `<add key="ApiKey" value="${v}" />`,
  (v) => `<soap:Header><AuthToken>${v}</AuthToken></soap:Header>`,
  (v) => json({ env: [{ name: 'SERVICE_TOKEN', value: v }] }),
  (v) => json({ headers: [{ name: 'Authorization', value: `token ${v}` }] }),
  (v) => `\u001b[31merror\u001b[39m: bad credentials token=\u001b[33m${v}\u001b[39m`,
  (v) => `got.RequestError: read ECONNRESET\n  options: { headers: { authorization: 'Token ${v}' } }`,
  (v) => json({ query: 'mutation($t: String!)', variables: { token: v } }),
  (v) => `https://oauth2:${v}@git.example.com/acme/app.git`,
  (v) => `npm ERR! //registry.example.com/:_authToken=${v}`,
  (v) => `failed with body %7B%22token%22%3A%22${encodeURIComponent(v)}%22%7D`,
  (v) => `redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb%3Ftoken%3D${encodeURIComponent(v)}%26x%3D1`,
  (v) => json({ auth: base64(json({ username: 'svc', password: v })) }),
];

/** Where tokens of a known form may stand with nothing that announces them. */
export const bare = [
  (v) => `Error: could not parse ${v}`,
  (v) => `Error: 401 (${v})`,
  (v) => `["${v}","eu-west-1"]`,
  (v) => `cache miss for session:${v}`,
  (v) => `args: node app.js ${v} --verbose`,
  (v) => json({ msg: `line one\n${v}\nline three` }),
  (v) => `x=1&y=${v}&z=3`,
  (v) => `\`${v}\` is not allowed here`,
  (v) => `got "${v}", expected a reference`,
];

/** Where passwords stand. */
export const passwords = [
  (v) => json({ level: 50, req: { body: { user: 'ana', password: v } } }),
  (v) => json({ level: 50, body: json({ user: 'ana', passwd: v, remember: true }) }),
  (v) => json({ a: json({ b: json({ c: json({ newPassword: v }) }) }) }),
  (v) => `SequelizeConnectionError: options: { username: 'app', password: '${v}', host: 'db' }`,
  (v) => `POST /login body=username=ana&password=${encodeURIComponent(v)}&remember=1`,
  (v) => `level=error msg=denied user=ana password=${v} n=2`,
  (v) => `Command failed: DB_PASSWORD=${v} node migrate.js`,
  (v) => `Command failed: PGPASSWORD='${v}' psql -h db app`,
  (v) => `Command failed: mysqldump -u root -p${v} shop`,
  (v) => `Command failed: mysql --password="${v}" shop`,
  (v) => `Command failed: redis-cli -h cache -a ${v} PING`,
  (v) => `Command failed: sshpass -p '${v}' ssh deploy@10.0.0.2`,
  (v) => `Command failed: curl -u admin:${v} https://api.example.com`,
  (v) => `Command failed: curl --user 'admin:${v}' https://api.example.com`,
  (v) => `query: ALTER ROLE app WITH LOGIN PASSWORD '${v}'`,
  (v) => `query: CREATE USER 'app'@'%' IDENTIFIED BY '${v}'`,
  (v) => `query: SET PASSWORD FOR app = PASSWORD('${v}')`,
  (v) => `Server=db,1433;Database=main;User Id=sa;Password=${v};Encrypt=True;`,
  (v) => `Server=db;Uid=sa;Pwd=${v};`,
  (v) => `host=db port=5432 user=app password=${v} dbname=main sslmode=require`,
  (v) => `jdbc:postgresql://db:5432/main?user=app&password=${v}`,
  (v) => `<Username>ana</Username><Password>${v.replaceAll('&', '&amp;')}</Password>`,
  (v) => `postgres://app:${encodeURIComponent(v)}@db.example.com:5432/main`,
  (v) => `redis://:${encodeURIComponent(v)}@cache:6379/0`,
  (v) => `mongodb+srv://app:${encodeURIComponent(v)}@c0.example.mongodb.net/shop?retryWrites=true`,
  (v) => `smtp://mailer:${encodeURIComponent(v)}@smtp.example.com:587`,
  (v) => `https://admin:${encodeURIComponent(v)}@grafana.example.com/api/health`,
  (v) => `dsn=mysql%3A%2F%2Froot%3A${encodeURIComponent(encodeURIComponent(v))}%40db%3A3306%2Fshop`,
  (v) => `login failed for ana with password ${v}`,
  (v) => `AuthError: the password is ${v}`,
  (v) => `AuthError: wrong password "${v}" was given`,
  (v) => `spring.datasource.password=${v}`,
  (v) => `database:\n  user: app\n  password: ${v}\n  pool: 5`,
  (v) => `[client]\nuser = root\npassword = ${v}\n`,
  (v) => `Config{user=app, password=${v}, pool=5}`,
  (v) => `{User:app Password:${v} Pool:5}`,
  (v) => `{"user"=>"app", "password"=>"${v}"}`,
  (v) => `{:user=>"app", :password=>"${v}"}`,
  (v) => `Credentials(username='app', password='${v}')`,
  (v) => `keytool -genkey -storepass ${v} -keypass ${v}`,
  (v) => `openssl rsa -in key.pem -passin pass:${v}`,
  (v) => `auth: { user: 'mailer', pass: '${v}' }`,
  (v) => json({ name: 'DB_PASSWORD', value: v }),
  (v) => `authorization: 'Basic ${base64(`svc:${v}`)}'`,
];

/** Other credentials, each with its own surroundings. */
export const special = [
  (r) => {
    const v = join('T', r.upnum(8), '/B', r.upnum(8), '/', r.alnum(24));
    return {
      kind: 'slack_webhook',
      text: `POST https://hooks.slack.com/services/${v} 404`,
      secrets: [v.slice(-24)],
    };
  },
  (r) => {
    const v = r.url64(68);
    return {
      kind: 'discord_webhook',
      text: json({ url: `https://discord.com/api/webhooks/${r.digits(18)}/${v}` }),
      secrets: [v],
    };
  },
  (r) => {
    const v = `${r.hex(32)}/${r.uuid()}`;
    return {
      kind: 'teams_webhook',
      text: `https://acme.webhook.office.com/webhookb2/${r.uuid()}@${r.uuid()}/IncomingWebhook/${v}`,
      secrets: [v.slice(0, 32)],
    };
  },
  (r) => {
    const v = r.alnum(30);
    return { kind: 'zapier', text: `POST https://hooks.zapier.com/hooks/catch/123456/${v}/`, secrets: [v] };
  },
  (r) => {
    const v = r.hex(32);
    return { kind: 'sentry_dsn', text: `dsn: "https://${v}@o123456.ingest.sentry.io/4500000"`, secrets: [v] };
  },
  (r) => {
    const v = `${r.base64(86)}==`;
    return {
      kind: 'azure_storage',
      text: `DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=${v};EndpointSuffix=core.windows.net`,
      secrets: [v],
    };
  },
  (r) => {
    const v = `${r.base64(43)}=`;
    return {
      kind: 'service_bus',
      text: `Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=${v}`,
      secrets: [v],
    };
  },
  (r) => {
    const v = `${r.alnum(43)}%3D`;
    return {
      kind: 'azure_sas',
      text: `https://acme.blob.core.windows.net/b/x?sv=2024-01-01&sp=r&sig=${v}`,
      secrets: [v],
    };
  },
  (r) => {
    const v = r.hex(64);
    return {
      kind: 'presigned',
      text: `https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20250101T000000Z&X-Amz-Signature=${v}&X-Amz-SignedHeaders=host`,
      secrets: [v],
    };
  },
  (r) => {
    const v = r.hex(64);
    return {
      kind: 'aws4_header',
      text: `Authorization: AWS4-HMAC-SHA256 Credential=x/20250101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=${v}`,
      secrets: [v],
    };
  },
  (r) => {
    const v = `s%3A${r.url64(32)}.${r.alnum(43)}`;
    return {
      kind: 'cookie',
      text: json({ req: { headers: { cookie: `_ga=GA1.2; connect.sid=${v}; theme=dark` } } }),
      secrets: [v],
    };
  },
  (r) => {
    const v = r.alnum(32);
    return {
      kind: 'set_cookie',
      text: `'set-cookie': [ 'sid=${v}; Path=/; HttpOnly', 'lang=en; Path=/' ]`,
      secrets: [v],
    };
  },
  (r) => {
    const v = r.alnum(26);
    return {
      kind: 'cookie_line',
      text: `< HTTP/1.1 302 Found\n< Set-Cookie: PHPSESSID=${v}; path=/\n< Location: /`,
      secrets: [v],
    };
  },
  (r) => {
    const v = r.alnum(40);
    return {
      kind: 'firebase',
      text: json({ firebase: { projectId: 'acme', privateKeyId: 'k', private_key: v } }),
      secrets: [v],
    };
  },
  (r) => {
    const v = r.digits(6);
    return { kind: 'one_time_code', text: json({ body: { phone: null, otp: v } }), secrets: [v] };
  },
  (r) => {
    const v = r.mixed(32);
    return { kind: 'datadog', text: `DD_API_KEY=${v} DD_SITE=datadoghq.eu agent failed`, secrets: [v] };
  },
  (r) => {
    const v = r.uuid();
    return { kind: 'heroku_key', text: `HEROKU_API_KEY: ${v}`, secrets: [v] };
  },
];

/** Where personal data stands. */
export const people = {
  email: [
    (v) => json({ level: 50, user: { id: 7, email: v }, msg: 'login failed' }),
    (v) => `NotFoundError: no account for ${v}`,
    (v) => `550 5.1.1 <${v}>: Recipient address rejected`,
    (v) => `duplicate key value: Key (email)=(${v}) already exists.`,
    (v) => `E11000 duplicate key error index: email_1 dup key: { email: "${v}" }`,
    (v) => `GET /users?email=${encodeURIComponent(v)} 404`,
    (v) => `mailto:${v}`,
    (v) => json({ body: json({ to: [v] }) }),
  ],
  card: [
    (v) => json({ level: 50, body: { pan: v, amount: 12 } }),
    (v) => `CardError: ${v} was declined`,
    (v) => `ValidationError: "cardNumber" with value "${v}" fails to match`,
    (v) => json({ msg: json({ number: v }) }),
  ],
  iban: [
    (v) => json({ payout: { iban: v } }),
    (v) => `SepaError: mandate for ${v} is inactive`,
    (v) => `ValidationError: "${v}" is not a valid account`,
  ],
  phone: [
    (v) => json({ to: v, provider: 'sms', msg: 'failed' }),
    (v) => `RestException: The 'To' number ${v} is not a valid phone number.`,
    (v) => `contact: { phone: '${v}' }`,
    (v) => `sms to ${v} failed: 21211`,
  ],
};

const FRAMES = [
  'at refreshToken (/srv/app/src/auth/token.ts:41:13)',
  'at PasswordService.hash (/srv/app/src/auth/password.service.js:88:21)',
  'at async SecretsManager.getSecret (/srv/app/src/lib/secrets.js:12:5)',
  'at Object.<anonymous> (/srv/app/dist/server.js:120:9)',
  'at Session.cookie (/srv/app/node_modules/express-session/session/session.js:33:7)',
  'at async Promise.all (index 0)',
  'at processTicksAndRejections (node:internal/process/task_queues:95:5)',
];

/** A stack of frames whose names sound secret. */
export const stack = (r) => Array.from({ length: r.int(2, 5) }, () => `\n    ${r.pick(FRAMES)}`).join('');

/** What must stay: it only looks like a secret, or only speaks of one. */
export const harmless = [
  (r) => [`commit ${r.hex(40)} not found`, r.hex(0)],
  (r) => keep(`Order ${r.uuid()} not found`),
  (r) => keep(`checksum sha256:${r.hex(64)} mismatch`),
  (r) => keep(`etag "${r.hex(32)}" does not match`),
  (r) => keep(`npm ERR! sha512-${r.base64(86)}== integrity checksum failed`),
  (r) => keep(json({ reqId: r.upnum(26), traceId: r.hex(32), spanId: r.hex(16) })),
  (r) => keep(`00-${r.hex(32)}-${r.hex(16)}-01`),
  (r) => keep(`Root=1-${r.hex(8)}-${r.hex(24)}`),
  (r) => keep(json({ time: Number(`17${r.digits(11)}`), hrtime: `17${r.digits(17)}` })),
  (r) => keep(`No such customer: 'cus_${r.alnum(14)}'`),
  (r) => keep(`No such payment_intent: 'pi_${r.alnum(24)}'`),
  (r) => keep(`arn:aws:secretsmanager:eu-west-1:${r.digits(12)}:secret:prod/db-${r.alnum(6)}`),
  (r) => keep(`arn:aws:iam::${r.digits(12)}:role/deploy`),
  (r) => keep(`pod api-${r.lownum(10)}-${r.lownum(5)} was OOMKilled`),
  (r) => keep(`image registry.example.com/acme/api:1.${r.int(0, 99)}.0-${r.hex(8)}`),
  (r) => keep(`Key: 'uploads/2025/06/${r.uuid()}/original.jpg'`),
  () => keep('password must be at least 12 characters and contain a digit'),
  () => keep('password authentication failed for user "app"'),
  () => keep("Access denied for user 'app'@'10.0.0.3' (using password: YES)"),
  () => keep("Cannot read properties of undefined (reading 'password')"),
  () => keep('Unexpected token < in JSON at position 0'),
  () => keep(`Unexpected token 'b', "bad json" is not valid JSON`),
  () => keep('jwt malformed'),
  () => keep('invalid signature'),
  () => keep('The security token included in the request is expired'),
  () => keep('Missing required environment variable: API_TOKEN'),
  () => keep('secret "db-credentials" not found'),
  () => keep('secrets "api-tls" is forbidden: User "system:serviceaccount:ci:runner" cannot get resource'),
  () => keep('{"errors":{"password":["must be at least 8 characters"],"token":["is required"]}}'),
  () => keep('{"password":null,"token":"","apiKey":false}'),
  () => keep('> 11 |   const token = await getToken(req);'),
  () => keep('> 11 |   password: string;'),
  () => keep('> 11 |   password: z.string().min(8),'),
  () => keep('> 11 |   secret: process.env.JWT_SECRET,'),
  () => keep('> 11 |   if (password !== user.password) throw new AuthError();'),
  () => keep('> 11 |   apiKey: config.get("payments.apiKey"),'),
  () => keep('> 11 |   const { token, secret } = req.body;'),
  () => keep('column "password_hash" does not exist'),
  () => keep('{"usage":{"prompt_tokens":812,"completion_tokens":45,"total_tokens":857}}'),
  () => keep("This model's maximum context length is 128000 tokens, however you requested 130412 tokens"),
  () => keep('{"nextPageToken":"CAUQAA","page":2}'),
  () => keep('token_type=bearer expires_in=3600'),
  () => keep('sk-proj-********************abcd'),
  () => keep('postgres://app:****@db.example.com:5432/main'),
  () => keep('password=[REDACTED] token=<hidden> apiKey=***'),
  () => keep(join('DB_PASSWORD=$', '{DB_PASSWORD} TOKEN=$TOKEN')),
  () => keep('git@github.com:acme/web.git'),
  () => keep('@nestjs/common@10.3.8 requires rxjs@7.8.1'),
  () => keep("ENOENT: no such file or directory, open '/srv/app/assets/logo@2x.png'"),
  () => keep('Error: connect ECONNREFUSED 127.0.0.1:5432'),
  () => keep('http://localhost:3000/health?ready=1'),
  () => keep('https://api.example.com:8443/v1/users/123/orders/456'),
  () => keep("Duplicate entry '7' for key 'orders.PRIMARY'"),
  () => keep('Missing Authorization header'),
  () => keep('WWW-Authenticate: Bearer realm="example", error="invalid_token"'),
  () => keep('Basic authentication is not supported'),
  () => keep('session expired, please log in'),
  () => keep('cookie "lang" has been rejected because it is foreign'),
  () => keep('RangeError: offset 364232950 is out of bounds (size 1133642)'),
  () => keep('2025-06-14T10:11:12.388Z 2025-06-14 10:11:12,388 14/Jun/2025:10:11:12 +0000'),
  () => keep('v20.11.1 (linux x64) 10.2.4-beta.1 537.36'),
  () => keep('Segmentation fault at address 0x7f3a5c0012a8'),
  () => keep('timeout of 5000ms exceeded after 3 attempts (1.5s, 2.25s)'),
  () => keep('auth: scram-sha-256 failed: server closed the connection'),
  () => keep('key expansion failed: invalid key length 24'),
  () => keep('primary key (id)=(8f14e45f) violates constraint "orders_pkey"'),
  () => keep('RefreshTokenExpiredError: refresh token expired at 2025-06-14T10:11:12Z'),
  () => keep('GET /api/auth/token/refresh 401 12ms'),
  () => keep('POST /users/7/password/reset 404'),
  () => keep('Authorization: required'),
  () => keep('could not decrypt secret: bad MAC'),
];

const keep = (text) => [text, text];
