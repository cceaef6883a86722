/** What follows a number and belongs to it: `5 MB`, `300 ms`, `2 days`. */
export const UNITS: ReadonlySet<string> = new Set(
  (
    'b kb mb gb tb pb kib mib gib tib kbps mbps gbps byte bytes bit bits ' +
    'ns us µs ms s sec secs second seconds m min mins minute minutes h hr hrs hour hours d day days week weeks ' +
    'month months year years millisecond milliseconds microseconds nanoseconds px hz mhz ghz pct percent'
  ).split(' '),
);

/** Parts of a date or a time that are words. */
export const DATE_WORDS: ReadonlySet<string> = new Set(
  (
    'jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august ' +
    'september october november december mon tue wed thu fri sat sun monday tuesday wednesday thursday friday ' +
    'saturday sunday am pm gmt utc cet cest est edt pst pdt cst cdt mst bst ist jst z'
  ).split(' '),
);

/** Words before a number that make it a status or a code: what kind of failure it is, not how big. */
export const STATUS_WORDS: ReadonlySet<string> = new Set(
  'status code statuscode status_code http https response answered responded errno sqlstate'.split(' '),
);

/** First words of HTTP's reason phrases: `404 Not Found`. */
export const REASON_WORDS: ReadonlySet<string> = new Set(
  (
    'bad unauthorized payment forbidden not method request conflict gone length precondition payload content uri ' +
    'unsupported expectation unprocessable locked failed upgrade too internal bad service gateway insufficient'
  ).split(' '),
);

/** Endings of host names. Those that are also common words or file endings are left out. */
export const HOST_ENDINGS: ReadonlySet<string> = new Set(
  (
    'com net org io edu gov mil cn hk tw uk de fr jp ru br nl se no ch at be it es pl eu us ca au kr mx tv cc ' +
    'info biz dev cloud local internal localdomain lan corp arpa'
  ).split(' '),
);

/** First parts of package and class names, which look like hosts from the other end. */
export const PACKAGE_STARTS: ReadonlySet<string> = new Set(
  'com org net io edu gov de android java javax jakarta kotlin scala system microsoft sun jdk cn uk fr ru'.split(
    ' ',
  ),
);

/** Keys whose value says what happened: the value stays, masked like any other text. */
export const TELLING_KEYS: ReadonlySet<string> = new Set(
  'msg message error err reason cause exception code errorcode error_code errno status statuscode'.split(' '),
);

/** In JSON these say what kind of thing it is about. */
export const TELLING_JSON_KEYS: ReadonlySet<string> = new Set([
  ...TELLING_KEYS,
  'type',
  'kind',
  'name',
  'event',
]);

/** Keys whose value is a secret, whatever it looks like. */
export const SECRET_KEY: RegExp =
  /(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|auth(?:orization)?|cookie|credentials?|private[-_]?key|session[-_]?id|signature)$/i;

/** Words after `user` that are no name. */
export const NOT_A_USER: ReadonlySet<string> = new Set(
  (
    'request input data error agent id name not unknown session account profile interaction cancelled canceled ' +
    'with from by on in at for is has does was and or exists found disabled locked action abort aborted'
  ).split(' '),
);

/** Errors of name resolution: the host follows. */
export const HOST_WORDS: RegExp = /^(?:ENOTFOUND|EAI_[A-Z]+)$/;
