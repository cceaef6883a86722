const MAX_PATH = 1024;

/**
 * Files that hold secrets by custom. They are never read, whoever names them: dotenv files, keys and
 * certificates, credentials of package managers, clouds, shells and version control, histories, Terraform state.
 */
const SECRET_FILE =
  /^(?:\.env(?:\..+|rc)?|.+\.env|\.npmrc|\.yarnrc(?:\.yml)?|\.pypirc|\.netrc|_netrc|\.git-credentials|\.htpasswd|\.pgpass|\.my\.cnf|\.dockercfg|\.vault-token|\.?credentials?(?:\..+)?|client_secret.*\.json|service[-_]?account.*\.json|secrets?\.(?:json|ya?ml|toml|ini|env|properties|txt|enc)|.*firebase-adminsdk.*\.json|wp-config\.php|local\.settings\.json|kubeconfig|\.s3cfg|\.boto|\.(?:bash|zsh|psql|mysql|node_repl|python)_history|authorized_keys|.*\.tfstate(?:\.backup)?|.*\.tfvars(?:\.json)?|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|age))$/i;
/** `.env.example` and its like exist to be read. */
const EXAMPLE = /\.(?:example|sample|template|dist|defaults?)$/i;
const SECRET_FOLDER = /^(?:\.git|\.ssh|\.aws|\.gnupg|\.docker|\.kube|\.azure|\.gcloud)$/i;
/** A folder of this name may hold code that handles secrets; data in it is secrets. */
const SECRET_DATA = /(?:^|\/)\.?secrets?\/(?:.+\/)?[^/]+\.(?:json|ya?ml|toml|ini|properties|txt|enc|xml)$/i;

/** Whether a path may be read at all: relative, without `..`, of plain characters, and no place for secrets. */
export function isReadablePath(path: string): boolean {
  return isSafePath(path) && !isSecretPath(path);
}

/** A relative path with forward slashes that stays inside the repository. */
function isSafePath(path: string): boolean {
  if (path === '' || path.length > MAX_PATH || /[\u0000-\u001f\u007f\\]/.test(path)) return false;
  if (!path.isWellFormed() || /^[A-Za-z]:/.test(path)) return false;
  // A dot or a slash that is encoded once is a detour only for those who mean to get past a check.
  if (/%(?:2e|2f|5c|25|00)/i.test(path)) return false;
  // `.. ` too: whoever builds a URL may drop the blank.
  return path.split('/').every((part) => !/^[\s.]{0,64}$/.test(part));
}

/** Whether a path names a file that customarily holds secrets. */
function isSecretPath(path: string): boolean {
  const parts = path.split('/');
  // Some file systems drop what ends a name.
  const name = (parts.at(-1) ?? '').replace(/[. ]{1,64}$/, '');
  if (SECRET_DATA.test(path)) return true;
  if (parts.slice(0, -1).some((part) => SECRET_FOLDER.test(part))) return true;
  return SECRET_FILE.test(name) && !EXAMPLE.test(name);
}

/** A commit, tag or branch as git allows it and a URL can carry it: no `..`, no query, no option. */
export function isSafeRef(ref: string): boolean {
  return /^\w[\w.@/-]{0,199}$/.test(ref) && !ref.includes('..') && !ref.includes('//') && !ref.includes('@{');
}
