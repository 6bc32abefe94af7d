'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { constants: { signals: NUMBERS } } = require('node:os');
const { setTimeout: wait } = require('node:timers/promises');

const { containerOf } = require('../doctor/groups.js');
const { SystemFiles } = require('../doctor/system-files.js');
const { Failure, USAGE } = require('../failure.js');
const { load } = require('../load.js');

/** Peaks between two samples that are told are looked for this often. */
const LOOK_MS = 250;

/** What the machine has, in bytes; null where the system does not tell. */
function machine(files) {
  const { MemTotal: total = null, MemAvailable: available = null } = files.kilobytes('proc/meminfo');
  return { machineBytes: total, machineUsedBytes: total === null || available === null ? null : total - available };
}

/** How full memory is: of the container if that has a limit, else of the machine. */
function fullness({ container, machineBytes, machineUsedBytes }) {
  if (container) return { of: 'container', limitBytes: container.limitBytes, percent: (container.usedBytes / container.limitBytes) * 100 };
  if (machineUsedBytes === null) return { of: null, limitBytes: null, percent: null };
  return { of: 'machine', limitBytes: machineBytes, percent: (machineUsedBytes / machineBytes) * 100 };
}

/** Samples a process tree, or with `null` the machine alone; a sample is null when the process is gone. */
class Sampler {
  #files = new SystemFiles();
  #pid;
  #levelOf;

  constructor(pid) {
    this.#pid = pid;
    const { levelAt } = load('../memory/figures.js');
    const settings = load('../memory/manager/settings.js').readSettings();
    this.#levelOf = (percent) => (percent === null ? null : levelAt(percent, settings));
  }

  #tree() {
    if (this.#pid === null) return {};
    const tree = load('../memory/process-tree.js').processTree(this.#pid);
    if (tree === null) throw new Failure('This system does not tell the memory of other processes; --url asks a server itself.', USAGE);
    const { processes, rssBytes, anonymousBytes } = tree;
    return processes.length === 0 ? null : { rssBytes, anonymousBytes, processes: processes.length };
  }

  sample() {
    const tree = this.#tree();
    if (tree === null) return null;
    const found = containerOf(this.#files, this.#pid ?? 'self');
    const container = found && { limitBytes: found.limitBytes, usedBytes: found.usedBytes };
    const around = { container, ...machine(this.#files) };
    const full = fullness(around);
    return { type: 'sample', at: Date.now(), ...tree, ...around, ...full, level: this.#levelOf(full.percent) };
  }
}

/** Tells samples at the interval, with the peak since the one before, until the process is gone. */
async function sampleUntilGone(sampler, intervalMs, tell, signal) {
  const detector = new (load('../memory/spike-detector.js').MemorySpikeDetector)();
  for (let dueAt = 0, peak = 0; ;) {
    const sample = sampler.sample();
    if (sample === null) return;
    peak = Math.max(peak, sample.rssBytes ?? 0);
    if (sample.at >= dueAt) {
      const known = sample.rssBytes === undefined ? sample : { ...sample, peakRssBytes: peak };
      tell(known);
      const spike = known.rssBytes === undefined ? null : detector.feedSample(known);
      if (spike) tell({ type: 'spike', ...spike });
      [dueAt, peak] = [sample.at + intervalMs, 0];
    }
    await wait(Math.max(1, Math.min(LOOK_MS, dueAt - Date.now())), undefined, { signal });
  }
}

/** Follows a process that runs, and all that it started. */
function processSource(pid, intervalMs) {
  return async (tell, signal) => {
    const sampler = new Sampler(pid);
    if (sampler.sample() === null) throw new Failure(`There is no process ${pid}.\nList those of Node.js with: pgrep -a node`, USAGE);
    await sampleUntilGone(sampler, intervalMs, tell, signal);
    return { text: `Process ${pid} has ended.` };
  };
}

/** Follows the machine and the container. */
function hereSource(intervalMs) {
  return (tell, signal) => sampleUntilGone(new Sampler(null), intervalMs, tell, signal);
}

/** A process that is started with streams as `stdio` says. */
async function start([program, ...rest], stdio) {
  const child = spawn(program, rest, { stdio });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new Failure(`Cannot start ${program}: ${error.code === 'ENOENT' ? 'there is no such program' : error.message}`, USAGE);
  }
  return child;
}

/**
 * Starts a command and follows it; its exit code is answered.
 *
 * @param {string[]} command
 * @param {{ stdio: string | (string | number)[], onStart?: (child: import('node:child_process').ChildProcess) => void }} how
 */
function commandSource(command, intervalMs, { stdio, onStart = () => {} }) {
  return async (tell, signal) => {
    const child = await start(command, stdio);
    const closed = once(child, 'close');
    onStart(child);
    const onAbort = () => {
      const isCtrlC = signal.reason.exitCode === 130;
      // A terminal sends its own Ctrl-C to both.
      if (!(isCtrlC && process.stdin.isTTY)) child.kill(isCtrlC ? 'SIGINT' : 'SIGTERM');
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const ended = new AbortController();
    const sampling = sampleUntilGone(new Sampler(child.pid), intervalMs, tell, ended.signal).catch((error) => {
      // The command goes on, whatever the system tells of it.
      if (!ended.signal.aborted) tell({ type: 'note', at: Date.now(), text: error.message });
    });
    const [code, killedBy] = await closed;
    ended.abort();
    await sampling;
    signal.throwIfAborted();
    const how = killedBy === null ? `ended with ${code}` : `was ended by ${killedBy}`;
    return { text: `${command[0]} ${how}.`, exitCode: code ?? 128 + NUMBERS[killedBy] };
  };
}

module.exports = { commandSource, hereSource, processSource };
