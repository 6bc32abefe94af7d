// Builds the workspaces, one after another, under a heap limit of 8 GB; with --safe of 16 GB. A limit above three quarters
// of the memory of this machine or container is lowered to that.
import { runManagedBuild, workspaceSteps } from 'pgtap-scanner/memory/build';

const heapMB = process.argv.includes('--safe') ? 16384 : 8192;
const { exitCode } = await runManagedBuild({ heapMB, steps: await workspaceSteps() });
process.exitCode = exitCode;
