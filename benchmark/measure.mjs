// Runs a command in a fresh process and measures it from outside: wall time, processor time, peak memory.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem, type } from 'node:os';
import { join } from 'node:path';

const GNU_TIME = '/usr/bin/time';

/** GNU time gives the peak memory of any child. Other systems have another program of that name, or none. */
function hasGnuTime() {
  const probe = spawnSync(GNU_TIME, ['-f', '%M', process.execPath, '-e', '0'], { encoding: 'utf8' });
  return probe.status === 0 && /^\d+\s*$/.test(probe.stderr);
}

function readTimes(file) {
  const [rssKb, user, system] = readFileSync(file, 'utf8').trim().split('\n').at(-1).split(' ').map(Number);
  return { rssMb: rssKb / 1024, cpuMs: (user + system) * 1000 };
}

/** Without GNU time, the benchmark's own scripts still report their peak. */
function reportedByChild(stdout) {
  const kilobytes = /"maxRssKb":(\d+)/.exec(stdout)?.[1];
  return { rssMb: kilobytes ? Number(kilobytes) / 1024 : null, cpuMs: null };
}

/** `run(program, args)` -> `{ wallMs, cpuMs, rssMb, stdout }`; `close()` removes the scratch folder. */
export function createMeter() {
  const gnuTime = hasGnuTime();
  const scratch = mkdtempSync(join(tmpdir(), 'pgtap-bench-time-'));
  const timesFile = join(scratch, 'times');
  const run = (program, args) => {
    const [command, list] = gnuTime ? [GNU_TIME, ['-f', '%M %U %S', '-o', timesFile, program, ...args]] : [program, args];
    const started = performance.now();
    const child = spawnSync(command, list, { encoding: 'utf8', maxBuffer: 1 << 28 });
    const wallMs = performance.now() - started;
    if (child.error) throw child.error;
    if (child.status !== 0) throw new Error(`${program} ended with ${child.status}: ${child.stderr.slice(-600)}`);
    return { wallMs, ...(gnuTime ? readTimes(timesFile) : reportedByChild(child.stdout)), stdout: child.stdout };
  };
  return { run, close: () => rmSync(scratch, { recursive: true, force: true }) };
}

/** Version line of a program, or null when it is not there. */
export function versionOf(program) {
  const child = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return child.status === 0 ? child.stdout.split('\n')[0] : null;
}

/** What a reader needs to judge the numbers. Nothing that names the machine or its folders. */
export function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release().split('-')[0]} ${process.arch}`,
    node: process.version,
    rg: versionOf('rg'),
  };
}

export function median(numbers) {
  const sorted = numbers.filter((number) => number !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
