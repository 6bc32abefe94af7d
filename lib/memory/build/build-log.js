'use strict';

const { callSafely } = require('../listeners.js');
const { MB } = require('../figures.js');
const { counted, inMB, memoryText, peakText } = require('./explanation.js');

const seconds = (ms) => `${(ms / 1000).toFixed(2)}s`;

/** What a JSON line has of memory. */
const figures = ({ of, totalBytes, usedBytes, availableBytes }) => ({ of, totalBytes, usedBytes, availableBytes });

/** What a build says as it runs: lines of text, or one JSON document a line. */
class BuildLog {
  #write;
  #json;

  constructor({ logger, json }) {
    const write = logger.log.bind(logger);
    this.#write = (line) => callSafely(write, 'log() of the logger', line);
    this.#json = json;
  }

  begin({ steps, heapMB, concurrency, warnings, memory }) {
    const pace = concurrency === 1 ? 'one after another' : `up to ${concurrency} at once`;
    const available = Math.floor(memory.availableBytes / MB);
    const first = `Build of ${counted(steps.length, 'step', 'steps')}, ${pace}; heap limit ${heapMB} MB, ${available} MB available`;
    this.#say({ event: 'begin', steps: steps.map(({ name }) => name), heapMB, concurrency, warnings, memory: figures(memory) }, [
      first, ...warnings.map((warning) => `Warning: ${warning}`), memoryText(memory),
    ]);
  }

  stepBegin({ name }, memory) {
    this.#say({ event: 'step', name, memory: figures(memory) }, [`${name}: started`, memoryText(memory)]);
  }

  /** `running`: the name and the tree of each step that runs. */
  memory(running, memory) {
    const trees = running.filter(({ tree }) => tree !== null && tree.processes.length > 0)
      .map(({ name, tree }) => ({ name, rssBytes: tree.rssBytes, anonymousBytes: tree.anonymousBytes, processes: tree.processes.length }));
    const texts = trees.map(({ name, rssBytes, processes }) => `; ${name} takes ${inMB(rssBytes)} in ${counted(processes, 'process', 'processes')}`);
    this.#say({ event: 'memory', memory: figures(memory), steps: trees }, [memoryText(memory) + texts.join('')]);
  }

  stepEnd(result, memory) {
    const { name, reason, durationMs, explanation, leftProcesses } = result;
    const how = reason === 'completed' ? 'completed' : 'failed';
    const lines = [`${name}: ${how} in ${seconds(durationMs)}${peakText({ rssBytes: result.peakRssBytes, processes: result.peakProcesses })}`];
    if (explanation !== null) lines.push(`${name}: ${explanation}`);
    else lines.push(memoryText(memory));
    if (leftProcesses.length > 0) lines.push(`${name}: still running after its end, and stopped: ${leftProcesses.join(', ')}`);
    this.#say({ event: 'step-end', ...result }, lines);
  }

  interrupted() {
    this.#say({ event: 'interrupted' }, ['Stopped: the steps that ran were ended.']);
  }

  end(result, memory) {
    const failed = result.steps.find(({ reason }) => reason !== 'completed');
    const how = result.success ? 'completed' : `failed: ${failed.name} (exit code ${result.exitCode})`;
    this.#say({ event: 'end', ...result }, [`Build ${how} in ${seconds(result.durationMs)}`, memoryText(memory)]);
  }

  #say(document, lines) {
    if (this.#json) this.#write(JSON.stringify(document));
    else lines.forEach((line) => this.#write(line));
  }
}

module.exports = { BuildLog };
