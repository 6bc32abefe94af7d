'use strict';

/** Headers that proxies add, and what others of theirs begin with. Where one stands, the client is not who opened the socket. */
const OF_PROXIES = ['forwarded', 'via', 'x-real-ip', 'x-client-ip', 'x-cluster-client-ip', 'true-client-ip'];
const BEGIN_OF_PROXIES = ['x-forwarded', 'x-original-', 'x-envoy-', 'x-amzn-', 'x-azure-', 'x-arr-', 'x-appengine-', 'cf-', 'fastly-'];
const isOfProxy = (name) => OF_PROXIES.includes(name) || BEGIN_OF_PROXIES.some((begin) => name.startsWith(begin));

const ADDRESS = /^(?:127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/i;
const HOST = /^(?:localhost|[a-z0-9-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** The host that a request names; in HTTP/2 it is a pseudo-header. */
const hostOf = ({ headers }) => headers.host ?? headers[':authority'] ?? '';

/**
 * Whether a request comes from this machine, and from nobody else's behalf: over loopback, through no proxy that says so,
 * and to a name of this machine. The last is because a page of any site can have its own name resolve to 127.0.0.1.
 *
 * @param {import('node:http').IncomingMessage} raw
 */
function isLocal(raw) {
  if (!ADDRESS.test(raw.socket?.remoteAddress ?? '')) return false;
  if (!HOST.test(hostOf(raw))) return false;
  return !Object.keys(raw.headers).some(isOfProxy);
}

module.exports = { hostOf, isLocal };
