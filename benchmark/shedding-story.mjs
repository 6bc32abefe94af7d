// What happened in a run of shedding.mjs: second by second, and the verdict.

const MB = 1024 * 1024;
/** Milliseconds within which a probe is to be answered: the usual limit of an orchestrator. */
export const PROBE_LIMIT = 1_000;

const count = (list, status) => list.filter((found) => found.status === status).length;
const within = (list, second) => list.filter(({ at }) => Math.floor(at / 1_000) === second);

/** One row for each second; requests count when they were sent. */
export function timeline({ answers, probes }) {
  const last = Math.max(...answers.map(({ at }) => at), ...probes.map(({ at }) => at));
  return Array.from({ length: Math.floor(last / 1_000) + 1 }, (_, second) => {
    const [sent, probed] = [within(answers, second), within(probes, second)];
    const seen = probed.filter(({ status }) => status === 200).at(-1);
    return {
      second,
      sent: sent.length,
      200: count(sent, 200),
      503: count(sent, 503),
      failed: sent.length - count(sent, 200) - count(sent, 503),
      'in flight': seen?.inFlight ?? null,
      'resident MB': seen ? Math.round(seen.rssBytes / MB) : null,
      percent: seen?.percent == null ? null : Math.round(seen.percent),
      level: seen?.level ?? null,
      probes: probed.length,
      'probes failed': probed.length - count(probed, 200),
      'slowest probe ms': probed.length > 0 ? Math.round(Math.max(...probed.map(({ ms }) => ms))) : null,
    };
  });
}

/** How often it began to refuse. */
const spells = (refused) => refused.filter(({ at }, i) => i === 0 || at - refused[i - 1].at > 1_000).length;

/** What the benchmark promises of a server with the middleware, from one run. */
export function verdict({ answers, probes, ended }) {
  const first = answers.findIndex(({ status }) => status === 503);
  const last = answers.findLastIndex(({ status }) => status === 503);
  const after = answers.slice(last + 1);
  return {
    survived: ended === null,
    ended: ended && (ended.signal ?? `status ${ended.status}`),
    answered: count(answers, 200),
    refused: count(answers, 503),
    failed: answers.length - count(answers, 200) - count(answers, 503),
    // Requests of one moment may be answered either way; a spell ends with a second without a refusal.
    'spells of refusal': spells(answers.filter(({ status }) => status === 503)),
    'first refused at s': first < 0 ? null : Number((answers[first].at / 1_000).toFixed(1)),
    'last refused at s': last < 0 ? null : Number((answers[last].at / 1_000).toFixed(1)),
    'answered after that': count(after, 200),
    probes: probes.length,
    'probes failed': probes.length - count(probes, 200),
    'probes later than 1 s': probes.filter(({ ms }) => ms > PROBE_LIMIT).length,
    'slowest probe ms': Math.round(Math.max(...probes.map(({ ms }) => ms))),
    'level at the end': probes.findLast(({ status }) => status === 200)?.level ?? null,
  };
}
