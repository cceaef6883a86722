/**
 * Words that programs write in their messages. Two messages that differ in one of these say different things
 * (`opened` and `closed`); two that differ in a word that is none of these more likely differ in a name.
 * Inflected forms need not be listed.
 */
const BASE_WORDS: ReadonlySet<string> = new Set(
  // How things are, and what becomes of them.
  (
    'ok good bad true false yes no not none null undefined nil empty full new old on off up down in out open close ' +
    'start stop begin end over done success succeed fail failure error warn warning fatal pass abort cancel kill ' +
    'die dead alive live active inactive idle busy ready wait lock unlock free block unblock hang freeze stall ' +
    'enable disable add remove delete create destroy insert update upsert replace set unset get put post patch ' +
    'read write load unload save store restore fetch find found lose lost miss hit send sent receive accept reject ' +
    'allow deny grant revoke connect disconnect reconnect bind unbind attach detach join leave left enter exit ' +
    'login logout sign register unregister subscribe unsubscribe publish consume produce push pull pop append ' +
    'show hide visible hidden play pause resume suspend shut shutdown startup boot reboot restart reset retry ' +
    'repeat skip ignore continue break return throw catch raise handle call invoke run execute process parse ' +
    'format encode decode encrypt decrypt compress expand resolve map bind mount unmount import export sync async ' +
    'commit rollback flush drain drop keep hold release acquire borrow use reuse waste exceed overflow underflow ' +
    'expire timeout time late early slow fast high low max min big small large long short too more less most least ' +
    'first last next previous current other same different equal unknown known valid invalid wrong right correct ' +
    'incorrect legal illegal local remote internal external public private primary secondary main master slave ' +
    'leader follower parent child root-cause read-only normal abnormal regular special general common rare unique ' +
    // What they are about.
    'request response reply answer query result record row column table field value key index entry item element ' +
    'list array object string number integer boolean byte bit char line text message body header footer title name ' +
    'id type kind class method function argument parameter variable constant property attribute option setting ' +
    'config file folder directory path link url uri address host port socket connection session client server user ' +
    'group role permission account password token secret certificate key pair network interface packet frame stream ' +
    'buffer queue topic channel event signal job task thread process worker pool cache memory heap stack disk volume ' +
    'device driver card bus cpu core node cluster shard partition replica backup snapshot log trace metric state ' +
    'status code flag mode level version schema database transaction cursor statement constraint page block chunk ' +
    'segment sector input output source target destination origin data content payload size length count total sum ' +
    'limit quota rate speed power voltage temperature fan door light sensor unit part whole piece set range window ' +
    'screen button key mouse view layout image video audio sound voice phone mail email account order invoice ' +
    'payment price cart customer product shop store stock shipment delivery address date day week month year hour ' +
    'minute second today tomorrow yesterday now then when while before after since until during again ever never ' +
    'always often once twice only just also even still yet already soon instead otherwise else maybe ' +
    // What holds sentences together.
    'a an the this that these those it its he she they we you i my your our their his her me us them who which what ' +
    'where why how all any some each every both either neither many much few several one two three and or but nor ' +
    'if unless because so as than for from to of by with without within into onto upon under above below between ' +
    'among through across against about around along behind beside beyond near at via per is are was were be been ' +
    'being am do does did has have had can could may might must shall should will would cannot gone went go come ' +
    'came take took give gave make made see saw seen say said need want try use let seem become became'
  ).split(' '),
);

/** Endings by which English makes words out of words. */
const ENDING =
  /(?:ed|ing|tion|sion|able|ible|ive|ly|ment|ness|ity|ance|ence|ency|ancy|ure|ous|ful|less|ory|ary|ism|ize|ise|ify|ible|ually)$/;

/** Whether a word belongs to the message rather than being a name in it. */
export function isOrdinaryWord(word: string): boolean {
  if (!/^[A-Za-z][A-Za-z'-]*$/.test(word)) return false;
  // `WorkerName`, `mysqlPool`: written like a name in code.
  if (/[a-z][A-Z]/.test(word)) return false;
  const lower = word.toLowerCase();
  if (BASE_WORDS.has(lower) || (lower.length > 5 && ENDING.test(lower))) return true;
  const stem = lower.replace(/(?:'s|ies|es|s|er|or|ed|d)$/, '');
  return BASE_WORDS.has(stem) || BASE_WORDS.has(`${stem}e`) || BASE_WORDS.has(`${stem}y`);
}
