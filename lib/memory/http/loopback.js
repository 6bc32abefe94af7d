'use strict';

/** What proxies add. Where one of these stands, the client is not who opened the socket. */
const OF_PROXIES = /^(?:forwarded|via|x-forwarded(?:-.*)?|x-real-ip|x-client-ip|x-cluster-client-ip|x-original-(?:for|host|forwarded-for)|x-envoy-.*|true-client-ip|cf-.*|fastly-.*|x-arr-.*|x-azure-.*|x-amzn-.*|x-appengine-.*)$/;

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
  return !Object.keys(raw.headers).some((name) => OF_PROXIES.test(name));
}

module.exports = { hostOf, isLocal };
