// Listens some time after it was loaded.
import { parentPort } from 'node:worker_threads';

setTimeout(() => parentPort.on('message', ({ data }) => parentPort.postMessage({ success: true, result: data })), 50);
