import { describe, expect, it } from 'vitest';
import { createRedactor, redact } from '../../../src/redaction.ts';
import { expectRedacted, specify } from '../../support/redaction-marks.ts';

const stays = (...texts: readonly string[]): void => {
  it('is not', () => {
    for (const text of texts) expectRedacted(text);
  });
};

describe('the value of a key', () => {
  specify(
    'password=«a1»',
    'password = «a1b»',
    'password\t:\t«a1b»',
    'password:      «a1b»',
    'password: «hunter2».',
    'password: «hunter2»,',
    'password: «hunter2») x',
    '{password: «hunter2»}',
    'password=«hunter2.»',
    'password := «a1b»',
    'password：«a1b»',
    "'password' => '«a1»'",
    ':password => "«a1»"',
    '\'password\'->"«a1»"',
    '[password] => «a1b»',
    '["password":protected]=>\n  string(2) "«a1»"',
    '["password":"App\\\\Client":private]=>\\n  string(2) "«a1»"',
    '[password:App\\Client:private] => «a1b»',
    'password&#61;«a1»',
    'password%3A%22«a1»%22',
    'password%3D«a1»%26x%3D1',
    '?password=«a1»#x',
    '&password=«a1»#x',
    ';password=«a1»&x',
    'x?password=«a1»&y=2',
    'DB_PASSWORD: «abc»',
    'DB_PASSWORD: «word» more',
    '--password: «word» more',
    'x-auth-token: «word» more',
    'X-Auth-Token: «word» more',
    'ABC_PASSWORD:«word» more',
    'password: «secretive»',
    'password: «secretive»\nx',
    'password: «secretive»\r\nx',
    '{a: 1, password: «secretive»}',
    '{password: «secretive», a: 1}',
    'password: «secretive»\\nx',
    'password: «sixsix»',
    'token: «abcdefghijklmnop»',
    'token: «a2345678»',
    'secret: «eightchr»',
    'secret: «a2c»',
    'password = «{a;b}»',
    'Pwd=«{a=1}b»;X=1',
    'password: Some("«a1»")',
    'password: Some(\n  "«a1»")',
    'Password: (string) (len=2) "«a1»",',
    'password: "«a1»" -> "«b2»", n: 1',
    'password: \\"«a1»\\" -> \\"«b2»\\"',
    'password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  «6162»\n  «6364»\nx: 1',
    'password: |\n  «line one»\n  «line two»\nuser: x',
    'password: >-\r\n  «line one»\r\nuser: x',
    '"password: |-\\n  «one»\\n  «two»", "x": 1',
    '\\"password: |\\n  «one»\\", x',
    'password: |\n  «one»\n    at a (/srv/a.js:1:1)',
    'api_key: |\n    «one»\n  two: 2',
  );
  stays(
    'password',
    'password =',
    'password=',
    'password==a1',
    'password => a1b',
    'password -> a1b',
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-a1b2',
    'password://a1b2c3',
    'password: word more',
    'secret: seventy',
    'password: words;',
    'password: fiver',
    'password: secretive(x',
    'password: {',
    'password: a(1',
    'token: a234567',
    'token: abcdefghijklmno',
    'secret: abcdefg',
    'password: a2',
    'password: must be set',
    '"password": "must be at least 8 characters"',
    'password: config.get("a")',
    'password: process.env.PASSWORD',
    'password: !Ref Secret1',
    'password: !Sub Secret1',
    'password: {a: 1}',
    'token = {a: b1}',
    'password:           ',
    'x-password: required',
    'password: %s',
    `password: "\${PASSWORD}"`,
  );
});

describe('the value of a key that may mean something else', () => {
  specify(
    'auth=«a1b2c3d4e5f6»',
    'auth: «a1b2c3d4e5f6a7b8c9d0»',
    '"auth": "«a1b2c3d4e5f6»"',
    '"auth":"«hunter2»"',
    '"auth":"bob:«hunter2»"',
    'auth=bob:«hunter2»',
    "auth: 'bob:«hunter2»'",
    `auth=${'u'.repeat(64)}:«hunter2»`,
    '?auth=«a1b2c3d4»',
    '&sid=«a1b2c3d4»',
    '?key=«a1b2c3d4e5f6»',
    '&code=«a1b2c3d4e5f6»&x',
    'x%26code%3D«a1b2c3d4e5f6»%26',
    'x-acme-key: «a1b2c3d4»',
    'ACME_KEY=«a1b2c3d4e5f6»',
    'signature=«a1b2c3d4e5f6a7b8c9d0»',
    'x-signature: «t=1,v1=a1b2c3d4e5f6»',
    'signature: "«a1b2c3d4e5f6a7b8c9d0»"',
    'mysession=«a1b2c3d4e5f6»',
    'sessionId=«a1»',
    'phone=«1234567»',
    'phone: "«(555) 123 45 67»"',
    'cardNumber: "«1234 5678 9012»"',
    'pan=«123456789012»',
    'cvv: «123»',
    'pin=«123456789012»',
    'dob: «01/90»',
    'birthDate="«12 May 1990»"',
    'accountNumber: «123456»',
    'account_number="«AB 12-34 56»"',
    'cpf: «123.45»',
    'taxId=«AB-12345»',
    'passportNumber: «X1234567»',
    'ssn: «AB 12 34 56»',
    'mnemonic: «abandon ability able about above absent absorb abstract absurd abuse access accident»',
    'recoveryPhrase: "«must have at least twelve words»"',
    '"credentials":"user:«pass1word»"',
    '"credentials":"«:a/b»"',
  );
  stays(
    'auth=abcdefghijk',
    'auth: a1b2c3d4e5f6a7b8c9d',
    '"auth":"basic"',
    'auth: hunter2',
    'auth: bob',
    'key=a1b2c3d4e5f6',
    'code: a1b2c3d4e5f6',
    '?key=a1b2c3d4e5f',
    '?key=orders',
    'signature=a1b2c3d4e5f6a7b8c9d',
    'ACME_KEY=a1b2c3d4e5f',
    'sessionId=0x7ffe12ab',
    'session 0x7ffe12ab',
    'phone=123456',
    `phone="${'1 '.repeat(17)}"`,
    'cardNumber="1234 5678 901"',
    'cvv=12',
    'pin=1234567890123',
    'pin=1a23',
    'dob=123',
    'dob="May the twelfth"',
    'dob="on the twelfth of May 1990 in Graz"',
    'accountNumber=12345',
    'accountNumber="acme production"',
    'accountNumber="-123456"',
    'cpf=1234',
    'cpf="on file"',
    'taxId="#12345"',
  );
});

describe('a list under a key', () => {
  specify(
    '"tokens":["«a1»","«b2»"]',
    "tokens: [ '«a1»', '«b2»' ], x",
    '\\"tokens\\":[\\"«a1»\\",\\"«b2»\\"]',
    'tokens: [\n  "«a1»"\n]',
    '"tokens":["«a1»",null,"required","«b2»"] "c3"',
    '"auth":["basic","«a1b2c3d4e5f6»"]',
    'map[Password:[«a1b2c3d4»] X:[y]]',
    'map[Authorization:[Bearer «a1b2»] Host:[x]]',
    'map[Cookie:[sid=«a1»; b=«c2»]]',
    `secret: [«${Array.from({ length: 16 }, () => '12').join(', ')}»]`,
    'cookies: { sid: "«a1»", "b": "«c2»" }',
    `tokens: [${Array.from({ length: 64 }, (_, index) => `"«a${index}»"`).join(',')}]`,
  );
  stays(
    '"tokens":[]',
    '"tokens":[1,2]',
    'tokens: [abc]',
    'tokens: [a1b2c3d]',
    'tokens: [a1b2c3d4\n]',
    'map[Cookie:[missing]]',
    `secret: [${Array.from({ length: 15 }, () => '12').join(', ')}]`,
    '"auth":["basic","digest"]',
    '"password":["must be at least 8 characters"]',
    'imagePullSecrets: [{name: regcred}]',
  );
  it('is read for 64 values and 8 KB', () => {
    const list = Array.from({ length: 66 }, (_, index) => `"a${index}"`).join(',');
    expect(redact(`tokens: [${list}]`)).toContain('"a64"');
    expect(redact(`tokens: ["a1",${' '.repeat(8192)}"b2"]`)).toContain('"b2"');
  });
});

describe('a secret that is mentioned', () => {
  specify(
    'the password is «hunter2»',
    'the password was "«hunter»"',
    'the password set to «hunter2»,',
    'password was («hunter2»)',
    'password for user bob: «hunter2»',
    'password provided: "«correct horse»"',
    'passphrase was `«correct»`',
    'with password «hunter2».',
    'password\t«hunter2»',
    'invalid token «a1b2c3d4e5f6a7b8», sorry',
    'token was «a1b2c3d4e5f6»',
    'api key «a1b2c3d4e5f6a7b8»',
    'access key «a1b2c3d4e5f6a7b8»',
    'verification code is «123456»',
    'otp «123»',
    'otp «12345678»',
    'recovery code «ab12-cd34»',
    'pin is «1234»',
    'cvv «123»',
    'phone «1234567»',
    'mobile number «123456789012345»',
    'mnemonic «abandon ability able about above absent absorb abstract absurd abuse access accident»',
    'sessionId «a1b2c3d4e5f6a7b8»',
    '--password «word»',
    '--password "«two words»" -x',
    '--password  «word» -x',
    '--token\t«word»',
    '-storepass «word» x',
    'ENV DB_PASSWORD «word»',
    'AUTH «hunter2»',
    'AUTH default «hunter2»',
    'AUTH PLAIN «a1b2c3d4»',
    'USER bob\nPASS «hunter2»',
    'USER bob\\r\\nPASS «hunter2»',
    'CONFIG SET requirepass «hunter2»',
    'masterauth "«hunter2»"',
  );
  stays(
    'password hunter',
    'password is "must be set"',
    'password is "two  spaces"',
    `password is "${'a'.repeat(129)}"`,
    'password is required',
    'the password is config.get("a")',
    'password is user.password',
    '"password" hunter2x',
    "'password' hunter2x",
    '`password` hunter2x',
    'unexpected token a1b2c3d4e5f6a7b8',
    'Unexpected JSON token a1b2c3d4e5f6a7b8',
    'token a1b2c3d4e5f6a7b',
    'token was a1b2c3d4e5f',
    'token ./a1b2c3d4e5f6a7b8',
    'token /srv/a1b2c3d4e5f6a7b8',
    'token src/a1b2c3d4e5f6.js:12:5',
    'secret projects/1/secrets/a1b2c3d4',
    'token abc=a1b2c3d4e5f6a7b8',
    'at refreshToken (a1b2c3d4e5f6a7b8)',
    'async getToken (a1b2c3d4e5f6a7b8)',
    'otp 12',
    'otp 123456789',
    'recovery code abcd-efgh',
    'cvv 12',
    'phone 123456',
    'phone 1234567890123456',
    'phone 12345678a',
    'session a1b2c3d4e5f6a7b8',
    'sessionId 0x12ab34cd56ef7890',
    '--password -x',
    '--password',
    '--password null',
    'password-file hunter',
    'AUTH required',
    'AUTHOR hunter2',
    'PASS hunter2',
    'PASS src/a.test.ts',
    'requirepass yes',
    'mnemonic of twelve words',
  );
});

describe('a pair of a name and a value', () => {
  specify(
    '{"name":"password","value":"«a1»"}',
    "{ name: 'password', value: '«a1»' }",
    '{"key": "API_TOKEN", "val": "«a1»"}',
    '[{\\"name\\":\\"password\\",\\"value\\":\\"«a1»\\"}]',
    'name="password" value="«a1»"',
    'name="password" content="«a1»"',
    '["Authorization","Bearer «a1»"]',
    '["authorization", "«a1b2»"]',
    "['X-Api-Key', '«a1b2c3d4»']",
    '["Cookie","«sid=1»"]',
    "('password', '«hunter2»')",
    "(b'password', b'«hunter2»')",
    "('secret', '«a1b2c3d4»')",
    's:8:"password";s:2:"«a1»";',
    's:8:\\"password\\";s:2:\\"«a1»\\";',
    'variable "api_key" {\n  default = "«a1»"\n}',
    'variable "api_key" {\n  type    = string\n  default = "«a1»"\n}',
    '- name: DB_PASSWORD\n  value: «a1b»',
    '- name: DB_PASSWORD\\n  value: "«a1»"',
    '<entry key="password">«a1»</entry>',
    '<entry key="password" type="x">«a1»</entry>',
    '<password>«a1»</password>',
    '<password type="x">«a1»</password>',
    '<ns:password>«a1»</ns:password>',
    '<password><![CDATA[«a1»]]></password>',
    '&lt;password&gt;«a1»&lt;/password&gt;',
    '<phone>«a123»</phone>',
    'name="password"\r\n\r\n«a1»\r\n--b',
    'name="password"\n\n«a1»\n--b',
    'name="password"; filename="x"\r\nContent-Type: text/plain\r\n\r\n«a1»\r\n',
    'name=\\"password\\"\\r\\n\\r\\n«a1»\\r\\n--b',
  );
  stays(
    '{"name":"password","value":null}',
    '{"name":"password","value":""}',
    '{"name":"password","value":"is required"}',
    '{"name":"password","type":"string1"}',
    '{"name":"auth","value":"yes"}',
    '["password","secret1234"]',
    '["X-Api-Key","X-Api-Version"]',
    "('password', 'token')",
    "('password', 'hunter2', 1)",
    "['password', 'hunter2']",
    '- name: DB_PASSWORD\n  valueFrom: x1y2z3',
    'name: DB_PASSWORD value2',
    '<password/>',
    '<password></password>',
    '<password>required</password>',
    '<phone>abc</phone>',
    '<password type="x1y2z3"/>',
    '&lt;password/&gt;',
    '&lt;password&gt;&lt;/password&gt;',
    '<entry key="password"></entry>',
    'password>a1b2<',
    'name="password"',
  );
});

describe('a password in SQL', () => {
  specify(
    "ALTER USER a PASSWORD '«x1»'",
    "alter role a with password='«x1»'",
    "SET PASSWORD = '«x1»'",
    "SET PASSWORD FOR a = PASSWORD('«x1»')",
    "PASSWORD(\n'«x1»')",
    "IDENTIFIED BY '«x1»'",
    'identified by "«x1»"',
    "IDENTIFIED WITH mysql_native_password BY '«x1»'",
    "IDENTIFIED WITH 'x' AS '«x1»'",
    "IDENTIFIED BY PASSWORD '«x1»'",
    'IDENTIFIED BY «hunter2»',
    "INSERT INTO u (id, password) VALUES (1, '«x1»')",
    "INSERT INTO u (password) VALUES ('«x1»'), ('«y2»') ,( '«z3»' )",
    "INSERT INTO u (password, id) VALUES ('«x1»', 1), ('«y2»', 2)",
    'insert into u ("id", "password") values (1, \'«x1»\')',
    'INSERT INTO u (`id`,`password`,`x`) VALUES (1,"«x1»",NULL)',
    "INSERT INTO [u] ([id], [password])\nVALUES\n(1, '«x1»')",
  );
  stays(
    "IDENTIFIED BY ''",
    'IDENTIFIED BY hunter',
    'IDENTIFIED x1y2z3',
    "PASSWORD('is required')",
    'INSERT INTO u (id, password) VALUES (1, NULL)',
    'INSERT INTO u (id, password) VALUES ($1, $2)',
    'INSERT INTO u (id, password) VALUES (1',
    "INSERT INTO u (id, password) SELECT 'x1'",
    "SELECT id, password FROM u WHERE (a) = 'x1'",
    'IDENTIFIED BY "a\nb1"',
  );
});

describe('a password by its place in a call', () => {
  specify(
    "PDO->__construct('mysql:x', 'root', '«hunter»')",
    "mysqli_connect('h', 'u', '«hunter»', 'db')",
    'mysqli->real_connect("h", "u", "«hunter»")',
    "ftp_login(Resource id #5, 'u', '«hunter»')",
    "ftp_login($c, 'u', '«hunter»')",
    "HTTPBasicAuth('u', '«hunter»')",
    "auth=('u', '«hunter»')",
    "smtp.login('u', '«hunter»')",
    "password_verify('«hunter»', '$2y$x')",
    "set_password('«hunter»')",
    "basic_auth 'u', '«hunter»'",
    "hash_hmac('sha256', 'x', '«hunter»')",
    "mysqli_connect(\\'h\\', \\'u\\', \\'«hunter»\\')",
  );
  stays(
    "mysqli_connect('h', 'u')",
    "mysqli_connect('h', 'u', '')",
    "mysqli_connect('h', 'u', $password)",
    "mysqli_connect('h', 'u', 'password')",
    "PDO->__construct('h', 'u', 'a(b)')",
    "PDO->prepare('SELECT', 'u', 'hunter')",
    'password_hash(Object(SensitiveParameterValue))',
    "password_hash('must be set')",
    "oauth=('u', 'hunter')",
  );
});

describe('a password of a command line', () => {
  specify(
    'mysql -u root -p«hunter» db',
    "mysqldump -p'«hunter»' db",
    'sshpass -p «hunter» ssh x',
    'docker login -u bob -p «hunter» registry',
    'mongosh -u root -p«hunter»',
    'redis-cli -h x -a «hunter» PING',
    'sqlcmd -S x -U sa -P «hunter»',
    'ldapsearch -D cn=a -w «hunter» -b x',
    'curl -u bob:«hunter» https://x',
    'curl -ubob:«hunter» https://x',
    'curl --user bob:«hunter» x',
    'curl --proxy-user=bob:«hunter» x',
    "curl -b 'sid=«hunter»' x",
    'openssl rsa -passin pass:«hunter» -in k',
    'openssl enc -k «hunter» -in k',
    'smbclient //x/y -U bob%«hunter»',
    'zip -P «hunter» x.zip',
    '7z a -p«hunter» x.7z',
    'rar a -hp«hunter» x.rar',
    'ssh-keygen -P «hunter» -N «hunter2»',
    'htpasswd -bc file bob «hunter»',
    'echo «hunter» | sudo -S ls',
    "echo -n '«hunter»' | docker login --password-stdin",
    'a; mysql -p«one1»\nmysql -p«two2»',
  );
  stays(
    'mysql -u root -p db',
    'mysql -u root -p',
    'mysql.service -phunter',
    'mysql/bin -phunter',
    'sshpass -e ssh x',
    'docker run -p 8080:80 x',
    'redis-cli -a $PASSWORD',
    'curl -u "$U:$P" x',
    'curl -u bob x',
    'curl -u :8080 x',
    'curl -u host:8080 x',
    'curl -u bob:**** x',
    'curl -b cookies.txt x',
    'smbclient -U bob',
    'zip -r x.zip dir',
    'echo hi | sudo ls',
    'echo hunter | grep x',
    'echo $PASSWORD | sudo -S ls',
    'echo "two words" | sudo -S ls',
    `curl ${'x'.repeat(2048)} -u bob:hunter`,
  );
});

describe('what announces a secret', () => {
  specify(
    'API key: «a1b2c3d4»',
    'API key: «a1b2c3d4», token: «b1c2d3e4», password=«c1» secret=«d2»',
    'пароль: «секрет1» пароль: «секрет2»',
    `${'x'.repeat(40)} api key: «a1b2c3d4»`,
    'Shared Access Key=«a1b2c3d4»',
    'mot de passe : «hunter2»',
    'пароль: «секрет1»',
    '密码：«a1b2c3»',
  );
  stays(
    'identifiedx BY hunter2',
    'xidentified BY hunter2',
    'API keyx: a1b2c3d4',
    'sort codes account 12345678',
    'the key: a1b2c3d4',
    ' key=a1b2c3',
    'x  key: a1b2c3d4',
    'пароль',
    'very-long-name-of-something-else key: a1b2c3d4',
  );
});

describe('what is redacted already', () => {
  it('stays, and hides nothing beside it', () => {
    for (const text of [
      'password=[REDACTED:password]',
      '"password":"[REDACTED:password]"',
      'https://u:[REDACTED:password]@host/x',
      'Authorization: Bearer [REDACTED:jwt]',
      'Cookie: sid=[REDACTED:cookie]; a=[REDACTED:cookie]',
      '[REDACTED:email], [REDACTED:phone]',
      '[REDACTED:password] hunter2',
      '[REDACTED:password]: hunter2',
      '[REDACTED:api-key] a1b2c3d4e5f6a7b8',
    ])
      expect(redact(text)).toBe(text);
    expect(redact('password=[REDACTED:password] token=a1 [REDACTED:email] bob@example.com')).toBe(
      'password=[REDACTED:password] token=[REDACTED:token] [REDACTED:email] [REDACTED:email]',
    );
    expect(redact('a@b.de [REDACTED:x] c@d.de [REDACTED:y] e@f.de')).toBe(
      '[REDACTED:email] [REDACTED:x] [REDACTED:email] [REDACTED:y] [REDACTED:email]',
    );
    expect(redact('token="x1[REDACTED:email]y1"')).toBe('token="[REDACTED:token]"');
    for (const text of ['token="[REDACTED:a]y"', 'token="y[REDACTED:a]"']) expect(redact(text)).toBe(text);
    for (const text of ['token="[REDACTED:a]yz"', 'token="yz[REDACTED:a]"'])
      expect(redact(text)).toBe('token="[REDACTED:token]"');
    const { redact: more } = createRedactor({ rules: [{ kind: 'word', pattern: /REDACTED|x1/ }] });
    const text = 'secret="[REDACTED:a]y" token="[REDACTED:b]y"';
    expect(more(`${text} x1`)).toBe(`${text} [REDACTED:word]`);
  });
});

describe('what nobody sees', () => {
  it('parts no secret, however much of it there is', () => {
    const hidden = '\u200b';
    const word = (text: string): string => [...text].join(hidden);
    expect(redact(`${hidden}${word('password=hunter2')}${hidden} x`)).toBe(
      `${hidden}${word('password=')}${hidden}[REDACTED:password]${hidden} x`,
    );
    expect(redact(`a${hidden}b c@d.de`)).toBe(`a${hidden}b [REDACTED:email]`);
    expect(redact('abcd')).toBe('abcd');
    expect(redact('a@b.c')).toBe('a@b.c');
    expect(redact(`4111 1111${hidden} 1111 1111 415-555-2671`)).toBe('[REDACTED:card] [REDACTED:phone]');
  });
});

describe('a password by its place in a command', () => {
  specify(
    'bundle config gems.example.com bob:«hunter2»',
    'rabbitmqctl add_user bob «hunter2»',
    'net user bob «hunter2» /add',
    'net use \\\\srv\\share /user:bob «hunter2»',
    'composer config http-basic.repo.example.com bob «hunter2»',
    'sqlplus scott/«tiger1»',
    'sqlplus -s scott/«tiger1»',
    'snmpwalk -v2c -c «private9» 10.0.0.1',
    'vault login «s.a1b2c3d4e5f6a7b8»',
    'aws configure set aws_secret_access_key «abcd»',
    'npm config set //registry.example.com/:_authToken «abcd»',
    'a1 LOGIN bob «hunter2»',
    'A001 LOGIN "bob@x" "«hunter2»"',
    'S: 334 UGFzc3dvcmQ6\nC: «aHVudGVyMg==»\nx',
    '334 UGFzc3dvcmQ6\n«aHVudGVyMg==»',
    "Password for 'https://bob@host': «hunter2»",
    'user/pass: bob/«hunter2»',
  );
  stays(
    'bundle config path vendor/bundle',
    'rabbitmqctl list_users bob hunter2',
    'net user bob /add',
    'composer config repositories.x vcs https://example.com',
    'sqlplus / as sysdba',
    'vault login -method=oidc',
    'npm config set registry https://registry.npmjs.org',
    'a1 LOGIN failed',
    'a1 LOGIN bob required',
    'LOGIN bob hunter2',
    '334 UGFzc3dvcmQ6 line\n\nx',
    'user/pass: required',
    'pass: bob/hunter2',
  );
});

describe('personal data behind its name', () => {
  specify(
    'account number «12345678» is closed',
    'sort code «12-34-56» account «12345678»',
    'national insurance number «QQ 12 34 56 C»',
    'cpf «529.982.247-25» inválido',
    'dni «12345678Z»',
    'nhs number «943 476 5919»',
    'phone «98765 43210»',
    'date of birth: «12/05/1990»',
    'dob: «12 May 1990»',
    '"dateOfBirth":"«1990-05-12»"',
    '"securityAnswer":"«Rex»"',
    'mothersMaidenName=«Silva1»',
    'smsCode=«482913»',
    'Your code is «482913»',
    'passport «X1234567» has expired',
    'passport no. «C01X00T47» is not valid',
    'passport number «12AB34567»',
    '"passport":"«X1234567»"',
    'passport «123456789» refused',
    'acct «12345678» is closed',
    'acct no «12345678»',
    '"acctNumber":"«12345678»"',
  );
  stays(
    'account 12345678 not found',
    'account number 12345',
    'order number 12345678',
    'date of birth is required',
    'the birth of process 12345678',
    'security answer is wrong',
    'your code is wrong',
    'exit code is 137137',
    'phone 2 of 3 failed',
    'zip code 90210',
    'passport 0.7.0 is deprecated',
    '"passport":"^0.7.0"',
    '[passport] 2024-05-05T12:00:00Z strategy failed',
    'passport 2024-05-05 12:00:00 strategy failed',
    'passport no longer valid',
    'passport-local 12345678',
    'passport X12345678901',
    'acct closed',
    'acct 42 of 100',
    'auth failed for bob: timeout',
  );
});

describe('a field that says what the object around it is', () => {
  specify(
    '{"phone":{"number":"«5551234567»"}}',
    '{"phone":{"country":"49","type":"mobile","number":"«15123456789»"}}',
    "{ phone: { number: '«5551234567»', type: 'home' } }",
    '{\\"phone\\":{\\"number\\":\\"«5551234567»\\"}}',
    '{\n  "phone": {\n    "ext": 12,\n    "value": "«5551234567»"\n  }\n}',
    '{"card":{"brand":"visa","number":"«4000 1234 1234 1234»"}}',
    '{"passport":{"no":"«X1234567»"}}',
    '{"bankAccount":{"number":"«12345678»"}}',
    '{"ssn":{"value":"«078051120»"}}',
    '{"errors":{"password":{"msg":"too short","value":"«abc9»","path":"password"}}}',
    '{"apiKey":{"value":"«dk39dk39dk39»"}}',
    '{"token":{"type":"opaque","value":"«dk39dk39dk39dk39»"}}',
  );
  stays(
    '{"order":{"number":"5551234567"}}',
    '{"order":{"value":"5551234567"}}',
    '{"invoice":{"number":12345678,"phone":null}}',
    '{"phone":{"number":null}}',
    '{"phone":{"number":"unknown"}}',
    '{"account":{"number":3}}',
    '{"card":{"number":2,"of":4}}',
    '{"pin":{"number":1234}}',
    '{"cell":{"value":"12345678"}}',
    '{"token":{"type":"Identifier","value":"foo1","line":1}}',
    '{"password":{"value":"","message":"required"}}',
    '{"code":{"value":"abcdef123456789"}}',
    'const { phone: { number: n } } = contact;',
    'password: { value: config.password }',
    'phone: { number: string }',
  );
});

describe('the user of an address that is a key by its name', () => {
  specify(
    'https://x-access-token:«a1b2c3»@github.com/acme/web',
    'https://__token__:«a1b2c3»@pypi.example.com/simple',
  );
});
