// What the buttons ask the server to do, and what comes of it.

const MOST_OUTCOMES = 30;
/** V8 stops the program about that long for each MB of small objects. */
const SNAPSHOT_MS_PER_MB = 70;

function tellOutcome(title, text, good) {
  const list = byId('outcomes');
  list.prepend(el('li', { class: good ? 'good' : 'bad' },
    el('time', {}, clock(Date.now())), el('strong', {}, title), el('span', {}, visible(text))));
  while (list.children.length > MOST_OUTCOMES) list.lastChild.remove();
}

/** What came of a collection or another cleanup. */
function cleanupText({ type, success, freedBytes, durationMs, skipped, detail }) {
  const what = type.replaceAll('_', ' ');
  if (skipped) return `${what}: left out, ${detail ?? skipped}`;
  if (!success) return `${what}: failed${detail ? `, ${detail}` : ''}; the program\u2019s log says why`;
  return `${what}: ${freedBytes === null ? 'done' : `freed ${bytes(freedBytes)}`} in ${duration(durationMs)}`;
}

let toldSnapshot = '';

/** Both the answer and the stream tell of a snapshot that this page asked for, whichever comes first. */
function tellSnapshot({ file, bytes: size, pauseMs, reason }) {
  if (file === toldSnapshot) return;
  toldSnapshot = file;
  tellOutcome('Snapshot', `${file}, ${bytes(size)}, for \u201c${reason}\u201d; the program stood still for ${duration(pauseMs)}`, true);
}

/** Why the server did not do it. */
function refusalText(status, retryAfter, message) {
  const said = message ?? `the server answered ${status}`;
  if (status === 429) return `Too soon (429). It may be asked again ${retryAfter ? `in ${retryAfter}${SPACE}s, at ${clock(Date.now() + retryAfter * 1000)}` : 'later'}.`;
  if (status === 401 || status === 403) return `Refused (${status}): ${said}`;
  if (status === 409) return `Busy (409): ${said}`;
  return `Not done (${status}): ${said}`;
}

async function post(action, body) {
  const response = await fetch(`${BASE}${action}`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', ...authorisation() }, body: JSON.stringify(body), cache: 'no-store',
  });
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return { status: response.status, retryAfter: Number(response.headers.get('retry-after')), value: isJson ? await response.json() : {} };
}

const TITLES = { gc: 'Collection', 'emergency-cleanup': 'Emergency cleanup', snapshot: 'Snapshot' };

/** What is told of an action that was done. */
const DONE = {
  gc: (action) => tellOutcome(TITLES.gc, cleanupText(action), action.success),
  // The stream told of each.
  'emergency-cleanup': ({ actions, freedBytes }) => {
    const done = actions.filter(({ success }) => success).length;
    tellOutcome(TITLES['emergency-cleanup'], `${done} of ${counted(actions.length, 'cleanup')} done, ${bytes(freedBytes)} freed`, done > 0);
  },
  snapshot: tellSnapshot,
};

async function act(action, body) {
  try {
    const { status, retryAfter, value } = await post(action, body);
    if (status === 200) {
      DONE[action](value);
      return;
    }
    if (status === 401 || status === 403) askForToken('The server refused. If it takes a token, enter it here.');
    tellOutcome(TITLES[action], refusalText(status, retryAfter, value.error?.message), false);
  } catch (error) {
    tellOutcome(TITLES[action], `The server could not be asked (${error.message})`, false);
  }
}

/** Acts once at a time; the button keeps the focus meanwhile. */
async function press(button, body = {}) {
  if (button.getAttribute('aria-disabled') === 'true') return;
  button.setAttribute('aria-disabled', 'true');
  await act(button.dataset.action, body);
  button.removeAttribute('aria-disabled');
}

function askForToken(why) {
  setText(byId('authorisation-why'), why);
  byId('authorisation').hidden = false;
}

function confirmSnapshot() {
  const used = facts.sample?.heapUsedBytes ?? null;
  const longest = used === null ? 'some seconds' : duration((used / MB) * SNAPSHOT_MS_PER_MB);
  setText(byId('confirm-text'), `V8 stops the program while it writes: with ${bytes(used)} in use up to about ${longest}. Requests wait meanwhile. `
    + 'The file, on the server, holds all that the program knows, passwords and keys among it.');
  byId('confirm').showModal();
}

function listenToActions() {
  for (const button of document.querySelectorAll('[data-action]')) {
    button.addEventListener('click', () => (button.dataset.action === 'snapshot' ? confirmSnapshot() : press(button)));
  }
  byId('confirm-no').addEventListener('click', () => byId('confirm').close());
  byId('confirm-yes').addEventListener('click', () => {
    byId('confirm').close();
    const reason = byId('reason').value.trim();
    press(document.querySelector('[data-action="snapshot"]'), reason === '' ? {} : { reason });
  });
}
