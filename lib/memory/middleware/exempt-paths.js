'use strict';

// One or more segments of characters that no router and no URL parser reads as anything but themselves.
const PLAIN = /^(?:\/[\w~!$&'()*+,;=:@.-]+)+$/;
const DOTS = /\/\.{1,2}(?:\/|$)/;

const isPlainPath = (path) => PLAIN.test(path) && !DOTS.test(path);

/** The path of a request's target, without its query and a slash at the end. */
function pathOf(target) {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** Whether a segment of the target's path ends at `at`. */
function endsSegment(target, at) {
  return at === target.length || target[at] === '/' || target[at] === '?';
}

/**
 * Which targets of requests are exempt: the paths and all below them, by whole segments. Only what is written plainly
 * counts: `//`, `..`, escapes and the like may be read in another way by whoever answers the request.
 *
 * @param {string[]} paths plain ones
 * @returns {(target: string) => boolean}
 */
function exemption(paths) {
  return (target) => {
    for (const path of paths) {
      if (target.startsWith(path) && endsSegment(target, path.length)) return isPlainPath(pathOf(target));
    }
    return false;
  };
}

/** The target as the client sent it: frameworks shorten `url` for what is mounted below a path. */
const targetOf = (request) => request.originalUrl ?? request.url ?? '';

module.exports = { exemption, isPlainPath, targetOf };
