'use strict';

const { isAuthorized } = require('../authorization.js');
const { hostOf, isLocal } = require('./loopback.js');
const { Refusal } = require('./refusal.js');

const UNCONFIGURED = 'Actions need authorisation, and none is configured: give createMemoryRouter the option "authorize", a function of the '
  + 'request that answers true where it may act';
const REMOTE = 'Only programs on this machine, that come through no proxy, may read without authorisation: give createMemoryRouter the option '
  + '"authorize", a function of the request that answers true where it may read';
const DENIED = 'The function "authorize" did not answer true for this request';
const FOREIGN = 'Actions are not taken from pages of other sites';
const ROUTER = 'the memory router';

/** Whether a page of another site loads it behind its user's back; following a link to it is no such thing. */
const isEmbedded = ({ headers }) => headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate';

/** Refuses whoever may not read. */
async function checkReader({ raw, request }, { authorize, loopback }) {
  if (loopback && isLocal(raw) && !isEmbedded(raw)) return;
  if (authorize === null) throw new Refusal(403, 'forbidden', REMOTE);
  if (!await isAuthorized(authorize, request, ROUTER)) throw new Refusal(403, 'forbidden', DENIED);
}

function hostOfOrigin(origin) {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

/**
 * Whether a page of another site sent it. Browsers say so in Sec-Fetch-Site, which no page can set; those that do not, and
 * all of them on plain HTTP, send Origin with every POST. A client that is no browser sends neither.
 */
function isForeign(raw) {
  const { 'sec-fetch-site': site, origin } = raw.headers;
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return origin !== undefined && hostOfOrigin(origin) !== hostOf(raw).toLowerCase();
}

const isJson = (type) => /^application\/json\s*(?:;|$)/i.test(type);

/** Refuses whoever may not act; nothing of the body was read then. */
async function checkActor({ raw, request }, { authorize }) {
  if (isForeign(raw)) throw new Refusal(403, 'cross_site', FOREIGN);
  if (authorize === null) throw new Refusal(403, 'forbidden', UNCONFIGURED);
  const type = raw.headers['content-type'];
  // Other types are those that a form of any site can send without asking.
  if (type !== undefined && !isJson(type)) throw new Refusal(415, 'unsupported_media_type', 'Actions take application/json only');
  if (!await isAuthorized(authorize, request, ROUTER)) throw new Refusal(403, 'forbidden', DENIED);
}

module.exports = { checkActor, checkReader };
